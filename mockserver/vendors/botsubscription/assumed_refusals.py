"""What the documents leave open about callers: who may, how they are refused, and how much they may ask."""

from __future__ import annotations

from mockserver.engine.api import Assumption
from mockserver.json_text import Json
from mockserver.openapi.normalize.edits import ABSENT
from mockserver.vendors.botsubscription.envelope import CODES, PHRASES

SCHEMAS = "/components/schemas"
REFUSED = f"{SCHEMAS}/RateLimitRefusal"


def renamed_code(response: str, code: str) -> dict[str, Json]:
    """What reads otherwise in the document where a response has another error code."""
    content = f"/components/responses/{response}/content/application~1json"
    return {
        f"{content}/schema/properties/error/properties/error_code/const": code,
        f"{content}/example/error/error_code": code,
    }


ON_REFUSALS = (
    # who may
    Assumption(
        "unseen-projects",
        "What is a project that is unknown or not the token's?",
        {"not-found": "404 NOT_FOUND.", "forbidden": "403 FORBIDDEN."},
        "not-found",
        "GET …/targets with a random UUID as the project, and with another account's project.",
    ),
    Assumption(
        "malformed-projects",
        "What is a project whose id is no UUID?",
        {"unseen": "The same as one that is unknown.", "invalid": "422."},
        "unseen",
        "GET /v2/projects/x/targets.",
    ),
    Assumption(
        "missing-permission",
        "What happens to a user without the permission, such as `targets:read` or `plans:update`?",
        {
            "forbidden": "403 FORBIDDEN.",
            "unauthorized": "401 UNAUTHORIZED.",
            "allow": "Nothing asks for a permission.",
        },
        "forbidden",
        "GET and PATCH …/targets as an admin who may only read payments.",
    ),
    Assumption(
        "revoked-keys",
        "How is a revoked key refused?",
        {"unauthorized": "401 UNAUTHORIZED.", "forbidden": "403 FORBIDDEN."},
        "unauthorized",
        "Revoke a key; GET …/targets with it.",
    ),
    Assumption(
        "scheme-case",
        "May `Bearer` be written in another case?",
        {"exact": "Only `Bearer` is taken.", "ignore": "`bearer` is as good."},
        "exact",
        "GET …/targets with Authorization: bearer and a good key.",
    ),
    Assumption(
        "permission-order",
        "What is refused first: a caller who may not, or a request that is invalid?",
        {"caller-first": "The caller: 403 or 404.", "body-first": "The request: 400, 415 or 422."},
        "caller-first",
        "PATCH …/targets with [] as a user who may only read.",
    ),
    # how it says no
    Assumption(
        "unreadable-body",
        "Which status has a body that is missing, cut or no JSON?",
        {"bad-request": "400 BAD_REQUEST.", "unprocessable": "422, as for invalid values."},
        "bad-request",
        "PATCH …/targets with the body '['.",
    ),
    Assumption(
        "invalid-values",
        "Which status has JSON of the wrong shape, and a parameter out of its bounds?",
        {"unprocessable": "422.", "bad-request": "400 BAD_REQUEST."},
        "unprocessable",
        "PATCH …/targets with an object in place of the array.",
    ),
    Assumption(
        "content-type",
        "What happens to a JSON body with another Content-Type?",
        {"refuse": "415.", "bad-request": "400 BAD_REQUEST.", "ignore": "It is read as JSON."},
        "refuse",
        "PATCH …/targets with Content-Type: text/plain.",
    ),
    Assumption(
        "large-body",
        "Which status has a body that is too large?",
        {"too-large": "413.", "bad-request": "400 BAD_REQUEST."},
        "too-large",
        "PATCH …/targets with a body of some megabytes of white space.",
    ),
    Assumption(
        "wrong-method",
        "Which status has a method that a path does not know?",
        {"not-allowed": "405 METHOD_NOT_ALLOWED.", "not-found": "404 NOT_FOUND."},
        "not-allowed",
        "PUT …/targets.",
    ),
    Assumption(
        "code-names",
        "What is the `error_code` of a 422 and of a 500?",
        {
            "reason": "VALIDATION_ERROR and INTERNAL_ERROR.",
            "phrase": "UNPROCESSABLE_ENTITY and INTERNAL_SERVER_ERROR.",
        },
        "reason",
        "PATCH …/targets with []; look at `error.error_code`.",
        document={
            "phrase": {
                f"{SCHEMAS}/ErrorCode/enum": [*(CODES | PHRASES).values()],
                **renamed_code("ValidationError", PHRASES[422]),
                **renamed_code("InternalError", PHRASES[500]),
            }
        },
    ),
    # how much
    Assumption(
        "rate-window",
        "How are the requests of a minute counted?",
        {
            "fixed": "Anew with each minute of the clock.",
            "from-first": "Anew with the first request after a minute has passed.",
            "refilling": "The budget refills evenly.",
        },
        "fixed",
        "Send a request every tenth of a second until 429; look at X-RateLimit-Remaining around the reset.",
    ),
    Assumption(
        "burst-scope",
        "Whose are the 20 requests of a second?",
        {"key": "Each token has its own.", "address": "All tokens of an address share them."},
        "key",
        "Send 15 requests with each of two keys within one second.",
    ),
    Assumption(
        "rate-limit-headers",
        "Which of the budgets do the X-RateLimit headers show?",
        {
            "key": "The minute of the token; of the address where no token is known.",
            "tightest": "Whichever has the least left.",
        },
        "key",
        "Send one request; X-RateLimit-Limit is 100 or 20.",
    ),
    Assumption(
        "rate-limit-body",
        "Which envelope does a 429 have?",
        {
            "both": "That of every error, its code as `code` and as `error_code`.",
            "as-printed": "That of the page on rate limits: no `ok`, and only `code`.",
        },
        "both",
        "Send 30 requests at once; look at the body of a 429.",
        document={
            "as-printed": {
                f"{REFUSED}/required": ["request_id", "method", "path", "code", "error"],
                f"{REFUSED}/properties/ok": ABSENT,
                f"{REFUSED}/properties/error/required": ["message", "code", "retry_after"],
                f"{REFUSED}/properties/error/properties/error_code": ABSENT,
                "/components/responses/RateLimited/content/application~1json/example/ok": ABSENT,
                "/components/responses/RateLimited/content/application~1json/example/error/error_code": ABSENT,
            }
        },
    ),
)
