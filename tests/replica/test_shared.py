"""What several processes on one store do for each other: bound credentials, waiting requests, webhooks."""

import threading
import time
from collections.abc import Callable

import httpx
import pytest

from mockserver.replica.replica import Replica
from mockserver.server import Options, create_mock
from mockserver.stores.memory_store import MemoryStore
from mockserver.stores.world_store import courier_lease

KEY = {"Authorization": "Bearer xqr_pk_a1b2c3d4." + "x" * 64}


def release(store, lease):
    """Ends a lease that was got."""
    store.release(lease)


@pytest.fixture
def opened(shared):
    """`opened()`: a mock of xqr on the shared store that follows what others do, and its client."""
    ends: list[Callable[[], None]] = []

    def open_one():
        mock = create_mock(Options(apis=("xqr",), allow_hosts=("*",)))
        replica = Replica(MemoryStore(shared))
        replica.keep(mock.worlds, mock.services)
        replica.begin(mock.worlds)
        client = httpx.Client(transport=httpx.WSGITransport(app=mock.app), base_url="http://127.0.0.1:4010")
        ends.extend((client.close, replica.close))
        return replica, client

    yield open_one
    for end in ends:
        end()


def test_a_credential_that_one_binds_leads_to_its_world_at_the_other(opened):
    """From the next request on, also one to the control API."""
    (_, one), (_, other) = opened(), opened()
    other.get("/xqr/api/v1/links", headers=KEY)
    made = one.post("/__admin/worlds", json={"name": "mine", "credentials": [{"api": "xqr"}]}).json()
    mine = {"Authorization": made["credentials"][0]["value"]}

    created = other.post("/xqr/api/v1/links", json={"url": "https://example.com"}, headers=mine)
    seen = one.get("/~mine/__admin/requests").json()["requests"]
    also = other.get("/__admin/requests", headers=mine).json()["requests"]

    assert created.status_code == 201
    assert [request["world"] for request in seen] == ["mine"]
    assert [request["id"] for request in also] == [request["id"] for request in seen]


def test_a_credential_that_is_released_leads_there_no_more(opened):
    """Its world was deleted by another."""
    (_, one), (_, other) = opened(), opened()
    sent = {"header": "X-Team", "value": "blue"}
    one.post("/__admin/worlds", json={"name": "mine", "credentials": [sent]})
    other.get("/xqr/api/v1/links", headers={**KEY, "X-Team": "blue"})
    one.delete("/__admin/worlds/mine")

    other.get("/xqr/api/v1/links", headers={**KEY, "X-Team": "blue"})

    assert [request["world"] for request in one.get("/__admin/requests").json()["requests"]] == ["default"]


def test_verification_at_one_counts_requests_at_the_other(opened):
    """Those before, and with `within` those that come while it waits."""
    (_, one), (_, other) = opened(), opened()
    one.get("/xqr/api/v1/links", headers=KEY)
    wanted = {"request": {"operation": "listLinks"}, "count": {"exactly": 2}}
    later = threading.Timer(0.3, lambda: one.get("/xqr/api/v1/links", headers=KEY))
    later.start()

    verified = other.post("/__admin/verify", params={"within": "5"}, json=wanted)
    later.join()

    assert verified.status_code == 200, verified.text


def test_a_webhook_leaves_once(opened, receiver):
    """Whoever was asked, and however many processes know of it; each tells of its delivery."""
    (_, one), (_, other), (_, third) = opened(), opened(), opened()
    hook = {"url": receiver.url, "events": ["link.created"]}
    assert one.post("/xqr/api/v1/webhooks", json=hook, headers=KEY).status_code == 201
    for turn in range(6):
        client = (one, other, third)[turn % 3]
        made = client.post("/xqr/api/v1/links", json={"url": f"https://example.com/{turn}"}, headers=KEY)
        assert made.status_code == 201, made.text
    receiver.wait(6, seconds=20)

    settled = third.post("/__admin/outbox/settle", json={"timeout": 10}).json()
    time.sleep(1.5)

    assert settled["settled"] is True
    assert len(receiver.requests) == 6
    for client in (one, other, third):
        states = [delivery["state"] for delivery in client.get("/__admin/outbox").json()["deliveries"]]
        assert states == ["delivered"] * 6


def test_a_webhook_is_sent_by_another_where_its_process_has_died(opened, receiver, shared):
    """Once the lease of the dead one has ended."""
    dead = MemoryStore(shared)
    lease = dead.lease(courier_lease("default"), "dead", 60)
    _, one = opened()
    hook = {"url": receiver.url, "events": ["link.created"]}
    one.post("/xqr/api/v1/webhooks", json=hook, headers=KEY)
    one.post("/xqr/api/v1/links", json={"url": "https://example.com"}, headers=KEY)
    time.sleep(1.2)
    before = len(receiver.requests)

    release(dead, lease)
    receiver.wait(1)

    assert before == 0


def test_a_mock_that_starts_goes_on_with_what_waits(opened, receiver, shared):
    """Though nobody has asked it for anything."""
    dead = MemoryStore(shared)
    lease = dead.lease(courier_lease("default"), "dead", 60)
    replica, one = opened()
    hook = {"url": receiver.url, "events": ["link.created"]}
    one.post("/xqr/api/v1/webhooks", json=hook, headers=KEY)
    one.post("/xqr/api/v1/links", json={"url": "https://example.com"}, headers=KEY)
    replica.may_send = lambda *_: False
    release(dead, lease)

    opened()

    assert len(receiver.wait(1)) == 1
