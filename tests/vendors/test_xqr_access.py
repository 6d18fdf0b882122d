"""Whom the xQR API lets in, where to, how often, and what each reply tells of that."""

import time
from collections.abc import Callable

import httpx
import pytest

from tests.support import bearer
from tests.vendors.xqr_world import (
    ACME,
    BAKED,
    BAKERY,
    DOCUMENTED,
    EXPIRED,
    GOOD,
    LINKS,
    PRINTER,
    PRODUCTION,
    READ_ONLY,
    REVOKED,
    STATUS,
    SUMMER,
    UNHARMED,
    UNKNOWN,
    WEBHOOK,
    WRITE_ONLY,
    aftermath,
    refusal,
)

# Who may


ENDPOINTS = [("GET", LINKS), ("GET", f"{LINKS}/{SUMMER}"), ("PATCH", STATUS)]


@pytest.mark.parametrize(("method", "path"), ENDPOINTS)
def test_without_a_key_nothing_is_answered(anonymous: Callable[[str], httpx.Client], method: str, path: str) -> None:
    """A call without credentials is a 401, on every endpoint."""
    response = anonymous("xqr").request(method, path, json=DOCUMENTED)

    assert (response.status_code, response.json()) == (401, refusal(401, "INVALID_API_KEY"))


STRANGERS = {
    "another scheme": ("Basic eHFyOnhxcg==", "INVALID_API_KEY"),
    "no scheme": (PRODUCTION, "INVALID_API_KEY"),
    "the scheme twice": (f"Bearer Bearer {PRODUCTION}", "INVALID_API_KEY"),
    "the scheme alone": ("Bearer", "INVALID_API_KEY"),
    "the prefix alone": ("Bearer xqr_pk_a1b2c3d4", "INVALID_API_KEY"),
    "a short secret": (f"Bearer {PRODUCTION[:-1]}", "INVALID_API_KEY"),
    "a long secret": (f"Bearer {PRODUCTION}x", "INVALID_API_KEY"),
    "a wrong secret": ("Bearer xqr_pk_a1b2c3d4." + "y" * 64, "INVALID_API_KEY"),
    "an unknown prefix": ("Bearer xqr_pk_ffffffff." + "x" * 64, "INVALID_API_KEY"),
    "a revoked key": (f"Bearer {REVOKED}", "REVOKED_API_KEY"),
    "an expired key": (f"Bearer {EXPIRED}", "EXPIRED_API_KEY"),
}


@pytest.mark.parametrize(("credential", "code"), STRANGERS.values(), ids=STRANGERS)
def test_a_key_that_is_none_is_refused(xqr: httpx.Client, credential: str, code: str) -> None:
    """Malformed, unknown, revoked and expired keys are told apart as documented; nothing is changed."""
    response = xqr.patch(STATUS, json=DOCUMENTED, headers={"Authorization": credential})

    seen = (response.status_code, response.json(), aftermath(xqr))
    assert seen == (401, refusal(401, code), UNHARMED)


SCOPES = {
    "reading keys do not write": ("PATCH", STATUS, READ_ONLY, "links:write"),
    "writing keys do not list": ("GET", LINKS, WRITE_ONLY, "links:read"),
    "writing keys do not read": ("GET", f"{LINKS}/{SUMMER}", WRITE_ONLY, "links:read"),
    "other keys do neither": ("PATCH", STATUS, PRINTER, "links:write"),
    "a missing scope goes before a missing link": ("GET", f"{LINKS}/{UNKNOWN}", PRINTER, "links:read"),
    "a missing scope goes before a bad parameter": ("GET", f"{LINKS}?limit=0", PRINTER, "links:read"),
}


@pytest.mark.parametrize(("method", "path", "key", "scope"), SCOPES.values(), ids=SCOPES)
def test_a_key_without_the_scope_is_refused(xqr: httpx.Client, method: str, path: str, key: str, scope: str) -> None:
    """The refusal names the scope in the documented words, and nothing is changed."""
    response = xqr.request(method, path, json=DOCUMENTED, headers=bearer(key))

    seen = (response.status_code, response.json()["error"], aftermath(xqr))
    message = f"This endpoint requires the {scope} scope."
    assert seen == (403, {"code": "INSUFFICIENT_SCOPE", "message": message, "status": 403}, UNHARMED)


