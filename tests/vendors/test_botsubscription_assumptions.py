"""What BotSubscription leaves open can be switched: each option of each assumption answers as it says."""

import json

import pytest

from mockserver.vendors import APIS
from mockserver.vendors.botsubscription.permissions import PERMISSIONS
from tests.support import bearer

ASSUMPTIONS = [*APIS["botsubscription"].assumptions]
PROJECT = "/v2/projects/YOUR_PROJECT_ID"
TARGETS = f"{PROJECT}/targets"
PREMIUM = "11111111-1111-1111-1111-111111111111"
VIP = "22222222-2222-2222-2222-222222222222"
GUILD = "33333333-3333-3333-3333-333333333333"
GUILD_ROLE = "6c6a6f13-39a9-4261-b2e3-c205e70be7ab"
NOBODY = "99999999-9999-4999-8999-999999999999"
OTHER_PROJECT = "/v2/projects/7d9f6a52-3c41-4e0b-9a86-52f0c1d7e834"
SECOND_KEY = "bs_5a4fe08359c7f97380e408c717ef42c86939cd86"
REVOKED_KEY = "bs_c00dbbc9dadfbe1e232e93a729dd4752fade0abf"
READER = "eyJhbGciOiJIUzI1NiIsInR5cCI6IkpXVCJ9.eyJzdWIiOjF9.a4ayc_80_OGda4BO_1o_V0etpOqiLx1JwB5S3beHW0s"
JSON = {"Content-Type": "application/json"}
TEXT = {"Content-Type": "text/plain"}


def outcome(answer):
    """The status, and the error code or the number of targets; an answer that breaks the document is none."""
    assert "Mock-Violation" not in answer.headers
    body = answer.json()
    return answer.status_code, body["error"]["error_code"] if "error" in body else body["total"]


def named(answer):
    """The assumptions that this answer relied on, with their options."""
    names = answer.headers.get("Mock-Assumption", "").replace("botsubscription.", "")
    return names.split(", ")


def names(answer):
    """The names of the targets answered, in their order."""
    return [target["target_name"] for target in answer.json()["data"]]


def update(*items):
    """An update with these items, as the arguments of a request."""
    return {"method": "PATCH", "url": TARGETS, "json": [*items]}


def listed(query="", **more):
    """A list with this query, as the arguments of a request."""
    return {"method": "GET", "url": TARGETS + query, **more}


def sent(content, headers=JSON):
    """An update with this body, as the arguments of a request."""
    return {"method": "PATCH", "url": TARGETS, "content": content, "headers": headers}


def rows(table):
    """What to call the rows of a table that begin with an assumption and its option."""
    return [f"{assumption}-{option}" for assumption, option, *_ in table]


GUILD_FIRST = update({"target_id": GUILD}, {"target_id": VIP})
KNOWN_AND_NOT = update({"target_id": VIP, "is_enabled": False}, {"target_id": NOBODY, "is_enabled": False})
NOT_KNOWN = update({"target_id": NOBODY, "is_enabled": False})
TWICE = update({"target_id": VIP, "is_enabled": False}, {"target_id": VIP, "target_name": "Second"})
NO_CHANGE = update({"target_id": VIP}, {"target_id": PREMIUM, "is_enabled": False})
NOTHING_BUT_NO_CHANGE = update({"target_id": VIP})
AS_IT_IS = update({"target_id": VIP, "is_enabled": True}, {"target_id": PREMIUM, "is_enabled": False})
ALL_AS_IT_IS = update({"target_id": VIP, "is_enabled": True})
CAPITALS = update({"target_id": GUILD_ROLE.upper(), "is_enabled": False})
BOTH_CASES = update({"target_id": GUILD_ROLE, "is_enabled": False}, {"target_id": GUILD_ROLE.upper()})
READ_ONLY = update({"target_id": VIP, "is_enabled": False, "plan_count": 9})
WITH_NULL = update({"target_id": VIP, "is_enabled": None, "target_name": None})
ONE_INVALID = update({"target_id": VIP, "is_enabled": False}, {"target_id": PREMIUM, "is_enabled": 0})
ALL_INVALID = update({"target_id": VIP, "is_enabled": 0}, 7)
MANY = update(*[{"target_id": VIP, "is_enabled": False}] * 101)
BLANK = update({"target_id": VIP, "target_name": " "})
EMPTY_NAME = update({"target_id": VIP, "target_name": ""})
LONG = update({"target_id": VIP, "target_name": "n" * 256})
UNREADABLE = sent(b"[")
UNDECLARED = sent(json.dumps([{"target_id": VIP, "is_enabled": False}]), TEXT)
LARGE = sent(b" " * (10 * 1024 * 1024 + 1))
NO_UUID = {"method": "GET", "url": f"{TARGETS}/not-a-uuid"}
READER_UPDATES = {**update({"target_id": VIP, "is_enabled": False}), "headers": bearer(READER)}
READER_IS_WRONG = {**update(), "headers": bearer(READER)}
ELSEWHERE = {"method": "GET", "url": f"{OTHER_PROJECT}/targets"}
NOWHERE = {"method": "GET", "url": "/v2/projects/nowhere/targets"}
PUT = {"method": "PUT", "url": TARGETS}

