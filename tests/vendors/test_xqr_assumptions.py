"""What the pages of xQR leave open: each option does what it says, and an answer names what it relied on."""

from collections.abc import Callable

import httpx
import pytest

from mockserver.vendors import APIS
from tests.support import Read, Send, Trial, bearer
from tests.vendors.xqr_trials import MORE_TRIALS
from tests.vendors.xqr_world import (
    ACME,
    BAKED,
    BAKERY,
    DOCS,
    DOCUMENTED,
    GOOD,
    LINKS,
    PAUSED,
    PRODUCTION,
    READ_ONLY,
    STATUS,
    STRAYS,
    SUMMER,
    UNKNOWN,
    WRITE_ONLY,
    link,
)


def update(ids: list[str], key: str = PRODUCTION, **more: object) -> Send:
    """Disables these links."""
    body = {"ids": ids, "enabled": False, **more}
    return lambda xqr: xqr.patch(STATUS, json=body, headers=bearer(key))


def empty_object(xqr: httpx.Client, key: str = PRODUCTION) -> httpx.Response:
    """A bulk change without any of its fields."""
    return xqr.patch(STATUS, json={}, headers=bearer(key))


def get(path: str, **headers: str) -> Send:
    """Reads this path."""
    return lambda xqr: xqr.get(path, headers=headers)


def without_key(xqr: httpx.Client) -> httpx.Response:
    """Lists links, and says nothing of who asks."""
    request = xqr.build_request("GET", LINKS)
    del request.headers["Authorization"]
    return xqr.send(request)


def on_the_free_plan(xqr: httpx.Client) -> httpx.Response:
    """Lists links after the workspace went to the free plan."""
    admin = str(xqr.base_url).removesuffix("xqr/") + "__admin/state/xqr/workspaces/"
    workspace = admin + "ws_a1b2c3d4-e5f6-7890-abcd-ef1234567890"
    xqr.put(workspace, json={**xqr.get(workspace).json(), "plan": "free"})
    return xqr.get(LINKS)


def outcome(response: httpx.Response, _xqr: httpx.Client) -> object:
    """The status, and the count or the code."""
    body = response.json()
    return response.status_code, body["error"]["code"] if "error" in body else body["data"]["updated"]


def status(response: httpx.Response, _xqr: httpx.Client) -> object:
    """The status alone."""
    return response.status_code


def error(response: httpx.Response, _xqr: httpx.Client) -> object:
    """The error without the words for people."""
    return {name: value for name, value in response.json()["error"].items() if name != "message"}


def total(response: httpx.Response, _xqr: httpx.Client) -> object:
    """How many links the list says there are."""
    return response.json()["meta"]["total"]


def paging(response: httpx.Response, _xqr: httpx.Client) -> object:
    """The status, and the bounds that the list was cut to."""
    meta = response.json()["meta"]
    return response.status_code, meta.get("limit"), meta.get("offset")


def moved(_response: httpx.Response, xqr: httpx.Client) -> object:
    """Whether the link that was enabled and the one that was not have a new time."""
    shipped = ("2026-03-15T08:22:11Z", "2026-03-12T21:13:04Z")
    return [link(xqr, each)["updated_at"] != was for each, was in zip((SUMMER, PAUSED), shipped, strict=True)]


def has_meter(response: httpx.Response, _xqr: httpx.Client) -> object:
    """Whether `meta` tells the limit."""
    return "rate_limit" in response.json()["meta"]


def left_afterwards(_response: httpx.Response, xqr: httpx.Client) -> object:
    """What the month and the window have left after one more call."""
    after = xqr.get(f"{LINKS}/{SUMMER}")
    return after.headers["X-RateLimit-Remaining"]


def says_when(response: httpx.Response, _xqr: httpx.Client) -> object:
    """The code, and whether there is a Retry-After."""
    return response.json()["error"]["code"], "Retry-After" in response.headers


def header(name: str) -> Read:
    """The text of one header."""
    return lambda response, _xqr: response.headers[name]


def rate_headers(response: httpx.Response, _xqr: httpx.Client) -> object:
    """The limit of the headers, and which headers there are."""
    names = ("Remaining", "Reset", "Burst-Limit", "Burst-Remaining")
    there = [name for name in names if f"X-RateLimit-{name}" in response.headers]
    return response.headers["X-RateLimit-Limit"], there


