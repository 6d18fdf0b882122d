"""Seeded chance: ids and random choices that come out the same for the same seed and the same requests."""

from __future__ import annotations

from collections.abc import Sequence
from hashlib import shake_128
from typing import TypeVar

_Choice = TypeVar("_Choice")
_DRAW = 1024
"""Bytes of one draw: so many that most ids cost a slice of it."""

_CROCKFORD = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
_ALPHANUMERIC = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789"


class Random:
    """A stream of digits whose whole state is `seed`, how often was `drawn`, and how far into the last draw it is."""

    __slots__ = ("_at", "_pool", "drawn", "seed")

    def __init__(self, seed: int = 0) -> None:
        self.seed = seed
        self.drawn = 0
        self._pool = ""
        self._at = 0

    def hex(self, digits: int) -> str:
        """`digits` lower-case hexadecimal digits, 1 to 128."""
        at = self._at
        end = self._at = at + digits
        if end > len(self._pool):
            self.drawn += 1
            self._pool = shake_128(b"%d of %d" % (self.drawn, self.seed)).hexdigest(_DRAW)
            at, self._at = 0, digits
        return self._pool[at : self._at]

    def number(self, below: int) -> int:
        """An integer from 0 to `below` - 1."""
        return int(self.hex(32), 16) % below

    def fraction(self) -> float:
        """A number from 0.0 up to, not including, 1.0."""
        return int(self.hex(13), 16) / 16**13

    def choose(self, options: Sequence[_Choice]) -> _Choice:
        return options[self.number(len(options))]

    def alphanumeric(self, length: int) -> str:
        """`length` letters and digits, at most 40."""
        return _spell(int(self.hex(64), 16), _ALPHANUMERIC, length)

    def uuid(self) -> str:
        """A version 4 UUID in lower case."""
        h = self.hex(32)
        return f"{h[:8]}-{h[8:12]}-4{h[13:16]}-{'89ab'[int(h[16], 16) & 3]}{h[17:20]}-{h[20:]}"

    def ulid(self, at: float) -> str:
        """A ULID of 26 characters: 48 bits of `at` (epoch seconds) in milliseconds, 80 bits of chance."""
        return _spell((round(at * 1000) << 80) | int(self.hex(20), 16), _CROCKFORD, 26)

    def substream(self, name: str) -> Random:
        """A stream of its own for what is called so: drawing from it leaves this one as it is."""
        return Random(int.from_bytes(shake_128(b"%s of %d" % (name.encode(), self.seed)).digest(8)))

    def fork(self) -> Random:
        forked = Random(self.seed)
        forked.drawn, forked._pool, forked._at = self.drawn, self._pool, self._at
        return forked


def _spell(number: int, alphabet: str, length: int) -> str:
    base = len(alphabet)
    letters = []
    for _ in range(length):
        number, digit = divmod(number, base)
        letters.append(alphabet[digit])
    return "".join(reversed(letters))
