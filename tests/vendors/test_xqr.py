"""What the xQR API promises to those who call it, over the wire."""

import json
import subprocess
import time
from collections.abc import Callable, Iterator
from typing import Any
from unittest.mock import ANY

import httpx
import pytest

LINKS = "/api/v1/links"
STATUS = "/api/v1/links/bulk/status"

SUMMER = "d47f2e1a-8c3b-4a5d-9e6f-1234567890ab"
DOCS = "a83c1d4e-2f5b-4890-bc7a-abcdef012345"
PAGE = "e58f3a2b-9d4c-4b6e-af70-2345678901bc"
PAUSED = "f08077cc-5d1e-43ce-bc7a-a9e680cf595c"
ROUTED = "6f239712-ccee-4097-9a74-a142f10efd20"
STRANGE = "86d3ad85-35d6-49b9-b1be-b7d47669d332"
BAKED = "0dc2ed88-64b0-4d92-836e-8f2ca37578b2"
UNKNOWN = "00000000-0000-4000-8000-000000000000"
STRAYS = [f"00000000-0000-4000-8000-{n:012x}" for n in range(199)]
DOCUMENTED = {"ids": [SUMMER, DOCS, PAGE], "enabled": False}

PRODUCTION = "xqr_pk_a1b2c3d4." + "x" * 64
READ_ONLY = "xqr_pk_0b5e7f21." + "r" * 64
WRITE_ONLY = "xqr_pk_3d9c60ae." + "w" * 64
PRINTER = "xqr_pk_58f2d1c7." + "q" * 64
REVOKED = "xqr_pk_7e4a92b0." + "o" * 64
EXPIRED = "xqr_pk_9c13d8f5." + "t" * 64
ACME = "xqr_pk_c62b0e94." + "a" * 64
BAKERY = "xqr_pk_f08d5a3b." + "b" * 64

SUMMER_AS_DOCUMENTED = {
    "id": "d47f2e1a-8c3b-4a5d-9e6f-1234567890ab",
    "short_url": "https://xqr.co/summer24",
    "short_code": "summer24",
    "destination": "https://example.com/summer-sale?utm_source=qr",
    "enabled": True,
    "labels": ["campaign", "summer"],
    "routing_rules": [],
    "scan_count": 1483,
    "last_scan_at": "2026-03-20T09:12:44Z",
    "expires_at": "2026-09-30T23:59:59Z",
    "created_at": "2026-03-01T10:00:00Z",
    "updated_at": "2026-03-15T08:22:11Z",
}
DOCS_AS_DOCUMENTED = {
    "id": "a83c1d4e-2f5b-4890-bc7a-abcdef012345",
    "short_url": "https://xqr.co/docs-v2",
    "short_code": "docs-v2",
    "destination": "https://docs.example.com/v2",
    "enabled": True,
    "labels": ["campaign"],
    "routing_rules": [],
    "scan_count": 327,
    "last_scan_at": "2026-03-19T16:45:02Z",
    "expires_at": None,
    "created_at": "2026-02-14T12:00:00Z",
    "updated_at": "2026-02-14T12:00:00Z",
}
FIRST_METER = {"limit": 600, "remaining": 599, "reset": ANY}
THREE_UPDATED = {"data": {"updated": 3}, "meta": {"request_id": ANY, "rate_limit": FIRST_METER}}

UNHARMED = {
    "disabled": ["H5nLc8y", "Kd83mQz", "Yw2Jf7k", "fair-badge", "jobs-intern", "survey-q1"],
    "updated_at": ["2026-03-15T08:22:11Z", "2026-02-14T12:00:00Z", "2026-03-21T16:00:00Z"],
    "next": (200, {"updated": 3}),
}


def bearer(key: str) -> dict[str, str]:
    """The header that calls with this key instead of the default one."""
    return {"Authorization": f"Bearer {key}"}


def refusal(status: int, code: str) -> dict[str, Any]:
    """The whole error body; the wording of its message is nobody's promise."""
    return {"error": {"code": code, "message": ANY, "status": status}, "meta": {"request_id": ANY}}