HOOK = f"/api/v1/webhooks/{WEBHOOK}"
NEEDED = {
    ("GET", LINKS): "links:read",
    ("POST", LINKS): "links:write",
    ("POST", f"{LINKS}/bulk"): "links:write",
    ("PATCH", STATUS): "links:write",
    ("GET", f"{LINKS}/{SUMMER}"): "links:read",
    ("PATCH", f"{LINKS}/{SUMMER}"): "links:write",
    ("DELETE", f"{LINKS}/{SUMMER}"): "links:write",
    ("GET", f"{LINKS}/{SUMMER}/qr"): "qr:render",
    ("GET", "/api/v1/analytics/summary"): "analytics:read",
    ("GET", f"/api/v1/analytics/links/{SUMMER}"): "analytics:read",
    ("GET", f"/api/v1/analytics/links/{SUMMER}/stats"): "analytics:read",
    ("GET", "/api/v1/analytics/timeseries?interval=day"): "analytics:read",
    ("GET", "/api/v1/analytics/geography"): "analytics:read",
    ("GET", "/api/v1/workspace"): "workspace:read",
    ("GET", "/api/v1/workspace/usage"): "workspace:read",
    ("GET", "/api/v1/workspace/members"): "workspace:read",
    ("GET", "/api/v1/webhooks"): "webhooks:read",
    ("POST", "/api/v1/webhooks"): "webhooks:write",
    ("GET", HOOK): "webhooks:read",
    ("PATCH", HOOK): "webhooks:write",
    ("DELETE", HOOK): "webhooks:write",
    ("GET", f"{HOOK}/deliveries"): "webhooks:read",
}
EVERY_SCOPE = {*NEEDED.values(), "qr:read", "qr:write", "assets:read", "bio:read", "reports:read"}


@pytest.mark.parametrize(("method", "path"), NEEDED, ids=str)
def test_each_endpoint_asks_for_its_own_scope(xqr: httpx.Client, method: str, path: str) -> None:
    """A key with all other scopes is refused by the name of that one; a key with nothing else gets further."""
    scope = NEEDED[method, path]
    keys = str(xqr.base_url).removesuffix("xqr/") + "__admin/state/xqr/keys"
    others = {**xqr.get(f"{keys}/{PRINTER}").json(), "key": "others", "scopes": sorted(EVERY_SCOPE - {scope})}
    for key in (others, {**others, "key": "alone", "scopes": [scope]}):
        assert xqr.post(keys, json=key).status_code == 201

    refused, let_in = (xqr.request(method, path, json={}, headers=bearer(name)) for name in ("others", "alone"))

    error = {"code": "INSUFFICIENT_SCOPE", "message": f"This endpoint requires the {scope} scope.", "status": 403}
    assert (refused.status_code, refused.json()["error"], let_in.status_code in {200, 204, 400}) == (403, error, True)


def test_a_missing_key_goes_before_a_bad_body(anonymous: Callable[[str], httpx.Client]) -> None:
    """Who is calling is asked before what is asked for."""
    response = anonymous("xqr").patch(STATUS, content=b"{")

    assert response.status_code == 401


def test_a_missing_scope_goes_before_a_bad_body(xqr: httpx.Client) -> None:
    """Whether the key may is asked before what is asked for."""
    response = xqr.patch(STATUS, content=b"{", headers=bearer(READ_ONLY))

    assert response.status_code == 403


def test_a_plan_without_bulk_operations_is_refused(xqr: httpx.Client) -> None:
    """Where the plan lacks the feature, the call is a 403 and the link stays enabled."""
    response = xqr.patch(STATUS, json={"ids": [BAKED], "enabled": False}, headers=bearer(BAKERY))

    shown = xqr.get(f"{LINKS}/{BAKED}", headers=bearer(BAKERY)).json()["data"]
    seen = (response.status_code, response.json(), shown["enabled"])
    assert seen == (403, refusal(403, "FEATURE_NOT_AVAILABLE"), True)


# Methods and paths


