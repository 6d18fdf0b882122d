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


def test_a_damaged_world_is_listed_and_deleted(node, shared):
    """The answer names the world, what of it is damaged, and the request that gives it up, which is tried here."""
    MemoryStore(shared).append(CommitRequest("alice", 0, b"1" * 16, b"text"))
    one = node(MemoryStore(shared))

    refused = one.client.get("/~alice/tasks/tasks")
    listed = one.client.get("/__admin/worlds").json()["worlds"]
    shown = one.client.get("/__admin/worlds/alice").json()
    deleted = one.client.delete("/__admin/worlds/alice").status_code

    told = (
        "The world alice cannot be read from the store: its commit 1 of 1 is damaged: MessagePack data is "
        "malformed: trailing characters (byte 1). Other worlds are served. DELETE /__admin/worlds/alice gives it up, "
        "and the next request finds a new one."
    )
    assert (refused.status_code, refused.json()["detail"]) == (503, told)
    assert {world["name"]: world["problem"] for world in listed} == {"default": None, "alice": told}
    assert shown["problem"] == told
    assert deleted == 204
    assert one.create("a", "alice") == 1


def test_a_damaged_default_world_is_reset(node, shared):
    """It cannot be deleted, and its answer says so."""
    MemoryStore(shared).append(CommitRequest("default", 0, b"1" * 16, b"text"))
    one, other = node(MemoryStore(shared)), node(MemoryStore(shared))
    other.client.get("/tasks")

    refused = one.client.get("/tasks").json()["detail"]
    listed = one.client.get("/__admin/worlds").json()["worlds"]
    reset = one.client.post("/__admin/reset").status_code
    made = one.create("a")

    assert "POST /__admin/reset gives it up" in refused
    assert [(world["name"], world["problem"]) for world in listed] == [("default", refused)]
    assert (reset, made, other.titles()) == (204, 1, ["a"])


def test_another_world_is_deleted_beside_a_damaged_default_one(node, shared):
    """The request for it is in the default world, as one without a name of a world is."""
    one = node(MemoryStore(shared))
    one.create("a", "alice")
    MemoryStore(shared).append(CommitRequest("default", 0, b"1" * 16, b"text"))

    deleted = one.client.delete("/__admin/worlds/alice").status_code

    assert (deleted, one.titles("alice")) == (204, [])


def test_a_damaged_snapshot_of_a_world_tells_its_version_and_is_given_up(node, shared):
    """What was committed since it was kept is lost with it."""
    store = MemoryStore(shared)
    store.append(CommitRequest("alice", 0, b"1" * 16, b"text"))
    store.compact("alice", StoredSnapshot(1, b"text"), 2)
    one = node(MemoryStore(shared))

    refused = one.client.get("/~alice/tasks/tasks").json()["detail"]
    reset = one.client.post("/~alice/__admin/reset").status_code

    assert "its snapshot is damaged" in refused
    assert (reset, one.titles("alice")) == (204, [])


def test_a_damaged_snapshot_is_told_and_deleted(node, shared):
    """One that was taken by its name."""
    one = node(MemoryStore(shared))
    one.client.post("/__admin/worlds/default/snapshots", json={"name": "early"})
    row = shared.rows["~snapshot:early"]
    row.contents[row.version] = b"text"
    other = node(MemoryStore(shared))

    refused = other.client.post("/__admin/worlds/default/restore", json={"snapshot": "early"})
    deleted = other.client.delete("/__admin/snapshots/early").status_code
    listed = other.client.get("/__admin/snapshots").json()["snapshots"]

    assert refused.status_code == 503
    assert refused.json()["detail"].startswith("The snapshot early cannot be read from the store: MessagePack data is")
    assert refused.json()["detail"].endswith("DELETE /__admin/snapshots/early gives it up.")
    assert (deleted, listed) == (204, [])
