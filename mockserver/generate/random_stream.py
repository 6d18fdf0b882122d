"""Random numbers without a shared generator: each place of each value has its own."""

from __future__ import annotations

from dataclasses import dataclass
from hashlib import blake2b
from random import Random

EPOCH = 1_767_225_600.0
"""The default moment near which generated dates lie: 2026-01-01T00:00:00Z, in epoch seconds."""

_DIGEST = 64
_FRACTION = 53


@dataclass(frozen=True, slots=True)
class SeedKey:
    """Everything that a generated value depends on: the seed, a key (operation and record), and the moment near which
    its dates lie, in epoch seconds.
    """

    seed: int = 0
    key: str = ""
    at: float = EPOCH


class Substream(Random):
    """The random numbers of a seed key at one place, as a `random.Random` that can move to another place for the cost
    of a hash.
    """

    def __init__(self, seed_key: SeedKey) -> None:
        super().__init__(0)
        self.seed_key = seed_key
        self._root = blake2b(f"{seed_key.seed}\n{seed_key.key}\n".encode(errors="surrogatepass"), digest_size=_DIGEST)
        self._pool = self._left = 0
        self.move("")

    def move(self, place: str) -> Substream:
        """Moves to the first number of `place`, whatever was generated before, and returns itself."""
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
            left += _DIGEST * 8
        self._pool, self._left = pool >> k, left - k
        return int(pool & ((1 << k) - 1))

    def random(self) -> float:
        """A number from 0.0 up to, not including, 1.0."""
        return self.getrandbits(_FRACTION) / (1 << _FRACTION)

    def _refill(self) -> None:
        self._pool = int.from_bytes(self._here.digest())
        self._left = _DIGEST * 8
