"""Requests to the control API that wait: each keeps one of its threads, so that some are left for others."""

from __future__ import annotations

import threading
from collections.abc import Callable

from mockserver.problem import Problem
from mockserver.state.clock import stopwatch
from mockserver.state.world import World

MAX_WAITING = 64
PAUSE = 0.02
"""Seconds between two looks at what is waited for."""

_GRACE = 20.0
"""Seconds after its time after which a place is free although nobody gave it back."""

never = threading.Event()
"""Nothing sets it: waiting for it is a pause."""


class WaitingPlace:
    """One of the places for requests that wait for what happens in a world. Raises Problem 503 if all are taken for the
    moment.
    """

    _taken: dict[WaitingPlace, float] = {}  # noqa: RUF012 - the places of the process
    _lock = threading.Lock()

    def __init__(self, seconds: float, world: World) -> None:
        self._world = world
        now = stopwatch()
        with self._lock:
            for place in [place for place, end in self._taken.items() if end < now]:
                del self._taken[place]
                place._world.attended -= 1  # noqa: SLF001 - a place like this one
            if len(self._taken) >= MAX_WAITING:
                raise Problem(
                    503,
                    f"{MAX_WAITING} requests wait already (requests/stream, outbox/settle, verify with `within`), "
                    "which is all that the server's threads allow; ask again when one has ended.",
                    retry_after=1,
                )
            self._taken[self] = now + seconds + _GRACE
            world.attended += 1

    def leave(self) -> None:
        """Gives the place back; a second time does nothing."""
        with self._lock:
            if self._taken.pop(self, None) is not None:
                self._world.attended -= 1


def wait_until(is_true: Callable[[], bool], seconds: float, world: World) -> bool:
    """Whether it became true in the world within so many seconds."""
    if is_true():
        return True
    if seconds <= 0:
        return False
    place = WaitingPlace(seconds, world)
    try:
        deadline = stopwatch() + seconds
        while stopwatch() < deadline:
            never.wait(PAUSE)
            if is_true():
                return True
    finally:
        place.leave()
    return False
