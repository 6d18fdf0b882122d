"""The query of a list: filters, search, order and page, from its parameters or the members of its body."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime
from functools import lru_cache
from typing import Any, Final, NamedTuple
from urllib.parse import parse_qsl

from mockserver.engine.call import Call
from mockserver.json_text import Json
from mockserver.resources.detect.decisions import MemberPath, Role
from mockserver.resources.detect.names import PAGING, SORTING, same_name
from mockserver.resources.detect.operation_view import OperationView
from mockserver.resources.detect.schema_shape import NOTHING, SchemaPlace, SchemaShape, SchemaShapes
from mockserver.resources.query.comparing import quantity
from mockserver.resources.query.filter_targets import (
    FilterTargets,
    is_amount,
    is_moment,
    member_named,
    members_of,
    reach,
)
from mockserver.resources.query.filters import Filters
from mockserver.resources.query.list_pages import Cursors, Paging, RecordPage, paged, paging_of
from mockserver.resources.query.page_metadata import marks_of
from mockserver.spelling import plain
from mockserver.state.records.record import Record

WRITES: Final = ("create", "create-many", "replace", "update", "act")
"""The roles of operations whose bodies have records or parts of them."""
_WITH_BODY: Final = ("POST", "QUERY")
_CURSORS: Final = ("after", "before")
_EITHER: Final = ("from", "start")
"""Names that begin a page where they are numbers, and a span where they are times."""


@dataclass(frozen=True, slots=True)
class ListQuery:
    """The meaning of one list's parameters. `parameters` are all that it has, used or not, `in_body` those that are
    members of its body.
    """

    filters: Filters
    sorting: Sorting
    paging: Paging
    in_body: frozenset[str]
    parameters: tuple[str, ...]

    def meanings(self) -> dict[str, str]:
        """Returns the meaning of each parameter in words; one that is missing selects nothing."""
        meanings = dict(self.filters.meanings())
        meanings |= {pager.parameter: f"says of the page its {says}" for says, pager in self.paging.pagers.items()}
        sorts = {
            self.sorting.key: "says by what they are sorted",
            self.sorting.direction: "says in which direction they are sorted",
        }
        return meanings | {name: meaning for name, meaning in sorts.items() if name}

    def matching(self, call: Call, records: Sequence[Record]) -> list[Record]:
        """Returns all records that a request selects, without paging."""
        given, sent = self._given(call)
        return [*self.filters.matching(given, sent, records)]

    def page(self, call: Call, records: Sequence[Record], cursors: Cursors) -> RecordPage:
        """Returns the page of the records that a request selects."""
        given, sent = self._given(call)
        passing = self.filters.matching(given, sent, records)
        return paged(self.paging, given, self.sorting.ordered(given, passing), cursors)

    def _given(self, call: Call) -> tuple[Mapping[str, Json], frozenset[str]]:
        """Returns the values by name, and the names that were sent: the other values are defaults."""
        sent, given = _names_in(call.request.query), call.query
        if self.in_body and isinstance(call.body, dict):
            given, sent = {**call.query, **call.body}, sent | call.body.keys()
        nested = [(name, value) for name, value in given.items() if isinstance(value, dict) and plain(name) in PAGING]
        inner = {f"{name}[{key}]": member for name, value in nested for key, member in value.items()}
        return {**given, **inner} if inner else given, sent


@lru_cache(maxsize=256)
def _names_in(query: str) -> frozenset[str]:
    """Returns the names in the query, and those of the objects that they are members of; cached, since lists are read
    repeatedly.
    """
    names = [name for name, _ in parse_qsl(query, keep_blank_values=True)]
    return frozenset((*names, *(name.partition("[")[0] for name in names)))


def askable(shapes: SchemaShapes, record: SchemaShape, writes: Iterable[tuple[Role, OperationView]]) -> SchemaShape:
    """Returns the record's schema with the members that only the bodies of these operations declare."""
    members = dict(record.members)
    for role, view in writes:
        body = shapes.items(view.body) if view.body.is_list else view.body
        for name, place in shapes.member(body, *role.body_path).members.items():
            members.setdefault(name, place)
    return replace(record, members=members) if len(members) > len(record.members) else record


def list_query_of(shapes: SchemaShapes, view: OperationView, role: Role, record: SchemaShape) -> ListQuery:
    """Returns the query of the list that this view describes."""
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
    paging = paging_of(
        pagers,
        role.paging,
        has_links=not body,
        listed=listed,
        descriptions=view.descriptions,
        shows_numbers=role.kind == "list" and _shows_numbers(shapes, view, role),
    )
    return ListQuery(filters, sorting_of(sorts, targets), paging, frozenset(body), (*pagers, *sorts, *rest))


def _shows_numbers(shapes: SchemaShapes, view: OperationView, role: Role) -> bool:
    """Returns whether the answer has the cursor of the next page as a number, which no id in letters could be."""
    marks = [mark.shape for mark in marks_of(shapes, view.shape, role.answer) if mark.says == "next"]
    return bool(marks) and all("integer" in shape.types and "string" not in shape.types for shape in marks)


