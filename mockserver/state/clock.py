"""The only `now()`: world time, which runs, stands still or is moved forward."""

from __future__ import annotations

import math
import time
from collections.abc import Callable


class Clock:
    """World time in epoch seconds. It runs with the machine's clock plus an offset, or stands still when frozen."""

    __slots__ = ("_frozen", "_landed", "_offset", "_watcher")

    def __init__(self, offset: float = 0.0, frozen: float | None = None) -> None:
        self._offset = offset
        self._frozen = frozen
        self._landed = -math.inf
        self._watcher: Callable[[], None] | None = None

    def now(self) -> float:
        """Epoch seconds."""
        return time.time() + self._offset if self._frozen is None else self._frozen

    def leapt_over(self, moment: float) -> bool:
        """Whether it is not later than where time was last moved to by hand."""
        return moment <= self._landed

    def when(self, due: float) -> float:
        """When something happens that was due at `due`: then, if time was moved past it; now, if it is merely late."""
        return due if self.leapt_over(due) else self.now()

    def freeze(self, at: float | None = None) -> None:
        """Time stands still, at `at` (epoch seconds) or where it is."""
        self._frozen = self.now() if at is None else at
        self._tell()

    def advance(self, seconds: float) -> None:
        """Time is `seconds` later; a running clock runs on from there."""
        if self._frozen is None:
            self._offset += seconds
        else:
            self._frozen += seconds
        self._tell()

    def reset(self) -> None:
        """Time is the machine's again."""
        self._offset, self._frozen = 0.0, None
        self._tell()

    def watch(self, watcher: Callable[[], None]) -> None:
        """The one watcher, told whenever time did not just run."""
        self._watcher = watcher

    def _tell(self) -> None:
        self._landed = self.now()
        if self._watcher is not None:
            self._watcher()

    @property
    def is_frozen(self) -> bool:
        return self._frozen is not None

    @property
    def offset(self) -> float:
        """Seconds that world time is ahead of the machine's."""
        return self._offset if self._frozen is None else self._frozen - time.time()

    def fork(self) -> Clock:
        return Clock(self._offset, self._frozen)


LONGEST_PAUSE = 600.0
"""Seconds that an answer may be held back; beyond them no client waits, and it would keep a thread from all others."""


def pause(seconds: float) -> None:
    """Waits seconds of the machine, ten minutes at most: how long a slow answer takes is no matter of world time."""
    time.sleep(min(seconds, LONGEST_PAUSE))


stopwatch = time.perf_counter
"""Seconds of the machine, for measuring how long something took; never part of an answer."""