def window(response: httpx.Response, _xqr: httpx.Client) -> object:
    """The allowance of the window."""
    return response.json()["meta"]["rate_limit"]["limit"]


BAD, MISSING = (400, "VALIDATION_ERROR"), (404, "NOT_FOUND")
NOT_INCLUDED = (403, "FEATURE_NOT_AVAILABLE")

TRIALS = MORE_TRIALS | {
    "unknown-ids": Trial(update([SUMMER, UNKNOWN]), outcome, {"skip": (200, 1), "refuse": MISSING}),
    "duplicate-ids": Trial(
        update([SUMMER, SUMMER, DOCS]), outcome, {"count-once": (200, 2), "count-each": (200, 3), "refuse": BAD}
    ),
    "unchanged-links": Trial(update([SUMMER, PAUSED]), outcome, {"count": (200, 2), "skip": (200, 1)}),
    "updated-at": Trial(
        update([SUMMER, PAUSED]), moved, {"changed": [True, False], "found": [True, True], "never": [False, False]}
    ),
    "empty-ids": Trial(update([]), outcome, {"refuse": BAD, "count-none": (200, 0)}),
    "too-many-ids": Trial(
        update([*STRAYS, SUMMER, DOCS]), outcome, {"bad-request": BAD, "too-large": (413, "PAYLOAD_TOO_LARGE")}
    ),
    "id-cap": Trial(update([SUMMER] * 201), outcome, {"as-sent": BAD, "distinct": (200, 1)}),
    "malformed-ids": Trial(update([SUMMER, "summer24"]), outcome, {"refuse": BAD, "skip": (200, 1)}),
    "uuid-case": Trial(update([SUMMER.upper(), DOCS]), outcome, {"ignore": (200, 2), "exact": (200, 1)}),
    "unknown-fields": Trial(update([SUMMER], note="spring"), outcome, {"ignore": (200, 1), "refuse": BAD}),
    "content-type": Trial(
        lambda xqr: xqr.patch(STATUS, content=GOOD, headers={"Content-Type": "text/plain"}),
        outcome,
        {"ignore": (200, 3), "refuse": BAD},
    ),
    "bulk-plan-gate": Trial(update([BAKED], BAKERY), outcome, {"enforce": NOT_INCLUDED, "ignore": (200, 1)}),
    "paging-bounds": Trial(
        get(f"{LINKS}?limit=201&offset=-1"), paging, {"refuse": (400, None, None), "clamp": (200, 200, 0)}
    ),
    "list-total": Trial(get(f"{LINKS}?label=batch-march"), total, {"matches": 3, "workspace": 252}),
    "malformed-link-id": Trial(get(f"{LINKS}/summer24"), outcome, {"missing": MISSING, "refuse": BAD}),
    "missing-key-code": Trial(
        without_key,
        outcome,
        {"invalid-api-key": (401, "INVALID_API_KEY"), "missing-api-key": (401, "MISSING_API_KEY")},
    ),
    "scheme-case": Trial(get(LINKS, Authorization=f"bearer {PRODUCTION}"), status, {"exact": 401, "ignore": 200}),
    "scope-match": Trial(get(LINKS, **bearer(WRITE_ONLY)), status, {"exact": 403, "write-reads": 200}),
    "scope-order": Trial(
        lambda xqr: empty_object(xqr, READ_ONLY),
        outcome,
        {"scope-first": (403, "INSUFFICIENT_SCOPE"), "body-first": BAD},
    ),
    "free-plan": Trial(on_the_free_plan, outcome, {"used-up": (429, "RATE_LIMIT_EXCEEDED"), "forbidden": NOT_INCLUDED}),
    "bad-request-code": Trial(empty_object, outcome, {"validation-error": BAD, "bad-request": (400, "BAD_REQUEST")}),
    "not-found-form": Trial(
        get(f"{LINKS}/{UNKNOWN}"),
        error,
        {"upper-case": {"code": "NOT_FOUND", "status": 404}, "lower-case": {"code": "not_found"}},
    ),
    "wrong-method": Trial(
        lambda xqr: xqr.put(STATUS, json=DOCUMENTED),
        outcome,
        {"refuse": (405, "METHOD_NOT_ALLOWED"), "missing": MISSING},
    ),
    "error-meter": Trial(empty_object, has_meter, {"absent": False, "present": True}),
    "refused-calls": Trial(empty_object, left_afterwards, {"count": "998", "free": "999"}),
    "month-retry-after": Trial(
        on_the_free_plan,
        says_when,
        {"month-end": ("RATE_LIMIT_EXCEEDED", True), "absent": ("RATE_LIMIT_EXCEEDED", False)},
    ),
    "monthly-quota": Trial(
        get(LINKS), header("X-RateLimit-Limit"), {"plan-table": "1000", "usage-sample": "50000"}, named=False
    ),
    "burst-capacity": Trial(
        get(LINKS), header("X-RateLimit-Burst-Limit"), {"one-second": "10", "two-seconds": "20"}, named=False
    ),
    "window": Trial(
        get(LINKS, **bearer(ACME)), window, {"minute": 3000, "minute-flat": 600, "hour-flat": 600}, named=False
    ),
    "rate-headers": Trial(
        get(LINKS),
        rate_headers,
        {
            "month-and-burst": ("1000", ["Remaining", "Burst-Limit", "Burst-Remaining"]),
            "window": ("600", ["Remaining", "Reset"]),
        },
        named=False,
    ),
}
EACH = [pytest.param(name, option, id=f"{name}={option}") for name, trial in TRIALS.items() for option in trial.seen]
DEFAULTS = [(each.name, each.default) for each in APIS["xqr"].assumptions if TRIALS[each.name].named]