OUTCOMES = [
    ("unknown-targets", "skip", KNOWN_AND_NOT, (200, 1)),
    ("unknown-targets", "refuse", KNOWN_AND_NOT, (404, "NOT_FOUND")),
    ("nothing-matched", "not-found", NOT_KNOWN, (404, "NOT_FOUND")),
    ("nothing-matched", "empty", NOT_KNOWN, (200, 0)),
    ("duplicate-targets", "merge", TWICE, (200, 1)),
    ("duplicate-targets", "count-each", TWICE, (200, 2)),
    ("duplicate-targets", "refuse", TWICE, (422, "VALIDATION_ERROR")),
    ("uuid-case", "ignore", CAPITALS, (200, 1)),
    ("uuid-case", "ignore", BOTH_CASES, (200, 1)),
    ("uuid-case", "ignore", {"method": "GET", "url": f"{TARGETS}/{GUILD_ROLE.upper()}"}, (200, 1)),
    ("uuid-case", "exact", CAPITALS, (404, "NOT_FOUND")),
    ("uuid-case", "exact", BOTH_CASES, (200, 1)),
    ("uuid-case", "exact", {"method": "GET", "url": f"{TARGETS}/{GUILD_ROLE.upper()}"}, (200, 0)),
    ("empty-items", "count", NO_CHANGE, (200, 2)),
    ("empty-items", "skip", NO_CHANGE, (200, 1)),
    ("empty-items", "skip", NOTHING_BUT_NO_CHANGE, (200, 0)),
    ("empty-items", "refuse", NO_CHANGE, (422, "VALIDATION_ERROR")),
    ("unchanged-targets", "count", AS_IT_IS, (200, 2)),
    ("unchanged-targets", "skip", AS_IT_IS, (200, 1)),
    ("unchanged-targets", "skip", ALL_AS_IT_IS, (200, 0)),
    ("unwritable-fields", "ignore", READ_ONLY, (200, 1)),
    ("unwritable-fields", "refuse", READ_ONLY, (422, "VALIDATION_ERROR")),
    ("null-values", "refuse", WITH_NULL, (422, "VALIDATION_ERROR")),
    ("null-values", "ignore", WITH_NULL, (200, 1)),
    ("invalid-items", "refuse", ONE_INVALID, (422, "VALIDATION_ERROR")),
    ("invalid-items", "skip", ONE_INVALID, (200, 1)),
    ("invalid-items", "skip", ALL_INVALID, (404, "NOT_FOUND")),
    ("empty-array", "refuse", update(), (422, "VALIDATION_ERROR")),
    ("empty-array", "accept", update(), (200, 0)),
    ("long-array", "refuse", MANY, (422, "VALIDATION_ERROR")),
    ("long-array", "accept", MANY, (200, 1)),
    ("blank-names", "refuse", BLANK, (422, "VALIDATION_ERROR")),
    ("blank-names", "accept", BLANK, (200, 1)),
    ("blank-names", "accept", EMPTY_NAME, (200, 1)),
    ("long-names", "refuse", LONG, (422, "VALIDATION_ERROR")),
    ("long-names", "accept", LONG, (200, 1)),
    ("list-total", "all", listed("?limit=2"), (200, 34)),
    ("list-total", "page", listed("?limit=2"), (200, 2)),
    ("large-page", "refuse", listed("?limit=101"), (422, "VALIDATION_ERROR")),
    ("large-page", "clamp", listed("?limit=101"), (200, 34)),
    ("bad-paging", "refuse", listed("?limit=0"), (422, "VALIDATION_ERROR")),
    ("bad-paging", "default", listed("?limit=0"), (200, 34)),
    ("bad-paging", "default", listed("?limit=abc&offset=x"), (200, 34)),
    ("malformed-target-ids", "refuse", NO_UUID, (422, "VALIDATION_ERROR")),
    ("malformed-target-ids", "empty", NO_UUID, (200, 0)),
    ("unseen-projects", "not-found", ELSEWHERE, (404, "NOT_FOUND")),
    ("unseen-projects", "forbidden", ELSEWHERE, (403, "FORBIDDEN")),
    ("malformed-projects", "unseen", NOWHERE, (404, "NOT_FOUND")),
    ("malformed-projects", "invalid", NOWHERE, (422, "VALIDATION_ERROR")),
    ("missing-permission", "forbidden", READER_UPDATES, (403, "FORBIDDEN")),
    ("missing-permission", "unauthorized", READER_UPDATES, (401, "UNAUTHORIZED")),
    ("missing-permission", "allow", READER_UPDATES, (200, 1)),
    ("revoked-keys", "unauthorized", listed(headers=bearer(REVOKED_KEY)), (401, "UNAUTHORIZED")),
    ("revoked-keys", "forbidden", listed(headers=bearer(REVOKED_KEY)), (403, "FORBIDDEN")),
    ("scheme-case", "exact", listed(headers=bearer("YOUR_TOKEN", "bearer")), (401, "UNAUTHORIZED")),
    ("scheme-case", "ignore", listed(headers=bearer("YOUR_TOKEN", "bearer")), (200, 34)),
    ("permission-order", "caller-first", READER_IS_WRONG, (403, "FORBIDDEN")),
    ("permission-order", "body-first", READER_IS_WRONG, (422, "VALIDATION_ERROR")),
    ("unreadable-body", "bad-request", UNREADABLE, (400, "BAD_REQUEST")),
    ("unreadable-body", "unprocessable", UNREADABLE, (422, "VALIDATION_ERROR")),
    ("invalid-values", "unprocessable", listed("?limit=0"), (422, "VALIDATION_ERROR")),
    ("invalid-values", "bad-request", listed("?limit=0"), (400, "BAD_REQUEST")),
    ("content-type", "refuse", UNDECLARED, (415, "UNSUPPORTED_MEDIA_TYPE")),
    ("content-type", "bad-request", UNDECLARED, (400, "BAD_REQUEST")),
    ("content-type", "ignore", UNDECLARED, (200, 1)),
    ("large-body", "too-large", LARGE, (413, "PAYLOAD_TOO_LARGE")),
    ("large-body", "bad-request", LARGE, (400, "BAD_REQUEST")),
    ("wrong-method", "not-allowed", PUT, (405, "METHOD_NOT_ALLOWED")),
    ("wrong-method", "not-found", PUT, (404, "NOT_FOUND")),
    ("code-names", "reason", update(), (422, "VALIDATION_ERROR")),
    ("code-names", "phrase", update(), (422, "UNPROCESSABLE_ENTITY")),
]


