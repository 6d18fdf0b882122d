"""The work that one verdict on a value may take: how often schemas are asked, and how deep they ask one another."""

from __future__ import annotations

from collections.abc import Callable
from threading import local
from typing import Any, Final

from mockserver.json_text import Json
from mockserver.openapi.schema.patterns import PatternMatcher, Unmatchable

MOST_HOPS: Final = 60
"""References that are followed inside one another by the validators of single schemas, each a call of Python."""
MOST_ASKED: Final = 200_000
"""Schemas that are asked about parts of one value; a request that takes more is taken for valid from there on."""
MOST_EVALUATIONS: Final = 10_000
"""How often nested alternatives may make a compiled schema look at one part of a value; above that each schema is asked
once.
"""
MOST_MATCHING: Final = 200_000_000
"""Steps that all matches of the regular expressions of one verdict may take together: some 1 s."""
_MOST_KNOWN: Final = 20_000


class Verdict(local):
    """The verdict that this thread is about. `limits` says why a value was taken for valid without having been looked
    at whole, `refused` why the last one was refused before that.
    """

    def __init__(self) -> None:
        self.hops = 0
        self.asked = 0
        self.known: dict[Any, tuple[Json, bool]] = {}
        self.limits: tuple[str, ...] = ()
        self.is_limited = False
        self.refused = ""
        self.matching = 0

    def whole(self, accepts: Callable[[Json], bool], value: Json) -> bool:
        """Whether the whole value is accepted, each schema being asked once for each part of it."""
        if self.hops:
            return accepts(value)
        self.asked = 0
        self.hops = 1
        self.is_limited = False
        self.refused = ""
        self.matching = 0
        try:
            return (accepts(value) or self.is_limited) and not self.refused
        finally:
            self.hops = 0
            self.known = {}

    def part(
        self, schema: str, accepts: Callable[[Json], bool], deep: Callable[[Json], bool | None], value: Json
    ) -> bool:
        """Whether the schema with this name accepts a part of the value. `deep` decides where the references are too
        many for `accepts`; None: it cannot.
        """
        kind = type(value)
        key = (schema, id(value)) if kind is dict or kind is list else (schema, kind, value)
        found = self.known.get(key)
        if found is not None:
            return found[1]
        self.asked += 1
        if self.asked > MOST_ASKED:
            return self.limit(f"its parts would have to be held against more than {MOST_ASKED} schemas")
        if self.hops > MOST_HOPS:
            decided = deep(value)
            if decided is None:
                return self.limit(f"more than {MOST_HOPS} references lie inside one another")
        else:
            self.hops += 1
            try:
                decided = accepts(value)
            finally:
                self.hops -= 1
        if len(self.known) > _MOST_KNOWN:
            self.known.clear()
        self.known[key] = value, decided
        return decided

    def matches(self, matcher: PatternMatcher, text: str) -> bool:
        """Whether the text matches; False, and the whole value refused, where that would take too much."""
        if self.refused:
            return False
        if self.hops:
            self.matching += matcher.cost(text)
            if self.matching > MOST_MATCHING:
                self.refused = "has more text than can be held against its patterns"
                return False
        try:
            return matcher(text)
        except Unmatchable as reason:
            self.refused = str(reason) if self.hops else ""
            return False

    def refuse(self, reason: str) -> bool:
        """Whether there is a reason to refuse the whole value."""
        self.refused = reason
        return bool(reason)

    def limit(self, reason: str) -> bool:
        """Remembers why the value is taken for valid."""
        self.is_limited = True
        if reason not in self.limits:
            self.limits = (*self.limits, reason)
        return True

    def take_limits(self) -> tuple[str, ...]:
        """Why values were taken for valid since this was last asked."""
        limits, self.limits = self.limits, ()
        return limits


VERDICT: Final = Verdict()
