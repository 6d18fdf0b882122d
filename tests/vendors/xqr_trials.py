"""Requests that settle what the pages of xQR leave open beside bulk changes, reads and access, option by option."""

import re
from collections.abc import Mapping
from typing import Any

import httpx
import zxingcpp

from tests.support import Read, Send, Trial, bearer
from tests.vendors.pictures import pixels_of_png
from tests.vendors.xqr_world import (
    BAKERY,
    BULK,
    DOCUMENTED,
    HOOKS,
    LINKS,
    PAGE,
    STATUS,
    SUMMER,
    WEBHOOK,
    WORKSPACE,
    control,
    link,
)

# What is sent

WEB = "https://example.com/page"
NOBODY = "http://127.0.0.1:9/"
RULE = {"destination": "https://example.com/rule", "priority": 1, "conditions": {"countries": ["DE"]}}
PHONE = {"User-Agent": "Mozilla/5.0 (iPhone; CPU iPhone OS 17_4 like Mac OS X) Version/17.4 Mobile/15E148 Safari/604.1"}


def create(**wanted: object) -> Send:
    """Makes a link."""
    return lambda xqr: xqr.post(LINKS, json={"url": WEB, **wanted})


def create_many(*wanted: Mapping[str, object]) -> Send:
    """Makes links."""
    return lambda xqr: xqr.post(BULK, json={"links": wanted})


def listen(xqr: httpx.Client, *events: str, url: str = NOBODY) -> str:
    """The id of a new webhook."""
    webhook_id: str = xqr.post(HOOKS, json={"url": url, "events": events}).json()["data"]["id"]
    return webhook_id


def after(*steps: Send) -> Send:
    """One request after the other; the answer to the last."""

    def send(xqr: httpx.Client) -> httpx.Response:
        *earlier, last = steps
        for step in earlier:
            step(xqr)
        return last(xqr)

    return send


def hear(*events: str) -> Send:
    """Makes a webhook that nobody answers for."""
    return lambda xqr: xqr.post(HOOKS, json={"url": NOBODY, "events": events})


def freeze(at: str) -> Send:
    """World time stands still."""
    return lambda xqr: xqr.post(f"{control(xqr)}/clock/freeze", json={"at": at})


def put(kind: str, record_id: str, **changes: object) -> Send:
    """Writes to a record past the API."""
    return lambda xqr: xqr.patch(f"{control(xqr)}/state/xqr/{kind}/{record_id}", json=changes)


def rule(**conditions: object) -> Send:
    """The link `page1` has one rule."""
    rules = [{**RULE, "conditions": conditions}]
    return lambda xqr: xqr.patch(f"{LINKS}/{PAGE}", json={"routing_rules": rules})


def visit(code: str = "page1", headers: Mapping[str, str] = PHONE) -> Send:
    """Follows a short link."""
    return lambda xqr: xqr.get(f"/{code}", headers={**PHONE, **headers})


def get(path: str) -> Send:
    """Reads."""
    return lambda xqr: xqr.get(path)


def at_the_allowance(xqr: httpx.Client) -> httpx.Response:
    """Makes a link in a month in which as many were made as are allowed."""
    allowed = {"links_per_month": 142, "dynamic_qr": 1, "bio_pages": 1, "storage_mb": 1, "qr_templates": 1}
    steps = (freeze("2026-03-21T14:30:00Z"), put("workspaces", WORKSPACE, _limits=allowed), create())
    return after(*steps)(xqr)


def two_thresholds(xqr: httpx.Client) -> httpx.Response:
    """The 100th scan of a link, and its 2,000th."""
    first = (hear("link.threshold"), put("links", PAGE, scan_count=99), visit())
    return after(*first, put("links", PAGE, scan_count=1999), visit())(xqr)


def destinations(xqr: httpx.Client) -> httpx.Response:
    """Ten visits of one visitor to a link of which half are for its rule."""
    rule(percentage=50)(xqr)
    seen = {xqr.get("/page1", headers=PHONE).headers["Location"] for _ in range(20)}
    last = xqr.get("/page1", headers=PHONE)
    last.extensions["destinations"] = len(seen)
    return last


