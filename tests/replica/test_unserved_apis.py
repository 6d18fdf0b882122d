"""What a store has of an API that a mock does not serve."""

from collections.abc import Callable
from pathlib import Path

import pytest

from mockserver.replica import known_world
from mockserver.stores.memory_store import MemoryStore, SharedMemory
from tests.replica.conftest import Node

Open = Callable[..., Node]


@pytest.fixture(autouse=True)
def _few_commits(monkeypatch: pytest.MonkeyPatch) -> None:
    """Each world is kept as a snapshot after a few commits."""
    monkeypatch.setattr(known_world, "SNAPSHOT_COMMITS", 5)


@pytest.fixture
def elsewhere(node: Open, document: Path, shared: SharedMemory):
    """`elsewhere(work)`: has a mock of another document on the store do this, and ends it."""

    def done(work: Callable[[Node], object]) -> None:
        tasks = document.read_text(encoding="utf-8")
        document.write_text(tasks.replace("/tasks", "/notes"), encoding="utf-8")
        renamed = document.rename(document.with_name("notes.yaml"))
        try:
            work(node(MemoryStore(shared), apis=(str(renamed),)))
        finally:
            renamed.rename(document).write_text(tasks, encoding="utf-8")

    return done


def test_records_last_while_another_document_is_served(node: Open, elsewhere, shared: SharedMemory):
    """Also where the mock that does not know them has kept the world as a snapshot since."""
    first = node(MemoryStore(shared))
    first.create("kept")

    elsewhere(lambda other: [other.client.get("/notes/notes") for _ in range(20)])
    again = node(MemoryStore(shared))

    assert again.titles() == ["kept"]
    assert again.create("next") == 2


def test_a_restored_snapshot_brings_back_what_is_not_served(node: Open, elsewhere, shared: SharedMemory):
    """As it was when the snapshot was taken."""
    first = node(MemoryStore(shared))
    first.create("kept")
    first.client.post("/__admin/worlds/default/snapshots", json={"name": "early"})
    first.create("later")

    elsewhere(lambda other: other.client.post("/__admin/worlds/default/restore", json={"snapshot": "early"}))

    assert node(MemoryStore(shared)).titles() == ["kept"]


def test_a_reset_empties_what_is_not_served_too(node: Open, elsewhere, shared: SharedMemory):
    """It leaves nothing of the world."""
    first = node(MemoryStore(shared))
    first.create("gone")

    elsewhere(lambda other: other.client.post("/__admin/reset"))

    assert node(MemoryStore(shared)).titles() == []