@pytest.mark.parametrize(("assumption", "option", "request_", "expected"), OUTCOMES, ids=rows(OUTCOMES))
def test_an_option_decides_and_is_named(switched, assumption, option, request_, expected):
    """The answer is what the option says, keeps the document, and names the assumption that it relied on."""
    client = switched("botsubscription", **{assumption: option})

    answer = client.request(**request_)

    assert (outcome(answer), f"{assumption}={option}" in named(answer)) == (expected, True)


SEEN = [
    ("name-spaces", "trim", update({"target_id": VIP, "target_name": " VIP "}), ["VIP"]),
    ("name-spaces", "keep", update({"target_id": VIP, "target_name": " VIP "}), [" VIP "]),
    ("answer-order", "request", GUILD_FIRST, ["Harbor Trading Club", "VIP Channel"]),
    ("answer-order", "creation", GUILD_FIRST, ["VIP Channel", "Harbor Trading Club"]),
    ("list-order", "oldest-first", listed("?limit=2"), ["Premium Members", "VIP Channel"]),
    ("list-order", "newest-first", listed("?limit=2"), ["Morning Run Crew", "Members"]),
    ("list-order", "by-name", listed("?limit=2"), ["Alumni", "Apprentice"]),
    ("list-offset", "skip", listed("?limit=1&offset=1"), ["VIP Channel"]),
    ("list-offset", "ignore", listed("?limit=1&offset=1"), ["Premium Members"]),
    ("duplicate-targets", "count-each", TWICE, ["Second", "Second"]),
]


