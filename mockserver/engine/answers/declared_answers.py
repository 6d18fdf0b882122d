"""Chooses among the responses that an operation declares, and among the media types of one."""

from __future__ import annotations

from dataclasses import replace
from typing import Final

from mockserver.engine.answers.negotiate import best, covered
from mockserver.engine.body.charset import bare_type
from mockserver.engine.body.media_families import FORM, JSON, LINES, XML, YAML, family
from mockserver.engine.body.writer import is_json, is_sendable, sent_as
from mockserver.engine.call import Call
from mockserver.engine.steps.prefer import Preference
from mockserver.openapi.model.body_model import Media
from mockserver.openapi.model.operation import Operation
from mockserver.openapi.model.response import DeclaredResponse
from mockserver.problem import INVALID, NOT_ACCEPTABLE, UNDECLARED, Problem, Violation

_STRUCTURED: Final = frozenset({JSON, LINES, FORM, XML, YAML})
"""The families of media types that objects and arrays are written in, where a document leaves that open."""


def is_declared(operation: Operation, status: int) -> bool:
    """Whether the document declares this final status by itself or by its range; what only announces an answer is not
    asked about.
    """
    return status < _FINAL or str(status) in operation.answers or f"{status // 100}XX" in operation.answers


def chosen(operation: Operation, preference: Preference) -> tuple[int, DeclaredResponse]:
    """The status and the declared response. A Problem 404 where none fits what is preferred."""
    if preference.code is not None:
        if preference.code < _FINAL:
            raise Problem(422, f"Status {preference.code} is no final answer; prefer one of 200 or more.", code=INVALID)
        declared = operation.answer(preference.code)
        if declared is not None:
            return preference.code, declared
    if preference.example:
        for status, answer in by_success(operation):
            if any(preference.example in media.node.get("examples", {}) for media in answer.media.values()):
                return status, answer
    return next(iter(by_success(operation)), (200, DeclaredResponse("200", {}, {}, 0, {})))


def by_success(operation: Operation) -> list[tuple[int, DeclaredResponse]]:
    """The declared responses, the successes first, of those the lowest; ranges as their first status, and `default`
    after the successes that are declared: beside them it is mostly an error. What only announces an answer, such as a
    101, is none.
    """
    found = [
        (status // 100 != 2, name == "default", status, answer)
        for name, answer in operation.answers.items()
        if (status := _status(name)) >= _FINAL
    ]
    return [(status, answer) for _, _, status, answer in sorted(found, key=lambda entry: entry[:3])]


_FINAL: Final = 200


def _status(name: str) -> int:
    if name == "default":
        return 200
    return int(name[0]) * 100 if name[1:].upper() == "XX" else int(name)


def acceptable(answer: DeclaredResponse, call: Call, *, prefer_json: bool = False) -> Media | None:
    """The media type that the client takes best; None where the response has no body. A Problem 406 where it takes
    none of them.
    """
    media = answer.media
    if not media:
        return None
    accept = call.request.headers.get("Accept") or ""
    if len(media) == 1 and (not accept or accept == "*/*"):
        return next(iter(media.values()))
    names = offered(answer)
    name = best(accept, sorted(names, key=lambda name: not is_json(name)) if prefer_json else names)
    if name is None:
        named = call.operation.accepted if call.operation is not None else ()
        if best(accept, named) is not None:
            return media[min(names, key=lambda name: not is_json(name))]
        detail = f"Accept is {accept[:200]!r}; there is {', '.join(dict.fromkeys((*media, *named)))}."
        raise Problem(406, detail, code=NOT_ACCEPTABLE)
    found = media[name]
    if "*" not in name or best(accept, (sent_as(found),)) is not None:
        return found
    wanted = covered(accept, name) or name
    if not found.view.is_scalar and family(bare_type(wanted)) not in _STRUCTURED:
        raise Problem(406, f"Accept is {accept[:200]!r}; there is {sent_as(found)}.", code=NOT_ACCEPTABLE)
    return replace(found, name=wanted)


def offered(answer: DeclaredResponse) -> list[str]:
    """The media types to choose from: where any of them can be named in a header, none that cannot."""
    return [name for name in answer.media if is_sendable(name)] or [*answer.media]


def undeclared_text(what: str, declared: str) -> str:
    """Tells that a request prefers what the document does not declare."""
    return f"{what} was preferred, which the document does not declare; declared: {declared}"


def undeclared(what: str, declared: str) -> Problem:
    """The Problem 404 of a preference for what the document does not declare."""
    message = undeclared_text(what, declared)
    violation = Violation("header", "/Prefer", "prefer", message)
    return Problem(404, message, code=UNDECLARED, violations=(violation,))
