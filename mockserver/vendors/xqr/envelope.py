"""How xQR speaks: the envelope of its successes, the form of its refusals, its headers, its moments."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from datetime import UTC, datetime

from mockserver.engine.assumptions import Assumptions
from mockserver.engine.call import Call, LimitReading
from mockserver.engine.shipped import shipped
from mockserver.json_text import Json
from mockserver.messages import Headers, Response
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
from mockserver.state.record import Record
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


def shown(record: Record) -> Json:
    """The record without what is only the mock's."""
    return {name: value for name, value in record.items() if name[0] != "_"}


def note_unknown(call: Call, known: frozenset[str]) -> None:
    """The exchange remembers that members were passed over which no page describes."""
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


NONE = LimitReading(0, 0, 0.0)

# Moments


def timestamp(at: float) -> str:
    """ISO 8601 in UTC to the second: `2026-03-20T09:12:44Z`."""
    return time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(at))


def moment(text: str) -> float:
    """Epoch seconds of an ISO 8601 date and time, in UTC where it names no zone. Raises ValueError."""
    at = datetime.fromisoformat(text.upper())
    return (at if at.tzinfo else at.replace(tzinfo=UTC)).timestamp()


def to_the_second(text: str, pointer: str) -> str:
    """The moment as xQR writes it. A Problem 400 where the text is none that it can write."""
    try:
        written = timestamp(moment(text)).zfill(len("2026-03-20T09:12:44Z"))
    except (ValueError, OverflowError):
        written = ""
    if len(written) != len("2026-03-20T09:12:44Z") or written.startswith("0000"):
        raise invalid(pointer, "format", f'"{text[:40]}" is no date and time that can be kept')
    return written


# Refusals


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


def missing_record(name: str) -> Problem:
    """The Problem of what is not there, or is another workspace's."""
    return Problem(404, f"{name} not found.", code=NOT_FOUND)


def render(problem: Problem, call: Call) -> Response:
    """`error` with code, message and status; `meta` with the request's id."""
    status, code = verdict(problem, call)
    error = {"code": code, "message": explained(problem), "status": status}
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
    assumed = {ASSUMPTIONS.refusing(violation) for violation in problem.violations}
    if "" not in assumed:
        for name in sorted(assumed):
            call.assume(name)
    if assumed == {"too-many-ids"}:
        is_about_ids = any(violation.pointer == "/ids" for violation in problem.violations)
        if is_about_ids and len(set(call.body.get("ids", ()))) <= MOST_IDS:
            call.assume("id-cap")
        if call.assume("too-many-ids") == "too-large":
            return 413, "PAYLOAD_TOO_LARGE"
    return 400, "VALIDATION_ERROR" if call.assume("bad-request-code") == "validation-error" else "BAD_REQUEST"


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


def explained(problem: Problem) -> str:
    """What is wrong, in words."""
    return "; ".join(map(explain, problem.violations)) or problem.detail


def explain(violation: Violation) -> str:
    """`ids.1: "7" is no uuid`."""
    where = ".".join(violation.location[1:]) or violation.place
    return f"{where}: {violation.message}"