def pause(xqr: httpx.Client) -> httpx.Response:
    """Disables a webhook that a delivery waits for."""
    webhook_id = listen(xqr, "link.created")
    create()(xqr)
    return xqr.patch(f"{HOOKS}/{webhook_id}", json={"enabled": False})


def fail_once(xqr: httpx.Client) -> httpx.Response:
    """A webhook that nobody answered for, once; more attempts are due later."""
    freeze("2026-03-21T14:30:00Z")(xqr)
    webhook_id = listen(xqr, "link.created")
    create()(xqr)
    assert xqr.post(f"{control(xqr)}/outbox/settle", json={"timeout": 20}).json()["settled"]
    return xqr.get(f"{HOOKS}/{webhook_id}")


def new_secret(xqr: httpx.Client) -> httpx.Response:
    """The secret of a new webhook, as the dashboard shows it; the answer that made it says what it relied on."""
    made = hear("*")(xqr)
    secret = xqr.get(f"/api/developer/webhooks/{made.json()['data']['id']}/secret").json()["data"]["secret"]
    made.extensions["secret"] = re.sub("[0-9a-f]{4}", "·", secret)
    return made


# What is looked at


def outcome(response: httpx.Response, _xqr: httpx.Client) -> object:
    """The status, and the code of a refusal."""
    return response.status_code, response.json().get("error", {}).get("code")


def status(response: httpx.Response, _xqr: httpx.Client) -> object:
    """The status alone."""
    return response.status_code


def data(*names: str) -> Read:
    """Some members of what was answered."""
    return lambda response, _xqr: [response.json()["data"].get(name) for name in names]


def batch(response: httpx.Response, _xqr: httpx.Client) -> object:
    """The status, how many links were made, and why others were not."""
    made = response.json().get("data", {"created": [], "errors": []})
    return response.status_code, len(made["created"]), [error["code"] for error in made["errors"]]


def form(response: httpx.Response, _xqr: httpx.Client) -> object:
    """The members of a reported error."""
    return [*response.json()["data"]["errors"][0]]


def sent(xqr: httpx.Client) -> list[Any]:
    """The bodies of the webhooks, the newest first."""
    return [each["body"] for each in xqr.get(f"{control(xqr)}/outbox").json()["deliveries"]]


def events(_response: httpx.Response, xqr: httpx.Client) -> object:
    """Which events were told."""
    return [each["event"] for each in sent(xqr)]


def thresholds(_response: httpx.Response, xqr: httpx.Client) -> object:
    """Which thresholds were told."""
    return sorted(each["data"]["threshold"] for each in sent(xqr))


def told(member: str) -> Read:
    """A member of what the latest event says."""
    return lambda _response, xqr: sent(xqr)[0]["data"][member]


def page_link(member: str) -> Read:
    """A member of the link `page1`."""
    return lambda _response, xqr: link(xqr, PAGE)[member]


def has_capitals(response: httpx.Response, _xqr: httpx.Client) -> object:
    """Whether the short code has capital letters."""
    return response.json()["data"]["short_code"].lower() != response.json()["data"]["short_code"]


def points(response: httpx.Response, _xqr: httpx.Client) -> object:
    """How many points there are, and how many of them are 0."""
    scans = [point["scans"] for point in response.json()["data"]["points"]]
    return len(scans), scans.count(0)


def level(response: httpx.Response, _xqr: httpx.Client) -> object:
    """The level of error correction of the image."""
    [code] = zxingcpp.read_barcodes(pixels_of_png(response.content))
    return code.ec_level


def header(name: str) -> Read:
    """The text of one header."""
    return lambda response, _xqr: response.headers[name]


def countries(_response: httpx.Response, xqr: httpx.Client) -> object:
    """The countries that `page1` was followed from."""
    return [each["country"] for each in xqr.get(f"/api/v1/analytics/links/{PAGE}").json()["data"]["countries"]]


def has_moved(_response: httpx.Response, xqr: httpx.Client) -> object:
    """Whether `page1` has a new time."""
    return link(xqr, PAGE)["updated_at"] != "2026-03-21T16:00:00Z"


def order(response: httpx.Response, _xqr: httpx.Client) -> object:
    """The addresses of the webhooks."""
    return [hook["url"] for hook in response.json()["data"]]


