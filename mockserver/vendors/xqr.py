"""xQR: short links that can be paused, one by one or two hundred at a time."""

from __future__ import annotations

import re
import time
from collections.abc import Callable, Mapping
from datetime import datetime

from mockserver.engine.api import Api, Assumption, Kept
from mockserver.engine.call import Call, Reading
from mockserver.engine.guard import Guard
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
from mockserver.spec.edits import ABSENT
from mockserver.state.collection import Collection
from mockserver.state.record import Record
from mockserver.state.world import Realm
from mockserver.wire import Headers, Json, Response

# Links

MOST_IDS = 200
MOST_LINKS = 200


def list_links(call: Call, world: Realm) -> Json:
    """Newest first, of the caller's workspace, filtered before they are counted and paged."""
    query, workspace = call.query, call.owner_id
    label, enabled = query.get("label"), query.get("enabled")
    links = world["links"].list(
        lambda link: (
            link["_workspace"] == workspace
            and (label is None or label in link["labels"])
            and (enabled is None or link["enabled"] is enabled)
        )
    )
    links.sort(key=lambda link: link["created_at"], reverse=True)
    limit, offset, total = query["limit"], query["offset"], len(links)
    if offset < 0 or not 1 <= limit <= MOST_LINKS:
        call.assume("paging-bounds")
        limit, offset = min(max(limit, 1), MOST_LINKS), max(offset, 0)
    if (label is not None or enabled is not None) and call.assume("list-total") == "workspace":
        total = len(world["links"].where(_workspace=workspace))
    page = [public(link) for link in links[offset : offset + limit]]
    return {"data": page, "meta": meta(call, total=total, limit=limit, offset=offset)}


def get_link(call: Call, world: Realm) -> Json:
    """One link of the caller's workspace; another workspace's is as missing as one that never was."""
    links, link_id = world["links"], call.path["link_id"]
    link = links.get(link_id)
    if link is None:
        link = links.get(known_spelling(call, link_id))
    if link is None or link["_workspace"] != call.owner_id:
        raise Problem(404, "Link not found.", code=NOT_FOUND)
    return {"data": public(link), "meta": meta(call)}


def known_spelling(call: Call, link_id: str) -> str:
    """The id as a link would have it."""
    if not UUID.fullmatch(link_id):
        call.assume("malformed-link-id")
    elif (lowered := link_id.lower()) != link_id and call.assume("uuid-case") == "ignore":
        return lowered
    return link_id


def bulk_update_link_status(call: Call, world: Realm) -> Json:
    """The caller's links among `ids` have the status asked for; the others are passed over and not counted."""
    if not call.owner["_bulk_ops"] and call.assume("bulk-plan-gate") == "enforce":
        raise Problem(403, "Your plan does not include bulk operations.", code="FEATURE_NOT_AVAILABLE")
    body, links = call.body, world["links"]
    if len(body) > 2:
        call.assume("unknown-fields")
    found, enabled = own_links(call, links, body["ids"]), body["enabled"]
    changing = [link["id"] for link in found if link["enabled"] is not enabled]
    if found:
        write(call, links, found, changing)
    updated = len(found)
    if len(changing) < updated and call.assume("unchanged-links") == "skip":
        updated = len(changing)
    return {"data": {"updated": updated}, "meta": meta(call)}


def write(call: Call, links: Collection, found: list[Record], changing: list[str]) -> None:
    """The links have the status asked for; those whose status changes say since when."""
    changes = {"enabled": call.body["enabled"], "updated_at": timestamp(call.at)}
    moved = call.assume("updated-at")
    if moved == "never":
        del changes["updated_at"]
    links.update_all([link["id"] for link in found] if moved == "found" else changing, changes)


