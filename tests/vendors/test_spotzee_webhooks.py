"""The webhook endpoints of a Spotzee project, and the test that is sent to them."""

import hashlib
import hmac
import json
import re

import httpx
import pytest

from mockserver.server import Options, create_app
from tests.conftest import Server
from tests.receiver import Receiver
from tests.support import bearer
from tests.vendors.spotzee_neighbours import WEBHOOKS
from tests.vendors.spotzee_world import ADMIN, BATCH, GOOD, OTHER_PROJECT, PUBLISHER, assert_invalid, assert_refused

HOOK = {"name": "Test", "url": "https://example.com/hook", "event_types": ["delivery.delivered"]}
NOON = "2026-05-01T12:00:00.000Z"


def test_a_new_endpoint_shows_its_secret_once(spotzee):
    """In the answer that creates it, and in no other."""
    made = spotzee.post(WEBHOOKS, json=HOOK).json()

    secret = made.pop("signing_secret")
    assert re.fullmatch("whsec_[0-9a-f]{64}", secret)
    assert (made["id"], made["status"], made["description"], made["has_secret"]) == (11, "active", None, True)
    assert spotzee.get(f"{WEBHOOKS}/11").json() == made
    assert secret not in spotzee.get(WEBHOOKS).text


def test_a_caller_may_choose_the_secret(spotzee):
    """It comes back as it was sent."""
    made = spotzee.post(WEBHOOKS, json={**HOOK, "signing_secret": "mine"}).json()

    assert made["signing_secret"] == "mine"


def test_endpoints_are_listed(spotzee):
    """Newest first, those of the project."""
    spotzee.post(WEBHOOKS, json=HOOK)

    page = spotzee.get(WEBHOOKS).json()

    assert [(endpoint["id"], endpoint["name"]) for endpoint in page["results"]] == [(11, "Test"), (7, "Mail events")]
    assert [endpoint["id"] for endpoint in spotzee.get(WEBHOOKS, headers=bearer(OTHER_PROJECT)).json()["results"]] == [
        8
    ]


def test_an_endpoint_changes_what_is_sent(spotzee):
    """The rest stays."""
    response = spotzee.patch(f"{WEBHOOKS}/7", json={"status": "inactive", "event_types": ["delivery.failed"]})

    changed = response.json()
    assert (changed["status"], changed["event_types"], changed["name"]) == (
        "inactive",
        ["delivery.failed"],
        "Mail events",
    )
    assert spotzee.get(f"{WEBHOOKS}/7").json() == changed


def test_a_rotated_secret_is_another(spotzee):
    """It is shown this once."""
    first = spotzee.post(WEBHOOKS, json=HOOK).json()["signing_secret"]

    rotated = spotzee.post(f"{WEBHOOKS}/11/rotate-secret").json()

    assert re.fullmatch("whsec_[0-9a-f]{64}", rotated["signing_secret"])
    assert rotated["signing_secret"] != first
    assert "signing_secret" not in spotzee.get(f"{WEBHOOKS}/11").json()


def test_a_deleted_endpoint_is_gone(spotzee):
    """For good: the next one has another id."""
    spotzee.post(WEBHOOKS, json=HOOK)
    response = spotzee.delete(f"{WEBHOOKS}/11")

    assert response.status_code == 204
    assert_refused(spotzee.get(f"{WEBHOOKS}/11"), 404, "resource_missing", "id")
    assert spotzee.post(WEBHOOKS, json=HOOK).json()["id"] == 12


CALLS = [("GET", ""), ("PATCH", ""), ("DELETE", ""), ("POST", "/rotate-secret"), ("POST", "/test")]


@pytest.mark.parametrize("number", [999, 8], ids=["unknown", "another project's"])
@pytest.mark.parametrize(("method", "suffix"), CALLS)
def test_an_endpoint_that_the_project_does_not_have_is_missing(spotzee, method, suffix, number):
    """Whatever is asked of it."""
    response = spotzee.request(method, f"{WEBHOOKS}/{number}{suffix}", json={} if method == "PATCH" else None)

    assert_refused(response, 404, "resource_missing", "id")


