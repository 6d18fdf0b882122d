"""What the vivoldi mock assumes of links, statistics, visitors and webhooks, and what the other options do."""

import hashlib
import hmac
import json

import pytest

from mockserver.vendors import APIS
from tests.vendors import test_vivoldi_assumptions
from tests.vendors.vivoldi_world import (
    BULK,
    BUSINESS,
    BY_DATE,
    BY_GROUP,
    BY_HOUR,
    CREATE,
    CREATE_GROUP,
    DONE,
    FREE,
    PERSONAL,
    TARGET,
    UPDATE_GROUP,
    clicks,
    group_row,
    led_to,
    link_row,
    links,
    make_group,
    make_link,
    verdict,
)

ADMIN = "http://127.0.0.1:4010/__admin"
HOOK = "https://api.example.com/webhook"
APRIL = {"startYmd": "2025-04-01", "endYmd": "2025-04-03", "linkId": "kYdr", "domain": "https://vvd.bz"}
PAST = {"endYmdt": "2020-01-01 00:00:00"}
OVER = "https://example.com/over"


def follow(client, link, user="One", address="203.0.113.7"):
    """The answer to a visit."""
    return client.get(f"/{link}", headers={"User-Agent": user, "X-Forwarded-For": address})


def hooked(client, url=HOOK, count=1, **settings):
    """A group whose webhook is on, and links in it."""
    idx = make_group(client)
    client.put(UPDATE_GROUP, json={"grpIdx": idx, "webhookEnableYn": "Y", "webhookCallbackUrl": url, **settings})
    return [make_link(client, grpIdx=idx) for _ in range(count)]


def used_up(client):
    """A link whose one click was made, with a page for latecomers."""
    link = make_link(client, acesMaxCnt=1, expireUrl=OVER)
    follow(client, link)
    return link


def hooked_globally(client, url):
    """A link without a group; the account's own webhook is on."""
    where = f"{client.base_url.join('..')}__admin/state/vivoldi/accounts/50742"
    account = client.get(where).json()
    client.put(where, json={**account, "webhook_url": url, "webhook_secret": "global"}).raise_for_status()
    return make_link(client)


def settle(client):
    """Everything that was due is sent."""
    client.post(f"{ADMIN}/outbox/settle", json={"timeout": 10}).raise_for_status()


def wait(client, seconds):
    """It is so much later."""
    client.post(f"{ADMIN}/clock/advance", json={"seconds": seconds}).raise_for_status()


def stand_still(client):
    """Time stands still."""
    client.post(f"{ADMIN}/clock/freeze", json={}).raise_for_status()


def spent(client):
    """The first answer 429 to statistics of the Free account."""
    answers = (client.get(BY_DATE, params=APRIL, headers=FREE) for _ in range(3))
    return next(answer for answer in answers if answer.status_code == 429)


def capped(client):
    """A visit of a link in a group with a cap."""
    return follow(client, make_link(client, grpIdx=make_group(client, acesMaxCnt=5)))


def repeated(client):
    """A second visit at once."""
    link = make_link(client)
    follow(client, link)
    return follow(client, link)


# --- defaults ---------------------------------------------------------------------------------------------

