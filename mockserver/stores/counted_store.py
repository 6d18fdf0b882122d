"""Wraps a store and counts the questions to it and their times, for the metrics."""

from __future__ import annotations

import threading
from collections import Counter, deque
from collections.abc import Callable, Mapping
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

MOST_UNCOUNTED = 1_000
"""Questions that are counted together, where nobody asks for the counts before."""

_Answer = TypeVar("_Answer")


class StoreCounts:
    """What a store was `asked` for, by the name of its method, the `seconds` that it took, and how often it was
    `unavailable`. `conflicts` are commits that came too late; `retries` are all that were not made and are tried again.
    """

    def __init__(self) -> None:
        self._recent: deque[tuple[str, float, bool]] = deque()
        self._asked: Counter[str] = Counter()
        self._seconds: dict[str, float] = {}
        self._unavailable: Counter[str] = Counter()
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
            self.add(kind, perf_counter() - began, is_there)
        return answer

    def add(self, kind: str, took: float, is_there: bool) -> None:
        """Counts one question that took so many seconds, later."""
        recent = self._recent
        recent.append((kind, took, is_there))
        if len(recent) >= MOST_UNCOUNTED:
            self._count()

    def _count(self) -> None:
        with self._lock:
            while self._recent:
                kind, took, is_there = self._recent.popleft()
                self._asked[kind] += 1
                self._seconds[kind] = self._seconds.get(kind, 0.0) + took
                if not is_there:
                    self._unavailable[kind] += 1

    @property
    def asked(self) -> Counter[str]:
        self._count()
        return self._asked

    @property
    def seconds(self) -> Mapping[str, float]:
        self._count()
        return self._seconds

    @property
    def unavailable(self) -> Counter[str]:
        self._count()
        return self._unavailable

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
        self.has_groups = store.has_groups
        self.is_shared = store.is_shared

    def since(self, world: str, version: int) -> Since:
        return self.counts.of("since", lambda: self._store.since(world, version))

    def append(self, commit: CommitRequest) -> Committed | Behind | Busy | LeaseLost:
        # The same as `of`, which would take twice the time.
        began = perf_counter()
        try:
            answer = self._store.append(commit)
        except BaseException:
            self.counts.add("append", perf_counter() - began, False)
            raise
        self.counts.add("append", perf_counter() - began, True)
        if not isinstance(answer, Committed):
            self.counts.note(answer)
        return answer

    def end_group(self) -> None:
        self.counts.of("group", self._store.end_group)

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
