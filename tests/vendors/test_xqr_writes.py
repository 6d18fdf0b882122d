"""What the xQR API promises to those who make, change and delete links, one by one and a hundred at a time."""

from typing import Any
from unittest.mock import ANY

import httpx
import pytest

from tests.support import bearer
from tests.vendors.xqr_world import (
    ACME,
    BAKERY,
    BULK,
    CLUB,
    DOCS,
    FIRST_METER,
    LINKS,
    SESSION,
    STRANGE,
    SUMMER,
    SUMMER_AS_DOCUMENTED,
    UNKNOWN,
    WORKSPACE,
    codes,
    control,
    link,
    refusal,
)

SALE = {
    "url": "https://example.com/summer-sale?utm_source=qr",
    "custom_slug": "summer25",
    "labels": ["campaign", "summer"],
    "expires_at": "2026-09-30T23:59:59Z",
}
RULE = {
    "destination": "https://example.de/promo",
    "priority": 1,
    "conditions": {"countries": ["DE", "AT", "CH"], "country_mode": "include"},
}


def freeze(xqr: httpx.Client, at: str) -> None:
    """World time stands still."""
    xqr.post(f"{control(xqr)}/clock/freeze", json={"at": at})


def total(xqr: httpx.Client) -> int:
    """How many links there are."""
    counted: int = xqr.get(LINKS, params={"limit": 1}).json()["meta"]["total"]
    return counted


# Create


def test_the_documented_creation_is_answered_as_documented(xqr: httpx.Client) -> None:
    """Field for field as on the vendor's page, where the slug is free and the clock shows the page's time."""
    xqr.delete(f"{LINKS}/{SUMMER}")
    freeze(xqr, "2026-03-21T14:30:00Z")

    response = xqr.post(LINKS, json={**SALE, "custom_slug": "summer24"})

    assert (response.status_code, response.json()) == (
        201,
        {
            "data": {
                **SUMMER_AS_DOCUMENTED,
                "id": ANY,
                "scan_count": 0,
                "last_scan_at": None,
                "created_at": "2026-03-21T14:30:00Z",
                "updated_at": "2026-03-21T14:30:00Z",
            },
            "meta": {"request_id": ANY, "rate_limit": FIRST_METER},
        },
    )


def test_a_new_link_is_read_as_it_was_made(xqr: httpx.Client) -> None:
    """Its own page and the top of the list show what the creation answered."""
    made = xqr.post(LINKS, json=SALE).json()["data"]

    listed = xqr.get(LINKS, params={"limit": 1}).json()["data"]

    assert [link(xqr, made["id"]), *listed] == [made, made]


def test_a_bare_link_has_a_code_of_seven_characters(xqr: httpx.Client) -> None:
    """Without a slug the code is random; labels and rules are empty, and it never ends."""
    made = xqr.post(LINKS, json={"url": "http://example.com"}).json()["data"]

    code = made["short_code"]
    assert (len(code), code.isalnum(), made["short_url"]) == (7, True, f"https://xqr.co/{code}")
    assert (made["labels"], made["routing_rules"], made["expires_at"], made["enabled"]) == ([], [], None, True)


MOMENTS = {
    "2030-06-01T12:00:00Z": "2030-06-01T12:00:00Z",
    "2030-06-01T12:00:00.987Z": "2030-06-01T12:00:00Z",
    "2030-06-01T14:00:00+02:00": "2030-06-01T12:00:00Z",
    "2030-06-01t12:00:00z": "2030-06-01T12:00:00Z",
}


@pytest.mark.parametrize(("sent", "kept"), MOMENTS.items())
def test_an_expiry_is_kept_in_utc_to_the_second(xqr: httpx.Client, sent: str, kept: str) -> None:
    """Whatever zone and precision it was sent with."""
    made = xqr.post(LINKS, json={"url": "https://example.com", "expires_at": sent}).json()["data"]

    assert made["expires_at"] == kept


def test_a_slug_in_use_is_taken(xqr: httpx.Client) -> None:
    """A 409 with the documented code, and no link more."""
    before = total(xqr)

    response = xqr.post(LINKS, json={**SALE, "custom_slug": "docs-v2"})

    assert (response.status_code, response.json(), total(xqr)) == (409, refusal(409, "SLUG_TAKEN"), before)


