"""What those see who follow a short link of xQR, and what the workspace sees of them."""

from collections.abc import Callable
from typing import Any

import httpx
import pytest

from tests.vendors.pictures import text_of_png, text_of_svg
from tests.vendors.xqr_world import DOCS, DOCUMENTED, HOOKS, LINKS, PAGE, STATUS, SUMMER, control, link

MARCH = "2026-03-21T12:30:00Z"
THERE = "https://docs.example.com/v2"
RULED = "https://example.com/rule"

IPHONE = "Mozilla/5.0 (iPhone; CPU iPhone OS 17_4 like Mac OS X) Version/17.4 Mobile/15E148 Safari/604.1"
PIXEL = "Mozilla/5.0 (Linux; Android 14; Pixel 8) AppleWebKit/537.36 Chrome/124.0.0.0 Mobile Safari/537.36"
TAB = "Mozilla/5.0 (Linux; Android 13; SM-X910) AppleWebKit/537.36 SamsungBrowser/24.0 Chrome/117.0.0.0 Safari/537.36"
IPAD = "Mozilla/5.0 (iPad; CPU OS 16_6 like Mac OS X) AppleWebKit/605.1.15 CriOS/124.0 Mobile/15E148 Safari/604.1"
WINDOWS = "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 Chrome/124.0.0.0 Safari/537.36 Edg/124.0.0.0"
LINUX = "Mozilla/5.0 (X11; Linux x86_64; rv:125.0) Gecko/20100101 Firefox/125.0"


@pytest.fixture
def visitor(xqr: httpx.Client, anonymous: Callable[[str], httpx.Client]) -> httpx.Client:
    """Somebody without a key, on 21 March 2026, half an hour past noon."""
    freeze(xqr, MARCH)
    return anonymous("xqr")


def freeze(xqr: httpx.Client, at: str) -> None:
    """World time stands still."""
    xqr.post(f"{control(xqr)}/clock/freeze", json={"at": at})


def route(xqr: httpx.Client, *rules: dict[str, Any]) -> None:
    """The link `docs-v2` has these rules."""
    assert xqr.patch(f"{LINKS}/{DOCS}", json={"routing_rules": rules}).status_code == 200


def rule(destination: str = RULED, priority: int = 1, **conditions: Any) -> dict[str, Any]:
    """One rule."""
    return {"destination": destination, "priority": priority, "conditions": conditions}


# The redirect


def test_a_live_link_leads_to_its_destination(visitor: httpx.Client) -> None:
    """A 302 with the destination, which nobody on the way may keep, and no body."""
    response = visitor.get("/summer24")

    seen = (response.status_code, response.headers["Location"], response.headers["Cache-Control"], response.content)
    assert seen == (302, "https://example.com/summer-sale?utm_source=qr", "no-store", b"")


def test_a_link_is_found_by_the_name_of_its_host(visitor: httpx.Client) -> None:
    """A request for `xqr.co` needs nothing before the short code but the world."""
    url = str(visitor.base_url).removesuffix("xqr/") + "docs-v2"

    response = visitor.get(url, headers={"Host": "xqr.co"})

    assert (response.status_code, response.headers["Location"]) == (302, THERE)


def test_a_destination_of_other_letters_is_written_in_ascii(xqr: httpx.Client, visitor: httpx.Client) -> None:
    """What a header cannot carry is percent-encoded; what was encoded stays as it was."""
    xqr.patch(f"{LINKS}/{DOCS}", json={"url": "https://example.com/käse?q=a%20b&c=[1]#é"})

    response = visitor.get("/docs-v2")

    assert response.headers["Location"] == "https://example.com/k%C3%A4se?q=a%20b&c=[1]#%C3%A9"


@pytest.mark.parametrize("code", ["nobody-has-this", "Summer24", "DOCS-V2", "a", "%20", "api"])
def test_a_code_that_nobody_has_leads_nowhere(visitor: httpx.Client, code: str) -> None:
    """A 404 with a page for people; the case of letters matters."""
    response = visitor.get(f"/{code}")

    assert (response.status_code, response.headers["Content-Type"]) == (404, "text/html; charset=utf-8")