@pytest.mark.parametrize(("method", "suffix"), CALLS)
def test_endpoints_are_an_admins_affair(spotzee, method, suffix):
    """No lower role sees or changes them."""
    response = spotzee.request(
        method, f"{WEBHOOKS}/7{suffix}", json={} if method == "PATCH" else None, headers=bearer(PUBLISHER)
    )

    assert_refused(response, 403, "permission_denied")


@pytest.mark.parametrize(
    ("changes", "param", "code"),
    [
        ({"name": ""}, "name", "parameter_invalid_empty"),
        ({"name": "x" * 256}, "name", "parameter_invalid_format"),
        ({"url": "http://example.com/hook"}, "url", "parameter_invalid_format"),
        ({"url": "http://localhost.example.com/hook"}, "url", "parameter_invalid_format"),
        ({"url": "ftp://example.com"}, "url", "parameter_invalid_format"),
        ({"url": "hook"}, "url", "parameter_invalid_format"),
        ({"event_types": []}, "event_types", "parameter_invalid_empty"),
        ({"event_types": ["subscription.changed"]}, "event_types.0", "parameter_invalid_format"),
        ({"status": "disabled"}, "status", "parameter_invalid_format"),
    ],
    ids=str,
)
def test_an_endpoint_that_cannot_be_is_refused(spotzee, changes, param, code):
    """When it is made and when it is changed."""
    made = spotzee.post(WEBHOOKS, json={**HOOK, **changes})
    changed = spotzee.patch(f"{WEBHOOKS}/7", json=changes)

    assert_invalid(made, (param, code))
    assert_invalid(changed, (param, code))


def test_a_toggle_is_told_to_nobody(spotzee, admin):
    """No page documents an event for it."""
    spotzee.post(BATCH, json=[GOOD])

    assert admin.get("/outbox").json()["deliveries"] == []


# The test of an endpoint


class Sender:
    """A mock in this process, where time stands still at noon, with one endpoint at the receiver."""

    def __init__(self, receiver: Receiver, **assume: str) -> None:
        own = Server("http://127.0.0.1:4010", create_app(Options(apis=("spotzee",), assume=assume)))
        self.api: httpx.Client = own.client("/spotzee", bearer(ADMIN))
        self.admin: httpx.Client = own.client("/__admin")
        self.admin.post("/clock/freeze", json={"at": NOON})
        self.secret: str = self.api.post(WEBHOOKS, json={**HOOK, "url": receiver.url}).json()["signing_secret"]

    def test(self) -> httpx.Response:
        """A test is sent, and what is due has been."""
        response = self.api.post(f"{WEBHOOKS}/11/test")
        self.settle()
        return response

    def settle(self) -> None:
        """What is due has been sent."""
        assert self.admin.post("/outbox/settle").json()["settled"]

    @property
    def status(self) -> str:
        """The status of the endpoint."""
        text: str = self.api.get(f"{WEBHOOKS}/11").json()["status"]
        return text


def test_a_test_is_signed(receiver):
    """The header is `sha256=` and the HMAC-SHA256 of the exact body with the endpoint's secret."""
    sender = Sender(receiver)

    response = sender.test()

    [received] = receiver.requests
    expected = hmac.new(sender.secret.encode(), received.body, hashlib.sha256).hexdigest()
    assert (response.status_code, response.content) == (204, b"")
    assert received.headers["X-Spotzee-Signature"] == f"sha256={expected}"
    assert received.headers["Content-Type"] == "application/json"
    assert json.loads(received.body) == {
        "event_type": "test.webhook-test",
        "timestamp": NOON,
        "project_id": 42,
        "data": {"message": "This is a test of your webhook endpoint.", "webhook_id": 11, "webhook_name": "Test"},
    }
    assert sender.status == "active"


