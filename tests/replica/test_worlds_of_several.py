"""Worlds that several processes make, delete, bind and keep at about the same time."""

import math
import threading
import time

import httpx
import pytest

from mockserver.replica import known_world
from mockserver.replica.follower import LOOK_SECONDS
from mockserver.replica.replica import Replica
from mockserver.server import Options, create_mock
from mockserver.stores.memory_store import MemoryStore
from mockserver.stores.world_store import DIRECTORY, StoreUnavailable
from tests.receiver import Answer
from tests.replica.conftest import Node

XQR_KEY = {"Authorization": "Bearer xqr_pk_a1b2c3d4." + "x" * 64}
TEAM = {"header": "X-Team", "value": "blue"}


def test_a_world_that_one_deleted_can_be_made_anew_by_the_other(pair):
    """Though it was used there; until then there is none for either."""
    one, other = pair
    one.create("a", "mine")
    other.titles("mine")
    one.client.delete("/__admin/worlds/mine")

    found = [node.client.get("/__admin/worlds/mine").status_code for node in pair]
    forked = other.client.post("/__admin/worlds/mine/fork", json={"name": "copy"}).status_code
    made = other.client.post("/__admin/worlds", json={"name": "mine"}).status_code

    assert (found, forked, made) == ([404, 404], 404, 201)
    assert one.titles("mine") == other.titles("mine") == []


def test_a_world_that_was_only_looked_at_is_none_yet(pair):
    """No list has it, and it can be made, once; what is asked of it after that is asked of the one that was made."""
    one, other = pair
    one.client.get("/~mine/__admin/clock")
    other.client.get("/~mine/__admin/clock")
    names = [[world["name"] for world in node.client.get("/__admin/worlds").json()["worlds"]] for node in pair]

    made = [node.client.post("/__admin/worlds", json={"name": "mine"}).status_code for node in (one, other, one)]
    one.create("a", "mine")

    assert names == [["default"], ["default"]]
    assert made == [201, 409, 409]
    assert other.titles("mine") == ["a"]


def test_worlds_without_a_name_get_one_each(pair):
    """However many processes make them at once."""
    answers: list[httpx.Response] = []

    def make(node):
        answers.extend(node.client.post("/__admin/worlds", json={}) for _ in range(20))

    threads = [threading.Thread(target=make, args=(node,)) for node in pair * 2]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert {answer.status_code for answer in answers} == {201}
    assert len({answer.json()["name"] for answer in answers}) == 80


def test_a_credential_that_another_released_can_be_bound(pair):
    """Also by a request that names its world itself, and so asks for no credentials of others."""
    one, other = pair
    other.client.post("/~admin/__admin/worlds", json={"name": "mine", "credentials": [TEAM]})
    one.client.get("/__admin/worlds")
    one.client.delete("/__admin/worlds/mine")
    other.client.post("/~mine/tasks/tasks", json={"title": "a"})

    bound = other.client.post("/~admin/__admin/worlds/mine/credentials", json={"credentials": [TEAM]})
    one.client.post("/tasks/tasks", json={"title": "b"}, headers={"X-Team": "blue"})

    assert bound.status_code == 201
    assert other.titles("mine") == ["a", "b"]


def test_a_deleted_world_has_no_credentials_whoever_deletes_it(pair):
    """Also one that has not heard of them yet."""
    one, other = pair
    other.client.post("/~admin/tasks/tasks", json={"title": "a"})
    one.client.post("/__admin/worlds", json={"name": "mine", "credentials": [TEAM]})
    other.client.delete("/~admin/__admin/worlds/mine")

    one.client.post("/tasks/tasks", json={"title": "b"}, headers={"X-Team": "blue"})

    assert (one.titles("mine"), one.titles()) == ([], ["b"])


class Failing(MemoryStore):
    """A store that does not drop worlds while it `is_failing`, or does, and loses the answer; and one that binds
    nothing, if it `binds_nothing`.
    """

    is_failing = True
    loses_answers = binds_nothing = False

    def append(self, commit):
        if self.binds_nothing and commit.world == DIRECTORY:
            raise StoreUnavailable("the store is away", nothing_done=True)
        return super().append(commit)

    def drop(self, world, version):
        if self.loses_answers:
            super().drop(world, version)
        if self.is_failing:
            raise StoreUnavailable("the store is away")
        return super().drop(world, version)


def test_it_is_not_said_of_a_deletion_whose_answer_is_lost_that_nothing_was_done(node, shared):
    """The world may be gone."""
    store = Failing(shared)
    one = node(store)
    one.create("a", "mine")
    store.loses_answers = True

    answer = one.client.delete("/__admin/worlds/mine")

    assert (answer.status_code, "mine" in store.names()) == (503, False)
    assert answer.json()["detail"].endswith("It is not known whether the request was done; look, or ask again.")


