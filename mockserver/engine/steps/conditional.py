"""Conditional requests: answers carry their version (`ETag`, `Last-Modified`), and conditions on it are checked.

As RFC 9110 has it (8.8, 13), for every operation whose document speaks of it, whether or not anything is remembered.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from datetime import UTC, datetime
from email.utils import format_datetime, parsedate_to_datetime
from hashlib import blake2b
from typing import Final, NamedTuple

from mockserver.engine.call import UNCHECKED, Call
from mockserver.engine.steps.step import Handler, Step
from mockserver.json_text import Json, encode
from mockserver.messages import Response
from mockserver.openapi.model.header import Header
from mockserver.openapi.model.operation import Operation
from mockserver.openapi.model.response import DeclaredResponse
from mockserver.problem import Problem
from mockserver.state.world import ApiState

PRECONDITION: Final = "precondition-failed"
MOST_VERSIONS: Final = 5_000
"""Addresses of one API in one world whose last change is remembered; beyond that the oldest is forgotten."""

READS: Final = ("GET", "HEAD")
_ETAG, _MODIFIED = "etag", "last-modified"
_TAG: Final = re.compile(r'(?:W/)?"[\x21\x23-\x7e]*"')
_BARE: Final = re.compile(r"[\x21\x23-\x2b\x2d-\x7e]+")
_LISTED: Final = re.compile(r'(W/)?"([^"]*)"|([^\s,"]+)')
_KEPT: Final = frozenset({"cache-control", "content-location", "expires", "vary", _ETAG, _MODIFIED})
"""The headers of an answer that its 304 has too."""

_TIMES: Final = frozenset({
    "updated", "updatedat", "updatedon", "modified", "modifiedat", "modifiedon", "lastmodified", "lastmodifiedat",
    "lastupdated", "lastupdatedat", "lastmodifieddatetime", "updatetime", "modificationdate", "dateupdated",
    "datemodified", "changedat", "updatedtime",
})  # fmt: skip
"""Members that say when a record was changed, in small letters and without what separates words."""


class Version(NamedTuple):
    """The last content of an address, and the whole epoch seconds since which it has it."""

    content: bytes
    since: int


class ConditionalPlan(NamedTuple):
    """The validators that an operation's answers carry."""

    tags: bool
    times: bool


_TAGS: Final = ConditionalPlan(tags=True, times=False)
Reads = Callable[[str], tuple["Conditional", Handler] | None]
"""The conditions of the operation that reads a path, and its handler without them; None where there is no such."""


def conditional_step(operation: Operation, *, remembers: bool, reads: Reads) -> Step | None:
    """The step that heeds conditions if the document speaks of them, or if the operation writes and does not remember;
    else None.
    """
    conditional = Conditional(operation, remembers=remembers, reads=reads)
    is_checked = not (remembers or operation.method in READS)
    return conditional.step(is_checked=is_checked) if conditional.is_told or is_checked else None


