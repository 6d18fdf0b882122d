"""What is in a store and no mock wrote there: it is told, and nothing of it is run."""

import logging

import pytest
from msgspec.msgpack import Ext, encode

from mockserver.stores.memory_store import MemoryStore
from mockserver.stores.world_store import CommitRequest, StoredSnapshot


def nested(levels):
    """An object in an object, and so on, each as packed bytes of its own."""
    inside = b"\x90"
    for _ in range(levels):
        inside = encode(Ext(3, b"\x91\x92\x01" + inside))
    return inside


FOREIGN = {
    "a list a hundred thousand levels deep": b"\x91" * 100_000 + b"\x01",
    "objects a thousand levels deep": b"\x94\x01" + nested(1_000) + b"\x90\xc0",
    "a number where changes are": encode([1, 5, [], None]),
    "a change without a value": encode([1, [[1]], [], None]),
    "a change of nowhere": encode([1, [[[], "key", 1]], [], None]),
    "a record that is a text": encode([1, [[["records", "tasks", "tasks"], 1, "text"]], [], None]),
    "a clock of one letter": encode([1, [[["facts"], "clock", ["a"]]], [], None]),
    "a fault of another form": encode([1, [[["rules", "fault"], "id", [{"other": 1}, 1, 0, 0]]], [], None]),
    "an exchange of numbers": encode([1, [], [[1] * 16], None]),
    "a content of one part": encode([1, [], [], [[]]]),
    "an object that is a number": encode([1, Ext(3, b"\x05"), [], None]),
}


@pytest.mark.parametrize("content", FOREIGN.values(), ids=FOREIGN)
@pytest.mark.parametrize("is_snapshot", [False, True], ids=["a commit", "a snapshot"])
def test_a_world_whose_content_is_foreign_answers_503(node, shared, content, is_snapshot, caplog):
    """To requests of the API and of the control API, and says so; other worlds go on."""
    caplog.set_level(logging.CRITICAL)
    store = MemoryStore(shared)
    store.append(CommitRequest("default", 0, b"1" * 16, content))
    if is_snapshot:
        store.compact("default", StoredSnapshot(1, content), 2)
    one = node(MemoryStore(shared))

    read, written = one.client.get("/tasks"), one.client.post("/tasks", json={"title": "a"})
    looked, other = one.client.get("/__admin/state/tasks/tasks"), one.client.get("/~other/tasks/tasks")

    assert [answer.status_code for answer in (read, written, looked, other)] == [503, 503, 503, 200]
    assert read.json()["detail"].startswith("The world default cannot be read from the store: ")


def test_a_directory_whose_content_is_foreign_answers_503(node, shared):
    """It is no list of entries."""
    MemoryStore(shared).append(CommitRequest("~", 0, b"1" * 16, encode(5)))
    one = node(MemoryStore(shared))

    answer = one.client.post("/tasks", json={"title": "a"})

    assert answer.status_code == 503
    assert answer.json()["detail"].startswith("The directory of worlds cannot be read from the store: ")


def test_a_server_with_an_unreadable_world_is_ready_and_tells_its_numbers(node, shared):
    """Its other worlds are served."""
    MemoryStore(shared).append(CommitRequest("default", 0, b"1" * 16, b"text"))
    one = node(MemoryStore(shared))

    answers = [one.client.get(f"/__admin/{path}").status_code for path in ("ready", "metrics", "clock")]

    assert answers == [200, 200, 503]


def test_names_that_no_world_can_have_are_passed_over(node, shared):
    """Whoever has written them."""
    MemoryStore(shared).append(CommitRequest("no name", 0, b"1" * 16, b"text"))
    one = node(MemoryStore(shared))

    listed = one.client.get("/__admin/worlds").json()["worlds"]

    assert [world["name"] for world in listed] == ["default"]
