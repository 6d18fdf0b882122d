"""The headers of Spotzee's answers, the envelope of its errors, and the code of each error."""

from __future__ import annotations

from collections.abc import Mapping
from math import ceil

from mockserver.engine.answers.vendor_errors import VendorError
from mockserver.engine.assumptions import Assumptions
from mockserver.engine.call import Call
from mockserver.engine.owned_records import CallerRecords
from mockserver.engine.shipped import shipped
from mockserver.json_text import Json
from mockserver.messages import Headers, Response
from mockserver.problem import (
    ALREADY_EXISTS,
    FORBIDDEN,
    IN_PROGRESS,
    INVALID,
    KEY_INVALID,
    KEY_MISMATCH,
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

ASSUMPTIONS = Assumptions(shipped("specs", "spotzee.assumptions"))
EDGE = ("minute", "ten-seconds")
"""The limits of an address, which are enforced before the API itself is reached."""
OWN = CallerRecords(
    "project_id",
    lambda noun, number: Problem(404, f"This project has no {noun} {number}.", code=NOT_FOUND, about="id"),
)
"""The records of the caller's project."""
RELEASE = "2026-04-28"
MISSING = "resource_missing"
TAKEN = "resource_already_exists"
ARCHIVED = "archived_user_conflict"
CONFLICT = "state_conflict"
NO_IDENTITY_MESSAGE = "Either external_id or anonymous_id must be present"
IDENTITIES = ("external_id", "anonymous_id")

CATALOGUE = {
    "parameter_missing": (400, "Parameter missing"),
    "parameter_invalid_empty": (400, "Parameter empty"),
    "parameter_invalid_format": (400, "Invalid format"),
    "parameter_unknown": (400, "Parameter unknown"),
    "idempotency_key_invalid": (400, "Idempotency key invalid"),
    "version_unsupported": (400, "Version not supported"),
    "version_required": (400, "Version required"),
    "webhook_signature_invalid": (400, "Webhook signature invalid"),
    "authentication_required": (401, "Authentication required"),
    "quota_exceeded": (402, "Quota exceeded"),
    "permission_denied": (403, "Permission denied"),
    "resource_missing": (404, "Resource missing"),
    "resource_already_exists": (409, "Resource already exists"),
    "state_conflict": (409, "State conflict"),
    "archived_user_conflict": (409, "Contact archived"),
    "user_capacity_exhausted": (409, "No room for another contact"),
    "idempotency_key_mismatch": (409, "Idempotency key mismatch"),
    "idempotency_in_progress": (409, "Request in progress"),
    "validation_failed": (422, "Request validation failed"),
    "rate_limited": (429, "Rate limit exceeded"),
    "internal_error": (500, "Internal error"),
    "service_unavailable": (503, "Service unavailable"),
}
"""The documented error codes, each with its status and its title."""

ERRORS: Mapping[str, VendorError] = {
    UNAUTHENTICATED: VendorError(code="authentication_required"),
    FORBIDDEN: VendorError(code="permission_denied"),
    NO_OPERATION: VendorError(code=MISSING),
    NO_METHOD: VendorError(0, "parameter_invalid_format", "wrong-method", {"missing": (404, MISSING)}),
    NOT_FOUND: VendorError(code=MISSING),
    ALREADY_EXISTS: VendorError(code=TAKEN),
    RATE_LIMITED: VendorError(code="rate_limited"),
    MALFORMED: VendorError(code="parameter_invalid_format"),
    TOO_LARGE: VendorError(
        0, "parameter_invalid_format", "large-body", {"bad-request": (400, "parameter_invalid_format")}
    ),
    MEDIA_TYPE: VendorError(400, "parameter_invalid_format"),
    KEY_INVALID: VendorError(code="idempotency_key_invalid"),
    KEY_MISMATCH: VendorError(code="idempotency_key_mismatch"),
    IN_PROGRESS: VendorError(code="idempotency_in_progress"),
}
"""The engine's Problems; those that handlers raise have a code of CATALOGUE."""
PARAMS = {
    MALFORMED: "body",
    TOO_LARGE: "body",
    MEDIA_TYPE: "Content-Type",
    KEY_INVALID: "Idempotency-Key",
    KEY_MISMATCH: "Idempotency-Key",
    IN_PROGRESS: "Idempotency-Key",
}
"""The `param` of an error."""
WITHOUT_PARAM = ERRORS.keys() - PARAMS.keys() - {NOT_FOUND, ALREADY_EXISTS}
"""The `param` of every other error is what the Problem is about."""

FIELD_CODES = {
    "required": "parameter_missing",
    "minItems": "parameter_invalid_empty",
    "minLength": "parameter_invalid_empty",
    "additionalProperties": "parameter_unknown",
}
"""The code of a field by the keyword of JSON Schema that it breaks; any other is parameter_invalid_format."""


def mint_request_id(state: ApiState) -> str:
    """The prefix and a ULID of this moment."""
    return "req_" + state.chance.ulid(state.clock.now())


def headers(call: Call) -> Headers:
    """The request's id and the release on every answer; what is left to the key where keys have limits."""
    own: Headers = (("X-Request-Id", call.request_id),)
    if call.choices["version-echo"] == "always" or "Spotzee-Version" in call.request.headers:
        own = (*own, ("Spotzee-Version", RELEASE))
    reading = call.budget.get("read") or call.budget.get("write")
    if reading is None:
        return own
    seconds = max(0, ceil(reading.reset - call.at))
    return (*own, *reading.headers(seconds), ("X-RateLimit-Tier", call.owner["_plan"]))


def render(problem: Problem, call: Call) -> Response:
    """The envelope of every error: a code with its title, what went wrong this time, and where."""
    if problem.code == INVALID:
        status, code, where, message = invalid_request(problem, call)
    else:
        status, code, where, message = other_error(problem, call)
    option = call.assume("error-form")
    docs = "https://spotzee.com/docs" if option == "moved-docs" else "https://docs.spotzee.com"
    body = {
        "status": "error",
        "code": code,
        "title": CATALOGUE[code][1],
        "message": message,
        "error": message,
        "type": f"{docs}/main-api/errors#{code}",
        "request_id": call.request_id,
        **where,
    }
    if problem.about in EDGE:
        del body["request_id"]
    if option == "least":
        body = {name: value for name, value in body.items() if name not in ("title", "type", "request_id")}
    media_type = "application/json" if option == "plain-json" else "application/problem+json"
    own = [("Content-Type", media_type)]
    if status == 401 and call.assume("challenge") == "send":
        own.append(("WWW-Authenticate", "Bearer"))
    return Response(status, body, tuple(own))


ErrorParts = tuple[int, str, dict[str, Json], str]
"""The status and the code of an error, `param` or `errors`, and its message."""


def other_error(problem: Problem, call: Call) -> ErrorParts:
    """The error of a Problem that is no violation of the document."""
    message = problem.detail
    status, code = ERRORS.get(problem.code, VendorError(0, problem.code)).of(problem, call)
    if code not in CATALOGUE:
        code = "internal_error"
    if problem.code == RATE_LIMITED:
        origin, assumption = ("address", "edge-windows") if problem.about in EDGE else ("key", "per-key-limits")
        call.assume(assumption)
        message = f"Too many requests came from this {origin}; wait {problem.retry_after} seconds."
    param = "" if problem.code in WITHOUT_PARAM else PARAMS.get(problem.code, problem.about)
    return status, code, {"param": param} if param else {}, message


def invalid_request(problem: Problem, call: Call) -> ErrorParts:
    """The error of violations of the document: a parameter or header by its name, else every field of the body."""
    for violation in problem.violations:
        record_assumptions(call, violation)
    beside = [violation for violation in problem.violations if violation.place != "body"]
    if beside:
        name = beside[0].location[1]
        keywords = [violation.keyword for violation in beside if violation.location[1] == name]
        return 400, parameter_code(name, keywords), {"param": name}, f"{name}: {beside[0].message}."
    errors = field_errors(problem.violations, call)
    if call.assume("field-errors") == "bad-request":
        first = errors[0]
        return 400, first["code"], {"param": first["param"]}, f"{first['param']}: {first['message']}."
    params = ", ".join(error["param"] for error in errors[:3]) + (", …" if len(errors) > 3 else "")
    return 422, "validation_failed", {"errors": errors}, f"The body cannot be taken as it is; see {params}."


def parameter_code(name: str, keywords: list[str]) -> str:
    """The code of a parameter or header that breaks these keywords."""
    if name == "Spotzee-Version":
        if keywords == ["required"]:
            return "version_required"
        return "version_unsupported" if keywords == ["enum"] else "parameter_invalid_format"
    return FIELD_CODES.get(keywords[0], "parameter_invalid_format")


def field_errors(violations: tuple[Violation, ...], call: Call) -> list[dict[str, str]]:
    """Each field at fault once. An item that names nobody is missing its external id."""
    errors: dict[str, dict[str, str]] = {}
    items_without_identity = []
    for violation in violations:
        owner = item_without_identity(violation, call)
        if owner is not None:
            items_without_identity.append(owner)
            continue
        for param in params_of(violation, call):
            code = FIELD_CODES.get(violation.keyword, "parameter_invalid_format")
            errors.setdefault(param, field_error(param, code, violation.message))
    for owner in items_without_identity:
        params = [dotted(f"{owner}/{name}") for name in IDENTITIES]
        if not any(param in errors for param in params):
            param = params[0]
            errors[param] = {"param": param, "code": "parameter_missing", "message": NO_IDENTITY_MESSAGE}
    return [*errors.values()]


NEEDING_IDENTITY = {
    "batchToggleSubscriptions",
    "upsertContacts",
    "queueContactUpserts",
    "identifyContact",
    "postEvents",
}
"""The operations whose items need one of two identities."""


def item_without_identity(violation: Violation, call: Call) -> str | None:
    """The pointer of the item that has neither identity by this violation; the document asks for one of them to
    be a text. None where it says something else.
    """
    operation = call.operation
    if operation is None or operation.id not in NEEDING_IDENTITY:
        return None
    owner, _, member = violation.pointer.rpartition("/")
    if violation.keyword == "anyOf":
        return violation.pointer
    if member not in IDENTITIES:
        return None
    if violation.keyword == "minLength":
        return owner if call.choices["empty-identities"] != "refuse" else None
    return owner if violation.keyword == "required" or violation.expected == "string" else None


def dotted(pointer: str) -> str:
    """A JSON pointer as Spotzee writes it: `0.state`."""
    return pointer.strip("/").replace("/", ".").replace("~1", "/").replace("~0", "~")


def params_of(violation: Violation, call: Call) -> list[str]:
    """The dotted paths of what is at fault: `0.state`; `body` for all of it."""
    path = dotted(violation.pointer)
    if violation.keyword == "additionalProperties" and call.operation is not None:
        item = call.body
        for token in violation.location[1:]:
            item = item[int(token)] if isinstance(item, list) else item[token]
        documented = FIELDS[call.operation.id]
        return [f"{path}.{name}" for name in item if name not in documented]
    return [path or "body"]


FIELDS = {
    "batchToggleSubscriptions": frozenset(("subscription_id", "state", *IDENTITIES)),
    "toggleContactSubscriptions": frozenset(("subscription_id", "state")),
    "toggleMySubscriptions": frozenset(("subscription_id", "state")),
}
"""The documented fields of the items that may be refused for having others."""


def field_error(param: str, code: str, message: str) -> dict[str, str]:
    """One entry of `errors`."""
    text = {"parameter_missing": "Required", "parameter_unknown": "Not a field of a toggle"}.get(code)
    return {"param": param, "code": code, "message": text or message[0].upper() + message[1:]}


def record_assumptions(call: Call, violation: Violation) -> None:
    """Records the assumptions without which this would be no violation."""
    place, member = violation.place, violation.pointer.rpartition("/")[2]
    if assumption := ASSUMPTIONS.refusing(violation):
        call.assume(assumption)
    if place != "body" or not violation.pointer or call.operation is None:
        return
    if violation.keyword == "additionalProperties":
        call.assume("unknown-fields")
    elif item_without_identity(violation, call) is not None:
        call.assume("no-identity")
    elif call.operation.id == "batchToggleSubscriptions":
        call.assume("bad-items")
    if member == "subscription_id" and violation.keyword == "type" and violation.seen[:1] == '"':
        call.assume("digit-strings")
