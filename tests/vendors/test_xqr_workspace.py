"""What the xQR API tells of a workspace: itself, its usage, its members, and what its scans add up to."""

from typing import Any
from unittest.mock import ANY

import httpx
import pytest

from tests.support import bearer
from tests.vendors.xqr_world import ACME, BAKERY, BULK, DOCS, LINKS, PAGE, STRANGE, SUMMER, UNKNOWN, control, refusal

SUMMARY, SERIES, GEOGRAPHY = (f"/api/v1/analytics/{name}" for name in ("summary", "timeseries", "geography"))


@pytest.fixture
def march(xqr: httpx.Client) -> httpx.Client:
    """The client, on 21 March 2026."""
    xqr.post(f"{control(xqr)}/clock/freeze", json={"at": "2026-03-21T18:00:00Z"})
    return xqr


def data(response: httpx.Response) -> Any:
    """What was answered."""
    assert response.status_code == 200
    return response.json()["data"]


# The workspace


def test_the_documented_workspace_is_answered_as_documented(xqr: httpx.Client) -> None:
    """Field for field, and without what is the mock's own."""
    response = xqr.get("/api/v1/workspace")

    assert response.json() == {
        "data": {
            "id": "ws_a1b2c3d4-e5f6-7890-abcd-ef1234567890",
            "name": "My Workspace",
            "description": "Production workspace for marketing campaigns",
            "plan": "pro",
            "created_at": "2026-01-15T09:00:00Z",
        },
        "meta": {"request_id": ANY, "rate_limit": {"limit": 600, "remaining": 599, "reset": ANY}},
    }


def test_the_usage_is_as_documented_but_for_what_is_counted(march: httpx.Client) -> None:
    """The sample's numbers; links are counted in the workspace, and calls by its month, which the plan table bounds."""
    usage = data(march.get("/api/v1/workspace/usage"))

    assert usage == {
        "plan": "pro",
        "usage": {
            "links_created_this_month": 142,
            "api_calls_this_month": 1,
            "total_links": 252,
            "total_qr_templates": 18,
            "total_bio_pages": 5,
            "storage_bytes": 52428800,
            "storage_mb": 50.0,
        },
        "limits": {
            "links_per_month": 5000,
            "dynamic_qr": 500,
            "bio_pages": 25,
            "storage_mb": 500,
            "api_calls_per_month": 1000,
            "qr_templates": 100,
        },
        "features": {"routing_rules": True, "csv_export": True, "bulk_ops": True, "ad_free": True},
    }


def test_the_usage_follows_what_is_done(march: httpx.Client) -> None:
    """Links that were made count, in the month even when they are deleted again; so does every call."""
    march.post(BULK, json={"links": [{"url": "https://example.com"}] * 3})
    march.post(LINKS, json={"url": "https://example.com"})
    march.delete(f"{LINKS}/{DOCS}")

    usage = data(march.get("/api/v1/workspace/usage"))["usage"]

    counted = usage["links_created_this_month"], usage["total_links"], usage["api_calls_this_month"]
    assert counted == (146, 255, 4)


def test_a_smaller_plan_shows_what_it_lacks(xqr: httpx.Client) -> None:
    """The bakery has neither bulk operations nor routing."""
    usage = data(xqr.get("/api/v1/workspace/usage", headers=bearer(BAKERY)))

    assert usage["features"] == {"routing_rules": False, "csv_export": False, "bulk_ops": False, "ad_free": True}


def test_the_members_are_the_workspaces_own(xqr: httpx.Client) -> None:
    """Three people, each with id, address and name, and nobody of another workspace."""
    members = data(xqr.get("/api/v1/workspace/members"))

    assert members == [
        {"id": "usr_6f708901-2345-4678-9abc-def012345678", "email": "nora@example.com", "name": "Nora Feld"},
        {"id": "usr_b3c41d5e-9f20-4e6a-8d17-52a0c6f39e84", "email": "sam@example.com", "name": "Sam Okafor"},
        {"id": "usr_0d9a7c63-1b5f-4482-a6ce-e8374f10b295", "email": "ines@example.com", "name": "Inês Prado"},
    ]


# Its scans


@pytest.fixture
def scanned(xqr: httpx.Client) -> httpx.Client:
    """The client; `page1` was followed at four moments of 2031 and 2032, from two countries."""
    for at, country in (
        ("2031-12-30T22:15:00Z", "DE"),
        ("2031-12-30T22:59:59Z", "US"),
        ("2032-01-01T00:00:00Z", "DE"),
        ("2032-01-07T10:00:00Z", "DE"),
    ):
        xqr.post(f"{control(xqr)}/clock/freeze", json={"at": at})
        xqr.get("/page1", headers={"CF-IPCountry": country})
    return xqr


POINTS: dict[str, Any] = {
    "hour": [("2031-12-30T22:00:00Z", 2), ("2032-01-01T00:00:00Z", 1), ("2032-01-07T10:00:00Z", 1)],
    "day": [("2031-12-30", 2), ("2032-01-01", 1), ("2032-01-07", 1)],
    "week": [("2031-12-29", 3), ("2032-01-05", 1)],
    "month": [("2031-12-01", 2), ("2032-01-01", 2)],
}


@pytest.mark.parametrize(("interval", "points"), POINTS.items())
def test_a_series_has_a_point_for_each_span(scanned: httpx.Client, interval: str, points: Any) -> None:
    """By hour, day, week from Monday, or month; the last thirty days where nothing else is asked for."""
    series = data(scanned.get(SERIES, params={"interval": interval}))

    assert series == {"interval": interval, "points": [{"date": date, "scans": scans} for date, scans in points]}


