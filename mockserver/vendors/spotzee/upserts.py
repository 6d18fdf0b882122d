"""Contacts made or changed: by a batch with an outcome for each, by a queue without, by what a device tells."""

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
from mockserver.state.record import Record
from mockserver.state.world import ApiState
from mockserver.vendors.spotzee.contacts import forget, is_unnamed, known, shown
from mockserver.vendors.spotzee.envelope import ARCHIVED, CATALOGUE, IDENTITIES, TAKEN
from mockserver.vendors.spotzee.queue import Work, enqueue
from mockserver.vendors.spotzee.records import fresh, revise
from mockserver.vendors.spotzee.toggles import Fault, nobody, outcome

is_email: Callable[[str], bool] = jsonschema_rs.validator_for({"format": "email"}, validate_formats=True).is_valid
"""The same judge that holds answers to the document."""

PHONE = re.compile(r"\+[1-9][0-9]{6,14}")
PUNCTUATION = re.compile(r"[\s().\-/]")


def upsert_contacts(call: Call, state: ApiState) -> Json:
    """Each contact is as its item says, and shown; one that cannot be says why in its place and holds up no other."""
    results, faults = [], []
    for index, item in enumerate(call.body):
        result: dict[str, Json] = {"index": index, **echo(call, item)}
        saved = upsert(call, state, item)
        if isinstance(saved, Fault):
            faults.append(saved)
            result["error"] = saved._asdict()
        else:
            result[call.assume("contact-member")] = shown(call, saved)
        results.append(result)
    return outcome(call, results, faults)


def queue_contact_upserts(call: Call, state: ApiState) -> Response:
    """Each contact will be as its item says; what cannot be is passed over in silence."""
    enqueue(call, state, WORKS, call.body)
    return Response(204)


def upsert_now(call: Call, state: ApiState, items: list[Json]) -> None:
    """Each contact is as its item says."""
    for item in items:
        upsert(call, state, item)


WORKS: Mapping[str, Work] = {"upsert": upsert_now}


def echo(call: Call, item: Json) -> dict[str, Json]:
    """The identities that an outcome repeats."""
    shown_identities = {name: item[name] for name in IDENTITIES if name in item}
    for name in IDENTITIES:
        if name not in item and call.assume("identity-echo") == "both":
            shown_identities[name] = None
    return shown_identities


def upsert(call: Call, state: ApiState, item: Json) -> Record | Fault:
    """The contact that the item names, made where there was none, with the members that the item has."""
    if (fault := nobody(call, item)) is not None:
        return fault
    contact = identify(call, state, *map(item.get, IDENTITIES))
    if isinstance(contact, Fault):
        return contact
    if contact.record.get("_archived") and call.assume("archived-contacts") == "refuse":
        return Fault(ARCHIVED, "The contact is archived.")
    if contact.is_new and is_full(call, state):
        return Fault("user_capacity_exhausted", "The organisation has no room for another active contact.")
    changes = read(call, item, contact.record)
    if isinstance(changes, Fault):
        return changes
    return save(call, state, contact, changes)


class Match(NamedTuple):
    """The contact that two identities stand for, with those that it will have; `other` held its anonymous id so far."""

    record: Record
    external_id: str
    anonymous_id: str | None
    is_new: bool = False
    other: Record | None = None


def identify(call: Call, state: ApiState, external: str | None, anonymous: str | None) -> Match | Fault:
    """Whom the identities stand for; both of them are one contact from now on."""
    named, unnamed = known(call, state, "external_id", external), known(call, state, "anonymous_id", anonymous)
    if not external:
        if unnamed is not None:
            return Match(unnamed, unnamed["external_id"], anonymous)
        same = known(call, state, "external_id", anonymous)
        return Fault(TAKEN, TAKEN_NAME) if same else Match(Record(), anonymous or "", anonymous, is_new=True)
    if unnamed is None or (named is not None and named["id"] == unnamed["id"]):
        return Match(named or Record(), external, of_two(call, named, anonymous), is_new=named is None)
    if named is None and is_unnamed(unnamed):
        return Match(unnamed, external, anonymous)
    option = call.assume("taken-anonymous-ids")
    if option == "refuse" or (option == "join" and not is_unnamed(unnamed)):
        return Fault(TAKEN, f"Another contact has the anonymous_id {anonymous!r}.")
    return Match(named or Record(), external, of_two(call, named, anonymous), is_new=named is None, other=unnamed)