class Conditional:
    """The conditions of one operation: its successes carry the validators that the document declares, and its reads
    heed them. What it `remembers` changes, so that no example of the document can stand for it; a write of which
    nothing is remembered is held against what `reads` answers at its path.
    """

    __slots__ = ("_operation", "_plan", "_reads", "_remembers")

    def __init__(self, operation: Operation, *, remembers: bool, reads: Reads) -> None:
        self._remembers = remembers
        self._reads = reads
        self._operation = operation
        self._plan = _plan(operation)

    @property
    def is_told(self) -> bool:
        """Whether answers carry a validator."""
        return self._plan.tags or self._plan.times

    def step(self, *, is_checked: bool) -> Step:
        """The step; where it `is_checked`, a write for another version is refused before the handler."""
        before, after = self._refuse_other if is_checked else None, self._validated if self.is_told else None
        return Step("conditional", before, after)

    def _validated(self, call: Call, state: ApiState, answer: Response) -> Response:
        """The answer with its validators; a 304 where the client has it already."""
        if not 200 <= answer.status < 300:
            return answer
        answer = self._marked(call, state, answer, self._plan)
        if call.request.method in READS and not call.preference.steers:
            return self._judged(call, answer)
        return answer

    def _refuse_other(self, call: Call, state: ApiState) -> None:
        """A Problem 412 where a write is for another version than its path is read with; a note where that is not
        known.
        """
        match, none_match = (call.request.headers.get(name) for name in ("If-Match", "If-None-Match"))
        if not (match or none_match):
            return
        read = self._reads(self._operation.path)
        tag = None if read is None else read[0].current(call, state, read[1])
        if tag is None:
            call.note(UNCHECKED, f"no read of {self._operation.path} says an entity-tag; the condition was passed over")
            return
        refuse_other_version(match, none_match, tag)

    def current(self, call: Call, state: ApiState, handler: Handler) -> str | None:
        """The entity-tag that a read of the path of this call answers with; empty where nothing is there, None where
        reads say none. `handler` is that of the read, without its conditions.
        """
        if not self._plan.tags:
            return None
        asked = call.reading(self._operation, call.path)
        try:
            found = handler(asked, state)
        except Problem as problem:
            return "" if problem.status in (404, 410) else None
        response = self._marked(asked, state, found if type(found) is Response else Response(200, found), _TAGS)
        return next((value for name, value in response.headers if name.lower() == _ETAG), None)

    def _marked(self, call: Call, state: ApiState, response: Response, plan: ConditionalPlan) -> Response:
        """The answer with its validators in the forms that HTTP gives them."""
        answer = self._operation.answer(response.status)
        given = next((value for name, value in response.headers if name.lower() == _ETAG), "")
        content = _content(response)
        made: dict[str, tuple[str, str]] = {}
        if plan.tags and (found := self._tag(_declared(answer, _ETAG), given, response.body, content)):
            made[_ETAG] = found
        header = _declared(answer, _MODIFIED)
        if header is not None and (found := self._time(header, call, state, response.body, content)):
            made[_MODIFIED] = found
        kept = [(name, value) for name, value in response.headers if name.lower() not in made]
        return response._replace(headers=(*kept, *made.values()))

    def _tag(self, header: Header | None, given: str, body: Json, content: bytes) -> tuple[str, str] | None:
        """The header `ETag`: the record's, the author's, else one of the content; None where there is no content."""
        own = given
        if not self._remembers:
            own = next(_examples(header), "") if header is not None else ""
        made = [f'"{content.hex()}"', f'W/"{content.hex()}"']
        is_needed = body is not None or (header is not None and header.required)
        candidates = [*_tags(own), *(made if is_needed else ())]
        name = "ETag" if header is None else header.name
        return next(((name, text) for text in candidates if header is None or header.accepts(text)), None)

    def _time(self, header: Header, call: Call, state: ApiState, body: Json, content: bytes) -> tuple[str, str] | None:
        """The header `Last-Modified`, in another form of time where its schema has one."""
        since = int(call.at)
        if call.request.method in READS:
            told = () if self._remembers else map(moment_of, _examples(header))
            first = next((moment for moment in told if moment is not None), None)
            first = first if first is not None else _moment_in(body, call.at)
            since = _since(call, state, content if body is not None else None, first)
        iso = datetime.fromtimestamp(since, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
        return next(((header.name, text) for text in (http_date(since), iso) if header.accepts(text)), None)

    def _judged(self, call: Call, response: Response) -> Response:
        """The answer, or that the client has it already. A Problem 412 where it is not the one that was asked for."""
        headers = call.request.headers
        given = {name.lower(): value for name, value in response.headers}
        tag, modified = given.get(_ETAG, ""), moment_of(given.get(_MODIFIED, ""))
        match, none_match = headers.get("If-Match"), headers.get("If-None-Match")
        if match:
            if not matches(match, tag, weakly=False):
                raise Problem(412, f"If-Match is {match[:200]}, and the ETag is {tag or 'none'}.", code=PRECONDITION)
        elif modified is not None and modified > (moment_of(headers.get("If-Unmodified-Since") or "") or modified):
            said = f"If-Unmodified-Since is earlier than {http_date(modified)}, when it was modified last."
            raise Problem(412, said, code=PRECONDITION)
        if none_match:
            return self._same(call, response) if matches(none_match, tag) else response
        since = moment_of(headers.get("If-Modified-Since") or "")
        is_same = since is not None and modified is not None and modified <= since
        return self._same(call, response) if is_same else response

    def _same(self, call: Call, response: Response) -> Response:
        call.undeclared = self._operation.answer(304) is None
        return Response(304, None, tuple(header for header in response.headers if header[0].lower() in _KEPT))


def matches(header: str, tag: str, *, weakly: bool = True) -> bool:
    """Whether the list of entity-tags, or `*`, has this one; weakly a `W/` in front of either makes no difference."""
    if header.strip() == "*":
        return True
    if not tag or (tag[:2] == "W/" and not weakly):
        return False
    opaque = tag.removeprefix("W/").strip('"')
    return any(
        (found[2] if found[2] is not None else found[3]) == opaque and (weakly or not found[1])
        for found in _LISTED.finditer(header)
    )


def refuse_other_version(match: str | None, none_match: str | None, tag: str) -> None:
    """A Problem 412 where a write with these conditions is for another version than that of the tag; an empty one is
    that of nothing.
    """
    seen = f"its ETag is {tag}" if tag else "there is none"
    if match and (not tag or not matches(match, tag, weakly=False)):
        raise Problem(412, f"If-Match is {match[:200]}, and {seen}.", code=PRECONDITION)
    if none_match and tag and matches(none_match, tag):
        raise Problem(412, f"If-None-Match is {none_match[:200]}, and {seen}.", code=PRECONDITION)


def tells_tags(operation: Operation) -> bool:
    """Whether the answers of this operation say which version they are."""
    return _plan(operation).tags


def http_date(moment: float) -> str:
    """The moment (epoch seconds) as HTTP writes it: `Wed, 21 Oct 2015 07:28:00 GMT`."""
    return format_datetime(datetime.fromtimestamp(moment, UTC), usegmt=True)


def moment_of(text: str) -> int | None:
    """The epoch seconds of an HTTP-date, in any of its three forms; None where it is none."""
    if not text:
        return None
    try:
        found = parsedate_to_datetime(text)
    except (TypeError, ValueError, IndexError, OverflowError):
        return None
    return int((found if found.tzinfo is not None else found.replace(tzinfo=UTC)).timestamp())


def _plan(operation: Operation) -> ConditionalPlan:
    names = {
        name.lower()
        for status, answer in operation.answers.items()
        if status[:1] == "2" or status == "default"
        for name in answer.headers
    }
    is_read = operation.method in READS
    return ConditionalPlan(tags=_ETAG in names or (is_read and "304" in operation.answers), times=_MODIFIED in names)


def _content(response: Response) -> bytes:
    """Returns a digest of the bytes and their media type, which differs between versions."""
    media_type = response.headers[0][1] if response.headers and response.headers[0][0] == "Content-Type" else ""
    return blake2b(encode(response.body) + b"\0" + media_type.encode("utf-8", "replace"), digest_size=8).digest()


def _declared(answer: DeclaredResponse | None, lowered: str) -> Header | None:
    headers = answer.headers.values() if answer is not None else ()
    return next((header for header in headers if header.name.lower() == lowered), None)


def _tags(text: str) -> Iterator[str]:
    if _TAG.fullmatch(text):
        yield text
    elif _BARE.fullmatch(text):
        yield f'"{text}"'


def _since(call: Call, state: ApiState, content: bytes | None, first: int | None) -> int:
    """Since when the address answers with this content; None: with the one that it had last. A change is at least a
    second later than the one before, since no HTTP-date could tell them apart otherwise.
    """
    now, request, versions = int(call.at), call.request, state.versions
    key = f"{request.path}?{request.query}", request.headers.get("Accept") or "", call.secret
    known: Version | None = versions.get(key)
    if known is not None and content in (known.content, None):
        return known.since
    since = min(first, now) if first is not None else now
    if known is not None:
        since = max(since if first is not None and first > known.since else now, known.since + 1)
        del versions[key]
    elif len(versions) >= MOST_VERSIONS:
        del versions[next(iter(versions))]
    if content is not None:
        versions[key] = Version(content, since)
    return since


def _moment_in(body: Json, now: float) -> int | None:
    """When a record, or the latest of a list, says that it was changed; None where nothing is said, or what is yet to
    come.
    """
    records: Iterable[Json] = body if isinstance(body, list) else [body]
    found = [moment for record in records if isinstance(record, Mapping) for moment in _moments(record)]
    latest = max(found, default=None)
    return latest if latest is not None and latest <= now else None


def _moments(record: Mapping[str, Json]) -> Iterator[int]:
    for name, value in record.items():
        if isinstance(value, str) and re.sub(r"[^a-z]", "", name.lower()) in _TIMES:
            try:
                moment = datetime.fromisoformat(value)
            except ValueError:
                continue
            yield int((moment if moment.tzinfo is not None else moment.replace(tzinfo=UTC)).timestamp())


def _examples(header: Header) -> Iterator[str]:
    """Yields the values that the document gives as examples of the header."""
    node = header.node
    schema = node.get("schema") if isinstance(node.get("schema"), dict) else {}
    named = (example.get("value") for example in node.get("examples", {}).values())
    for value in (node.get("example"), *named, schema.get("example"), *schema.get("examples", ())):
        if isinstance(value, str):
            yield value
