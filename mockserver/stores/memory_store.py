"""A store in the memory of this process: the model of the other stores, and the store of replicas' tests."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field

from mockserver.stores.lease_table import LeaseTable
from mockserver.stores.world_store import (
    DIRECTORY,
    REMEMBERED,
    Behind,
    Busy,
    CommitRequest,
    Committed,
    Lease,
    LeaseLost,
    Since,
    StoredSnapshot,
    StoreHealth,
)


@dataclass(slots=True)
class _Row:
    """The commits of a world, from the version `first` on; those before `kept` are known by their ids alone."""

    first: int
    kept: int
    contents: dict[int, bytes] = field(default_factory=dict)
    ids: dict[int, bytes] = field(default_factory=dict)
    snapshot: StoredSnapshot | None = None
    due: float | None = None

    @property
    def version(self) -> int:
        return self.first + len(self.ids) - 1

    def since(self, version: int) -> Since:
        if version == self.version:
            return Since(version)
        goes_on = self.first <= version < self.version and version >= self.kept - 1
        commits = tuple(self.contents[one] for one in range(version + 1 if goes_on else self.kept, self.version + 1))
        return Since(self.version, not goes_on, None if goes_on else self.snapshot, commits)

    def id_at(self, version: int) -> bytes | None:
        is_known = version >= self.kept or version > self.version - REMEMBERED
        return self.ids.get(version) if is_known else None


class SharedMemory:
    """What several handles of one memory store share. `clock` gives seconds, by which leases end."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self.lock = threading.Lock()
        self.rows: dict[str, _Row] = {}
        self.next_first = 1
        self.leases = LeaseTable(clock)
        self.watchers: list[tuple[MemoryStore, Callable[[str, int], None]]] = []


class MemoryStore:
    """Keeps the commits of worlds in memory. Several of one SharedMemory are like several replicas of one store."""

    is_quick = True
    has_groups = False
    is_shared = True

    def __init__(self, shared: SharedMemory | None = None) -> None:
        self._shared = SharedMemory() if shared is None else shared

    def since(self, world: str, version: int) -> Since:
        with self._shared.lock:
            return self._since(world, version)

    def _since(self, world: str, version: int) -> Since:
        row = self._shared.rows.get(world)
        return Since(0, is_whole=version > 0) if row is None else row.since(version)

    def append(self, commit: CommitRequest) -> Committed | Behind | Busy | LeaseLost:
        with self._shared.lock:
            answer = self._applied_before(commit) or self._refusal(commit)
            if answer is not None:
                return answer
            version = self._add(commit)
        self._tell(commit.world, version)
        return Committed(version)

    def _applied_before(self, commit: CommitRequest) -> Committed | None:
        row = self._shared.rows.get(commit.world)
        if row is None:
            return None
        version = commit.after + 1 if commit.after else row.first
        return Committed(version) if row.id_at(version) == commit.id else None

    def _refusal(self, commit: CommitRequest) -> Behind | Busy | LeaseLost | None:
        if (forbidden := self._shared.leases.refusal(commit)) is not None:
            return forbidden
        world = self._since(commit.world, commit.after)
        directory = None if commit.directory is None else self._since(DIRECTORY, commit.directory)
        is_expected = world.version == commit.after and (directory is None or directory.version == commit.directory)
        return None if is_expected else Behind(world, directory)

    def _add(self, commit: CommitRequest) -> int:
        shared = self._shared
        row = shared.rows.get(commit.world)
        if row is None:
            row = shared.rows[commit.world] = _Row(shared.next_first, shared.next_first)
        version = row.version + 1
        row.contents[version] = commit.content
        row.ids[version] = commit.id
        row.due = commit.due
        return version

    def end_group(self) -> None:
        """Each commit was kept when it was appended."""

    def compact(self, world: str, snapshot: StoredSnapshot, keep_from: int) -> bool:
        with self._shared.lock:
            row = self._shared.rows.get(world)
            if row is None or not row.first <= snapshot.version <= row.version:
                return False
            if row.snapshot is not None and snapshot.version < row.snapshot.version:
                return False
            row.snapshot = snapshot
            row.kept = max(row.kept, min(keep_from, snapshot.version + 1))
            row.contents = {version: content for version, content in row.contents.items() if version >= row.kept}
            return True

    def drop(self, world: str, version: int) -> bool:
        with self._shared.lock:
            row = self._shared.rows.get(world)
            if row is None:
                return True
            if row.version != version:
                return False
            del self._shared.rows[world]
            # One number is left out, so that the first commit of a world never goes on from what was dropped.
            self._shared.next_first = max(self._shared.next_first, version + 2)
        self._tell(world, 0)
        return True

    def names(self) -> tuple[str, ...]:
        with self._shared.lock:
            return tuple(sorted(self._shared.rows))

    def due(self, until: float, most: int = 100) -> tuple[str, ...]:
        with self._shared.lock:
            waiting = [(row.due, name) for name, row in self._shared.rows.items() if row.due is not None]
        return tuple(name for due, name in sorted(waiting) if due <= until)[:most]

    def lease(self, name: str, holder: str, seconds: float) -> Lease | None:
        with self._shared.lock:
            return self._shared.leases.lease(name, holder, seconds)

    def release(self, lease: Lease) -> None:
        with self._shared.lock:
            self._shared.leases.release(lease)

    def watch(self, told: Callable[[str, int], None]) -> Callable[[], None]:
        entry = (self, told)
        self._shared.watchers.append(entry)
        return lambda: self._shared.watchers.remove(entry)

    def _tell(self, world: str, version: int) -> None:
        for store, told in [*self._shared.watchers]:
            if store is not self:
                told(world, version)

    def check(self) -> StoreHealth:
        return StoreHealth("memory", None, ("A memory store ends with its process.",))

    def close(self) -> None:
        return None
