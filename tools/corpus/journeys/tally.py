"""What was tried of a journey and what was kept, by step."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from typing import Final, NamedTuple

STEPS: Final = (
    "list",
    "read listed",
    "create",
    "create again",
    "location",
    "read",
    "id shown",
    "find",
    "page through",
    "filter",
    "change",
    "read changed",
    "act",
    "delete",
    "gone",
)
"""The steps in the order in which they are gone."""


class Miss(NamedTuple):
    """A step that did not go as a client expects: at which operation, and why, in words that many have in common.
    `is_documented`: the document itself gives the reason.
    """

    step: str
    operation: str
    why: str
    detail: str = ""
    is_documented: bool = False


@dataclass(slots=True)
class Tally:
    """Counts the steps that were tried, and remembers those that were not kept."""

    tried: Counter[str] = field(default_factory=Counter)
    misses: list[Miss] = field(default_factory=list)
    untried: Counter[str] = field(default_factory=Counter)
    """Collections of which no step could be tried, by the reason."""

    def count(self, step: str, operation: str, why: str = "", detail: str = "", *, is_documented: bool = False) -> bool:
        """Whether the step was kept: it was if no reason says why not."""
        self.tried[step] += 1
        if why:
            self.misses.append(Miss(step, operation, why, detail, is_documented))
        return not why