def test_a_slug_is_taken_for_every_workspace(xqr: httpx.Client) -> None:
    """All workspaces share the host, so that a stranger's slug is in use as well."""
    response = xqr.post(LINKS, json={**SALE, "custom_slug": "acme-tour"})

    assert (response.status_code, response.json()) == (409, refusal(409, "SLUG_TAKEN"))


URL = "https://example.com"
BAD_CREATIONS: dict[str, Any] = {
    "no url": {},
    "a url that is no text": {"url": 7},
    "a url of no scheme": {"url": "example.com/page"},
    "a url of another scheme": {"url": "javascript:alert(1)"},
    "a url of ftp": {"url": "ftp://example.com"},
    "a url with a space": {"url": "https://example.com/a b"},
    "a url without a host": {"url": "https:///page"},
    "a url with an open bracket": {"url": "https://[::1"},
    "a url with a bracket too many": {"url": "https://::1]/page"},
    "a slug of two characters": {"url": URL, "custom_slug": "ab"},
    "a slug of 65 characters": {"url": URL, "custom_slug": "a" * 65},
    "a slug with an underscore": {"url": URL, "custom_slug": "summer_25"},
    "a slug with a slash": {"url": URL, "custom_slug": "a/b/c"},
    "a slug with a line end": {"url": URL, "custom_slug": "summer\n"},
    "eleven labels": {"url": URL, "labels": [str(n) for n in range(11)]},
    "a label that is no text": {"url": URL, "labels": [1]},
    "labels that are a text": {"url": URL, "labels": "summer"},
    "an expiry that is no time": {"url": URL, "expires_at": "tomorrow"},
    "an expiry without a time": {"url": URL, "expires_at": "2030-06-01"},
    "an expiry on no day": {"url": URL, "expires_at": "2030-02-30T00:00:00Z"},
    "an expiry after all years": {"url": URL, "expires_at": "9999-12-31T23:59:59-12:00"},
    "an expiry in a leap second": {"url": URL, "expires_at": "2016-12-31T23:59:60Z"},
    "a rule without a destination": {"url": URL, "routing_rules": [{"priority": 1, "conditions": {}}]},
    "a rule without conditions": {"url": URL, "routing_rules": [{"destination": URL, "priority": 1}]},
    "a rule with half a priority": {"url": URL, "routing_rules": [{**RULE, "priority": 1.5}]},
    "a rule for a country in small letters": {
        "url": URL,
        "routing_rules": [{**RULE, "conditions": {"countries": ["de"]}}],
    },
    "a rule for another device": {"url": URL, "routing_rules": [{**RULE, "conditions": {"device_types": ["watch"]}}]},
    "a rule for the hour 25": {
        "url": URL,
        "routing_rules": [{**RULE, "conditions": {"hours": {"start": 0, "end": 25}}}],
    },
    "a rule for 101 percent": {"url": URL, "routing_rules": [{**RULE, "conditions": {"percentage": 101}}]},
}


@pytest.mark.parametrize("body", BAD_CREATIONS.values(), ids=BAD_CREATIONS)
def test_a_bad_creation_is_refused_whole(xqr: httpx.Client, body: Any) -> None:
    """A 400 with the vendor's body; no link was made, and the next creation is fine."""
    before = total(xqr)

    response = xqr.post(LINKS, json=body)

    good = xqr.post(LINKS, json=SALE)
    seen = (response.status_code, response.json(), good.status_code, total(xqr))
    assert seen == (400, refusal(400, "VALIDATION_ERROR"), 201, before + 1)


def test_a_workspace_makes_as_many_links_as_its_plan_allows(xqr: httpx.Client) -> None:
    """After the last one of the month a creation is a 403; the next month begins anew."""
    limits = {"links_per_month": 143, "dynamic_qr": 1, "bio_pages": 1, "storage_mb": 1, "qr_templates": 1}
    xqr.patch(f"{control(xqr)}/state/xqr/workspaces/{WORKSPACE}", json={"_limits": limits})
    freeze(xqr, "2026-03-31T23:59:00Z")

    last, refused = (xqr.post(LINKS, json={"url": URL}) for _ in range(2))
    xqr.post(f"{control(xqr)}/clock/advance", json={"seconds": 120})
    next_month = xqr.post(LINKS, json={"url": URL})

    assert (last.status_code, refused.json(), next_month.status_code) == (
        201,
        refusal(403, "PLAN_LIMIT_EXCEEDED"),
        201,
    )


