"""Says a regular expression with look-arounds as several without, which a linear engine can decide.

`^(?=A)(?!B)C` holds where `^A` and `^C` match and `^B` does not. That is exact where a look-around stands at a place
which the text alone determines: behind an anchored part of one width, or before such a part that ends with the text.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from itertools import islice
from typing import Final, NamedTuple

_LOOKING: Final = {"(?=": "ahead", "(?!": "not ahead", "(?<=": "behind", "(?<!": "not behind"}
_OPENING: Final = re.compile(r"\((?:\?(?:<?[=!]|:|P?<[A-Za-z_]\w*>))?(?!\?)")
_ESCAPE: Final = re.compile(
    r"\\(?:x[0-9A-Fa-f]{2}|u[0-9A-Fa-f]{4}|u\{[0-9A-Fa-f]+\}|[pP]\{[^}]*\}|c[A-Za-z]|[^xupPc])", re.DOTALL
)
_CLASS: Final = re.compile(r"\[\^?(?:[^\]\[\\]|\\.)(?:[^\]\[\\]|\\.)*\]", re.DOTALL)
_COUNT: Final = re.compile(r"(?:([*+?])|\{(\d{1,9})(,(\d{1,9})?)?\})(\??)")
_SIGNS: Final = frozenset("*+?{")
_MOST_OPTIONS: Final = 16
_DEEPEST: Final = 50


class Unsplittable(ValueError):
    """Raised for an expression that is not read, or that says more than several without look-arounds could."""


class Needed(NamedTuple):
    """A regular expression without look-arounds, and whether the text has to match it or must not."""

    pattern: str
    matches: bool


class Split(NamedTuple):
    """A text is matched by each option whose expressions it keeps all; where it `is_one_line`, for texts without line
    ends alone.
    """

    options: tuple[tuple[Needed, ...], ...]
    is_one_line: bool


class _Item(NamedTuple):
    """A part of a sequence: its text; how many characters it takes, None where that varies; how many states it has;
    what it looks at; whether a look-around or a back reference lies inside; and the options of a group.
    """

    text: str
    width: int | None
    weight: int
    looks: str = ""
    is_hard: bool = False
    options: tuple[tuple[_Item, ...], ...] = ()
    is_open: bool = False


def weight_of(pattern: str) -> int:
    """About how many states the expression has, its repetitions counted out. Raises Unsplittable."""
    return sum(item.weight for option in _Reader(pattern).read() for item in option)


def split(pattern: str) -> Split:
    """The expressions that say the same. Raises Unsplittable."""
    options: list[tuple[Needed, ...]] = []
    is_one_line = False
    for items in _Reader(pattern).read():
        expanded = [*islice(_expanded(items), _MOST_OPTIONS + 1)]
        if len(expanded) + len(options) > _MOST_OPTIONS:
            raise Unsplittable("too many alternatives")
        for way in expanded:
            if any(item.is_hard for item in way):
                raise Unsplittable("a look-around inside a repetition, or a back reference")
            is_anchored = bool(way) and way[0].text == "^"
            one_line = not is_anchored and any(item.looks for item in way) and not _ends_all(way)
            is_one_line = is_one_line or one_line
            options.append(_from_line_start(way) if one_line else tuple(_needed(way)))
    return Split(tuple(options), is_one_line)


def _expanded(items: Sequence[_Item]) -> Iterator[tuple[_Item, ...]]:
    """The sequence without groups that have look-arounds inside: one for each of their options."""
    for number, item in enumerate(items):
        if item.is_hard and item.options:
            for option in item.options:
                for rest in _expanded((*option, *items[number + 1 :])):
                    yield (*items[:number], *rest)
            return
    yield tuple(items)


def _ends_all(items: Sequence[_Item]) -> bool:
    """Whether every look-around looks back from before the end."""
    return all(item.looks in ("", "behind", "not behind") for item in items)


def _needed(items: Sequence[_Item]) -> Iterator[Needed]:
    for number, item in enumerate(items):
        if not item.looks:
            continue
        inner = item.text[4 if item.looks.endswith("behind") else 3 : -1]
        if item.looks.endswith("ahead"):
            before = [part for part in items[:number] if not part.looks]
            if not before or before[0].text != "^" or any(part.width is None for part in before):
                raise Unsplittable("looks ahead from a place that varies")
            yield Needed(f"{_text(before)}(?:{inner})", item.looks == "ahead")
        else:
            after = [part for part in items[number + 1 :] if not part.looks]
            if not after or after[-1].text != "$" or any(part.width is None for part in after):
                raise Unsplittable("looks back from a place that varies")
            yield Needed(f"(?:{inner}){_text(after)}", item.looks == "behind")
    yield Needed(_text([item for item in items if not item.looks]), matches=True)


def _from_line_start(items: Sequence[_Item]) -> tuple[Needed, ...]:
    """What holds at any place of a line holds at its start, if all that is looked for may lie anywhere behind."""
    looking = [item for item in items if item.looks]
    rest = items[len(looking) :]
    if any(item.looks for item in rest) or not all(
        item.looks == "ahead" and item.text.startswith("(?=.*") and "|" not in item.text for item in looking
    ):
        raise Unsplittable("looks around from any place")
    if rest and not (rest[0].is_open and rest[0].text.startswith(".")):
        raise Unsplittable("looks around from any place")
    found = (Needed(f"^(?:{item.text[3:-1]})", matches=True) for item in looking)
    return (*found, Needed("^" + _text(rest), matches=True))


def _text(items: Sequence[_Item]) -> str:
    return "".join(item.text for item in items)


class _Reader:
    """Reads a regular expression as far as widths and look-arounds go."""

    def __init__(self, pattern: str) -> None:
        self.pattern = pattern
        self.at = 0
        self.depth = 0

    def read(self) -> tuple[tuple[_Item, ...], ...]:
        options = self._options()
        if self.at < len(self.pattern):
            raise Unsplittable("a `)` too many")
        return options

    def _options(self) -> tuple[tuple[_Item, ...], ...]:
        self.depth += 1
        if self.depth > _DEEPEST:
            raise Unsplittable("nested too deep")
        options = [self._sequence()]
        while self.pattern[self.at : self.at + 1] == "|":
            self.at += 1
            options.append(self._sequence())
        self.depth -= 1
        return tuple(options)

    def _sequence(self) -> tuple[_Item, ...]:
        items: list[_Item] = []
        while self.at < len(self.pattern) and self.pattern[self.at] not in "|)":
            items.append(self._repeated(self._atom()))
        return tuple(items)

    def _repeated(self, item: _Item) -> _Item:
        found = _COUNT.match(self.pattern, self.at)
        if found is None:
            return item
        self.at = found.end()
        if item.looks or item.text in ("^", "$") or self.pattern[self.at : self.at + 1] in _SIGNS:
            raise Unsplittable("a repetition of nothing")
        sign, few, comma, many, _ = found.groups()
        is_fixed = few is not None and (comma is None or many == few)
        width = item.width * int(few) if is_fixed and item.width is not None else None
        most = int(many or few) if few is not None else 1
        is_open = sign in ("*", "+") or (comma is not None and many is None)
        return _Item(item.text + found[0], width, item.weight * max(most, 1), is_hard=item.is_hard, is_open=is_open)

    def _atom(self) -> _Item:
        char = self.pattern[self.at]
        if char == "(":
            return self._group()
        if char in "^$":
            self.at += 1
            return _Item(char, 0, 1)
        found = _ESCAPE.match(self.pattern, self.at) if char == "\\" else None
        if char == "[":
            found = _CLASS.match(self.pattern, self.at)
        elif char in "*+?{":
            raise Unsplittable("nothing to repeat")
        if char in "\\[" and found is None:
            raise Unsplittable("an escape or a set that is not read")
        text = found[0] if found else char
        self.at += len(text)
        is_reference = text[0] == "\\" and text[1] in "123456789k"
        return _Item(text, 0 if text in ("\\b", "\\B") else 1, 1, is_hard=is_reference)

    def _group(self) -> _Item:
        found = _OPENING.match(self.pattern, self.at)
        if found is None:
            raise Unsplittable("a group that is not read")
        start, self.at = self.at, found.end()
        options = self._options()
        if self.pattern[self.at : self.at + 1] != ")":
            raise Unsplittable("a `(` is never closed")
        self.at += 1
        text = self.pattern[start : self.at]
        weight = sum(item.weight for option in options for item in option)
        is_hard = any(item.is_hard or item.looks for option in options for item in option)
        looks = _LOOKING.get(found[0], "")
        if looks:
            return _Item(text, 0, weight, looks, is_hard)
        widths = {_width(option) for option in options}
        return _Item(text, widths.pop() if len(widths) == 1 else None, weight, "", is_hard, options)


def _width(items: Sequence[_Item]) -> int | None:
    widths = [item.width for item in items]
    return None if None in widths else sum(width for width in widths if width is not None)
