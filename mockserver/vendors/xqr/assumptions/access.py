"""What the pages leave open about who may, how refusals are written, and how much is allowed."""

from __future__ import annotations

from mockserver.engine.api import Assumption

LIST = "GET /v1/links"
UPDATE = "PATCH /v1/links/bulk/status"

CALLERS = (
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
)

REFUSALS = (
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
)

BUDGETS = (
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
