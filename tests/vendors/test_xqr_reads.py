"""What the reads of the xQR API promise."""

from typing import Any
from unittest.mock import ANY

import httpx
import pytest

from tests.support import bearer
from tests.vendors.xqr_world import (
    ACME,
    DOCS_AS_DOCUMENTED,
    FIRST_METER,
    LINKS,
    ROUTED,
    STRANGE,
    SUMMER,
    SUMMER_AS_DOCUMENTED,
    UNKNOWN,
    codes,
    link,
    refusal,
)

# Reads


def test_a_link_is_shown_as_documented(xqr: httpx.Client) -> None:
    """One link, all twelve fields, in the documented envelope."""
    response = xqr.get(f"{LINKS}/{SUMMER}")

    assert response.json() == {
        "data": SUMMER_AS_DOCUMENTED,
        "meta": {"request_id": ANY, "rate_limit": FIRST_METER},
    }


def test_the_fields_of_a_link_come_in_order(xqr: httpx.Client) -> None:
    """The twelve fields come as the vendor's pages print them, and none of the mock's own among them."""
    shown = link(xqr, SUMMER)

    assert list(shown) == [
        "id",
        "short_url",
        "short_code",
        "destination",
        "enabled",
        "labels",
        "routing_rules",
        "scan_count",
        "last_scan_at",
        "expires_at",
        "created_at",
        "updated_at",
    ]


def test_routing_rules_are_shown_whole(xqr: httpx.Client) -> None:
    """A rule shows its destination, its priority and its conditions."""
    shown = link(xqr, ROUTED)

    assert shown["routing_rules"] == [
        {
            "destination": "https://example.com/app?store=ios",
            "priority": 1,
            "conditions": {
                "device_types": ["mobile", "tablet"],
                "countries": ["US", "CA"],
                "country_mode": "include",
            },
        },
        {
            "destination": "https://example.com/app?store=web",
            "priority": 2,
            "conditions": {"device_types": ["desktop"]},
        },
    ]


@pytest.mark.parametrize("link_id", [UNKNOWN, STRANGE, "summer24", SUMMER[:-1], "%20", "..%2F"])
def test_a_link_that_is_not_ours_is_missing(xqr: httpx.Client, link_id: str) -> None:
    """Unknown, malformed and foreign ids are all the same 404."""
    response = xqr.get(f"{LINKS}/{link_id}")

    assert (response.status_code, response.json()) == (404, refusal(404, "NOT_FOUND"))


def test_the_name_of_a_bulk_call_is_no_link(xqr: httpx.Client) -> None:
    """`bulk` is an address of its own, which takes only what makes links: no link can be read there."""
    response = xqr.get(f"{LINKS}/bulk")

    seen = (response.status_code, response.json(), response.headers["Allow"])
    assert seen == (405, refusal(405, "METHOD_NOT_ALLOWED"), "POST")


def test_the_documented_list_is_answered_as_documented(xqr: httpx.Client) -> None:
    """Of 42 campaign links the two documented ones come first."""
    body = xqr.get(LINKS, params={"limit": 10, "label": "campaign"}).json()

    assert {**body, "data": body["data"][:2]} == {
        "data": [SUMMER_AS_DOCUMENTED, DOCS_AS_DOCUMENTED],
        "meta": {"request_id": ANY, "total": 42, "limit": 10, "offset": 0, "rate_limit": FIRST_METER},
    }


def test_the_meta_of_a_list_comes_in_order(xqr: httpx.Client) -> None:
    """Counters stand between the request id and the rate limit, as printed."""
    meta = xqr.get(LINKS).json()["meta"]

    assert list(meta) == ["request_id", "total", "limit", "offset", "rate_limit"]


PAGES = {
    "by default fifty from the start": ({}, (252, 50, 0), 50, "T6vBq3s"),
    "as many as asked for": ({"limit": 3}, (252, 3, 0), 3, "T6vBq3s"),
    "from where asked for": ({"limit": 2, "offset": 2}, (252, 2, 2), 2, "page1"),
    "from the last ones written by hand": ({"offset": 50, "limit": 2}, (252, 2, 50), 2, "winter-poster"),
    "the last ones": ({"offset": 250}, (252, 50, 250), 2, "flyer-2"),
    "the largest page": ({"limit": 200}, (252, 200, 0), 200, "T6vBq3s"),
    "past the end": ({"offset": 252}, (252, 50, 252), 0, None),
    "one label": ({"label": "batch-march"}, (3, 50, 0), 3, "T6vBq3s"),
    "a label nobody carries": ({"label": "Campaign!"}, (0, 50, 0), 0, None),
    "disabled": ({"enabled": "false"}, (6, 50, 0), 6, "Yw2Jf7k"),
    "enabled": ({"enabled": "true"}, (246, 50, 0), 50, "T6vBq3s"),
    "label and state": ({"label": "campaign", "enabled": "false"}, (4, 50, 0), 4, "H5nLc8y"),
    "an unknown parameter is ignored": ({"sort": "scan_count"}, (252, 50, 0), 50, "T6vBq3s"),
}


@pytest.mark.parametrize(("params", "meta", "size", "first"), PAGES.values(), ids=PAGES)
def test_a_list_holds_what_was_asked_for(
    xqr: httpx.Client, params: dict[str, Any], meta: tuple[int, int, int], size: int, first: str | None
) -> None:
    """Filters narrow the total, `limit` and `offset` cut the page out of it."""
    response = xqr.get(LINKS, params=params)

    shown = response.json()["meta"]
    page = codes(response)
    assert ((shown["total"], shown["limit"], shown["offset"]), len(page), next(iter(page), None)) == (
        meta,
        size,
        first,
    )


def test_a_list_is_newest_first(xqr: httpx.Client) -> None:
    """The creation date falls from line to line."""
    links = xqr.get(LINKS, params={"limit": 200}).json()["data"]

    dates = [link["created_at"] for link in links]

    assert dates == sorted(dates, reverse=True)


def test_a_workspace_sees_only_its_own(xqr: httpx.Client) -> None:
    """Another key's list holds that workspace's links and no other."""
    acme = xqr.get(LINKS, params={"limit": 200}, headers=bearer(ACME))

    mine = {*codes(xqr.get(LINKS, params={"limit": 200})), *codes(xqr.get(LINKS, params={"limit": 200, "offset": 200}))}
    assert (acme.json()["meta"]["total"], len(mine), mine & {*codes(acme)}) == (66, 252, set())
    assert {"q3XhD8e", "Nc9sG4u", "acme-fair24", "acme-demo", "acme-spec", "acme-tour"} <= {*codes(acme)}


BAD_QUERIES = [
    {"limit": "0"},
    {"limit": "201"},
    {"limit": "-1"},
    {"limit": "ten"},
    {"limit": "1.5"},
    {"limit": ""},
    {"offset": "-1"},
    {"offset": "many"},
    {"enabled": "yes"},
    {"enabled": "1"},
    {"enabled": "maybe"},
]


@pytest.mark.parametrize("params", BAD_QUERIES, ids=str)
def test_a_parameter_out_of_range_is_refused(xqr: httpx.Client, params: dict[str, str]) -> None:
    """A list parameter of the wrong kind or beyond its bounds is a 400, never clamped."""
    response = xqr.get(LINKS, params=params)

    assert (response.status_code, response.json()) == (400, refusal(400, "VALIDATION_ERROR"))
