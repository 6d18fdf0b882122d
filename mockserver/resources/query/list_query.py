"""What a list can be asked for: what the parameters of its query mean, and the members of its body where it has one."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache
from typing import Final
from urllib.parse import parse_qsl

from mockserver.engine.call import Call
from mockserver.json_text import Json
from mockserver.resources.detect.decisions import Role
from mockserver.resources.detect.names import PAGING, SORTING, same_name
from mockserver.resources.detect.operation_view import OperationView
from mockserver.resources.detect.schema_shape import NOTHING, SchemaPlace, SchemaShape, SchemaShapes
from mockserver.resources.query.filter_targets import FilterTargets, members_of
from mockserver.resources.query.filters import Filters
from mockserver.resources.query.list_pages import Cursors, Paging, RecordPage, paged, paging_of
from mockserver.resources.query.sorting import Sorting, sorting_of
from mockserver.spelling import plain
from mockserver.state.record import Record

WRITES: Final = ("create", "create-many", "replace", "update", "act")
"""The roles of operations that take records, or parts of them."""
_WITH_BODY: Final = ("POST", "QUERY")
_CURSORS: Final = ("after", "before")
_EITHER: Final = ("from", "start")
"""Names of numbers that begin a page, and of times that begin a span."""


@dataclass(frozen=True, slots=True)
class ListQuery:
    """How the requests of one list choose among its records. `parameters` are all that it has, used or not, `in_body`
    those that are members of its body.
    """

    filters: Filters
    sorting: Sorting
    paging: Paging
    in_body: frozenset[str]
    parameters: tuple[str, ...]

    def meanings(self) -> dict[str, str]:
        """What each parameter means, in words; what is not among them counts for nothing."""
        meanings = dict(self.filters.meanings())
        meanings |= {pager.parameter: f"says of the page its {says}" for says, pager in self.paging.pagers.items()}
        sorts = {
            self.sorting.key: "says by what they are sorted",
            self.sorting.direction: "says in which direction they are sorted",
        }
        return meanings | {name: meaning for name, meaning in sorts.items() if name}

    def passing(self, call: Call, records: Sequence[Record]) -> list[Record]:
        """All of those records that a request asks for, whatever it says of pages."""
        given, sent = self._given(call)
        return [*self.filters.passing(given, sent, records)]

    def page(self, call: Call, records: Sequence[Record], cursors: Cursors) -> RecordPage:
        """The page of those records that a request asks for."""
        given, sent = self._given(call)
        passing = self.filters.passing(given, sent, records)
        return paged(self.paging, given, self.sorting.ordered(given, passing), cursors)

    def _given(self, call: Call) -> tuple[Mapping[str, Json], frozenset[str]]:
        """The values by name, and the names that were sent: of the others the values are defaults."""
        sent, given = _names_in(call.request.query), call.query
        if self.in_body and isinstance(call.body, dict):
            given, sent = {**call.query, **call.body}, sent | call.body.keys()
        nested = [(name, value) for name, value in given.items() if isinstance(value, dict) and plain(name) in PAGING]
        inner = {f"{name}[{key}]": member for name, value in nested for key, member in value.items()}
        return {**given, **inner} if inner else given, sent


@lru_cache(maxsize=256)
def _names_in(query: str) -> frozenset[str]:
    """The names of a query, and of the objects that some are members of; lists are asked the same again and again."""
    names = [name for name, _ in parse_qsl(query, keep_blank_values=True)]
    return frozenset((*names, *(name.partition("[")[0] for name in names)))


def askable(shapes: SchemaShapes, record: SchemaShape, writes: Iterable[tuple[Role, OperationView]]) -> SchemaShape:
    """The record with the members that only the bodies of these operations declare."""
    members = dict(record.members)
    for role, view in writes:
        body = shapes.items(view.body) if view.body.is_list else view.body
        for name, place in shapes.member(body, *role.body_path).members.items():
            members.setdefault(name, place)
    return replace(record, members=members) if len(members) > len(record.members) else record


def list_query_of(shapes: SchemaShapes, view: OperationView, role: Role, record: SchemaShape) -> ListQuery:
    """How the list that is read so is asked."""
    members = members_of(shapes, record)
    pagers: dict[str, tuple[SchemaPlace, SchemaShape]] = {}
    sorts: dict[str, SchemaShape] = {}
    rest: dict[str, SchemaShape] = {}
    body = view.body.members if view.method in _WITH_BODY else {}
    for name, place in _parameters(view, body):
        paged_by = PAGING.get(plain(name))
        is_member = same_name(name, members) is not None
        shape = shapes.at(place)
        if paged_by is not None and shape.is_object:
            inner = {f"{name}[{key}]": member for key, member in shape.members.items()}
            pagers |= {key: (member, shapes.at(member)) for key, member in inner.items() if plain(key) in PAGING}
        elif paged_by is not None and not _is_something_else(name, shape, paged_by, is_member=is_member):
            pagers[name] = place, shape
        elif plain(name) in SORTING:
            sorts[name] = shape
        elif name not in role.keys:
            rest[name] = shape
    targets = FilterTargets(shapes, record, members)
    filters = Filters(targets, rest, view.descriptions)
    listed = shapes.member(view.shape, *role.answer) if role.kind == "list" else NOTHING
    paging = paging_of(pagers, role.paging, has_links=not body, listed=listed, descriptions=view.descriptions)
    return ListQuery(filters, sorting_of(sorts, targets), paging, frozenset(body), (*pagers, *sorts, *rest))


def _is_something_else(name: str, shape: SchemaShape, says: str, *, is_member: bool) -> bool:
    """Whether a parameter that is named as one of a page is none: it is a time, or a member that is no number."""
    if shape.format in ("date", "date-time") or (says == "offset" and plain(name) in _EITHER and not shape.is_counted):
        return True
    return is_member and (says in _CURSORS or not shape.types & {"integer", "number"})


def _parameters(view: OperationView, body: Mapping[str, SchemaPlace]) -> Iterator[tuple[str, SchemaPlace]]:
    """Those of the body first: where two say the same, they are what the request is about."""
    yield from body.items()
    yield from ((name, place) for name, place in view.query.items() if name not in body)
