"""Group webhooks: which clicks are told, how a delivery looks, and how often it is tried."""

import hashlib
import hmac
import json

import pytest

from tests.vendors.vivoldi_world import DELETE_GROUP, TARGET, UPDATE_GROUP, advance, freeze, make_group, make_link

NOON = "2026-03-15 12:00:00"
HEX = set("0123456789abcdef")


@pytest.fixture
def visit(anonymous, admin):
    """Follows a link, as many users as there are names; afterwards everything that was due is sent."""

    def follow(link, *users):
        for user in users:
            anonymous("vivoldi").get(f"/{link}", headers={"User-Agent": user})
        admin.post("/outbox/settle", json={"timeout": 10}).raise_for_status()

    return follow


def hook(vivoldi, receiver, **settings):
    """A new group whose webhook leads to the receiver, a link in it, and the secret."""
    idx = make_group(vivoldi)
    body = {"grpIdx": idx, "webhookEnableYn": "Y", "webhookCallbackUrl": receiver.url, **settings}
    secret = vivoldi.put(UPDATE_GROUP, json=body).json()["result"]
    return idx, make_link(vivoldi, grpIdx=idx), secret


def counts(receiver):
    """The clicks and unique users that the events tell of, in their order."""
    return [(event["acesCnt"], event["pernCnt"]) for event in map(json.loads, (r.body for r in receiver.requests))]


def test_a_click_is_told(vivoldi, visit, receiver, admin):
    """By POST of JSON: which link of which group, and how far its counts are."""
    freeze(admin, NOON)
    idx, link, _ = hook(vivoldi, receiver)

    visit(link, "One")

    [request] = receiver.requests
    assert (request.method, request.headers["Content-Type"]) == ("POST", "application/json")
    assert json.loads(request.body) == {
        "compIdx": 50742, "grpIdx": idx, "linkId": link, "domain": "https://vvd.bz", "url": TARGET,
        "acesCnt": 1, "pernCnt": 1, "metric": "C", "frequency": 1, "eventYmdt": "2026-03-15 12:00:00",
    }  # fmt: skip


def test_an_event_says_what_it_is(vivoldi, visit, receiver, admin):
    """Its ids are 32 hexadecimal digits each, its time is in milliseconds."""
    freeze(admin, NOON)
    _, link, _ = hook(vivoldi, receiver)

    visit(link, "One")

    headers = receiver.requests[0].headers
    ids = [headers["X-Vivoldi-Request-Id"], headers["X-Vivoldi-Event-Id"]]
    assert [(len(one), set(one) <= HEX) for one in ids] == [(32, True), (32, True)]
    assert (
        dict(headers.items()).items()
        >= {
            "X-Vivoldi-Webhook-Type": "GROUP",
            "X-Vivoldi-Resource-Type": "URL",
            "X-Vivoldi-Action-Type": "NONE",
            "X-Vivoldi-Comp-Idx": "50742",
            "X-Vivoldi-Timestamp": "1773543600000",
        }.items()
    )


def test_an_event_is_signed_with_the_secret_of_its_group(vivoldi, visit, receiver):
    """HMAC-SHA256 over the time, a full stop and the body; the body has a digest of its own."""
    _, link, secret = hook(vivoldi, receiver)

    visit(link, "One")

    [request] = receiver.requests
    at = request.headers["X-Vivoldi-Timestamp"]
    expected = hmac.new(secret.encode(), at.encode() + b"." + request.body, hashlib.sha256).hexdigest()
    assert request.headers["X-Vivoldi-Signature"] == f"t={at},v1={expected},alg=hmac-sha256"
    assert request.headers["X-Content-SHA256"] == hashlib.sha256(request.body).hexdigest()


def test_who_only_asks_where_a_link_leads_is_not_told_of(vivoldi, anonymous, visit, receiver):
    """The click after it is the first."""
    _, link, _ = hook(vivoldi, receiver)
    anonymous("vivoldi").head(f"/{link}")

    visit(link, "One")

    assert counts(receiver) == [(1, 1)]


def test_every_nth_click_is_told(vivoldi, visit, receiver):
    """With 50, the 50th and the 100th of 101."""
    _, link, _ = hook(vivoldi, receiver, webhookFrequency=50)

    visit(link, *(f"User {number}" for number in range(101)))

    assert counts(receiver) == [(50, 50), (100, 100)]


@pytest.mark.parametrize(("metric", "told"), [("C", [(1, 1), (2, 1), (3, 2)]), ("P", [(1, 1), (3, 2)])])
def test_clicks_or_unique_users_are_counted(vivoldi, visit, receiver, admin, metric, told):
    """Who comes again is a click, and no other user."""
    freeze(admin, NOON)
    _, link, _ = hook(vivoldi, receiver, webhookMetric=metric)
    visit(link, "One")
    advance(admin, 10)

    visit(link, "One", "Two")

    assert counts(receiver) == told