def own_links(call: Call, links: Collection, ids: list[str]) -> list[Record]:
    """The caller's links that these ids name, in this order."""
    wanted, workspace = each_once(call, ids), call.owner_id
    found = [link for link in links.pick(wanted) if link["_workspace"] == workspace]
    if len(found) == len(wanted):
        return found
    lowered = [link_id.lower() for link_id in ids]
    if lowered != ids and call.assume("uuid-case") == "ignore":
        return own_links(call, links, lowered)
    if call.choices["malformed-ids"] == "skip" and not all(map(UUID.fullmatch, ids)):
        call.assume("malformed-ids")
    if call.assume("unknown-ids") == "refuse":
        raise Problem(404, "One of the links was not found.", code=NOT_FOUND)
    return found


def each_once(call: Call, ids: list[str]) -> list[str]:
    """The ids as they count: not at all where there are none, and not twice where that is not assumed."""
    once = [*dict.fromkeys(ids)]
    if not ids:
        call.assume("empty-ids")
    if len(ids) > MOST_IDS:
        call.assume("id-cap")
    if len(once) > MOST_IDS:
        raise invalid("/ids", "maxItems", f"expected at most {MOST_IDS} different items, got {len(once)}")
    if len(once) == len(ids):
        return ids
    option = call.assume("duplicate-ids")
    if option == "refuse":
        raise invalid("/ids", "uniqueItems", "has an item twice")
    return ids if option == "count-each" else once


def invalid(pointer: str, keyword: str, message: str) -> Problem:
    """The Problem of a body that breaks a rule which the document does not state."""
    violation = Violation("body", pointer, keyword, message)
    return Problem(400, str(violation), code=INVALID, violations=(violation,))


UUID = re.compile(r"[0-9A-Fa-f]{8}(-[0-9A-Fa-f]{4}){3}-[0-9A-Fa-f]{12}")


def public(link: Record) -> Json:
    """The link without what is only the mock's."""
    shown = {**link}
    del shown["_workspace"]
    return shown


# How xQR speaks


def meta(call: Call, **paging: int) -> Json:
    """`meta` of a success: the request's id, the paging, the meter."""
    return {"request_id": call.request_id, **paging, "rate_limit": meter(call.budget["window"])}


def meter(window: Reading) -> Json:
    """The window as `meta` shows it."""
    return {"limit": window.limit, "remaining": window.remaining, "reset": int(window.reset)}


def mint_request_id(world: Realm) -> str:
    """`req_` and sixteen hexadecimal digits."""
    return "req_" + world.chance.hex(16)


def headers(call: Call) -> Headers:
    """The request's id on every answer; the meters on those to a known caller."""
    budget = call.budget
    if not budget:
        return (("X-Request-Id", call.request_id),)
    if call.choices["rate-headers"] == "window":
        window = budget["window"]
        return (
            ("X-Request-Id", call.request_id),
            ("X-RateLimit-Limit", str(window.limit)),
            ("X-RateLimit-Remaining", str(window.remaining)),
            ("X-RateLimit-Reset", str(int(window.reset))),
        )
    month, burst = budget.get("month", NONE), budget.get("burst", NONE)
    return (
        ("X-Request-Id", call.request_id),
        ("X-RateLimit-Limit", str(month.limit)),
        ("X-RateLimit-Remaining", str(month.remaining)),
        ("X-RateLimit-Burst-Limit", str(burst.limit)),
        ("X-RateLimit-Burst-Remaining", str(burst.remaining)),
    )


NONE = Reading(0, 0, 0.0)


def render(problem: Problem, call: Call) -> Response:
    """`error` with code, message and status; `meta` with the request's id."""
    status, code = verdict(problem, call)
    message = "; ".join(map(explain, problem.violations)) or problem.detail
    error = {"code": code, "message": message, "status": status}
    shown = {"request_id": call.request_id}
    if code == "not_found":
        del error["status"]
    if call.budget and call.assume("error-meter") == "present":
        shown["rate_limit"] = meter(call.budget["window"])
    challenge = (("WWW-Authenticate", "Bearer"),) if status == 401 else ()
    return Response(status, {"error": error, "meta": shown}, challenge)


