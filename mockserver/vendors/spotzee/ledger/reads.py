"""What no page says of reads and lists."""

from __future__ import annotations

from mockserver.engine.api import Assumption
from mockserver.openapi.normalize.edits import ABSENT
from mockserver.vendors.spotzee.ledger.places import PARAMETERS, SCHEMAS

SORTS = {
    "ContactSort": "id",
    "TypeSort": "id",
    "KeySort": "id",
    "WebhookSort": "id",
    "StateSort": "subscription_id",
}

READS = (
    Assumption(
        "untouched-states",
        "What is shown of a type that the contact never chose anything for?",
        {
            "subscribed": "State 1.",
            "public-unsubscribed": "State 0 where the type is public, else 1.",
            "hidden": "It is not in the list.",
        },
        "subscribed",
        "GET /users/{userId}/subscriptions of a contact that was just made.",
    ),
    Assumption(
        "unnamed-contacts",
        "What is the external_id of a contact that is only known anonymously?",
        {"repeat": "Its anonymous_id.", "null": "null."},
        "repeat",
        "Identify a contact by an anonymous_id alone; GET it.",
        document={"null": {f"{SCHEMAS}/Contact/properties/external_id/type": ["string", "null"]}},
    ),
    Assumption(
        "archived-reads",
        "Can an archived contact be read?",
        {"show": "Yes.", "missing": "No: 404."},
        "show",
        "Archive a contact; GET it.",
    ),
    Assumption(
        "list-order",
        "In which direction is a list of anything but contacts sorted when none is asked for?",
        {"descending": "The highest id first.", "ascending": "The lowest id first."},
        "descending",
        "GET /subscriptions of a project with two types.",
        document={"ascending": {f"{PARAMETERS}/Direction/schema/default": "asc"}},
    ),
    Assumption(
        "sort-fields",
        "By which fields can a list be sorted?",
        {"shown": "By every field that they show.", "id": "By their id alone."},
        "shown",
        "GET /subscriptions?sort=name.",
        document={
            "id": {
                pointer: value
                for name, member in SORTS.items()
                for pointer, value in (
                    (f"{PARAMETERS}/{name}/schema/enum", [member]),
                    (f"{PARAMETERS}/{name}/example", member),
                )
            }
        },
    ),
    Assumption(
        "search",
        "How does `q` search?",
        {"anywhere": "For texts that have it in them.", "start": "For texts that begin with it.", "ignore": "Not."},
        "anywhere",
        "GET /subscriptions?q= with the end of a name.",
    ),
    Assumption(
        "limit-zero",
        "What does limit=0 ask for?",
        {"default": "25 entries.", "refuse": "Nothing that there is: 400."},
        "default",
        "GET /subscriptions?limit=0.",
        document={"refuse": {f"{PARAMETERS}/Limit/schema/not": {"const": 0}}},
    ),
    Assumption(
        "unlimited-pages",
        "What does `limit` show on a page of all entries?",
        {"as-sent": "-1.", "count": "How many there are."},
        "as-sent",
        "GET /subscriptions?limit=-1.",
    ),
    Assumption(
        "bad-cursors",
        "What happens to a cursor that was not given out?",
        {"refuse": "400.", "ignore": "The list begins anew."},
        "refuse",
        "GET /subscriptions?cursor=x.",
        document={"ignore": {f"{SCHEMAS}/Cursor/pattern": ABSENT, f"{SCHEMAS}/Cursor/maxLength": ABSENT}},
    ),
    Assumption(
        "lost-cursors",
        "What follows a cursor whose entry is gone, in a list that is not sorted by id?",
        {"end": "Nothing: the page is empty.", "begin": "The list, from its beginning."},
        "end",
        "GET /subscriptions?sort=name with the cursor of a type of another project.",
    ),
    Assumption(
        "prev-without-cursor",
        "Which page is the previous one where there is no cursor?",
        {"first-page": "The first.", "last-page": "The last."},
        "first-page",
        "GET /subscriptions?page=prev&limit=1.",
    ),
    Assumption(
        "list-headers",
        "Do lists carry X-Total-Count and X-Limit?",
        {"send": "Yes.", "omit": "No."},
        "send",
        "GET /subscriptions; look at the headers.",
    ),
)
