"""Seeded random ids and choices: the same seed and the same requests give the same values."""

from __future__ import annotations

from collections.abc import Sequence
from hashlib import shake_128
from typing import NamedTuple, TypeVar

from mockserver.messages import make

_Choice = TypeVar("_Choice")
_BLOCK = 1024
"""Bytes per hash: enough that most ids cost only a slice of it."""

_CROCKFORD = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
_ALPHANUMERIC = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789"


class RandomState(NamedTuple):
    """What distinguishes two sequences of one seed."""

    draws: int
    at: int


class Random:
    """A sequence of random digits. Its whole state is the `seed`, the number of hashes (`draws`) and the position in
    the last one.
    """

    __slots__ = ("_at", "_pool", "draws", "seed")

    def __init__(self, seed: int = 0) -> None:
        self.seed = seed
        self.draws = 0
        self._pool = ""
        self._at = 0

    def hex(self, digits: int) -> str:
        """`digits` lower-case hexadecimal digits, 1 to 128."""
        at = self._at
        end = self._at = at + digits
        if end > len(self._pool):
            self.draws += 1
            self._pool = self._hashed()
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
        """A ULID of 26 characters: 48 bits of `at` (epoch seconds) in milliseconds, 80 random bits."""
        return _spell((round(at * 1000) << 80) | int(self.hex(20), 16), _CROCKFORD, 26)

    def substream(self, name: str) -> Random:
        """An independent sequence for this name; using it does not change this one."""
        return Random(int.from_bytes(shake_128(b"%s of %d" % (name.encode(), self.seed)).digest(8)))

    def _hashed(self) -> str:
        return shake_128(b"%d of %d" % (self.draws, self.seed)).hexdigest(_BLOCK)

    @property
    def state(self) -> RandomState:
        return make(RandomState, (self.draws, self._at))

    def take(self, state: RandomState) -> None:
        """Goes on from this state."""
        if state.draws != self.draws:
            self.draws = state.draws
            self._pool = self._hashed() if state.draws else ""
        self._at = state.at

    def fork(self) -> Random:
        forked = Random(self.seed)
        forked.draws, forked._pool, forked._at = self.draws, self._pool, self._at
        return forked


def _spell(number: int, alphabet: str, length: int) -> str:
    base = len(alphabet)
    letters = []
    for _ in range(length):
        number, digit = divmod(number, base)
        letters.append(alphabet[digit])
    return "".join(reversed(letters))