def test_a_plan_without_routing_is_refused(xqr: httpx.Client) -> None:
    """A link with rules is a 403 where the plan lacks the feature, one without is made."""
    refused = xqr.post(LINKS, json={"url": URL, "routing_rules": [RULE]}, headers=bearer(BAKERY))
    made = xqr.post(LINKS, json={"url": URL, "routing_rules": []}, headers=bearer(BAKERY))

    assert (refused.status_code, refused.json(), made.status_code) == (
        403,
        refusal(403, "FEATURE_NOT_AVAILABLE"),
        201,
    )


# Update and delete


def test_the_documented_update_is_answered_as_documented(xqr: httpx.Client) -> None:
    """Destination and labels are new, and so is the time; nothing else is."""
    freeze(xqr, "2026-03-21T15:45:00Z")

    body = {"url": "https://example.com/summer-sale-v2?utm_source=qr", "labels": ["campaign", "summer", "updated"]}
    response = xqr.patch(f"{LINKS}/{SUMMER}", json=body)

    assert (response.status_code, response.json()["data"]) == (
        200,
        {
            **SUMMER_AS_DOCUMENTED,
            "destination": "https://example.com/summer-sale-v2?utm_source=qr",
            "labels": ["campaign", "summer", "updated"],
            "updated_at": "2026-03-21T15:45:00Z",
        },
    )


UPDATES: dict[str, Any] = {
    "off": ({"enabled": False}, {"enabled": False}),
    "rules": ({"routing_rules": [RULE]}, {"routing_rules": [RULE]}),
    "no labels": ({"labels": []}, {"labels": []}),
    "a slug is not taken": ({"custom_slug": "other"}, {"updated_at": "2026-03-15T08:22:11Z"}),
    "an expiry is not taken": (
        {"expires_at": "2030-01-01T00:00:00Z", "labels": ["x"]},
        {"labels": ["x"], "expires_at": "2026-09-30T23:59:59Z"},
    ),
    "nothing": ({}, {"updated_at": "2026-03-15T08:22:11Z"}),
}


@pytest.mark.parametrize(("body", "changed"), UPDATES.values(), ids=UPDATES)
def test_an_update_changes_what_it_names(xqr: httpx.Client, body: Any, changed: Any) -> None:
    """The link reads as the update answered; what no page lists as updatable stays."""
    answered = xqr.patch(f"{LINKS}/{SUMMER}", json=body).json()["data"]

    shown = link(xqr, SUMMER)

    assert shown == answered
    assert shown == {**SUMMER_AS_DOCUMENTED, "updated_at": shown["updated_at"], **changed}


BAD_UPDATES: dict[str, Any] = {
    "no object": [],
    "a url that is none": {"url": "summer"},
    "enabled in words": {"enabled": "false"},
    "enabled as nothing": {"enabled": None},
    "eleven labels": {"labels": [str(n) for n in range(11)]},
    "rules that are one": {"routing_rules": RULE},
}


@pytest.mark.parametrize("body", BAD_UPDATES.values(), ids=BAD_UPDATES)
def test_a_bad_update_is_refused_whole(xqr: httpx.Client, body: Any) -> None:
    """A 400 with the vendor's body, and the link is as it was."""
    response = xqr.patch(f"{LINKS}/{SUMMER}", json=body)

    assert (response.status_code, response.json()) == (400, refusal(400, "VALIDATION_ERROR"))
    assert link(xqr, SUMMER) == SUMMER_AS_DOCUMENTED


def test_a_deleted_link_is_gone(xqr: httpx.Client) -> None:
    """A 204 without a body; afterwards it is missing, unlisted, and a second deletion is a 404."""
    response = xqr.delete(f"{LINKS}/{DOCS}")

    again = xqr.delete(f"{LINKS}/{DOCS}")
    assert (response.status_code, response.content, "Content-Type" in response.headers) == (204, b"", False)
    assert (again.status_code, xqr.get(f"{LINKS}/{DOCS}").status_code) == (404, 404)
    assert "docs-v2" not in codes(xqr.get(LINKS, params={"limit": 200}))


def test_the_code_of_a_deleted_link_is_free(xqr: httpx.Client) -> None:
    """Another workspace can have it at once."""
    xqr.delete(f"{LINKS}/{DOCS}")

    response = xqr.post(LINKS, json={"url": URL, "custom_slug": "docs-v2"}, headers=bearer(ACME))

    assert (response.status_code, response.json()["data"]["short_url"]) == (201, "https://xqr.co/docs-v2")


