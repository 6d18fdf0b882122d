"""A store that counts what it is asked for."""

from __future__ import annotations

import threading
from collections import Counter
from collections.abc import Callable
from time import perf_counter
from typing import TypeVar

from mockserver.stores.world_store import (
    Behind,
    Busy,
    CommitRequest,
    Committed,
    Lease,
    LeaseLost,
    Since,
    StoredSnapshot,
    StoreHealth,
    WorldStore,
)

_Answer = TypeVar("_Answer")


class StoreCounts:
    """What a store was `asked` for, by the name of its method, the `seconds` that it took, and how often it was
    `unavailable`. `conflicts` are commits that came too late; `retries` are all that were not made and are tried again.
    """

    def __init__(self) -> None:
        self.asked: Counter[str] = Counter()
        self.seconds: Counter[str] = Counter()
        self.unavailable: Counter[str] = Counter()
        self.conflicts = 0
        self.retries = 0
        self._lock = threading.Lock()

    def of(self, kind: str, ask: Callable[[], _Answer]) -> _Answer:
        """The answer, counted."""
        began, is_there = perf_counter(), False
        try:
            answer = ask()
            is_there = True
        finally:
            self.add(kind, perf_counter() - began, is_there=is_there)
        return answer

    def add(self, kind: str, took: float, *, is_there: bool = True) -> None:
        """Counts one question that took so many seconds."""
        with self._lock:
            self.asked[kind] += 1
            self.seconds[kind] += took  # type: ignore[assignment]
            if not is_there:
                self.unavailable[kind] += 1

    def note(self, answer: Behind | Busy | LeaseLost) -> None:
        """Counts what became of a commit that was not made."""
        with self._lock:
            self.retries += 1
            self.conflicts += isinstance(answer, Behind)


class CountedStore:
    """Another store, whose questions are counted."""

    def __init__(self, store: WorldStore) -> None:
        self._store = store
        self.counts = StoreCounts()
        self.is_quick = store.is_quick
        self.is_shared = store.is_shared

    def since(self, world: str, version: int) -> Since:
        return self.counts.of("since", lambda: self._store.since(world, version))

    def append(self, commit: CommitRequest) -> Committed | Behind | Busy | LeaseLost:
        # The same as `of`, which would take twice the time.
        counts, began = self.counts, perf_counter()
        try:
            answer = self._store.append(commit)
        except BaseException:
            counts.add("append", perf_counter() - began, is_there=False)
            raise
        counts.add("append", perf_counter() - began)
        if not isinstance(answer, Committed):
            counts.note(answer)
        return answer

    def compact(self, world: str, snapshot: StoredSnapshot, keep_from: int) -> bool:
        return self.counts.of("compact", lambda: self._store.compact(world, snapshot, keep_from))

    def drop(self, world: str, version: int) -> bool:
        return self.counts.of("drop", lambda: self._store.drop(world, version))

    def names(self) -> tuple[str, ...]:
        return self.counts.of("names", self._store.names)

    def due(self, until: float, most: int = 100) -> tuple[str, ...]:
        return self.counts.of("due", lambda: self._store.due(until, most))

    def lease(self, name: str, holder: str, seconds: float) -> Lease | None:
        return self.counts.of("lease", lambda: self._store.lease(name, holder, seconds))

    def release(self, lease: Lease) -> None:
        self.counts.of("release", lambda: self._store.release(lease))

    def watch(self, told: Callable[[str, int], None]) -> Callable[[], None]:
        return self._store.watch(told)

    def check(self) -> StoreHealth:
        return self._store.check()

    def close(self) -> None:
        self._store.close()
