"""Compares JSON values as WireMock's `equalToJson` does."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Final, NamedTuple

from mockserver.json_text import Json


class JsonLikeness(NamedTuple):
    """The options of the comparison: whether the order of arrays counts, and whether further members and items do."""

    any_order: bool = False
    extras: bool = False

    def holds(self, expected: Json, given: Json) -> bool:
        """Whether `given` is as expected; a placeholder `${json-unit…}` stands for any value of its kind."""
        if isinstance(expected, str) and expected in PLACEHOLDERS:
            return PLACEHOLDERS[expected](given)
        if isinstance(expected, dict):
            if not isinstance(given, dict) or not expected.keys() <= given.keys():
                return False
            if not self.extras and len(expected) != len(given):
                return False
            return all(self.holds(value, given[name]) for name, value in expected.items())
        if isinstance(expected, list):
            return isinstance(given, list) and self._items_hold(expected, given)
        return isinstance(expected, bool) is isinstance(given, bool) and bool(expected == given)

    def _items_hold(self, expected: list[Json], given: list[Json]) -> bool:
        if len(expected) > len(given) or (not self.extras and len(expected) != len(given)):
            return False
        if self.any_order:
            return self._are_paired(expected, given)
        return all(map(self.holds, expected, given))

    def _are_paired(self, expected: list[Json], given: list[Json]) -> bool:
        """Whether each expected item has a given item of its own; those already paired give way where they can."""
        partner: dict[int, int] = {}

        def pair(number: int, tried: set[int]) -> bool:
            for index, value in enumerate(given):
                if index in tried or not self.holds(expected[number], value):
                    continue
                tried.add(index)
                if index not in partner or pair(partner[index], tried):
                    partner[index] = number
                    return True
            return False

        return len(expected) <= MOST_UNORDERED and all(pair(number, set()) for number in range(len(expected)))


MOST_UNORDERED: Final = 200
"""Items of an expected array that are looked for in any order."""


def _is_number(value: Json) -> bool:
    return isinstance(value, (int, float)) and not isinstance(value, bool)


PLACEHOLDERS: Final[Mapping[str, Callable[[Json], bool]]] = {
    "${json-unit.ignore}": lambda _: True,
    "${json-unit.any-string}": lambda value: isinstance(value, str),
    "${json-unit.any-number}": _is_number,
    "${json-unit.any-boolean}": lambda value: isinstance(value, bool),
}
