"""The state of a replica's knowledge of a world in the store."""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass

from mockserver.stores.world_store import Lease

SNAPSHOT_COMMITS = 1_000
"""Commits after which a world is kept as a snapshot, so that a replica that loads it repeats no more of them; where its
last snapshot is large, so many that they have a quarter of its bytes.
"""

SNAPSHOT_BYTES = 8 * 1024 * 1024
"""Bytes of commits after which the same is done, or four times those of its last snapshot, where these are more."""


@dataclass(slots=True)
class KnownWorld:
    """The version up to which this process knows a world; one that `is_stale` is read before anything is done in it.
    `is_broken` says that it could not be received whole, `is_unsure` that a commit was sent to a store that others
    read, and its answer is not there yet. `courier` is the lease under which this process sends the world's deliveries.

    `commits` and `bytes` are those since the last snapshot, of `snapshot_bytes`. `exchanges` are the versions of the
    commits that carry the exchanges of the journal, oldest first, one for each. `is_being_kept` says that a snapshot is
    made just now. `expire` is what a world of this process has where nobody said after how many seconds without use it
    is deleted. `looks` are the control requests in it of which others know, since they are a use.
    """

    exchanges: deque[int]
    expire: float | None = None
    courier: Lease | None = None
    version: int = 0
    is_stale: bool = True
    is_unsure: bool = False
    is_broken: bool = False
    commits: int = 0
    bytes: int = 0
    snapshot_bytes: int = 0
    is_being_kept: bool = False
    looks: int = 0

    def note(self, version: int, size: int, exchanges: int) -> None:
        """A commit of this size is known now."""
        self.version = version
        self.commits += 1
        self.bytes += size
        if exchanges == 1:
            self.exchanges.append(version)
        elif exchanges:
            self.exchanges.extend([version] * exchanges)

    @property
    def needs_snapshot(self) -> bool:
        """Whether a replica that loads the world has to repeat too much."""
        most = max(SNAPSHOT_BYTES, 4 * self.snapshot_bytes)
        is_enough = self.commits >= SNAPSHOT_COMMITS and 4 * self.bytes >= self.snapshot_bytes
        return (is_enough or self.bytes >= most) and not self.is_being_kept

    def is_kept(self, commits: int, size: int, snapshot: int) -> None:
        """A snapshot of this size stands for so many of the commits, with so many bytes."""
        self.commits = max(0, self.commits - commits)
        self.bytes = max(0, self.bytes - size)
        self.snapshot_bytes = snapshot

    def kept_from(self, journal: int) -> int:
        """The first version whose commit carries one of so many exchanges, the newest."""
        if not journal or not self.exchanges:
            return self.version + 1
        return self.exchanges[-min(journal, len(self.exchanges))]

    def begin_anew(self) -> None:
        """Nothing that was known of the world holds."""
        self.exchanges.clear()
        self.version = self.commits = self.bytes = self.snapshot_bytes = 0
