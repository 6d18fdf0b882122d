"""Isolated universes: what one world does no other sees."""

from __future__ import annotations

import re
import threading
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import partial
from types import TracebackType
from typing import Any

from mockserver.problem import NOT_FOUND, Problem
from mockserver.state.clock import Clock
from mockserver.state.collection import Collection, Log, Records
from mockserver.state.event_feed import Feed
from mockserver.state.indexes import Lookups
from mockserver.state.journal import Allowance, Journal
from mockserver.state.outbox import ApiOutbox, Outbox
from mockserver.state.random_source import Random

DEFAULT_WORLD = "default"
MAX_WORLDS = 10_000
_WORLD_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,63}")


@dataclass(frozen=True, slots=True)
class SeedCollection:
    """The records of one collection at one moment, oldest first, the member that holds their id, and what finds
    them. `place` takes a record as a user writes it to the record that is kept, where these differ; it raises Unusable.
    """

    id_member: str
    records: Records
    lookups: Lookups = field(default_factory=Lookups, compare=False, repr=False)
    place: Callable[[Mapping[str, Any]], Mapping[str, Any]] | None = field(default=None, compare=False, repr=False)


Snapshot = Mapping[str, Mapping[str, SeedCollection]]
"""Everything a world remembers: API name -> collection name -> shelf. Shared, never changed."""

Listener = Callable[["World"], None]
"""Told whenever a world has something to send, or its time was moved while something waits. It may only take note: the
world's lock is held, and the transaction around it may still fail.
"""


def unheard(_world: World) -> None:
    """Nobody sends: deliveries stay in the outbox."""


class ApiState:
    """A world as one API sees it, the second argument of every handler: `state["tasks"]` is one of its collections.

    `clock` is the only time there is, `chance` makes ids and secrets, `outbox` sends webhooks once the request has
    succeeded. `meters`, `accounts`, `replies` and `versions` are what the engine counts and keeps for later requests.
    """

    __slots__ = (
        "_collections",
        "accounts",
        "chance",
        "clock",
        "meters",
        "outbox",
        "replies",
        "sequences",
        "versions",
        "world",
    )

    def __init__(
        self, world: World, api: str, seed_collections: Mapping[str, SeedCollection], sequences: dict[str, int]
    ) -> None:
        self.world = world
        self.clock = world.clock
        self.chance = world.chance
        self.meters: dict[Any, list[float]] = {}
        self.accounts: dict[Any, Any] = {}
        self.replies: dict[Any, Any] = {}
        self.versions: dict[Any, Any] = {}
        self.sequences = sequences
        self.outbox = ApiOutbox(world.outbox, api, world.clock)
        self._collections = {
            name: Collection(
                name, seed_collection.id_member, seed_collection.records, world.log, seed_collection.lookups
            )
            for name, seed_collection in seed_collections.items()
        }

    def __getitem__(self, name: str) -> Collection:
        return self._collections[name]

    def __contains__(self, name: object) -> bool:
        return name in self._collections

    @property
    def names(self) -> list[str]:
        """The names of the collections."""
        return [*self._collections]

    @property
    def is_untouched(self) -> bool:
        """Whether nothing was written since it began."""
        return all(collection.is_untouched for collection in self._collections.values())

    def adopt(self, seed_collections: Mapping[str, SeedCollection]) -> None:
        """The collections that were not known so far are there too."""
        for name, seed_collection in seed_collections.items():
            if name not in self._collections:
                self._collections[name] = Collection(
                    name, seed_collection.id_member, seed_collection.records, self.world.log, seed_collection.lookups
                )

    def transaction(self) -> Transaction:
        """What is written inside it is taken back when it is left by an exception; transactions nest."""
        return Transaction(self.world.log)

    def next_number(self, name: str) -> int:
        """1, 2, 3 …: a number that this world never gave for `name` before."""
        number = self.sequences[name] = self.sequences.get(name, 0) + 1
        return number

    def share(self) -> dict[str, SeedCollection]:
        return {
            name: SeedCollection(kept.id_member, kept.share(), kept.lookups) for name, kept in self._collections.items()
        }


class Transaction:
    """Takes back what was written since it was entered, when it is left by an exception."""

    __slots__ = ("_log", "_mark")

    def __init__(self, log: Log) -> None:
        self._log = log

    def __enter__(self) -> None:
        self._mark = len(self._log)
        self._log.depth += 1

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, where: TracebackType | None
    ) -> None:
        log, mark = self._log, self._mark
        log.depth -= 1
        if kind is not None:
            log.take_back(mark)
        elif not log.depth:
            log.clear()