def test_it_is_said_of_a_world_that_is_there_without_its_credentials(node, shared):
    """Where the store went away while it was made."""
    store = Failing(shared)
    one = node(store)
    store.binds_nothing = True

    made = one.client.post("/__admin/worlds", json={"name": "mine", "credentials": [TEAM]})

    assert (made.status_code, made.json()["detail"]) == (
        503,
        "The world mine was made, and not all of its credentials. Delete it before you make it anew.",
    )
    assert "mine" in store.names()


def test_deleting_is_asked_for_again_where_the_store_was_away(node, shared):
    """Nothing of the world is left then, its credentials neither."""
    store = Failing(shared)
    one = node(store)
    one.client.post("/__admin/worlds", json={"name": "mine", "credentials": [TEAM]})

    first = one.client.delete("/__admin/worlds/mine").status_code
    store.is_failing = False
    second = one.client.delete("/__admin/worlds/mine").status_code
    one.client.post("/tasks/tasks", json={"title": "a"}, headers={"X-Team": "blue"})

    assert (first, second) == (503, 204)
    assert one.titles() == ["a"]


def test_a_world_that_is_used_by_another_does_not_expire(pair):
    """Not even where that comes between the last look at it and its end."""
    one, other = pair
    one.create("a", "mine")
    other.titles("mine")

    def is_unused():
        other.create("b", "mine")
        return True

    with pytest.raises(Exception, match="was used just now"):
        one.mock.worlds.delete("mine", is_unused)

    assert one.titles("mine") == ["a", "b"]


def test_a_world_that_one_only_looks_into_is_not_ended_by_another(pair):
    """What is asked of the control API is a use, too; the world ends once nobody asks any more."""
    one, other = pair
    one.client.post("/__admin/worlds", json={"name": "mine", "expire": 2})
    one.create("a", "mine")
    other.titles("mine")

    end = time.monotonic() + 5
    while time.monotonic() < end:
        found = one.client.get("/~mine/__admin/state/tasks/tasks").json()["records"]
        assert len(found) == 1
        time.sleep(0.05)
    end = time.monotonic() + 10
    while "mine" in one.mock.worlds.keeper.names() and time.monotonic() < end:
        time.sleep(0.1)

    assert "mine" not in one.mock.worlds.keeper.names()


@pytest.mark.parametrize("after", ["~snapshot:kept", DIRECTORY])
def test_a_snapshot_that_is_deleted_and_taken_at_once_is_there_or_not(pair, monkeypatch, after):
    """Where it is listed, it can be restored: also where it is deleted after its content was written, or its name."""
    one, other = pair
    one.create("a")
    one.client.post("/__admin/worlds/default/snapshots", json={"name": "kept"})
    usual = MemoryStore.append

    def interrupted(store, commit):
        answer = usual(store, commit)
        if commit.world == after:
            monkeypatch.setattr(MemoryStore, "append", usual)
            other.client.delete("/__admin/snapshots/kept")
        return answer

    monkeypatch.setattr(MemoryStore, "append", interrupted)
    taken = one.client.post("/~admin/__admin/worlds/default/snapshots", json={"name": "kept"})

    listed = other.client.get("/__admin/snapshots").json()["snapshots"]
    restored = other.client.post("/__admin/worlds/default/restore", json={"snapshot": "kept"})
    assert (taken.status_code, listed, restored.status_code) == (201, [{"name": "kept"}], 204)


class Silent(Replica):
    """A process that sends no webhooks."""

    def may_send(self, *_):
        return False


@pytest.fixture
def links(shared):
    """A mock of xqr on the shared store, which has webhooks to send and sends none."""
    mock = create_mock(Options(apis=("xqr",), allow_hosts=("*",)))
    replica = Silent(MemoryStore(shared))
    replica.keep(mock.worlds, mock.services)
    transport = httpx.WSGITransport(app=mock.app)
    with httpx.Client(transport=transport, base_url="http://127.0.0.1:4010", headers=XQR_KEY) as client:
        hook = {"url": "http://127.0.0.1:9/", "events": ["link.created"]}
        assert client.post("/xqr/api/v1/webhooks", json=hook).status_code == 201
        yield Node(mock, client)


def test_a_webhook_of_a_world_whose_clock_is_frozen_is_due(links, shared):
    """So that another sends it where its process dies."""
    links.client.post("/__admin/clock/freeze", json={})

    links.client.post("/xqr/api/v1/links", json={"url": "https://example.com"})

    assert MemoryStore(shared).due(time.time()) == ("default",)


