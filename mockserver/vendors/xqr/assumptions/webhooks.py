"""What the pages leave open about webhooks."""

from __future__ import annotations

from mockserver.engine.api import Assumption
from mockserver.openapi.normalize.edits import ABSENT

CREATE = "POST /v1/webhooks"
SCHEMAS = "/components/schemas"

WEBHOOKS = (
    Assumption(
        "webhook-address",
        "May a webhook have an address that is not https?",
        {
            "loopback-http": "On the machine itself, so that a test can receive.",
            "https-only": "It may not: 400.",
        },
        "loopback-http",
        f"{CREATE} with `url: http://localhost:8000/`.",
        document={"https-only": {f"{SCHEMAS}/WebhookAddress/not": {"pattern": "^http:"}}},
    ),
    Assumption(
        "webhook-description",
        "What is the `description` of a webhook that was made without one?",
        {"null": "Null.", "empty": "The empty text."},
        "null",
        f"{CREATE} without `description`.",
    ),
    Assumption(
        "empty-events",
        "May a webhook listen for nothing?",
        {"refuse": "400.", "accept": "It may, and hears nothing."},
        "refuse",
        f"{CREATE} with `events: []`.",
        document={"accept": {f"{SCHEMAS}/Events/minItems": ABSENT}},
    ),
    Assumption(
        "webhook-allowance",
        "Does the plan's number of webhooks refuse further ones?",
        {"enforce": "403 PLAN_LIMIT_EXCEEDED.", "ignore": "A workspace may have any number."},
        "enforce",
        f"{CREATE} four times with a pro key.",
    ),
    Assumption(
        "webhook-secret",
        "What does the secret of a webhook look like?",
        {"prefixed": "`whsec_` and 48 hexadecimal digits.", "hex": "64 hexadecimal digits."},
        "prefixed",
        f"{CREATE}, and read the secret in the dashboard.",
    ),
    Assumption(
        "counted-failures",
        "What is a failure, of which 100 one after another disable a webhook?",
        {
            "attempts": "Each attempt that was not answered with a 2xx.",
            "deliveries": "A delivery that was given up, after all of its attempts.",
        },
        "attempts",
        "Let one attempt to deliver fail; look at the webhook's `failure_count`.",
    ),
    Assumption(
        "webhook-order",
        "In which order are webhooks listed?",
        {"oldest-first": "As they were made.", "newest-first": "The latest first."},
        "oldest-first",
        "Make two webhooks, and GET /v1/webhooks.",
    ),
    Assumption(
        "paused-retries",
        "What becomes of deliveries that wait for another attempt when their webhook is disabled?",
        {"withdrawn": "They have failed.", "kept": "They are sent when their time comes."},
        "withdrawn",
        "Let a delivery fail, disable the webhook, and wait for half a minute.",
    ),
    Assumption(
        "dashboard-key",
        "Do the dashboard's own endpoints take an API key?",
        {
            "take": "One that may write webhooks, since a mock has no dashboard to sign in to.",
            "refuse": "401: they take sessions of the dashboard alone.",
        },
        "take",
        "GET https://xqr.co/api/developer/webhooks/{webhook_id}/secret with an API key.",
    ),
)
