"""Which parameters of a list say how its records are sorted, and the records in that order."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from datetime import UTC, date, datetime
from typing import Any, Final, NamedTuple

from mockserver.json_text import Json
from mockserver.resources.detect.decisions import MemberPath
from mockserver.resources.detect.names import SORTING
from mockserver.resources.detect.schema_shape import SchemaShape
from mockserver.resources.query.comparing import quantity
from mockserver.resources.query.filter_targets import FilterTargets, is_amount, is_moment, member_named, reach
from mockserver.spelling import plain
from mockserver.state.record import Record

_ORDER: Final = "order"
_DIRECTIONS: Final = frozenset({"asc", "desc", "ascending", "descending"})
_DESCENDING: Final = re.compile(r"[ :,.]?(desc|descending|-1)$", re.IGNORECASE)
_ASCENDING: Final = re.compile(r"(?:[ :,.]1|[ :,._-](?:asc|ascending))$", re.IGNORECASE)
_AGES: Final = {"newest": True, "latest": True, "recent": True, "mostrecent": True, "oldest": False, "earliest": False}
"""Words that say to sort by age, and whether the youngest comes first."""
_SEPARATOR: Final = re.compile(r",(?!\s*(?:asc|desc)\b)", re.IGNORECASE)


class Sorting(NamedTuple):
    """The parameters that say by what is sorted, and in which direction; empty where there is none."""

    key: str
    direction: str
    targets: FilterTargets

    def ordered(self, given: Mapping[str, Json], records: Sequence[Record]) -> Sequence[Record]:
        """The records in the order that is asked for: `-created,name`, `name:desc`, or a direction beside it."""
        by = given.get(self.key)
        keys = by if isinstance(by, list) else _SEPARATOR.split(by) if isinstance(by, str) else []
        direction = given.get(self.direction)
        down = isinstance(direction, str) and direction.lower().startswith(("desc", "-"))
        for key in reversed([key.strip() for key in keys if isinstance(key, str) and key]):
            member_path, falls = self._parsed(key)
            if member_path:
                shape = self.targets.shape_of(member_path)
                rank = _measured if is_amount(shape) or is_moment(shape, member_path[-1]) else _rank
                records = sorted(records, key=lambda record: rank(reach(record, member_path)), reverse=falls or down)
        return records

    def _parsed(self, key: str) -> tuple[MemberPath, bool]:
        """The way to what a key names, empty where it names nothing, and whether that is to fall."""
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
    """How a list with these parameters is sorted. `order` may say by what or in which direction: beside another that
    says by what, or where its values are directions, it is the direction.
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
    """By amounts and times, which may be written as texts."""
    found = quantity(value)
    if isinstance(found, date):
        moment = found if isinstance(found, datetime) else datetime(found.year, found.month, found.day, tzinfo=UTC)
        return (3, moment.timestamp())
    return _rank(value) if found is None else (1, found)