def test_a_webhook_on_its_way_is_due_whatever_waits_for_later(links, shared):
    """So that another makes the attempt where its process dies in the midst of it."""
    world = links.mock.worlds["default"]
    links.client.post("/xqr/api/v1/links", json={"url": "https://example.com"})
    [first] = world.outbox.take(math.inf)
    world.run(lambda: world.outbox.postpone(first, first["due"] + 3_600))
    waits = MemoryStore(shared).due(time.time())

    links.client.post("/xqr/api/v1/links", json={"url": "https://example.com/2"})
    world.outbox.take(time.time() + 60)
    links.client.get("/xqr/api/v1/links")

    assert waits == ()
    assert MemoryStore(shared).due(time.time()) == ("default",)


def test_webhooks_of_an_api_that_is_not_served_wait_for_it(links, shared, receiver):
    """They would leave without its signature."""
    hook = {"url": receiver.url, "events": ["link.created"]}
    links.client.post("/xqr/api/v1/webhooks", json=hook)
    links.client.post("/xqr/api/v1/links", json={"url": "https://example.com"})

    came, states = [], []
    for api in ("vivoldi", "xqr"):
        mock = create_mock(Options(apis=(api,), allow_hosts=("*",)))
        replica = Replica(MemoryStore(shared))
        replica.keep(mock.worlds, mock.services)
        replica.begin(mock.worlds)
        with httpx.Client(transport=httpx.WSGITransport(app=mock.app), base_url="http://127.0.0.1:4010") as client:
            settled = client.post("/__admin/outbox/settle", json={"timeout": 1}).json()
            came.append(len(receiver.requests))
            states.append([one["attempts"] == [] for one in settled["left"] if one["url"] == receiver.url])
        replica.close()

    assert (came, states) == ([0, 1], [[True], []])


def test_a_world_that_another_deleted_is_not_told_to_be_lost(pair, caplog):
    """Though it was the only one."""
    one, other = pair
    one.create("a", "mine")
    other.titles("mine")

    one.client.delete("/__admin/worlds/mine")

    assert other.titles("mine") == []
    assert "lost" not in caplog.text


def test_a_webhook_on_its_way_leaves_once_whatever_others_do_meanwhile(shared, receiver, monkeypatch):
    """Also where they did so much that its process reads the whole world anew, before or after the answer."""
    monkeypatch.setattr(known_world, "SNAPSHOT_COMMITS", 5)
    mocks = [create_mock(Options(apis=("xqr",), allow_hosts=("*",), journal=3)) for _ in range(2)]
    replicas = [Replica(MemoryStore(shared)) for _ in mocks]
    for mock, replica in zip(mocks, replicas, strict=True):
        replica.keep(mock.worlds, mock.services)
    one, other = (
        httpx.Client(transport=httpx.WSGITransport(app=mock.app), base_url="http://127.0.0.1:4010", headers=XQR_KEY)
        for mock in mocks
    )
    one.post("/xqr/api/v1/webhooks", json={"url": receiver.url, "events": ["link.created"]})
    receiver.script(Answer(held=True))
    one.post("/xqr/api/v1/links", json={"url": "https://example.com"})
    receiver.wait(1)

    for _ in range(20):
        other.get("/xqr/api/v1/webhooks")
    one.get("/xqr/api/v1/webhooks")
    for _ in range(20):
        other.get("/xqr/api/v1/webhooks")
    receiver.release()
    settled = one.post("/__admin/outbox/settle", json={"timeout": 10}).json()["settled"]
    time.sleep(1.5)

    [delivery] = other.get("/__admin/outbox").json()["deliveries"]
    assert settled is True
    assert (delivery["state"], len(delivery["attempts"])) == ("delivered", 1)
    assert len(receiver.requests) == 1


class Looking(MemoryStore):
    """A store that counts how often it is asked what is due."""

    looks = 0

    def due(self, until, most=100):
        self.looks += 1
        return super().due(until, most)


def test_what_is_due_is_looked_at_while_others_are_busy(node, shared):
    """However much this process is told of other worlds."""
    busy, mock = MemoryStore(shared), create_mock(Options(apis=("xqr",)))
    store = Looking(shared)
    replica = Replica(store)
    replica.keep(mock.worlds, mock.services)
    replica.begin(mock.worlds)
    other, end = node(busy), time.monotonic() + LOOK_SECONDS + 1

    while time.monotonic() < end:
        other.create("a", "other")
        time.sleep(0.05)
    replica.close()

    assert store.looks >= 2
