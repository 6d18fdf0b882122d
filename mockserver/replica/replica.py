"""Does the work of worlds as commits of a store."""

from __future__ import annotations

import logging
import os
import time
from collections import deque
from collections.abc import Callable, Iterable, Mapping
from contextlib import nullcontext, suppress
from itertools import count
from types import MappingProxyType
from typing import Any
from weakref import WeakKeyDictionary

from mockserver.codec.commit_codec import commit_to_bytes
from mockserver.codec.packed import UnreadableCommit
from mockserver.engine.service import Service
from mockserver.json_text import Json
from mockserver.messages import make
from mockserver.problem import WORLD_UNREADABLE, Problem
from mockserver.replica.answering_store import NOTHING_DONE, UNSURE, AnsweringStore, unavailable
from mockserver.replica.commit_group import CommitGroup
from mockserver.replica.commit_parts import next_due, outcome_of
from mockserver.replica.follower import Follower
from mockserver.replica.kept_records import KeptRecords
from mockserver.replica.kept_snapshots import KeptSnapshots
from mockserver.replica.kept_worlds import KeptWorlds
from mockserver.replica.known_world import KnownWorld
from mockserver.replica.receiving import begin_anew, damage, receive_since
from mockserver.replica.served_settings import served_settings
from mockserver.state.clock import machine_time
from mockserver.state.commits.commit import Change
from mockserver.state.commits.facts import FACTS, USED_AT, use_of
from mockserver.state.commits.request_commits import begin, commit_of, is_in_progress, settle, take_back_all
from mockserver.state.world import DEFAULT_WORLD, World
from mockserver.state.world_names import can_be_world_name
from mockserver.state.worlds import Worlds, in_use
from mockserver.stores.world_store import (
    Behind,
    Busy,
    CommitRequest,
    Committed,
    Lease,
    LeaseLost,
    Since,
    StoreUnavailable,
    WorldStore,
    courier_lease,
    writer_lease,
)

log = logging.getLogger(__name__)

MOST_CONFLICTS = 3
"""Times that a request comes too late before it takes the world's writer lease, under which nobody is faster."""

LEASE_SECONDS = 2.0
"""The time for which the lease is taken. It is released at the end of the request; this is for a process that dies."""

SHORTEST_BUSY, LONGEST_BUSY = 0.001, 0.01
"""Seconds between two questions for a lease that another has."""

MOST_READ = 100
"""Worlds that are read at the start after what is served has changed, so that it is told at once what does not fit."""