def states(_response: httpx.Response, xqr: httpx.Client) -> object:
    """What became of what was told to the newest webhook."""
    webhook_id = xqr.get(HOOKS).json()["data"][-1]["id"]
    return [each["status"] for each in xqr.get(f"{HOOKS}/{webhook_id}/deliveries").json()["data"]]


MADE, BAD = (201, None), (400, "VALIDATION_ERROR")
TAKEN, NOT_INCLUDED = (409, "SLUG_TAKEN"), (403, "FEATURE_NOT_AVAILABLE")
THERE, RULED = "https://example.com/page-one", "https://example.com/rule"
MARCH = "from_date=2026-03-01&to_date=2026-03-20"

MORE_TRIALS = {
    "bad-items": Trial(
        create_many({"url": "summer"}, {"url": WEB}),
        batch,
        {"report": (201, 1, ["VALIDATION_ERROR"]), "refuse": (400, 0, [])},
    ),
    "bulk-error-form": Trial(
        create_many({"url": WEB, "custom_slug": "summer24"}),
        form,
        {"flat": ["index", "url", "code", "message"], "nested": ["index", "error"]},
    ),
    "nothing-created": Trial(
        create_many({"url": WEB, "custom_slug": "summer24"}),
        batch,
        {"created": (201, 0, ["SLUG_TAKEN"]), "refuse": (400, 0, [])},
    ),
    "bulk-events": Trial(
        after(hear("link.updated"), lambda xqr: xqr.patch(STATUS, json=DOCUMENTED)),
        events,
        {"each-link": ["link.updated"] * 3, "none": []},
    ),
    "past-expiry": Trial(create(expires_at="2020-01-01T00:00:00Z"), outcome, {"accept": MADE, "refuse": BAD}),
    "reserved-slugs": Trial(create(custom_slug="api"), outcome, {"taken": TAKEN, "free": MADE}),
    "slug-case": Trial(create(custom_slug="SUMMER24"), outcome, {"exact": MADE, "ignore": TAKEN}),
    "code-letters": Trial(create(), has_capitals, {"both-cases": True, "lower-case": False}),
    "label-twice": Trial(create(labels=["a", "a"]), data("labels"), {"as-sent": [["a", "a"]], "once": [["a"]]}),
    "link-allowance": Trial(at_the_allowance, outcome, {"enforce": (403, "PLAN_LIMIT_EXCEEDED"), "ignore": MADE}),
    "routing-plan-gate": Trial(
        lambda xqr: xqr.post(LINKS, json={"url": WEB, "routing_rules": [RULE]}, headers=bearer(BAKERY)),
        outcome,
        {"enforce": NOT_INCLUDED, "ignore": MADE},
    ),
    "unknown-rule-members": Trial(
        create(routing_rules=[{**RULE, "note": "spring"}]), outcome, {"refuse": BAD, "ignore": MADE}
    ),
    "empty-update": Trial(
        lambda xqr: xqr.patch(f"{LINKS}/{SUMMER}", json={}), outcome, {"accept": (200, None), "refuse": BAD}
    ),
    "active-links": Trial(
        after(
            freeze("2026-03-31T00:00:00Z"),
            lambda xqr: xqr.get("/api/v1/analytics/summary", headers=bearer(BAKERY)),
        ),
        data("active_links_30d"),
        {"scanned": [2], "enabled": [14]},
    ),
    "reversed-range": Trial(
        get("/api/v1/analytics/timeseries?interval=day&from_date=2026-03-02&to_date=2026-03-01"),
        outcome,
        {"empty": (200, None), "refuse": BAD},
    ),
    "week-start": Trial(
        get(f"/api/v1/analytics/timeseries?interval=week&link_id={SUMMER}&from_date=2026-03-16&to_date=2026-03-20"),
        lambda response, _xqr: [point["date"] for point in response.json()["data"]["points"]],
        {"monday": ["2026-03-16"], "sunday": ["2026-03-15"]},
    ),
    "empty-points": Trial(
        get(f"/api/v1/analytics/timeseries?interval=day&link_id={SUMMER}&{MARCH}"),
        points,
        {"absent": (8, 0), "zero": (16, 8)},
    ),
    "unknown-template": Trial(
        get(f"{LINKS}/{SUMMER}/qr?template_id=5b1e0c5e-9d7a-4f0e-8c39-6a4d2b7f1e80"),
        status,
        {"plain": 200, "missing": 404},
    ),
    "qr-correction": Trial(get(f"{LINKS}/{SUMMER}/qr?format=png"), level, {"l": "L", "m": "M", "q": "Q", "h": "H"}),
    "redirect-status": Trial(visit(), status, {"302": 302, "301": 301, "307": 307}),
    "visitor-refusal": Trial(
        visit("nobody-has-this"),
        header("Content-Type"),
        {"page": "text/html; charset=utf-8", "envelope": "application/json"},
    ),
    "gone-scans": Trial(
        after(lambda xqr: xqr.patch(STATUS, json=DOCUMENTED), visit()),
        page_link("scan_count"),
        {"not-counted": 0, "counted": 1},
    ),
    "head-scans": Trial(
        lambda xqr: xqr.head("/page1", headers=PHONE), page_link("scan_count"), {"not-counted": 0, "counted": 1}
    ),
    "scan-updated-at": Trial(visit(), has_moved, {"kept": False, "moved": True}),
    "scan-thresholds": Trial(two_thresholds, thresholds, {"powers-of-ten": [100], "thousands": [2000], "never": []}),
    "visitor-country": Trial(
        visit(headers={"CF-IPCountry": "DE", "Accept-Language": "pt-BR,pt;q=0.9"}),
        countries,
        {"edge-header": ["DE"], "language": ["BR"]},
    ),
    "visitor-address": Trial(
        after(hear("link.scanned"), visit(headers={"X-Forwarded-For": "203.0.113.42, 10.0.0.1"})),
        told("ip"),
        {"forwarded": "203.0.113.42", "peer": "127.0.0.1"},
    ),
    "rule-conditions": Trial(
        after(rule(countries=["DE"], device_types=["desktop"]), visit(headers={"CF-IPCountry": "DE"})),
        header("Location"),
        {"all": THERE, "any": RULED},
    ),
    "hours-end": Trial(
        after(freeze("2026-03-21T17:30:00Z"), rule(hours={"start": 9, "end": 17}), visit()),
        header("Location"),
        {"exclusive": THERE, "inclusive": RULED},
    ),
    "hours-zone": Trial(
        after(
            freeze("2026-03-21T17:30:00Z"),
            rule(hours={"start": 2, "end": 3}),
            visit(headers={"CF-Timezone": "Asia/Tokyo"}),
        ),
        header("Location"),
        {"utc": THERE, "visitor": RULED},
    ),
    "percentage-scale": Trial(after(rule(percentage=1), visit()), header("Location"), {"hundred": THERE, "one": RULED}),
    "percentage-draw": Trial(
        destinations,
        lambda response, _xqr: response.extensions["destinations"],
        {"each-visit": 2, "by-visitor": 1},
    ),
    "webhook-address": Trial(
        lambda xqr: xqr.post(HOOKS, json={"url": "http://localhost:8000/", "events": ["*"]}),
        outcome,
        {"loopback-http": MADE, "https-only": BAD},
    ),
    "webhook-description": Trial(hear("*"), data("description"), {"null": [None], "empty": [""]}),
    "empty-events": Trial(hear(), outcome, {"refuse": BAD, "accept": MADE}),
    "webhook-allowance": Trial(
        after(*[hear("*")] * 3), outcome, {"enforce": (403, "PLAN_LIMIT_EXCEEDED"), "ignore": MADE}
    ),
    "webhook-secret": Trial(
        new_secret,
        lambda response, _xqr: response.extensions["secret"],
        {"prefixed": "whsec_" + 12 * "·", "hex": 16 * "·"},
    ),
    "counted-failures": Trial(fail_once, data("failure_count"), {"attempts": [1], "deliveries": [0]}, named=False),
    "webhook-order": Trial(
        after(hear("*"), get(HOOKS)),
        order,
        {
            "oldest-first": ["https://example.com/webhooks/xqr", NOBODY],
            "newest-first": [NOBODY, "https://example.com/webhooks/xqr"],
        },
    ),
    "paused-retries": Trial(pause, states, {"withdrawn": ["failed"], "kept": ["pending"]}),
    "dashboard-key": Trial(
        get(f"/api/developer/webhooks/{WEBHOOK}/secret"),
        outcome,
        {"take": (200, None), "refuse": (401, "INVALID_API_KEY")},
    ),
}