@pytest.mark.parametrize("method", ["POST", "PUT", "DELETE"])
def test_a_link_is_followed_with_get_alone(visitor: httpx.Client, method: str) -> None:
    """Any other method is a 405 that says so."""
    response = visitor.request(method, "/docs-v2")

    assert (response.status_code, response.headers["Allow"]) == (405, "GET, HEAD")


@pytest.mark.parametrize(("code", "status"), [("summer24", 302), ("newyear26", 410), ("nobody-has-this", 404)])
def test_who_asks_with_head_is_told_and_not_counted(
    xqr: httpx.Client, visitor: httpx.Client, code: str, status: int
) -> None:
    """A program that checks links sees what a visitor would see but the body; no link, no webhook hears of it."""
    xqr.post(HOOKS, json={"url": "http://127.0.0.1:9/", "events": ["*"]})

    told = visitor.head(f"/{code}")

    told_nobody = xqr.get(f"{control(xqr)}/outbox").json()["deliveries"] == []
    followed = visitor.get(f"/{code}")
    assert (told.status_code, told.content, told_nobody) == (status, b"", True)
    assert told.headers.get("Location") == followed.headers.get("Location")
    assert (followed.status_code, link(xqr, SUMMER)["scan_count"]) == (status, 1484 if code == "summer24" else 1483)


# Links that lead nowhere


@pytest.mark.parametrize("code", ["summer24", "docs-v2", "page1"])
def test_a_link_paused_by_the_bulk_change_is_gone_at_once(xqr: httpx.Client, visitor: httpx.Client, code: str) -> None:
    """Before the bulk change it leads on; right after it the visitor gets a 410, and once it is undone no longer."""
    before = visitor.get(f"/{code}")
    xqr.patch(STATUS, json=DOCUMENTED)
    paused = visitor.get(f"/{code}")
    xqr.patch(STATUS, json={**DOCUMENTED, "enabled": True})
    resumed = visitor.get(f"/{code}")

    assert [before.status_code, paused.status_code, resumed.status_code] == [302, 410, 302]


def test_a_link_disabled_by_itself_is_gone_too(xqr: httpx.Client, visitor: httpx.Client) -> None:
    """The update of a single link does what the bulk change does."""
    xqr.patch(f"{LINKS}/{DOCS}", json={"enabled": False})

    response = visitor.get("/docs-v2")

    assert (response.status_code, response.headers["Content-Type"]) == (410, "text/html; charset=utf-8")


def test_a_deleted_link_is_unknown(xqr: httpx.Client, visitor: httpx.Client) -> None:
    """It is a 404 then, not a 410."""
    xqr.delete(f"{LINKS}/{DOCS}")

    response = visitor.get("/docs-v2")

    assert response.status_code == 404


@pytest.mark.parametrize(("at", "status"), [("2026-09-30T23:59:58Z", 302), ("2026-09-30T23:59:59Z", 410)])
def test_a_link_ends_at_its_expiry(xqr: httpx.Client, visitor: httpx.Client, at: str, status: int) -> None:
    """A second before it leads on, from that second on it is gone."""
    freeze(xqr, at)

    response = visitor.get("/summer24")

    assert response.status_code == status


def test_who_is_turned_away_is_not_counted(xqr: httpx.Client, visitor: httpx.Client) -> None:
    """A 410 leaves count and time of the link as they were."""
    xqr.patch(STATUS, json=DOCUMENTED)
    visitor.get("/summer24")

    shown = link(xqr, SUMMER)

    assert (shown["scan_count"], shown["last_scan_at"]) == (1483, "2026-03-20T09:12:44Z")


# Scans


def test_a_scan_shows_in_the_link(xqr: httpx.Client, visitor: httpx.Client) -> None:
    """One more, just now; `updated_at` stays."""
    visitor.get("/summer24")

    shown = link(xqr, SUMMER)

    assert (shown["scan_count"], shown["last_scan_at"], shown["updated_at"]) == (1484, MARCH, "2026-03-15T08:22:11Z")


