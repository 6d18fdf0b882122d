"""Leases that a store gives out within this process."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import NamedTuple

from mockserver.stores.world_store import Busy, CommitRequest, Lease, LeaseLost, writer_lease


class _Held(NamedTuple):
    """A lease that was given out: to whom, and until when."""

    lease: Lease
    holder: str
    until: float


class LeaseTable:
    """Gives leases, and says which commits they forbid. `clock` gives seconds, by which leases end. Callers lock."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._fence = 0
        self._given: dict[str, _Held] = {}

    def lease(self, name: str, holder: str, seconds: float) -> Lease | None:
        held = self._held(name)
        if held is not None and held.holder != holder:
            return None
        if held is None:
            self._fence += 1
            held = _Held(Lease(name, self._fence), holder, 0.0)
        self._given[name] = held._replace(until=self._clock() + seconds)
        return held.lease

    def release(self, lease: Lease) -> None:
        held = self._given.get(lease.name)
        if held is not None and held.lease == lease:
            del self._given[lease.name]

    def matter(self, commit: CommitRequest) -> bool:
        """Whether a lease may forbid the commit."""
        return bool(self._given) or commit.lease is not None

    def refusal(self, commit: CommitRequest) -> Busy | LeaseLost | None:
        """Why the commit must not be applied now; None: no lease forbids it."""
        if not self.matter(commit):
            return None
        writer = self._held(writer_lease(commit.world))
        if writer is not None and writer.lease != commit.lease:
            return Busy(writer.until - self._clock())
        if commit.lease is None:
            return None
        held = self._held(commit.lease.name)
        return LeaseLost(commit.lease.name) if held is None or held.lease != commit.lease else None

    def _held(self, name: str) -> _Held | None:
        held = self._given.get(name)
        if held is None or held.until > self._clock():
            return held
        del self._given[name]
        return None
