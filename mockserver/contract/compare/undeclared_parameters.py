"""Finds query parameters that lists of another server take and the document does not declare; it only reads."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Final, NamedTuple

from mockserver.contract.replay.planned_request import PlannedRequest
from mockserver.contract.replay.player import Player
from mockserver.contract.sequences.compared_api import LIMITS, ComparedApi
from mockserver.engine.redaction.secret_names import is_secret
from mockserver.json_pointer import value_at
from mockserver.json_text import Json
from mockserver.openapi.model.body_model import covering
from mockserver.openapi.model.operation import Operation
from mockserver.spelling import plain

MOST_LISTS: Final = 20
"""Lists of which undeclared parameters are asked."""
MOST_MEMBERS: Final = 6
"""Members of the records of a list by which it is asked to filter."""

_SIZES: Final = ("limit", "per_page", "page_size", "size")
_SKIPS: Final = frozenset({"offset", "skip", "start", "page", "pagenumber"})
_NOTHING: Final = "mockserver-asks-for-nothing"
"""The name of a parameter that no server has."""


class TakenParameter(NamedTuple):
    """A parameter that changes a list as its name says, and the JSON type of its value. `query` is what was asked."""

    operation: Operation
    name: str
    kind: str
    query: Json
    fits: Callable[[list[Json], list[Json]], bool]
    """Whether the items of the whole list, and those that were answered, are as the parameter asks."""


def taken_parameters(api: ComparedApi, right: Player, is_over: Callable[[], bool]) -> Iterator[TakenParameter]:
    """The parameters that the lists of a server take. Each is asked twice, beside one that means nothing."""
    lists = [one for one in api.operations if one.method == "GET" and "{" not in one.path and _lists(api, one)]
    for operation in lists[:MOST_LISTS]:
        whole = items_of(api, right, operation, {})
        if is_over() or whole is None or len(whole) < 2 or items_of(api, right, operation, {_NOTHING: "1"}) != whole:
            continue
        for candidate in _candidates(operation, whole):
            if is_over():
                return
            if all(takes(api, right, candidate) for _ in range(2)):
                yield candidate


def takes(api: ComparedApi, player: Player, candidate: TakenParameter) -> bool:
    """Whether a server does what the parameter asks."""
    whole = items_of(api, player, candidate.operation, {})
    asked = items_of(api, player, candidate.operation, {candidate.name: candidate.query})
    return whole is not None and asked is not None and candidate.fits(whole, asked)


def items_of(api: ComparedApi, player: Player, operation: Operation, query: dict[str, Json]) -> list[Json] | None:
    """The items that a list answers; None where it answers no list."""
    required = {one.name for one in operation.parameters if one.required and one.place == "query"}
    if required:
        return None
    answer = player.play(PlannedRequest("GET", operation.path, operation=operation.id, query=query))
    items = value_at(answer.value, _place(api, operation)) if answer.is_success else None
    return items if isinstance(items, list) else None


def _lists(api: ComparedApi, operation: Operation) -> bool:
    """Whether the operation lists something, records of a collection or not."""
    return api.role(operation).kind == "list" or bool(_arrays(operation))


def _place(api: ComparedApi, operation: Operation) -> tuple[str, ...]:
    """Where the items stand in its answers."""
    role = api.role(operation)
    return tuple(role.answer) if role.kind == "list" else _arrays(operation)[0]


def _arrays(operation: Operation) -> list[tuple[str, ...]]:
    """The body of its success, or the only member of that, where it is an array."""
    declared = operation.answer(200)
    media = covering(declared.media, "application/json") if declared is not None else None
    if media is None or "schema" not in media.node:
        return []
    if media.view.is_array:
        return [()]
    found: list[tuple[str, ...]] = [(name,) for name, view in media.view.properties.items() if view.is_array]
    return found if len(found) == 1 else []


def _candidates(operation: Operation, whole: list[Json]) -> Iterator[TakenParameter]:
    declared = {plain(one.name) for one in operation.parameters if one.place == "query"}
    if not declared & LIMITS:
        yield from (TakenParameter(operation, name, "integer", 1, _is_one) for name in _SIZES)
    if not declared & _SKIPS:
        yield TakenParameter(operation, "offset", "integer", 1, _is_rest)
    first = whole[0] if isinstance(whole[0], dict) else {}
    filters = [name for name in first if plain(name) not in declared and not is_secret(name)]
    for name in filters[:MOST_MEMBERS]:
        values = {str(value) for item in whole if (value := _member(item, name)) is not None}
        value = _member(whole[0], name)
        if value is not None and len(values) > 1:
            kind = "boolean" if isinstance(value, bool) else "integer" if isinstance(value, int) else "string"
            yield TakenParameter(operation, name, kind, value, _filter(name, value))


def _member(item: Json, name: str) -> Json:
    value = item.get(name) if isinstance(item, dict) else None
    return value if isinstance(value, (str, int)) and value != "" else None


def _is_one(whole: list[Json], asked: list[Json]) -> bool:
    return len(whole) > 1 and asked == whole[:1]


def _is_rest(whole: list[Json], asked: list[Json]) -> bool:
    return len(whole) > 1 and asked == whole[1:]


def _filter(name: str, value: Json) -> Callable[[list[Json], list[Json]], bool]:
    def fits(whole: list[Json], asked: list[Json]) -> bool:
        wanted = [item for item in whole if _member(item, name) == value]
        return asked == wanted and 0 < len(wanted) < len(whole)

    return fits