def test_scans_cost_the_workspace_no_calls(xqr: httpx.Client, visitor: httpx.Client) -> None:
    """Visitors spend nothing of the month, and no burst holds them up."""
    statuses = {visitor.get("/docs-v2").status_code for _ in range(30)}

    left = xqr.get(f"{LINKS}/{DOCS}").headers["X-RateLimit-Remaining"]

    assert (statuses, left) == ({302}, "999")


AGENTS = {
    "an iPhone": (IPHONE, "mobile", "Safari"),
    "an Android phone": (PIXEL, "mobile", "Chrome"),
    "an Android tablet": (TAB, "tablet", "Samsung Internet"),
    "an iPad": (IPAD, "tablet", "Chrome"),
    "Windows": (WINDOWS, "desktop", "Edge"),
    "Linux": (LINUX, "desktop", "Firefox"),
    "a program": ("curl/8.7.1", "desktop", "Other"),
    "nothing": ("", "desktop", "Other"),
}


@pytest.mark.parametrize(("agent", "device", "browser"), AGENTS.values(), ids=AGENTS)
def test_a_scan_shows_in_the_statistics(
    xqr: httpx.Client, visitor: httpx.Client, agent: str, device: str, browser: str
) -> None:
    """By country, device, browser and day."""
    visitor.get("/page1", headers={"User-Agent": agent, "CF-IPCountry": "de"})

    stats = xqr.get(f"/api/v1/analytics/links/{PAGE}/stats").json()["data"]

    assert stats == {
        "link_id": PAGE,
        "short_code": "page1",
        "total_scans": 1,
        "last_scan_at": MARCH,
        "countries": [{"country": "DE", "count": 1}],
        "devices": [{"device": device, "count": 1}],
        "browsers": [{"browser": browser, "count": 1}],
        "daily_scans": [{"date": "2026-03-21", "scans": 1}],
    }


@pytest.mark.parametrize("country", ["", "Germany", "D1", "D"])
def test_a_country_that_is_none_is_unknown(xqr: httpx.Client, visitor: httpx.Client, country: str) -> None:
    """Anything but two letters counts as XX."""
    visitor.get("/page1", headers={"CF-IPCountry": country})

    stats = xqr.get(f"/api/v1/analytics/links/{PAGE}").json()["data"]

    assert stats["countries"] == [{"country": "XX", "count": 1}]


# Smart routing

DE = {"CF-IPCountry": "DE"}
RULES: dict[str, Any] = {
    "a country that is named": ({"countries": ["DE", "AT"], "country_mode": "include"}, DE, RULED),
    "a country that is not named": ({"countries": ["AT"], "country_mode": "include"}, DE, THERE),
    "no mode is to include": ({"countries": ["DE"]}, DE, RULED),
    "an excluded country": ({"countries": ["DE"], "country_mode": "exclude"}, DE, THERE),
    "a country that is not excluded": ({"countries": ["US"], "country_mode": "exclude"}, DE, RULED),
    "no country": ({"countries": ["DE"]}, {}, THERE),
    "a device": ({"device_types": ["mobile"]}, {"User-Agent": IPHONE}, RULED),
    "another device": ({"device_types": ["mobile", "tablet"]}, {"User-Agent": LINUX}, THERE),
    "within the hours": ({"hours": {"start": 12, "end": 13}}, {}, RULED),
    "before the hours": ({"hours": {"start": 13, "end": 18}}, {}, THERE),
    "after the hours": ({"hours": {"start": 9, "end": 12}}, {}, THERE),
    "at night": ({"hours": {"start": 20, "end": 6}}, {}, THERE),
    "all but lunch": ({"hours": {"start": 12, "end": 11}}, {}, RULED),
    "the whole day": ({"hours": {"start": 5, "end": 5}}, {}, RULED),
    "everybody": ({"percentage": 100}, {}, RULED),
    "nobody": ({"percentage": 0}, {}, THERE),
    "still active": ({"expires_at": "2026-03-21T12:30:01Z"}, {}, RULED),
    "no longer active": ({"expires_at": "2026-03-21T12:30:00Z"}, {}, THERE),
    "no conditions": ({}, {}, RULED),
    "two that hold": ({"countries": ["DE"], "device_types": ["mobile"]}, {**DE, "User-Agent": PIXEL}, RULED),
    "one of two that holds": ({"countries": ["DE"], "device_types": ["mobile"]}, {**DE, "User-Agent": LINUX}, THERE),
}


