"""What no page says of toggles."""

from __future__ import annotations

from mockserver.engine.api import Assumption
from mockserver.openapi.normalize.edits import ABSENT
from mockserver.vendors.spotzee.catalogue import IDENTITIES
from mockserver.vendors.spotzee.ledger.places import BATCH, SCHEMAS

ITEM = f"{SCHEMAS}/BatchToggleItem"
NUMBER = f"{SCHEMAS}/SubscriptionNumber"
RESULT = f"{SCHEMAS}/BatchToggleResult"
NAMING = ("BatchToggleItem", "UpsertItem", "Identification")
"""The items that name a contact by one of two identities."""

TOGGLES = (
    Assumption(
        "all-failed",
        "What is answered when no toggle of a batch could be applied?",
        {"accept": "200 with every outcome.", "refuse": "The error of the first, with the status of its code."},
        "accept",
        f"{BATCH} with one unknown external_id.",
    ),
    Assumption(
        "unknown-types",
        "What happens to a toggle whose subscription type the project does not have?",
        {
            "item": "Its outcome is resource_missing.",
            "missing": "The whole batch is a 404.",
            "invalid": "The whole batch is a 422 that names the field.",
        },
        "item",
        f"{BATCH} with a good toggle and one of subscription_id 999999; read the first back.",
    ),
    Assumption(
        "no-identity",
        "What happens to an item that has neither external_id nor anonymous_id?",
        {"refuse": "The whole batch is refused.", "item": "Its outcome is parameter_missing."},
        "refuse",
        f"{BATCH} with a good toggle and one without identities.",
        document={"item": {f"{SCHEMAS}/{item}/anyOf": ABSENT for item in (*NAMING, "Event")}},
    ),
    Assumption(
        "empty-identities",
        "What is an identity that is an empty text?",
        {"absent": "The same as null: it is passed over.", "refuse": "A field that cannot be used."},
        "absent",
        f'{BATCH} with external_id "" and a known anonymous_id.',
        document={
            "refuse": {f"{SCHEMAS}/{item}/properties/{name}/minLength": 1 for item in NAMING for name in IDENTITIES}
        },
    ),
    Assumption(
        "both-identities",
        "Which contact is meant when both identities are given and do not name the same one?",
        {
            "external": "That of the external_id, or none.",
            "fall-back": "That of the external_id, else that of the anonymous_id.",
            "must-agree": "None.",
        },
        "external",
        f"{BATCH} with an unknown external_id and a known anonymous_id, then with those of two contacts.",
    ),
    Assumption(
        "new-anonymous-ids",
        "What happens to an anonymous_id that no contact has, beside a known external_id?",
        {"ignore": "Nothing.", "link": "The contact has it from now on."},
        "ignore",
        f"{BATCH} with a known external_id and a new anonymous_id; GET the contact.",
    ),
    Assumption(
        "bad-items",
        "What does a toggle with a missing or impossible value do to the others?",
        {"refuse": "The whole batch is refused.", "item": "Nothing: it fails alone."},
        "refuse",
        f"{BATCH} with a good toggle and one of state 3; read the first back.",
        document={
            "item": {
                f"{SCHEMAS}/BatchToggleRequest/items": {},
                f"{RESULT}/required": ["index"],
                **{f"{RESULT}/properties/{name}": {} for name in ("subscription_id", *IDENTITIES)},
            }
        },
    ),
    Assumption(
        "field-errors",
        "Which status has JSON whose fields are missing or impossible?",
        {"unprocessable": "422 validation_failed with every field.", "bad-request": "400 with the first of them."},
        "unprocessable",
        f"{BATCH} with state 3.",
    ),
    Assumption(
        "digit-strings",
        "Are the digits of a number a subscription_id?",
        {"refuse": "No.", "accept": "Yes."},
        "refuse",
        f'{BATCH} with subscription_id "7".',
        document={"accept": {f"{NUMBER}/type": ["integer", "string"], f"{NUMBER}/pattern": "^[0-9]{1,15}$"}},
    ),
    Assumption(
        "large-numbers",
        "What is a subscription_id beyond 9007199254740991?",
        {"refuse": "A number that cannot be used.", "look-up": "That of a type that is not there."},
        "refuse",
        f"{BATCH} with subscription_id 9007199254740992.",
        document={"look-up": {f"{NUMBER}/minimum": ABSENT, f"{NUMBER}/maximum": ABSENT}},
    ),
    Assumption(
        "unknown-fields",
        "What happens to a field of a toggle that nobody documents?",
        {"ignore": "It is ignored.", "refuse": "It is refused as parameter_unknown."},
        "ignore",
        f"{BATCH} with a toggle that has a field `note`.",
        document={"refuse": {f"{ITEM}/additionalProperties": False, f"{SCHEMAS}/Toggle/additionalProperties": False}},
    ),
    Assumption(
        "repeated-toggles",
        "What happens to a second toggle of the same contact and type in one batch?",
        {"apply": "The last one wins, all succeed.", "refuse": "It fails with state_conflict."},
        "apply",
        f"{BATCH} with the same contact and type twice, states 1 and 2.",
    ),
    Assumption(
        "archived-contacts",
        "Can an archived contact be toggled or changed?",
        {"refuse": "No: archived_user_conflict.", "accept": "Yes."},
        "refuse",
        f"{BATCH} with the external_id of an archived contact.",
    ),
    Assumption(
        "failed-states",
        "Does the outcome of a toggle that failed show a state?",
        {"hide": "No, only the error.", "show": "Yes, the one asked for."},
        "hide",
        f"{BATCH} with an unknown external_id; look at its outcome.",
        document={"show": {f"{RESULT}/oneOf": ABSENT}},
    ),
    Assumption(
        "identity-echo",
        "Which identities does an outcome repeat?",
        {"sent": "Those that were sent.", "both": "Both; null for one that was not sent."},
        "sent",
        f"{BATCH} with an external_id alone; look at its outcome.",
    ),
    Assumption(
        "contact-updated-at",
        "Is a contact updated whose state was set?",
        {"kept": "No: its updated_at stays.", "now": "Yes: its updated_at moves."},
        "kept",
        f"{BATCH} with a state that changes; GET the contact.",
    ),
    Assumption(
        "unknown-types-of-one",
        "What happens to a toggle of one contact whose subscription type the project does not have?",
        {"missing": "The request is a 404, and nothing is applied.", "skip": "It is passed over."},
        "missing",
        "PATCH /users/{userId}/subscriptions with a good toggle and one of subscription_id 999999.",
    ),
)
