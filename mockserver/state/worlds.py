"""The worlds of one server by name, and the snapshots that were taken of them."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterable, Iterator, Mapping, MutableMapping, Sequence
from contextlib import suppress
from functools import partial
from typing import Any, Protocol

from mockserver.messages import Exchange
from mockserver.problem import NOT_FOUND, WORLD_UNREADABLE, Problem
from mockserver.state.journal import Allowance
from mockserver.state.world import DEFAULT_WORLD, Listener, SeedCollection, Snapshot, World, no_listener
from mockserver.state.world_bindings import Bindings
from mockserver.state.world_names import as_addressed, refuse_world_name

MAX_WORLDS = 20_000
MAX_SNAPSHOTS = 1_000
TAKEN = 409


class WorldKeeper(Protocol):
    """Keeps worlds outside of this process, and does their work as commits there. Others use them too if it
    `is_shared`.
    """

    is_shared: bool

    def refresh(self) -> None:
        """What is no single world's is as others left it: credentials that are bound to worlds."""

    def names(self) -> Iterable[str]:
        """The worlds that are kept."""

    def added(self, world: World) -> None:
        """The world is used in this process from now on, and is what is kept under its name."""

    def is_kept(self, world: World) -> bool:
        """Whether something of the world is kept already, as far as is known here."""

    def deleting(self, world: World, is_unused: Callable[[], bool] | None = None, /) -> None:
        """The world is kept no more; where that is asked, only if it `is_unused`, by others too. Raises Problem 409."""

    def give_up(self, world: World) -> None:
        """What is kept of the world, which cannot be read, is kept no more."""

    def expires(self, name: str, seconds: float) -> None:
        """The world was made with this number of seconds without use, after which it is to be deleted."""

    def expire_of(self, name: str) -> float | None:
        """That number of a world that may not be read yet; None: it has none of its own."""

    @property
    def notices(self) -> Sequence[str]:
        """What differs between this process and others that keep worlds in the same place: sentences."""

    def findings(self, world: World) -> Sequence[str]:
        """What of the world is kept and not shown as it is: sentences."""


