"""Creation and changes of contacts: in a batch, from the queue, and by devices."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from typing import NamedTuple

import jsonschema_rs

from mockserver.engine.call import Call
from mockserver.engine.timestamps import utc_milliseconds
from mockserver.json_text import Json
from mockserver.messages import Response
from mockserver.problem import INVALID, Problem, Violation
from mockserver.state.records.record import Record
from mockserver.state.world import ApiState
from mockserver.vendors.spotzee.contacts import contact_by, contact_view, delete_with_choices, is_unnamed
from mockserver.vendors.spotzee.envelope import ARCHIVED, CATALOGUE, IDENTITIES, TAKEN
from mockserver.vendors.spotzee.queue import Work, enqueue
from mockserver.vendors.spotzee.records import new_members, revise
from mockserver.vendors.spotzee.toggles import ItemFailure, missing_identity, outcome

is_email: Callable[[str], bool] = jsonschema_rs.validator_for({"format": "email"}, validate_formats=True).is_valid
"""The validator that also checks answers."""

PHONE = re.compile(r"\+[1-9][0-9]{6,14}")
PUNCTUATION = re.compile(r"[\s().\-/]")


def upsert_contacts(call: Call, state: ApiState) -> Json:
    """Creates or updates the contact of each item; an item that fails has an error in its place and stops no other."""
    results, faults = [], []
    for index, item in enumerate(call.body):
        result: dict[str, Json] = {"index": index, **echo(call, item)}
        saved = upsert(call, state, item)
        if isinstance(saved, ItemFailure):
            faults.append(saved)
            result["error"] = saved._asdict()
        else:
            result[call.assume("contact-member")] = contact_view(call, saved)
        results.append(result)
    return outcome(call, results, faults)


def queue_contact_upserts(call: Call, state: ApiState) -> Response:
    """Queues the items; those that cannot be saved are skipped."""
    enqueue(call, state, WORKS, call.body)
    return Response(204)


def upsert_now(call: Call, state: ApiState, items: list[Json]) -> None:
    """Saves the contact of each item."""
    for item in items:
        upsert(call, state, item)


WORKS: Mapping[str, Work] = {"upsert": upsert_now}


def echo(call: Call, item: Json) -> dict[str, Json]:
    """The identities that an outcome repeats."""
    identities = {name: item[name] for name in IDENTITIES if name in item}
    for name in IDENTITIES:
        if name not in item and call.assume("identity-echo") == "both":
            identities[name] = None
    return identities


def upsert(call: Call, state: ApiState, item: Json) -> Record | ItemFailure:
    """Saves the contact that the item names, a new one where there is none. An ItemFailure where it cannot be saved."""
    if (fault := missing_identity(call, item)) is not None:
        return fault
    contact = identify(call, state, *map(item.get, IDENTITIES))
    if isinstance(contact, ItemFailure):
        return contact
    if contact.record.get("_archived") and call.assume("archived-contacts") == "refuse":
        return ItemFailure(ARCHIVED, "The contact is archived.")
    if contact.is_new and is_full(call, state):
        return ItemFailure("user_capacity_exhausted", "The organisation has no room for another active contact.")
    changes = read(call, item, contact.record)
    if isinstance(changes, ItemFailure):
        return changes
    return save(call, state, contact, changes)


class Match(NamedTuple):
    """The contact that two identities stand for, with those that it will have; `other` held its anonymous id so far."""

    record: Record
    external_id: str
    anonymous_id: str | None
    is_new: bool = False
    other: Record | None = None


def identify(call: Call, state: ApiState, external: str | None, anonymous: str | None) -> Match | ItemFailure:
    """The contact that the identities stand for; both belong to one contact from now on."""
    named = contact_by(call, state, "external_id", external)
    unnamed = contact_by(call, state, "anonymous_id", anonymous)
    if not external:
        if unnamed is not None:
            return Match(unnamed, unnamed["external_id"], anonymous)
        same = contact_by(call, state, "external_id", anonymous)
        return (
            ItemFailure(TAKEN, TAKEN_NAME_MESSAGE) if same else Match(Record(), anonymous or "", anonymous, is_new=True)
        )
    if unnamed is None or (named is not None and named["id"] == unnamed["id"]):
        return Match(named or Record(), external, resolve_anonymous_id(call, named, anonymous), is_new=named is None)
    if named is None and is_unnamed(unnamed):
        return Match(unnamed, external, anonymous)
    option = call.assume("taken-anonymous-ids")
    if option == "refuse" or (option == "join" and not is_unnamed(unnamed)):
        return ItemFailure(TAKEN, f"Another contact has the anonymous_id {anonymous!r}.")
    anonymous_id = resolve_anonymous_id(call, named, anonymous)
    return Match(named or Record(), external, anonymous_id, is_new=named is None, other=unnamed)


def resolve_anonymous_id(call: Call, contact: Record | None, anonymous: str | None) -> str | None:
    """The anonymous id of a contact that is given another one: it can have one alone."""
    held: str | None = None if contact is None else contact.get("anonymous_id")
    if held is None or anonymous is None or held == anonymous:
        return anonymous or held
    return anonymous if call.assume("second-anonymous-ids") == "replace" else held


TAKEN_NAME_MESSAGE = "Another contact has this anonymous_id as its external_id."


def is_full(call: Call, state: ApiState) -> bool:
    """Whether the caller's organisation has no room for another contact that is not archived."""
    owner = call.owner
    siblings = state["projects"].find("organization_id", owner["organization_id"])
    held = [contact for project in siblings for contact in state["users"].find("project_id", project["id"])]
    return sum(not contact.get("_archived") for contact in held) >= int(owner["_capacity"])


