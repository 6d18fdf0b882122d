"""What the webhooks of xQR promise: how they are kept, what arrives, how it is signed, what becomes of failures."""

import hashlib
import hmac
import json
import re
from collections.abc import Iterator
from typing import Any
from unittest.mock import ANY

import httpx
import pytest

from tests.receiver import Received, Receiver
from tests.support import bearer
from tests.vendors.xqr_world import (
    ACME,
    BAKERY,
    DOCS,
    DOCUMENTED,
    HOOKS,
    LINKS,
    PAGE,
    SESSION,
    STATUS,
    SUMMER,
    WEBHOOK,
    control,
    refusal,
)

NOON = "2026-03-21T14:30:00Z"
DOCUMENTED_HOOK = {
    "id": WEBHOOK,
    "url": "https://example.com/webhooks/xqr",
    "events": ["link.created", "link.scanned"],
    "description": "Production link events",
    "enabled": False,
    "failure_count": 0,
    "created_at": "2026-03-21T14:30:00Z",
    "updated_at": "2026-03-21T14:30:00Z",
}


@pytest.fixture
def frozen(xqr: httpx.Client) -> Iterator[httpx.Client]:
    """The client, in a world whose time stands still."""
    xqr.post(f"{control(xqr)}/clock/freeze", json={"at": NOON})
    yield xqr
    xqr.delete(f"{control(xqr)}/outbox")


def listen(xqr: httpx.Client, url: str, *events: str) -> str:
    """The id of a new webhook."""
    webhook_id: str = xqr.post(HOOKS, json={"url": url, "events": events}).json()["data"]["id"]
    return webhook_id


def later(xqr: httpx.Client, seconds: float) -> None:
    """So much time is over, and what was due in it is sent."""
    xqr.post(f"{control(xqr)}/clock/advance", json={"seconds": seconds})
    settle(xqr)


def settle(xqr: httpx.Client) -> None:
    """Nothing that is due is unsent."""
    assert xqr.post(f"{control(xqr)}/outbox/settle", json={"timeout": 20}).json()["settled"]


def hook(xqr: httpx.Client, webhook_id: str) -> Any:
    """The webhook as its page shows it."""
    return xqr.get(f"{HOOKS}/{webhook_id}").json()["data"]


def log(xqr: httpx.Client, webhook_id: str) -> Any:
    """Its deliveries, the newest first."""
    return xqr.get(f"{HOOKS}/{webhook_id}/deliveries").json()["data"]


def told(received: Received) -> tuple[str, Any]:
    """Which event came, and what about."""
    body = json.loads(received.body)
    return body["event"], body["data"]


# Kept


def test_the_documented_webhook_is_made(frozen: httpx.Client) -> None:
    """Field for field as on the vendor's page, without its secret."""
    body = {
        "url": "https://example.com/webhooks/xqr",
        "events": ["link.created", "link.scanned"],
        "description": "Production link events",
    }

    response = frozen.post(HOOKS, json=body)

    made = response.json()["data"]
    assert (response.status_code, made) == (201, {**DOCUMENTED_HOOK, "id": ANY, "enabled": True})
    assert re.fullmatch(r"wh_[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}", made["id"])
    assert hook(frozen, made["id"]) == made


def test_the_list_has_the_workspaces_own(xqr: httpx.Client) -> None:
    """The documented one, and none of another workspace."""
    response = xqr.get(HOOKS)

    assert (response.json()["data"], "total" in response.json()["meta"]) == ([DOCUMENTED_HOOK], False)


BAD_HOOKS: dict[str, Any] = {
    "no url": {"events": ["*"]},
    "no events": {"url": "https://example.com"},
    "an empty list of events": {"url": "https://example.com", "events": []},
    "an event that there is none of": {"url": "https://example.com", "events": ["link.moved"]},
    "events as a text": {"url": "https://example.com", "events": "*"},
    "http": {"url": "http://example.com/hook", "events": ["*"]},
    "http that begins like this machine": {"url": "http://localhost.example.com/hook", "events": ["*"]},
    "http by way of a name": {"url": "http://127.0.0.1@example.com/", "events": ["*"]},
    "no address": {"url": "https://", "events": ["*"]},
    "an open bracket": {"url": "https://[::1", "events": ["*"]},
    "brackets around no address": {"url": "https://[1::2::3]/", "events": ["*"]},
    "a port that is no number": {"url": "https://example.com:port/", "events": ["*"]},
    "another scheme": {"url": "ftp://localhost/", "events": ["*"]},
    "a description that is a number": {"url": "https://example.com", "events": ["*"], "description": 7},
}


