"""What no page says of contacts, subscription types and webhooks."""

from __future__ import annotations

from mockserver.engine.api import Assumption
from mockserver.vendors.spotzee.ledger.places import SCHEMAS, place, shown

UPSERTS = "POST /users/batch"
RESULT = f"{SCHEMAS}/UpsertResult"
SHOWN = {"$ref": "#/components/responses/Contact"}

CONTACTS = (
    Assumption(
        "contact-member",
        "What is the saved record called in the outcome of an upsert?",
        {"contact": "contact.", "user": "user."},
        "contact",
        f"{UPSERTS} with one contact; look at its outcome.",
        document={
            "user": {
                f"{RESULT}/properties/user": {"$ref": f"#{SCHEMAS}/Contact"},
                f"{RESULT}/oneOf": [{"required": ["user"]}, {"required": ["error"]}],
            }
        },
    ),
    Assumption(
        "bad-emails",
        "What does an e-mail address that cannot be one do to the other items?",
        {"item": "Nothing: its item fails alone.", "refuse": "The whole batch is refused."},
        "item",
        f"{UPSERTS} with a good item and one with the email `nobody`.",
        document={"refuse": {f"{SCHEMAS}/UpsertItem/properties/email/format": "email"}},
    ),
    Assumption(
        "bad-phones",
        "What happens to an item whose phone number cannot be brought to E.164?",
        {"item": "It fails with validation_failed.", "drop": "The number is passed over."},
        "item",
        f"{UPSERTS} with the phone `12`.",
    ),
    Assumption(
        "national-numbers",
        "What is a phone number that begins with a single zero?",
        {"complete": "A number of the project's own country.", "refuse": "No number."},
        "complete",
        f"{UPSERTS} with the phone `0400 123 456`.",
    ),
    Assumption(
        "merged-data",
        "What happens to attributes that an upsert does not name?",
        {"merge": "They stay.", "replace": "They are gone."},
        "merge",
        f"{UPSERTS} with data that has one attribute; GET the contact.",
    ),
    Assumption(
        "taken-anonymous-ids",
        "What happens to an upsert whose anonymous_id is another contact's than its external_id?",
        {
            "join": "A contact without an external id of its own is taken in; any other: resource_already_exists.",
            "move": "The anonymous id moves; a contact that has nothing else is taken in.",
            "refuse": "resource_already_exists.",
        },
        "join",
        f"{UPSERTS} with the external_id of one contact and the anonymous_id of another.",
    ),
    Assumption(
        "second-anonymous-ids",
        "What becomes of a contact's anonymous_id when an upsert, identify or alias names another one for it?",
        {"replace": "The new one takes its place, and the old one is nobody's.", "keep": "It stays."},
        "replace",
        "POST /alias with the external_id of a contact that has an anonymous_id, and another anonymous_id; GET it.",
    ),
    Assumption(
        "unknown-deletions",
        "What happens to external ids in a deletion of many that no contact has?",
        {"ignore": "They are passed over.", "missing": "Nothing is deleted: 404."},
        "ignore",
        "DELETE /users?user_id= with a known and an unknown external_id.",
    ),
    Assumption(
        "queued-work",
        "When is that done which is answered as queued: PATCH /users, and the deletion of contacts?",
        {"at-once": "Before the answer.", "later": "Five seconds of world time after it."},
        "at-once",
        "PATCH /users with a new external_id; GET the contact at once, and again until it is there.",
    ),
    Assumption(
        "archived-deletions",
        "Can an archived contact be deleted?",
        {"accept": "Yes.", "refuse": "No, and in a deletion of many none is: archived_user_conflict."},
        "accept",
        "Archive a contact; DELETE /users/{userId}.",
    ),
    Assumption(
        "deletion-answers",
        "What is answered to the deletion of a key or a webhook endpoint?",
        {"empty": "204, as to that of a contact.", "record": "200 with what was deleted."},
        "empty",
        "DELETE /keys/{keyId}.",
        document={
            "record": {
                f"{place('/keys/{keyId} delete')}/responses/200": shown("Key"),
                f"{place('/webhooks/{endpointId} delete')}/responses/200": shown("Webhook"),
            }
        },
    ),
    Assumption(
        "unchanged-records",
        "Does updated_at move when a change leaves a contact, a type, a key or an endpoint as it was?",
        {"touch": "It does.", "keep": "It stays."},
        "touch",
        f"{UPSERTS} with the email that the contact has; look at updated_at.",
    ),
    Assumption(
        "classified-attributes",
        "To whom are attributes shown that the project classified?",
        {"by-role": "To keys of the role set for them in the app, and of higher ones.", "show": "To every key."},
        "by-role",
        "GET a contact that has such an attribute with a key of each role.",
    ),
    Assumption(
        "sdk-answers",
        "What is answered to identify and alias?",
        {"empty": "204.", "contact": "200 with the contact."},
        "empty",
        "POST /identify with an external_id.",
        document={"contact": {f"{place(f'/{name} post')}/responses/200": SHOWN for name in ("identify", "alias")}},
    ),
    Assumption(
        "events-of-nobody",
        "What happens to an event of an unknown contact that has no user block?",
        {"drop": "It is dropped.", "create": "The contact is made."},
        "drop",
        "POST /events with a new external_id; GET the contact.",
    ),
    Assumption(
        "repeated-names",
        "Can two subscription types have the same name?",
        {"accept": "Yes.", "refuse": "No: 409 resource_already_exists."},
        "accept",
        "POST /subscriptions twice with the same name.",
    ),
    Assumption(
        "patched-channels",
        "What happens to a channel in the change of a subscription type?",
        {"ignore": "It is ignored.", "refuse": "It is a field that cannot be used."},
        "ignore",
        "PATCH /subscriptions/{subscriptionId} with a channel.",
        document={"refuse": {f"{SCHEMAS}/SubscriptionTypeChange/properties/channel": {"not": {}}}},
    ),
    Assumption(
        "webhook-address",
        "May a webhook endpoint be an http address of this machine?",
        {"loopback": "Yes, so that a test can receive.", "https": "No: only https is taken."},
        "loopback",
        "POST /webhooks with the url `http://localhost:9000/hook`.",
        document={"https": {f"{SCHEMAS}/WebhookAddress/not": {"pattern": "^http:"}}},
    ),
    Assumption(
        "webhook-signature",
        "How is a webhook signed?",
        {
            "live": "X-Spotzee-Signature over the body, tried once.",
            "announced": "Spotzee-Signature over the moment and the body, retried for a day.",
        },
        "live",
        "Send a test from the app; look at its headers.",
    ),
    Assumption(
        "test-sends",
        "Is there an operation for the test that the app sends to a webhook endpoint?",
        {"offer": "Yes: POST /webhooks/{endpointId}/test.", "missing": "No: 404."},
        "offer",
        "POST /webhooks/{endpointId}/test.",
    ),
)
