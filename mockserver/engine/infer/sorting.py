"""Which parameters of a list say how its records are sorted, and the records in that order."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Any, Final, NamedTuple

from mockserver.engine.infer.filtering import Members, member_named
from mockserver.engine.infer.names import SORTING, plain
from mockserver.engine.infer.shape import Shape, dig
from mockserver.state.record import Record
from mockserver.wire import Json

_ORDER: Final = "order"
_DIRECTIONS: Final = frozenset({"asc", "desc", "ascending", "descending"})
_DESCENDING: Final = re.compile(r"[ :,.]?(desc|descending|-1)$", re.IGNORECASE)
_ASCENDING: Final = re.compile(r"(?:[ :,.]1|[ :,._-](?:asc|ascending))$", re.IGNORECASE)
_SEPARATOR: Final = re.compile(r",(?!\s*(?:asc|desc)\b)", re.IGNORECASE)


class Sorting(NamedTuple):
    """The parameters that say by what is sorted, and in which direction; empty where there is none."""

    key: str
    direction: str
    members: Members

    def ordered(self, asked: Mapping[str, Json], records: Sequence[Record]) -> Sequence[Record]:
        """The records in the order that is asked for: `-created,name`, `name:desc`, or a direction beside it."""
        by = asked.get(self.key)
        keys = by if isinstance(by, list) else _SEPARATOR.split(by) if isinstance(by, str) else []
        direction = asked.get(self.direction)
        down = isinstance(direction, str) and direction.lower().startswith(("desc", "-"))
        for key in reversed([key.strip() for key in keys if isinstance(key, str) and key]):
            name = key if key in self.members else _ASCENDING.sub("", key)
            falls = key.startswith("-") or _DESCENDING.search(name) is not None
            name = _DESCENDING.sub("", name) if _DESCENDING.search(name) and name not in self.members else name
            member = member_named(name.lstrip("+-"), self.members)
            if member is not None:
                way = self.members[member]
                records = sorted(records, key=lambda record: _rank(dig(record, way)), reverse=falls or down)
        return records


def sorting_of(parameters: Mapping[str, Shape], members: Members) -> Sorting:
    """How a list with these parameters is sorted. `order` may say by what or in which direction: beside another that
    says by what, or where its values are directions, it is the direction.
    """
    others = any(SORTING[plain(name)] == "sort" and plain(name) != _ORDER for name in parameters)
    sorts: dict[str, str] = {}
    for name, shape in parameters.items():
        ways = {str(value).lower() for value in shape.enum}
        turns = (bool(ways) and ways <= _DIRECTIONS) or (others and plain(name) == _ORDER)
        sorts.setdefault("direction" if turns else SORTING[plain(name)], name)
    return Sorting(sorts.get("sort", ""), sorts.get("direction", ""), members)


def _rank(value: Json) -> tuple[int, Any]:
    if value is None:
        return (0, 0)
    if isinstance(value, int | float):
        return (1, value)
    return (2, str(value).lower())