def aftermath(xqr: httpx.Client) -> dict[str, Any]:
    """What the links look like now, and how the next good request fares."""
    page = xqr.get(LINKS, params={"limit": 200}).json()["data"]
    links = {link["short_code"]: link for link in page}
    good = xqr.patch(STATUS, json=DOCUMENTED)
    return {
        "disabled": sorted(code for code, link in links.items() if not link["enabled"]),
        "updated_at": [links[code]["updated_at"] for code in ("summer24", "docs-v2", "page1")],
        "next": (good.status_code, good.json().get("data")),
    }


def link(xqr: httpx.Client, link_id: str) -> dict[str, Any]:
    """The link as its own page shows it."""
    data: dict[str, Any] = xqr.get(f"{LINKS}/{link_id}").json()["data"]
    return data


def codes(response: httpx.Response) -> list[str]:
    """The short codes of a list, in its order."""
    return [link["short_code"] for link in response.json()["data"]]


# The documented call


def test_the_documented_call_is_answered_as_documented(xqr: httpx.Client) -> None:
    """Three links are disabled and counted, field for field as on the vendor's page."""
    response = xqr.patch(STATUS, json=DOCUMENTED)

    assert (response.status_code, response.json()) == (200, THREE_UPDATED)


CURL = """curl -X PATCH https://xqr.co/api/v1/links/bulk/status \\
  -H "Authorization: Bearer xqr_pk_a1b2c3d4.xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx" \\
  -H "Content-Type: application/json" \\
  -d '{
    "ids": [
      "d47f2e1a-8c3b-4a5d-9e6f-1234567890ab",
      "a83c1d4e-2f5b-4890-bc7a-abcdef012345",
      "e58f3a2b-9d4c-4b6e-af70-2345678901bc"
    ],
    "enabled": false
  }'
"""  # noqa: E501
FETCH = """const response = await fetch("https://xqr.co/api/v1/links/bulk/status", {
  method: "PATCH",
  headers: {
    Authorization: "Bearer xqr_pk_a1b2c3d4.xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx",
    "Content-Type": "application/json",
  },
  body: JSON.stringify({
    ids: [
      "d47f2e1a-8c3b-4a5d-9e6f-1234567890ab",
      "a83c1d4e-2f5b-4890-bc7a-abcdef012345",
      "e58f3a2b-9d4c-4b6e-af70-2345678901bc",
    ],
    enabled: false,
  }),
});

const { data } = await response.json();
console.log(`${data.updated} links disabled`);
"""
HTTPX = """import httpx

response = httpx.patch(
    "https://xqr.co/api/v1/links/bulk/status",
    headers={
        "Authorization": "Bearer xqr_pk_a1b2c3d4.xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx",
        "Content-Type": "application/json",
    },
    json={
        "ids": [
            "d47f2e1a-8c3b-4a5d-9e6f-1234567890ab",
            "a83c1d4e-2f5b-4890-bc7a-abcdef012345",
            "e58f3a2b-9d4c-4b6e-af70-2345678901bc",
        ],
        "enabled": False,
    },
)

data = response.json()["data"]
print(f"{data['updated']} links disabled")
"""  # noqa: E501


def sample(text: str, xqr: httpx.Client) -> str:
    """The vendor's sample; nothing but its address is ours."""
    return text.replace("https://xqr.co", str(xqr.base_url).rstrip("/"))


def test_the_curl_sample_runs(xqr: httpx.Client) -> None:
    """Pasted into a shell, the page's curl line prints the documented body."""
    printed = subprocess.run(
        ["sh", "-c", sample(CURL, xqr)], capture_output=True, check=True, text=True, timeout=20
    )

    assert json.loads(printed.stdout) == THREE_UPDATED


