"""Parses regular expressions (ECMA-262 and common extensions) into the parts that texts are generated of.

Assertions (anchors, lookaheads) are parsed and left to the check of the result.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import lru_cache

from mockserver.generate.texts.pattern import (
    ENDLESS,
    LONGEST,
    NOTHING,
    BackReference,
    Chars,
    Lookahead,
    PatternChoice,
    PatternGroup,
    PatternPart,
    PatternSequence,
    Repeat,
    TooLong,
    Unreadable,
)

_DEEPEST = 60
_SHOWN = 60

Range = tuple[int, int]


@lru_cache(maxsize=1024)
def read(pattern: str) -> PatternPart:
    """Parses a pattern. Raises Unreadable."""
    reader = _Reader(pattern)
    part = reader.choice()
    if reader.at < len(pattern):
        raise Unreadable(f"a `)` too many in {pattern!r}")
    if part.least > LONGEST:
        raise TooLong(f"a match of {pattern[:_SHOWN]!r} has more than {LONGEST:,} characters")
    return part


class _Reader:
    """Parses one pattern from left to right."""

    def __init__(self, pattern: str) -> None:
        self.pattern = pattern
        self.at = 0
        self._groups = 0
        self._depth = 0

    def choice(self) -> PatternPart:
        self._depth += 1
        if self._depth > _DEEPEST:
            raise Unreadable(f"{self.pattern!r} is nested too deep")
        options = [self._sequence()]
        while self._skip_if("|"):
            options.append(self._sequence())
        self._depth -= 1
        if len(options) == 1:
            return options[0]
        return PatternChoice(min(o.least for o in options), max(o.most for o in options), tuple(options))

    def _sequence(self) -> PatternPart:
        parts = []
        while self.at < len(self.pattern) and self.pattern[self.at] not in "|)":
            part = self._repeated(self._atom())
            if part is not NOTHING:
                parts.append(part)
        if len(parts) == 1:
            return parts[0]
        return PatternSequence(sum(p.least for p in parts), min(ENDLESS, sum(p.most for p in parts)), tuple(parts))

    def _repeated(self, part: PatternPart) -> PatternPart:
        while (bounds := self._bounds()) is not None:
            few, many = bounds
            if part is not NOTHING:
                most = min(ENDLESS, part.most * many) if part.most else 0
                part = Repeat(part.least * few, most, part, few, many)
        return part

    def _bounds(self) -> tuple[int, int] | None:
        text, at = self.pattern, self.at
        sign = text[at : at + 1]
        if sign in ("*", "+", "?") and sign:
            self.at += 1
            few, many = {"*": (0, ENDLESS), "+": (1, ENDLESS), "?": (0, 1)}[sign]
        else:
            end = text.find("}", at)
            numbers = text[at + 1 : end].split(",") if sign == "{" and end > 0 else [""]
            if len(numbers) > 2 or not all(n.isdigit() for n in numbers if n) or not numbers[0]:
                return None
            self.at = end + 1
            few = int(numbers[0])
            many = int(numbers[-1]) if numbers[-1] else ENDLESS
        if self.pattern[self.at : self.at + 1] in ("?", "+") and self.at < len(self.pattern):
            self.at += 1
        if LONGEST < few <= many:
            raise TooLong(f"a match of {self.pattern[:_SHOWN]!r} has more than {LONGEST:,} characters")
        if few > many:
            raise Unreadable(f"{{{few},{many}}} in {self.pattern!r} cannot be kept")
        return few, many

    def _atom(self) -> PatternPart:
        char = self._next()
        if char == "(":
            return self._group()
        if char == "[":
            return _chars(self._set())
        if char == ".":
            return _ANY
        if char in "^$":
            return NOTHING
        if char == "\\":
            return self._escape()
        return _chars([(ord(char), ord(char))])

    def _group(self) -> PatternPart:
        names: tuple[str, ...] = ()
        silent = ""
        if self._skip_if("?"):
            kind = self._next()
            if kind == "P" or (kind == "<" and self.pattern[self.at : self.at + 1] not in ("=", "!")):
                if kind == "P":
                    self._next()
                name = self._until(">")
                self._groups += 1
                names = (str(self._groups), name)
            elif kind in "=!<":
                silent = kind + (self._next() if kind == "<" else "")
            elif kind not in ":>":
                flags = kind + self._flags()
                if flags.endswith(")"):
                    return NOTHING
        else:
            self._groups += 1
            names = (str(self._groups),)
        part = self.choice()
        if not self._skip_if(")"):
            raise Unreadable(f"a `(` is never closed in {self.pattern!r}")
        if silent:
            return Lookahead(0, 0, part) if silent == "=" else NOTHING
        return PatternGroup(part.least, part.most, part, names) if names else part

    def _flags(self) -> str:
        start = self.at
        while self._next() not in ":)":
            pass
        return self.pattern[start : self.at]

    def _escape(self) -> PatternPart:
        char = self._next()
        if char in "bBAzZG":
            return NOTHING
        if char in "123456789":
            while self.pattern[self.at : self.at + 1].isdigit():
                char += self._next()
            return BackReference(0, 1, char)
        if char == "k" and self._skip_if("<"):
            return BackReference(0, 1, self._until(">"))
        return _chars(self._escaped(char))

    def _escaped(self, char: str) -> list[Range]:
        """The characters that a backslash and `char` stand for."""
        if char.lower() in _CLASSES:
            ranges = _CLASSES[char.lower()]
            return ranges if char.islower() else _without(ranges)
        if char in "pP":
            name = self._until("}") if self._skip_if("{") else self._next()
            negated = name.startswith("^") != (char == "P")
            ranges = _category(name.removeprefix("^"))
            return _without(ranges) if negated else ranges
        code = _CONTROLS.get(char, ord(char))
        if char == "x":
            code = self._code(self._until("}")) if self._skip_if("{") else self._digits(2)
        elif char == "u":
            code = self._code(self._until("}")) if self._skip_if("{") else self._digits(4)
        elif char == "c":
            code = ord(self._next()) % 32
        return [(code, code)]

    def _digits(self, count: int) -> int:
        return self._code(self._next_many(count))

    def _code(self, text: str) -> int:
        try:
            return int(text, 16)
        except ValueError:
            raise Unreadable(f"{text!r} in {self.pattern!r} is no hexadecimal number") from None

    def _next_many(self, count: int) -> str:
        return "".join(self._next() for _ in range(count))

    def _set(self) -> list[Range]:
        negated = self._skip_if("^")
        ranges: list[Range] = []
        first = True
        while first or self.pattern[self.at : self.at + 1] != "]":
            first = False
            low = self._member()
            if self.pattern[self.at : self.at + 1] == "-" and self.pattern[self.at + 1 : self.at + 2] not in ("]", ""):
                self.at += 1
                high = self._member()
                if len(low) == len(high) == 1 and low[0][0] == low[0][1] and high[0][0] == high[0][1]:
                    ranges.append((low[0][0], high[0][1]))
                else:
                    ranges += [*low, (45, 45), *high]
            else:
                ranges += low
        self.at += 1
        return _without(ranges) if negated else ranges

    def _member(self) -> list[Range]:
        char = self._next()
        if char == "\\":
            char = self._next()
            return [(8, 8)] if char == "b" else self._escaped(char)
        return [(ord(char), ord(char))]

    def _until(self, sign: str) -> str:
        end = self.pattern.find(sign, self.at)
        if end < 0:
            raise Unreadable(f"{sign!r} is missing in {self.pattern!r}")
        text, self.at = self.pattern[self.at : end], end + 1
        return text

    def _skip_if(self, sign: str) -> bool:
        taken = self.pattern.startswith(sign, self.at)
        self.at += taken
        return taken

    def _next(self) -> str:
        if self.at >= len(self.pattern):
            raise Unreadable(f"{self.pattern!r} ends too early")
        self.at += 1
        return self.pattern[self.at - 1]


_DIGITS: list[Range] = [(48, 57)]
_UPPER: list[Range] = [(65, 90)]
_LOWER: list[Range] = [(97, 122)]
_LATIN: list[Range] = [(192, 214), (216, 246), (248, 255)]
_SIGNS: list[Range] = [(33, 47), (58, 64), (91, 96), (123, 126)]
_CLASSES = {"d": _DIGITS, "w": [*_LOWER, *_UPPER, *_DIGITS, (95, 95)], "s": [(32, 32), (9, 10), (13, 13)]}
_CONTROLS = {"n": 10, "t": 9, "r": 13, "f": 12, "v": 11, "0": 0, "e": 27, "a": 7}
_CATEGORIES: dict[str, list[Range]] = {
    "lu": _UPPER,
    "ll": _LOWER,
    "l": [*_LOWER, *_UPPER, *_LATIN],
    "n": _DIGITS,
    "z": [(32, 32)],
    "p": [(33, 35), (37, 42), (44, 47), (58, 59), (63, 64), (91, 93), (95, 95), (123, 123), (125, 125)],
    "s": [(36, 36), (43, 43), (60, 62), (94, 94), (96, 96), (124, 124), (126, 126)],
    "m": [(768, 770)],
    "c": [(1, 31)],
}
_NAMED = {"letter": "l", "alphabetic": "l", "alpha": "l", "latin": "l", "isalphabetic": "l", "uppercase": "lu"}
_NAMED |= {"lowercase": "ll", "digit": "n", "number": "n", "punctuation": "p", "symbol": "s", "alnum": "l"}
_UNIVERSE: list[Range] = [(32, 126), (161, 172), (174, 382)]
_MANY = 200


def _category(name: str) -> list[Range]:
    name = name.lower().split("=")[-1]
    name = _NAMED.get(name, name)
    return _CATEGORIES.get(name) or _CATEGORIES.get(name[:1], _LOWER)


def _without(ranges: list[Range]) -> list[Range]:
    outside = [
        code
        for low, high in _UNIVERSE
        for code in range(low, high + 1)
        if not any(first <= code <= last for first, last in ranges)
    ]
    return [(code, code) for code in outside] or [(low, high) for low, high in ((9, 10), (0x4E00, 0x4E10))]


def _chars(ranges: list[Range]) -> PatternPart:
    """One character of `ranges`; the usual ones are letters and digits if there are any, else all."""
    codes: dict[int, None] = {}
    for low, high in ranges:
        codes.update(dict.fromkeys(range(low, min(high, low + _MANY) + 1)))
    every = [chr(code) for code in codes if not 0xD800 <= code <= 0xDFFF]
    if not every:
        raise Unreadable("a set of no characters")
    usual = _usual(every, lambda char: char.isascii() and char.islower()) if " " in every else []
    usual = usual or _usual(every, lambda char: char.isascii() and char.isalnum())
    usual = usual or _usual(every, str.isprintable)
    return Chars(1, 1, "".join(usual or every), "".join(_usual(every, str.isascii) or every))


def _usual(chars: list[str], test: Callable[[str], bool]) -> list[str]:
    return [char for char in chars if test(char)]


_ANY = _chars([(32, 126)])
