"""World time, which runs, is frozen or is advanced. No other module may ask for the current time."""

from __future__ import annotations

import math
import time
from collections.abc import Callable
from functools import partial
from typing import NamedTuple

from mockserver.messages import make

machine_time = time.time
"""The machine's time in epoch seconds, which may be set at any moment."""

elapsed: Callable[[], float] = (
    partial(time.clock_gettime, time.CLOCK_BOOTTIME) if hasattr(time, "CLOCK_BOOTTIME") else time.monotonic
)
"""Seconds that passed since some moment, whatever the machine's time is set to."""

_LEAST_STEP = 1.0


class ClockState(NamedTuple):
    """All that distinguishes two clocks of one machine. `landed` is the time to which it was last moved by hand."""

    offset: float
    frozen: float | None
    landed: float


class Clock:
    """World time in epoch seconds: the machine's clock plus an offset, or a fixed moment if frozen."""

    __slots__ = ("_frozen", "_landed", "_offset", "_set_at", "_watcher")

    def __init__(self, offset: float = 0.0, frozen: float | None = None) -> None:
        self._offset = offset
        self._frozen = frozen
        self._landed = -math.inf
        self._set_at = machine_time() - elapsed()
        self._watcher: Callable[[], None] | None = None

    def now(self) -> float:
        """Epoch seconds."""
        return machine_time() + self._offset if self._frozen is None else self._frozen

    def step(self) -> float:
        """The seconds by which the machine's time was set forward, or back if negative, since this was last asked; 0
        for less than one second. Whatever waits has to wait for a time that is later or earlier by as much.
        """
        set_at = machine_time() - elapsed()
        step = set_at - self._set_at
        if abs(step) < _LEAST_STEP:
            return 0.0
        self._set_at = set_at
        if self._frozen is not None:
            return 0.0
        self._landed += step
        return step

    def leapt_over(self, moment: float) -> bool:
        """Whether the moment is not later than the time to which the clock was last moved by hand."""
        return moment <= self._landed

    def when(self, due: float) -> float:
        """The time of an event that was due at `due`: `due` itself if the clock was moved past it, now if it is merely
        late.
        """
        return due if self.leapt_over(due) else self.now()

    def freeze(self, at: float | None = None) -> None:
        """Stops the clock at `at` (epoch seconds) or at the current time."""
        self._frozen = self.now() if at is None else at
        self._tell()

    def advance(self, seconds: float) -> None:
        """Moves time forward by `seconds`; a running clock goes on from there."""
        if self._frozen is None:
            self._offset += seconds
        else:
            self._frozen += seconds
        self._tell()

    def reset(self) -> None:
        """Returns to the machine's time."""
        if self._frozen is not None:
            self._set_at = machine_time() - elapsed()
        self._offset, self._frozen = 0.0, None
        self._tell()

    def watch(self, watcher: Callable[[], None]) -> None:
        """Sets the one watcher, which is called whenever time changes other than by running."""
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
        return self._offset if self._frozen is None else self._frozen - machine_time()

    def fork(self) -> Clock:
        return Clock(self._offset, self._frozen)

    @property
    def state(self) -> ClockState:
        return make(ClockState, (self._offset, self._frozen, self._landed))

    def take(self, state: ClockState) -> None:
        """Goes by this state from now on. The watcher is called, since time changes."""
        if state == self.state:
            return
        if self._frozen is not None and state.frozen is None:
            self._set_at = machine_time() - elapsed()
        self._offset, self._frozen, self._landed = state
        if self._watcher is not None:
            self._watcher()


LONGEST_DELAY = 600.0
"""The most seconds that a response may be delayed; clients wait no longer. Delays go by the machine's time, not by
world time.
"""

stopwatch = time.perf_counter
"""Seconds of the machine, to measure durations; never part of a response."""
