"""Snapshots of worlds in the store: small ones are made within a request, large ones beside."""

import threading

import pytest

from mockserver.replica import kept_snapshots, known_world
from mockserver.state.commits.contents import content_of, content_view
from mockserver.stores.memory_store import MemoryStore, SharedMemory
from mockserver.stores.world_store import StoredSnapshot, StoreUnavailable
from tests.replica.conftest import Node


class SlowStore(MemoryStore):
    """A store whose snapshots wait until they are `released`; then the first one fails, if it `fails`."""

    def __init__(self, shared: SharedMemory) -> None:
        super().__init__(shared)
        self.released = threading.Event()
        self.kept = threading.Semaphore(0)
        self.fails = False

    def compact(self, world: str, snapshot: StoredSnapshot, keep_from: int) -> bool:
        assert self.released.wait(10)
        fails, self.fails = self.fails, False
        try:
            if fails:
                raise StoreUnavailable("full")
            return super().compact(world, snapshot, keep_from)
        finally:
            self.kept.release()


@pytest.fixture
def slow(shared: SharedMemory, monkeypatch: pytest.MonkeyPatch) -> SlowStore:
    """A store where each world is large, and kept as a snapshot after five commits."""
    monkeypatch.setattr(known_world, "SNAPSHOT_COMMITS", 5)
    monkeypatch.setattr(kept_snapshots, "SMALL_BYTES", 0)
    return SlowStore(shared)


def test_requests_go_on_while_a_snapshot_is_made(node, slow, shared):
    """Those of the same world too; what they did since is in no snapshot, and not lost."""
    one = node(slow)

    for number in range(12):
        one.create(f"task {number}")
    one.client.delete("/tasks/tasks/1")
    before = shared.rows["default"].snapshot
    slow.released.set()
    assert slow.kept.acquire(timeout=10)

    other: Node = node(MemoryStore(shared))
    assert before is None
    assert shared.rows["default"].snapshot.version == 5
    assert other.titles() == [f"task {number}" for number in range(1, 12)]
    assert other.journal()[:13] == one.journal()[:13]


def test_a_snapshot_that_could_not_be_kept_is_made_later(node, slow, shared):
    """After a next commit."""
    slow.fails = True
    slow.released.set()
    one = node(slow)

    for number in range(5):
        one.create(f"task {number}")
    assert slow.kept.acquire(timeout=10)
    made = 5
    while not slow.kept.acquire(timeout=0.05):
        assert made < 200
        one.create(f"task {made}")
        made += 1

    assert shared.rows["default"].snapshot is not None
    assert node(MemoryStore(shared)).titles() == [f"task {number}" for number in range(made)]


def test_a_view_of_a_world_stays_as_it_was_taken(node, shared):
    """Whatever is written, deleted or reset since."""
    one = node(MemoryStore(shared))
    world = one.mock.worlds["default"]
    for number in range(3):
        one.create(f"task {number}")
    expected = content_of(world)

    view = content_view(world)
    one.client.put("/tasks/tasks/1", json={"title": "changed"})
    one.client.delete("/tasks/tasks/2")
    one.create("new")
    one.client.post("/__admin/reset")

    assert view() == expected
    assert content_of(world) != expected