@pytest.mark.parametrize("link_id", [UNKNOWN, STRANGE, "summer24"])
@pytest.mark.parametrize("method", ["PATCH", "DELETE"])
def test_a_link_that_is_not_ours_cannot_be_changed(xqr: httpx.Client, method: str, link_id: str) -> None:
    """Unknown, foreign and malformed ids are all the same 404, and the stranger's link stays."""
    response = xqr.request(method, f"{LINKS}/{link_id}", json={"enabled": False})

    kept = xqr.get(f"{LINKS}/{STRANGE}", headers=bearer(ACME)).json()["data"]
    assert (response.status_code, response.json(), kept["enabled"]) == (404, refusal(404, "NOT_FOUND"), True)


# Bulk creation

PAGES = {
    "links": [
        {"url": "https://example.com/page-one", "custom_slug": "page-1", "labels": ["batch-march"]},
        {"url": "https://example.com/page-two", "custom_slug": "page-2", "labels": ["batch-march"]},
        {"url": "https://example.com/page-three", "labels": ["batch-march"]},
    ]
}


def test_a_bulk_creation_makes_whole_links(xqr: httpx.Client) -> None:
    """Three links come back in the order in which they were sent, as each would have been by itself."""
    freeze(xqr, "2026-03-21T16:00:00Z")

    response = xqr.post(BULK, json=PAGES)

    data = response.json()["data"]
    assert (response.status_code, data["errors"], len(data["created"])) == (201, [], 3)
    assert data["created"][0] == {
        "id": ANY,
        "short_url": "https://xqr.co/page-1",
        "short_code": "page-1",
        "destination": "https://example.com/page-one",
        "enabled": True,
        "labels": ["batch-march"],
        "routing_rules": [],
        "scan_count": 0,
        "last_scan_at": None,
        "expires_at": None,
        "created_at": "2026-03-21T16:00:00Z",
        "updated_at": "2026-03-21T16:00:00Z",
    }
    assert [link(xqr, made["id"]) for made in data["created"]] == data["created"]


def test_what_can_be_made_is_made(xqr: httpx.Client) -> None:
    """Slugs in use, within the batch too, and what would be no link by itself are reported by their places."""
    wanted = [
        {"url": f"{URL}/0", "custom_slug": "summer24"},
        {"url": f"{URL}/1", "custom_slug": "new-one"},
        {"url": f"{URL}/2", "custom_slug": "new-one"},
        {"url": "summer"},
        {"url": f"{URL}/4", "custom_slug": "no_slug"},
        {"url": f"{URL}/5", "expires_at": "9999-12-31T23:59:59-12:00"},
        {"url": f"{URL}/6"},
        {"custom_slug": "summer26"},
        {"url": 8},
        {"url": f"{URL}/9", "labels": [str(n) for n in range(11)]},
        {"url": f"{URL}/10", "expires_at": "tomorrow"},
        {"url": f"{URL}/11", "routing_rules": [{"destination": URL}]},
        {"url": f"{URL}/12"},
    ]

    response = xqr.post(BULK, json={"links": wanted})

    data = response.json()["data"]
    made = [link["destination"] for link in data["created"]]
    assert (response.status_code, made) == (201, [f"{URL}/1", f"{URL}/6", f"{URL}/12"])
    assert data["errors"] == [
        {"index": 0, "url": f"{URL}/0", "code": "SLUG_TAKEN", "message": ANY},
        {"index": 2, "url": f"{URL}/2", "code": "SLUG_TAKEN", "message": ANY},
        {"index": 3, "url": "summer", "code": "VALIDATION_ERROR", "message": ANY},
        {"index": 4, "url": f"{URL}/4", "code": "VALIDATION_ERROR", "message": ANY},
        {"index": 5, "url": f"{URL}/5", "code": "VALIDATION_ERROR", "message": ANY},
        {"index": 7, "url": None, "code": "VALIDATION_ERROR", "message": "url: is required"},
        {"index": 8, "url": None, "code": "VALIDATION_ERROR", "message": ANY},
        {"index": 9, "url": f"{URL}/9", "code": "VALIDATION_ERROR", "message": ANY},
        {"index": 10, "url": f"{URL}/10", "code": "VALIDATION_ERROR", "message": ANY},
        {"index": 11, "url": f"{URL}/11", "code": "VALIDATION_ERROR", "message": ANY},
    ]