def read(call: Call, item: Json, contact: Record) -> dict[str, Json] | ItemFailure:
    """The members that the item sets, in the form in which they are stored."""
    changes: dict[str, Json] = {name: item[name] for name in ("timezone", "locale") if name in item}
    if "email" in item:
        email = item["email"]
        if email is not None and not is_email(email):
            call.assume("bad-emails")
            return ItemFailure("validation_failed", "email: Must be a valid email address")
        changes["email"] = email
    if "phone" in item:
        phone = item["phone"]
        number = None if phone is None else international(call, phone)
        if number is not None or phone is None:
            changes["phone"] = number
        elif call.assume("bad-phones") == "item":
            return ItemFailure("validation_failed", "phone: Must be a valid phone number")
    if "data" in item:
        changes["data"] = merge(call, contact.get("data", {}), item["data"])
    return changes


def international(call: Call, phone: str) -> str | None:
    """The number in the form of E.164; one without a country is the project's. None for what is no number."""
    digits = PUNCTUATION.sub("", phone)
    if digits.startswith("00"):
        digits = f"+{digits[2:]}"
    elif digits.startswith("0") and call.assume("national-numbers") == "complete":
        digits = f"+{call.owner['_calling_code']}{digits[1:]}"
    return digits if PHONE.fullmatch(digits) else None


def merge(call: Call, kept: Json, given: Json) -> Json:
    """A contact's own attributes after these were given; null takes away."""
    if given is None:
        return {}
    merged = given if kept and call.assume("merged-data") == "replace" else {**kept, **given}
    return {name: value for name, value in merged.items() if value is not None}


def save(call: Call, state: ApiState, contact: Match, changes: dict[str, Json]) -> Record:
    """Stores the contact with its changes; the other one loses the anonymous id, or is merged into this one."""
    users, states = state["users"], state["states"]
    identities = {"external_id": contact.external_id, "anonymous_id": contact.anonymous_id}
    if contact.is_new:
        saved = users.insert({**new_members(call, state, "users"), **BLANK, **identities, **changes})
    else:
        saved = revise(call, users, contact.record["id"], {**identities, **changes})
    other = contact.other
    if other is None:
        return saved
    if not is_unnamed(other):
        users.update(other["id"], {"anonymous_id": None, "updated_at": utc_milliseconds(call.at)})
        return saved
    for chosen in states.find("user_id", other["id"]):
        slot = f"{saved['id']}:{chosen['subscription_id']}"
        if slot not in states:
            states.insert({**chosen, "_id": slot, "user_id": saved["id"]})
    delete_with_choices(state, [other])
    return saved


BLANK: dict[str, Json] = {
    "email": None,
    "phone": None,
    "timezone": None,
    "locale": None,
    "data": {},
    "has_push_device": False,
}


def identify_contact(call: Call, state: ApiState) -> Response | Json:
    """Saves the contact that a device names."""
    return device_answer(call, require_saved(upsert(call, state, call.body)))


def alias_contact(call: Call, state: ApiState) -> Response | Json:
    """Makes the two identities stand for one contact."""
    identities = {name: call.body[name] for name in IDENTITIES}
    return device_answer(call, require_saved(upsert(call, state, identities)))


def device_answer(call: Call, contact: Record) -> Response | Json:
    """The answer to a device: the contact, or 204."""
    return contact_view(call, contact) if call.assume("sdk-answers") == "contact" else Response(204)


def require_saved(saved: Record | ItemFailure) -> Record:
    """The contact; a Problem where it could not be saved."""
    if not isinstance(saved, ItemFailure):
        return saved
    code, message = saved
    if code == "validation_failed":
        field, _, reason = message.partition(": ")
        violation = Violation("body", f"/{field}", "format", reason)
        raise Problem(422, message, code=INVALID, violations=(violation,))
    raise Problem(CATALOGUE[code][0], message, code=code)


def post_events(call: Call, state: ApiState) -> Response:
    """Stores each event and saves the contact in its `user`; an event without a contact is dropped."""
    for event in call.body:
        contact = contact_of_event(call, state, event)
        if contact is not None:
            members = {"user_id": contact["id"], "name": event["name"], "data": event.get("data") or {}}
            state["events"].insert({**new_members(call, state, "events"), **members})
    return Response(204)


def contact_of_event(call: Call, state: ApiState, event: Json) -> Record | None:
    """The contact of an event; None where there is none, and none is made."""
    identities = {name: event[name] for name in IDENTITIES if event.get(name)}
    if "user" in event and event["user"] is not None:
        saved = upsert(call, state, {**event["user"], **identities})
        return None if isinstance(saved, ItemFailure) else saved
    contact = contact_by(call, state, "external_id", identities.get("external_id"))
    contact = contact or contact_by(call, state, "anonymous_id", identities.get("anonymous_id"))
    if contact is None and call.assume("events-of-nobody") == "create":
        saved = upsert(call, state, identities)
        return None if isinstance(saved, ItemFailure) else saved
    return contact


HANDLERS = {
    "upsertContacts": upsert_contacts,
    "queueContactUpserts": queue_contact_upserts,
    "identifyContact": identify_contact,
    "aliasContact": alias_contact,
    "postEvents": post_events,
}
