"""xQR: short links that can be paused, one by one or two hundred at a time."""

from __future__ import annotations

import time
from datetime import datetime

from mockserver.engine.api import Api, Assumption, Kept
from mockserver.engine.call import Call
from mockserver.engine.guard import Guard, require_scopes
from mockserver.engine.limits import Limit, Month, TokenBucket, Window
from mockserver.problem import (
    FORBIDDEN,
    INVALID,
    MALFORMED,
    MEDIA_TYPE,
    NO_METHOD,
    NO_OPERATION,
    NOT_FOUND,
    RATE_LIMITED,
    TOO_LARGE,
    UNAUTHENTICATED,
    Problem,
    Violation,
)
from mockserver.state.collection import Record
from mockserver.state.world import Realm
from mockserver.wire import Headers, Json, Response

# Links


def list_links(call: Call, world: Realm) -> Json:
    """Newest first, of the caller's workspace, filtered before they are counted and paged."""
    query, workspace = call.query, call.owner_id
    label, enabled = query.get("label"), query.get("enabled")
    links = world["links"].list(
        lambda link: link["_workspace"] == workspace
        and (label is None or label in link["labels"])
        and (enabled is None or link["enabled"] is enabled)
    )
    links.sort(key=lambda link: link["created_at"], reverse=True)
    limit, offset = query["limit"], query["offset"]
    page = [public(link) for link in links[offset : offset + limit]]
    return {"data": page, "meta": meta(call, total=len(links), limit=limit, offset=offset)}


def get_link(call: Call, world: Realm) -> Json:
    """One link of the caller's workspace; another workspace's is as missing as one that never was."""
    link = world["links"].get(call.path["link_id"])
    if link is None or link["_workspace"] != call.owner_id:
        raise Problem(404, "Link not found.", code=NOT_FOUND)
    return {"data": public(link), "meta": meta(call)}


def bulk_update_link_status(call: Call, world: Realm) -> Json:
    """The caller's links among `ids` have the status asked for; the others are passed over and not counted."""
    if not call.owner["_bulk_ops"] and call.assume("bulk-plan-gate") == "enforce":
        raise Problem(403, "Your plan does not include bulk operations.", code="FEATURE_NOT_AVAILABLE")
    links, workspace = world["links"], call.owner_id
    enabled, ids = call.body["enabled"], call.body["ids"]
    wanted = dict.fromkeys(ids)
    if len(wanted) < len(ids) and call.assume("duplicate-ids") == "count-each":
        wanted = ids
    found = [link for link in map(links.get, wanted) if link is not None and link["_workspace"] == workspace]
    if len(found) < len(wanted) and call.assume("unknown-ids") == "refuse":
        raise Problem(404, "One of the links was not found.", code=NOT_FOUND)
    changing = [link["id"] for link in found if link["enabled"] is not enabled]
    links.update_all(changing, {"enabled": enabled, "updated_at": timestamp(call.at)})
    if len(changing) < len(found) and call.assume("unchanged-links") == "skip":
        found = changing
    return {"data": {"updated": len(found)}, "meta": meta(call)}


def public(link: Record) -> Json:
    """The link without what is only the mock's."""
    shown = {**link}
    del shown["_workspace"]
    return shown


# How xQR speaks


def meta(call: Call, **paging: int) -> Json:
    """`meta` of a success: the request's id, the paging, the meter."""
    window = call.budget["window"]
    meter = {"limit": window.limit, "remaining": window.remaining, "reset": int(window.reset)}
    return {"request_id": call.request_id, **paging, "rate_limit": meter}


def mint_request_id(world: Realm) -> str:
    return "req_" + world.chance.hex(16)


def headers(call: Call) -> Headers:
    """The request's id on every answer; the meters on those to a known caller."""
    budget = call.budget
    if not budget:
        return (("X-Request-Id", call.request_id),)
    month, burst = budget.get("month"), budget["burst"]
    counted = () if month is None else (
        ("X-RateLimit-Limit", str(month.limit)),
        ("X-RateLimit-Remaining", str(month.remaining)),
    )
    return (
        ("X-Request-Id", call.request_id),
        *counted,
        ("X-RateLimit-Burst-Limit", str(burst.limit)),
        ("X-RateLimit-Burst-Remaining", str(burst.remaining)),
    )


