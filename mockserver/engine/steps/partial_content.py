"""Answers range requests with a part of the bytes, where the document declares 206 (RFC 9110, 14)."""

from __future__ import annotations

import re
from typing import Final, NamedTuple

from mockserver.engine.call import Call
from mockserver.engine.steps.conditional import moment_of
from mockserver.engine.steps.step import Step
from mockserver.messages import Headers, Response
from mockserver.openapi.model.operation import Operation
from mockserver.openapi.model.response import DeclaredResponse
from mockserver.problem import Problem
from mockserver.state.world import ApiState

UNSATISFIABLE: Final = "range-not-satisfiable"
_ONE_RANGE: Final = re.compile(r"\s*bytes\s*=\s*(?:([0-9]{1,18})-([0-9]{0,18})|-([0-9]{1,18}))\s*", re.IGNORECASE)
_ACCEPT_RANGES: Final = "accept-ranges"


class ByteRange(NamedTuple):
    """The bytes from `first` to `last`, both of them included."""

    first: int
    last: int


def partial_content_step(operation: Operation) -> Step | None:
    """The step that answers 206 with the bytes that were asked for; None where the operation does not declare it."""
    part = operation.answers.get("206")
    if operation.method != "GET" or part is None or "200" not in operation.answers:
        return None

    def cut(call: Call, _state: ApiState, answer: Response) -> Response:
        if answer.status != 200 or type(answer.body) is not bytes or call.preference.steers:
            return answer
        whole = answer._replace(headers=_accepting_ranges(answer.headers))
        if not _is_same(call, answer.headers):
            return whole
        asked = range_of(call.request.headers.get("Range") or "", len(answer.body))
        return whole if asked is None else _cut(whole, answer.body, asked, part)

    return Step("partial_content", after=cut)


def range_of(header: str, size: int) -> ByteRange | None:
    """The bytes that a `Range` asks for of `size` bytes; None where it is to be ignored: it is malformed, of another
    unit, or asks for several parts. A Problem 416 where there are no such bytes.
    """
    found = _ONE_RANGE.fullmatch(header)
    if found is None:
        return None
    first, last, suffix = found.groups()
    if suffix is None and last and int(last) < int(first):
        return None
    begin = max(0, size - int(suffix)) if suffix is not None else int(first)
    if begin >= size:
        told = f"The Range is {header.strip()!r}, and there are {size} bytes."
        raise Problem(416, told, code=UNSATISFIABLE, headers=(("Content-Range", f"bytes */{size}"),))
    return ByteRange(begin, min(int(last or size), size - 1))


def _cut(whole: Response, body: bytes, asked: ByteRange, part: DeclaredResponse) -> Response:
    """The part of the body, under the media type of the whole unless its own is another."""
    headers = [header for header in whole.headers if header[0].lower() != "content-range"]
    sent = next((value for name, value in headers if name.lower() == "content-type"), "")
    if part.media and sent not in part.media and len(part.media) == 1 and "*" not in (only := next(iter(part.media))):
        headers = [(name, only if name.lower() == "content-type" else value) for name, value in headers]
    headers.append(("Content-Range", f"bytes {asked.first}-{asked.last}/{len(body)}"))
    return Response(206, body[asked.first : asked.last + 1], tuple(headers))


def _accepting_ranges(headers: Headers) -> Headers:
    return (*(header for header in headers if header[0].lower() != _ACCEPT_RANGES), ("Accept-Ranges", "bytes"))


def _is_same(call: Call, headers: Headers) -> bool:
    """Whether `If-Range`, where the client sent it, names the version of the answer."""
    wanted = call.request.headers.get("If-Range")
    if not wanted:
        return True
    given = {name.lower(): value for name, value in headers}
    if wanted.startswith('"'):
        return wanted == given.get("etag")
    moment = moment_of(wanted)
    return moment is not None and moment == moment_of(given.get("last-modified", ""))
