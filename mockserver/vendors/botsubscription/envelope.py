"""How BotSubscription speaks: the flat envelope, its errors, the headers of its budgets, its pages."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import UTC, datetime

from mockserver.engine.answers.pages import Cut, page_at
from mockserver.engine.assumptions import Assumptions
from mockserver.engine.call import Call
from mockserver.engine.shipped import shipped
from mockserver.json_text import Json
from mockserver.messages import Headers, Response
from mockserver.problem import (
    FORBIDDEN,
    INVALID,
    MALFORMED,
    MEDIA_TYPE,
    NO_METHOD,
    NOT_FOUND,
    RATE_LIMITED,
    TOO_LARGE,
    Problem,
    Violation,
)
from mockserver.state.collection import Found
from mockserver.state.record import Record
from mockserver.state.world import ApiState

ASSUMPTIONS = Assumptions(shipped("specs", "botsubscription.assumptions"))
UUID = re.compile(r"[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}")
SHORTEST_DEFAULT, LONGEST_PAGE = 10, 100


def succeed(call: Call, data: Json, code: int = 200, **more: Json) -> Json:
    """The flat envelope of a success; `more` stands between its code and its data, in the order given."""
    request = call.request
    return {
        "ok": True,
        "request_id": call.request_id,
        "method": request.method,
        "path": request.path,
        "code": code,
        **more,
        "data": data,
    }


def public(record: Record) -> Json:
    """The record without what is only the mock's."""
    return {name: value for name, value in record.items() if name[0] != "_"}


def missing(what: str) -> Problem:
    """The Problem of something that the project does not have."""
    return Problem(404, f"{what} not found", code=NOT_FOUND)


def own(call: Call, state: ApiState, collection: str, record_id: str, what: str) -> Record:
    """The project's record of this id. A Problem 404 where it has none."""
    found = state[collection].get(record_id)
    if found is None or found["_project"] != call.owner_id:
        raise missing(what)
    return found