def verdict(problem: Problem, call: Call) -> tuple[int, str]:
    """The status and the code that a Problem has here."""
    decide = VERDICTS.get(problem.code)
    if decide is not None:
        return decide(problem, call)
    return (500, "INTERNAL_ERROR") if problem.status == 500 else (problem.status, problem.code)


def unauthenticated(_problem: Problem, call: Call) -> tuple[int, str]:
    """No key is an invalid key."""
    if not call.request.headers.get("Authorization") and call.assume("missing-key-code") == "missing-api-key":
        return 401, "MISSING_API_KEY"
    return 401, "INVALID_API_KEY"


def bad_request(problem: Problem, call: Call) -> tuple[int, str]:
    """A request that breaks nothing but what the document only assumes is refused by assumption."""
    keywords = {violation.keyword for violation in problem.violations}
    if keywords == {"format"}:
        call.assume("malformed-ids" if problem.violations[0].place == "body" else "malformed-link-id")
    elif keywords <= REFUSED_BY.keys():
        for keyword in sorted(keywords):
            call.assume(REFUSED_BY[keyword])
    if keywords == {"maxItems"}:
        if len(set(call.body["ids"])) <= MOST_IDS:
            call.assume("id-cap")
        if call.assume("too-many-ids") == "too-large":
            return 413, "PAYLOAD_TOO_LARGE"
    return 400, "VALIDATION_ERROR" if call.assume("bad-request-code") == "validation-error" else "BAD_REQUEST"


REFUSED_BY = {
    "minItems": "empty-ids",
    "maxItems": "too-many-ids",
    "uniqueItems": "duplicate-ids",
    "minimum": "paging-bounds",
    "maximum": "paging-bounds",
    "additionalProperties": "unknown-fields",
}
"""The assumption behind each keyword that stands at one field only, or at the two of paging."""


def missing(_problem: Problem, call: Call) -> tuple[int, str]:
    """The code as the pages on errors write it."""
    return 404, "NOT_FOUND" if call.assume("not-found-form") == "upper-case" else "not_found"


def no_method(problem: Problem, call: Call) -> tuple[int, str]:
    """The path is known, its method is not."""
    if call.assume("wrong-method") == "missing":
        return missing(problem, call)
    return 405, "METHOD_NOT_ALLOWED"


def rate_limited(problem: Problem, call: Call) -> tuple[int, str]:
    """Where the month is used up, what `Retry-After` says is not documented."""
    if problem.about == "burst":
        call.assume("burst-capacity")
        return 429, "BURST_LIMIT_EXCEEDED"
    call.assume("free-plan" if call.owner["plan"] == "free" else "monthly-quota")
    if call.assume("month-retry-after") == "absent":
        problem.retry_after = None
    return 429, "RATE_LIMIT_EXCEEDED"


VERDICTS: Mapping[str, Callable[[Problem, Call], tuple[int, str]]] = {
    UNAUTHENTICATED: unauthenticated,
    FORBIDDEN: lambda _problem, _call: (403, "INSUFFICIENT_SCOPE"),
    RATE_LIMITED: rate_limited,
    MALFORMED: bad_request,
    INVALID: bad_request,
    MEDIA_TYPE: bad_request,
    NOT_FOUND: missing,
    NO_OPERATION: missing,
    NO_METHOD: no_method,
    TOO_LARGE: lambda _problem, _call: (413, "PAYLOAD_TOO_LARGE"),
}


def explain(violation: Violation) -> str:
    """`ids.1: "7" is no uuid`."""
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


def permit(call: Call, _world: Realm, scopes: tuple[str, ...]) -> None:
    """The key holds the very scope, or `*`."""
    if call.owner["plan"] == "free" and call.assume("free-plan") == "forbidden":
        raise Problem(403, "Your plan does not include the API.", code="FEATURE_NOT_AVAILABLE")
    held = call.caller["scopes"]
    for scope in scopes:
        if scope not in held and "*" not in held and not implied(call, scope, held):
            raise Problem(403, f"This endpoint requires the {scope} scope.", code=FORBIDDEN)