@pytest.mark.parametrize("method", ["GET", "POST", "PUT", "DELETE"])
def test_another_method_is_refused(xqr: httpx.Client, method: str) -> None:
    """The bulk path takes PATCH only, says so in `Allow`, and changes nothing."""
    response = xqr.request(method, STATUS, json=DOCUMENTED)

    seen = (response.status_code, response.headers.get("Allow"), response.json(), aftermath(xqr))
    assert seen == (405, "PATCH", refusal(405, "METHOD_NOT_ALLOWED"), UNHARMED)


NOWHERE = [
    "/api/v1/nothing",
    "/api/v2/links",
    "/",
    f"{LINKS}/",
    f"{STATUS}/",
    f"{LINKS}/bulk/state",
    f"{LINKS}/{SUMMER}/nothing/more",
]


@pytest.mark.parametrize("path", NOWHERE)
def test_an_unknown_path_is_missing(xqr: httpx.Client, path: str) -> None:
    """What no page describes is the vendor's 404, and nothing is changed."""
    response = xqr.patch(path, json=DOCUMENTED)

    seen = (response.status_code, response.json(), aftermath(xqr))
    assert seen == (404, refusal(404, "NOT_FOUND"), UNHARMED)


def test_an_unknown_path_asks_for_no_key(anonymous: Callable[[str], httpx.Client]) -> None:
    """Without credentials an unknown path is missing, not forbidden."""
    response = anonymous("xqr").get("/api/v1/nothing")

    assert (response.status_code, response.json()) == (404, refusal(404, "NOT_FOUND"))


# Ids, headers and limits

REPLIES = {
    "a success": ("PATCH", STATUS, PRODUCTION, GOOD),
    "a list": ("GET", LINKS, PRODUCTION, b""),
    "a bad body": ("PATCH", STATUS, PRODUCTION, b"{"),
    "no scope": ("PATCH", STATUS, READ_ONLY, GOOD),
    "a missing link": ("GET", f"{LINKS}/{UNKNOWN}", PRODUCTION, b""),
}
EVERY_REPLY = REPLIES | {
    "no key": ("GET", LINKS, "xqr_pk_ffffffff." + "x" * 64, b""),
    "another method": ("PUT", STATUS, PRODUCTION, b""),
    "an unknown path": ("GET", "/api/v1/nothing", PRODUCTION, b""),
}


@pytest.mark.parametrize(("method", "path", "key", "body"), EVERY_REPLY.values(), ids=EVERY_REPLY)
def test_every_reply_is_json_with_its_id(xqr: httpx.Client, method: str, path: str, key: str, body: bytes) -> None:
    """Body and header name the same request id, on refusals too."""
    response = xqr.request(method, path, content=body, headers=bearer(key))

    seen = (response.headers["Content-Type"].split(";")[0], response.json()["meta"]["request_id"])
    assert seen == ("application/json", response.headers["X-Request-Id"])


def test_a_request_id_has_the_documented_form(xqr: httpx.Client) -> None:
    """`req_` and sixteen lower-case hexadecimal digits."""
    request_id = xqr.get(LINKS).json()["meta"]["request_id"]

    prefix, digits = request_id[:4], request_id[4:]
    assert (prefix, len(digits), set(digits) - set("0123456789abcdef")) == ("req_", 16, set())


def test_no_two_requests_share_an_id(xqr: httpx.Client) -> None:
    """Five calls, five ids."""
    ids = {xqr.get(f"{LINKS}/{SUMMER}").json()["meta"]["request_id"] for _ in range(5)}

    assert len(ids) == 5


@pytest.mark.parametrize(("method", "path", "key", "body"), REPLIES.values(), ids=REPLIES)
def test_replies_tell_both_limits(xqr: httpx.Client, method: str, path: str, key: str, body: bytes) -> None:
    """The month and the burst of a pro plan are in the headers, one unit of each spent."""
    response = xqr.request(method, path, content=body, headers=bearer(key))

    names = ("Limit", "Remaining", "Burst-Limit", "Burst-Remaining")
    assert [response.headers.get(f"X-RateLimit-{name}") for name in names] == ["1000", "999", "10", "9"]


