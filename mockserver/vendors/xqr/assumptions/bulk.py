"""What the pages leave open about many links at once."""

from __future__ import annotations

from mockserver.engine.api import Assumption
from mockserver.openapi.normalize.edits import ABSENT

UPDATE = "PATCH /v1/links/bulk/status"
SCHEMAS = "/components/schemas"
IDS = f"{SCHEMAS}/BulkStatusUpdate/properties/ids"
CREATE = "POST /v1/links/bulk"
BODIES = ("BulkStatusUpdate", "BulkCreate", "LinkCreate", "LinkUpdate", "WebhookCreate", "WebhookUpdate")

STATUS = (
    Assumption(
        "unknown-ids",
        "What happens to ids of a bulk update that no link of the workspace has?",
        {"skip": "They are passed over and not counted.", "refuse": "The whole call is a 404, nothing is changed."},
        "skip",
        f"{UPDATE} with one known and one random UUID; look at the status and `data.updated`.",
    ),
    Assumption(
        "duplicate-ids",
        "How often does an id count that stands twice in a bulk update?",
        {
            "count-once": "Each link is counted once.",
            "count-each": "Each mention is counted.",
            "refuse": "The call is a 400, nothing is changed.",
        },
        "count-once",
        f"{UPDATE} with the same id twice; look at `data.updated`.",
    ),
    Assumption(
        "unchanged-links",
        "Does a link count as updated that had the wanted status already?",
        {"count": "It is counted.", "skip": "Only links whose status changed are counted."},
        "count",
        "Send the same bulk update twice; compare `data.updated`.",
    ),
    Assumption(
        "updated-at",
        "Which links have a new `updated_at` after a bulk update?",
        {
            "changed": "Those whose status changed.",
            "found": "All that were named and found.",
            "never": "None: a bulk update leaves the time alone.",
        },
        "changed",
        f"{UPDATE} with an enabled and a disabled link; read both.",
    ),
    Assumption(
        "empty-ids",
        "Is an empty list an error in a bulk call?",
        {"refuse": "400.", "count-none": "Nothing is changed, or created, and that is a success."},
        "refuse",
        f"{UPDATE} with `ids: []`.",
        document={"count-none": {f"{IDS}/minItems": 0, f"{SCHEMAS}/BulkCreate/properties/links/minItems": 0}},
    ),
    Assumption(
        "too-many-ids",
        "With which status is a bulk call refused that carries too much: over 200 ids, over 100 new links?",
        {"bad-request": "400.", "too-large": "413 PAYLOAD_TOO_LARGE."},
        "bad-request",
        f"{UPDATE} with 201 ids.",
    ),
    Assumption(
        "id-cap",
        "Which ids count towards the 200?",
        {"as-sent": "All that were sent.", "distinct": "Each id once."},
        "as-sent",
        f"{UPDATE} with one id 201 times.",
        document={"distinct": {f"{IDS}/maxItems": ABSENT}},
    ),
    Assumption(
        "malformed-ids",
        "What happens to a string among `ids` that is no UUID?",
        {"refuse": "The call is a 400, nothing is changed.", "skip": "It is treated as an id that no link has."},
        "refuse",
        f'{UPDATE} with one known id and "summer24".',
        document={"skip": {f"{IDS}/items/format": ABSENT}},
    ),
    Assumption(
        "uuid-case",
        "Does an id in capital letters name the link?",
        {"ignore": "It does: a UUID is a number.", "exact": "It is another id, which no link has."},
        "ignore",
        "GET /v1/links/{link_id} with the id in capital letters.",
    ),
    Assumption(
        "unknown-fields",
        "What happens to members of the body that no page describes?",
        {"ignore": "Nothing.", "refuse": "The call is a 400, nothing is changed."},
        "ignore",
        f"{UPDATE} with a member `note`.",
        document={"refuse": {f"{SCHEMAS}/{name}/additionalProperties": False for name in BODIES}},
    ),
    Assumption(
        "content-type",
        "What happens to a JSON body with another Content-Type?",
        {"ignore": "It is read as JSON.", "refuse": "400."},
        "ignore",
        f"{UPDATE} with Content-Type: text/plain.",
    ),
    Assumption(
        "bulk-plan-gate",
        "Does a plan without the feature `bulk_ops` refuse bulk calls?",
        {"enforce": "403 FEATURE_NOT_AVAILABLE.", "ignore": "Bulk calls work on every plan."},
        "enforce",
        f"{UPDATE} with a key of a workspace whose usage shows `bulk_ops: false`.",
    ),
)

CREATION = (
    Assumption(
        "bad-items",
        "What happens to a bulk creation with a link that could not be made by itself either: no `url`, a bad slug?",
        {"report": "The link is reported in `errors`, the others are made.", "refuse": "The call is a 400."},
        "report",
        f"{CREATE} with a good link and one whose `url` is `summer`.",
        document={"refuse": {f"{SCHEMAS}/BulkLink": {"$ref": f"#{SCHEMAS}/LinkCreate"}}},
    ),
    Assumption(
        "nothing-created",
        "What is a bulk creation of which no link could be made?",
        {"created": "201, with all of them in `errors`.", "refuse": "The call is a 400."},
        "created",
        f"{CREATE} with a single link, whose slug is taken.",
    ),
    Assumption(
        "bulk-error-form",
        "What does an item of `errors` look like?",
        {
            "flat": "It has `index`, `url`, `code` and `message`.",
            "nested": "It has `index`, and an `error` as a refusal has it.",
        },
        "flat",
        f"{CREATE} with a slug that is taken; look at `data.errors`.",
    ),
    Assumption(
        "bulk-events",
        "Do webhooks hear of links that a bulk update has changed?",
        {"each-link": "Of each link whose status changed, by itself.", "none": "They do not."},
        "each-link",
        f"Make a webhook for `link.updated`, send {UPDATE}, and look at what arrives.",
    ),
)