@pytest.mark.parametrize("body", BAD_HOOKS.values(), ids=BAD_HOOKS)
def test_a_bad_webhook_is_refused(xqr: httpx.Client, body: Any) -> None:
    """A 400; none is made, and the next good one is."""
    response = xqr.post(HOOKS, json=body)

    good = xqr.post(HOOKS, json={"url": "http://127.0.0.1:9/", "events": ["*"]})
    assert (response.status_code, response.json()) == (400, refusal(400, "VALIDATION_ERROR"))
    assert (good.status_code, len(xqr.get(HOOKS).json()["data"])) == (201, 2)


def test_a_plan_has_its_number_of_webhooks(xqr: httpx.Client) -> None:
    """Pro has three; a fourth is a 403, until one is deleted."""
    body = {"url": "https://example.com/hook", "events": ["test.ping"]}
    statuses = [xqr.post(HOOKS, json=body).status_code for _ in range(2)]

    refused = xqr.post(HOOKS, json=body)
    xqr.delete(f"{HOOKS}/{WEBHOOK}")
    again = xqr.post(HOOKS, json=body)

    assert (statuses, refused.json(), again.status_code) == ([201, 201], refusal(403, "PLAN_LIMIT_EXCEEDED"), 201)


@pytest.mark.parametrize(("plan", "last"), [("business", 403), ("enterprise", 201)])
def test_a_larger_plan_has_more_webhooks(xqr: httpx.Client, admin: httpx.Client, plan: str, last: int) -> None:
    """Business has twenty, one of which is there already; enterprise has as many as it wants."""
    admin.post("/clock/freeze", json={}).raise_for_status()
    admin.patch("/state/xqr/workspaces/ws_5c0e9d27-41ba-4f83-9a6d-0b7e2f1c8d34", json={"plan": plan}).raise_for_status()
    body = {"url": "https://example.com/hook", "events": ["test.ping"]}

    statuses = [xqr.post(HOOKS, json=body, headers=bearer(ACME)).status_code for _ in range(20)]

    assert statuses == [201] * 19 + [last]


CHANGES: dict[str, Any] = {
    "another address": {"url": "https://example.org/x"},
    "other events": {"events": ["*"]},
    "no description": {"description": None},
    "enabled": {"enabled": True},
}


@pytest.mark.parametrize("body", CHANGES.values(), ids=CHANGES)
def test_an_update_changes_what_it_names(frozen: httpx.Client, body: Any) -> None:
    """And the time, and nothing else."""
    later(frozen, 60)

    answered = frozen.patch(f"{HOOKS}/{WEBHOOK}", json=body).json()["data"]

    assert answered == {**DOCUMENTED_HOOK, **body, "updated_at": "2026-03-21T14:31:00Z"}
    assert hook(frozen, WEBHOOK) == answered


def test_a_deleted_webhook_is_gone(xqr: httpx.Client) -> None:
    """A 204, and from then on a 404, for its deliveries too."""
    response = xqr.delete(f"{HOOKS}/{WEBHOOK}")

    paths = [f"{HOOKS}/{WEBHOOK}", f"{HOOKS}/{WEBHOOK}/deliveries"]
    assert (response.status_code, [xqr.get(path).status_code for path in paths]) == (204, [404, 404])


@pytest.mark.parametrize("key", [BAKERY, ACME])
@pytest.mark.parametrize("method", ["GET", "PATCH", "DELETE"])
def test_a_strangers_webhook_is_missing(xqr: httpx.Client, method: str, key: str) -> None:
    """Whatever is asked of it, it is a 404 for another workspace's key."""
    response = xqr.request(method, f"{HOOKS}/{WEBHOOK}", json={"enabled": True}, headers=bearer(key))

    assert (response.status_code, hook(xqr, WEBHOOK)) == (404, DOCUMENTED_HOOK)


def test_the_documented_deliveries_are_listed(xqr: httpx.Client) -> None:
    """Two, the newest first, as on the vendor's page; a page of them is cut as a page of links is."""
    delivered, failed = log(xqr, WEBHOOK)

    second = xqr.get(f"{HOOKS}/{WEBHOOK}/deliveries", params={"limit": 1, "offset": 1}).json()["data"]
    assert delivered == {
        "id": "del_a1b2c3d4-e5f6-7890-abcd-ef1234567890",
        "status": "delivered",
        "event_type": "link.scanned",
        "created_at": "2026-03-21T14:35:00Z",
        "delivered_at": "2026-03-21T14:35:01Z",
        "failed_at": None,
        "attempts": 1,
        "response_status": 200,
    }
    assert second == [failed]


# Sent