SITUATIONS = {
    "created-group=idx": lambda client: client.post(CREATE_GROUP, json={"nm": "New"}),
    "webhook-at-creation=store": lambda client: client.post(
        CREATE_GROUP, json={"nm": "New", "webhookEnableYn": "Y", "webhookCallbackUrl": HOOK}
    ),
    "webhook-address=https": lambda client: client.post(
        CREATE_GROUP, json={"nm": "New", "webhookCallbackUrl": "http://example.com"}
    ),
    "fields-below-plan=ignore": lambda client: client.post(
        CREATE, json={"url": TARGET, "redirectType": 301}, headers=FREE
    ),
    "link-settings=accept": lambda client: client.post(CREATE, json={"url": TARGET, "pwd": "x"}),
    "bulk-failures=refuse": lambda client: client.post(BULK, json={"links": [{"url": TARGET, "grpIdx": 999999}]}),
    "bulk-size=300": lambda client: client.post(BULK, json={"links": [{"url": TARGET}] * 301}),
    "statistics-limit=share": spent,
    "days-without-clicks=omit": lambda client: client.get(BY_DATE, params=APRIL),
    "listed-unknown-groups=skip": lambda client: client.get(
        BY_GROUP, params={"ymd": "2025-04-20", "grpIdx": "5066,7101"}
    ),
    "unset-group-settings=link": lambda client: follow(client, make_link(client, grpIdx=5066, pwd="x")),
    "notice-status=by-reason": lambda client: follow(client, "none"),
    "expiry-redirect=302": lambda client: follow(client, make_link(client, **PAST, expireUrl=OVER)),
    "above-cap=notice": lambda client: [follow(client, used_up(client)) for _ in range(2)][-1],
    "wrong-password=401": lambda client: client.post("/xY5h", data={"pwd": "wrong"}),
    "password-order=last": lambda client: follow(client, "xY5h"),
    "group-cap=each-link": capped,
    "blocked-visits=ignore": lambda client: follow(client, make_link(client, **PAST)),
    "head-requests=ignore": lambda client: client.head("/4Rt3"),
    "visitor-headers=proxy": lambda client: follow(client, "4Rt3"),
    "same-visitor=address-and-agent": lambda client: follow(client, "4Rt3"),
    "repeated-clicks=first": repeated,
    "qr-image=png": lambda client: client.get("/4Rt3/qr"),
    "event-body=counts": lambda client: follow(client, hooked(client)[0]),
    "global-events=clicks": lambda client: follow(client, hooked_globally(client, HOOK)),
    "webhook-count=link": lambda client: follow(client, hooked(client)[0]),
    "webhook-retries=three": lambda client: follow(client, hooked(client)[0]),
    "signed-text=timestamp-and-body": lambda client: follow(client, hooked(client)[0]),
}


@pytest.mark.parametrize("assumption", SITUATIONS)
def test_an_answer_names_what_it_relies_on(vivoldi, assumption):
    """Where an assumption decides about an answer, the answer says which, and which way."""
    answer = SITUATIONS[assumption](vivoldi)

    assert f"vivoldi.{assumption}" in answer.headers["Mock-Assumption"].split(", ")


def test_every_assumption_is_met_in_one_of_these_situations():
    """The situations above and those of calls and groups list the names and defaults of all assumptions."""
    defaults = {f"{assumption.name}={assumption.default}" for assumption in APIS["vivoldi"].assumptions}

    assert defaults == SITUATIONS.keys() | test_vivoldi_assumptions.SITUATIONS.keys()


# --- groups and links ---------------------------------------------------------------------------------------


def test_a_new_group_may_keep_its_id_to_itself(switched):
    """The result is null, and the document says so; the list has the id."""
    client = switched("vivoldi", **{"created-group": "null"})

    answer = client.post(CREATE_GROUP, json={"nm": "Just made"})

    listed = client.get("/api/link-group/v2/list", params={"nm": "Just made"}).json()["result"]["list"]
    assert answer.json() == DONE
    assert len(listed) == 1


def test_a_new_group_may_have_no_webhook(switched):
    """It stays off until an update, which gives the secret."""
    client = switched("vivoldi", **{"webhook-at-creation": "ignore"})

    idx = make_group(client, webhookEnableYn="Y", webhookCallbackUrl=HOOK)

    answer = client.put(UPDATE_GROUP, json={"grpIdx": idx, "webhookEnableYn": "Y"})
    assert group_row(client, idx)["webhookEnableYn"] == "Y"
    assert len(answer.json()["result"]) == 32