def of_two(call: Call, contact: Record | None, anonymous: str | None) -> str | None:
    """The anonymous id that a contact has once it is told this one: there is room for one alone."""
    held: str | None = None if contact is None else contact.get("anonymous_id")
    if held is None or anonymous is None or held == anonymous:
        return anonymous or held
    return anonymous if call.assume("second-anonymous-ids") == "replace" else held


TAKEN_NAME = "Another contact has this anonymous_id as its external_id."


def is_full(call: Call, state: ApiState) -> bool:
    """Whether the caller's organisation has no room for another contact that is not archived."""
    owner = call.owner
    siblings = state["projects"].find("organization_id", owner["organization_id"])
    held = [contact for project in siblings for contact in state["users"].find("project_id", project["id"])]
    return sum(not contact.get("_archived") for contact in held) >= int(owner["_capacity"])


def read(call: Call, item: Json, contact: Record) -> dict[str, Json] | Fault:
    """The members that the item sets, in the form in which they are kept."""
    changes: dict[str, Json] = {name: item[name] for name in ("timezone", "locale") if name in item}
    if "email" in item:
        email = item["email"]
        if email is not None and not is_email(email):
            call.assume("bad-emails")
            return Fault("validation_failed", "email: Must be a valid email address")
        changes["email"] = email
    if "phone" in item:
        phone = item["phone"]
        number = None if phone is None else international(call, phone)
        if number is not None or phone is None:
            changes["phone"] = number
        elif call.assume("bad-phones") == "item":
            return Fault("validation_failed", "phone: Must be a valid phone number")
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
    """The contact with its identities and changes on record; what another one lost to it is gone there."""
    users, states = state["users"], state["states"]
    identities = {"external_id": contact.external_id, "anonymous_id": contact.anonymous_id}
    if contact.is_new:
        saved = users.insert({**fresh(call, state, "users"), **BLANK, **identities, **changes})
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
    forget(state, [other])
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
    """The contact that a device names has the members that it sent."""
    return said(call, demand(upsert(call, state, call.body)))


def alias_contact(call: Call, state: ApiState) -> Response | Json:
    """The two identities stand for one contact."""
    identities = {name: call.body[name] for name in IDENTITIES}
    return said(call, demand(upsert(call, state, identities)))


def said(call: Call, contact: Record) -> Response | Json:
    """What a device is told of the contact."""
    return shown(call, contact) if call.assume("sdk-answers") == "contact" else Response(204)


def demand(saved: Record | Fault) -> Record:
    """The contact; a Problem where it could not be saved."""
    if not isinstance(saved, Fault):
        return saved
    code, message = saved
    if code == "validation_failed":
        field, _, reason = message.partition(": ")
        violation = Violation("body", f"/{field}", "format", reason)
        raise Problem(422, message, code=INVALID, violations=(violation,))
    raise Problem(CATALOGUE[code][0], message, code=code)


def post_events(call: Call, state: ApiState) -> Response:
    """Each event is on record for its contact, which is as the event's `user` says; an event of nobody is dropped."""
    for event in call.body:
        contact = whose(call, state, event)
        if contact is not None:
            told = {"user_id": contact["id"], "name": event["name"], "data": event.get("data") or {}}
            state["events"].insert({**fresh(call, state, "events"), **told})
    return Response(204)


def whose(call: Call, state: ApiState, event: Json) -> Record | None:
    """The contact of an event; None where there is none, and none is made."""
    identities = {name: event[name] for name in IDENTITIES if event.get(name)}
    if "user" in event and event["user"] is not None:
        saved = upsert(call, state, {**event["user"], **identities})
        return None if isinstance(saved, Fault) else saved
    contact = known(call, state, "external_id", identities.get("external_id"))
    contact = contact or known(call, state, "anonymous_id", identities.get("anonymous_id"))
    if contact is None and call.assume("events-of-nobody") == "create":
        saved = upsert(call, state, identities)
        return None if isinstance(saved, Fault) else saved
    return contact


HANDLERS = {
    "upsertContacts": upsert_contacts,
    "queueContactUpserts": queue_contact_upserts,
    "identifyContact": identify_contact,
    "aliasContact": alias_contact,
    "postEvents": post_events,
}
