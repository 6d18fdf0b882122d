"""BotSubscription's outbound webhooks, received on a real socket; the signature is checked with code of this file."""

import hashlib
import hmac
import json
import re

import pytest

from tests.vendors.botsubscription_world import (
    GUILD,
    NEW_TARGET,
    NOBODY,
    PAUSED_HOOK,
    TARGETS,
    VIP,
    WEBHOOKS,
    verdict,
)


def register(client, receiver):
    """A webhook of the receiver: its id and its secret."""
    data = client.post(WEBHOOKS, json={"url": receiver.url}).json()["data"]
    return data["id"], data["secret"]


def settle(admin):
    """Everything that is due has been sent."""
    assert admin.post("/outbox/settle", json={}).json()["settled"] is True


def signature_of(secret, request):
    """What the header should say, computed from the bytes that came and the moment that it names."""
    digest, moment = request.headers["X-Webhook-Signature"].split(",t=")
    assert re.fullmatch("v1=[0-9a-f]{64}", digest)
    return (
        f"v1={hmac.new(secret.encode(), f'{moment}.'.encode() + request.body, hashlib.sha256).hexdigest()},t={moment}"
    )


# Registering


def test_a_new_webhook_shows_its_secret_once(botsubscription):
    """64 hexadecimal digits; the list shows the address and the id alone."""
    body = botsubscription.post(WEBHOOKS, json={"url": "https://myapp.com/hooks"}).json()

    made = body["data"]
    listed = botsubscription.get(WEBHOOKS).json()["data"]
    assert (body["code"], body["message"], [*made], re.fullmatch("[0-9a-f]{64}", made["secret"]) is not None) == (
        200,
        "Webhook created successfully",
        ["url", "id", "secret"],
        True,
    )
    assert listed[-1] == {"url": "https://myapp.com/hooks", "id": made["id"]}


@pytest.mark.parametrize(
    "url",
    [
        "http://example.com/hook",
        "ftp://127.0.0.1/",
        "https://",
        "https://[::1",
        "https://[myapp.com]/",
        "myapp.com/hook",
        "http://127.0.0.1.example.com/",
        "",
        7,
        None,
    ],
)
def test_an_address_that_is_none_is_refused(botsubscription, url):
    """https, or http on the machine itself; anything else is a 422."""
    assert verdict(botsubscription.post(WEBHOOKS, json={"url": url})) == (422, "VALIDATION_ERROR")


@pytest.mark.parametrize("webhook_id", [NOBODY, "4b9c2d10-0000-4000-8000-000000000000"])
def test_a_webhook_that_there_is_not_cannot_be_deleted(botsubscription, webhook_id):
    """404."""
    assert verdict(botsubscription.delete(f"{WEBHOOKS}/{webhook_id}")) == (404, "NOT_FOUND")


def test_a_deleted_webhook_gets_nothing(botsubscription, admin, receiver):
    """Neither what happens later, nor what was waiting for another attempt."""
    webhook_id, _ = register(botsubscription, receiver)
    receiver.script(500)
    botsubscription.patch(f"{TARGETS}/{VIP}", json={"is_enabled": False})
    settle(admin)

    gone = botsubscription.delete(f"{WEBHOOKS}/{webhook_id}")
    botsubscription.patch(f"{TARGETS}/{VIP}", json={"is_enabled": True})
    admin.post("/clock/advance", json={"seconds": 86_400})
    settle(admin)

    assert (gone.status_code, len(receiver.requests)) == (204, 1)


# Events


def test_a_disabled_target_is_told(botsubscription, admin, receiver):
    """The whole event, as JSON, under the vendor's name, signed with the webhook's secret."""
    _, secret = register(botsubscription, receiver)

    botsubscription.patch(TARGETS, json=[{"target_id": VIP, "is_enabled": False}])
    settle(admin)

    [request] = receiver.requests
    body = json.loads(request.body)
    assert body == {
        "event": "target.disabled",
        "event_id": body["event_id"],
        "emitted_at": body["emitted_at"],
        "channel": "targets",
        "project_id": "YOUR_PROJECT_ID",
        "platform": "telegram",
        "target": {
            "target_id": "22222222-2222-2222-2222-222222222222",
            "target_name": "VIP Channel",
            "platform": "telegram",
            "kind": "channel",
            "external_id": "-1001234567890",
            "is_enabled": False,
            "parent_target_id": None,
            "plan_count": 1,
            "participant_count": 45,
        },
    }
    assert (request.method, request.headers["Content-Type"]) == ("POST", "application/json")
    assert request.headers["X-Webhook-Signature"] == signature_of(secret, request)