def test_the_fetch_sample_runs(xqr: httpx.Client) -> None:
    """Node runs the page's JavaScript and says that three links are disabled."""
    command = ["node", "--input-type=module", "-e", sample(FETCH, xqr)]

    printed = subprocess.run(command, capture_output=True, check=True, text=True, timeout=20)

    assert printed.stdout == "3 links disabled\n"


def test_the_httpx_sample_runs(xqr: httpx.Client, capsys: pytest.CaptureFixture[str]) -> None:
    """The page's Python says that three links are disabled."""
    program = compile(sample(HTTPX, xqr), "sample", "exec")

    exec(program, {})  # noqa: S102

    assert capsys.readouterr().out == "3 links disabled\n"


# What a bulk change does


@pytest.mark.parametrize("link_id", [SUMMER, DOCS, PAGE])
def test_a_disabled_link_reads_as_disabled(xqr: httpx.Client, link_id: str) -> None:
    """Each link of the batch shows the new state to whoever reads it."""
    xqr.patch(STATUS, json=DOCUMENTED)

    shown = link(xqr, link_id)

    assert shown["enabled"] is False


def test_nothing_but_state_and_time_changes(xqr: httpx.Client) -> None:
    """Of the twelve fields only `enabled` and `updated_at` differ afterwards."""
    xqr.patch(STATUS, json=DOCUMENTED)

    shown = link(xqr, SUMMER)

    assert shown == {**SUMMER_AS_DOCUMENTED, "enabled": False, "updated_at": shown["updated_at"]}


def test_a_batch_happens_at_one_instant(xqr: httpx.Client) -> None:
    """All changed links carry the same, new `updated_at`."""
    xqr.patch(STATUS, json=DOCUMENTED)

    instants = {link(xqr, link_id)["updated_at"] for link_id in (SUMMER, DOCS, PAGE)}

    assert len(instants) == 1


def test_a_changed_link_has_a_new_time(xqr: httpx.Client) -> None:
    """`updated_at` leaves its shipped value."""
    xqr.patch(STATUS, json=DOCUMENTED)

    shown = link(xqr, SUMMER)

    assert shown["updated_at"] != "2026-03-15T08:22:11Z"


def test_the_filtered_list_follows(xqr: httpx.Client) -> None:
    """The list of disabled links holds the batch, newest first among the others."""
    xqr.patch(STATUS, json=DOCUMENTED)

    response = xqr.get(LINKS, params={"enabled": "false"})

    assert codes(response) == [
        "page1",
        "Yw2Jf7k",
        "jobs-intern",
        "summer24",
        "docs-v2",
        "H5nLc8y",
        "survey-q1",
        "fair-badge",
        "Kd83mQz",
    ]


def test_a_link_can_be_enabled_again(xqr: httpx.Client) -> None:
    """What was paused is resumed by the same call with `true`."""
    xqr.patch(STATUS, json=DOCUMENTED)
    xqr.patch(STATUS, json={**DOCUMENTED, "enabled": True})

    shown = link(xqr, SUMMER)

    assert shown["enabled"] is True


def test_a_link_already_in_that_state_counts(xqr: httpx.Client) -> None:
    """The count is of links that were found, not of links that changed."""
    response = xqr.patch(STATUS, json={"ids": [PAUSED, SUMMER], "enabled": False})

    assert response.json()["data"] == {"updated": 2}


def test_a_link_already_in_that_state_keeps_its_time(xqr: httpx.Client) -> None:
    """`updated_at` moves only where the value really changes."""
    xqr.patch(STATUS, json={"ids": [PAUSED, SUMMER], "enabled": False})

    shown = link(xqr, PAUSED)

    assert shown["updated_at"] == "2026-03-12T21:13:04Z"


COUNTED = {
    "one": ([SUMMER], 1),
    "an unknown id is passed over": ([SUMMER, UNKNOWN], 1),
    "only unknown ids": ([UNKNOWN], 0),
    "another workspace's link is passed over": ([STRANGE, DOCS], 1),
    "a link named twice counts once": ([SUMMER, SUMMER, DOCS], 2),
    "two hundred ids": ([*STRAYS, SUMMER], 1),
    "two hundred times the same": ([SUMMER] * 200, 1),
}