def test_clicks_that_do_not_count_are_not_told(vivoldi, visit, receiver, admin):
    """The same visitor again within five seconds, and whoever was not led on."""
    freeze(admin, NOON)
    _, link, _ = hook(vivoldi, receiver, acesMaxCnt=1)

    visit(link, "One", "One", "Two")

    assert counts(receiver) == [(1, 1)]


@pytest.mark.parametrize("change", [{"webhookEnableYn": "N"}, None])
def test_nothing_is_told_once_it_is_off(vivoldi, visit, receiver, change):
    """Switched off, or with its group deleted."""
    idx, link, _ = hook(vivoldi, receiver)

    if change is None:
        vivoldi.delete(DELETE_GROUP, params={"grpIdx": idx})
    else:
        vivoldi.put(UPDATE_GROUP, json={"grpIdx": idx, **change})
    visit(link, "One")

    assert receiver.requests == []


@pytest.mark.parametrize("account", [{"plan": "business_plus"}, {"global_webhook": False}])
def test_an_account_below_enterprise_is_told_nothing(vivoldi, visit, receiver, admin, account):
    """Nor one whose global webhook is off, though the group's is on from before."""
    _, link, _ = hook(vivoldi, receiver)
    before = admin.get("/state/vivoldi/accounts/50742").json()
    admin.put("/state/vivoldi/accounts/50742", json={**before, **account}).raise_for_status()

    visit(link, "One")

    assert receiver.requests == []


def test_an_unanswered_event_comes_again_with_its_id(vivoldi, visit, receiver, admin):
    """After 1, 5 and 30 seconds, byte for byte, with a request id and a signature of its own; then no more."""
    freeze(admin, NOON)
    receiver.script(500, 302, 404, 503)
    _, link, _ = hook(vivoldi, receiver)
    visit(link, "One")

    seen = [len(receiver.requests)]
    for seconds in (1, 5, 29, 1, 3600):
        advance(admin, seconds)
        admin.post("/outbox/settle", json={"timeout": 10})
        seen.append(len(receiver.requests))

    requests = receiver.requests
    assert seen == [1, 2, 3, 3, 4, 4]
    assert len({request.body for request in requests}) == 1
    assert len({request.headers["X-Vivoldi-Event-Id"] for request in requests}) == 1
    assert len({request.headers["X-Vivoldi-Request-Id"] for request in requests}) == 4
    assert len({request.headers["X-Vivoldi-Signature"] for request in requests}) == 4
    assert admin.get("/outbox").json()["deliveries"][0]["state"] == "failed"


@pytest.mark.parametrize("status", [200, 201, 204, 299])
def test_any_2xx_is_enough(vivoldi, visit, receiver, admin, status):
    """The event is delivered, and does not come again."""
    freeze(admin, NOON)
    receiver.script(status)
    _, link, _ = hook(vivoldi, receiver)
    visit(link, "One")

    advance(admin, 3600)
    admin.post("/outbox/settle", json={"timeout": 10})

    assert len(receiver.requests) == 1
    assert admin.get("/outbox").json()["deliveries"][0]["state"] == "delivered"


def test_two_events_have_two_ids(vivoldi, visit, receiver):
    """An event is a click, not a link."""
    _, link, _ = hook(vivoldi, receiver)

    visit(link, "One", "Two")

    assert len({request.headers["X-Vivoldi-Event-Id"] for request in receiver.requests}) == 2


def test_links_without_a_webhook_of_their_group_are_told_globally(vivoldi, visit, receiver, admin):
    """Where the account has an address and a secret for it, each click goes there."""
    account = admin.get("/state/vivoldi/accounts/50742").json()
    told = {**account, "webhook_url": receiver.url, "webhook_secret": "global secret"}
    admin.put("/state/vivoldi/accounts/50742", json=told).raise_for_status()

    visit("4Rt3", "One")

    [request] = receiver.requests
    at = request.headers["X-Vivoldi-Timestamp"]
    expected = hmac.new(b"global secret", at.encode() + b"." + request.body, hashlib.sha256).hexdigest()
    assert request.headers["X-Vivoldi-Webhook-Type"] == "GLOBAL"
    assert f"v1={expected}," in request.headers["X-Vivoldi-Signature"]


def test_a_group_made_with_a_webhook_tells_after_its_first_update(vivoldi, visit, receiver):
    """Before that there is no secret to sign with."""
    idx = make_group(vivoldi, webhookEnableYn="Y", webhookCallbackUrl=receiver.url)
    link = make_link(vivoldi, grpIdx=idx)
    visit(link, "One")

    vivoldi.put(UPDATE_GROUP, json={"grpIdx": idx, "webhookEnableYn": "Y"})
    visit(link, "Two")

    assert counts(receiver) == [(2, 2)]