class Replica:
    """Runs worlds of this process on a store.

    A request does its work on what this process knows of the world, and is committed if that was all there is; else it
    is taken back, what came first is received, and it is done again. What leaves, leaves after the commit.
    """

    def __init__(self, store: WorldStore) -> None:
        self.store = store
        self._holder = os.urandom(8).hex()
        self._id_begin, self._id_ends = os.urandom(8), count(1)  # Of commits: whose it is, and which of them.
        self._group = CommitGroup(store)
        self.defer, self.keep_deferred = self._group.defer, self._group.end
        self._answering = AnsweringStore(store)
        self._known: WeakKeyDictionary[World, KnownWorld] = WeakKeyDictionary()
        self.is_shared = store.is_shared
        self._kept: KeptWorlds | None = None
        self._follower: Follower | None = None
        self._snapshots = KeptSnapshots(store)
        self._is_changed = self._all_expire = self._is_expiring = False
        self._on_expiring: Callable[[], None] = _nothing

    # What Worlds ask

    def names(self) -> Iterable[str]:
        """The worlds that are in the store, without the directory and what else has a name that no world can have."""
        return [*filter(can_be_world_name, self._answering.names())]

    def keep(
        self, worlds: Worlds, services: Mapping[str, Service], options: Mapping[str, Json] = MappingProxyType({})
    ) -> None:
        """Keeps these worlds in the store, with their snapshots and bound credentials, and those made for callers of
        the services. All mocks on the store have to have the same `options`. Raises Problem 503 where the file of one
        process does not answer; a store that others use may come later.
        """
        kept = KeptWorlds(self._answering, worlds.unused_world, services, served_settings(services, options))
        self._kept = kept
        with suppress(Problem) if self.is_shared else nullcontext():
            kept.directory.catch_up()
            self._is_changed = kept.settings.tell()
        worlds.bindings, worlds.snapshots = kept.bindings, kept.snapshots
        self._on_expiring = worlds.on_expiring
        worlds.keep_by(self)

    def added(self, world: World) -> None:
        """The world is run on the store from now on."""
        self._known[world] = KnownWorld(deque(maxlen=max(world.journal.limit, 1)), world.expire)
        world.runner = self

    def refresh(self) -> None:
        """Has the directory as others left it. Raises Problem 503."""
        if self._kept is not None:
            self._kept.directory.refresh()

    def begin(self, worlds: Worlds) -> None:
        """Goes on with what waits in the store, and follows what others do."""
        self._all_expire = worlds.expire is not None
        self._follower = Follower(self.store, worlds, self.version_of, self._compare)
        self._follower.start()

    def _compare(self) -> Iterable[str]:
        """Tells the store what it is used with, if that is still to be done. Returns the worlds of which something may
        not fit what is served now, so that they are to be read. Raises Problem 503.
        """
        if self._kept is None:
            return ()
        if not self._is_expiring and (self._all_expire or len(self._kept.expiries)):
            self._is_expiring = True
            self._on_expiring()
        is_changed, self._is_changed = self._is_changed or self._kept.settings.tell(), False
        return sorted(self.names(), key=lambda name: name != DEFAULT_WORLD)[:MOST_READ] if is_changed else ()

    def renew(self, service: Service) -> None:
        """The API is another now: worlds are read anew at their next use, so that what is kept is fitted to it."""
        if self._kept is None:
            return
        with suppress(Problem):  # Else it is told when it is compared next.
            self._kept.settings.renew(service)
        self._kept.settings.changed.add(service.name)
        for world, known in tuple(self._known.items()):
            with world.lock:
                known.is_broken = known.is_stale = True

    def close(self) -> None:
        """Ends what was begun, lets others send deliveries, and closes the store."""
        if self._follower is not None:
            self._follower.stop()
        for known in tuple(self._known.values()):
            if known.courier is not None:
                self._release(known.courier)
        self._snapshots.close()
        self.store.close()

    def version_of(self, world: World) -> int:
        """The version up to which the world is known here; 0: nothing is."""
        known = self._known.get(world)
        return 0 if known is None else known.version

    def expires(self, name: str, seconds: float) -> None:
        """The world was made with this number of seconds without use, after which it is to be deleted."""
        if self._kept is not None:
            self._kept.expiries.set(name, seconds)

    def expire_of(self, name: str) -> float | None:
        """That number; None: the world has none of its own."""
        return None if self._kept is None else self._kept.expiries.of(name)

    @property
    def notices(self) -> tuple[str, ...]:
        """What differs between this mock and others on its store, or those before it."""
        return () if self._kept is None else self._kept.settings.notices

    def findings(self, world: World) -> tuple[str, ...]:
        """What of the world the mock does not show as it is kept: a sentence for each collection."""
        return () if self._kept is None else self._kept.records.findings(world)

    def may_send(self, world: World, seconds: float) -> bool:
        """Whether this process sends the deliveries of the world, for so many seconds from now."""
        known = self._known.get(world)
        if not self.is_shared or known is None:
            return True
        try:
            known.courier = self.store.lease(courier_lease(world.name), self._holder, seconds)
        except StoreUnavailable:
            return False
        return known.courier is not None

    def is_kept(self, world: World) -> bool:
        """Whether something of the world is in the store, as far as is known here."""
        known = self._known.get(world)
        return known is not None and known.version > 0

    def give_up(self, world: World) -> None:
        """Deletes what is kept of the world, which cannot be read."""
        self._answering.drop(world.name)

    def deleting(self, world: World, is_unused: Callable[[], bool] | None = None) -> None:
        """The world is about to be deleted: first from the store; where that is asked, only if it `is_unused`, by
        others too. Raises Problem 409.
        """
        with world.lock:
            known = self._known.get(world)
            if is_unused is None or known is None:
                self._answering.drop(world.name)
            else:
                self.run(world, _nothing)  # Where another process used it, it is known now.
                if not is_unused() or not self._answering.drop_at(world.name, known.version):
                    raise in_use(world.name)
            if known is not None:
                del self._known[world]
            world.runner = None
            if self.expire_of(world.name) is not None and self._kept is not None:
                self._kept.expiries.set(world.name, None)

    def waits(self, world: World) -> bool:
        """Whether a request in the world may wait for the store, or for all that it has of the world."""
        known = self._known.get(world)
        return not self.store.is_quick or known is None or known.is_stale

    @property
    def is_owing(self) -> bool:
        """Whether something that was deferred is not kept yet."""
        return self._group.is_open

    # The way of a request

    def run(self, world: World, work: Callable[[], Any]) -> Any:
        """Does the work as one commit. Raises what it raises, and Problem 503 where the store does not answer: nothing
        was done then, unless the answer alone was lost.
        """
        with world.lock:
            if is_in_progress(world):
                return work()
            known = self._known.get(world)
            if known is None:
                return work()
            try:
                return self._run(world, known, work)
            except StoreUnavailable as error:
                is_unsure, known.is_stale, known.is_unsure = known.is_unsure, True, False
                raise unavailable(error, UNSURE if is_unsure else NOTHING_DONE) from error

    def _run(self, world: World, known: KnownWorld, work: Callable[[], Any]) -> Any:
        conflicts, lease = 0, None
        try:
            while True:
                if known.is_stale:
                    self._catch_up(world, known)
                done, answer = self._attempt(world, known, work, lease)
                if isinstance(answer, Committed):
                    return done()
                conflicts += 1
                if isinstance(answer, Behind):
                    if answer.directory is not None and self._kept is not None:
                        self._kept.directory.take(answer.directory)
                    self._take(world, known, answer.world)
                elif isinstance(answer, LeaseLost):
                    lease = None
                if lease is None and (conflicts >= MOST_CONFLICTS or isinstance(answer, Busy)):
                    lease = self._await_lease(world)
        finally:
            if lease is not None:
                self._release(lease)

    def _await_lease(self, world: World) -> Lease | None:
        """The writer's lease of the world; None: another has had it all the time. Meanwhile no work is done in vain."""
        pause, end = SHORTEST_BUSY, time.monotonic() + LEASE_SECONDS
        while True:
            lease = self.store.lease(writer_lease(world.name), self._holder, LEASE_SECONDS)
            if lease is not None or time.monotonic() > end:
                return lease
            time.sleep(pause)
            pause = min(2 * pause, LONGEST_BUSY)

    def _release(self, lease: Lease) -> None:
        try:
            self.store.release(lease)
        except StoreUnavailable:
            log.debug("the lease %s ends by itself", lease.name)

    def _attempt(
        self, world: World, known: KnownWorld, work: Callable[[], Any], lease: Lease | None
    ) -> tuple[Callable[[], Any], Committed | Behind | Busy | LeaseLost]:
        """The outcome of the work, which is called to have it, and whether it is committed; else it is taken back."""
        begin(world)
        try:
            done = outcome_of(work)
            answer = self._append(world, known, lease)
        except BaseException:
            take_back_all(world)
            raise
        if isinstance(answer, Committed):
            settle(world)
            if known.needs_snapshot:
                self._snapshots.keep(world, known)
        else:
            take_back_all(world)
        return done, answer

    def _append(self, world: World, known: KnownWorld, lease: Lease | None) -> Committed | Behind | Busy | LeaseLost:
        commit = commit_of(world)
        used_at = use_of(world, machine_time()) if world.expire is not None else None
        if commit.is_empty and (used_at is None or known.looks == world.looks or not self.is_shared):
            return self._confirmed(world, known)
        if used_at is not None:
            commit = commit._replace(changes=(*commit.changes, Change(FACTS, USED_AT, used_at)))
        content = commit_to_bytes(commit)
        directory = self._kept.directory.version if self.is_shared and self._kept is not None else None
        is_grouped = self._group.takes(world)
        id = self._id_begin + next(self._id_ends).to_bytes(8)
        asked: CommitRequest = make(
            CommitRequest, (world.name, known.version, id, content, next_due(world), directory, lease, is_grouped)
        )
        known.is_unsure = self.store.is_shared
        answer = self.store.append(asked)
        known.is_unsure = False
        if type(answer) is Committed:
            if commit.content is not None:
                known.exchanges.clear()
            if used_at is not None:
                world.used_at, known.looks = used_at, world.looks
            known.note(answer.version, len(content), len(commit.exchanges))
            if is_grouped:
                self._group.add(world, known)
        return answer

    def _confirmed(self, world: World, known: KnownWorld) -> Committed | Behind:
        """Nothing was changed: whether what was read is all that there is."""
        if not (self.store.is_shared or self._group.is_open):  # Else what was read may have been deferred.
            return Committed(known.version)
        since = self.store.since(world.name, known.version)
        return Committed(known.version) if since == Since(known.version) else Behind(since)

    # What others did

    def _catch_up(self, world: World, known: KnownWorld) -> None:
        if known.is_broken:
            begin_anew(world, known)
            known.is_broken = False
        self._take(world, known, self.store.since(world.name, known.version))
        known.is_stale = False

    def _take(self, world: World, known: KnownWorld, since: Since) -> None:
        """Receives what came first. Raises Problem 503 where it cannot be read."""
        try:
            self._receive(world, known, since)
        except Exception as error:
            if not isinstance(error, UnreadableCommit):  # The form is ours, and what is in it is not.
                log.exception("what is in the store of the world %s cannot be received", world.name)
            known.is_broken = known.is_stale = True
            raise Problem(503, damage(world, known, since, error), code=WORLD_UNREADABLE) from error
        except BaseException:
            known.is_broken = known.is_stale = True
            raise

    def _receive(self, world: World, known: KnownWorld, since: Since) -> None:
        known.is_stale, before = True, world.outbox.parts  # Until all of it is there.
        if since.is_whole:
            self._tell_loss(world, known, since)
        records = _AS_IT_IS if self._kept is None else self._kept.records
        receive_since(world, known, since, records)
        known.is_stale = False
        if since.is_whole:
            world.outbox.go_on_from(before)
            for finding in records.findings(world):
                log.warning("the world %s: %s.", world.name, finding)
        if world.expire is not None:
            self._on_expiring()

    def _tell_loss(self, world: World, known: KnownWorld, since: Since) -> None:
        """Logs that commits are gone which the store acknowledged. A world that it does not have at all may have been
        deleted by others, unless it is the default one.
        """
        if since.version < known.version and (since.version or world.name == DEFAULT_WORLD):
            said = "the store has lost commits: it has version %d of the world %s, not %d; the mock goes on with it"
            log.warning(said, since.version, world.name, known.version)


_AS_IT_IS = KeptRecords({}, frozenset())
"""Receives worlds as they are kept."""


def _nothing() -> None:
    """Nobody has to know."""
