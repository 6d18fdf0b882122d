"""What BotSubscription leaves open beside its targets can be switched: keys, settings, admins, webhooks."""

import json

import pytest

from mockserver.server import Options, create_app
from tests.conftest import Server
from tests.support import bearer
from tests.vendors.botsubscription_world import (
    ADMINS,
    BRONZE_TERMS,
    GUILD,
    JOHN,
    KEYS,
    NEW_TARGET,
    NOBODY,
    PLANS,
    PREMIUM,
    SETTINGS,
    STAGING_KEY,
    TARGETS,
    VIP,
    WEBHOOKS,
)


@pytest.fixture
def mock():
    """A mock of its own with an assumption switched: its API and its control API, which finds no broken promise."""
    opened = []

    def start(assumption, option):
        options = Options(apis=("botsubscription",), assume={f"botsubscription.{assumption}": option})
        server = Server("http://127.0.0.1:4010", create_app(options))
        clients = server.client("/botsubscription", bearer("YOUR_TOKEN")), server.client("/__admin")
        opened.append(clients)
        return clients

    yield start
    for api, admin in opened:
        broken = admin.get("/requests", params={"broken": "true"}).json()["requests"]
        api.close()
        admin.close()
        assert broken == []


def relied_on(answer):
    """The assumptions that an answer names."""
    return answer.headers.get("Mock-Assumption", "").replace("botsubscription.", "").split(", ")


STATUSES = [
    ("empty-updates", "accept", ("PATCH", f"{TARGETS}/{VIP}", {}), 200),
    ("empty-updates", "refuse", ("PATCH", f"{TARGETS}/{VIP}", {}), 422),
    ("null-values", "ignore", ("PATCH", f"{TARGETS}/{VIP}", {"is_enabled": None}), 200),
    ("null-values", "refuse", ("PATCH", f"{TARGETS}/{VIP}", {"is_enabled": None}), 422),
    ("blank-names", "accept", ("PATCH", f"{TARGETS}/{VIP}", {"target_name": ""}), 200),
    ("invalid-settings", "unprocessable", ("PUT", f"{SETTINGS}/ai_enabled", {"value": 7}), 422),
    ("invalid-settings", "bad-request", ("PUT", f"{SETTINGS}/ai_enabled", {"value": 7}), 400),
    ("unknown-settings", "refuse", ("PATCH", SETTINGS, {"colour": "red"}), 422),
    ("unknown-settings", "ignore", ("PATCH", SETTINGS, {"colour": "red"}), 204),
    ("added-admin", "201", ("POST", ADMINS, {"user_id": JOHN, "permissions": []}), 201),
    ("added-admin", "200", ("POST", ADMINS, {"user_id": JOHN, "permissions": []}), 200),
    ("admin-twice", "replace", ("POST", ADMINS, {"user_id": JOHN, "permissions": []}), 201),
    ("admin-twice", "refuse", ("POST", ADMINS, {"user_id": JOHN, "permissions": []}), 422),
    ("unknown-permissions", "keep", ("POST", ADMINS, {"user_id": JOHN, "permissions": ["nobody:knows"]}), 201),
    ("unknown-permissions", "refuse", ("POST", ADMINS, {"user_id": JOHN, "permissions": ["nobody:knows"]}), 422),
    ("plan-values", "known-forms", ("POST", PLANS, {**BRONZE_TERMS, "plan_currency": "usd"}), 422),
    ("plan-values", "any-text", ("POST", PLANS, {**BRONZE_TERMS, "plan_currency": "usd"}), 201),
    ("webhook-address", "loopback-too", ("POST", WEBHOOKS, {"url": "http://127.0.0.1:1/"}), 200),
    ("webhook-address", "https-only", ("POST", WEBHOOKS, {"url": "http://127.0.0.1:1/"}), 422),
]


@pytest.mark.parametrize(
    ("assumption", "option", "sent", "status"), STATUSES, ids=[f"{row[0]}-{row[1]}" for row in STATUSES]
)
def test_an_option_decides_and_is_named(mock, assumption, option, sent, status):
    """The status is what the option says, and the answer names the assumption."""
    api, _ = mock(assumption, option)
    method, url, body = sent

    answer = api.request(method, url, json=body)

    assert (answer.status_code, f"{assumption}={option}" in relied_on(answer)) == (status, True)


@pytest.mark.parametrize(("option", "beginning"), [("bs", "bs_"), ("sk-live", "sk_live_")])
def test_a_new_key_looks_as_the_option_says(mock, option, beginning):
    """And opens the project."""
    api, _ = mock("key-format", option)

    secret = api.post(KEYS, json={"label": "new"}).json()["data"]["key"]

    assert (secret.startswith(beginning), api.get(KEYS, headers=bearer(secret)).status_code) == (True, 200)


