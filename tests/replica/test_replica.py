"""Several mocks on one store are like one mock."""

import threading

import pytest

from mockserver.replica import known_world
from mockserver.stores.memory_store import MemoryStore


def test_what_one_answers_the_other_knows(pair):
    """Records, numbers of ids, and the journal."""
    one, other = pair

    first, second, third = one.create("a"), other.create("b"), one.create("c")

    assert (first, second, third) == (1, 2, 3)
    assert one.titles() == other.titles() == ["a", "b", "c"]
    expected = [(1, "createTask", 201), (2, "createTask", 201), (3, "createTask", 201)]
    assert one.journal()[:3] == other.journal()[:3] == expected
    assert one.exported() == other.exported()


def test_a_change_and_a_deletion_are_seen_by_the_other(pair):
    """At once, since a request that changes nothing looks too."""
    one, other = pair
    one.create("a")
    one.create("b")
    other.client.put("/tasks/tasks/1", json={"title": "A"})
    one.client.delete("/tasks/tasks/2")

    assert other.client.get("/tasks/tasks/1").json()["title"] == "A"
    assert other.client.get("/tasks/tasks/2").status_code == 404
    assert one.titles() == other.titles() == ["A"]


def test_worlds_are_told_apart_and_listed_by_each(pair):
    """Also those that only the other has used."""
    one, other = pair
    one.create("a", "left")
    other.create("b", "right")

    assert (one.titles("right"), other.titles("left")) == (["b"], ["a"])
    names = [{world["name"] for world in node.client.get("/__admin/worlds").json()["worlds"]} for node in pair]
    assert names == [{"default", "left", "right"}] * 2


def test_a_world_that_one_deletes_is_new_for_the_other(pair):
    """It begins again with the fixtures, and without the journal."""
    one, other = pair
    one.create("a", "left")
    other.create("b", "left")

    deleted = one.client.delete("/__admin/worlds/left").status_code

    assert deleted == 204
    assert other.titles("left") == []
    assert other.create("c", "left") == 1
    assert one.titles("left") == ["c"]
    assert [exchange[1] for exchange in one.journal("left")] == ["listTasks", "createTask", "listTasks"]


def test_a_reset_is_a_reset_for_the_other(pair):
    """With its journal and sequences."""
    one, other = pair
    one.create("a")
    other.create("b")
    other.client.post("/__admin/reset")

    assert one.titles() == []
    assert one.create("c") == 1
    assert other.titles() == ["c"]
    assert other.journal() == one.journal()


def test_faults_stubs_and_the_clock_are_those_of_the_world(pair):
    """Wherever they were asked for."""
    one, other = pair
    one.client.post("/__admin/faults", json={"operation": "listTasks", "status": 503, "times": 1})
    other.client.post("/__admin/clock/freeze", json={"at": "2030-01-01T00:00:00Z"})

    failed, went = other.client.get("/tasks/tasks"), one.client.get("/tasks/tasks")

    assert (failed.status_code, went.status_code) == (503, 200)
    assert one.client.get("/__admin/clock").json()["now"].startswith("2030-01-01T00:00:00")


def test_many_requests_at_once_lose_nothing(pair):
    """Eight clients of two mocks create 25 each: 200 ids, each once, and one order of the journal."""
    ids: list[int] = []

    def work(number: int) -> None:
        node = pair[number % 2]
        ids.extend(node.create(f"{number}.{turn}") for turn in range(25))

    threads = [threading.Thread(target=work, args=(number,)) for number in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)

    one, other = pair
    assert sorted(ids) == [*range(1, 201)]
    assert sorted(one.titles()) == sorted(f"{number}.{turn}" for number in range(8) for turn in range(25))
    assert [entry[0] for entry in one.journal()] == [*range(1, 202)]
    assert one.journal() == other.journal()


# Those that come later


def test_a_mock_that_is_started_later_knows_all(pair, node, shared):
    """Content, journal, sequences and clock."""
    one, other = pair
    for title in "abc":
        one.create(title)
    other.client.delete("/tasks/tasks/2")
    one.client.post("/__admin/clock/advance", json={"seconds": 3600})

    late = node(MemoryStore(shared))

    assert late.titles() == ["a", "c"]
    assert late.journal() == one.journal()
    assert late.exported() == one.exported()
    assert late.create("d") == 4


@pytest.mark.parametrize("journal", [0, 3, 1000])
def test_a_mock_that_loads_a_snapshot_has_the_same(node, shared, monkeypatch, journal):
    """Its journal too, as far as it goes; the store keeps no more commits than that takes."""
    monkeypatch.setattr(known_world, "SNAPSHOT_COMMITS", 5)
    store = MemoryStore(shared)
    one = node(store, journal=journal)
    for number in range(23):
        one.create(f"{number}")
        if number % 4 == 3:
            one.client.delete(f"/tasks/tasks/{number}")

    late = node(MemoryStore(shared), journal=journal)
    whole = store.since("default", 0)

    assert whole.snapshot is not None
    assert len(whole.commits) <= max(journal, 0) + 5
    assert late.titles() == one.titles()
    assert late.journal() == one.journal()
    assert late.exported() == one.exported()
    assert late.create("last") == 24


def test_a_reset_after_exchanges_leaves_none_of_them_in_a_journal_that_is_loaded(node, shared, monkeypatch):
    """Where the commits before it are kept beside a snapshot after it."""
    monkeypatch.setattr(known_world, "SNAPSHOT_COMMITS", 5)
    one = node(MemoryStore(shared))
    for number in range(4):
        one.create(f"{number}")
    one.client.post("/__admin/reset")
    for number in range(4):
        one.create(f"{number}")

    late = node(MemoryStore(shared))

    assert late.journal() == one.journal()
    assert [entry[0] for entry in late.journal()] == [1, 2, 3, 4]
