"""Generates texts of a wanted length that match a regular expression, of its parts.

Existing libraries read Python's dialect and cannot be given a length.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from random import Random

ENDLESS = 1 << 30
LONGEST = 20_000
"""Characters of the longest text that is generated."""


class Unreadable(ValueError):
    """Raised for a regular expression that cannot be parsed, or not be generated from."""


class TooLong(Unreadable):
    """Raised for a regular expression whose texts have more characters than are generated."""


@dataclass(frozen=True, slots=True)
class PatternPart:
    """A part of a pattern, `least` to `most` characters long."""

    least: int
    most: int


@dataclass(frozen=True, slots=True)
class Chars(PatternPart):
    """One character, preferably of `usual`, else of `every`."""

    usual: str
    every: str


@dataclass(frozen=True, slots=True)
class PatternSequence(PatternPart):
    """Parts that follow one another."""

    parts: tuple[PatternPart, ...]


@dataclass(frozen=True, slots=True)
class PatternChoice(PatternPart):
    """One of several options."""

    options: tuple[PatternPart, ...]


@dataclass(frozen=True, slots=True)
class Repeat(PatternPart):
    """A part repeated `few` to `many` times."""

    part: PatternPart
    few: int
    many: int


@dataclass(frozen=True, slots=True)
class PatternGroup(PatternPart):
    """A part whose text back references can repeat."""

    part: PatternPart
    names: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class BackReference(PatternPart):
    """The text of a group again."""

    name: str


@dataclass(frozen=True, slots=True)
class Lookahead(PatternPart):
    """A part that the text from here on has to begin with."""

    part: PatternPart


NOTHING = PatternPart(0, 0)


def write(part: PatternPart, length: int, rng: Random, *, wild: bool = False, ahead: bool = False) -> str:
    """Generates a text of `part`, as near to `length` characters as possible. `wild` chooses from all characters
    instead of the usual ones; `ahead` generates what a lookahead requires and leaves out what follows it.

    Raises Unreadable if that takes too long.
    """
    writer = _Writer(rng, wild, ahead)
    writer.write(part, max(0, min(length, part.most, LONGEST) - part.least))
    return "".join(writer.out)


class _Writer:
    def __init__(self, rng: Random, wild: bool, ahead: bool) -> None:
        self.rng = rng
        self.wild = wild
        self.ahead = ahead
        self.out: list[str] = []
        self._groups: dict[str, str] = {}
        self._steps = 0

    def write(self, part: PatternPart, extra: int) -> None:
        """Appends `part` with up to `extra` characters more than its minimum."""
        self._steps += 1
        if self._steps > LONGEST:
            raise Unreadable("its repetitions have no end")
        match part:
            case Chars():
                self.out.append(self.rng.choice(part.every if self.wild else part.usual))
            case PatternSequence():
                self._sequence(part.parts, extra)
            case PatternChoice():
                fitting = [option for option in part.options if option.least - part.least <= extra]
                roomy = [option for option in fitting if option.most - part.least >= extra]
                option = self.rng.choice(roomy or fitting)
                self.write(option, extra - (option.least - part.least))
            case Repeat():
                self._repeat(part, extra)
            case PatternGroup():
                start = len(self.out)
                self.write(part.part, extra)
                text = "".join(self.out[start:])
                self._groups.update(dict.fromkeys(part.names, text))
            case BackReference():
                self.out.append(self._groups.get(part.name, ""))

    def _sequence(self, parts: Sequence[PatternPart], extra: int) -> None:
        """Each part takes some of the extra characters and leaves no more than the remaining parts can take."""
        budget = sum(part.most - part.least for part in parts)
        for part in parts:
            if self.ahead and isinstance(part, Lookahead):
                self.write(part.part, 0)
                break
            own = part.most - part.least
            budget -= own
            most = min(extra, own)
            share = self.rng.randint(min(most, max(0, extra - budget)), most) if most else 0
            self.write(part, share)
            extra -= share

    def _repeat(self, repeat: Repeat, extra: int) -> None:
        part, few = repeat.part, repeat.few
        if part.least == 0:
            needed = -(-extra // part.most) if part.most else 0
            count = min(repeat.many, max(few, needed))
        else:
            most = min(repeat.many, few + extra // part.least)
            count = self.rng.randint(min(most, max(few, -(-(few * part.least + extra) // part.most))), most)
        left = extra - max(0, count - few) * part.least
        self._sequence([part] * count, min(left, count * (part.most - part.least)))