@pytest.mark.parametrize(("assumption", "option", "request_", "expected"), SEEN, ids=rows(SEEN))
def test_an_option_shows_in_the_targets_answered(switched, assumption, option, request_, expected):
    """Which targets are answered, in which order and under which name is what the option says."""
    client = switched("botsubscription", **{assumption: option})

    answer = client.request(**request_)

    assert (names(answer), f"{assumption}={option}" in named(answer)) == (expected, True)


@pytest.mark.parametrize(("option", "count"), [("20", 20), ("10", 10), ("50", 34)])
def test_the_page_size_is_that_of_the_option(switched, option, count):
    """A list without a limit holds as many targets as the option says."""
    answer = switched("botsubscription", **{"page-size": option}).get(TARGETS)

    assert (len(answer.json()["data"]), f"page-size={option}" in named(answer)) == (count, True)


@pytest.mark.parametrize(("option", "enabled"), [("leave", True), ("cascade", False)])
def test_disabling_a_guild_disables_its_roles_where_it_cascades(switched, option, enabled):
    """A role of a disabled guild is what the option says, and only the guild is answered."""
    client = switched("botsubscription", **{"disabled-guild": option})

    answer = client.patch(TARGETS, json=[{"target_id": GUILD, "is_enabled": False}])

    role = client.get(f"{TARGETS}/{PREMIUM}").json()["data"][0]
    relied_on = f"disabled-guild={option}" in named(answer)
    assert (answer.json()["total"], role["is_enabled"], relied_on) == (1, enabled, True)


def test_a_skipped_item_changes_nothing(switched):
    """Of an update with one invalid item the others are applied, and the target of the invalid one stays."""
    client = switched("botsubscription", **{"invalid-items": "skip"})

    client.request(**ONE_INVALID)

    read = [client.get(f"{TARGETS}/{target_id}").json()["data"][0]["is_enabled"] for target_id in (VIP, PREMIUM)]
    assert read == [False, True]


@pytest.mark.parametrize(
    "refusal",
    [
        ("unknown-targets", KNOWN_AND_NOT),
        ("duplicate-targets", TWICE),
        ("empty-items", NO_CHANGE),
        ("unwritable-fields", READ_ONLY),
    ],
    ids=lambda refusal: refusal[0],
)
def test_what_an_option_refuses_changes_nothing(switched, refusal):
    """An update that is refused under a switched assumption leaves every target as it was."""
    assumption, request_ = refusal
    client = switched("botsubscription", **{assumption: "refuse"})
    before = client.get(f"{TARGETS}?limit=100").json()["data"]

    client.request(**request_)

    assert client.get(f"{TARGETS}?limit=100").json()["data"] == before


def test_null_and_skipped_items_go_together(switched):
    """Where null stands for nothing, an item with nulls is valid also when invalid items are skipped."""
    client = switched("botsubscription", **{"null-values": "ignore", "invalid-items": "skip"})

    answer = client.request(**WITH_NULL)

    assert outcome(answer) == (200, 1)


