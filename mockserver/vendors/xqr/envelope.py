"""The envelopes of xQR's successes and errors, the headers of its answers, and its timestamps."""

from __future__ import annotations

from collections.abc import Mapping

from mockserver.engine.answers.vendor_errors import VendorError
from mockserver.engine.assumptions import Assumptions
from mockserver.engine.call import Call, LimitReading
from mockserver.engine.owned_records import CallerRecords
from mockserver.engine.shipped import shipped
from mockserver.engine.timestamps import epoch_seconds, utc_seconds
from mockserver.json_text import Json
from mockserver.messages import Headers, Response
from mockserver.problem import (
    FORBIDDEN,
    INTERNAL,
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
from mockserver.state.world import ApiState

ASSUMPTIONS = Assumptions(shipped("specs", "xqr.assumptions"))
MOST_IDS = 200
"""Ids that one bulk change of states may carry."""

# Successes


def meta(call: Call, **paging: int) -> Json:
    """`meta` of a success: the request's id, the paging, the meter."""
    return {"request_id": call.request_id, **paging, "rate_limit": meter(call.budget["window"])}


def meter(window: LimitReading) -> Json:
    """The window as `meta` shows it."""
    return {"limit": window.limit, "remaining": window.remaining, "reset": int(window.reset)}


def success(call: Call, value: Json) -> Json:
    """The envelope of a success."""
    return {"data": value, "meta": meta(call)}


def record_unknown_members(call: Call, known: frozenset[str]) -> None:
    """Records the assumption by which members of the body are ignored that no page describes."""
    if not known.issuperset(call.body):
        call.assume("unknown-fields")


def mint_request_id(state: ApiState) -> str:
    """`req_` and sixteen hexadecimal digits."""
    return "req_" + state.chance.hex(16)


def headers(call: Call) -> Headers:
    """The request's id on every answer; the meters on those to a known caller."""
    budget = call.budget
    if not budget:
        return (("X-Request-Id", call.request_id),)
    if call.choices["rate-headers"] == "window":
        window = budget["window"]
        return (("X-Request-Id", call.request_id), *window.headers(int(window.reset)))
    month, burst = budget.get("month", NONE), budget.get("burst", NONE)
    return (
        ("X-Request-Id", call.request_id),
        ("X-RateLimit-Limit", str(month.limit)),
        ("X-RateLimit-Remaining", str(month.remaining)),
        ("X-RateLimit-Burst-Limit", str(burst.limit)),
        ("X-RateLimit-Burst-Remaining", str(burst.remaining)),
    )


NONE = LimitReading(0, 0, 0.0)

# Timestamps


def stored_time(text: str, pointer: str) -> str:
    """The date and time in UTC, to the second. A Problem 400 where its year is not among 1 to 9999."""
    try:
        return utc_seconds(epoch_seconds(text))
    except (ValueError, OverflowError):
        raise invalid(pointer, "format", f'"{text[:40]}" is no date and time that can be kept') from None


# Errors


def invalid(pointer: str, keyword: str, message: str, place: str = "body") -> Problem:
    """The Problem of a request that breaks a rule which the document does not state."""
    violation = Violation(place, pointer, keyword, message)
    return Problem(400, str(violation), code=INVALID, violations=(violation,))


def not_included(feature: str) -> Problem:
    """The Problem of a feature that the plan lacks."""
    return Problem(403, f"Your plan does not include {feature}.", code="FEATURE_NOT_AVAILABLE")


def limit_hit(limit: int, things: str) -> Problem:
    """The Problem of one thing more than the plan allows."""
    return Problem(403, f"Your plan allows {limit} {things}, and all of them are used.", code="PLAN_LIMIT_EXCEEDED")


OWN = CallerRecords("_workspace", lambda noun, _id: Problem(404, f"{noun} not found.", code=NOT_FOUND))
"""The records of the caller's workspace."""


def render(problem: Problem, call: Call) -> Response:
    """The error envelope: `error` with code, message and status, `meta` with the request's id."""
    status, code = ERRORS.get(reason_of(problem, call), OTHER).of(problem, call)
    code = code or problem.code
    error = {"code": code, "message": message_of(problem), "status": status}
    details = {"request_id": call.request_id}
    if code == "not_found":
        del error["status"]
    if call.budget and call.assume("error-meter") == "present":
        details["rate_limit"] = meter(call.budget["window"])
    challenge = (("WWW-Authenticate", "Bearer"),) if status == 401 else ()
    return Response(status, {"error": error, "meta": details}, challenge)


NO_KEY = "no-key"
BURST = "burst"
BAD_REQUEST = VendorError(400, "VALIDATION_ERROR", "bad-request-code", {"bad-request": (400, "BAD_REQUEST")})
MISSING = VendorError(404, "NOT_FOUND", "not-found-form", {"lower-case": (404, "not_found")})
OTHER = VendorError()
"""The Problems that handlers raise have the vendor's own codes."""
ERRORS: Mapping[str, VendorError] = {
    UNAUTHENTICATED: VendorError(401, "INVALID_API_KEY"),
    NO_KEY: VendorError(401, "INVALID_API_KEY", "missing-key-code", {"missing-api-key": (401, "MISSING_API_KEY")}),
    FORBIDDEN: VendorError(403, "INSUFFICIENT_SCOPE"),
    RATE_LIMITED: VendorError(429, "RATE_LIMIT_EXCEEDED"),
    BURST: VendorError(429, "BURST_LIMIT_EXCEEDED"),
    MALFORMED: BAD_REQUEST,
    INVALID: BAD_REQUEST,
    MEDIA_TYPE: BAD_REQUEST,
    TOO_LARGE: VendorError(413, "PAYLOAD_TOO_LARGE"),
    NOT_FOUND: MISSING,
    NO_OPERATION: MISSING,
    NO_METHOD: VendorError(405, "METHOD_NOT_ALLOWED"),
    INTERNAL: VendorError(500, "INTERNAL_ERROR"),
}


def reason_of(problem: Problem, call: Call) -> str:
    """The row of ERRORS for the Problem; the exchange records the assumptions that lead there."""
    code = problem.code
    if code == UNAUTHENTICATED and not call.request.headers.get("Authorization"):
        return NO_KEY
    if code == NO_METHOD and call.assume("wrong-method") == "missing":
        return NOT_FOUND
    if code == RATE_LIMITED:
        return limit_reason(problem, call)
    if code in (MALFORMED, INVALID, MEDIA_TYPE):
        return bad_request_reason(problem, call)
    return INTERNAL if problem.status == 500 else code


def limit_reason(problem: Problem, call: Call) -> str:
    """BURST or RATE_LIMITED; the exchange records the assumption about the size of the limit."""
    if problem.about == "burst":
        call.assume("burst-capacity")
        return BURST
    call.assume("free-plan" if call.owner["plan"] == "free" else "monthly-quota")
    return RATE_LIMITED


def bad_request_reason(problem: Problem, call: Call) -> str:
    """INVALID, or TOO_LARGE for too many items. Where every violation is one by assumption, those are recorded."""
    assumed = {ASSUMPTIONS.refusing(violation) for violation in problem.violations}
    if "" not in assumed:
        for name in sorted(assumed):
            call.assume(name)
    if assumed == {"too-many-ids"}:
        is_about_ids = any(violation.pointer == "/ids" for violation in problem.violations)
        if is_about_ids and len(set(call.body.get("ids", ()))) <= MOST_IDS:
            call.assume("id-cap")
        if call.assume("too-many-ids") == "too-large":
            return TOO_LARGE
    return INVALID


def message_of(problem: Problem) -> str:
    """Every violation as `ids.1: "7" is no uuid`, else the Problem's own text."""
    return "; ".join(map(explain, problem.violations)) or problem.detail


def explain(violation: Violation) -> str:
    """The place with dots, and the message: `ids.1: "7" is no uuid`."""
    where = ".".join(violation.location[1:]) or violation.place
    return f"{where}: {violation.message}"
