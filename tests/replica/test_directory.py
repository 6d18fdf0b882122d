"""Snapshots, forks and bound credentials of worlds in a store."""

import time

import httpx
import pytest

from mockserver.replica import world_directory
from mockserver.replica.replica import Replica
from mockserver.server import Options, create_mock
from mockserver.state import worlds
from mockserver.stores.memory_store import MemoryStore


def test_a_snapshot_that_one_takes_the_other_has(pair):
    """It lists it, restores it, begins worlds from it, and forgets it for both."""
    one, other = pair
    one.create("a")
    one.client.post("/__admin/worlds/default/snapshots", json={"name": "first"})
    one.create("b")
    one.client.post("/__admin/worlds/default/snapshots", json={"name": "second"})

    listed = other.client.get("/__admin/snapshots").json()["snapshots"]
    made = other.client.post("/__admin/worlds", json={"name": "fresh", "from": {"snapshot": "first"}})
    restored = other.client.post("/__admin/worlds/default/restore", json={"snapshot": "first"})

    assert listed == [{"name": "first"}, {"name": "second"}]
    assert (made.status_code, made.json()["began"], restored.status_code) == (201, "snapshot:first", 204)
    assert one.titles("fresh") == one.titles() == ["a"]
    assert one.create("c", "fresh") == 2
    assert other.client.delete("/__admin/snapshots/first").status_code == 204
    assert one.client.get("/__admin/snapshots").json()["snapshots"] == [{"name": "second"}]
    assert one.client.post("/__admin/worlds/default/restore", json={"snapshot": "first"}).status_code == 404


def test_a_snapshot_is_replaced_by_a_later_one_of_its_name(pair):
    """For both."""
    one, other = pair
    one.create("a")
    one.client.post("/__admin/worlds/default/snapshots", json={"name": "kept"})
    other.create("b")
    other.client.post("/__admin/worlds/default/snapshots", json={"name": "kept"})
    one.create("c")

    one.client.post("/__admin/worlds/default/restore", json={"snapshot": "kept"})

    assert other.titles() == ["a", "b"]


def test_a_fork_is_there_for_the_other_before_it_is_used(pair):
    """With the content that it was forked from; its name is taken."""
    one, other = pair
    one.create("a")
    forked = one.client.post("/__admin/worlds", json={"name": "copy", "from": {"world": "default"}, "expire": 500})
    one.create("b")

    again = other.client.post("/__admin/worlds", json={"name": "copy"})
    seen = other.client.get("/__admin/worlds/copy").json()

    assert (forked.status_code, again.status_code) == (201, 409)
    assert (seen["began"], seen["expire"]) == ("world:default", 500)
    assert other.titles("copy") == ["a"]
    assert other.create("c", "copy") == 2


def test_a_world_that_one_deleted_is_not_listed_by_the_other(pair):
    """Though it was used there."""
    one, other = pair
    one.create("a", "left")
    other.create("b", "left")
    one.client.delete("/__admin/worlds/left")

    listed = other.client.get("/__admin/worlds").json()["worlds"]

    assert [world["name"] for world in listed] == ["default"]


@pytest.fixture
def client():
    """A client of a mock of xqr on a store."""
    clients = []

    def opened(store):
        mock = create_mock(Options(apis=("xqr",)))
        Replica(store).keep(mock.worlds, mock.services)
        clients.append(httpx.Client(transport=httpx.WSGITransport(app=mock.app), base_url="http://127.0.0.1:4010"))
        return clients[-1]

    yield opened
    for client in clients:
        client.close()