def first_refusal(client, tokens=("YOUR_TOKEN",), most=400):
    """The first 429 to requests that take turns with these tokens."""
    for number in range(most):
        answer = client.get(f"{TARGETS}/{PREMIUM}", headers=bearer(tokens[number % len(tokens)]))
        if answer.status_code == 429:
            return answer
    pytest.fail(f"{most} requests in a row, and none was refused.")


def test_the_printed_rate_limit_body_has_one_code(switched):
    """As the vendor's page prints it, a 429 has no `ok`, and its code as `code` only."""
    answer = first_refusal(switched("botsubscription", **{"rate-limit-body": "as-printed"}))

    body = answer.json()
    assert ([*body], [*body["error"]], "Mock-Violation" in answer.headers) == (
        ["request_id", "method", "path", "code", "error"],
        ["message", "code", "retry_after"],
        False,
    )


def test_a_refusal_names_what_it_relied_on(switched):
    """A 429 names the assumptions about the budgets."""
    answer = first_refusal(switched("botsubscription"))

    assert {"rate-limit-headers=key", "rate-limit-body=both"} <= set(named(answer))


@pytest.mark.parametrize(("option", "limit"), [("key", "100"), ("tightest", "20")])
def test_the_headers_show_the_budget_of_the_option(switched, option, limit):
    """X-RateLimit-Limit is that of the token's minute, or of the budget with the least left."""
    answer = switched("botsubscription", **{"rate-limit-headers": option}).get(TARGETS)

    assert answer.headers["X-RateLimit-Limit"] == limit


def test_an_address_may_share_its_burst(switched):
    """Where the burst is the address's, two tokens spend it together, and the refusal says so."""
    client = switched("botsubscription", **{"burst-scope": "address"})

    answer = first_refusal(client, ("YOUR_TOKEN", SECOND_KEY))

    assert ("burst-scope=address" in named(answer), answer.headers["Retry-After"]) == (True, "1")


@pytest.mark.parametrize("option", ["fixed", "from-first", "refilling"])
def test_each_window_counts_a_request_at_a_time(switched, option):
    """However the minute is counted, a second request finds one less left than the first."""
    client = switched("botsubscription", **{"rate-window": option})

    left = [int(client.get(TARGETS).headers["X-RateLimit-Remaining"]) for _ in range(2)]

    assert left in ([99, 98], [99, 99])


def test_the_documented_update_relies_on_one_choice(switched):
    """The documented request leaves one thing open: its first target is enabled already."""
    items = [{"target_id": PREMIUM, "is_enabled": True}, {"target_id": VIP, "is_enabled": False}]

    answer = switched("botsubscription").patch(TARGETS, json=items)

    assert named(answer) == ["unchanged-targets=count"]


@pytest.mark.parametrize("assumption", ASSUMPTIONS, ids=lambda assumption: assumption.name)
def test_every_option_starts(switched, assumption):
    """With any option of any assumption the mock starts, and a plain read and a plain update are answered with 200."""
    renamed = update({"target_id": VIP, "target_name": "VIP"})

    for option in assumption.options:
        client = switched("botsubscription", **{assumption.name: option})

        answers = [client.get(f"{TARGETS}/{PREMIUM}"), client.request(**renamed)]

        assert [outcome(answer) for answer in answers] == [(200, 1), (200, 1)]


def test_every_option_has_its_own_test():
    """No assumption is left without a test that switches it to each of its options."""
    beside = {"page-size", "disabled-guild", "rate-limit-body", "rate-limit-headers", "burst-scope", "rate-window"}
    names = [assumption.name for assumption in ASSUMPTIONS]
    beside |= {*names[names.index("key-format") :]}
    beside |= {"empty-updates", "deleted-guild"}

    tested = {(assumption, option) for assumption, option, *_ in OUTCOMES + SEEN}

    known = {(assumption.name, option) for assumption in ASSUMPTIONS for option in assumption.options}
    assert {row for row in known - tested if row[0] not in beside} == set()


def test_the_list_of_permissions_is_the_one_that_may_be_asked_for():
    """The option that refuses unknown permissions knows the very names that listPermissions answers."""
    [assumption] = [found for found in ASSUMPTIONS if found.name == "unknown-permissions"]

    [known] = assumption.document["refuse"].values()

    assert known == [*PERMISSIONS]