def test_each_event_tells_of_its_link(frozen: httpx.Client, receiver: Receiver) -> None:
    """A life of one link: made, renamed, paused with others, followed, deleted."""
    listen(frozen, receiver.url, "*")
    body = {"url": "https://example.com/summer-sale", "custom_slug": "summer26"}
    made = frozen.post(LINKS, json=body).json()["data"]["id"]
    settle(frozen)
    frozen.get(
        "/summer26", headers={"CF-IPCountry": "US", "User-Agent": "Mozilla/5.0 (Linux; Android 14) Chrome/1 Mobile"}
    )
    settle(frozen)
    frozen.patch(f"{LINKS}/{made}", json={"url": "https://new-example.com", "enabled": True})
    settle(frozen)
    frozen.patch(STATUS, json={"ids": [made], "enabled": False})
    settle(frozen)
    frozen.delete(f"{LINKS}/{made}")
    settle(frozen)

    events = [told(received) for received in receiver.requests]

    named = {"link_id": made, "short_code": "summer26"}
    assert events == [
        ("link.created", {**named, "destination": "https://example.com/summer-sale"}),
        ("link.scanned", {**named, "country": "US", "device": "mobile", "browser": "Chrome", "ip": "127.0.0.1"}),
        ("link.updated", {**named, "changes": {"destination": "https://new-example.com"}}),
        ("link.updated", {**named, "changes": {"enabled": False}}),
        ("link.deleted", named),
    ]


def test_a_threshold_is_told_when_it_is_reached(frozen: httpx.Client, receiver: Receiver) -> None:
    """The thousandth scan, and neither the one before nor the one after."""
    listen(frozen, receiver.url, "link.threshold")
    frozen.patch(f"{control(frozen)}/state/xqr/links/{SUMMER}", json={"scan_count": 998})
    for _ in range(3):
        frozen.get("/summer24")
    settle(frozen)

    [received] = receiver.requests

    about = {"link_id": SUMMER, "short_code": "summer24", "scan_count": 1000, "threshold": 1000}
    assert told(received) == ("link.threshold", about)


def test_a_bulk_change_tells_of_what_changed(frozen: httpx.Client, receiver: Receiver) -> None:
    """One event for each link whose status is another one now, and none for those that had it already."""
    frozen.patch(f"{LINKS}/{DOCS}", json={"enabled": False})
    listen(frozen, receiver.url, "link.updated")
    frozen.patch(STATUS, json=DOCUMENTED)
    settle(frozen)

    codes = {told(received)[1]["short_code"] for received in receiver.requests}

    assert (len(receiver.requests), codes) == (2, {"summer24", "page1"})


def test_a_change_that_failed_tells_of_nothing(frozen: httpx.Client, receiver: Receiver) -> None:
    """A refused creation leaves no event, and neither does an update that changed no value."""
    listen(frozen, receiver.url, "*")
    frozen.post(LINKS, json={"url": "https://example.com", "custom_slug": "summer24"})
    frozen.patch(f"{LINKS}/{DOCS}", json={"enabled": True})
    settle(frozen)

    assert receiver.requests == []


def test_a_webhook_hears_what_it_listens_for(frozen: httpx.Client, receiver: Receiver) -> None:
    """A creation is no scan, another workspace's creation is nobody's business, and a paused webhook hears nothing."""
    listen(frozen, receiver.url, "link.scanned")
    paused = listen(frozen, receiver.url, "*")
    frozen.patch(f"{HOOKS}/{paused}", json={"enabled": False})
    frozen.post(LINKS, json={"url": "https://example.com"})
    frozen.post(LINKS, json={"url": "https://example.com"}, headers=bearer(ACME))
    settle(frozen)

    assert receiver.requests == []


def test_a_delivery_is_signed(frozen: httpx.Client, receiver: Receiver) -> None:
    """Name, number, signature and sender stand in the headers; the signature is over the bytes of the body."""
    webhook_id = listen(frozen, receiver.url, "link.created")
    secret = frozen.get(f"/api/developer/webhooks/{webhook_id}/secret").json()["data"]["secret"]
    frozen.post(LINKS, json={"url": "https://example.com", "labels": ["größe"]})
    settle(frozen)

    [received] = receiver.requests

    expected = "sha256=" + hmac.new(secret.encode(), received.body, hashlib.sha256).hexdigest()
    [entry] = log(frozen, webhook_id)
    assert hmac.compare_digest(received.headers["X-XQR-Signature"], expected)
    assert {name: received.headers[name] for name in ("X-XQR-Event", "Content-Type", "User-Agent")} == {
        "X-XQR-Event": "link.created",
        "Content-Type": "application/json",
        "User-Agent": "xQR-Webhooks/1.0",
    }
    assert f"del_{received.headers['X-XQR-Delivery']}" == entry["id"]
    assert json.loads(received.body)["timestamp"] == NOON


