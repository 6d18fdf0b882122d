"""The flat envelope of BotSubscription's answers, its errors, the headers of its limits, and its pages."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping

from mockserver.engine.answers.pages import Cut, page_at
from mockserver.engine.answers.vendor_errors import VendorError
from mockserver.engine.assumptions import Assumptions
from mockserver.engine.call import Call
from mockserver.engine.owned_records import CallerRecords
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
from mockserver.state.records.collection import Found
from mockserver.state.records.record import Record
from mockserver.state.world import ApiState

ASSUMPTIONS = Assumptions(shipped("specs", "botsubscription.assumptions"))
UUID = re.compile(r"[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}")
SMALLEST_DEFAULT, LARGEST_PAGE = 10, 100


def succeed(call: Call, data: Json, code: int = 200, **more: Json) -> Json:
    """The flat envelope of a success; the members `more` stand between its code and its data, in their order."""
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


def missing(noun: str) -> Problem:
    """The Problem of a record that the project does not have."""
    return Problem(404, f"{noun} not found", code=NOT_FOUND)


OWN = CallerRecords("_project", lambda noun, _id: missing(noun))
"""The records of the caller's project."""


# Pages


def page_of(call: Call, records: Found, name: Callable[[Record], str], default_limit: int = 0) -> Cut[Record]:
    """The page that the query asks for. Without a `limit` it has `default_limit` entries; 0 stands for `page-size`."""
    if len(records) > 1 and (order := call.assume("list-order")) != "oldest-first":
        newest = order == "newest-first"
        records.sort(key=(lambda record: record.birth) if newest else name, reverse=newest)
    limit, offset = bounds(call, len(records), default_limit)
    cut = page_at(records, limit, offset, LARGEST_PAGE)
    if len(cut.entries) < cut.total and call.assume("list-total") == "page":
        return cut._replace(total=len(cut.entries))
    return cut


def bounds(call: Call, total: int, default_limit: int) -> tuple[int, int]:
    """`limit` and `offset`, where values that the document accepts under another option only become valid ones."""
    limit, offset = call.query["limit"], call.query["offset"]
    if not isinstance(limit, int) or limit < 1:
        call.assume("bad-paging")
        limit = default_limit or int(call.assume("page-size"))
    if not isinstance(offset, int) or offset < 0:
        call.assume("bad-paging")
        offset = 0
    if limit > LARGEST_PAGE:
        call.assume("large-page")
        limit = LARGEST_PAGE
    if not default_limit:
        record_defaults(call, total, offset)
        if offset and call.choices["list-offset"] == "ignore":
            offset = 0
    return limit, offset


def record_defaults(call: Call, total: int, offset: int) -> None:
    """Records the assumptions that only the list of targets depends on."""
    if offset:
        call.assume("list-offset")
    if total - offset > SMALLEST_DEFAULT and "limit=" not in call.request.query:
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
    return reading.headers(int(reading.reset))


# Errors

REVOKED = "revoked-key"
UNSEEN = "unseen-project"
UNSETTABLE = "invalid-setting"
ERRORS: Mapping[str, VendorError] = {
    MALFORMED: VendorError(400, None, "unreadable-body", {"unprocessable": (422, None)}),
    INVALID: VendorError(422, None, "invalid-values", {"bad-request": (400, None)}),
    MEDIA_TYPE: VendorError(415, None, "content-type", {"bad-request": (400, None)}),
    TOO_LARGE: VendorError(413, None, "large-body", {"bad-request": (400, None)}),
    NO_METHOD: VendorError(405, None, "wrong-method", {"not-found": (404, None)}),
    FORBIDDEN: VendorError(403, None, "missing-permission", {"unauthorized": (401, None)}),
    REVOKED: VendorError(401, None, "revoked-keys", {"forbidden": (403, None)}),
    UNSEEN: VendorError(404, None, "unseen-projects", {"forbidden": (403, None)}),
    UNSETTABLE: VendorError(422, None, "invalid-settings", {"bad-request": (400, None)}),
}
"""The statuses that nobody documents; every other one is the Problem's own."""

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
    """The error envelope: `ok` false, method and path of the request, and `error` with one code and message."""
    request = call.request
    for violation in problem.violations:
        record_assumptions(call, violation)
    status, _ = ERRORS.get(problem.code, VendorError()).of(problem, call)
    envelope = {
        "ok": False,
        "request_id": call.request_id,
        "method": request.method,
        "path": request.path,
        "code": status,
        "error": {},
    }
    if problem.code == RATE_LIMITED:
        return Response(status, limit_body(envelope, problem, call))
    code = CODES.get(status, CODES[500])
    if status in PHRASES and call.assume("code-names") == "phrase":
        code = PHRASES[status]
    message = "; ".join(map(explain, problem.violations)) or problem.detail
    envelope["error"] = {"error_code": code, "message": message}
    challenge = (("WWW-Authenticate", "Bearer"),) if status == 401 else ()
    return Response(status, envelope, challenge)


def limit_body(envelope: dict[str, Json], problem: Problem, call: Call) -> Json:
    """The body of a 429; under `both` its code stands as `code` and as `error_code`."""
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
    """The pointer and the message: `/0/is_enabled: expected a boolean, got null`."""
    return f"{violation.pointer or violation.place}: {violation.message}"


def record_assumptions(call: Call, violation: Violation) -> None:
    """Records the assumptions without which this would be no violation."""
    member = violation.pointer.rpartition("/")[2]
    if assumption := ASSUMPTIONS.refusing(violation):
        call.assume(assumption)
    operation = "" if call.operation is None else call.operation.id
    if violation.place == "body" and violation.pointer and operation.startswith("updateTarget"):
        if violation.seen == "null" and member in ("is_enabled", "target_name"):
            call.assume("null-values")
        if operation == "updateTargets":
            call.assume("invalid-items")
