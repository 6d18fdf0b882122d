"""What no page says of errors, versions and repeated requests."""

from __future__ import annotations

from mockserver.engine.api import Assumption
from mockserver.json_text import Json
from mockserver.vendors.spotzee.ledger.places import BATCH, PARAMETERS, SCHEMAS

ERRORS = (
    "BadRequest", "Unauthenticated", "Forbidden", "NotFound", "Conflict", "TooLarge", "Invalid", "RateLimited",
    "InternalError",
)  # fmt: skip


def as_plain_json(response: str) -> dict[str, Json]:
    """The error may come as `application/json` too."""
    content = f"/components/responses/{response}/content"
    return {f"{content}/application~1json": {"schema": {"$ref": f"#{content}/application~1problem+json/schema"}}}


ANSWERS = (
    Assumption(
        "error-form",
        "Which members and which media type have errors?",
        {
            "whole": "All that are documented, as application/problem+json.",
            "plain-json": "The same as application/json.",
            "least": "Without title, type and request_id.",
            "moved-docs": "All, with a type below spotzee.com/docs.",
        },
        "whole",
        "GET /users/nobody; look at Content-Type and body.",
        document={
            "plain-json": {pointer: value for name in ERRORS for pointer, value in as_plain_json(name).items()},
            "least": {f"{SCHEMAS}/Error/required": ["status", "code", "message", "error"]},
            "moved-docs": {
                f"{SCHEMAS}/Error/properties/type/pattern": (
                    r"^https://(docs\.spotzee\.com|spotzee\.com/docs)/main-api/errors#[a-z_]+$"
                )
            },
        },
    ),
    Assumption(
        "version-check",
        "What happens to a Spotzee-Version that is no release?",
        {"refuse": "400.", "ignore": "It is ignored."},
        "refuse",
        "GET /subscriptions with Spotzee-Version: 2025-01-01.",
        document={"ignore": {f"{PARAMETERS}/Version/schema": {"type": "string"}}},
    ),
    Assumption(
        "version-echo",
        "Which answers carry Spotzee-Version?",
        {"always": "All.", "when-sent": "Those to requests that have it."},
        "always",
        "GET /subscriptions without Spotzee-Version; look at the headers.",
    ),
    Assumption(
        "content-type",
        "What happens to a JSON body with another Content-Type?",
        {"refuse": "400.", "ignore": "It is read as JSON."},
        "refuse",
        f"{BATCH} with Content-Type: text/plain.",
    ),
    Assumption(
        "large-body",
        "Which status has a body that is too large?",
        {"too-large": "413.", "bad-request": "400."},
        "too-large",
        f"{BATCH} with some megabytes of white space.",
    ),
    Assumption(
        "wrong-method",
        "Which status has a method that a path does not know?",
        {"not-allowed": "405 with Allow.", "missing": "404 resource_missing."},
        "not-allowed",
        "PUT /subscriptions/batch.",
    ),
    Assumption(
        "version-required",
        "Which operations demand a Spotzee-Version?",
        {"none": "None.", "all": "All: 400 version_required without it."},
        "none",
        "Every operation without Spotzee-Version.",
        document={"all": {f"{PARAMETERS}/Version/required": True}},
    ),
    Assumption(
        "idempotency",
        "Does an Idempotency-Key have an effect?",
        {"enforce": "Yes: answers are kept for 24 hours.", "ignore": "No, nor is a bad one refused."},
        "enforce",
        f"{BATCH} twice with the same key and body; look for Idempotent-Replayed.",
        document={"ignore": {f"{PARAMETERS}/IdempotencyKey/schema": {"type": "string"}}},
    ),
    Assumption(
        "replay-request-id",
        "Which X-Request-Id has an answer that is given again?",
        {"new": "One of its own.", "first": "That of the first time."},
        "new",
        f"{BATCH} twice with the same key and body; compare X-Request-Id.",
    ),
    Assumption(
        "replay-scope",
        "What is the same body under the same key at another path?",
        {"request": "Another request: 409.", "body": "The same one: it has the answer of the first."},
        "request",
        "POST /identify and POST /alias with the same Idempotency-Key and body.",
    ),
)