def _is_something_else(name: str, shape: SchemaShape, says: str, *, is_member: bool) -> bool:
    """Returns whether a parameter with a name of paging is none: it is a time, or a member that is no number."""
    if shape.format in ("date", "date-time") or (says == "offset" and plain(name) in _EITHER and not shape.is_counted):
        return True
    return is_member and (says in _CURSORS or not shape.types & {"integer", "number"})


def _parameters(view: OperationView, body: Mapping[str, SchemaPlace]) -> Iterator[tuple[str, SchemaPlace]]:
    """Yields the parameters, those of the body first: where two have one name, the body's counts."""
    yield from body.items()
    yield from ((name, place) for name, place in view.query.items() if name not in body)


_ORDER: Final = "order"
_DIRECTIONS: Final = frozenset({"asc", "desc", "ascending", "descending"})
_DESCENDING: Final = re.compile(r"[ :,.]?(desc|descending|-1)$", re.IGNORECASE)
_ASCENDING: Final = re.compile(r"(?:[ :,.]1|[ :,._-](?:asc|ascending))$", re.IGNORECASE)
_AGES: Final = {"newest": True, "latest": True, "recent": True, "mostrecent": True, "oldest": False, "earliest": False}
"""Words that sort by age, each with whether the newest comes first."""
_SEPARATOR: Final = re.compile(r",(?!\s*(?:asc|desc)\b)", re.IGNORECASE)


class Sorting(NamedTuple):
    """The parameters of the sort key and of the direction; empty where there is none."""

    key: str
    direction: str
    targets: FilterTargets

    def ordered(self, given: Mapping[str, Json], records: Sequence[Record]) -> Sequence[Record]:
        """Returns the records in the requested order: `-created,name`, `name:desc`, or a direction parameter."""
        keys, down = self._keys(given)
        for key in reversed(keys):
            member_path, falls = self._parsed(key)
            if member_path:
                shape = self.targets.shape_of(member_path)
                rank = _measured if is_amount(shape) or is_moment(shape, member_path[-1]) else _rank
                records = sorted(records, key=lambda record: rank(reach(record, member_path)), reverse=falls or down)
        return records

    def falls(self, given: Mapping[str, Json]) -> bool | None:
        """Returns whether the requested order is that of the records' making (False), or the reverse of it (True); None
        where they are sorted by anything but the id.
        """
        keys, down = self._keys(given)
        if not keys:
            return False
        member_path, falls = self._parsed(keys[0])
        return (falls or down) if member_path[-1:] == ("id",) else None

    def _keys(self, given: Mapping[str, Json]) -> tuple[list[str], bool]:
        """Returns the requested keys, and whether the direction parameter says that all of them descend."""
        by, direction = given.get(self.key), given.get(self.direction)
        keys = by if isinstance(by, list) else _SEPARATOR.split(by) if isinstance(by, str) else []
        down = isinstance(direction, str) and direction.lower().startswith(("desc", "-"))
        return [key.strip() for key in keys if isinstance(key, str) and key], down

    def _parsed(self, key: str) -> tuple[MemberPath, bool]:
        """Returns the path that a key names, empty where it names none, and whether the order descends."""
        members = self.targets.members
        name = key if key in members else _ASCENDING.sub("", key)
        falls = key.startswith("-") or _DESCENDING.search(name) is not None
        name = _DESCENDING.sub("", name) if _DESCENDING.search(name) and name not in members else name
        name = name.strip("+-_ :.")
        member = member_named(name, members)
        if member is not None:
            return members[member], falls
        target = self.targets.of(name) if re.search(r"[./]|__", name) else None
        if target is not None:
            return target.member_path, falls
        age = _AGES.get(plain(name))
        made = next(self.targets.times(""), None) if age is not None else None
        return made or (), bool(age)


def sorting_of(parameters: Mapping[str, SchemaShape], targets: FilterTargets) -> Sorting:
    """Returns the sorting of a list with these parameters. `order` is a key or a direction: a direction where another
    parameter is the key, or where its values are directions.
    """
    others = any(SORTING[plain(name)] == "sort" and plain(name) != _ORDER for name in parameters)
    sorts: dict[str, str] = {}
    for name, shape in parameters.items():
        member_paths = {str(value).lower() for value in shape.enum}
        turns = (bool(member_paths) and member_paths <= _DIRECTIONS) or (others and plain(name) == _ORDER)
        sorts.setdefault("direction" if turns else SORTING[plain(name)], name)
    return Sorting(sorts.get("sort", ""), sorts.get("direction", ""), targets)


def _rank(value: Json) -> tuple[int, Any]:
    if value is None:
        return (0, 0)
    if isinstance(value, int | float):
        return (1, value)
    return (2, str(value).lower())


def _measured(value: Json) -> tuple[int, Any]:
    """Returns a sort key by amount or time, also for values written as texts."""
    found = quantity(value)
    if isinstance(found, date):
        moment = found if isinstance(found, datetime) else datetime(found.year, found.month, found.day, tzinfo=UTC)
        return (3, moment.timestamp())
    return _rank(value) if found is None else (1, found)
