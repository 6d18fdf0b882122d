"""Worlds: isolated states of one server."""

from __future__ import annotations

import threading
from collections.abc import Callable, Mapping, Sequence
from difflib import get_close_matches
from functools import partial
from typing import Any, Protocol, TypeVar

from mockserver.state.clock import Clock
from mockserver.state.commits.beginning import Beginning
from mockserver.state.commits.log import Log, Transaction
from mockserver.state.commits.unserved import Unserved
from mockserver.state.event_feed import Feed
from mockserver.state.interventions import Interventions, Rules
from mockserver.state.journal import Allowance, Journal
from mockserver.state.outbox import ApiOutbox, Outbox
from mockserver.state.random_source import Random
from mockserver.state.records.collection import Collection
from mockserver.state.records.record import Record
from mockserver.state.records.seed_collection import IssuedRecord, SeedCollection, Snapshot
from mockserver.state.table import Meters, Table

__all__ = ["ApiState", "IssuedRecord", "Listener", "SeedCollection", "Snapshot", "World"]

_Result = TypeVar("_Result")
DEFAULT_WORLD = "default"
FIXTURES = "fixtures"


Listener = Callable[["World"], None]
"""Called when a world has something to send, or its time was moved while a delivery waits. It must return at once: the
world's lock is held, and the transaction may still fail.
"""


class Runner(Protocol):
    """Does the work of worlds that are kept outside of this process."""

    def run(self, world: World, work: Callable[[], Any], /) -> Any:
        """Does the work as one commit, and returns its result. Work that is late is taken back and done again. Raises
        Problem 503 where the worlds cannot be reached; nothing is done then.
        """

    def waits(self, world: World, /) -> bool:
        """Whether work in this world may have to wait for what is outside of this process."""

    def may_send(self, world: World, seconds: float, /) -> bool:
        """Whether this process sends the deliveries of the world, for so many seconds from now."""

    @property
    def is_owing(self) -> bool:
        """Whether something that was deferred is not kept yet."""

    def defer(self, work: Callable[[], _Result], /) -> _Result:
        """Does the work; what it does in worlds may be kept later, by `keep_deferred`, before which nobody is told of
        it. One thread alone defers.
        """

    def keep_deferred(self) -> None:
        """Keeps what was deferred. Raises Problem 503 where that is not possible: nothing of it was done then."""


def no_listener(_world: World) -> None:
    """Does nothing: deliveries stay in the outbox."""


class _Collections(dict[str, Collection]):
    """Collections by name; one that is not there is told with the nearest names."""

    def __missing__(self, name: str) -> Collection:
        known = [one for one in self if not one.startswith("_")]
        near = get_close_matches(str(name), known, 3, 0.5) or known
        raise KeyError(f"there is no collection {name!r}; the nearest: {', '.join(near) or 'none'}")


class ApiState:
    """The state of one API in a world, the second argument of every handler: `state["tasks"]` is one of its
    collections.

    `clock` is the only source of time, `chance` makes ids and secrets, `outbox` sends webhooks once the request has
    succeeded. `meters`, `replies` and `versions` belong to the engine.
    """

    __slots__ = (
        "_collections",
        "api",
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
        self, world: World, api: str, seed_collections: Mapping[str, SeedCollection], sequences: Table
    ) -> None:
        self.world = world
        self.api = api
        self.clock = world.clock
        self.chance = world.chance
        self.meters = Meters(api, world.log)
        self.replies = Table("replies", api, world.log)
        self.versions = Table("versions", api, world.log)
        self.sequences = sequences
        self.outbox = ApiOutbox(world.outbox, api, world.clock)
        self._collections = _Collections()
        for name, seed_collection in seed_collections.items():
            self._add(name, seed_collection)

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
        """Whether nothing was written since the state was created."""
        return all(collection.is_untouched for collection in self._collections.values())

    def adopt(self, seed_collections: Mapping[str, SeedCollection]) -> None:
        """Adds the collections that do not exist yet."""
        self.world.log.begin_version()
        for name, seed_collection in seed_collections.items():
            if name not in self._collections:
                self._add(name, seed_collection)

    def _add(self, name: str, seeds: SeedCollection) -> None:
        log = self.world.log
        self._collections[name] = Collection(
            name, seeds.id_member, seeds.records, log, seeds.lookups, seeds.place, self.api
        )

    def transaction(self) -> Transaction:
        """A context whose writes are undone if it ends with an exception; transactions nest."""
        return Transaction(self.world.log)

    def next_number(self, name: str) -> int:
        """1, 2, 3 …: a number that this world never returned for `name` before."""
        number: int = self.sequences.get(name, 0) + 1
        self.sequences[name] = number
        return number

    def share(self) -> dict[str, SeedCollection]:
        return {
            name: SeedCollection(kept.id_member, kept.share(), kept.lookups, kept.place)
            for name, kept in self._collections.items()
        }