def test_a_larger_plan_allows_more(xqr: httpx.Client) -> None:
    """On business it is 25,000 a month, 50 a second and 3,000 a window."""
    response = xqr.get(LINKS, headers=bearer(ACME))

    seen = (
        response.headers["X-RateLimit-Limit"],
        response.headers["X-RateLimit-Burst-Limit"],
        response.json()["meta"]["rate_limit"]["limit"],
    )
    assert seen == ("25000", "50", 3000)


def test_the_window_ends_within_a_minute(xqr: httpx.Client) -> None:
    """`reset` is the Unix second at which the present window of 60 seconds is over."""
    reset = xqr.get(LINKS).json()["meta"]["rate_limit"]["reset"]

    assert -1 <= reset - time.time() <= 61


def test_remaining_counts_down_by_one(xqr: httpx.Client) -> None:
    """Each call takes one from the window, a bulk call too."""
    calls: list[Callable[[], httpx.Response]] = [
        lambda: xqr.get(f"{LINKS}/{SUMMER}"),
        lambda: xqr.patch(STATUS, json=DOCUMENTED),
        lambda: xqr.get(LINKS),
    ]

    # A window may end in between; the next one is long enough for a second try.
    for _ in range(2):
        meters = [call().json()["meta"]["rate_limit"] for call in calls]
        if len({meter["reset"] for meter in meters}) == 1:
            break

    first = meters[0]["remaining"]
    assert [first - meter["remaining"] for meter in meters] == [0, 1, 2]


def month_left(xqr: httpx.Client) -> int:
    """What remains of the month after one more read."""
    return int(xqr.get(f"{LINKS}/{SUMMER}").headers["X-RateLimit-Remaining"])


COSTS = {
    "an unknown key costs nothing": ("PATCH", STATUS, "xqr_pk_ffffffff." + "x" * 64, GOOD, 1),
    "a revoked key costs nothing": ("PATCH", STATUS, REVOKED, GOOD, 1),
    "a bad body costs one": ("PATCH", STATUS, PRODUCTION, b"{", 2),
    "a missing scope costs one": ("PATCH", STATUS, READ_ONLY, GOOD, 2),
    "a missing link costs one": ("GET", f"{LINKS}/{UNKNOWN}", PRODUCTION, b"", 2),
    "a bulk call costs one": ("PATCH", STATUS, PRODUCTION, GOOD, 2),
    "a stranger's call costs us nothing": ("GET", LINKS, ACME, b"", 1),
}


@pytest.mark.parametrize(("method", "path", "key", "body", "spent"), COSTS.values(), ids=COSTS)
def test_the_month_pays_for_what_was_let_in(
    xqr: httpx.Client, method: str, path: str, key: str, body: bytes, spent: int
) -> None:
    """The quota is the workspace's: any of its keys spends it, and a call without a valid key does not."""
    before = month_left(xqr)

    xqr.request(method, path, content=body, headers=bearer(key))

    assert before - month_left(xqr) == spent


def burst(xqr: httpx.Client) -> tuple[httpx.Response, httpx.Response]:
    """The last call that was served and the first that was one too many."""
    served = xqr.get(f"{LINKS}/{SUMMER}")
    for _ in range(80):
        response = xqr.get(f"{LINKS}/{SUMMER}")
        if response.status_code != 200:
            return served, response
        served = response
    pytest.fail("81 calls were slower than 10 a second, so none was one too many")


def test_a_burst_is_refused(xqr: httpx.Client) -> None:
    """More than ten calls a second are a 429 that asks to wait for a second."""
    _, refused = burst(xqr)

    seen = (refused.status_code, refused.headers.get("Retry-After"), refused.json())
    assert seen == (429, "1", refusal(429, "BURST_LIMIT_EXCEEDED"))


def test_who_waits_as_told_is_served(xqr: httpx.Client) -> None:
    """After the second the next call is fine, and the refused one has cost nothing."""
    served, _ = burst(xqr)
    time.sleep(1)

    left = month_left(xqr)

    assert int(served.headers["X-RateLimit-Remaining"]) - left == 1


def test_a_burst_is_one_keys_own(xqr: httpx.Client) -> None:
    """While one key has to wait, another key of the workspace is served."""
    burst(xqr)

    response = xqr.get(LINKS, headers=bearer(READ_ONLY))

    assert response.status_code == 200
