"""Adds to objects inside a record the members that their schemas require and that only a server sets."""

from __future__ import annotations

from typing import Final, NamedTuple

from mockserver.json_text import Json
from mockserver.resources.context import ResourceContext
from mockserver.resources.detect.locate import IDS
from mockserver.resources.detect.schema_shape import NOTHING, SchemaPlace, SchemaShape
from mockserver.resources.records.adapter import shapes_of
from mockserver.resources.records.initial_values import InitialValues, ValueGiver

NESTED: Final = (dict, list)
"""Types of values that may have objects inside."""
_SCALARS: Final = frozenset({"string", "integer", "number", "boolean", "null"})
_FEW: Final = 200
"""Schemas whose members were looked through."""


class _Inside(NamedTuple):
    """The members that a server adds to an object inside a record, and whether only to those in arrays; `open` members
    may hold objects themselves.
    """

    shape: SchemaShape
    added: tuple[tuple[str, ValueGiver, bool], ...]
    names: frozenset[str]
    open: frozenset[str]

    def adds_nothing(self, value: Json) -> bool:
        """Returns whether this is an object that has all of these members, and none that may lack any."""
        return isinstance(value, dict) and self.names <= value.keys() and self.open.isdisjoint(value)


class _Items(NamedTuple):
    """The schema of an array's items, and what is added to each where all have the same members."""

    place: SchemaPlace
    inside: _Inside | None


class InnerMembers:
    """Completes the objects inside the records of one collection; what a schema asks for is read once."""

    def __init__(self, context: ResourceContext, initial: InitialValues) -> None:
        self._context = context
        self._initial = initial
        self._insides: dict[int, _Inside] = {}
        self._items: dict[str, _Items | None] = {}

    def complete(self, value: Json, place: SchemaPlace, key: str, at: float, number: int = 0) -> Json:
        """Returns the value of the schema at `place` with the members that objects in it lack; the very same one where
        they lack none. `key` and `number` (from 1, within an array) tell the objects of a record apart.
        """
        if isinstance(value, list):
            return self._complete_list(value, place, key, at)
        if not isinstance(value, dict):
            return value
        shape = shapes_of(self._context, value, place)[0]
        inside = self._inside(shape)
        if inside.adds_nothing(value):
            return value
        inner = {
            name: self.complete(member, shape.members[name], f"{key}/{name}", at)
            for name, member in value.items()
            if name in inside.open and isinstance(member, NESTED)
        }
        added = {
            name: made
            for name, giver, is_numbered in inside.added
            if name not in value
            and (number or not is_numbered)
            and (made := giver(f"{key}/{name}", at, number)) is not NOTHING
        }
        return {**value, **inner, **added} if inner or added else value

    def _complete_list(self, value: list[Json], place: SchemaPlace, key: str, at: float) -> list[Json]:
        if place.pointer not in self._items:
            self._items[place.pointer] = self._items_of(place)
        items = self._items[place.pointer]
        if items is None or (items.inside is not None and all(map(items.inside.adds_nothing, value))):
            return value
        inside = items.inside
        return [
            item
            if inside is not None and inside.adds_nothing(item)
            else self.complete(item, items.place, f"{key}/{number}", at, number + 1)
            for number, item in enumerate(value)
        ]

    def _items_of(self, place: SchemaPlace) -> _Items | None:
        shapes = self._context.shapes
        items = shapes.at(place).items
        if items is None:
            return None
        variants = shapes.variants(items)
        return _Items(items, self._inside(variants[0].shape) if len(variants) == 1 else None)

    def _inside(self, shape: SchemaShape) -> _Inside:
        known = self._insides.get(id(shape))
        if known is None or known.shape is not shape:
            if len(self._insides) > _FEW:
                self._insides.clear()
            known = self._insides[id(shape)] = self._read(shape)
        return known

    def _read(self, shape: SchemaShape) -> _Inside:
        shapes, members = self._context.shapes, shape.members.items()
        needed = {name for name, member in members if name in shape.required or shapes.at(member).read_only}
        added = tuple(
            (name, self._initial.giver(name, member), name not in needed)
            for name, member in members
            if (name in needed or name in IDS) and not shapes.at(member).write_only
        )
        is_open = frozenset(name for name, member in members if _may_hold_more(shapes.at(member)))
        return _Inside(shape, added, frozenset(name for name, _, _ in added), is_open)


def _may_hold_more(shape: SchemaShape) -> bool:
    """Returns whether a value of this shape may contain an object."""
    return bool(shape.members) or shape.items is not None or not shape.types or not shape.types <= _SCALARS
