"""Commits of several requests that arrive at once, which the store keeps together."""

from __future__ import annotations

from collections.abc import Callable
from threading import get_ident
from typing import TypeVar

from mockserver.replica.answering_store import asked
from mockserver.replica.known_world import KnownWorld
from mockserver.state.world import World
from mockserver.stores.world_store import WorldStore

_Result = TypeVar("_Result")


class CommitGroup:
    """The commits that one thread made since it last called `end`, and that nobody was told of yet. `is_open`: there
    are some.
    """

    def __init__(self, store: WorldStore) -> None:
        self._store = store
        self._thread = 0
        self._worlds: list[tuple[World, KnownWorld]] = []

    @property
    def is_open(self) -> bool:
        return bool(self._worlds)

    def defer(self, work: Callable[[], _Result]) -> _Result:
        """Does the work; its commits are kept by the next `end`, if the store has groups."""
        self._thread = get_ident() if self._store.has_groups else 0
        try:
            return work()
        finally:
            self._thread = 0

    def takes(self, world: World) -> bool:
        """Whether the request in progress is a part of the group: it is deferred, and nothing leaves with it."""
        recording = world.log.recording
        return self._thread == get_ident() and recording is not None and not recording.leaving

    def add(self, world: World, known: KnownWorld) -> None:
        """The world has a commit in the group."""
        self._worlds.append((world, known))

    def end(self) -> None:
        """Has the store keep the commits. Raises Problem 503 where it cannot: the worlds are then read from it anew."""
        worlds, self._worlds = self._worlds, []
        if not worlds:
            return
        try:
            asked(self._store.end_group)
        except BaseException:
            for world, known in worlds:
                with world.lock:
                    known.is_stale = known.is_broken = True
            raise
