"""Each implementation of a store by name, opened twice: two handles on one store, as two replicas have them."""

import itertools
import random
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, closing, contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, NamedTuple, cast

from mockserver.stores.memory_store import MemoryStore, SharedMemory
from mockserver.stores.sqlite.sqlite_store import SqliteStore
from mockserver.stores.world_store import (
    Behind,
    Busy,
    CommitRequest,
    Committed,
    LeaseLost,
    StoreUnavailable,
    WorldStore,
)
from tests.fault_proxy import FaultProxy
from tests.redis_server import shared_redis

_ids = itertools.count(1)


class Opened(NamedTuple):
    """Two handles on one empty store."""

    one: WorldStore
    other: WorldStore


@contextmanager
def memory() -> Iterator[Opened]:
    """Two stores of one memory."""
    shared = SharedMemory()
    yield Opened(MemoryStore(shared), MemoryStore(shared))


@contextmanager
def sqlite() -> Iterator[Opened]:
    """One store, which is both handles: its file belongs to one process, and is opened once."""
    with TemporaryDirectory() as folder, closing(SqliteStore(Path(folder) / "worlds.db")) as store:
        yield Opened(store, store)


class Grouping(SqliteStore):
    """A store that keeps commits only when something else is asked of it, or it is closed."""

    def append(self, commit: CommitRequest) -> Committed | Behind | Busy | LeaseLost:
        return super().append(commit._replace(is_grouped=True))


@contextmanager
def sqlite_in_groups() -> Iterator[Opened]:
    """The same, which nobody asks to keep what it may keep later."""
    with TemporaryDirectory() as folder, closing(Grouping(Path(folder) / "worlds.db")) as store:
        yield Opened(store, store)


@contextmanager
def redis() -> Iterator[Opened]:
    """Two stores in one Redis, under a prefix of their own."""
    from mockserver.stores.redis.redis_store import open_redis_store

    url = f"{shared_redis().url}?prefix=conformance{next(_ids)}"
    with closing(open_redis_store(url)) as one, closing(open_redis_store(url)) as other:
        yield Opened(one, other)


class FaultyHandle:
    """A store behind a network that cuts connections and loses answers at random, asked until it answers."""

    def __init__(self, store: WorldStore, network: FaultProxy, chance: random.Random) -> None:
        self._store, self._network, self._chance = store, network, chance

    def __getattr__(self, name: str) -> Any:
        ask = getattr(self._store, name)
        if name in ("watch", "check", "is_quick", "close"):
            return ask
        return lambda *given, **more: self._answer(lambda: ask(*given, **more))

    def _answer(self, ask: Callable[[], Any]) -> Any:
        self._spoil()
        deadline = time.monotonic() + 20
        while True:
            try:
                return ask()
            except StoreUnavailable:
                if time.monotonic() > deadline:
                    raise
                time.sleep(0.01)

    def _spoil(self) -> None:
        fault = self._chance.random()
        if fault < 0.05:
            self._network.cut()
        elif fault < 0.15:
            self._network.lose_answers(self._chance.choice([1] * 18 + [2, 16]), silently=fault > 0.149)


@contextmanager
def redis_behind_a_faulty_network() -> Iterator[Opened]:
    """Two stores in one Redis; whoever asks for what is not answered asks again."""
    from mockserver.stores.redis.redis_store import open_redis_store

    number = next(_ids)
    with FaultProxy(shared_redis().port) as network:
        url = f"{network.url}?prefix=faulty{number}"
        with closing(open_redis_store(url)) as one, closing(open_redis_store(url)) as other:
            chance = random.Random(number)
            yield Opened(*(cast(WorldStore, FaultyHandle(store, network, chance)) for store in (one, other)))


STORES: dict[str, Callable[[], AbstractContextManager[Opened]]] = {
    "memory": memory,
    "sqlite": sqlite,
    "sqlite, in groups": sqlite_in_groups,
    "redis": redis,
    "redis behind a faulty network": redis_behind_a_faulty_network,
}
"""The implementations. Each is opened empty, and closed and emptied at the end."""

NEEDED = {"redis": "redis_server", "redis behind a faulty network": "redis_server"}
"""The fixtures that some of them need."""


def commit(world: str, after: int, content: bytes = b"", **more) -> CommitRequest:
    """A commit with an id of its own, unless one is given."""
    return CommitRequest(world, after, more.pop("id", None) or next(_ids).to_bytes(16), content, **more)


def wait_until(works, seconds=10.0):
    """What it answers once the store works again."""
    deadline = time.monotonic() + seconds
    while True:
        try:
            return works()
        except StoreUnavailable:
            if time.monotonic() > deadline:
                raise
            time.sleep(0.02)


class Told:
    """What a watcher was told, to be waited for."""

    def __init__(self) -> None:
        self.calls: list[tuple[str, int]] = []
        self._changed = threading.Condition()

    def __call__(self, world: str, version: int) -> None:
        with self._changed:
            self.calls.append((world, version))
            self._changed.notify_all()

    def wait_for(self, call: tuple[str, int], seconds: float = 5.0) -> bool:
        """Whether it was told this, now or soon."""
        with self._changed:
            return self._changed.wait_for(lambda: call in self.calls, seconds)
