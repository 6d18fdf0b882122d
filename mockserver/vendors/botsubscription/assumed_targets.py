"""What the documents leave open about targets: how they are changed, and how lists are read."""

from __future__ import annotations

from mockserver.engine.api import Assumption
from mockserver.openapi.normalize.edits import ABSENT

SCHEMAS = "/components/schemas"
ENABLED = f"{SCHEMAS}/TargetChanges/properties/is_enabled"
NAME = f"{SCHEMAS}/TargetChanges/properties/target_name"
LIMIT = "/components/parameters/Limit/schema"
LIMITS = [f"/components/parameters/{name}/schema" for name in ("Limit", "UserLimit", "PlanLimit", "AdminLimit")]
OFFSET = "/components/parameters/Offset/schema"
NONE_UPDATED = {
    f"{SCHEMAS}/UpdatedTargets/properties/total/minimum": 0,
    f"{SCHEMAS}/UpdatedTargets/properties/data/minItems": 0,
}

ON_TARGETS = (
    # the update
    Assumption(
        "unknown-targets",
        "What happens to items of an update whose id no target of the project has, when others do match?",
        {"skip": "They are passed over and not counted.", "refuse": "404 NOT_FOUND, nothing is changed."},
        "skip",
        "PATCH …/targets with one known and one random UUID; look at the status, `total` and `data`.",
    ),
    Assumption(
        "nothing-matched",
        "What is answered when no item of an update names a target of the project?",
        {"not-found": "404 NOT_FOUND.", "empty": "200 with `total` 0 and no targets."},
        "not-found",
        "PATCH …/targets with a single random UUID.",
        document={"empty": NONE_UPDATED},
    ),
    Assumption(
        "duplicate-targets",
        "What happens when an update names a target more than once?",
        {
            "merge": "Later values win; it is answered and counted once, where it was first named.",
            "count-each": "Later values win; it is answered and counted for each mention.",
            "refuse": "422, nothing is changed.",
        },
        "merge",
        "PATCH …/targets with the same id twice and two names; look at `total`, `data` and the name.",
    ),
    Assumption(
        "uuid-case",
        "Does an id in capital letters name the target?",
        {"ignore": "It does: a UUID is a number.", "exact": "It is another id, which no target has."},
        "ignore",
        "GET …/targets/{target_id} with the id in capital letters.",
    ),
    Assumption(
        "empty-items",
        "Does an item with neither `is_enabled` nor `target_name` count?",
        {"count": "It is answered and counted.", "skip": "It is passed over.", "refuse": "422, nothing is changed."},
        "count",
        "PATCH …/targets with an item that has only a `target_id`.",
        document={"skip": NONE_UPDATED},
    ),
    Assumption(
        "unchanged-targets",
        "Does a target count as updated that had the values already?",
        {"count": "It is answered and counted.", "skip": "Only targets that changed are."},
        "count",
        "Send the same update twice; compare `total`.",
        document={"skip": NONE_UPDATED},
    ),
    Assumption(
        "unwritable-fields",
        "What happens to fields of an item that are read-only or unknown?",
        {"ignore": "They are ignored.", "refuse": "422, nothing is changed."},
        "ignore",
        "PATCH …/targets with an item that has a `plan_count`.",
    ),
    Assumption(
        "null-values",
        "What does null stand for in `is_enabled` and `target_name`?",
        {"refuse": "Nothing: 422.", "ignore": "As if the field were left out."},
        "refuse",
        "PATCH …/targets with `is_enabled: null`.",
        document={"ignore": {f"{ENABLED}/type": ["boolean", "null"], f"{NAME}/type": ["string", "null"]}},
    ),
    Assumption(
        "invalid-items",
        "What does one invalid item do to the others?",
        {"refuse": "422, nothing is changed.", "skip": "Only the invalid one is passed over."},
        "refuse",
        "PATCH …/targets with one good item and one whose `is_enabled` is a number; read both back.",
        document={"skip": {f"{SCHEMAS}/TargetUpdates/items": {}, **NONE_UPDATED}},
    ),
    Assumption(
        "answer-order",
        "In which order are updated targets answered?",
        {"request": "In that of the request.", "creation": "In that of the list, oldest first."},
        "request",
        "PATCH …/targets with two known ids, then with the two swapped; compare `data`.",
    ),
    Assumption(
        "disabled-guild",
        "What does disabling a guild do to its channels and roles?",
        {"leave": "Nothing.", "cascade": "They are disabled too, but not answered."},
        "leave",
        "Disable a guild that has an enabled role; read the role.",
    ),
    Assumption(
        "empty-array",
        "Is an update without items taken?",
        {"refuse": "No: 422.", "accept": "Yes: 200 with `total` 0."},
        "refuse",
        "PATCH …/targets with [].",
        document={"accept": {f"{SCHEMAS}/TargetUpdates/minItems": 0, **NONE_UPDATED}},
    ),
    Assumption(
        "long-array",
        "How many items may an update have?",
        {"refuse": "100; with more it is a 422.", "accept": "Any number."},
        "refuse",
        "PATCH …/targets with 101 items.",
        document={
            "accept": {
                f"{SCHEMAS}/TargetUpdates/maxItems": ABSENT,
                f"{SCHEMAS}/UpdatedTargets/properties/total/maximum": ABSENT,
                f"{SCHEMAS}/UpdatedTargets/properties/data/maxItems": ABSENT,
            }
        },
    ),
    Assumption(
        "name-spaces",
        "What happens to white space around a name?",
        {"trim": "It is dropped.", "keep": "It is kept."},
        "trim",
        "Rename a target to ' x '; read it back.",
    ),
    Assumption(
        "blank-names",
        "May a name be empty or nothing but white space?",
        {"refuse": "No: 422.", "accept": "Yes."},
        "refuse",
        "PATCH …/targets with an empty `target_name`.",
        document={"accept": {f"{NAME}/minLength": ABSENT, f"{NAME}/pattern": ABSENT}},
    ),
    Assumption(
        "long-names",
        "How long may a name be?",
        {"refuse": "255 characters; a longer one is a 422.", "accept": "Any length."},
        "refuse",
        "PATCH …/targets with a `target_name` of 256 characters.",
        document={"accept": {f"{NAME}/maxLength": ABSENT}},
    ),
    Assumption(
        "empty-updates",
        "What does an update of one target do that has neither `is_enabled` nor `target_name`?",
        {"accept": "Nothing, and the target is answered.", "refuse": "422."},
        "accept",
        "PATCH …/targets/{target_id} with {}.",
    ),
    Assumption(
        "deleted-guild",
        "What happens to the channels and roles of a guild that is deleted?",
        {"keep": "They stay, and `parent_target_id` is null.", "delete": "They are deleted too."},
        "keep",
        "Delete a guild that has a role; read the role.",
    ),
    # the reads
    Assumption(
        "list-order",
        "In which order are lists?",
        {
            "oldest-first": "In the order in which they were added.",
            "newest-first": "The last added first.",
            "by-name": "By name, in any case.",
        },
        "oldest-first",
        "Connect two targets whose names are in reverse order; list them.",
    ),
    Assumption(
        "page-size",
        "How many targets does a list hold when no `limit` is given?",
        {"20": "20, as for plans.", "10": "10, as for users.", "50": "50, as for admins."},
        "20",
        "GET …/targets of a project with more than 50 targets; count them.",
        document={option: {f"{LIMIT}/default": int(option)} for option in ("10", "50")},
    ),
    Assumption(
        "list-offset",
        "Does the list take an `offset`?",
        {"skip": "So many targets are left out.", "ignore": "It is ignored."},
        "skip",
        "GET …/targets?offset=1; compare the first target.",
    ),
    Assumption(
        "list-total",
        "What does `total` of a page count?",
        {"all": "All that the project has.", "page": "Those on this page."},
        "all",
        "GET …/targets?limit=1 of a project with several targets.",
    ),
    Assumption(
        "large-page",
        "What happens to a `limit` above 100?",
        {"refuse": "422.", "clamp": "The page holds 100."},
        "refuse",
        "GET …/targets?limit=101.",
        document={"clamp": {f"{limit}/maximum": ABSENT for limit in LIMITS}},
    ),
    Assumption(
        "bad-paging",
        "What happens to a `limit` below 1, an `offset` below 0, or one that is no whole number?",
        {"refuse": "422.", "default": "The default takes its place."},
        "refuse",
        "GET …/targets?limit=0 and ?offset=abc.",
        document={
            "default": {
                **{f"{limit}/type": ["integer", "string"] for limit in LIMITS},
                **{f"{limit}/minimum": ABSENT for limit in LIMITS},
                f"{OFFSET}/type": ["integer", "string"],
                f"{OFFSET}/minimum": ABSENT,
            }
        },
    ),
    Assumption(
        "malformed-target-ids",
        "What does reading a target answer whose id is no UUID?",
        {"refuse": "422.", "empty": "The empty result of a missing target."},
        "refuse",
        "GET …/targets/not-a-uuid.",
        document={"empty": {"/components/parameters/TargetId/schema/format": ABSENT}},
    ),
)
