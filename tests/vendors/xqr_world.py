"""What the tests of the xQR API know of its shipped world: links, keys, and what nobody may have changed."""

import json
from typing import Any
from unittest.mock import ANY

import httpx

LINKS = "/api/v1/links"
STATUS = "/api/v1/links/bulk/status"
BULK = "/api/v1/links/bulk"
HOOKS = "/api/v1/webhooks"

WORKSPACE = "ws_a1b2c3d4-e5f6-7890-abcd-ef1234567890"
WEBHOOK = "wh_a1b2c3d4-e5f6-7890-abcd-ef1234567890"

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
GOOD = json.dumps(DOCUMENTED).encode()

PRODUCTION = "xqr_pk_a1b2c3d4." + "x" * 64
READ_ONLY = "xqr_pk_0b5e7f21." + "r" * 64
WRITE_ONLY = "xqr_pk_3d9c60ae." + "w" * 64
PRINTER = "xqr_pk_58f2d1c7." + "q" * 64
REVOKED = "xqr_pk_7e4a92b0." + "o" * 64
EXPIRED = "xqr_pk_9c13d8f5." + "t" * 64
ACME = "xqr_pk_c62b0e94." + "a" * 64
BAKERY = "xqr_pk_f08d5a3b." + "b" * 64
CLUB = "xqr_pk_2e81fa6d." + "g" * 64
SESSION = "eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiJ1c3JfNmY3MDg5MDEifQ.c2Vzc2lvbg"

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


def control(xqr: httpx.Client) -> str:
    """The address of the control API of this client's world."""
    return str(xqr.base_url).rstrip("/").removesuffix("xqr") + "__admin"