@pytest.mark.parametrize(
    ("url", "code"),
    [
        ("https://example.com/hook", 0),
        ("http://localhost:8080/hook", 0),
        ("http://127.0.0.1/hook", 0),
        ("http://[::1]:8080/hook", 0),
        ("https://[2001:db8::7]/hook", 0),
        ("https://[::1", 1001),
        ("http://example.com/hook", 1001),
        ("http://localhost.example.com/hook", 1001),
        ("http://localhost@example.com/hook", 1001),
        ("http://[/hook", 1001),
    ],
)
def test_events_go_to_https_and_to_this_machine(vivoldi, url, code):
    """A test can receive without a certificate; nobody else."""
    answer = vivoldi.put(UPDATE_GROUP, json={"grpIdx": 5066, "webhookCallbackUrl": url})

    assert verdict(answer) == (200, code)


def test_events_may_go_to_http(switched):
    """Wherever it leads."""
    client = switched("vivoldi", **{"webhook-address": "any"})

    answer = client.put(UPDATE_GROUP, json={"grpIdx": 5066, "webhookCallbackUrl": "http://example.com/hook"})

    assert verdict(answer) == (200, 0)


@pytest.mark.parametrize(
    ("headers", "refused", "taken"),
    [
        (FREE, {"redirectType": 301}, {"redirectType": 302}),
        (PERSONAL, {"reuseYn": "Y"}, {"reuseYn": "N"}),
    ],
)
def test_fields_above_the_plan_may_be_refused(switched, headers, refused, taken):
    """With 1006; the value that asks for nothing passes."""
    client = switched("vivoldi", **{"fields-below-plan": "refuse"})

    answers = [client.post(CREATE, json={"url": TARGET, **fields}, headers=headers) for fields in (refused, taken)]

    assert [verdict(answer) for answer in answers] == [(200, 1006), (200, 0)]


def test_a_changed_url_above_the_plan_may_be_refused(switched):
    """With 1006, and nothing of the call is done."""
    client = switched("vivoldi", **{"fields-below-plan": "refuse"})

    answer = client.put("/api/link/v2/update", json={"linkId": "Wd2n", "url": TARGET}, headers=PERSONAL)

    assert verdict(answer) == (200, 1006)


def test_links_may_have_no_settings_of_their_own(switched):
    """A password that is sent with a link is as good as not sent."""
    client = switched("vivoldi", **{"link-settings": "ignore"})

    link = make_link(client, pwd="x", **PAST)

    assert led_to(follow(client, link)) == (302, TARGET)
    assert link_row(client, link)["endYmdt"] is None


def test_of_many_links_those_may_be_made_that_can(switched):
    """The others are left out of the answer."""
    client = switched("vivoldi", **{"bulk-failures": "skip"})

    answer = client.post(
        BULK,
        json={"links": [{"url": TARGET, "grpIdx": 999999}, {"url": TARGET, "brandLinkId": "made"}]},
    )

    assert answer.json()["result"] == [{"shortUrl": "https://vvd.im/made", "url": TARGET}]
    assert len(links(client, url=TARGET)) == 1


def test_one_call_may_make_any_number_of_links(switched):
    """Above Business; the plans whose number is documented keep it."""
    client = switched("vivoldi", **{"bulk-size": "any"})
    many = {"links": [{"url": TARGET}] * 301}

    answers = [client.post(BULK, json=many, headers=headers) for headers in ({}, BUSINESS)]

    assert [verdict(answer) for answer in answers] == [(200, 0), (200, 1001)]


# --- statistics ---------------------------------------------------------------------------------------------


def test_statistics_may_count_like_other_calls(switched):
    """Ten in a row for Personal, more than five per cent."""
    client = switched("vivoldi", **{"statistics-limit": "none"})
    params = {**APRIL, "linkId": "Wd2n"}

    statuses = {client.get(BY_DATE, params=params, headers=PERSONAL).status_code for _ in range(30)}

    assert statuses == {200}


def test_statistics_may_list_days_without_clicks(switched):
    """And hours, with zeros."""
    client = switched("vivoldi", **{"days-without-clicks": "list"})
    about = {"linkId": "kYdr", "domain": "https://vvd.bz"}

    days = client.get(BY_DATE, params={"startYmd": "2025-04-05", "endYmd": "2025-04-07", **about}).json()["result"]
    hours = client.get(BY_HOUR, params={"ymd": "2025-04-05", **about}).json()["result"]

    assert days == [
        {"ymd": "2025-04-05", "acesCnt": 171, "pernCnt": 164},
        {"ymd": "2025-04-06", "acesCnt": 0, "pernCnt": 0},
        {"ymd": "2025-04-07", "acesCnt": 0, "pernCnt": 0},
    ]
    assert [row["hour"] for row in hours if row["acesCnt"]] == [13]
    assert len(hours) == 24