def test_the_log_shows_what_arrived(frozen: httpx.Client, receiver: Receiver) -> None:
    """Delivered at the first attempt, with the status that the receiver answered."""
    receiver.script(204)
    webhook_id = listen(frozen, receiver.url, "link.created")
    frozen.post(LINKS, json={"url": "https://example.com"})
    settle(frozen)

    entries = log(frozen, webhook_id)

    assert entries == [
        {
            "id": ANY,
            "status": "delivered",
            "event_type": "link.created",
            "created_at": NOON,
            "delivered_at": NOON,
            "failed_at": None,
            "attempts": 1,
            "response_status": 204,
        }
    ]


# Failures


@pytest.mark.parametrize("status", [301, 302, 400, 404, 410, 500, 503])
def test_anything_but_2xx_is_sent_again(frozen: httpx.Client, receiver: Receiver, status: int) -> None:
    """After five seconds and not before, byte for byte the same, with the same number."""
    receiver.script(status)
    webhook_id = listen(frozen, receiver.url, "link.created")
    frozen.post(LINKS, json={"url": "https://example.com"})
    settle(frozen)
    later(frozen, 4.9)
    before = len(receiver.requests), log(frozen, webhook_id)[0], hook(frozen, webhook_id)["failure_count"]
    later(frozen, 0.1)

    first, second = receiver.requests

    after = log(frozen, webhook_id)[0], hook(frozen, webhook_id)["failure_count"]
    assert (before[0], before[1]["status"], before[1]["response_status"], before[2]) == (1, "pending", status, 1)
    assert (second.body, second.headers["X-XQR-Delivery"]) == (first.body, first.headers["X-XQR-Delivery"])
    assert second.headers["X-XQR-Signature"] == first.headers["X-XQR-Signature"]
    assert (after[0]["status"], after[0]["attempts"], after[1]) == ("delivered", 2, 0)


def test_a_delivery_is_given_up_after_five_retries(frozen: httpx.Client, receiver: Receiver) -> None:
    """After 5 and 30 seconds, 5 and 30 minutes, and 2 hours; then never again."""
    receiver.script(*[503] * 10)
    webhook_id = listen(frozen, receiver.url, "link.created")
    frozen.post(LINKS, json={"url": "https://example.com"})
    settle(frozen)
    seen = []
    for seconds in (5, 30, 300, 1_800, 7_200, 86_400):
        later(frozen, seconds)
        seen.append(len(receiver.requests))

    [entry] = log(frozen, webhook_id)

    # 14:30:00 and 5 + 30 + 300 + 1,800 + 7,200 seconds.
    assert (seen, entry["status"], entry["attempts"]) == ([2, 3, 4, 5, 6, 6], "failed", 6)
    assert (entry["failed_at"], entry["delivered_at"], entry["response_status"]) == ("2026-03-21T17:05:35Z", None, 503)


def test_nobody_there_is_a_failure_without_a_status(frozen: httpx.Client) -> None:
    """A closed port counts as a failure, and is tried again."""
    webhook_id = listen(frozen, "http://127.0.0.1:9/", "link.created")
    frozen.post(LINKS, json={"url": "https://example.com"})
    settle(frozen)

    [entry] = log(frozen, webhook_id)

    assert (entry["status"], entry["attempts"], entry["response_status"]) == ("pending", 1, None)
    assert hook(frozen, webhook_id)["failure_count"] == 1


@pytest.fixture
def failing(frozen: httpx.Client, receiver: Receiver) -> str:
    """A webhook that failed 98 times in a row, and whose receiver goes on failing."""
    receiver.script(*[500] * 50)
    webhook_id = listen(frozen, receiver.url, "link.scanned")
    frozen.patch(f"{control(frozen)}/state/xqr/webhooks/{webhook_id}", json={"failure_count": 98})
    return webhook_id


def test_the_hundredth_failure_disables_a_webhook(frozen: httpx.Client, receiver: Receiver, failing: str) -> None:
    """The 99th does not; after the 100th nothing more is sent, neither what waits nor what happens anew."""
    frozen.get("/docs-v2")
    settle(frozen)
    before = hook(frozen, failing)
    frozen.get("/docs-v2")
    settle(frozen)
    frozen.get("/docs-v2")
    later(frozen, 86_400)

    after = hook(frozen, failing)

    assert (before["enabled"], before["failure_count"]) == (True, 99)
    assert (after["enabled"], after["failure_count"], after["updated_at"]) == (False, 100, NOON)
    assert (len(receiver.requests), {entry["status"] for entry in log(frozen, failing)}) == (2, {"failed"})
    record = frozen.get(f"{control(frozen)}/state/xqr/webhooks/{failing}").json()
    assert record["_disabled_at"] == NOON


