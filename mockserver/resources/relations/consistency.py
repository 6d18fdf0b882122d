"""Makes the members of a generated record agree: created before updated, start before end, not deleted, no time of a
state that is yet to come, sums that add up.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Final

from mockserver.json_text import Json
from mockserver.resources.context import ResourceContext
from mockserver.resources.detect.names import named
from mockserver.resources.detect.schema_shape import SchemaShape
from mockserver.resources.records.initial_values import CHANGED, CREATED, is_moment
from mockserver.resources.relations.reached_states import Unreached, unreached_states
from mockserver.resources.relations.sums import Sums
from mockserver.spelling import plain, words_of

_ENDED: Final = named("deleted removed archived trashed discarded destroyed purged")
_PAIRS: Final = tuple(
    tuple(pair.split())
    for pair in ("start end", "starts ends", "started ended", "started finished", "started completed", "begin end",
                 "from to", "from until", "open close", "opens closes", "opened closed", "issued expires", "min max")
)  # fmt: skip
"""Pairs of words in the names of two members of which the first is not the larger."""
_DEEPEST: Final = 4


@dataclass(frozen=True)
class Consistency:
    """Makes generated values of one schema agree, at any depth."""

    context: ResourceContext
    record: SchemaShape
    depth: int = _DEEPEST

    def consistent(self, record: Mapping[str, Json]) -> dict[str, Json]:
        """Returns the record with members that agree; each keeps to its schema."""
        result = {name: self._inner(name, value) for name, value in record.items()}
        result = self._unreached(self._undeleted(result))
        for first, last in self._ordered:
            if first in result and last in result and _is_larger(result[first], result[last]):
                result |= self._fitting(first, result[last]) | self._fitting(last, result[first])
        return self.sums.with_sums(result, {})

    @cached_property
    def sums(self) -> Sums:
        """The sums among the members."""
        return Sums(self.context, self.record)

    def _inner(self, name: str, value: Json) -> Json:
        shape = self.context.shapes.member(self.record, name)
        if isinstance(value, list) and shape.items is not None:
            items = Consistency(self.context, self.context.shapes.items(shape), self.depth - 1)
            return [items.consistent(item) if isinstance(item, dict) and self.depth else item for item in value]
        if not isinstance(value, dict) or not shape.members or not self.depth:
            return value
        return Consistency(self.context, shape, self.depth - 1).consistent(value)

    def _undeleted(self, record: dict[str, Json]) -> dict[str, Json]:
        """Returns the record without marks of deletion."""
        result = {}
        for name, value in record.items():
            shape = self.context.shapes.member(self.record, name)
            parts = words_of(name)
            if _ENDED.isdisjoint(parts) or len(parts) > 2:
                result[name] = value
            elif value is True and "boolean" in shape.types:
                result |= self._fitting(name, False) or {name: value}
            elif not is_moment(parts[-1], shape) and shape.format != "date-time":
                result[name] = value
            elif shape.takes_null:
                result[name] = None
            elif name in self.record.required:
                result[name] = value
        return result

    def _unreached(self, record: dict[str, Json]) -> dict[str, Json]:
        """Returns the record without the times of states that it is not in yet."""
        for name, signs in self._states.items():
            if name in record and any(member in record and record[member] == value for member, value in signs):
                if self.context.shapes.member(self.record, name).takes_null:
                    record[name] = None
                else:
                    del record[name]
        return record

    @cached_property
    def _states(self) -> Mapping[str, tuple[Unreached, ...]]:
        return unreached_states(self.context.shapes, self.record)

    @cached_property
    def _ordered(self) -> list[tuple[str, str]]:
        """Pairs of members of which the first is not the larger."""
        members = [*self.record.members]
        created = [name for name in members if plain(name) in CREATED]
        pairs = [(first, last) for first in created for last in members if plain(last) in CHANGED]
        for name in members:
            for first, last in _PAIRS:
                other = _instead(words_of(name), first, last)
                pairs += [(name, found) for found in members if other and words_of(found) == other]
        return pairs

    def _fitting(self, name: str, value: Json) -> dict[str, Json]:
        place = self.record.members.get(name)
        return {name: value} if place is not None and self.context.accepts(place.pointer)(value) else {}


def _instead(parts: tuple[str, ...], first: str, last: str) -> tuple[str, ...]:
    """Returns the words of a name with one replaced by another; empty where it is not among them."""
    return tuple(last if part == first else part for part in parts) if first in parts else ()


def _is_larger(one: Json, other: Json) -> bool:
    if isinstance(one, str) and isinstance(other, str):
        return len(one) == len(other) and one[:1].isdigit() and one > other
    numbers = (int, float)
    are_numbers = type(one) in numbers and type(other) in numbers
    return are_numbers and one > other