def test_statistics_may_refuse_groups_that_are_not_there(switched):
    """One that is another account's is as good as none."""
    client = switched("vivoldi", **{"listed-unknown-groups": "refuse"})

    answers = [client.get(BY_GROUP, params={"ymd": "2025-04-20", "grpIdx": listed}) for listed in ("5066", "5066,7101")]

    assert [verdict(answer) for answer in answers] == [(200, 0), (200, 1002)]


# --- visitors -----------------------------------------------------------------------------------------------


def test_a_group_may_leave_its_links_nothing_of_their_own(switched):
    """A link's password does not hold in a group without one."""
    client = switched("vivoldi", **{"unset-group-settings": "group"})

    inside, outside = make_link(client, grpIdx=5066, pwd="x"), make_link(client, pwd="x")

    assert [follow(client, link).status_code for link in (inside, outside)] == [302, 200]


def test_every_notice_may_be_a_200(switched):
    """No link, not open yet, expired."""
    client = switched("vivoldi", **{"notice-status": "200"})
    closed = [make_link(client, strtYmdt="2098-01-01 00:00:00"), make_link(client, **PAST)]

    answers = [follow(client, link) for link in ("none", *closed)]

    assert [(answer.status_code, "<h1>" in answer.text) for answer in answers] == [(200, True)] * 3


def test_latecomers_may_be_led_elsewhere_for_good(switched):
    """By a 301."""
    client = switched("vivoldi", **{"expiry-redirect": "301"})

    answer = follow(client, make_link(client, **PAST, expireUrl=OVER))

    assert led_to(answer) == (301, OVER)


def test_the_expiry_page_may_be_for_those_above_the_cap_too(switched):
    """Where a link has none, they see the notice."""
    client = switched("vivoldi", **{"above-cap": "expiry-page"})
    plain = make_link(client, acesMaxCnt=1)
    follow(client, plain)

    answers = [follow(client, link, "Two") for link in (used_up(client), plain)]

    assert [led_to(answer) for answer in answers] == [(302, OVER), (403, None)]


def test_a_wrong_password_may_be_a_200(switched):
    """The form comes again all the same."""
    client = switched("vivoldi", **{"wrong-password": "200"})

    answer = client.post("/xY5h", data={"pwd": "wrong"})

    assert (answer.status_code, "not the password" in answer.text) == (200, True)


def test_the_password_may_be_asked_first(switched):
    """Who does not know it is not told that the link has expired."""
    client = switched("vivoldi", **{"password-order": "first"})
    link = make_link(client, pwd="right", **PAST)

    answers = [follow(client, link), client.post(f"/{link}", data={"pwd": "right"})]

    assert [answer.status_code for answer in answers] == [200, 410]


def test_a_cap_may_bound_a_whole_group(switched):
    """One click of either link, not of each."""
    client = switched("vivoldi", **{"group-cap": "whole-group"})
    idx = make_group(client, acesMaxCnt=1)
    pair = [make_link(client, grpIdx=idx) for _ in range(2)]

    statuses = [follow(client, link).status_code for link in pair]

    assert statuses == [302, 403]


def test_a_visit_that_leads_nowhere_may_count(switched):
    """Once, like any other."""
    client = switched("vivoldi", **{"blocked-visits": "count"})
    link = make_link(client, **PAST)

    follow(client, link)

    assert clicks(client, link) == (1, 1)


def test_a_request_for_the_headers_may_count(switched):
    """Once, like any other visit."""
    client = switched("vivoldi", **{"head-requests": "count"})
    link = make_link(client)

    client.head(f"/{link}")

    assert clicks(client, link) == (1, 1)


