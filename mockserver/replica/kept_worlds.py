"""The snapshots and the bound credentials of a server whose worlds are in a store."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator, Mapping, MutableMapping
from functools import partial
from typing import Any

from mockserver.codec.commit_codec import content_of_bytes, content_to_bytes
from mockserver.codec.packed import told
from mockserver.engine.service import Service
from mockserver.engine.steps.security_schemes import SecuritySchemes
from mockserver.problem import WORLD_UNREADABLE, Problem
from mockserver.replica.answering_store import AnsweringStore
from mockserver.replica.kept_records import KeptRecords
from mockserver.replica.served_settings import ServedSettings, StoredSettings
from mockserver.replica.world_directory import Entry, WorldDirectory
from mockserver.state.commits.contents import content_of
from mockserver.state.world import World
from mockserver.state.world_bindings import Bindings, SentCredential
from mockserver.stores.world_store import CommitRequest, Committed, StoredSnapshot

BOUND, RELEASED, TAKEN, FORGOTTEN, ADMITTED = "bound", "released", "taken", "forgotten", "admitted"
EXPIRES = "expires"
"""The words of the directory's entries."""

SNAPSHOT = "~snapshot:"
"""What the names of snapshots begin with in the store."""


class StoredBindings(Bindings):
    """Credentials that belong to worlds, for all replicas of a store."""

    def __init__(self, directory: WorldDirectory) -> None:
        super().__init__()
        self._directory = directory

    def bind(self, sent: SentCredential, world: str) -> None:
        self._directory.add(lambda: None if self.is_bound(sent, world) else [BOUND, *sent, world])

    def release(self, world: str) -> None:
        self._directory.add(lambda: [RELEASED, world] if self.of(world) else None)

    def receive(self, word: str, about: list[str]) -> None:
        """Has a credential as it was bound or released by any replica."""
        if word == BOUND:
            super().bind(SentCredential(*about[:3]), about[3])
        elif word == RELEASED:
            super().release(about[0])

    def entries(self) -> list[Entry]:
        """What says all that is bound."""
        return [[BOUND, *sent, world] for sent, world in self.pairs()]


class StoredSnapshots(MutableMapping[str, World]):
    """Snapshots of worlds by name, oldest first, for all replicas of a store. `make` gives a world that has the
    fixtures, and `records` what was kept. Each is read when it is asked for.
    """

    def __init__(
        self, store: AnsweringStore, directory: WorldDirectory, make: Callable[[str], World], records: KeptRecords
    ) -> None:
        self._store = store
        self._directory = directory
        self._make = make
        self._records = records
        self._names: dict[str, None] = {}
        self._read: dict[str, tuple[int, World]] = {}

    def __getitem__(self, name: str) -> World:
        self._directory.refresh()
        since = self._store.since(SNAPSHOT + name, 0)
        if not since.commits or name not in self._names:
            raise KeyError(name)
        version, world = self._read.get(name, (0, None))
        if world is None or version != since.version:
            world = self._read_anew(name, since.commits[-1])
            self._read[name] = since.version, world
        return world

    def _read_anew(self, name: str, content: bytes) -> World:
        world = self._make(name)
        try:
            self._records.begin_from(world, content_of_bytes(content))
        except Exception as error:
            detail = (
                f"The snapshot {name} cannot be read from the store: {told(error)}. Worlds are served all the same; "
                f"DELETE /__admin/snapshots/{name} gives it up."
            )
            raise Problem(503, detail, code=WORLD_UNREADABLE) from error
        return world

    def __setitem__(self, name: str, world: World) -> None:
        content = content_to_bytes(content_of(world))
        while True:
            version = self._write(SNAPSHOT + name, content)
            self._read[name] = version, world
            self._directory.add(lambda: [TAKEN, name])
            if self._store.since(SNAPSHOT + name, version).version:  # Else it was deleted before it had its name.
                return

    def _write(self, kept: str, content: bytes) -> int:
        """Has this content in the place of what was there, and returns its version."""
        while True:
            after = self._store.since(kept, 0).version
            answer = self._store.append(CommitRequest(kept, after, os.urandom(16), content))
            if isinstance(answer, Committed):
                break
        if after:
            self._store.compact(kept, StoredSnapshot(after, b""), answer.version)
        return answer.version

    def __delitem__(self, name: str) -> None:
        self._directory.refresh()
        if name not in self._names:
            raise KeyError(name)
        self._store.drop(SNAPSHOT + name)
        self._read.pop(name, None)

        def forgotten() -> Entry | None:
            is_taken_anew = self._store.since(SNAPSHOT + name, 0).version > 0
            return None if is_taken_anew or name not in self._names else [FORGOTTEN, name]

        self._directory.add(forgotten)

    def __iter__(self) -> Iterator[str]:
        self._directory.refresh()
        return iter(tuple(self._names))

    def __len__(self) -> int:
        return len(self._names)

    def receive(self, word: str, about: list[str]) -> None:
        """Has the name of a snapshot as it was taken or forgotten by any replica."""
        if word == TAKEN:
            self._names.setdefault(about[0])
        elif word == FORGOTTEN:
            self._names.pop(about[0], None)

    def entries(self) -> list[Entry]:
        """What says all that there is."""
        return [[TAKEN, name] for name in self._names]

    def forget(self) -> None:
        """Nothing that was known holds."""
        self._names.clear()