@pytest.mark.parametrize(("option", "status"), [("repeat", 200), ("not-found", 404)])
def test_a_key_is_revoked_a_second_time(mock, option, status):
    """With the moment at which it first was, or not at all."""
    api, _ = mock("revoked-twice", option)
    first = api.delete(f"{KEYS}/{STAGING_KEY}").json()

    second = api.delete(f"{KEYS}/{STAGING_KEY}")

    assert (second.status_code, second.json().get("data") in (first["data"], None)) == (status, True)


@pytest.mark.parametrize(("option", "left"), [("keep", 1), ("delete", 0)])
def test_what_is_inside_a_deleted_guild(mock, option, left):
    """Stays or goes with it."""
    api, _ = mock("deleted-guild", option)

    api.delete(f"{TARGETS}/{GUILD}")

    assert api.get(f"{TARGETS}/{PREMIUM}").json()["total"] == left


def received(mock, receiver, assumption, option, happen):
    """What a webhook gets under this option."""
    api, admin = mock(assumption, option)
    api.post(WEBHOOKS, json={"url": receiver.url})
    happen(api, admin)
    admin.post("/outbox/settle", json={})
    return [json.loads(request.body) for request in receiver.requests], admin


def disable(api, _admin):
    """VIP Channel lets nobody in any more, and has another name."""
    api.patch(f"{TARGETS}/{VIP}", json={"is_enabled": False, "target_name": "V"})


def connect(_api, admin):
    """The bot brings a target along."""
    admin.put(f"/state/botsubscription/targets/{NOBODY}", json=NEW_TARGET)


@pytest.mark.parametrize(
    ("assumption", "option", "happen", "events"),
    [
        ("event-names", "each-its-own", disable, ["target.renamed", "target.disabled"]),
        ("event-names", "updated", disable, ["target.updated"]),
        ("webhook-events", "all", disable, ["target.renamed", "target.disabled"]),
        ("webhook-events", "added-only", disable, []),
        ("webhook-events", "added-only", connect, ["target.added"]),
    ],
)
def test_which_events_are_sent(mock, receiver, assumption, option, happen, events):
    """As the option says."""
    bodies, _ = received(mock, receiver, assumption, option, happen)

    assert [body["event"] for body in bodies] == events


@pytest.mark.parametrize(
    ("option", "members", "inner"),
    [
        ("flat", ["event", "event_id", "emitted_at", "channel", "project_id", "platform", "target"], []),
        ("wrapped", ["event", "event_id", "emitted_at", "data"], ["channel", "project_id", "platform", "target"]),
    ],
)
def test_the_body_is_flat_or_wrapped(mock, receiver, option, members, inner):
    """With the same fields either way."""
    [body], _ = received(mock, receiver, "webhook-body", option, connect)

    assert ([*body], [*body.get("data", ())]) == (members, inner)


@pytest.mark.parametrize(("option", "member"), [("snapshot", "target"), ("id-only", "target_id")])
def test_a_removed_target_is_shown_or_named(mock, receiver, option, member):
    """As it last was, or by its id."""
    [body], _ = received(mock, receiver, "removed-targets", option, lambda api, _: api.delete(f"{TARGETS}/{VIP}"))

    assert [*body][-1] == member


@pytest.mark.parametrize(
    ("option", "delays"),
    [
        ("two-hours", [10, 60, 300, 1_800, 7_200]),
        ("a-day", [60, 300, 1_800, 7_200, 21_600, 57_600]),
        ("once", []),
    ],
)
def test_attempts_are_so_long_after_each_other(mock, receiver, option, delays):
    """In seconds."""
    _, admin = received(mock, receiver, "webhook-backoff", option, connect)

    assert admin.get("/outbox").json()["deliveries"][0]["delays"] == delays


@pytest.mark.parametrize("status", [302, 304, 409, 418])
@pytest.mark.parametrize(("option", "state"), [("retry", "due"), ("drop", "failed")])
def test_a_status_that_no_page_lists_is_retried_or_dropped(mock, receiver, status, option, state):
    """As the option says."""
    receiver.script(status)

    _, admin = received(mock, receiver, "unlisted-statuses", option, connect)

    assert admin.get("/outbox").json()["deliveries"][0]["state"] == state


@pytest.mark.parametrize("status", [404, 408, 410, 429, 500, 503, 599])
def test_a_status_that_a_page_lists_is_retried(mock, receiver, status):
    """Whatever is assumed of the others."""
    receiver.script(status)

    _, admin = received(mock, receiver, "unlisted-statuses", "drop", connect)

    assert admin.get("/outbox").json()["deliveries"][0]["state"] == "due"


@pytest.mark.parametrize("status", [400, 401, 403, 405, 406, 422])
def test_a_status_that_a_page_lists_is_dropped(mock, receiver, status):
    """Whatever is assumed of the others."""
    receiver.script(status)

    _, admin = received(mock, receiver, "unlisted-statuses", "retry", connect)

    assert admin.get("/outbox").json()["deliveries"][0]["state"] == "failed"