@pytest.mark.parametrize(("ids", "updated"), COUNTED.values(), ids=COUNTED)
def test_own_existing_links_are_counted(xqr: httpx.Client, ids: list[str], updated: int) -> None:
    """The reply counts each of the workspace's own links once, and names none."""
    response = xqr.patch(STATUS, json={"ids": ids, "enabled": False})

    assert (response.status_code, response.json()["data"]) == (200, {"updated": updated})


def test_another_workspaces_link_stays_as_it_is(xqr: httpx.Client) -> None:
    """A stranger's id in the batch changes nothing on the stranger's side."""
    xqr.patch(STATUS, json={"ids": [STRANGE, DOCS], "enabled": False})

    shown = xqr.get(f"{LINKS}/{STRANGE}", headers=bearer(ACME)).json()["data"]

    assert (shown["enabled"], shown["updated_at"]) == (True, "2024-05-02T08:15:00Z")


ACCEPTED = {
    "an unknown member": ({**DOCUMENTED, "force": True}, {}),
    "a content type of text": (DOCUMENTED, {"Content-Type": "text/plain"}),
    "a content type of a form": (DOCUMENTED, {"Content-Type": "application/x-www-form-urlencoded"}),
    "an idempotency key": (DOCUMENTED, {"Idempotency-Key": "7b1e"}),
}


@pytest.mark.parametrize(("body", "headers"), ACCEPTED.values(), ids=ACCEPTED)
def test_what_is_not_asked_for_is_ignored(xqr: httpx.Client, body: object, headers: dict[str, str]) -> None:
    """Extra members, extra headers and the name of the content type change nothing."""
    response = xqr.patch(STATUS, content=json.dumps(body), headers=headers)

    assert (response.status_code, response.json()["data"]) == (200, {"updated": 3})


def test_a_body_without_content_type_is_read(xqr: httpx.Client) -> None:
    """JSON is read as JSON even where nothing announces it."""
    response = xqr.patch(STATUS, content=json.dumps(DOCUMENTED))

    assert (response.status_code, response.json()["data"]) == (200, {"updated": 3})


def test_an_idempotency_key_replays_nothing(xqr: httpx.Client) -> None:
    """Two calls with one key are two calls: the second one counts as well."""
    key = {"Idempotency-Key": "7b1e"}
    xqr.patch(STATUS, json=DOCUMENTED, headers=key)
    xqr.patch(STATUS, json={"ids": [SUMMER], "enabled": True}, headers=key)

    shown = link(xqr, SUMMER)

    assert shown["enabled"] is True


def test_a_write_key_may_write(xqr: httpx.Client) -> None:
    """`links:write` is all that the bulk change asks for."""
    response = xqr.patch(STATUS, json=DOCUMENTED, headers=bearer(WRITE_ONLY))

    assert (response.status_code, response.json()["data"]) == (200, {"updated": 3})


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


