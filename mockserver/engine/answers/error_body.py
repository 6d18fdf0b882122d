"""Fills the body of an error from a Problem: each member by its name, where the schema allows it."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from typing import Final

from mockserver.engine.answers.error_facts import Facts, by_field, fields_of, locations
from mockserver.engine.answers.error_words import CANONICAL, names_of
from mockserver.json_text import Json
from mockserver.problem import Problem, Violation, phrase

MOST_TOLD: Final = 20
Accepts = Callable[[Json], bool]


def narrowed(value: Json, accepts: Accepts) -> Json:
    """The made-up value of an error without what is about something else, as far as its schema asks for none of it."""
    root = _copied(value)
    _narrow(root, lambda: accepts(root), _is_aside)
    return root


def filled(
    value: Json,
    problem: Problem,
    status: int,
    accepts: Accepts,
    *,
    is_made: bool = False,
    facts: Facts | None = None,
) -> Json:
    """The value of an error with what the Problem says at the members that are named for it, and what is known of its
    request (`facts`); each change is kept only where the whole value still fits its schema. One that `is_made` up loses
    whatever nothing can be said for.
    """
    if isinstance(value, str):
        return problem.detail if accepts(problem.detail) else value
    if not isinstance(value, (dict, list)):
        return value
    root = _copied(value)
    if is_made and problem.violations and _is_free(root):
        for fields in fields_of(problem.violations):
            if accepts(fields):
                return fields
    _fill(root, problem, status, lambda: accepts(root), facts)
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


_ANY_NAME: Final = re.compile("property[0-9]+")
"""What members are called of which a schema says no name."""
STAND_IN: Final = "string"
"""What a text is made of which a schema says nothing."""


def _agree(node: Json, problem: Problem, fits: Callable[[], bool]) -> None:
    for at, member in [*(node.items() if isinstance(node, dict) else enumerate(node))]:
        if isinstance(member, (dict, list)):
            _agree(member, problem, fits)
        elif isinstance(at, str) and (_is_stand_in(member) or (isinstance(member, str) and plain(at) in _CODES)):
            _put(node, at, _said(at, node, problem, problem.status), fits)


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
    is_place = isinstance(member, list) and plain(name) in _PLACE
    return isinstance(member, (dict, list)) and not tells and not is_place and _TELLING.search(name) is None


def _is_free(value: Json) -> bool:
    """Whether a made-up object has no members but those of any name."""
    return isinstance(value, dict) and all(_ANY_NAME.fullmatch(name) for name in value)


def _is_map(value: Json) -> bool:
    """Whether an object has members of any name, and none that tells of an error by its name."""
    return isinstance(value, dict) and all(plain(name) not in _TELLS | _STATUS | _TITLE for name in value)


def _put(node: Json, name: str, texts: Iterable[Json], fits: Callable[[], bool]) -> bool:
    """The first of the texts that fits becomes the member; whether one does."""
    before = node[name]
    for text in texts:
        node[name] = text
        if fits():
            return True
        node[name] = before
    return False


def _fill(node: Json, problem: Problem, status: int, fits: Callable[[], bool], facts: Facts | None) -> None:
    if isinstance(node, list):
        _list(node, problem, status, fits)
        return
    if not isinstance(node, dict):
        return
    for name, member in [*node.items()]:
        said = plain(name)
        if isinstance(member, list) and said == "loc" and problem.violations:
            _put(node, name, locations(problem.violations[0]), fits)
        elif isinstance(member, (dict, list)):
            if not (_is_map(member) and _put(node, name, by_field(said, problem), fits)):
                _fill(member, problem, status, fits, facts)
        elif facts is None or not _put(node, name, facts.said(said, member), fits):
            _put(node, name, _said(name, node, problem, status), fits)


def _list(items: list[Json], problem: Problem, status: int, fits: Callable[[], bool]) -> None:
    """One item for each violation, in the likeness of the first."""
    if not items:
        return
    similarity, before = items[0], [*items]
    told = problem.violations[:MOST_TOLD] or (Violation("body", "", problem.code, problem.detail),)
    items[:] = [_copied(similarity) if isinstance(similarity, (dict, list)) else str(violation) for violation in told]
    if not fits():
        items[:] = before[:1]
        if not fits():
            items[:] = before
        told = told[: len(items)]
    has_place = isinstance(similarity, dict) and any(plain(name) in _PLACE for name in similarity)
    for item, violation in zip(items, told, strict=False):
        detail = violation.message if has_place else str(violation)
        one = Problem(problem.status, detail, code=violation.keyword or problem.code, violations=(violation,))
        _fill(item, one, status, fits, None)


def _said(name: str, node: dict[str, Json], problem: Problem, status: int) -> list[Json]:
    """Returns the candidates for the member of this name, the best first."""
    said, member = plain(name), node[name]
    if isinstance(member, bool):
        return []
    if isinstance(member, (int, float)):
        return [status] if said in _STATUS else []
    if not isinstance(member, str) and member is not None:
        return []
    beside = {plain(other) for other in node} - {said}
    keyword = problem.violations[0].keyword if problem.violations else ""
    if said == "error" and "errordescription" in beside:
        return [*names_of(status)]
    if said == "error" and beside & {"message", "detail"}:
        return [phrase(status), *names_of(status)]
    if said in _TEXT:
        return [problem.detail, problem.detail[:100], *(names_of(status, keyword) if said in _CODES else ())]
    if said in _TITLE:
        return [phrase(status)]
    if said in _STATUS:
        return _status(said, node, problem, status, keyword)
    if said in ("type", "kind") and isinstance(member, str) and "/" not in member and ":" not in member:
        return [*names_of(status, keyword)] if "loc" in beside or member != STAND_IN else []
    if said in _PLACE and problem.violations:
        violation = problem.violations[0]
        dotted = ".".join(violation.location[1:])
        return [violation.pointer, dotted] if said == "pointer" else [dotted, violation.pointer]
    return []


def _status(said: str, node: dict[str, Json], problem: Problem, status: int, keyword: str) -> list[Json]:
    """Returns the candidates for a text that is a status or a code."""
    if said in ("code", "errorcode"):
        return [problem.code, *names_of(status, keyword), str(status)]
    has_number = any(isinstance(node[other], int) and plain(other) in ("code", "statuscode") for other in node)
    named = [CANONICAL[status]] if has_number and status in CANONICAL else []
    return [*named, str(status), *names_of(status), "error", "fail", "failed", "failure"]


_TEXT = {
    "message", "detail", "details", "description", "error", "errordescription", "errormessage", "msg", "reason",
    "usermessage", "developermessage", "moreinfo", "text",
}  # fmt: skip
_CODES = {"code", "errorcode", "error", "reason", "status", "type", "kind"}
"""Members that may say which error it is in a word of a list."""
_TITLE = {"title", "summary", "name", "statustext"}
_STATUS = {"status", "statuscode", "code", "errorcode", "httpstatus", "httpstatuscode", "httpcode"}
_PLACE = {
    "field",
    "loc",
    "path",
    "pointer",
    "param",
    "parameter",
    "property",
    "target",
    "attribute",
    "location",
    "source",
}


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
