"""Matches texts against the regular expressions of a document in bounded time.

An expression that the linear engine knows is left to it; look-arounds are said as several such expressions where that
is exact. All others backtrack: they are held against short texts alone, within a number of steps.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from functools import lru_cache
from typing import Final

import jsonschema_rs

from mockserver.json_text import Json
from mockserver.openapi.schema.look_around import Unsplittable, split, weight_of
from mockserver.openapi.standards import DIALECT

LONGEST_BACKTRACKED: Final = 4_000
"""Characters of a text that is held against an expression which no linear engine knows."""
MOST_BACKTRACKS: Final = 100_000
MOST_NAME: Final = 200
MOST_IN_NAMES: Final = 20_000
"""Characters of one name, and of all names of a value, that are held against such expressions."""
MOST_PATTERN_STEPS: Final = 50_000_000
"""States of an expression times characters of a text: some 0.4 s."""
_MOST_GOOD: Final = 1_000
_LONGEST_GOOD: Final = 100
_EASY: Final = 20_000
"""Texts that are remembered to match one expression, the characters of one of them, and the steps that it takes."""
_HEAVY: Final = 100
"""States of an expression above which it is not left to validators."""
_LINEAR: Final = jsonschema_rs.RegexOptions()
_BACKTRACKING: Final = jsonschema_rs.FancyRegexOptions(backtrack_limit=MOST_BACKTRACKS)
_UNUSABLE: Final = (ValueError, jsonschema_rs.ValidationError)


class Unmatchable(Exception):
    """Raised for a text that cannot be held against an expression in bounded time; says why."""


_Option = tuple[tuple[jsonschema_rs.Validator, bool], ...]
"""Expressions that a text has to match, or must not, all of them."""


class PatternMatcher:
    """Matches texts against one regular expression. `is_plain`: validators may do so themselves; `natively` does it
    then, without bounds. `good` are texts of late that match: most are looked at again and again.
    """

    def __init__(self, pattern: str) -> None:
        self.is_plain = False
        self.natively: Callable[[str], bool] | None = None
        self.good: set[str] = set()
        self._whole: jsonschema_rs.Validator | None = None
        self._is_one_line = False
        self._weight = _weight(pattern)
        self._slow: jsonschema_rs.Validator | None = None
        self._options: tuple[_Option, ...]
        try:
            linear = _compiled(pattern, _LINEAR)
            self._options = (((linear, True),),)
            self.is_plain = self._weight <= _HEAVY
            self.natively = linear.is_valid if self.is_plain else None
        except _UNUSABLE:
            self._options = self._split(pattern)
            if not self._options or self._is_one_line:
                self._slow = _compiled(pattern, _BACKTRACKING)

    def _split(self, pattern: str) -> tuple[_Option, ...]:
        try:
            said = split(pattern)
            self._is_one_line = said.is_one_line
            return tuple(
                tuple((_compiled(needed.pattern, _LINEAR), needed.matches) for needed in option)
                for option in said.options
            )
        except (Unsplittable, *_UNUSABLE):
            return ()

    def __call__(self, text: str) -> bool:
        """Whether a part of the text matches. Raises Unmatchable."""
        if self._slow is None or self._is_linear(text):
            if self._weight * len(text) > MOST_PATTERN_STEPS:
                most = MOST_PATTERN_STEPS // self._weight
                raise Unmatchable(
                    f"is too long to be held against its pattern: {len(text):,} characters, at most {most:,}"
                )
            if not self._has_match(text):
                return False
            if len(text) <= _LONGEST_GOOD and self._weight * len(text) <= _EASY:
                if len(self.good) >= _MOST_GOOD:
                    self.good.clear()
                self.good.add(text)
            return True
        if len(text) > LONGEST_BACKTRACKED:
            raise Unmatchable(
                f"is too long to be held against its pattern, which backtracks: {len(text):,} characters, at most "
                f"{LONGEST_BACKTRACKED:,}"
            )
        try:
            self._slow.validate(text)
        except jsonschema_rs.ValidationError as error:
            if error.kind.name != "pattern":  # the engine gave up
                raise Unmatchable(f"takes more than {MOST_BACKTRACKS:,} steps to be held against its pattern") from None
            return False
        return True

    def _has_match(self, text: str) -> bool:
        options = self._options
        if len(options) == 1 and len(options[0]) == 1:
            ((part, matches),) = options[0]
            return part.is_valid(text) is matches
        return any(all(part.is_valid(text) is matches for part, matches in option) for option in options)

    def cost(self, text: str) -> int:
        """About how many steps a match takes; none where the text is too long."""
        if self._is_linear(text):
            steps = self._weight * len(text)
            return steps if steps <= MOST_PATTERN_STEPS else 0
        return len(text) ** 2 if len(text) <= LONGEST_BACKTRACKED else 0

    def _is_linear(self, text: str) -> bool:
        return self._slow is None or (self._is_one_line and "\n" not in text)


@lru_cache(maxsize=4096)
def pattern_matcher(pattern: str) -> PatternMatcher:
    """The matcher of a regular expression that validators can compile. Raises ValueError."""
    return PatternMatcher(pattern)


_MAYBE_HARD: Final = re.compile(r"\(\?(?!:)|\\[1-9k]|\{")


def is_plain(pattern: str) -> bool:
    """Whether validators may match texts of any length against the expression, which they can compile."""
    return (len(pattern) <= _HEAVY and not _MAYBE_HARD.search(pattern)) or pattern_matcher(pattern).is_plain


def refusal(pattern: str, text: str) -> str:
    """Why the text cannot be held against the expression; empty where it can."""
    try:
        pattern_matcher(pattern)(text)
    except Unmatchable as reason:
        return str(reason)
    return ""


_Engine = jsonschema_rs.RegexOptions | jsonschema_rs.FancyRegexOptions


def _compiled(pattern: str, options: _Engine) -> jsonschema_rs.Validator:
    return jsonschema_rs.validator_for({"$schema": DIALECT, "pattern": pattern}, pattern_options=options)


def long_names(value: Json) -> str:
    """Why the names in a value cannot be held against expressions that backtrack; empty where they can."""
    total = 0
    waiting = [value]
    while waiting:
        node = waiting.pop()
        if isinstance(node, dict):
            for name in node:
                if len(name) > MOST_NAME:
                    return f"has a name that is too long to be held against a pattern: at most {MOST_NAME} characters"
                total += len(name)
            if total > MOST_IN_NAMES:
                return f"has too many names to be held against a pattern: at most {MOST_IN_NAMES:,} characters in all"
            waiting += node.values()
        elif isinstance(node, list):
            waiting += node
    return ""


def _weight(pattern: str) -> int:
    try:
        return max(1, weight_of(pattern))
    except Unsplittable:
        return max(1, len(pattern))
