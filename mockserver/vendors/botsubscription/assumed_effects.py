"""What the documents leave open about keys, settings, plans, admins, and what webhooks and live clients are sent."""

from __future__ import annotations

from mockserver.engine.api import Assumption
from mockserver.openapi.normalize.edits import ABSENT
from mockserver.vendors.botsubscription.permissions import PERMISSIONS

SCHEMAS = "/components/schemas"
ADD_ADMIN = "/paths/~1v2~1projects~1{project_id}~1admins/post/responses"
ADDED = {
    "description": "The administrator.",
    "headers": {
        f"X-RateLimit-{name}": {"$ref": f"#/components/headers/RateLimit{name}"}
        for name in ("Limit", "Remaining", "Reset")
    },
    "content": {"application/json": {"schema": {"$ref": f"#{SCHEMAS}/OneAdmin"}}},
}

ON_KEYS = (
    Assumption(
        "key-format",
        "What does the secret of a new API key look like?",
        {"bs": "`bs_` and 40 hexadecimal digits.", "sk-live": "`sk_live_` and 40 hexadecimal digits."},
        "bs",
        "POST …/integrations/api-keys; look at `data.key`.",
    ),
    Assumption(
        "revoked-twice",
        "What does revoking a key answer that was revoked before?",
        {"repeat": "200, with the moment at which it was first revoked.", "not-found": "404 NOT_FOUND."},
        "repeat",
        "DELETE …/integrations/api-keys/{key_id} twice.",
    ),
)

ON_SETTINGS_AND_ADMINS = (
    Assumption(
        "invalid-settings",
        "Which status has a value that its setting cannot have?",
        {"unprocessable": "422.", "bad-request": "400 BAD_REQUEST."},
        "unprocessable",
        "PUT …/settings/default_currency with the value 7.",
    ),
    Assumption(
        "unknown-settings",
        "What happens to settings of an update that there are not?",
        {"refuse": "422, nothing is changed.", "ignore": "They are ignored."},
        "refuse",
        "PATCH …/settings with an invented key.",
        document={"ignore": {f"{SCHEMAS}/SettingsUpdate/additionalProperties": True}},
    ),
    Assumption(
        "added-admin",
        "Which status has an administrator who was added?",
        {"201": "201.", "200": "200."},
        "201",
        "POST …/admins with a user of the project.",
        document={"200": {f"{ADD_ADMIN}/200": ADDED, f"{ADD_ADMIN}/201": ABSENT}},
    ),
    Assumption(
        "unknown-permissions",
        "May an administrator have a permission that the list of permissions does not know?",
        {"keep": "Yes; it is kept, and means nothing.", "refuse": "No: 422."},
        "keep",
        "POST …/admins with the permission `nobody:knows`.",
        document={"refuse": {f"{SCHEMAS}/Permissions/items/enum": [*PERMISSIONS]}},
    ),
    Assumption(
        "plan-values",
        "What may price, currency and duration of a plan be?",
        {
            "known-forms": "A decimal number, three capital letters, and a number of units of time; else 422.",
            "any-text": "Any text that is not empty.",
        },
        "known-forms",
        "POST …/plans with the currency `usd`, and with the duration `1 fortnight`.",
        document={
            "any-text": {
                **{f"{SCHEMAS}/Plan{name}/pattern": ABSENT for name in ("Price", "Currency", "Duration")},
                **{f"{SCHEMAS}/Plan{name}/minLength": 1 for name in ("Price", "Currency", "Duration")},
            }
        },
    ),
    Assumption(
        "admin-twice",
        "What happens when an administrator is added a second time?",
        {"replace": "The permissions are replaced.", "refuse": "422, nothing is changed."},
        "replace",
        "POST …/admins twice with the same user.",
    ),
)

ON_EVENTS = (
    Assumption(
        "event-names",
        "What are the events called that a target is renamed, enabled or disabled by?",
        {
            "each-its-own": "`target.renamed`, `target.enabled` and `target.disabled`.",
            "updated": "`target.updated`, all of them.",
        },
        "each-its-own",
        "Listen to the channel `targets` and rename, disable and enable a target.",
    ),
    Assumption(
        "removed-targets",
        "What does the event of a removed target carry?",
        {"snapshot": "`target`, as it last was.", "id-only": "`target_id` alone."},
        "snapshot",
        "Listen to the channel `targets` and delete a target.",
    ),
    Assumption(
        "webhook-events",
        "Which events of targets are sent to webhooks?",
        {"all": "All that live clients get.", "added-only": "`target.added` alone."},
        "all",
        "Register a webhook and disable a target.",
    ),
    Assumption(
        "webhook-body",
        "What does the body of a webhook look like?",
        {
            "flat": "The event's name and the fields that live clients get, side by side.",
            "wrapped": "The event's name, id and moment, and the fields of the channel in `data`.",
        },
        "flat",
        "Register a webhook and connect a target.",
    ),
    Assumption(
        "webhook-backoff",
        "How long after each other are the attempts to deliver a webhook?",
        {
            "two-hours": "10 seconds, 1 minute, 5 minutes, 30 minutes and 2 hours.",
            "a-day": "1 minute, 5 minutes, 30 minutes, 2, 6 and 16 hours.",
            "once": "There is one attempt only.",
        },
        "two-hours",
        "Register a webhook that answers 500, and wait for a day.",
    ),
    Assumption(
        "unlisted-statuses",
        "What becomes of a webhook that is answered with a status which no page lists, such as 302 or 409?",
        {"retry": "It is sent again, as after a 500.", "drop": "It is given up at once, as after a 400."},
        "retry",
        "Register a webhook that answers 409, and wait for a day.",
    ),
    Assumption(
        "webhook-address",
        "Which addresses may a webhook have?",
        {"loopback-too": "https, and http on the machine itself, for tests.", "https-only": "https alone."},
        "loopback-too",
        "POST …/integrations/webhooks with http://127.0.0.1/.",
        document={"https-only": {f"{SCHEMAS}/WebhookUrl/not": {"pattern": "^http:"}}},
    ),
    Assumption(
        "live-errors",
        "What happens to a live client's message that names no action or no channel?",
        {"say": "It is answered with a message of the type `error`.", "ignore": "Nothing."},
        "say",
        "Connect to the live updates and subscribe to an invented channel.",
    ),
    Assumption(
        "live-permission",
        "May a user without `targets:read` follow the channel `targets`?",
        {"free": "Yes: who may connect may listen.", "needed": "No: the answer is an `error`."},
        "free",
        "Connect with the token of a user who may only read payments, and subscribe to `targets`.",
    ),
)