class Worlds:
    """The worlds of one server by name; each is created at first use as a fork of the fixtures.

    `bindings` are the credentials that belong to worlds; None until one was bound. `snapshots` are worlds that serve no
    requests, by name. `expire` is the number of seconds without use after which a world is deleted, for those that have
    none of their own; None: never. `keeper` keeps them outside of this process too; None: nobody does.
    """

    def __init__(
        self,
        fixtures: Snapshot,
        *,
        seed: int = 0,
        journal_limit: int = 1000,
        listener: Listener = no_listener,
        expire: float | None = None,
        standing: Sequence[Any] = (),
    ) -> None:
        """`standing` are the faults that each world begins with."""
        self.fixtures = fixtures
        self.bindings: Bindings | None = None
        self.snapshots: MutableMapping[str, World] = {}
        self.expire = expire
        self.keeper: WorldKeeper | None = None
        self.on_expiring: Callable[[], None] = lambda: None
        self.on_deleted: Callable[[str], None] = lambda _name: None
        self.on_forked: Callable[[str, str], None] = lambda _world, _fork: None
        self._standing = standing
        self._listener = listener
        self._seed = seed
        self._journal_limit = journal_limit
        self._allowance = Allowance()
        self._worlds: dict[str, World] = {}
        self._named = 0
        self._lock = threading.Lock()

    def __getitem__(self, name: str) -> World:
        world = self._worlds.get(name)
        return self._make(name) if world is None else world

    def __len__(self) -> int:
        return len(self._worlds)

    def __iter__(self) -> Iterator[str]:
        """The names, in order of first use."""
        return iter(tuple(self._worlds))

    def watch(self, watcher: Callable[[Exchange], None]) -> None:
        """Has each exchange of every world told; the watcher must return at once."""
        before = self._allowance.watch

        def both(exchange: Exchange) -> None:
            watcher(exchange)
            if before is not None:
                before(exchange)

        self._allowance.watch = watcher if before is None else both

    def watch_released(self, watcher: Callable[[Iterable[Exchange], int], None]) -> None:
        """Has the exchanges told that a world gives up, since it is reset or deleted or they are removed from its
        journal, with the number of those that its journal had dropped before.
        """
        self._allowance.release = watcher

    def keep_by(self, keeper: WorldKeeper) -> None:
        """Keeps the worlds outside of this process, those there are as those that are used from now on."""
        self.keeper = keeper
        for world in self._worlds.values():
            keeper.added(world)

    def here(self) -> tuple[World, ...]:
        """The worlds that are in this process, in order of first use."""
        return tuple(self._worlds.values())

    @property
    def dropped_before(self) -> int:
        """The exchanges that the journals of worlds dropped that are there no more."""
        return self._allowance.dropped

    def every(self) -> tuple[World, ...]:
        """The worlds, in order of first use."""
        if self.keeper is None:
            return tuple(self._worlds.values())
        kept = {DEFAULT_WORLD, *self.keeper.names()}
        with self._lock:
            self._forget_others(kept)
        for name in sorted(kept - self._worlds.keys()):
            self._make(name)
        return tuple(world for name, world in self._worlds.items() if name in kept)

    def renew(self, api: str, seed_collections: Mapping[str, SeedCollection]) -> None:
        """Uses these records of the API for new worlds, and applies them to existing worlds without overwriting
        changes.
        """
        before = self.fixtures[api]
        self.fixtures = {**self.fixtures, api: seed_collections}
        for world in self.every():
            with world.lock:
                world.fixtures = self.fixtures
                world.renew(api, before, seed_collections)

    def reset(self, name: str) -> None:
        """The world is as new, also one that cannot be read where it is kept."""
        world = self[name]
        try:
            world.run(partial(self._reset, world))
        except Problem as problem:
            if self.keeper is None or problem.code != WORLD_UNREADABLE:
                raise
            self.keeper.give_up(world)
            world.run(partial(self._reset, world))

    def _reset(self, world: World) -> None:
        world.reset(self.fixtures)

    def delete(self, name: str, is_unused: Callable[[], bool] | None = None) -> None:
        """Removes the world after the requests in it; its name starts a new one at next use. Raises Problem 404 if
        there is none, 409 for the default world, which serves requests that name none, and for one that is not unused,
        where that is asked.
        """
        if name == DEFAULT_WORLD:
            raise Problem(409, "The default world cannot be deleted; POST /__admin/reset makes it as new.")
        world = self._known(name)
        if world is None:
            raise _unused(name)
        if self.bindings is not None and is_unused is None:
            # Before: where the rest fails, it is asked for again, and who makes a new one keeps what he binds to it.
            self.bindings.release(name)
        if self.keeper is not None:
            self.keeper.deleting(world, is_unused)
        elif is_unused is not None and not is_unused():
            raise in_use(name)
        with self._lock:
            if self._worlds.pop(name, None) is not world:
                raise _unused(name)
        self.on_deleted(name)
        if self.bindings is not None and is_unused is not None:
            self.bindings.release(name)
        with world.lock:
            world.end()

    def find(self, name: str) -> World:
        """The world of this name, which was used before. Raises Problem 404."""
        world = self._known(name)
        if world is None:
            raise _unused(name)
        world.looks += 1
        return world

    def known(self, name: str) -> World | None:
        """The world of this name, if it was used in this process."""
        return self._worlds.get(name)

    def _known(self, name: str) -> World | None:
        """The world of this name, if it was used before, here or by another that keeps it in the same place."""
        world = self._here(name)
        if world is None and self.keeper is not None and name in self.keeper.names():
            return self[name]
        return world

    def _here(self, name: str) -> World | None:
        """The world of this name, if it was used in this process, unless another that keeps it in the same place has
        deleted it.
        """
        world, keeper = self._worlds.get(name), self.keeper
        if world is None or name == DEFAULT_WORLD or keeper is None or not keeper.is_shared:
            return world
        if keeper.is_kept(world):
            try:
                world.run(_nothing)
            except Problem as problem:
                if problem.code != WORLD_UNREADABLE:
                    raise
            if not keeper.is_kept(world):
                with self._lock:
                    self._forget(world)
                return None
        return world

    def create(self, name: str, source: World | None = None, expire: float | None = None, began: str = "") -> World:
        """Adds a world with the records of the fixtures, or as a fork of `source`, which `began` names otherwise.
        Without a `name` it gets one. Raises Problem 409 if there is one of this name, 400 if it cannot be one, 503 if
        there are too many.
        """
        if name:
            refuse_world_name(name)
            return self._create(name, source, expire, began)
        while True:
            with self._lock:
                name = self._unused_name()
            try:
                return self._create(name, source, expire, began)
            except Problem as problem:
                if problem.status != TAKEN:  # Another took the name just now.
                    raise

    def _create(self, name: str, source: World | None, expire: float | None, began: str) -> World:
        forked = None
        if source is not None:
            forked = source.run(partial(source.fork, name))
        self._here(name)
        with self._lock:
            unkept = self._unkept(name) if forked is None else None
            if (name in self._worlds and unkept is None) or (self.keeper is not None and name in self.keeper.names()):
                raise _taken(name)
            world = unkept or self._add(name, forked)
        try:
            world.run(partial(self._begin, world, expire, began))
        except Problem:
            with self._lock:
                if unkept is None:
                    self._worlds.pop(name, None)
            raise
        if self.keeper is not None and expire is not None:
            self.keeper.expires(name, expire)
        if source is not None and not began:
            self.on_forked(source.name, name)
        if world.expire is not None:
            self.on_expiring()
        return world

    def _unkept(self, name: str) -> World | None:
        """The world of this name where it was only looked at here: nothing of it is kept, and no list has it."""
        world = self._worlds.get(name)
        return world if world is not None and self.keeper is not None and not self.keeper.is_kept(world) else None

    def _begin(self, world: World, expire: float | None, began: str) -> None:
        """The world is there from now on, used or not. Raises Problem 409 if another made it just now."""
        if self.keeper is not None:
            if self.keeper.is_kept(world):
                raise _taken(world.name)
            world.begins()
        if expire is not None:
            world.expire = expire
        if began:
            world.began = began

    def keep(self, name: str, world: World) -> None:
        """Keeps the present content of the world, with its time, sequences and chance, as the snapshot `name`. Raises
        Problem 400, or 503 beyond 1,000 snapshots.
        """
        refuse_world_name(name)
        kept = world.run(partial(world.fork, name))
        with self._lock:
            if name not in self.snapshots and len(self.snapshots) >= MAX_SNAPSHOTS:
                raise Problem(503, f"This server keeps {MAX_SNAPSHOTS} snapshots already; delete one of them.")
            self.snapshots[name] = kept

    def read_unread(self, world: World) -> bool:
        """Reads what is kept of the world, unless it is known here. Returns whether it had to."""
        if self.keeper is None or self.keeper.is_kept(world):
            return False
        with suppress(Problem):
            world.run(_nothing)
        return True

    def bind(self) -> Bindings:
        """The table of credentials that belong to worlds, ready to be written to."""
        with self._lock:
            if self.bindings is None:
                self.bindings = Bindings()
            return self.bindings

    def _make(self, name: str) -> World:
        refuse_world_name(name)
        with self._lock:
            world = self._worlds.get(name) or self._add(name)
        if world.expire is not None:
            self.on_expiring()
        return world

    def unused_world(self, name: str) -> World:
        """A world that has the fixtures and is none of these."""
        return World(
            name,
            self.fixtures,
            seed=self._seed,
            journal_limit=self._journal_limit,
            allowance=self._allowance,
            listener=self._listener,
            standing=self._standing,
        )

    def _add(self, name: str, forked: World | None = None) -> World:
        if len(self._worlds) >= MAX_WORLDS and self.keeper is not None:
            self._forget_others({*self.keeper.names()})
        if len(self._worlds) >= MAX_WORLDS:
            raise Problem(
                503,
                f"This server holds {MAX_WORLDS} worlds already; use one of them, or make room with "
                "DELETE /__admin/worlds/{name}.",
            )
        world = forked or self.unused_world(name)
        world.name = name
        world.expire = None if name == DEFAULT_WORLD else self.expire
        if self.keeper is not None:
            self.keeper.added(world)
            own = self.keeper.expire_of(name)
            world.expire = world.expire if own is None else own
        self._worlds[name] = world
        return world

    def _forget_others(self, kept: set[str]) -> None:
        """Forgets worlds that are kept no more, since others deleted them. A request that is still in one of them goes
        on in what is kept under its name.
        """
        for name, world in tuple(self._worlds.items()):
            is_gone = name not in kept and self.keeper is not None and self.keeper.is_kept(world)
            if is_gone and not (world.attended or world.feed.is_heard or world.outbox.is_waiting):
                self._forget(world)

    def _forget(self, world: World) -> None:
        if self._worlds.get(world.name) is world:
            del self._worlds[world.name]
            world.journal.allowance.end(world.journal)

    def _unused_name(self) -> str:
        """`w1`, `w2` …: a name that no world has or had."""
        self._named += 1
        kept = () if self.keeper is None else self.keeper.names()
        while (name := f"w{self._named}") in self._worlds or name in kept:
            self._named += 1
        return f"w{self._named}"


def _taken(name: str) -> Problem:
    return Problem(TAKEN, f"There is a world {name} already; delete it, or choose another name.")


def in_use(name: str) -> Problem:
    """What says that a world was used, which was to be deleted if it was not."""
    return Problem(TAKEN, f"The world {name} was used just now.")


def _nothing() -> None:
    """Does nothing in a world."""


def _unused(name: str) -> Problem:
    return Problem(
        404, f"No world {as_addressed(name[:80])!r} was used; GET /__admin/worlds lists them.", code=NOT_FOUND
    )
