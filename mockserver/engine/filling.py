"""What the body of an error says: at the members that are named for it, wherever the schema allows."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from http import HTTPStatus
from typing import Final

from mockserver.problem import Problem, Violation
from mockserver.wire import Json

MOST_TOLD: Final = 20
Accepts = Callable[[Json], bool]


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


def agreeing(value: Json, status: int, accepts: Accepts) -> Json:
    """The made-up value of an error, which nothing happened for: it has the status that it comes with, and says what
    that means where a text is only a stand-in.
    """
    said = phrase(status)
    problem = Problem(status, said, code=said.lower().replace(" ", "-"))
    if not isinstance(value, (dict, list)):
        return said if value == STAND_IN and accepts(said) else value
    root = _copied(value)
    _agree(root, problem, lambda: accepts(root))
    return root


STAND_IN: Final = "string"
"""What a text is made of which a schema says nothing."""


def phrase(status: int) -> str:
    """What a status means, in a few words."""
    try:
        return HTTPStatus(status).phrase
    except ValueError:
        return f"Status {status}"


def _agree(node: Json, problem: Problem, fits: Callable[[], bool]) -> None:
    for at, member in [*(node.items() if isinstance(node, dict) else enumerate(node))]:
        if isinstance(member, (dict, list)):
            _agree(member, problem, fits)
        elif isinstance(at, str) and _is_stand_in(member):
            _put(node, at, _said(at, member, problem, problem.status), fits)


def _is_stand_in(member: Json) -> bool:
    """A number may be a status as far as it goes: that of another answer that has the same schema."""
    return member == STAND_IN or (isinstance(member, (int, float)) and member < _STATUSES)


_STATUSES: Final = 600


def _put(node: Json, name: str, texts: Iterable[Json], fits: Callable[[], bool]) -> None:
    """The first of the texts that fits becomes the member."""
    before = node[name]
    for text in texts:
        node[name] = text
        if fits():
            return
        node[name] = before


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
        _put(node, name, _said(name, member, problem, status), fits)


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
        return [phrase(status)]
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