@pytest.mark.parametrize("link_id", [UNKNOWN, STRANGE, "summer24", SUMMER[:-1], "bulk", "%20", "..%2F"])
def test_a_link_that_is_not_ours_is_missing(xqr: httpx.Client, link_id: str) -> None:
    """Unknown, malformed and foreign ids are all the same 404."""
    response = xqr.get(f"{LINKS}/{link_id}")

    assert (response.status_code, response.json()) == (404, refusal(404, "NOT_FOUND"))


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
    "by default fifty from the start": ({}, (52, 50, 0), 50, "T6vBq3s"),
    "as many as asked for": ({"limit": 3}, (52, 3, 0), 3, "T6vBq3s"),
    "from where asked for": ({"limit": 2, "offset": 2}, (52, 2, 2), 2, "page1"),
    "the last ones": ({"offset": 50}, (52, 50, 50), 2, "winter-poster"),
    "the largest page": ({"limit": 200}, (52, 200, 0), 52, "T6vBq3s"),
    "past the end": ({"offset": 52}, (52, 50, 52), 0, None),
    "one label": ({"label": "batch-march"}, (3, 50, 0), 3, "T6vBq3s"),
    "a label nobody carries": ({"label": "Campaign!"}, (0, 50, 0), 0, None),
    "disabled": ({"enabled": "false"}, (6, 50, 0), 6, "Yw2Jf7k"),
    "enabled": ({"enabled": "true"}, (46, 50, 0), 46, "T6vBq3s"),
    "label and state": ({"label": "campaign", "enabled": "false"}, (4, 50, 0), 4, "H5nLc8y"),
    "an unknown parameter is ignored": ({"sort": "scan_count"}, (52, 50, 0), 50, "T6vBq3s"),
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
    response = xqr.get(LINKS, headers=bearer(ACME))

    assert codes(response) == ["q3XhD8e", "Nc9sG4u", "acme-fair24", "acme-demo", "acme-spec", "acme-tour"]


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


# Who may


ENDPOINTS = [("GET", LINKS), ("GET", f"{LINKS}/{SUMMER}"), ("PATCH", STATUS)]


@pytest.mark.parametrize(("method", "path"), ENDPOINTS)
def test_without_a_key_nothing_is_answered(
    anonymous: Callable[[str], httpx.Client], method: str, path: str
) -> None:
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
def test_a_key_without_the_scope_is_refused(
    xqr: httpx.Client, method: str, path: str, key: str, scope: str
) -> None:
    """The refusal names the scope in the documented words, and nothing is changed."""
    response = xqr.request(method, path, json=DOCUMENTED, headers=bearer(key))

    seen = (response.status_code, response.json()["error"], aftermath(xqr))
    message = f"This endpoint requires the {scope} scope."
    assert seen == (403, {"code": "INSUFFICIENT_SCOPE", "message": message, "status": 403}, UNHARMED)


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


# Bad bodies

BAD_VALUES: dict[str, object] = {
    "a list": [DOCUMENTED],
    "a string": "ids",
    "a number": 3,
    "a boolean": False,
    "null": None,
    "an empty object": {},
    "ids missing": {"enabled": False},
    "enabled missing": {"ids": [SUMMER]},
    "ids a string": {"ids": SUMMER, "enabled": False},
    "ids an object": {"ids": {"0": SUMMER}, "enabled": False},
    "ids a number": {"ids": 1, "enabled": False},
    "ids null": {"ids": None, "enabled": False},
    "enabled a string": {"ids": [SUMMER], "enabled": "false"},
    "enabled a number": {"ids": [SUMMER], "enabled": 0},
    "enabled null": {"ids": [SUMMER], "enabled": None},
    "enabled a list": {"ids": [SUMMER], "enabled": [False]},
    "no ids": {"ids": [], "enabled": False},
    "201 ids": {"ids": [*STRAYS, SUMMER, DOCS], "enabled": False},
    "201 times the same": {"ids": [SUMMER] * 201, "enabled": False},
    "an id that is a number": {"ids": [SUMMER, 7], "enabled": False},
    "an id that is null": {"ids": [SUMMER, None], "enabled": False},
    "an id that is a list": {"ids": [[SUMMER]], "enabled": False},
    "an empty id": {"ids": [SUMMER, ""], "enabled": False},
    "a short code": {"ids": [SUMMER, "summer24"], "enabled": False},
    "a UUID cut short": {"ids": [SUMMER, DOCS[:-1]], "enabled": False},
    "a UUID too long": {"ids": [SUMMER, DOCS + "0"], "enabled": False},
    "a UUID with a g": {"ids": [SUMMER, "g" + DOCS[1:]], "enabled": False},
    "a UUID without hyphens": {"ids": [SUMMER, DOCS.replace("-", "")], "enabled": False},
    "a UUID in braces": {"ids": [SUMMER, f"{{{DOCS}}}"], "enabled": False},
    "a UUID as a URN": {"ids": [SUMMER, f"urn:uuid:{DOCS}"], "enabled": False},
    "a UUID and a line end": {"ids": [SUMMER, f"{DOCS}\n"], "enabled": False},
}
GOOD = json.dumps(DOCUMENTED).encode()
BAD_TEXTS: dict[str, bytes] = {
    "nothing": b"",
    "white space": b" \n",
    "no JSON": b"ids and enabled",
    "cut off": GOOD[:-1],
    "more behind it": GOOD + b"{}",
    "a comma too many": GOOD[:-1] + b",}",
    "a comment": GOOD + b" // pause",
    "single quotes": GOOD.replace(b'"', b"'"),
    "a form": b"ids=" + SUMMER.encode() + b"&enabled=false",
    "NaN": GOOD[:-1] + b', "note": NaN}',
    "Infinity": GOOD[:-1] + b', "note": -Infinity}',
    "a name twice": b'{"enabled": true, ' + GOOD[1:],
    "a name twice further in": GOOD[:-1] + b', "note": {"a": 1, "a": 1}}',
    "bad UTF-8": GOOD[:-1] + b', "note": "\xff"}',
    "half a surrogate pair": GOOD[:-1] + b', "note": "\\ud800"}',
    "100,000 brackets": b"[" * 100_000,
    "100,000 levels in a member": GOOD[:-1] + b', "note": ' + b"[" * 100_000 + b"]" * 100_000 + b"}",
}
BAD_BODIES = {name: json.dumps(value).encode() for name, value in BAD_VALUES.items()} | BAD_TEXTS