RANGES: dict[str, Any] = {
    "from a day on": ({"from_date": "2032-01-01"}, 2),
    "up to a day": ({"to_date": "2032-01-01"}, 3),
    "one day": ({"from_date": "2031-12-30", "to_date": "2031-12-30"}, 2),
    "a day of none": ({"from_date": "2032-01-02", "to_date": "2032-01-06"}, 0),
    "its link": ({"link_id": PAGE}, 4),
    "its link in capitals": ({"link_id": PAGE.upper()}, 4),
    "another link": ({"link_id": DOCS}, 0),
    "all that ever was": ({"from_date": "2000-01-01", "link_id": SUMMER}, 1483),
}


@pytest.mark.parametrize(("params", "scans"), RANGES.values(), ids=RANGES)
def test_a_series_keeps_to_its_range(scanned: httpx.Client, params: Any, scans: int) -> None:
    """Both days belong to it; a link narrows it to its own scans."""
    series = data(scanned.get(SERIES, params={"interval": "day", **params}))

    assert sum(point["scans"] for point in series["points"]) == scans


@pytest.mark.parametrize("link_id", [UNKNOWN, STRANGE, "page1"])
def test_a_series_of_a_link_that_is_not_ours_is_missing(xqr: httpx.Client, link_id: str) -> None:
    """As the link itself is."""
    response = xqr.get(SERIES, params={"interval": "day", "link_id": link_id})

    assert (response.status_code, response.json()) == (404, refusal(404, "NOT_FOUND"))


BAD_QUESTIONS: list[tuple[str, dict[str, str]]] = [
    (SERIES, {}),
    (SERIES, {"interval": "year"}),
    (SERIES, {"interval": "day", "from_date": "yesterday"}),
    (SERIES, {"interval": "day", "to_date": "2026-02-30"}),
    (SERIES, {"interval": "day", "link_id": ""}),
    (SUMMARY, {"period": "1d"}),
]


@pytest.mark.parametrize(("path", "params"), BAD_QUESTIONS, ids=str)
def test_a_bad_question_is_refused(xqr: httpx.Client, path: str, params: dict[str, str]) -> None:
    """What is missing, unknown or no day is a 400."""
    response = xqr.get(path, params=params)

    assert (response.status_code, response.json()) == (400, refusal(400, "VALIDATION_ERROR"))


def test_the_summary_counts_the_period(scanned: httpx.Client) -> None:
    """Of the last thirty days are four scans from two countries of one link; of all time there are many more."""
    month, week, ever = (data(scanned.get(SUMMARY, params={"period": period})) for period in ("30d", "7d", "all"))

    assert month == {"total_links": 252, "total_scans": 4, "active_links_30d": 1, "unique_countries": 2}
    assert (week["total_scans"], week["unique_countries"], data(scanned.get(SUMMARY))) == (2, 1, month)
    assert (ever["total_links"], ever["active_links_30d"], ever["unique_countries"]) == (252, 1, 12)


def test_the_summary_counts_every_scan_of_every_link(march: httpx.Client) -> None:
    """Over all time it is what the links of the workspace say, together."""
    pages = [march.get(LINKS, params={"limit": 200, "offset": offset}).json()["data"] for offset in (0, 200)]

    ever = data(march.get(SUMMARY, params={"period": "all"}))

    assert ever["total_scans"] == sum(link["scan_count"] for page in pages for link in page)


def test_the_countries_come_the_most_frequent_first(march: httpx.Client) -> None:
    """Their counts are those of the summary, and no other workspace's scans are among them."""
    march.get("/page1", headers={"CF-IPCountry": "AQ"})
    march.get("/acme-tour", headers={"CF-IPCountry": "GL"})

    countries = data(march.get(GEOGRAPHY))

    counts = [each["count"] for each in countries]
    assert counts == sorted(counts, reverse=True)
    assert countries[-1] == {"country": "AQ", "count": 1}
    assert sum(counts) == data(march.get(SUMMARY, params={"period": "all"}))["total_scans"]


@pytest.mark.parametrize("path", ["", "/stats"])
def test_the_statistics_of_a_link_add_up(march: httpx.Client, path: str) -> None:
    """Each way of counting comes to the number of scans that the link shows, at either address."""
    stats = data(march.get(f"/api/v1/analytics/links/{SUMMER}{path}"))

    totals = [sum(each["count"] for each in stats[name]) for name in ("countries", "devices", "browsers")]
    assert (totals, sum(each["scans"] for each in stats["daily_scans"])) == ([1483] * 3, 1483)
    assert (stats["total_scans"], stats["last_scan_at"], stats["short_code"]) == (
        1483,
        "2026-03-20T09:12:44Z",
        "summer24",
    )
    assert stats["daily_scans"][-1]["date"] == "2026-03-20"


def test_a_link_takes_its_statistics_along(march: httpx.Client) -> None:
    """Once it is deleted, its scans are in no sum."""
    before = data(march.get(SUMMARY, params={"period": "all"}))["total_scans"]
    march.delete(f"{LINKS}/{SUMMER}")

    after = data(march.get(SUMMARY, params={"period": "all"}))["total_scans"]

    assert (before - after, march.get(f"/api/v1/analytics/links/{SUMMER}").status_code) == (1483, 404)


def test_a_strangers_link_has_no_statistics(xqr: httpx.Client) -> None:
    """It is missing for us, and not for its own workspace."""
    path = f"/api/v1/analytics/links/{STRANGE}"

    statuses = xqr.get(path).status_code, xqr.get(path, headers=bearer(ACME)).status_code

    assert statuses == (404, 200)