class World:
    """One isolated universe of one server. `lock` is held while a request is served in it."""

    __slots__ = (
        "_origin",
        "_sequences",
        "_states",
        "chance",
        "clock",
        "feed",
        "journal",
        "lock",
        "log",
        "name",
        "outbox",
        "ring",
    )
    _origin: Snapshot

    def __init__(
        self,
        name: str,
        origin: Snapshot,
        *,
        seed: int = 0,
        journal_limit: int = 1000,
        allowance: Allowance | None = None,
        ring: Listener = unheard,
    ) -> None:
        self.name = name
        self.ring = ring
        self.lock = threading.RLock()
        self.journal = Journal(journal_limit, allowance)
        self.log = Log()
        self.feed = Feed(self.log)
        self.outbox = Outbox(self.lock, self.log, partial(ring, self))
        self._sequences: dict[str, dict[str, int]] = {}
        self._begin(origin, Clock(), Random(seed))

    def of(self, api: str) -> ApiState:
        """The part of this world that belongs to `api`."""
        state = self._states.get(api)
        if state is None:
            state = self._states[api] = ApiState(
                self, api, self._origin.get(api, {}), self._sequences.setdefault(api, {})
            )
        return state

    def renew(
        self, api: str, before: Mapping[str, SeedCollection], seed_collections: Mapping[str, SeedCollection]
    ) -> None:
        """The API now begins with other records than `before`: so it does here, where nothing was written since; else
        what is remembered stays, beside the collections that are new.
        """
        if self._origin.get(api) is before and self.of(api).is_untouched:
            del self._states[api]
            self._origin = {**self._origin, api: seed_collections}
        else:
            self.of(api).adopt(seed_collections)

    def snapshot(self) -> Snapshot:
        """What is remembered now; taking it copies nothing."""
        return {**self._origin, **{api: state.share() for api, state in self._states.items()}}

    def restore(self, snapshot: Snapshot) -> None:
        """The records are those of `snapshot` again; meters and replies begin anew, the outbox is empty; clock,
        sequences and journal go on.
        """
        self.outbox.empty()
        self._begin(snapshot, self.clock, self.chance)

    def fork(self, name: str) -> World:
        """A world with the same records, sequences, time and chance, which goes its own way from here; its journal and
        its outbox are empty.
        """
        journal = self.journal
        forked = World(
            name,
            self.snapshot(),
            seed=self.chance.seed,
            journal_limit=journal.limit,
            allowance=journal.allowance,
            ring=self.ring,
        )
        forked.clock, forked.chance = self.clock.fork(), self.chance.fork()
        forked._sequences = {api: {**numbers} for api, numbers in self._sequences.items()}
        return forked

    def reset(self, origin: Snapshot) -> None:
        """The world is as new, journal and clock included."""
        self.journal.allowance.end(self.journal)
        self.journal = Journal(self.journal.limit, self.journal.allowance)
        self._sequences = {}
        self.outbox.begin_anew()
        self._begin(origin, Clock(), Random(self.chance.seed))

    def end(self) -> None:
        """Nobody will come any more: nothing is sent from here, and nothing counts against other worlds' journals. What
        had come already is answered as ever.
        """
        self.journal.allowance.end(self.journal)
        self.journal = Journal(self.journal.limit)
        self.outbox.close()

    def _begin(self, origin: Snapshot, clock: Clock, chance: Random) -> None:
        self.clock = clock
        self.chance = chance
        self.log.clear()
        self._origin = origin
        self._states: dict[str, ApiState] = {}


class Worlds:
    """The worlds of one server by name; one is made on its first use, as a fork of the fixtures."""

    def __init__(
        self, fixtures: Snapshot, *, seed: int = 0, journal_limit: int = 1000, ring: Listener = unheard
    ) -> None:
        self.fixtures = fixtures
        self._ring = ring
        self._seed = seed
        self._journal_limit = journal_limit
        self._allowance = Allowance()
        self._worlds: dict[str, World] = {}
        self._lock = threading.Lock()

    def __getitem__(self, name: str) -> World:
        world = self._worlds.get(name)
        return self._make(name) if world is None else world

    def __len__(self) -> int:
        return len(self._worlds)

    def __iter__(self) -> Iterator[str]:
        """The names, in the order of first use."""
        return iter(tuple(self._worlds))

    def every(self) -> tuple[World, ...]:
        """The worlds, in the order of first use."""
        return tuple(self._worlds.values())

    def renew(self, api: str, seed_collections: Mapping[str, SeedCollection]) -> None:
        """From now on worlds begin with these records of the API; in those that there are, what was written stays."""
        before = self.fixtures[api]
        self.fixtures = {**self.fixtures, api: seed_collections}
        for world in self.every():
            with world.lock:
                world.renew(api, before, seed_collections)

    def reset(self, name: str) -> None:
        world = self[name]
        with world.lock:
            world.reset(self.fixtures)

    def delete(self, name: str) -> None:
        """The world is gone once the requests in it are finished; its name begins anew with its next use. A Problem 404
        where there is none, 409 for the default world, which is where requests go that name none.
        """
        if name == DEFAULT_WORLD:
            raise Problem(409, "The default world cannot be deleted; POST /__admin/reset makes it as new.")
        with self._lock:
            world = self._worlds.pop(name, None)
        if world is None:
            raise Problem(404, f"No world {name[:80]!r} was used; GET /__admin/worlds lists them.", code=NOT_FOUND)
        with world.lock:
            world.end()

    def _make(self, name: str) -> World:
        if not _WORLD_NAME.fullmatch(name):
            expected = "up to 64 letters, digits, '.', '_' and '-', the first a letter or a digit"
            raise Problem(400, f"{name[:80]!r} is no name of a world: {expected}.")
        with self._lock:
            if name not in self._worlds:
                if len(self._worlds) >= MAX_WORLDS:
                    raise Problem(
                        503,
                        f"This server holds {MAX_WORLDS} worlds already; use one of them, or make room with "
                        "DELETE /__admin/worlds/{name}.",
                    )
                self._worlds[name] = World(
                    name,
                    self.fixtures,
                    seed=self._seed,
                    journal_limit=self._journal_limit,
                    allowance=self._allowance,
                    ring=self._ring,
                )
            return self._worlds[name]
