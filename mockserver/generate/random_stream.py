"""Chance without a generator that everyone shares: each place of each value has digits of its own."""

from __future__ import annotations

from dataclasses import dataclass
from hashlib import blake2b
from random import Random

EPOCH = 1_767_225_600.0
"""The moment that made-up dates lie around where none is given: 2026-01-01T00:00:00Z, in epoch seconds."""

_DRAW = 64
_FRACTION = 53


@dataclass(frozen=True, slots=True)
class SeedKey:
    """What a made-up value depends on and nothing else: the seed, a key (operation and record), and the moment that
    its dates lie around, in epoch seconds.
    """

    seed: int = 0
    key: str = ""
    at: float = EPOCH


class Substream(Random):
    """The digits of one stream at one place, as a `random.Random` that costs a hash to move to another place."""

    def __init__(self, stream: SeedKey) -> None:
        super().__init__(0)
        self.stream = stream
        self._root = blake2b(f"{stream.seed}\n{stream.key}\n".encode(errors="surrogatepass"), digest_size=_DRAW)
        self._pool = self._left = 0
        self.move("")

    def move(self, place: str) -> Substream:
        """Itself, at the first digit of `place`, whatever was drawn before."""
        self._here = self._root.copy()
        self._here.update(place.encode(errors="surrogatepass"))
        self._refill()
        return self

    def getrandbits(self, k: int) -> int:
        """An integer of `k` random bits."""
        pool, left = self._pool, self._left
        while left < k:
            self._here.update(b"+")
            pool |= int.from_bytes(self._here.digest()) << left
            left += _DRAW * 8
        self._pool, self._left = pool >> k, left - k
        return int(pool & ((1 << k) - 1))

    def random(self) -> float:
        """A number from 0.0 up to, not including, 1.0."""
        return self.getrandbits(_FRACTION) / (1 << _FRACTION)

    def _refill(self) -> None:
        self._pool = int.from_bytes(self._here.digest())
        self._left = _DRAW * 8
