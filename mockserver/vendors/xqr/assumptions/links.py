"""What the pages leave open about links, one by one, and about what is read of them."""

from __future__ import annotations

from mockserver.engine.api import Assumption
from mockserver.openapi.normalize.edits import ABSENT

LIST = "GET /v1/links"
PARAMETERS = "/components/parameters"
SCHEMAS = "/components/schemas"
RULE = f"{SCHEMAS}/RoutingRule"
CREATE = "POST /v1/links"

READS = (
    Assumption(
        "paging-bounds",
        "What happens to a `limit` or an `offset` out of range?",
        {"refuse": "400.", "clamp": "The nearest value in range is taken, and shown in `meta`."},
        "refuse",
        f"{LIST}?limit=201.",
        document={
            "clamp": {
                f"{PARAMETERS}/Limit/schema/minimum": ABSENT,
                f"{PARAMETERS}/Limit/schema/maximum": ABSENT,
                f"{PARAMETERS}/Offset/schema/minimum": ABSENT,
            }
        },
    ),
    Assumption(
        "list-total",
        "What does `meta.total` count where a filter is given?",
        {"matches": "The links that match the filter.", "workspace": "All links of the workspace."},
        "matches",
        f"{LIST}?enabled=false and {LIST}; compare `meta.total`.",
    ),
    Assumption(
        "malformed-link-id",
        "Is what is no UUID a missing link or a bad request?",
        {"missing": "404, as any id that no link has.", "refuse": "400."},
        "missing",
        "GET /v1/links/summer24.",
        document={"refuse": {f"{PARAMETERS}/LinkId/schema/format": "uuid"}},
    ),
)

WRITES = (
    Assumption(
        "past-expiry",
        "May a new link have an `expires_at` that is over already?",
        {"accept": "It may, and is gone for its visitors at once.", "refuse": "400."},
        "accept",
        f"{CREATE} with `expires_at` of last year.",
    ),
    Assumption(
        "reserved-slugs",
        "May a slug be a word that the vendor's host uses itself, such as `api`?",
        {"taken": "409 SLUG_TAKEN.", "free": "It may."},
        "taken",
        f"{CREATE} with `custom_slug: api`.",
    ),
    Assumption(
        "slug-case",
        "Is a slug taken that is in use in another case?",
        {"exact": "It is another slug.", "ignore": "409 SLUG_TAKEN."},
        "exact",
        f"{CREATE} with `custom_slug: SUMMER24` where there is `summer24`.",
    ),
    Assumption(
        "code-letters",
        "Which letters have the seven characters of a random short code?",
        {"both-cases": "Capital and small ones.", "lower-case": "Small ones alone."},
        "both-cases",
        f"{CREATE} without `custom_slug`, a few times.",
    ),
    Assumption(
        "label-twice",
        "How often has a link a label that was sent twice?",
        {"as-sent": "Twice.", "once": "Once."},
        "as-sent",
        f"{CREATE} with `labels: [a, a]`.",
    ),
    Assumption(
        "link-allowance",
        "Does the plan's number of links a month refuse further ones?",
        {"enforce": "403 PLAN_LIMIT_EXCEEDED.", "ignore": "It is shown in the usage, and nothing more."},
        "enforce",
        f"Make as many links as `limits.links_per_month` says, and then {CREATE}.",
    ),
    Assumption(
        "routing-plan-gate",
        "Does a plan without the feature `routing_rules` refuse a link with rules?",
        {"enforce": "403 FEATURE_NOT_AVAILABLE.", "ignore": "Rules work on every plan."},
        "enforce",
        f"{CREATE} with a rule and a key of a workspace whose usage shows `routing_rules: false`.",
    ),
    Assumption(
        "unknown-rule-members",
        "What happens to members of a routing rule that no page describes?",
        {"refuse": "The call is a 400.", "ignore": "They are dropped."},
        "refuse",
        f"{CREATE} with a rule that has a member `note`.",
        document={
            "ignore": {
                f"{RULE}/additionalProperties": ABSENT,
                f"{RULE}/properties/conditions/additionalProperties": ABSENT,
            }
        },
    ),
    Assumption(
        "empty-update",
        "Is an update an error that has nothing in its body?",
        {"accept": "It changes nothing, `updated_at` included.", "refuse": "400."},
        "accept",
        "PATCH /v1/links/{link_id} with the body {}.",
        document={"refuse": {f"{SCHEMAS}/LinkUpdate/minProperties": 1, f"{SCHEMAS}/WebhookUpdate/minProperties": 1}},
    ),
)

STATISTICS = (
    Assumption(
        "active-links",
        "Which links are counted as active in the last 30 days?",
        {"scanned": "Those that were scanned in them.", "enabled": "Those that are enabled."},
        "scanned",
        "GET /v1/analytics/summary; compare `active_links_30d` with the links.",
    ),
    Assumption(
        "reversed-range",
        "What has a series whose first day comes after its last?",
        {"empty": "No points.", "refuse": "400."},
        "empty",
        "GET /v1/analytics/timeseries?interval=day&from_date=2026-03-02&to_date=2026-03-01.",
    ),
    Assumption(
        "week-start",
        "On which day do the weeks of a series begin?",
        {"monday": "On Monday.", "sunday": "On Sunday."},
        "monday",
        "GET /v1/analytics/timeseries?interval=week; look at the `date` of a point.",
    ),
    Assumption(
        "empty-points",
        "Has a series points where nobody scanned?",
        {"absent": "It has not.", "zero": "Between its first and its last one it has, with 0 scans."},
        "absent",
        "GET /v1/analytics/timeseries?interval=hour for a link that is seldom scanned.",
    ),
    Assumption(
        "unknown-template",
        "What has a QR code in whose `template_id` no template is known?",
        {"plain": "The plain style.", "missing": "The call is a 404."},
        "plain",
        "GET /v1/links/{link_id}/qr?template_id= with a random UUID.",
    ),
    Assumption(
        "qr-correction",
        "How much damage does a QR code survive?",
        {"l": "7 %.", "m": "15 %.", "q": "25 %.", "h": "30 %."},
        "m",
        "GET /v1/links/{link_id}/qr; read the level of error correction from its format bits.",
    ),
)
