"""Worlds that expire, in a store that outlives the process that made them."""

from collections.abc import Callable
from itertools import pairwise

import pytest

from mockserver.replica import replica as replica_module
from mockserver.state import world_expiry
from mockserver.state.commits import facts
from mockserver.state.world_expiry import Expiry
from mockserver.stores.memory_store import MemoryStore, SharedMemory
from tests.replica.conftest import Node


@pytest.fixture
def later(monkeypatch: pytest.MonkeyPatch) -> Callable[[float], None]:
    """`later(seconds)`: the machine's clock is so much ahead from now on. No thread looks for unused worlds."""
    monkeypatch.setattr(Expiry, "watch", lambda _expiry: None)
    ahead = [1_800_000_000.0]
    for module in (replica_module, world_expiry):
        monkeypatch.setattr(module, "machine_time", lambda: ahead[0])

    def move(seconds: float) -> None:
        ahead[0] += seconds

    return move


def expiry_of(one: Node) -> Expiry:
    """What deletes the unused worlds of this mock, when it is asked to look."""
    worlds = one.mock.worlds
    return Expiry(worlds.every, worlds.delete, worlds.read_unread)


def names(shared: SharedMemory) -> list[str]:
    """The worlds in the store."""
    return [name for name in MemoryStore(shared).names() if not name.startswith("~")]


def test_a_world_that_was_unused_before_a_restart_is_deleted_after_it(node, shared, later):
    """By its last use in the store, not from the start on; one that was used since stays for its time."""
    first = node(MemoryStore(shared))
    for name in ("old", "young", "lasting"):
        first.client.post("/__admin/worlds", json={"name": name, **({} if name == "lasting" else {"expire": 100})})
    first.create("a", "old")
    later(90)
    first.create("a", "young")
    later(20)

    second = node(MemoryStore(shared))
    expiry = expiry_of(second)
    expiry.look(5.0)
    expiry.look(5.0)
    at_the_start = names(shared)
    expiry.look(84.0)
    before_its_time = names(shared)
    expiry.look(91.0)
    after_its_time = names(shared)

    assert at_the_start == ["lasting", "young"]
    assert before_its_time == ["lasting", "young"]
    assert after_its_time == ["lasting"]


def test_worlds_that_all_expire_count_from_their_last_use_too(node, shared, later):
    """With `--expire-worlds`."""
    first = node(MemoryStore(shared), expire_worlds=100.0)
    first.create("a", "alice")
    later(110)

    expiry = expiry_of(node(MemoryStore(shared), expire_worlds=100.0))
    expiry.look(5.0)
    expiry.look(5.0)

    assert names(shared) == []


def test_few_worlds_are_read_at_once(node, shared, later, monkeypatch):
    """The others at the next looks."""
    monkeypatch.setattr(world_expiry, "MOST_READ_AT_ONCE", 2)
    first = node(MemoryStore(shared), expire_worlds=100.0)
    for name in "abcde":
        first.create("x", name)
    later(110)

    expiry = expiry_of(node(MemoryStore(shared), expire_worlds=100.0))
    left = []
    for _ in range(6):
        expiry.look(5.0)
        left.append(len(names(shared)))

    assert left[0] == 5
    assert left[-1] == 0
    assert all(before - after <= 2 for before, after in pairwise(left))


def test_a_use_is_written_now_and_then(node, shared, later):
    """A twentieth of the time apart, since each would make every commit larger; and for worlds that expire alone."""
    one = node(MemoryStore(shared))
    one.client.post("/__admin/worlds", json={"name": "w", "expire": 100})
    world = one.mock.worlds["w"]
    seen = []
    for seconds in (0, 1, 3, 2, 4.9, 0.2):
        later(seconds)
        one.create("x", "w")
        seen.append(world.used_at - 1_800_000_000)
    one.create("x")

    assert seen == [0, 0, 0, 6, 6, pytest.approx(11.1)]
    assert facts.USE_PARTS == 20
    assert one.mock.worlds["default"].used_at == 0


def test_the_time_of_the_last_use_is_in_snapshots(node, shared, later, monkeypatch):
    """From which a world is read after many commits."""
    monkeypatch.setattr("mockserver.replica.known_world.SNAPSHOT_COMMITS", 3)
    first = node(MemoryStore(shared))
    first.client.post("/__admin/worlds", json={"name": "w", "expire": 1000})
    for _ in range(8):
        first.create("x", "w")

    other = node(MemoryStore(shared))
    other.titles("w")

    assert shared.rows["w"].snapshot is not None
    assert other.mock.worlds["w"].used_at == 1_800_000_000