@pytest.mark.parametrize("commits", [1_000, 1])
def test_a_bound_credential_leads_to_its_world_after_a_restart(client, shared, monkeypatch, commits):
    """And is known to the API there; also where the directory was kept as a snapshot."""
    monkeypatch.setattr(world_directory, "DIRECTORY_COMMITS", commits)
    first = client(MemoryStore(shared))
    made = first.post("/__admin/worlds", json={"name": "mine", "credentials": [{"api": "xqr"}]}).json()
    first.post("/__admin/worlds", json={"name": "gone", "credentials": [{"api": "xqr"}]})
    first.delete("/__admin/worlds/gone")
    headers = {"Authorization": made["credentials"][0]["value"]}

    later = client(MemoryStore(shared))
    answer = later.get("/xqr/api/v1/links", headers=headers)
    asked = later.get("/~mine/__admin/requests").json()["requests"]

    assert answer.status_code == 200
    assert [one["operation"] for one in asked] == ["listLinks"]
    assert len(later.get("/__admin/worlds/mine").json()["credentials"]) == 1


SECURED = """
openapi: 3.1.0
info: {title: Secured, version: "1"}
security: [{key: []}]
paths:
  /things:
    get:
      operationId: listThings
      responses: {"200": {description: all, content: {application/json: {schema: {type: array}}}}}
components:
  securitySchemes:
    key: {type: apiKey, in: header, name: X-Key}
"""


def test_a_credential_that_one_makes_is_known_to_the_other(tmp_path, shared):
    """Where an API knows a list of credentials; also to one that starts later."""
    document, known = tmp_path / "secured.yaml", tmp_path / "known.yaml"
    document.write_text(SECURED)
    known.write_text("listed: {scheme: key}\n")

    def client():
        mock = create_mock(Options(apis=(str(document),), security="check", credentials=str(known)))
        Replica(MemoryStore(shared)).keep(mock.worlds, mock.services)
        return httpx.Client(transport=httpx.WSGITransport(app=mock.app), base_url="http://127.0.0.1:4010")

    with client() as one, client() as other:
        made = one.post("/__admin/worlds", json={"name": "mine", "credentials": [{"api": "secured"}]}).json()
        headers = {"X-Key": made["credentials"][0]["value"]}
        answers = [other.get("/secured/things", headers=headers).status_code]
    with client() as later:
        answers.append(later.get("/secured/things", headers=headers).status_code)
        answers.append(later.get("/secured/things", headers={"X-Key": "another"}).status_code)

    assert answers == [200, 200, 401]


def test_a_world_that_expires_expires_after_a_restart_too(node, shared):
    """Once it was used there."""
    first = node(MemoryStore(shared))
    first.mock.worlds.on_expiring = lambda: None  # It has ended, as far as expiry is concerned.
    first.client.post("/__admin/worlds", json={"name": "brief", "expire": 0.3})
    later = node(MemoryStore(shared))
    later.create("a", "brief")

    store, end = MemoryStore(shared), time.monotonic() + 10
    while "brief" in store.names() and time.monotonic() < end:
        time.sleep(0.05)

    assert "brief" not in store.names()


def test_a_world_that_another_deletes_leaves_nothing_to_the_next_of_its_name(pair):
    """Neither the seconds after which it is deleted, nor its credentials."""
    one, other = pair
    one.client.post("/__admin/worlds", json={"name": "mine", "expire": 500})
    before = other.client.get("/__admin/worlds/mine").json()["expire"]
    one.client.delete("/__admin/worlds/mine")
    one.create("a", "mine")

    seen = other.client.get("/__admin/worlds/mine").json()

    assert (before, seen["expire"], seen["credentials"]) == (500, None, [])
    assert other.titles("mine") == ["a"]


def test_worlds_that_another_deletes_make_room_for_others(pair, monkeypatch):
    """Also where this one used them, however many there were."""
    monkeypatch.setattr(worlds, "MAX_WORLDS", 4)
    one, other = pair

    answers = []
    for number in range(10):
        one.create("a", f"brief{number}")
        answers.append(other.client.get(f"/~brief{number}/tasks/tasks").status_code)
        one.client.delete(f"/__admin/worlds/brief{number}")
    other.create("b", "brief3")

    assert answers == [200] * 10
    assert len(other.mock.worlds) <= 4
    assert one.titles("brief3") == ["b"]