def stamp(at: float) -> str:
    """A moment as the vendor writes it: `2025-02-10T09:30:12.000Z`."""
    return datetime.fromtimestamp(at, UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


# Pages


def page_of(call: Call, records: Found, name: Callable[[Record], str], usual: int = 0) -> Cut[Record]:
    """The page that was asked for; without a `limit` it has `usual` entries, and 0 stands for what is assumed."""
    if len(records) > 1 and (order := call.assume("list-order")) != "oldest-first":
        newest = order == "newest-first"
        records.sort(key=(lambda record: record.birth) if newest else name, reverse=newest)
    limit, offset = bounds(call, len(records), usual)
    cut = page_at(records, limit, offset, LONGEST_PAGE)
    if len(cut.entries) < cut.total and call.assume("list-total") == "page":
        return cut._replace(total=len(cut.entries))
    return cut


def bounds(call: Call, total: int, usual: int) -> tuple[int, int]:
    """`limit` and `offset`; what the document takes under another option only is mended here."""
    limit, offset = call.query["limit"], call.query["offset"]
    if not isinstance(limit, int) or limit < 1:
        call.assume("bad-paging")
        limit = usual or int(call.assume("page-size"))
    if not isinstance(offset, int) or offset < 0:
        call.assume("bad-paging")
        offset = 0
    if limit > LONGEST_PAGE:
        call.assume("large-page")
        limit = LONGEST_PAGE
    if not usual:
        rely_on_defaults(call, total, offset)
        if offset and call.choices["list-offset"] == "ignore":
            offset = 0
    return limit, offset


def rely_on_defaults(call: Call, total: int, offset: int) -> None:
    """The exchange remembers what only the list of targets leaves open."""
    if offset:
        call.assume("list-offset")
    if total - offset > SHORTEST_DEFAULT and "limit=" not in call.request.query:
        call.assume("page-size")


# Headers


def mint_request_id(state: ApiState) -> str:
    """A version 4 UUID."""
    return state.chance.uuid()


def headers(call: Call) -> Headers:
    """The key's budget of this minute; the address's where no key is known."""
    budget = call.budget
    if call.choices["rate-limit-headers"] == "tightest":
        reading = min(budget.values(), key=lambda reading: reading.remaining)
    else:
        reading = budget.get("key") or budget["address"]
    return (
        ("X-RateLimit-Limit", str(reading.limit)),
        ("X-RateLimit-Remaining", str(reading.remaining)),
        ("X-RateLimit-Reset", str(int(reading.reset))),
    )


# Refusals

REVOKED = "revoked-key"
UNSEEN = "unseen-project"
UNSETTABLE = "invalid-setting"
STATUSES = {
    MALFORMED: ("unreadable-body", {"bad-request": 400, "unprocessable": 422}),
    INVALID: ("invalid-values", {"unprocessable": 422, "bad-request": 400}),
    MEDIA_TYPE: ("content-type", {"refuse": 415, "bad-request": 400}),
    TOO_LARGE: ("large-body", {"too-large": 413, "bad-request": 400}),
    NO_METHOD: ("wrong-method", {"not-allowed": 405, "not-found": 404}),
    FORBIDDEN: ("missing-permission", {"forbidden": 403, "unauthorized": 401}),
    REVOKED: ("revoked-keys", {"unauthorized": 401, "forbidden": 403}),
    UNSEEN: ("unseen-projects", {"not-found": 404, "forbidden": 403}),
    UNSETTABLE: ("invalid-settings", {"unprocessable": 422, "bad-request": 400}),
}
"""The reasons whose status nobody documents: the assumption, and the status under each option."""

CODES = {
    400: "BAD_REQUEST",
    401: "UNAUTHORIZED",
    403: "FORBIDDEN",
    404: "NOT_FOUND",
    405: "METHOD_NOT_ALLOWED",
    413: "PAYLOAD_TOO_LARGE",
    415: "UNSUPPORTED_MEDIA_TYPE",
    422: "VALIDATION_ERROR",
    429: "RATE_LIMIT_EXCEEDED",
    500: "INTERNAL_ERROR",
}
PHRASES = {422: "UNPROCESSABLE_ENTITY", 500: "INTERNAL_SERVER_ERROR"}


def render(problem: Problem, call: Call) -> Response:
    """`ok` false, who asked for what, and `error` with one code and message."""
    status, request = problem.status, call.request
    for violation in problem.violations:
        rely(call, violation)
    if problem.code in STATUSES:
        assumption, statuses = STATUSES[problem.code]
        status = statuses[call.assume(assumption)]
    envelope = {
        "ok": False,
        "request_id": call.request_id,
        "method": request.method,
        "path": request.path,
        "code": status,
        "error": {},
    }
    if problem.code == RATE_LIMITED:
        return Response(status, refuse_for_now(envelope, problem, call))
    code = CODES.get(status, CODES[500])
    if status in PHRASES and call.assume("code-names") == "phrase":
        code = PHRASES[status]
    message = "; ".join(map(explain, problem.violations)) or problem.detail
    envelope["error"] = {"error_code": code, "message": message}
    challenge = (("WWW-Authenticate", "Bearer"),) if status == 401 else ()
    return Response(status, envelope, challenge)


def refuse_for_now(envelope: dict[str, Json], problem: Problem, call: Call) -> Json:
    """The body of a 429, with its code in both of the vendor's styles."""
    call.assume("rate-limit-headers")
    call.assume("burst-scope" if problem.about == "burst" else "rate-window")
    wait = problem.retry_after
    message = f"Rate limit exceeded. Please retry after {wait} seconds."
    if call.assume("rate-limit-body") == "as-printed":
        del envelope["ok"]
        return {**envelope, "error": {"message": message, "code": CODES[429], "retry_after": wait}}
    error = {"message": message, "code": CODES[429], "error_code": CODES[429], "retry_after": wait}
    return {**envelope, "error": error}


def explain(violation: Violation) -> str:
    """Where, and what is wrong: `/0/is_enabled: expected a boolean, got null`."""
    return f"{violation.pointer or violation.place}: {violation.message}"


def rely(call: Call, violation: Violation) -> None:
    """The exchange remembers the assumptions without which this would be no violation."""
    member = violation.pointer.rpartition("/")[2]
    if assumption := ASSUMPTIONS.refusing(violation):
        call.assume(assumption)
    operation = "" if call.operation is None else call.operation.id
    if violation.place == "body" and violation.pointer and operation.startswith("updateTarget"):
        if violation.seen == "null" and member in ("is_enabled", "target_name"):
            call.assume("null-values")
        if operation == "updateTargets":
            call.assume("invalid-items")