def test_the_hundredth_failure_on_the_way_disables_a_webhook(
    frozen: httpx.Client, receiver: Receiver, failing: str
) -> None:
    """When the clock is moved by a week, at the moment at which it came, whatever else would have been tried later."""
    frozen.patch(f"{control(frozen)}/state/xqr/webhooks/{failing}", json={"failure_count": 95})
    for _ in range(2):
        frozen.get("/docs-v2")
    later(frozen, 604_800)

    newer, older = frozen.get(f"{control(frozen)}/outbox").json()["deliveries"]

    # Both at 14:30:00 and 5 seconds later; the 100th is the first that is tried 30 seconds after that.
    assert [attempt["at"][11:19] for attempt in older["attempts"]] == ["14:30:00", "14:30:05", "14:30:35"]
    assert [attempt["at"][11:19] for attempt in newer["attempts"]] == ["14:30:00", "14:30:05"]
    assert {entry["failed_at"] for entry in log(frozen, failing)} == {"2026-03-21T14:30:35Z"}
    record = frozen.get(f"{control(frozen)}/state/xqr/webhooks/{failing}").json()
    assert (record["enabled"], record["failure_count"]) == (False, 100)
    assert record["_disabled_at"] == "2026-03-21T14:30:35Z"


def test_a_disabled_webhook_can_be_enabled_again(frozen: httpx.Client, receiver: Receiver, failing: str) -> None:
    """Its failures are counted from 0 again, and it hears of what happens from now on."""
    for _ in range(2):
        frozen.get("/docs-v2")
        settle(frozen)
    enabled = frozen.patch(f"{HOOKS}/{failing}", json={"enabled": True}).json()["data"]
    frozen.get("/page1")
    settle(frozen)

    seen = told(receiver.requests[-1])[1]["link_id"], hook(frozen, failing)["failure_count"]

    assert (enabled["enabled"], enabled["failure_count"], len(receiver.requests), seen) == (True, 0, 3, (PAGE, 1))


def test_a_success_begins_the_count_anew(frozen: httpx.Client, receiver: Receiver) -> None:
    """Failures count only one after another."""
    webhook_id = listen(frozen, receiver.url, "link.scanned")
    frozen.patch(f"{control(frozen)}/state/xqr/webhooks/{webhook_id}", json={"failure_count": 98})
    frozen.get("/docs-v2")
    settle(frozen)

    assert hook(frozen, webhook_id)["failure_count"] == 0


def test_a_deleted_webhook_hears_nothing_more(frozen: httpx.Client, receiver: Receiver) -> None:
    """What waited to be sent again is not."""
    receiver.script(500)
    webhook_id = listen(frozen, receiver.url, "link.created")
    frozen.post(LINKS, json={"url": "https://example.com"})
    settle(frozen)
    frozen.delete(f"{HOOKS}/{webhook_id}")
    later(frozen, 86_400)

    assert len(receiver.requests) == 1


# The dashboard


@pytest.mark.parametrize("key", [SESSION, "xqr_pk_a1b2c3d4." + "x" * 64])
def test_the_dashboard_sends_a_test(frozen: httpx.Client, receiver: Receiver, key: str) -> None:
    """A `test.ping` arrives, whatever the webhook listens for; the answer is its entry in the log."""
    webhook_id = listen(frozen, receiver.url, "link.deleted")
    response = frozen.post(f"/api/developer/webhooks/{webhook_id}/test", headers=bearer(key))
    settle(frozen)

    [received] = receiver.requests

    assert (response.status_code, response.json()["data"]["status"]) == (200, "pending")
    assert told(received) == ("test.ping", {"webhook_id": webhook_id})
    assert log(frozen, webhook_id)[0]["id"] == response.json()["data"]["id"]


def test_a_secret_is_a_webhooks_own(xqr: httpx.Client) -> None:
    """Two webhooks have two secrets, and a stranger's is missing."""
    webhook_id = listen(xqr, "http://127.0.0.1:9/", "*")
    first, second = (
        xqr.get(f"/api/developer/webhooks/{each}/secret", headers=bearer(SESSION)).json()["data"]["secret"]
        for each in (WEBHOOK, webhook_id)
    )

    stranger = xqr.get(f"/api/developer/webhooks/{webhook_id}/secret", headers=bearer(ACME))

    assert (first != second, stranger.status_code) == (True, 404)