def connect_a_target(client, admin):
    """The bot brings a target along."""
    admin.put(f"/state/botsubscription/targets/{NOBODY}", json=NEW_TARGET).raise_for_status()


HAPPENINGS = {
    "disabled": (lambda api, _: api.patch(f"{TARGETS}/{VIP}", json={"is_enabled": False}), ["target.disabled"]),
    "renamed": (lambda api, _: api.patch(f"{TARGETS}/{VIP}", json={"target_name": "V"}), ["target.renamed"]),
    "both": (
        lambda api, _: api.patch(TARGETS, json=[{"target_id": VIP, "target_name": "V", "is_enabled": False}]),
        ["target.renamed", "target.disabled"],
    ),
    "enabled": (
        lambda api, _: api.patch(
            TARGETS, json=[{"target_id": "ca8df523-2ead-4fde-9a3c-b5dc70128ea7", "is_enabled": True}]
        ),
        ["target.enabled"],
    ),
    "removed": (lambda api, _: api.delete(f"{TARGETS}/{VIP}"), ["target.removed"]),
    "added": (connect_a_target, ["target.added"]),
    "as before": (lambda api, _: api.patch(f"{TARGETS}/{VIP}", json={"is_enabled": True}), []),
    "refused": (
        lambda api, _: api.patch(TARGETS, json=[{"target_id": VIP, "is_enabled": False}, {"target_id": 7}]),
        [],
    ),
    "a guild": (lambda api, _: api.patch(f"{TARGETS}/{GUILD}", json={"is_enabled": False}), ["target.disabled"]),
}


@pytest.mark.parametrize(("happen", "events"), HAPPENINGS.values(), ids=HAPPENINGS)
def test_what_happens_to_a_target_is_told(botsubscription, admin, receiver, happen, events):
    """One delivery for each thing that happened, and none where nothing did."""
    register(botsubscription, receiver)

    happen(botsubscription, admin)
    settle(admin)

    assert [json.loads(request.body)["event"] for request in receiver.requests] == events


def test_another_project_hears_nothing(botsubscription, admin, receiver):
    """Webhooks belong to their project."""
    key = {"Authorization": "Bearer bs_2f56c0ac09ef740a2b7c6409b5ef046ae6ccd42f"}
    theirs = WEBHOOKS.replace("YOUR_PROJECT_ID", "7d9f6a52-3c41-4e0b-9a86-52f0c1d7e834")
    botsubscription.post(theirs, json={"url": receiver.url}, headers=key).raise_for_status()

    botsubscription.patch(f"{TARGETS}/{VIP}", json={"is_enabled": False})
    settle(admin)

    assert receiver.requests == []


def test_the_paused_webhook_of_the_fixtures_gets_nothing(botsubscription, admin):
    """What a fresh world has is shown, and leaves no delivery behind."""
    botsubscription.patch(f"{TARGETS}/{VIP}", json={"is_enabled": False})

    listed = [hook["id"] for hook in botsubscription.get(WEBHOOKS).json()["data"]]
    assert (listed, admin.get("/outbox").json()["deliveries"]) == ([PAUSED_HOOK], [])


# Attempts


def deliveries(admin):
    """The state of each delivery, and the statuses that its attempts got."""
    return [
        (found["state"], [attempt["status"] for attempt in found["attempts"]])
        for found in admin.get("/outbox").json()["deliveries"]
    ]