def implied(call: Call, scope: str, held: list[str]) -> bool:
    """Whether the right to write brings the right to read along."""
    resource, _, right = scope.partition(":")
    return right == "read" and f"{resource}:write" in held and call.assume("scope-match") == "write-reads"


BURST = {"pro": 10, "business": 50, "enterprise": 200}
TWO_SECONDS = {plan: 2 * rate for plan, rate in BURST.items()}
MONTH = {"pro": 1_000, "business": 25_000, "enterprise": 100_000}
SAMPLE_MONTH = {**MONTH, "pro": 50_000}
WINDOW = {"free": 0, **{plan: 60 * rate for plan, rate in BURST.items()}}
FLAT = {"free": 0, **dict.fromkeys(BURST, 600)}

LIMITS = (
    Limit("burst", "caller", BURST, TokenBucket(), when=("burst-capacity", "one-second")),
    Limit("burst", "caller", TWO_SECONDS, TokenBucket(2), when=("burst-capacity", "two-seconds")),
    Limit("month", "owner", {"free": 0}, Month(), when=("free-plan", "used-up")),
    *(
        Limit("month", "owner", sizes, Month(), when=("monthly-quota", option), refused_calls="refused-calls")
        for option, sizes in (("plan-table", MONTH), ("usage-sample", SAMPLE_MONTH))
    ),
    *(
        Limit("window", "caller", sizes, Window(span), False, when=("window", option), refused_calls="refused-calls")
        for option, sizes, span in (("minute", WINDOW, 60), ("minute-flat", FLAT, 60), ("hour-flat", FLAT, 3600))
    ),
)

UPDATE = "PATCH /v1/links/bulk/status"
LIST = "GET /v1/links"
BODY = "/components/schemas/BulkStatusUpdate"
IDS = f"{BODY}/properties/ids"
PARAMETERS = "/components/parameters"

