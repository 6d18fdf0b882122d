"""How an API says no of which nothing but its document is known: in the document's own words where it has any."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from http import HTTPStatus

from mockserver.engine.accept import best
from mockserver.engine.answering import Answering, examples_of, written
from mockserver.engine.call import Call
from mockserver.engine.prefer import NONE
from mockserver.problem import INVALID, Problem, Violation
from mockserver.spec.answer import Answer
from mockserver.spec.body import Media
from mockserver.spec.synthesize import Impossible
from mockserver.wire import Json, Response

PROBLEM_TYPE = "application/problem+json"
INSTEAD: Mapping[int, tuple[int, ...]] = {415: (415, 422, 400), 422: (422, 400), 400: (400, 422), 413: (413, 400)}
"""The statuses that may say it, the best first, where a document does not declare the very one."""

MOST_TOLD = 20
Accepts = Callable[[Json], bool]


class Refusal:
    """Says a Problem as the response that the document declares for it, filled from the Problem where the schema
    allows; else as RFC 9457 has it, with `validation` as Prism's users know it.
    """

    def __init__(self, answering: Answering) -> None:
        self._answering = answering

    def __call__(self, problem: Problem, call: Call) -> Response:
        operation = call.operation
        if operation is not None:
            answers = operation.answers
            for status in _statuses(problem):
                answer = answers.get(str(status)) or answers.get(f"{status // 100}XX")
                if answer is not None:
                    return self._declared(status, answer, problem, call)
            if "default" in answers:
                return self._declared(problem.status, answers["default"], problem, call)
        return plain(problem)

    def _declared(self, status: int, answer: Answer, problem: Problem, call: Call) -> Response:
        said = {name.lower() for name, _ in problem.headers}
        headers = self._answering.headers(answer, NONE, call.operation.id if call.operation else "", said)
        media = _media(answer, call)
        if media is None:
            return Response(status, None, headers)
        try:
            body = self._body(media, problem, status)
        except Impossible:
            return plain(problem)
        return Response(status, written(media, body), (("Content-Type", media.name), *headers))

    def _body(self, media: Media, problem: Problem, status: int) -> Json:
        """The response's own example or a plain value of its schema, which says what is wrong where it has a place for
        that. Raises Impossible.
        """
        accepts = media.validator.accepts if media.validator is not None else _anything
        fitting = [example for example in examples_of(media).values() if accepts(example)]
        if fitting:
            value = fitting[0]
        elif media.validator is None:
            return _members(problem)
        else:
            value = self._answering.make.example(media.validator.pointer)
        return filled(value, problem, status, accepts)


def _statuses(problem: Problem) -> tuple[int, ...]:
    """Those that may say it, the best first: where a value in the path is wrong, there is nothing at that path."""
    statuses = INSTEAD.get(problem.status, (problem.status,))
    in_path = problem.code == INVALID and any(violation.place == "path" for violation in problem.violations)
    return (*statuses, 404) if in_path else statuses


def plain(problem: Problem) -> Response:
    """RFC 9457, with every violation in `validation`."""
    return Response(problem.status, _members(problem), (("Content-Type", PROBLEM_TYPE),))


def _members(problem: Problem) -> Json:
    body: Json = {
        "type": "about:blank",
        "title": HTTPStatus(problem.status).phrase,
        "status": problem.status,
        "detail": problem.detail,
    }
    if problem.violations:
        body["validation"] = [_told(violation) for violation in problem.violations]
    return body


def _told(violation: Violation) -> Json:
    return {
        "location": violation.location,
        "severity": "Error",
        "code": violation.keyword,
        "message": violation.message,
    }


def _anything(_value: Json) -> bool:
    return True


def _media(answer: Answer, call: Call) -> Media | None:
    """The media type that the client takes; where it takes none, the first: better said so than not at all."""
    name = best(call.request.headers.get("Accept") or "", answer.media) or next(iter(answer.media), None)
    return None if name is None else answer.media[name]


def filled(value: Json, problem: Problem, status: int, accepts: Accepts) -> Json:
    """The value of an error with what the Problem says at the members that are named for it; each change is kept only
    where the whole value still fits its schema.
    """
    if isinstance(value, str):
        return problem.detail if accepts(problem.detail) else value
    if not isinstance(value, (dict, list)):
        return value
    root = _copied(value)
    _fill(root, problem, status, lambda: accepts(root))
    return root


def _fill(node: Json, problem: Problem, status: int, fits: Callable[[], bool]) -> None:
    if isinstance(node, list):
        _list(node, problem, status, fits)
        return
    if not isinstance(node, dict):
        return
    for name, member in [*node.items()]:
        if isinstance(member, (dict, list)):
            _fill(member, problem, status, fits)
            continue
        for text in _said(name, member, problem, status):
            node[name] = text
            if fits():
                break
            node[name] = member


def _list(items: list[Json], problem: Problem, status: int, fits: Callable[[], bool]) -> None:
    """One item for each violation, in the likeness of the first."""
    if not items:
        return
    likeness, before = items[0], [*items]
    told = problem.violations[:MOST_TOLD] or (Violation("body", "", problem.code, problem.detail),)
    items[:] = [_copied(likeness) if isinstance(likeness, (dict, list)) else str(violation) for violation in told]
    if not fits():
        items[:] = before[:1]
        if not fits():
            items[:] = before
        told = told[: len(items)]
    for item, violation in zip(items, told, strict=False):
        one = Problem(
            problem.status, violation.message, code=violation.keyword or problem.code, violations=(violation,)
        )
        _fill(item, one, status, fits)


def _said(name: str, member: Json, problem: Problem, status: int) -> list[Json]:
    """What a member of this name may say, the best first."""
    plain_name = re.sub("[^a-z]", "", name.lower())
    if isinstance(member, bool):
        return []
    if isinstance(member, (int, float)):
        return [status] if plain_name in _STATUS else []
    if not isinstance(member, str) and member is not None:
        return []
    if plain_name in _TEXT:
        return [problem.detail, problem.detail[:100]]
    if plain_name in _TITLE:
        return [HTTPStatus(status).phrase]
    if plain_name in _STATUS:
        return [problem.code, str(status)] if plain_name in ("code", "errorcode") else [str(status)]
    if plain_name in _PLACE and problem.violations:
        violation = problem.violations[0]
        dotted = ".".join(violation.location[1:])
        return [violation.pointer, dotted] if plain_name == "pointer" else [dotted, violation.pointer]
    return []


_TEXT = {
    "message", "detail", "details", "description", "error", "errordescription", "errormessage", "msg", "reason",
    "usermessage", "developermessage", "moreinfo", "text",
}  # fmt: skip
_TITLE = {"title", "summary", "name", "statustext"}
_STATUS = {"status", "statuscode", "code", "errorcode", "httpstatus", "httpstatuscode", "httpcode"}
_PLACE = {"field", "path", "pointer", "param", "parameter", "property", "target", "attribute", "location", "source"}


def _copied(value: Json) -> Json:
    if isinstance(value, dict):
        return {name: _copied(member) for name, member in value.items()}
    return [*map(_copied, value)] if isinstance(value, list) else value
