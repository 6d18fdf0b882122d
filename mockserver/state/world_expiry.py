"""Worlds that end by themselves: one that was not used for its number of seconds is deleted."""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable, Iterable
from contextlib import suppress
from functools import partial

from mockserver.problem import Problem
from mockserver.state.clock import machine_time, stopwatch
from mockserver.state.commits.facts import USE_PARTS
from mockserver.state.world import World

log = logging.getLogger(__name__)

_LONGEST_WAIT, _SHORTEST_WAIT = 5.0, 0.05
"""Seconds between two looks; a world lives at most a quarter of its time longer, within these."""


MOST_READ_AT_ONCE = 50
"""Worlds that are read at one look from where they are kept outside of this process."""


class Expiry:
    """Deletes unused worlds. It compares how often each was used at every look, so that requests pay nothing; its
    thread starts with the first world that expires. A world that was used before this process began counts from then:
    `read` makes it known, and says whether it had to be read for that.
    """

    def __init__(
        self,
        worlds: Callable[[], Iterable[World]],
        delete: Callable[[str, Callable[[], bool]], None],
        read: Callable[[World], bool] = lambda _world: False,
    ) -> None:
        self._worlds = worlds
        self._delete = delete
        self._read = read
        self._seen: dict[str, tuple[World, tuple[int, float], float]] = {}
        self._lock = threading.Lock()
        self._changed = threading.Event()
        self._thread: threading.Thread | None = None

    def watch(self) -> None:
        """Called when a world got its number of seconds."""
        with self._lock:
            if self._thread is None:
                self._thread = threading.Thread(target=self._run, name="expiry", daemon=True)
                self._thread.start()
        self._changed.set()

    def _run(self) -> None:
        wait = _SHORTEST_WAIT
        while True:
            self._changed.wait(wait)
            self._changed.clear()
            try:
                wait = self.look(stopwatch())
            except Problem as problem:  # What keeps the worlds does not answer just now.
                log.debug("unused worlds are looked for later: %s", problem.detail)
                wait = _LONGEST_WAIT

    def look(self, now: float) -> float:
        """Deletes what was not used for too long, and returns the seconds until the next look."""
        expiring = {world.name: world for world in self._worlds() if world.expire is not None}
        self._seen = {name: seen for name, seen in self._seen.items() if name in expiring}
        wait = _LONGEST_WAIT
        left = MOST_READ_AT_ONCE
        for name, world in expiring.items():
            known, uses, since = self._seen.get(name, (None, None, now))
            if known is not world and left:
                left -= self._read(world)
                self._seen[name] = world, world.uses, now - _unused_for(world)
            limit = world.expire or 0.0
            if known is world and uses != world.uses:
                self._seen[name] = world, world.uses, now
            elif known is world and now - since >= limit:
                with suppress(Problem):  # Somebody else deleted it just now, or used it.
                    self._delete(name, partial(_is_unused, world, uses))
            wait = min(wait, max(limit / 4, _SHORTEST_WAIT))
        return wait


def _unused_for(world: World) -> float:
    """Seconds for which the world was not used when it was found, at least."""
    if not world.used_at or world.expire is None:
        return 0.0
    return max(0.0, machine_time() - world.used_at - world.expire / USE_PARTS)


def _is_unused(world: World, uses: tuple[int, float] | None) -> bool:
    """Whether it was not used since it had these uses."""
    return world.uses == uses