ASSUMPTIONS = (
    # The bulk change
    Assumption(
        "unknown-ids",
        "What happens to ids of a bulk update that no link of the workspace has?",
        {"skip": "They are passed over and not counted.", "refuse": "The whole call is a 404, nothing is changed."},
        "skip",
        f"{UPDATE} with one known and one random UUID; look at the status and `data.updated`.",
    ),
    Assumption(
        "duplicate-ids",
        "How often does an id count that stands twice in a bulk update?",
        {
            "count-once": "Each link is counted once.",
            "count-each": "Each mention is counted.",
            "refuse": "The call is a 400, nothing is changed.",
        },
        "count-once",
        f"{UPDATE} with the same id twice; look at `data.updated`.",
    ),
    Assumption(
        "unchanged-links",
        "Does a link count as updated that had the wanted status already?",
        {"count": "It is counted.", "skip": "Only links whose status changed are counted."},
        "count",
        "Send the same bulk update twice; compare `data.updated`.",
    ),
    Assumption(
        "updated-at",
        "Which links have a new `updated_at` after a bulk update?",
        {
            "changed": "Those whose status changed.",
            "found": "All that were named and found.",
            "never": "None: a bulk update leaves the time alone.",
        },
        "changed",
        f"{UPDATE} with an enabled and a disabled link; read both.",
    ),
    Assumption(
        "empty-ids",
        "Is an empty list of ids an error?",
        {"refuse": "400.", "count-none": "200 with `updated` 0."},
        "refuse",
        f"{UPDATE} with `ids: []`.",
        document={"count-none": {f"{IDS}/minItems": 0}},
    ),
    Assumption(
        "too-many-ids",
        "With which status are more than 200 ids refused?",
        {"bad-request": "400.", "too-large": "413 PAYLOAD_TOO_LARGE."},
        "bad-request",
        f"{UPDATE} with 201 ids.",
    ),
    Assumption(
        "id-cap",
        "Which ids count towards the 200?",
        {"as-sent": "All that were sent.", "distinct": "Each id once."},
        "as-sent",
        f"{UPDATE} with one id 201 times.",
        document={"distinct": {f"{IDS}/maxItems": ABSENT}},
    ),
    Assumption(
        "malformed-ids",
        "What happens to a string among `ids` that is no UUID?",
        {"refuse": "The call is a 400, nothing is changed.", "skip": "It is treated as an id that no link has."},
        "refuse",
        f'{UPDATE} with one known id and "summer24".',
        document={"skip": {f"{IDS}/items/format": ABSENT}},
    ),
    Assumption(
        "uuid-case",
        "Does an id in capital letters name the link?",
        {"ignore": "It does: a UUID is a number.", "exact": "It is another id, which no link has."},
        "ignore",
        "GET /v1/links/{link_id} with the id in capital letters.",
    ),
    Assumption(
        "unknown-fields",
        "What happens to members of the body that no page describes?",
        {"ignore": "Nothing.", "refuse": "The call is a 400, nothing is changed."},
        "ignore",
        f"{UPDATE} with a member `note`.",
        document={"refuse": {f"{BODY}/additionalProperties": False}},
    ),
    Assumption(
        "content-type",
        "What happens to a JSON body with another Content-Type?",
        {"ignore": "It is read as JSON.", "refuse": "400."},
        "ignore",
        f"{UPDATE} with Content-Type: text/plain.",
    ),
    Assumption(
        "bulk-plan-gate",
        "Does a plan without the feature `bulk_ops` refuse bulk updates?",
        {"enforce": "403 FEATURE_NOT_AVAILABLE.", "ignore": "Bulk updates work on every plan."},
        "enforce",
        f"{UPDATE} with a key of a workspace whose usage shows `bulk_ops: false`.",
    ),
    # The reads
    Assumption(
        "paging-bounds",
        "What happens to a `limit` or an `offset` out of range?",
        {"refuse": "400.", "clamp": "The nearest value in range is taken, and shown in `meta`."},
        "refuse",
        f"{LIST}?limit=201.",
        document={
            "clamp": {
                f"{PARAMETERS}/Limit/schema/minimum": ABSENT,
                f"{PARAMETERS}/Limit/schema/maximum": ABSENT,
                f"{PARAMETERS}/Offset/schema/minimum": ABSENT,
            }
        },
    ),
    Assumption(
        "list-total",
        "What does `meta.total` count where a filter is given?",
        {"matches": "The links that match the filter.", "workspace": "All links of the workspace."},
        "matches",
        f"{LIST}?enabled=false and {LIST}; compare `meta.total`.",
    ),
    Assumption(
        "malformed-link-id",
        "Is what is no UUID a missing link or a bad request?",
        {"missing": "404, as any id that no link has.", "refuse": "400."},
        "missing",
        "GET /v1/links/summer24.",
        document={"refuse": {f"{PARAMETERS}/LinkId/schema/format": "uuid"}},
    ),
    # Who may
    Assumption(
        "missing-key-code",
        "Which code has the 401 of a call without an Authorization header?",
        {"invalid-api-key": "INVALID_API_KEY, as for an unknown key.", "missing-api-key": "MISSING_API_KEY."},
        "invalid-api-key",
        f"{LIST} without Authorization.",
    ),
    Assumption(
        "scheme-case",
        "May `Bearer` be written in another case?",
        {"exact": "Only `Bearer` is taken.", "ignore": "`bearer` is as good."},
        "exact",
        f"{LIST} with Authorization: bearer and a good key.",
    ),
    Assumption(
        "scope-match",
        "Does the scope to write bring the scope to read along?",
        {"exact": "It does not.", "write-reads": "A key with `links:write` may read links."},
        "exact",
        f"{LIST} with a key whose only scope is `links:write`.",
    ),
    Assumption(
        "scope-order",
        "Which refusal has a call that lacks the scope and breaks its contract as well?",
        {"scope-first": "403.", "body-first": "400."},
        "scope-first",
        f"{UPDATE} with a key that may only read, and the body {{}}.",
    ),
    Assumption(
        "free-plan",
        "How is a key refused whose workspace is on the free plan?",
        {"used-up": "429: its month has 0 calls.", "forbidden": "403 FEATURE_NOT_AVAILABLE."},
        "used-up",
        f"{LIST} with a key made before its workspace went to the free plan.",
    ),
    # Refusals
    Assumption(
        "bad-request-code",
        "Which code has a 400?",
        {"validation-error": "VALIDATION_ERROR.", "bad-request": "BAD_REQUEST."},
        "validation-error",
        f"{UPDATE} with the body {{}}.",
    ),
    Assumption(
        "not-found-form",
        "How is a 404 written?",
        {
            "upper-case": "As the pages on errors have it: NOT_FOUND, and a `status`.",
            "lower-case": "As the page on QR images has it: not_found, and no `status`.",
        },
        "upper-case",
        "GET /v1/links/{link_id} with a random UUID.",
    ),
    Assumption(
        "wrong-method",
        "What does a known path answer to a method that it does not take?",
        {"refuse": "405 METHOD_NOT_ALLOWED.", "missing": "404, as an unknown path."},
        "refuse",
        "PUT /v1/links/bulk/status.",
    ),
    Assumption(
        "error-meter",
        "Has the `meta` of a refusal a `rate_limit`?",
        {"absent": "It has not.", "present": "It has, where the caller is known."},
        "absent",
        f"{UPDATE} with the body {{}}.",
    ),
    # Budgets
    Assumption(
        "refused-calls",
        "Does a call count towards month and window that is refused with 400, 403 or 404?",
        {"count": "It does.", "free": "It does not."},
        "count",
        f"{UPDATE} with the body {{}}; compare X-RateLimit-Remaining before and after.",
    ),
    Assumption(
        "month-retry-after",
        "What does Retry-After say when the month is used up?",
        {"month-end": "The seconds until it ends.", "absent": "Nothing: the header is not sent."},
        "month-end",
        "Use up a month's calls; send one more.",
    ),
    Assumption(
        "monthly-quota",
        "How many calls has a month on the pro plan?",
        {"plan-table": "1,000, as the table of plans says.", "usage-sample": "50,000, as the sample of usage says."},
        "plan-table",
        f"{LIST}; look at X-RateLimit-Limit.",
    ),
    Assumption(
        "burst-capacity",
        "How many calls may come at once?",
        {"one-second": "As many as the plan allows in a second.", "two-seconds": "As many as in two seconds."},
        "one-second",
        "Send 20 calls at once with a pro key; count those that are served.",
    ),
    Assumption(
        "window",
        "Which window does `meta.rate_limit` count?",
        {
            "minute": "A minute, 60 times the plan's burst rate.",
            "minute-flat": "A minute, 600 on every plan.",
            "hour-flat": "An hour, 600 on every plan.",
        },
        "minute",
        f"{LIST} with a business key; look at `limit` and `reset`.",
    ),
    Assumption(
        "rate-headers",
        "Which limits do the X-RateLimit headers tell?",
        {
            "month-and-burst": "The month and the burst, as the page on rate limits has it.",
            "window": "The window and its reset, as the page on QR images has it.",
        },
        "month-and-burst",
        f"{LIST}; look for X-RateLimit-Reset.",
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
        "workspaces": Kept("id", values={"plan": {"enum": ["free", *BURST]}}),
        "keys": Kept("key", values={"expires_at": {"format": "date-time"}}),
        "links": Kept("id", schema="Link"),
    },
    render=render,
    guard=Guard(
        scheme="Bearer",
        owner=("workspaces", "workspace"),
        check=check_key,
        permit=permit,
        scheme_case="scheme-case",
        permit_order="scope-order",
    ),
    limits=LIMITS,
    headers=headers,
    request_id=mint_request_id,
    any_media_type="content-type",
    assumptions=ASSUMPTIONS,
    credential=("Authorization", "Bearer xqr_pk_a1b2c3d4." + "x" * 64),
)
