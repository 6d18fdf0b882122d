"""The interface of a store of worlds, the values that it takes and gives, and its one error.

A store keeps, for each world, a row of commits, and at times a snapshot that stands for the first of them. It knows
nothing of what is in them. Every implementation passes the same tests (`tests/stores`) against the same model
(`memory_store.py`).
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import NamedTuple, Protocol

DIRECTORY = "~"
"""The name of the world whose version a commit of any other world may depend on. No world of a user can have it."""

NORMAL, FULL = "normal", "full"
DURABILITIES = (NORMAL, FULL)
"""What outlives what, where it is the store that decides: the process, or a loss of power too."""

REMEMBERED = 1_000
"""The newest commits of a world whose ids are known, also after they were compacted."""


class Lease(NamedTuple):
    """A right that one holder has for some time. `fence` grows each time that a lease of this store changes hands."""

    name: str
    fence: int


def writer_lease(world: str) -> str:
    """The name of the lease whose holder alone appends commits to the world."""
    return f"writer:{world}"


def courier_lease(world: str) -> str:
    """The name of the lease whose holder sends the deliveries of the world."""
    return f"courier:{world}"


class CommitRequest(NamedTuple):
    """What is to be appended to a world.

    - `after`: the version that the commit was made on; 0: the world is not in the store yet.
    - `id`: 16 bytes that no other commit has. Who has got no answer asks again with the same id, and is told.
    - `due`: the time (epoch seconds) of the world's next delivery once this is committed; None: none waits.
    - `directory`: the version that the world `DIRECTORY` must have; None: any.
    - `lease`: must still be held by who got it; None: none is needed.
    - `is_grouped`: nobody is told before `end_group` has returned, so that a store that has groups may keep it then.
    """

    world: str
    after: int
    id: bytes
    content: bytes
    due: float | None = None
    directory: int | None = None
    lease: Lease | None = None
    is_grouped: bool = False


class StoredSnapshot(NamedTuple):
    """The content of a world at a version."""

    version: int
    content: bytes


class Since(NamedTuple):
    """What a store has of a world beyond a version.

    - `version`: the newest; 0: there is no such world, or no more.
    - `is_whole`: what was known of the world is no part of it, or no longer suffices: it begins with `snapshot`, or
      where that is None with the fixtures. Otherwise `commits` go on from the version that was asked for.
    - `commits`: of the last versions up to `version`, oldest first. After a snapshot, they may begin before the
      snapshot's version: these are in its content already, and are given for what else they carry.
    """

    version: int
    is_whole: bool = False
    snapshot: StoredSnapshot | None = None
    commits: tuple[bytes, ...] = ()

    def numbered(self) -> Iterator[tuple[int, bytes]]:
        """Each commit with its version."""
        return enumerate(self.commits, self.version - len(self.commits) + 1)


class Committed(NamedTuple):
    """The commit is the world's newest, or was: it has this version, whether now or when it was asked for before."""

    version: int


class Behind(NamedTuple):
    """Nothing was done: there are commits that came first. What they are, beyond the versions that were expected;
    `directory` is None where the commit depends on no version of it.
    """

    world: Since
    directory: Since | None = None


class Busy(NamedTuple):
    """Nothing was done: another holds the world's writer lease, for at most this number of seconds more."""

    seconds: float


class LeaseLost(NamedTuple):
    """Nothing was done: the commit's lease ran out, was released, or is another's."""

    name: str


class StoreHealth(NamedTuple):
    """How a store is. `problem` says why it cannot be used now; None: it can. Each of `warnings` is a sentence about a
    setting under which what was acknowledged may be lost.
    """

    store: str
    problem: str | None = None
    warnings: tuple[str, ...] = ()


class StoreUnavailable(Exception):
    """The store did not answer, or could not do it: nothing was done, or what was done is found by the commit's id.
    `retry_after` is the number of seconds after which asking again is worth it; `nothing_done`: that is certain.
    """

    def __init__(self, reason: str, retry_after: float = 1.0, *, nothing_done: bool = False) -> None:
        super().__init__(reason)
        self.reason = reason
        self.retry_after = retry_after
        self.nothing_done = nothing_done


class WorldStore(Protocol):
    """Keeps the commits of worlds. Each method is atomic, may be called by any thread, and raises nothing but
    StoreUnavailable, within a second.

    The versions of a world grow with each commit by one. A world that was dropped and begins again goes on with numbers
    that it never had, so that no version means two things.
    """

    is_quick: bool
    """An append takes well below a millisecond, so that an event loop may do it."""

    has_groups: bool
    """Keeping several commits at once costs less."""

    is_shared: bool
    """Others append to its worlds too."""

    def since(self, world: str, version: int) -> Since:
        """What there is beyond this version; 0: all."""

    def append(self, commit: CommitRequest) -> Committed | Behind | Busy | LeaseLost:
        """Adds the commit, if the world and the directory are at the versions that it expects and its lease is held.

        A commit that was applied before (its id is that of the commit after `after`, one of the newest `REMEMBERED`)
        is Committed, whatever happened since. Otherwise the lease of the writer is looked at first, then that of the
        commit, then the versions.
        """

    def end_group(self) -> None:
        """Keeps the commits that were appended as grouped since it was called last, and were not kept before something
        else was asked. Raises StoreUnavailable: at least one of them is not there, and none after it.
        """

    def compact(self, world: str, snapshot: StoredSnapshot, keep_from: int) -> bool:
        """Keeps the snapshot in place of an older one, and removes the commits before the version `keep_from`, at most
        those that are in the snapshot. False: the world has no such version, or a newer snapshot, and nothing was done.
        """

    def drop(self, world: str, version: int) -> bool:
        """Removes the world, if this is its newest version. False: it has another one. True: it is not there."""

    def names(self) -> tuple[str, ...]:
        """The worlds, sorted."""

    def due(self, until: float, most: int = 100) -> tuple[str, ...]:
        """The worlds whose next delivery is due at this time (epoch seconds) or before, soonest first."""

    def lease(self, name: str, holder: str, seconds: float) -> Lease | None:
        """Gives the lease to this holder, or the same one again for so many seconds from now. None: another has it."""

    def release(self, lease: Lease) -> None:
        """Ends the lease, if it is still held."""

    def watch(self, told: Callable[[str, int], None]) -> Callable[[], None]:
        """Calls `told` with a world and its version after others appended to it, and with 0 after they dropped it, as
        far as the store can tell: some may be left out. It is called by any thread and must return at once. The
        returned function ends this.
        """

    def check(self) -> StoreHealth:
        """How the store is now. It raises nothing."""

    def close(self) -> None:
        """Lets go of what is open. Leases that are held end by themselves."""
