"""A store whose silence is an answer: Problem 503."""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeVar

from mockserver.problem import Problem
from mockserver.stores.world_store import (
    Behind,
    Busy,
    CommitRequest,
    Committed,
    LeaseLost,
    Since,
    StoredSnapshot,
    StoreUnavailable,
    WorldStore,
)

UNAVAILABLE = "store-unavailable"
NOTHING_DONE = "Nothing was done; ask again."
UNSURE = "It is not known whether the request was done; look, or ask again."

_Answer = TypeVar("_Answer")


def unavailable(error: StoreUnavailable, done: str = NOTHING_DONE) -> Problem:
    """What is answered where the store does not answer."""
    detail = f"{error.reason.rstrip('.')}. {NOTHING_DONE if error.nothing_done else done}"
    return Problem(503, detail, code=UNAVAILABLE, retry_after=max(1, round(error.retry_after)))


def asked(ask: Callable[[], _Answer], done: str = NOTHING_DONE) -> _Answer:
    """What the store answers. Raises Problem 503."""
    try:
        return ask()
    except StoreUnavailable as error:
        raise unavailable(error, done) from error


class AnsweringStore:
    """A store for what is done outside of a world's commit. Its methods raise Problem 503 in place of
    StoreUnavailable.
    """

    def __init__(self, store: WorldStore) -> None:
        self._store = store
        self.is_shared = store.is_shared
        self._done = UNSURE if store.is_shared else NOTHING_DONE

    def since(self, world: str, version: int) -> Since:
        return asked(lambda: self._store.since(world, version))

    def append(self, commit: CommitRequest) -> Committed | Behind | Busy | LeaseLost:
        return asked(lambda: self._store.append(commit), self._done)

    def compact(self, world: str, snapshot: StoredSnapshot, keep_from: int) -> bool:
        return asked(lambda: self._store.compact(world, snapshot, keep_from))

    def drop(self, world: str) -> None:
        """Removes the world, whatever its version is."""
        while not self.drop_at(world, self.since(world, 0).version):
            continue

    def drop_at(self, world: str, version: int) -> bool:
        """Removes the world if its version is still this one."""
        return asked(lambda: self._store.drop(world, version), self._done)

    def names(self) -> tuple[str, ...]:
        return asked(self._store.names)
