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


def narrowed(value: Json, accepts: Accepts) -> Json:
    """The made-up value of an error without what is about something else, as far as its schema asks for none of it."""
    root = _copied(value)
    _narrow(root, lambda: accepts(root), _is_aside)
    return root


def filled(value: Json, problem: Problem, status: int, accepts: Accepts, *, is_made: bool = False) -> Json:
    """The value of an error with what the Problem says at the members that are named for it; each change is kept only
    where the whole value still fits its schema. One that `is_made` up loses whatever nothing can be said for.
    """
    if isinstance(value, str):
        return problem.detail if accepts(problem.detail) else value
    if not isinstance(value, (dict, list)):
        return value
    root = _copied(value)
    _fill(root, problem, status, lambda: accepts(root))
    if is_made:
        _narrow(root, lambda: accepts(root), lambda _, member: member == STAND_IN)
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


def _narrow(node: Json, fits: Callable[[], bool], is_idle: Callable[[str, Json], bool]) -> None:
    """Without the members that are idle, where none is asked for."""
    for name in [*node] if isinstance(node, dict) else []:
        if is_idle(name, node[name]):
            before = dict(node)
            del node[name]
            if fits():
                continue
            node.clear()
            node.update(before)
        _narrow(node[name], fits, is_idle)
    for item in node if isinstance(node, list) else ():
        _narrow(item, fits, is_idle)


def _is_aside(name: str, member: Json) -> bool:
    """Whether it is an object, or a list of some, that tells of no error."""
    one = member[0] if isinstance(member, list) and member else member
    tells = isinstance(one, dict) and any(plain(inner) in _TELLS for inner in one)
    return isinstance(member, (dict, list)) and not tells and _TELLING.search(name) is None


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
    has_place = isinstance(likeness, dict) and any(plain(name) in _PLACE for name in likeness)
    for item, violation in zip(items, told, strict=False):
        detail = violation.message if has_place else str(violation)
        one = Problem(problem.status, detail, code=violation.keyword or problem.code, violations=(violation,))
        _fill(item, one, status, fits)


def _said(name: str, member: Json, problem: Problem, status: int) -> list[Json]:
    """What a member of this name may say, the best first."""
    plain_name = plain(name)
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


_TELLS = {
    "code", "detail", "details", "error", "errordescription", "errormessage", "field", "message", "msg", "param",
    "parameter", "pointer", "reason",
}  # fmt: skip
"""Members of what tells of an error, and of nothing else."""
_TELLING = re.compile(
    "err|fault|detail|violation|problem|issue|messag|invalid|exception|warn|reason|cause", re.IGNORECASE
)
"""What is in the names of what tells of errors."""


def plain(name: str) -> str:
    """The letters of a name, in lower case."""
    return re.sub("[^a-z]", "", name.lower())


def _copied(value: Json) -> Json:
    if isinstance(value, dict):
        return {name: _copied(member) for name, member in value.items()}
    return [*map(_copied, value)] if isinstance(value, list) else value