def test_nothing_that_could_be_made_is_a_success_too(xqr: httpx.Client) -> None:
    """A batch of nothing but taken slugs is a 201 with no links in it."""
    response = xqr.post(BULK, json={"links": [{"url": URL, "custom_slug": "summer24"}]})

    assert (response.status_code, response.json()["data"]["created"]) == (201, [])


BAD_BATCHES: dict[str, Any] = {
    "no links": {"links": []},
    "no list": {},
    "101 links": {"links": [{"url": URL}] * 101},
    "a link that is a text": {"links": [URL]},
}


@pytest.mark.parametrize("body", BAD_BATCHES.values(), ids=BAD_BATCHES)
def test_a_bad_batch_is_refused_whole(xqr: httpx.Client, body: Any) -> None:
    """A 400, no link is made, and the next batch is fine."""
    before = total(xqr)

    response = xqr.post(BULK, json=body)

    good = xqr.post(BULK, json=PAGES)
    seen = (response.status_code, response.json(), good.status_code, total(xqr))
    assert seen == (400, refusal(400, "VALIDATION_ERROR"), 201, before + 3)


def test_a_hundred_links_are_one_call(xqr: httpx.Client) -> None:
    """They cost one call of the month, whatever their number."""
    response = xqr.post(BULK, json={"links": [{"url": f"{URL}/{n}"} for n in range(100)]})

    assert (len(response.json()["data"]["created"]), response.headers["X-RateLimit-Remaining"]) == (100, "999")


def test_a_plan_without_bulk_operations_makes_no_batch(xqr: httpx.Client) -> None:
    """A 403 by the name of the feature."""
    response = xqr.post(BULK, json=PAGES, headers=bearer(BAKERY))

    assert (response.status_code, response.json()) == (403, refusal(403, "FEATURE_NOT_AVAILABLE"))


# Every named code


def test_every_named_code_can_be_met(xqr: httpx.Client) -> None:
    """The nine codes that the vendor's error pages name, each by a request of its own."""
    state = f"{control(xqr)}/state/xqr/workspaces/{WORKSPACE}"
    limits = {"links_per_month": 0, "dynamic_qr": 1, "bio_pages": 1, "storage_mb": 1, "qr_templates": 1}
    revoked, expired = "xqr_pk_7e4a92b0." + "o" * 64, "xqr_pk_9c13d8f5." + "t" * 64
    responses = [
        xqr.get(LINKS, headers=bearer("xqr_pk_00000000." + "x" * 64)),
        xqr.get(LINKS, headers=bearer(revoked)),
        xqr.get(LINKS, headers=bearer(expired)),
        xqr.get(LINKS, headers=bearer("xqr_pk_58f2d1c7." + "q" * 64)),
        xqr.post(BULK, json=PAGES, headers=bearer(BAKERY)),
        xqr.post(LINKS, json={**SALE, "custom_slug": "summer24"}),
        xqr.get(LINKS, headers=bearer(CLUB)),
    ]
    xqr.patch(state, json={"_limits": limits})
    responses.append(xqr.post(LINKS, json=SALE))
    freeze(xqr, "2026-03-21T14:30:00Z")
    responses.append([xqr.get(LINKS) for _ in range(11)][-1])

    assert [(each.status_code, each.json()["error"]["code"]) for each in responses] == [
        (401, "INVALID_API_KEY"),
        (401, "REVOKED_API_KEY"),
        (401, "EXPIRED_API_KEY"),
        (403, "INSUFFICIENT_SCOPE"),
        (403, "FEATURE_NOT_AVAILABLE"),
        (409, "SLUG_TAKEN"),
        (429, "RATE_LIMIT_EXCEEDED"),
        (403, "PLAN_LIMIT_EXCEEDED"),
        (429, "BURST_LIMIT_EXCEEDED"),
    ]


def test_a_session_is_no_key(xqr: httpx.Client) -> None:
    """What the dashboard holds of who is signed in opens no endpoint of the API."""
    response = xqr.get(LINKS, headers=bearer(SESSION))

    assert (response.status_code, response.json()) == (401, refusal(401, "INVALID_API_KEY"))