class World:
    """One isolated state of one server. `lock` is held while a request is served in it.

    `began` says what its records began as: `fixtures`, `world:name`, `snapshot:name` or `import`. `issued` are the
    credentials made for it, which a reset keeps. `expire` is the number of seconds without use after which it is
    deleted (None: never); `looks` counts the control requests in it. `used_at` is about when it was used last, by the
    machine's clock, where it expires and is kept outside of this process (else 0). `interventions` is None until a
    fault or a stub is asked for; `standing` are the faults that it begins with. `failures` collects what handlers
    raised beside Problems, for whoever asks; None: nobody does. `attended` counts those who wait for what happens in
    it. `fixtures` are the records of a world that begins anew. `runner` does the work of a world that is kept outside
    of this process too; None: this one is not. `unserved` is what was kept of APIs and collections that are not served
    now: it is kept on, for a server that has them.
    """

    __slots__ = (
        "__weakref__",
        "_origin",
        "_sequences",
        "_standing",
        "_states",
        "attended",
        "began",
        "chance",
        "clock",
        "expire",
        "failures",
        "feed",
        "fixtures",
        "interventions",
        "issued",
        "journal",
        "listener",
        "lock",
        "log",
        "looks",
        "name",
        "outbox",
        "runner",
        "unserved",
        "used_at",
    )
    _origin: Snapshot
    interventions: Interventions | None

    def __init__(
        self,
        name: str,
        origin: Snapshot,
        *,
        seed: int = 0,
        journal_limit: int = 1000,
        allowance: Allowance | None = None,
        listener: Listener = no_listener,
        standing: Sequence[Any] = (),
        fixtures: Snapshot | None = None,
    ) -> None:
        self.name = name
        self.fixtures = origin if fixtures is None else fixtures
        self.runner: Runner | None = None
        self.unserved = Unserved()
        self.attended = 0
        self._standing = standing
        self.listener = listener
        self.failures: list[Exception] | None = None
        self.lock = threading.RLock()
        self.log = Log()
        self.journal = Journal(journal_limit, allowance, self.log)
        self.feed = Feed(self.log)
        self.outbox = Outbox(self.lock, self.log, partial(listener, self))
        self._sequences: dict[str, Table] = {}
        self.issued: tuple[IssuedRecord, ...] = ()
        self.began = FIXTURES
        self.expire: float | None = None
        self.looks = 0
        self.used_at = 0.0
        self._begin(origin, Clock(), Random(seed))
        self._intervene_anew()

    def run(self, work: Callable[[], _Result]) -> _Result:
        """Does the work under the world's lock, as one request, and returns its result. Whoever reads or changes the
        world goes through here. In a world that is kept outside of this process the work may be taken back and done
        again, so that it is to leave nothing behind but in the world.
        """
        if self.runner is None:
            with self.lock:
                return work()
        result: _Result = self.runner.run(self, work)
        return result

    def may_send(self, seconds: float) -> bool:
        """Whether this process sends the deliveries of the world, for so many seconds from now. Another may do so where
        the world is kept outside of this process.
        """
        return self.runner is None or self.runner.may_send(self, seconds)

    def look(self, read: Callable[[], _Result]) -> _Result:
        """Reads what needs no lock; where the world is kept outside of this process, as it is there."""
        return read() if self.runner is None else self.run(read)

    @property
    def faults(self) -> Rules:
        """What is to go wrong in this world."""
        return self._intervening().faults

    @property
    def stubs(self) -> Rules:
        """The answers that are given in front of the mock's."""
        return self._intervening().stubs

    @property
    def answers(self) -> Rules:
        """The next answers of operations."""
        return self._intervening().answers

    @property
    def scenarios(self) -> Table:
        """The states of the scenarios that were moved, by name."""
        return self._intervening().scenarios

    @property
    def rule_chance(self) -> Random:
        """The random source of faults and stubs."""
        return self._intervening().chance

    def _intervening(self) -> Interventions:
        with self.lock:
            if self.interventions is None:
                self.interventions = Interventions(self.lock, self.log, self.chance.substream("interventions"))
            return self.interventions

    def _intervene_anew(self) -> None:
        self.interventions = None
        for fault in self._standing:
            self.faults.add(fault)

    def of(self, api: str) -> ApiState:
        """The state of `api` in this world."""
        state = self._states.get(api)
        if state is None:
            state = self._states[api] = ApiState(self, api, self._origin.get(api, {}), self.sequences_of(api))
        return state

    def sequences_of(self, api: str) -> Table:
        """The last number of each sequence of the API."""
        known = self._sequences.get(api)
        if known is None:
            known = self._sequences[api] = Table("sequences", api, self.log)
        return known

    @property
    def states(self) -> Mapping[str, ApiState]:
        """The states of the APIs that were used."""
        return self._states

    def renew(
        self, api: str, before: Mapping[str, SeedCollection], seed_collections: Mapping[str, SeedCollection]
    ) -> None:
        """Applies changed initial records of the API (they were `before`): replaces its state if nothing was written,
        else only adds the new collections.
        """
        if self._origin.get(api) is before and self.of(api).is_untouched:
            self.log.begin_version()
            del self._states[api]
            self._origin = {**self._origin, api: seed_collections}
        else:
            self.of(api).adopt(seed_collections)

    @property
    def origin(self) -> Snapshot:
        """The content with which it began."""
        return self._origin

    @property
    def uses(self) -> tuple[int, float]:
        """What changes with every use, here or by others."""
        return self.looks + self.journal.taken, self.used_at

    def issue(self, api: str, collection: str, record: Record) -> None:
        """Adds the record of a credential, which belongs to this world for good. Raises Problem 409."""
        with Transaction(self.log):
            kept = self.of(api)[collection].insert(record)
        self.issued += ((api, collection, kept),)

    def sequences(self) -> dict[str, dict[str, int]]:
        """The last number that each sequence of an API gave, by name."""
        return {api: {**numbers} for api, numbers in self._sequences.items() if numbers}

    def snapshot(self) -> Snapshot:
        """The current content; taking it copies nothing."""
        return {**self._origin, **{api: state.share() for api, state in self._states.items()}}

    def restore(
        self,
        snapshot: Snapshot,
        began: str = FIXTURES,
        sequences: Mapping[str, Mapping[str, int]] | None = None,
        unserved: Unserved | None = None,
    ) -> None:
        """Replaces the records by those of `snapshot`, and empties meters, replies and outbox; clock, journal, faults
        and stubs continue, and so do the sequences, which are at least those that are given. What is `unserved` is
        replaced too where it is given.
        """
        self.begins()
        self.outbox.begin_anew(self.outbox.taken)
        for api, numbers in (sequences or {}).items():
            known = self.sequences_of(api)
            known.update({name: max(number, known.get(name, 0)) for name, number in numbers.items()})
        self.began = began
        if unserved is not None:
            self.unserved = unserved.copy()
        self._begin(snapshot, self.clock, self.chance)

    def fork(self, name: str) -> World:
        """An independent world with the same records, sequences, time, random state, faults and stubs, and an empty
        journal and outbox.
        """
        journal = self.journal
        forked = World(
            name,
            self.snapshot(),
            seed=self.chance.seed,
            journal_limit=journal.limit,
            allowance=journal.allowance,
            listener=self.listener,
            fixtures=self.fixtures,
        )
        forked._standing = self._standing
        forked.unserved = self.unserved.copy()
        if self.interventions is not None:
            forked.interventions = self.interventions.fork(forked.lock, forked.log)
        forked.clock, forked.chance = self.clock.fork(), self.chance.fork()
        for api, numbers in self._sequences.items():
            forked.sequences_of(api).update(numbers)
        forked.began = f"world:{self.name}"
        return forked

    def reset(self, origin: Snapshot) -> None:
        """Resets the world completely, including journal and clock."""
        self.begins()
        journal = self.journal
        self.log.after(partial(journal.allowance.end, journal))
        self.journal = Journal(journal.limit, journal.allowance, self.log)
        self.began = FIXTURES
        self.unserved = Unserved()
        self.begin_anew(origin)
        self._intervene_anew()

    def begin_anew(self, origin: Snapshot) -> None:
        """Has nothing but these records; journal, faults and stubs continue."""
        self._sequences = {}
        self.outbox.begin_anew()
        self._begin(origin, Clock(), Random(self.chance.seed))

    def end(self) -> None:
        """Ends the world: it sends nothing more, and its journal counts no longer. Requests in progress are answered
        normally.
        """
        self.journal.allowance.end(self.journal)
        self.journal = Journal(self.journal.limit)
        self.outbox.close()

    def _begin(self, origin: Snapshot, clock: Clock, chance: Random) -> None:
        self.clock = clock
        self.chance = chance
        if self.log.recording is None:
            self.log.clear()
        self.log.begin_version()
        self._origin = origin
        self._states: dict[str, ApiState] = {}
        for api, name, record in self.issued:
            if name in (state := self.of(api)):
                state[name].replace(record)
        if self.log.recording is None:
            self.log.clear()

    def begins(self) -> None:
        """All that the world has is about to be replaced, or is there for the first time."""
        if self.log.recording is not None:
            self.log.append((Beginning(self), "", (self.parts, self.outbox.parts)))

    @property
    def parts(self) -> tuple[Any, ...]:
        """All that is replaced when the world begins anew."""
        first = self._states, self._origin, self.clock, self.chance
        return *first, self.journal, self._sequences, self.interventions, self.began, self.unserved

    def take_parts(self, parts: tuple[Any, ...]) -> None:
        """Has again what it had before it began anew."""
        self._states, self._origin, self.clock, self.chance, *more = parts
        self.journal, self._sequences, self.interventions, self.began, self.unserved = more
        self.log.begin_version()