class StoredExpiries:
    """The worlds that were made with a number of seconds of their own without use, after which they are deleted."""

    def __init__(self, directory: WorldDirectory) -> None:
        self._directory = directory
        self._seconds: dict[str, float] = {}

    def __len__(self) -> int:
        return len(self._seconds)

    def of(self, world: str) -> float | None:
        """The seconds of the world; None: it has none of its own."""
        return self._seconds.get(world)

    def set(self, world: str, seconds: float | None) -> None:
        """The world has this number of seconds; None: it is gone."""
        self._directory.add(lambda: None if self.of(world) == seconds else [EXPIRES, world, seconds])

    def receive(self, word: str, about: Entry) -> None:
        """Has the number as it was set by any replica."""
        if word == EXPIRES:
            world, seconds = about
            self._seconds.pop(world, None)
            if seconds is not None:
                self._seconds[world] = seconds

    def entries(self) -> list[Entry]:
        """What says all that there is."""
        return [[EXPIRES, world, seconds] for world, seconds in self._seconds.items()]

    def forget(self) -> None:
        """Nothing that was known holds."""
        self._seconds.clear()


class StoredSecrets:
    """The credentials that were made for callers of APIs whose `guards` know a list, for all replicas of a store."""

    def __init__(self, directory: WorldDirectory, guards: Mapping[str, SecuritySchemes]) -> None:
        self._directory = directory
        self._guards = guards
        self._known: dict[tuple[str, str], None] = {}
        for api, guard in guards.items():
            guard.on_admitted = partial(self._add, api)

    def _add(self, api: str, secret: str) -> None:
        self._directory.add(lambda: None if (api, secret) in self._known else [ADMITTED, api, secret])

    def receive(self, word: str, about: list[str]) -> None:
        """Has a secret as it was made known to any replica."""
        if word == ADMITTED:
            api, secret = about
            self._known[api, secret] = None
            if api in self._guards:
                self._guards[api].know(secret)

    def entries(self) -> list[Entry]:
        """What says all that were made known."""
        return [[ADMITTED, api, secret] for api, secret in self._known]


class KeptWorlds:
    """The data that belong to no single world, for all replicas of a store."""

    def __init__(
        self,
        store: AnsweringStore,
        make: Callable[[str], World],
        services: Mapping[str, Service],
        settings: ServedSettings,
    ) -> None:
        guards = {name: service.api.guard for name, service in services.items()}
        listed = {name: guard for name, guard in guards.items() if isinstance(guard, SecuritySchemes)}
        self.directory = WorldDirectory(store, self._receive, self._whole, self._forget)
        self.settings = StoredSettings(self.directory, settings, lambda: not store.names(), is_shared=store.is_shared)
        self.records = KeptRecords(services, self.settings.changed)
        self.bindings = StoredBindings(self.directory)
        self.snapshots = StoredSnapshots(store, self.directory, make, self.records)
        self.secrets = StoredSecrets(self.directory, listed)
        self.expiries = StoredExpiries(self.directory)

    def _receive(self, entry: Entry) -> None:
        word, *about = entry
        self.bindings.receive(word, about)
        self.snapshots.receive(word, about)
        self.secrets.receive(word, about)
        self.settings.receive(word, about)
        self.expiries.receive(word, about)

    def _whole(self) -> list[Any]:
        parts = (self.bindings, self.snapshots, self.secrets, self.settings, self.expiries)
        return [entry for part in parts for entry in part.entries()]

    def _forget(self) -> None:
        for world in {world for _, world in self.bindings.pairs()}:
            self.bindings.receive(RELEASED, [world])
        self.snapshots.forget()
        self.settings.forget()
        self.expiries.forget()