def named(response: httpx.Response) -> list[str]:
    """The choices that the answer says it relied on."""
    text = response.headers.get("Mock-Assumption")
    return text.split(", ") if text else []


def test_every_option_is_tried() -> None:
    """The table above holds every assumption of the API with all its options, and no other."""
    tried = {name: set(trial.seen) for name, trial in TRIALS.items()}

    assert tried == {assumption.name: set(assumption.options) for assumption in APIS["xqr"].assumptions}


@pytest.mark.parametrize(("name", "option"), EACH)
def test_an_option_does_what_it_says(switched: Callable[..., httpx.Client], name: str, option: str) -> None:
    """The request that settles the question is answered as the option has it, and as the document declares."""
    xqr, trial = switched("xqr", **{name: option}), TRIALS[name]

    response = trial.send(xqr)

    assert (trial.read(response, xqr), response.headers.get("Mock-Violation")) == (trial.seen[option], None)


@pytest.mark.parametrize(("name", "option"), DEFAULTS)
def test_an_answer_names_the_default_it_relied_on(xqr: httpx.Client, name: str, option: str) -> None:
    """Where nothing is switched, the answer to that request names the assumption and its default."""
    response = TRIALS[name].send(xqr)

    assert f"xqr.{name}={option}" in named(response)


def test_an_answer_names_the_option_it_was_switched_to(switched: Callable[..., httpx.Client]) -> None:
    """What stands in the header is what held for this request."""
    response = update([SUMMER, UNKNOWN])(switched("xqr", **{"unknown-ids": "refuse"}))

    assert "xqr.unknown-ids=refuse" in named(response)


@pytest.mark.parametrize("path", [LINKS, f"{LINKS}/{SUMMER}"])
def test_a_plain_read_relies_on_nothing(xqr: httpx.Client, path: str) -> None:
    """Where every page says what happens, no assumption is named."""
    response = xqr.get(path)

    assert named(response) == []


def test_the_documented_call_relies_on_one_thing(xqr: httpx.Client) -> None:
    """Of the documented bulk change only the new `updated_at` of its links is assumed."""
    response = xqr.patch(STATUS, json=DOCUMENTED)

    assert named(response) == ["xqr.updated-at=changed"]


def test_an_order_that_did_not_matter_is_not_named(xqr: httpx.Client) -> None:
    """A good body sent without the scope is a 403 in whichever order it is looked at."""
    response = update([SUMMER], READ_ONLY)(xqr)

    assert "xqr.scope-order=scope-first" not in named(response)