@pytest.mark.parametrize("status", [200, 201, 204, 299])
def test_any_2xx_is_a_delivery(botsubscription, admin, receiver, status):
    """And the last attempt."""
    register(botsubscription, receiver)
    receiver.script(status)

    botsubscription.patch(f"{TARGETS}/{VIP}", json={"is_enabled": False})
    settle(admin)

    assert deliveries(admin) == [("delivered", [status])]


@pytest.mark.parametrize("status", [400, 401, 403, 405, 406, 422])
def test_what_sending_again_cannot_mend_is_dropped(botsubscription, admin, receiver, status):
    """At once and for good."""
    register(botsubscription, receiver)
    receiver.script(status)

    botsubscription.patch(f"{TARGETS}/{VIP}", json={"is_enabled": False})
    settle(admin)

    assert deliveries(admin) == [("failed", [status])]


@pytest.mark.parametrize("status", [404, 408, 410, 429, 500, 503, 302, 409])
def test_what_may_get_better_is_sent_again(botsubscription, admin, receiver, status):
    """After ten seconds of world time, byte by byte the same, signed anew for its moment."""
    _, secret = register(botsubscription, receiver)
    receiver.script(status)
    admin.post("/clock/freeze", json={"at": "2026-01-01T00:00:00Z"}).raise_for_status()
    botsubscription.patch(f"{TARGETS}/{VIP}", json={"is_enabled": False})
    settle(admin)

    admin.post("/clock/advance", json={"seconds": 10}).raise_for_status()
    settle(admin)

    first, second = receiver.requests
    assert (deliveries(admin), first.body == second.body) == ([("delivered", [status, 200])], True)
    assert [request.headers["X-Webhook-Signature"] for request in (first, second)] == [
        signature_of(secret, first),
        signature_of(secret, second),
    ]
    assert first.headers["X-Webhook-Signature"].endswith(",t=1767225600")
    assert second.headers["X-Webhook-Signature"].endswith(",t=1767225610")


def test_after_the_last_attempt_it_has_failed(botsubscription, admin, receiver):
    """Six attempts, 10 seconds, 1 minute, 5 and 30 minutes and 2 hours after each other."""
    register(botsubscription, receiver)
    receiver.script(*[500] * 6)
    admin.post("/clock/freeze", json={"at": "2026-01-01T00:00:00Z"}).raise_for_status()
    botsubscription.patch(f"{TARGETS}/{VIP}", json={"is_enabled": False})
    settle(admin)

    for seconds in (10, 60, 300, 1_800, 7_200):
        admin.post("/clock/advance", json={"seconds": seconds}).raise_for_status()
        settle(admin)

    assert deliveries(admin) == [("failed", [500] * 6)]


def test_a_week_makes_every_attempt_at_its_own_time(botsubscription, admin, receiver):
    """One move of the clock is enough, and each is signed as of the moment at which it fell due."""
    _, secret = register(botsubscription, receiver)
    receiver.script(*[500] * 5)
    admin.post("/clock/freeze", json={"at": "2026-01-01T00:00:00Z"}).raise_for_status()
    botsubscription.patch(f"{TARGETS}/{VIP}", json={"is_enabled": False})

    admin.post("/clock/advance", json={"duration": "P1W"}).raise_for_status()
    settle(admin)

    moments = [1767225600 + seconds for seconds in (0, 10, 70, 370, 2_170, 9_370)]
    signatures = [request.headers["X-Webhook-Signature"] for request in receiver.requests]
    assert [int(signature.partition(",t=")[2]) for signature in signatures] == moments
    assert signatures == [signature_of(secret, request) for request in receiver.requests]
    assert deliveries(admin) == [("delivered", [500] * 5 + [200])]


def test_an_attempt_may_take_ten_seconds(botsubscription, admin, receiver):
    """The delivery says so; that a slow receiver is asked again is the outbox's own promise."""
    register(botsubscription, receiver)
    botsubscription.patch(f"{TARGETS}/{VIP}", json={"is_enabled": False})
    settle(admin)

    [delivery] = admin.get("/outbox").json()["deliveries"]

    assert (delivery["timeout"], delivery["delays"]) == (10.0, [10, 60, 300, 1800, 7200])
