"""Checks of Python values that users give, each with the words for a value that passes."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, Final, NamedTuple

SHOWN: Final = 80
"""The most characters that a message shows of a value."""


class ExpectedValue(NamedTuple):
    """A test of a value, and the words for what meets it."""

    is_met: Callable[[Any], bool]
    words: str

    def told(self, value: Any) -> str:
        """What was expected, and what was there: `expected a text, got 5`."""
        return f"expected {self.words}, got {repr(value)[:SHOWN]}"


def is_number(value: Any) -> bool:
    """Whether it is a number, which truth values are not."""
    return isinstance(value, (int, float)) and not isinstance(value, bool)


def is_whole_number(value: Any) -> bool:
    """Whether it is an integer, which truth values are not."""
    return isinstance(value, int) and not isinstance(value, bool)


def are_texts(value: Any) -> bool:
    """Whether it is a mapping of texts to texts."""
    return isinstance(value, Mapping) and all(isinstance(one, str) for pair in value.items() for one in pair)


WHOLE: Final = ExpectedValue(is_whole_number, "a whole number")
NUMBER: Final = ExpectedValue(is_number, "a number")
TEXT: Final = ExpectedValue(lambda value: isinstance(value, str), "a text")
TRUTH: Final = ExpectedValue(lambda value: isinstance(value, bool), "True or False")
