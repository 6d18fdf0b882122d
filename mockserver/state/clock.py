"""The only `now()`: world time, which runs, stands still or is moved forward."""

from __future__ import annotations

import time


class Clock:
    """World time in epoch seconds. It runs with the machine's clock plus an offset, or stands still when frozen."""

    __slots__ = ("_frozen", "_offset")

    def __init__(self, offset: float = 0.0, frozen: float | None = None) -> None:
        self._offset = offset
        self._frozen = frozen

    def now(self) -> float:
        return time.time() + self._offset if self._frozen is None else self._frozen

    def freeze(self, at: float | None = None) -> None:
        """Time stands still, at `at` (epoch seconds) or where it is."""
        self._frozen = self.now() if at is None else at

    def advance(self, seconds: float) -> None:
        """Time is `seconds` later; a running clock runs on from there."""
        if self._frozen is None:
            self._offset += seconds
        else:
            self._frozen += seconds

    def reset(self) -> None:
        """Time is the machine's again."""
        self._offset, self._frozen = 0.0, None

    @property
    def is_frozen(self) -> bool:
        return self._frozen is not None

    def fork(self) -> Clock:
        return Clock(self._offset, self._frozen)


stopwatch = time.perf_counter
"""Seconds of the machine, for measuring how long something took; never part of an answer."""