def test_a_burst_refusal_names_the_capacity(xqr: httpx.Client) -> None:
    """How many calls fit in at once decides which of them is one too many."""
    replies = (xqr.get(f"{LINKS}/{SUMMER}") for _ in range(81))

    refused = next(response for response in replies if response.status_code == 429)

    assert "xqr.burst-capacity=one-second" in named(refused)


# Where one option has more than one side


REFUSALS = {
    "an unknown id": ({"unknown-ids": "refuse"}, [SUMMER, UNKNOWN]),
    "an id twice": ({"duplicate-ids": "refuse"}, [SUMMER, SUMMER]),
    "201 ids": ({"too-many-ids": "too-large"}, [*STRAYS, SUMMER, DOCS]),
    "201 different ids": ({"id-cap": "distinct"}, [*STRAYS, SUMMER, DOCS]),
}


@pytest.mark.parametrize(("assume", "ids"), REFUSALS.values(), ids=REFUSALS)
def test_a_refused_change_changes_nothing(
    switched: Callable[..., httpx.Client], assume: dict[str, str], ids: list[str]
) -> None:
    """A whole call that is refused leaves the links in it as they were."""
    xqr = switched("xqr", **assume)

    response = update(ids)(xqr)

    assert (response.is_error, link(xqr, SUMMER)["enabled"]) == (True, True)


NOT_FORGIVEN = {
    "empty-ids": ("count-none", {"ids": [], "enabled": "false"}),
    "malformed-ids": ("skip", {"ids": ["summer24", 7], "enabled": False}),
    "id-cap": ("distinct", {"ids": [SUMMER] * 201}),
}


@pytest.mark.parametrize(("name", "case"), NOT_FORGIVEN.items(), ids=NOT_FORGIVEN)
def test_what_is_let_through_hides_nothing_else(
    switched: Callable[..., httpx.Client], name: str, case: tuple[str, object]
) -> None:
    """A body that breaks a stated rule as well is refused, whatever is assumed of the other."""
    option, body = case
    xqr = switched("xqr", **{name: option})

    response = xqr.patch(STATUS, json=body)

    assert outcome(response, xqr) == BAD


def test_two_hundred_malformed_ids_are_skipped(switched: Callable[..., httpx.Client]) -> None:
    """As many as a call may carry are passed over, and the one that names a link is counted."""
    xqr = switched("xqr", **{"malformed-ids": "skip"})

    response = update([*(f"no-{n}" for n in range(199)), SUMMER])(xqr)

    assert outcome(response, xqr) == (200, 1)


CAPITALS = {"ignore": 200, "exact": 404}


@pytest.mark.parametrize(("option", "status"), CAPITALS.items())
def test_an_id_in_capitals_is_read(switched: Callable[..., httpx.Client], option: str, status: int) -> None:
    """A single link is found in capitals where a bulk change finds it."""
    xqr = switched("xqr", **{"uuid-case": option})

    response = xqr.get(f"{LINKS}/{SUMMER.upper()}")

    assert response.status_code == status


def test_the_same_id_in_both_cases_is_one_link(xqr: httpx.Client) -> None:
    """Where capitals do not matter, they do not make two links of one."""
    response = update([SUMMER, SUMMER.upper()])(xqr)

    assert outcome(response, xqr) == (200, 1)


def test_a_call_that_was_free_says_so(switched: Callable[..., httpx.Client]) -> None:
    """The refusal itself shows the month as it was before."""
    response = empty_object(switched("xqr", **{"refused-calls": "free"}))

    assert response.headers["X-RateLimit-Remaining"] == "1000"


def test_a_used_up_month_is_told(xqr: httpx.Client) -> None:
    """Of a month of no calls none remain, and the wait is no longer than a month."""
    response = on_the_free_plan(xqr)

    names = ("X-RateLimit-Limit", "X-RateLimit-Remaining", "X-RateLimit-Burst-Limit")
    seen = ([response.headers[name] for name in names], 0 < int(response.headers["Retry-After"]) <= 31 * 86_400)
    assert seen == (["0", "0", "0"], True)


def test_an_hour_ends_on_the_hour(switched: Callable[..., httpx.Client]) -> None:
    """The window of an hour is a full hour of the clock."""
    response = switched("xqr", window="hour-flat").get(LINKS)

    assert response.json()["meta"]["rate_limit"]["reset"] % 3600 == 0