CODES = {
    UNAUTHENTICATED: (401, "INVALID_API_KEY"),
    FORBIDDEN: (403, "INSUFFICIENT_SCOPE"),
    MALFORMED: (400, "VALIDATION_ERROR"),
    INVALID: (400, "VALIDATION_ERROR"),
    MEDIA_TYPE: (400, "VALIDATION_ERROR"),
    NOT_FOUND: (404, "NOT_FOUND"),
    NO_OPERATION: (404, "NOT_FOUND"),
    NO_METHOD: (405, "METHOD_NOT_ALLOWED"),
    TOO_LARGE: (413, "PAYLOAD_TOO_LARGE"),
}
LIMIT_CODES = {"burst": "BURST_LIMIT_EXCEEDED", "month": "RATE_LIMIT_EXCEEDED"}


def render(problem: Problem, call: Call) -> Response:
    """`error` with code, message and status; `meta` with the request's id and nothing else."""
    status, code = CODES.get(problem.code, (problem.status, problem.code))
    if problem.code == RATE_LIMITED:
        code = LIMIT_CODES[problem.about]
    elif status == 500:
        code = "INTERNAL_ERROR"
    message = "; ".join(map(explain, problem.violations)) or problem.detail
    error = {"code": code, "message": message, "status": status}
    challenge = (("WWW-Authenticate", "Bearer"),) if status == 401 else ()
    return Response(status, {"error": error, "meta": {"request_id": call.request_id}}, challenge)


def explain(violation: Violation) -> str:
    where = ".".join(violation.location[1:]) or violation.place
    return f"{where}: {violation.message}"


def timestamp(at: float) -> str:
    """ISO 8601 in UTC to the second: `2026-03-20T09:12:44Z`."""
    return time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(at))


# Who calls


def check_key(key: Record, call: Call) -> None:
    """A revoked or expired key is refused by its own name."""
    if key["state"] == "revoked":
        raise Problem(401, "This API key was revoked.", code="REVOKED_API_KEY")
    expires_at = key["expires_at"]
    if expires_at is not None and datetime.fromisoformat(expires_at).timestamp() <= call.at:
        raise Problem(401, "This API key has expired.", code="EXPIRED_API_KEY")


BURST = {"pro": 10, "business": 50, "enterprise": 200}
MONTH = {"free": 0, "pro": 1_000, "business": 25_000, "enterprise": 100_000}

ASSUMPTIONS = (
    Assumption(
        "unknown-ids",
        "What happens to ids of a bulk update that no link of the workspace has?",
        {"skip": "They are passed over and not counted.", "refuse": "The whole call is a 404, nothing is changed."},
        "skip",
        "PATCH /v1/links/bulk/status with one known and one random UUID; look at the status and `data.updated`.",
    ),
    Assumption(
        "duplicate-ids",
        "How often does an id count that stands twice in a bulk update?",
        {"count-once": "Each link is counted once.", "count-each": "Each mention is counted."},
        "count-once",
        "PATCH /v1/links/bulk/status with the same id twice; look at `data.updated`.",
    ),
    Assumption(
        "unchanged-links",
        "Does a link count as updated that had the wanted status already?",
        {"count": "It is counted.", "skip": "Only links whose status changed are counted."},
        "count",
        "Send the same bulk update twice; compare `data.updated`.",
    ),
    Assumption(
        "bulk-plan-gate",
        "Does a plan without the feature `bulk_ops` refuse bulk updates?",
        {"enforce": "403 FEATURE_NOT_AVAILABLE.", "ignore": "Bulk updates work on every plan."},
        "enforce",
        "PATCH /v1/links/bulk/status with a key of a workspace whose usage shows `bulk_ops: false`.",
    ),
    Assumption(
        "content-type",
        "What happens to a JSON body with another Content-Type?",
        {"ignore": "It is read as JSON.", "refuse": "400 VALIDATION_ERROR."},
        "ignore",
        "PATCH /v1/links/bulk/status with Content-Type: text/plain.",
    ),
)

HANDLERS = {
    "listLinks": list_links,
    "getLink": get_link,
    "bulkUpdateLinkStatus": bulk_update_link_status,
}

API = Api(
    name="xqr",
    handlers=HANDLERS,
    collections={
        "workspaces": Kept("id"),
        "keys": Kept("key"),
        "links": Kept("id", schema="Link"),
    },
    render=render,
    guard=Guard(scheme="Bearer", owner=("workspaces", "workspace"), check=check_key, permit=require_scopes),
    limits=(
        Limit("burst", "caller", BURST, TokenBucket()),
        Limit("month", "owner", MONTH, Month()),
        Limit("window", "caller", {plan: 60 * rate for plan, rate in BURST.items()}, Window(60), refuse=False),
    ),
    headers=headers,
    request_id=mint_request_id,
    any_media_type="content-type",
    assumptions=ASSUMPTIONS,
    credential=("Authorization", "Bearer xqr_pk_a1b2c3d4." + "x" * 64),
)