@pytest.mark.parametrize(("conditions", "headers", "destination"), RULES.values(), ids=RULES)
def test_a_rule_sends_those_it_is_for_elsewhere(
    xqr: httpx.Client, visitor: httpx.Client, conditions: Any, headers: Any, destination: str
) -> None:
    """By country, device, hour, share and time; everybody else goes where the link leads."""
    route(xqr, rule(**conditions))

    response = visitor.get("/docs-v2", headers=headers)

    assert response.headers["Location"] == destination


@pytest.mark.parametrize(("at", "destination"), [("23:59:59", RULED), ("05:59:59", RULED), ("06:00:00", THERE)])
def test_hours_may_pass_midnight(xqr: httpx.Client, visitor: httpx.Client, at: str, destination: str) -> None:
    """From 20 to 6 is the night."""
    route(xqr, rule(hours={"start": 20, "end": 6}))
    freeze(xqr, f"2026-03-22T{at}Z")

    response = visitor.get("/docs-v2")

    assert response.headers["Location"] == destination


def test_the_lowest_priority_comes_first(xqr: httpx.Client, visitor: httpx.Client) -> None:
    """Of the rules that match the first one wins, in whichever order they stand."""
    late, first, other = rule("https://example.com/7", 7), rule("https://example.com/2", 2), rule(priority=1, **NOWHERE)
    route(xqr, late, first, other)

    response = visitor.get("/docs-v2")

    assert response.headers["Location"] == "https://example.com/2"


NOWHERE: dict[str, Any] = {"countries": ["AQ"]}


def test_a_share_is_a_share_of_the_visits(xqr: httpx.Client, visitor: httpx.Client) -> None:
    """Of 200 visits about half meet a rule for 50 percent."""
    route(xqr, rule(percentage=50))

    ruled = sum(visitor.get("/docs-v2").headers["Location"] == RULED for _ in range(200))

    assert 70 <= ruled <= 130


# The code that is scanned


@pytest.mark.parametrize(
    ("query", "read"), [("", text_of_svg), ("?format=svg&size=3", text_of_svg), ("?format=png", text_of_png)]
)
def test_a_qr_code_says_the_short_url(xqr: httpx.Client, query: str, read: Callable[[bytes], str]) -> None:
    """A reader of QR codes finds it in either kind of image."""
    response = xqr.get(f"{LINKS}/{SUMMER}/qr{query}")

    assert read(response.content) == "https://xqr.co/summer24"


@pytest.mark.parametrize(
    ("query", "media_type", "name"),
    [("", "image/svg+xml", "d47f2e1a-qr.svg"), ("?format=png", "image/png", "d47f2e1a-qr.png")],
)
def test_a_qr_code_says_what_it_is(xqr: httpx.Client, query: str, media_type: str, name: str) -> None:
    """Media type, file name, the request's id and the meters stand in the headers."""
    headers = xqr.get(f"{LINKS}/{SUMMER}/qr{query}").headers

    seen = (headers["Content-Type"], headers["Content-Disposition"], headers["X-RateLimit-Remaining"])
    assert (seen, "X-Request-Id" in headers) == ((media_type, f'inline; filename="{name}"', "999"), True)


@pytest.mark.parametrize(("size", "width"), [(1, b"33"), (10, b"330"), (50, b"1650")])
def test_a_module_is_as_wide_as_asked_for(xqr: httpx.Client, size: int, width: bytes) -> None:
    """A code of 25 modules with its margin of 4 is 33 modules wide."""
    image = xqr.get(f"{LINKS}/{SUMMER}/qr?size={size}").content

    assert b'width="' + width + b'"' in image


@pytest.mark.parametrize("query", ["format=gif", "format=", "size=0", "size=51", "size=ten", "template_id=none"])
def test_an_image_that_cannot_be_made_is_refused(xqr: httpx.Client, query: str) -> None:
    """A 400, in JSON."""
    response = xqr.get(f"{LINKS}/{SUMMER}/qr?{query}")

    assert (response.status_code, response.json()["error"]["code"]) == (400, "VALIDATION_ERROR")
