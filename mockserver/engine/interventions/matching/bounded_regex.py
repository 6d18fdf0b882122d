"""Regular expressions of a test, run over what clients send: ECMAScript's, with a bound on backtracking."""

from __future__ import annotations

from collections.abc import Callable
from functools import lru_cache
from typing import Final

import jsonschema_rs

from mockserver.openapi.schema.patterns import Unmatchable, pattern_matcher

LONGEST_TEXT: Final = 1024 * 1024
"""Characters of a text that an expression is held against; a longer one does not match."""


@lru_cache(maxsize=256)
def whole_match(pattern: str) -> Callable[[str], bool]:
    """A test whether a text matches the whole pattern. Raises ValueError for one that cannot be used."""
    try:
        matches = pattern_matcher(rf"^(?:{pattern})$")
    except (ValueError, jsonschema_rs.ValidationError):
        message = f"{pattern[:80]!r} is no regular expression that can be used here"
        raise ValueError(message) from None

    def test(text: str) -> bool:
        try:
            return len(text) <= LONGEST_TEXT and matches(text)
        except Unmatchable:
            return False

    return test


def glob_match(pattern: str) -> Callable[[str], bool]:
    """A test of whole paths: `*` stands for characters of one segment, `**` for any. Raises ValueError."""
    if "*" not in pattern:
        return pattern.__eq__
    parts = [_escaped(part) for part in pattern.replace("**", "\0").split("*")]
    return whole_match("[^/]*".join(parts).replace("\0", "[\\s\\S]*"))


def _escaped(text: str) -> str:
    return "".join("\\" + character if character in r"\^$.*+?()[]{}|/-" else character for character in text)
