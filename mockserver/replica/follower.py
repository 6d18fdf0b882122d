"""Follows what other processes do in the worlds of a store, where somebody here waits for it."""

from __future__ import annotations

import logging
import math
import threading
from collections.abc import Callable, Iterable

from mockserver.problem import Problem
from mockserver.state.clock import elapsed, machine_time
from mockserver.state.world import World
from mockserver.state.worlds import MAX_WORLDS, Worlds
from mockserver.stores.world_store import StoreUnavailable, WorldStore

log = logging.getLogger(__name__)

LOOK_SECONDS = 2.0
"""Seconds between two looks at what is due: so soon after its lease, what a process that died had to send is sent. What
nobody was told of is seen as soon in the worlds that are attended.
"""


class Follower:
    """Has worlds brought up to date that are attended here, or have deliveries that are due: whoever sends these is
    told as they are received. `version_of` is what is known of a world; `to_read` is asked each time that the store
    answers, and gives the worlds that are to be read whatever happens in them.
    """

    def __init__(
        self,
        store: WorldStore,
        worlds: Worlds,
        version_of: Callable[[World], int],
        to_read: Callable[[], Iterable[str]],
    ) -> None:
        self._store = store
        self._worlds = worlds
        self._version_of = version_of
        self._to_read = to_read
        self._told: dict[str, int] = {}
        self._changed = threading.Condition()
        self._is_ending = False
        self._end_watch: Callable[[], None] | None = None

    def start(self) -> None:
        """Looks at what is due now, and goes on where others use the store."""
        threading.Thread(target=self._run, name="follower", daemon=True).start()
        if self._store.is_shared:
            self._end_watch = self._store.watch(self._notice)

    def stop(self) -> None:
        with self._changed:
            self._is_ending = True
            self._changed.notify()
        if self._end_watch is not None:
            self._end_watch()

    def _notice(self, name: str, version: int) -> None:
        with self._changed:
            self._told[name] = version
            self._changed.notify()

    def _run(self) -> None:
        self._look_at_due(math.inf)
        looked_at = elapsed()
        while self._store.is_shared and not self._is_ending:
            with self._changed:
                if not self._told:
                    self._changed.wait(LOOK_SECONDS)
                told, self._told = self._told, {}
            for name, version in told.items():
                self._follow(name, version)
            if elapsed() - looked_at >= LOOK_SECONDS:
                looked_at = elapsed()
                self._look_at_due(machine_time())
                self._look_at_attended()

    def _follow(self, name: str, version: int) -> None:
        world = self._worlds.known(name)
        if world is not None and _is_attended(world) and self._version_of(world) != version:
            self._bring_up(name)

    def _look_at_attended(self) -> None:
        """Whatever was told while the store was away was told to nobody."""
        for world in self._worlds.here():
            if _is_attended(world) and not self._is_ending:
                self._bring_up(world.name)

    def _look_at_due(self, until: float) -> None:
        try:
            names = (*self._store.due(until, MAX_WORLDS), *self._to_read())
        except (StoreUnavailable, Problem):
            return
        for name in dict.fromkeys(names):
            if not self._is_ending:
                self._bring_up(name)

    def _bring_up(self, name: str) -> None:
        try:
            self._worlds[name].run(_nothing)
        except Problem as problem:
            log.debug("the world %s is not up to date: %s", name, problem.detail)
        except Exception:
            log.exception("what others did in the world %s could not be received", name)


def _is_attended(world: World) -> bool:
    """Whether somebody here waits for what happens in it."""
    return bool(world.attended) or world.feed.is_heard


def _nothing() -> None:
    """Does nothing in a world."""