def test_what_proxies_say_may_be_passed_over(switched):
    """All are at one address then, and at home."""
    client = switched("vivoldi", **{"visitor-headers": "connection"})
    link = make_link(client, grpIdx=make_group(client, blockOverseasSticsYn="Y"))

    for address in ("203.0.113.7", "203.0.113.8"):
        client.get(f"/{link}", headers={"X-Forwarded-For": address, "CF-IPCountry": "FR"})

    assert clicks(client, link) == (1, 1)


def test_an_address_may_be_one_visitor(switched):
    """Whatever it calls itself."""
    client = switched("vivoldi", **{"same-visitor": "address"})
    link = make_link(client)

    for user, address in (("One", "203.0.113.7"), ("Two", "203.0.113.7"), ("Two", "203.0.113.8")):
        follow(client, link, user, address)

    assert clicks(client, link) == (2, 2)


def test_every_visit_may_begin_the_five_seconds_anew(switched):
    """Who comes every three seconds counts once."""
    client = switched("vivoldi", **{"repeated-clicks": "push-back"})
    link = make_link(client)
    stand_still(client)

    for _ in range(4):
        follow(client, link)
        wait(client, 3)

    assert clicks(client, link) == (1, 1)


def test_a_qr_code_may_be_an_svg(switched):
    """The document declares both."""
    client = switched("vivoldi", **{"qr-image": "svg"})

    answer = client.get("/4Rt3/qr")

    assert answer.headers["Content-Type"] == "image/svg+xml"
    assert b"<svg" in answer.content


# --- webhooks -----------------------------------------------------------------------------------------------


def test_events_may_go_by_the_clicks_of_the_group(switched, receiver):
    """Fifty clicks of two links together are one event."""
    client = switched("vivoldi", **{"webhook-count": "group"})
    pair = hooked(client, receiver.url, count=2, webhookFrequency=50)

    for number in range(50):
        follow(client, pair[number % 2], f"User {number}")
    settle(client)

    [request] = receiver.requests
    assert json.loads(request.body)["acesCnt"] == 50


def test_an_event_may_leave_the_counts_out(switched, receiver):
    """It tells which link was clicked, and when."""
    client = switched("vivoldi", **{"event-body": "click"})

    follow(client, hooked(client, receiver.url)[0])
    settle(client)

    [request] = receiver.requests
    assert [*json.loads(request.body)] == ["compIdx", "grpIdx", "linkId", "domain", "url", "eventYmdt"]


def test_the_account_may_be_told_of_new_users_alone(switched, receiver):
    """Who comes again is none."""
    client = switched("vivoldi", **{"global-events": "users"})
    stand_still(client)
    link = hooked_globally(client, receiver.url)

    for user, seconds in (("One", 6), ("One", 6), ("Two", 0)):
        follow(client, link, user)
        wait(client, seconds)
    settle(client)

    told = [json.loads(request.body) for request in receiver.requests]
    assert [(event["acesCnt"], event["metric"]) for event in told] == [(1, "P"), (3, "P")]


def test_events_may_be_sent_once(switched, receiver):
    """An error is the end of it."""
    client = switched("vivoldi", **{"webhook-retries": "none"})
    receiver.script(500)
    stand_still(client)
    follow(client, hooked(client, receiver.url)[0])
    settle(client)

    wait(client, 3600)
    settle(client)

    assert len(receiver.requests) == 1


def test_the_body_alone_may_be_signed(switched, receiver):
    """The time stands beside the signature all the same."""
    client = switched("vivoldi", **{"signed-text": "body"})
    idx = make_group(client)
    on = {"grpIdx": idx, "webhookEnableYn": "Y", "webhookCallbackUrl": receiver.url}
    secret = client.put(UPDATE_GROUP, json=on).json()["result"]

    follow(client, make_link(client, grpIdx=idx))
    settle(client)

    [request] = receiver.requests
    expected = hmac.new(secret.encode(), request.body, hashlib.sha256).hexdigest()
    assert f",v1={expected}," in request.headers["X-Vivoldi-Signature"]