@pytest.mark.parametrize("body", BAD_BODIES.values(), ids=BAD_BODIES)
def test_a_bad_body_is_refused_whole(xqr: httpx.Client, body: bytes) -> None:
    """A body that breaks its contract is the vendor's 400; no link changes and the next call is fine."""
    response = xqr.patch(STATUS, content=body, headers={"Content-Type": "application/json"})

    seen = (response.status_code, response.json(), aftermath(xqr))
    assert seen == (400, refusal(400, "VALIDATION_ERROR"), UNHARMED)


OVERLONG = GOOD[:-1] + b', "note": "' + b"x" * (10 * 1024 * 1024) + b'"}'


def chunks(body: bytes) -> Iterator[bytes]:
    """The body in pieces, so that its length is not announced."""
    for start in range(0, len(body), 65536):
        yield body[start : start + 65536]


@pytest.mark.parametrize("announced", [True, False], ids=["announced", "chunked"])
def test_a_body_over_the_limit_is_refused(xqr: httpx.Client, announced: bool) -> None:
    """More than 10 MiB is a 413, however it is sent; no link changes and the next call is fine."""
    body = OVERLONG if announced else chunks(OVERLONG)
    response = xqr.patch(STATUS, content=body, headers={"Content-Type": "application/json"})

    seen = (response.status_code, response.json(), aftermath(xqr))
    assert seen == (413, refusal(413, "PAYLOAD_TOO_LARGE"), UNHARMED)


def test_a_truncated_body_is_refused(xqr: httpx.Client, raw: Any) -> None:
    """A body shorter than announced is a 400, even where what came is good JSON; no link changes."""
    head = (
        f"PATCH /~{raw.world}/xqr{STATUS} HTTP/1.1\r\nHost: 127.0.0.1\r\nConnection: close\r\n"
        f"Authorization: Bearer {PRODUCTION}\r\nContent-Type: application/json\r\n"
        f"Content-Length: {len(GOOD) + 10}\r\n\r\n"
    )

    answer: bytes = raw(head.encode() + GOOD)

    seen = (answer.split(b" ")[1], b'"VALIDATION_ERROR"' in answer, aftermath(xqr))
    assert seen == (b"400", True, UNHARMED)


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
    "/api",
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
def test_every_reply_is_json_with_its_id(
    xqr: httpx.Client, method: str, path: str, key: str, body: bytes
) -> None:
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