def test_a_rotated_secret_signs_from_then_on(receiver):
    """The one before is dead at once."""
    sender = Sender(receiver)
    rotated = sender.api.post(f"{WEBHOOKS}/11/rotate-secret").json()["signing_secret"]

    sender.test()

    [received] = receiver.requests
    expected = hmac.new(rotated.encode(), received.body, hashlib.sha256).hexdigest()
    assert received.headers["X-Spotzee-Signature"] == f"sha256={expected}"


@pytest.mark.parametrize("answer", [302, 400, 500])
def test_an_endpoint_that_does_not_take_its_test_is_disabled(receiver, answer):
    """By one answer that is no 2xx, for nothing is tried again; it works again when it is told to."""
    receiver.script(answer)
    sender = Sender(receiver)

    sender.test()

    assert (len(receiver.requests), sender.status) == (1, "disabled")
    sender.api.patch(f"{WEBHOOKS}/11", json={"status": "active"})
    sender.test()
    assert (len(receiver.requests), sender.status) == (2, "active")


def test_the_announced_signature_is_over_the_moment_and_the_body(receiver):
    """`t` is the second of the attempt; `v1` the HMAC-SHA256 over it, a dot and the exact body."""
    sender = Sender(receiver, **{"spotzee.webhook-signature": "announced"})

    sender.test()

    [received] = receiver.requests
    signed = hmac.new(sender.secret.encode(), b"1777636800." + received.body, hashlib.sha256).hexdigest()
    assert received.headers["Spotzee-Signature"] == f"t=1777636800,v1={signed}"
    assert "X-Spotzee-Signature" not in received.headers


def test_the_announced_attempts_follow_their_table(receiver):
    """At once and 30 seconds, 5 and 30 minutes, 2, 6 and 24 hours later, each signed anew; then it is disabled."""
    receiver.script(*[503] * 7)
    sender = Sender(receiver, **{"spotzee.webhook-signature": "announced"})
    sender.test()

    seen = [(len(receiver.requests), sender.status)]
    for moment in ("01T12:00:30", "01T12:05:00", "01T12:30:00", "01T14:00:00", "01T18:00:00", "02T12:00:00"):
        sender.admin.post("/clock/freeze", json={"at": f"2026-05-{moment}.000Z"})
        sender.settle()
        seen.append((len(receiver.requests), sender.status))

    assert seen == [*((number, "active") for number in range(1, 7)), (7, "disabled")]
    assert len({received.body for received in receiver.requests}) == 1
    assert len({received.headers["Spotzee-Signature"] for received in receiver.requests}) == 7


def test_the_announced_attempts_are_made_by_one_move_of_the_clock(receiver):
    """Each signed as of its own time; the endpoint is disabled as of the last."""
    receiver.script(*[503] * 7)
    sender = Sender(receiver, **{"spotzee.webhook-signature": "announced"})
    sender.test()

    sender.admin.post("/clock/advance", json={"duration": "P1W"})
    sender.settle()

    signed = [received.headers["Spotzee-Signature"].partition(",")[0] for received in receiver.requests]
    moments = [1777636800 + seconds for seconds in (0, 30, 300, 1_800, 7_200, 21_600, 86_400)]
    endpoint = sender.api.get(f"{WEBHOOKS}/11").json()
    assert signed == [f"t={moment}" for moment in moments]
    assert (endpoint["status"], endpoint["updated_at"]) == ("disabled", "2026-05-02T12:00:00.000Z")


def test_a_4xx_ends_the_announced_attempts(receiver):
    """It is not tried again."""
    receiver.script(410)
    sender = Sender(receiver, **{"spotzee.webhook-signature": "announced"})

    sender.test()

    assert sender.admin.get("/outbox").json()["deliveries"][0]["state"] == "failed"
    assert sender.status == "disabled"


def test_a_test_of_an_endpoint_that_was_deleted_disturbs_nobody(receiver):
    """The answer comes to nothing."""
    receiver.script(500)
    sender = Sender(receiver)
    sender.api.post(f"{WEBHOOKS}/11/test")
    sender.api.delete(f"{WEBHOOKS}/11")

    sender.settle()

    assert sender.api.get(f"{WEBHOOKS}/11").status_code == 404
