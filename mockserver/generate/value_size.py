"""The bounds of one generated value: its size, and what is left of it while the value grows."""

from __future__ import annotations

from typing import Final

from mockserver.openapi.schema.least_size import CHARACTERS, MOST_PARTS

MOST_OPTIONAL: Final = 1_000
"""The most optional members of one object that are made."""

MOST_OPTIONS: Final = 10_000
"""The members of one `enum` among which a value is chosen: the first ones."""

MOST_CHOSEN: Final = 200
"""The alternatives that are chosen inside one another for one part of a value."""

MOST_GROUPS: Final = 60
"""The choices of one schema, such as its `if` and `anyOf`, that a value is made by: the first ones."""

MOST_ALTERNATIVES: Final = 200
"""The alternatives of one `anyOf` or `oneOf` among which one is chosen: the first ones."""

MOST_DEPENDENT: Final = 8
"""The `dependentSchemas` of one schema that are looked at: the first ones."""


class ValueSize:
    """Counts the parts of one value. `shortened` says for each schema, by its pointer, what it requires beyond the
    bound, so that the value lacks it.
    """

    __slots__ = ("reserved", "shortened", "used")

    def __init__(self) -> None:
        self.used = self.reserved = 0
        self.shortened: dict[str, str] = {}

    @property
    def left(self) -> int:
        """The number of parts that may still be added."""
        return max(0, MOST_PARTS - self.used - self.reserved)

    def reserve(self, parts: int) -> int:
        """Keeps parts for what comes later, as far as there are any; returns how many."""
        parts = max(0, min(parts, self.left - 1))
        self.reserved += parts
        return parts

    def add(self, text: str = "") -> None:
        """Counts one part, and the characters of a text."""
        self.used += 1 + len(text) // CHARACTERS

    def cut(self, pointer: str, reason: str) -> None:
        """Records that the value lacks what the schema at the pointer requires."""
        self.shortened.setdefault(pointer, reason)


__all__ = [
    "MOST_ALTERNATIVES",
    "MOST_CHOSEN",
    "MOST_DEPENDENT",
    "MOST_GROUPS",
    "MOST_OPTIONAL",
    "MOST_OPTIONS",
    "MOST_PARTS",
    "ValueSize",
]
