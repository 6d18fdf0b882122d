"""Batches of toggles: many contacts and types in one call, each toggle on its own."""

from __future__ import annotations

from typing import NamedTuple

from mockserver.engine.call import Call
from mockserver.engine.timestamps import utc_milliseconds
from mockserver.json_text import Json
from mockserver.problem import INVALID, NOT_FOUND, Problem, Violation
from mockserver.state.records.record import Record
from mockserver.state.world import ApiState
from mockserver.vendors.spotzee.contacts import contact_by
from mockserver.vendors.spotzee.envelope import ARCHIVED, CATALOGUE, CONFLICT, IDENTITIES, MISSING, NO_IDENTITY_MESSAGE

STATES = (0, 1, 2)
FIELDS = frozenset(("subscription_id", "state", *IDENTITIES))
LARGEST_EXACT, LONGEST_NUMBER = 2**53 - 1, 15


class ItemFailure(NamedTuple):
    """Why one item was not applied."""

    code: str
    message: str


def batch_toggle_subscriptions(call: Call, state: ApiState) -> Json:
    """Applies each toggle; one that fails has an error in its place and stops no other."""
    touched: set[tuple[int, int]] = set()
    results, faults = [], []
    for index, item in enumerate(call.body):
        result = {"index": index, **echo(call, item)}
        fault = toggle(call, state, index, touched)
        if fault is None:
            result["state"] = int(item["state"])
        else:
            faults.append(fault)
            if isinstance(item, dict) and is_state(item.get("state")) and call.assume("failed-states") == "show":
                result["state"] = int(item["state"])
            result["error"] = fault._asdict()
        results.append(result)
    return outcome(call, results, faults)


def outcome(call: Call, results: list[dict[str, Json]], faults: list[ItemFailure]) -> Json:
    """The answer to a batch. A Problem where all items failed and that is refused."""
    if len(faults) == len(results) and faults and call.assume("all-failed") == "refuse":
        code, message = faults[0]
        if code == "validation_failed":
            raise Problem(422, message, code=INVALID, violations=(Violation("body", "/0", "format", message),))
        raise Problem(CATALOGUE[code][0], message, code=code)
    return {"results": results, "succeeded": len(results) - len(faults), "failed": len(faults)}


def echo(call: Call, item: Json) -> dict[str, Json]:
    """The members of a toggle that its outcome repeats: the type, and the identities as they were sent."""
    if not isinstance(item, dict):
        return {}
    repeated = {name: item[name] for name in ("subscription_id", *IDENTITIES) if name in item}
    number: Json = item.get("subscription_id")
    if type(number) is not int and is_whole(number):
        repeated["subscription_id"] = int(number)
    for name in IDENTITIES:
        if name not in item and call.assume("identity-echo") == "both":
            repeated[name] = None
    return repeated


def toggle(call: Call, state: ApiState, index: int, touched: set[tuple[int, int]]) -> ItemFailure | None:
    """Applies one toggle. The fault where it cannot be applied."""
    item = call.body[index]
    if (fault := find_fault(call, item)) is not None:
        return fault
    contact = resolve(call, state, item)
    if contact is None:
        return ItemFailure(MISSING, "Contact identity could not be resolved.")
    number = int(item["subscription_id"])
    kind = state["subscriptions"].get(number)
    if kind is None or kind["project_id"] != call.owner_id:
        return unknown_type(call, index, number)
    if contact.get("_archived") and call.assume("archived-contacts") == "refuse":
        return ItemFailure(ARCHIVED, "The contact is archived.")
    choice = contact["id"], number
    if choice in touched and call.assume("repeated-toggles") == "refuse":
        return ItemFailure(CONFLICT, "An earlier toggle of this batch was for the same contact and type.")
    touched.add(choice)
    link(call, state, contact, item)
    record_state(call, state, choice, int(item["state"]))
    return None


def find_fault(call: Call, item: Json) -> ItemFailure | None:
    """The fault of a toggle that the document accepts by assumption only; None where there is none."""
    if call.choices["bad-items"] == "item" and (fault := find_bad_value(call, item)) is not None:
        return fault
    record_number(call, item["subscription_id"])
    if item.keys() - FIELDS:
        call.assume("unknown-fields")
    return missing_identity(call, item)


def record_number(call: Call, number: Json) -> None:
    """Records the assumption by which this number of a type is accepted."""
    if isinstance(number, str):
        call.assume("digit-strings")
    elif abs(number) > LARGEST_EXACT:
        call.assume("large-numbers")


def missing_identity(call: Call, item: Json) -> ItemFailure | None:
    """The fault of an item that names no contact."""
    external, anonymous = map(item.get, IDENTITIES)
    if external == "" or anonymous == "":
        call.assume("empty-identities")
    if not external and not anonymous:
        call.assume("no-identity")
        return ItemFailure("parameter_missing", NO_IDENTITY_MESSAGE)
    return None


def find_bad_value(call: Call, item: Json) -> ItemFailure | None:
    """The fault of a toggle that would refuse the whole batch under `bad-items=refuse`."""
    if not isinstance(item, dict):
        return bad_item(call, "A toggle is an object.")
    if (unknown := item.keys() - FIELDS) and call.assume("unknown-fields") == "refuse":
        return bad_item(call, f"{', '.join(sorted(unknown))}: no field of a toggle.", "parameter_unknown")
    for name in ("subscription_id", "state"):
        if name not in item:
            return bad_item(call, f"{name} is required.", "parameter_missing")
    number = item["subscription_id"]
    if not is_whole(number) or (isinstance(number, str) and call.assume("digit-strings") == "refuse"):
        return bad_item(call, "subscription_id: expected an integer.")
    if abs(int(number)) > LARGEST_EXACT and call.assume("large-numbers") == "refuse":
        return bad_item(call, f"subscription_id: {number} is too large.")
    if not is_state(item["state"]):
        return bad_item(call, "state: expected 0, 1 or 2.")
    for name in IDENTITIES:
        identity = item.get(name)
        if not isinstance(identity, str | None):
            return bad_item(call, f"{name}: expected text.")
        if identity == "" and call.assume("empty-identities") == "refuse":
            return bad_item(call, f"{name} is empty.", "parameter_invalid_empty")
    return None


def bad_item(call: Call, message: str, code: str = "parameter_invalid_format") -> ItemFailure:
    """The fault of an item that would refuse the whole batch under the other option."""
    call.assume("bad-items")
    return ItemFailure(code, message)


def is_whole(value: Json) -> bool:
    """Whether this is an integer: 7, 7.0, and the digits of one."""
    if isinstance(value, str):
        return value.isascii() and value.isdecimal() and len(value) <= LONGEST_NUMBER
    return isinstance(value, int | float) and not isinstance(value, bool) and value == int(value)


def is_state(value: Json) -> bool:
    """Whether this is 0, 1 or 2."""
    return not isinstance(value, bool | str) and value in STATES


def resolve(call: Call, state: ApiState, item: Json) -> Record | None:
    """The contact that a toggle names: the external id decides where both are given."""
    external, anonymous = map(item.get, IDENTITIES)
    unnamed = contact_by(call, state, "anonymous_id", anonymous)
    if not external:
        return unnamed
    contact = contact_by(call, state, "external_id", external)
    if unnamed is None:
        return contact
    if contact is None:
        return unnamed if call.assume("both-identities") == "fall-back" else None
    if contact["id"] != unnamed["id"] and call.assume("both-identities") == "must-agree":
        return None
    return contact


def link(call: Call, state: ApiState, contact: Record, item: Json) -> None:
    """Gives a contact found by its external id the new anonymous id of the item, where so assumed."""
    external, anonymous = map(item.get, IDENTITIES)
    if not external or not anonymous or contact_by(call, state, "anonymous_id", anonymous):
        return
    if call.assume("new-anonymous-ids") == "link":
        state["users"].update(contact["id"], {"anonymous_id": anonymous})


def unknown_type(call: Call, index: int, number: int) -> ItemFailure:
    """The fault of a type that the project does not have; a Problem where it refuses the whole batch."""
    message = f"This project has no subscription type {number}."
    option = call.assume("unknown-types")
    if option == "missing":
        raise Problem(404, message, code=NOT_FOUND, about=f"{index}.subscription_id")
    if option == "invalid":
        violation = Violation("body", f"/{index}/subscription_id", "enum", message, str(number))
        raise Problem(422, message, code=INVALID, violations=(violation,))
    return ItemFailure(MISSING, message)


def record_state(call: Call, state: ApiState, choice: tuple[int, int], chosen: int) -> None:
    """Stores the state of a contact for a type; nothing is written where it was so already."""
    contact_id, number = choice
    states, slot, now = state["states"], f"{contact_id}:{number}", utc_milliseconds(call.at)
    record = states.get(slot)
    if record is None:
        ids = {"_id": slot, "user_id": contact_id, "subscription_id": number}
        states.insert({**ids, "state": chosen, "updated_at": now})
    elif record["state"] == chosen:
        return
    else:
        states.update(slot, {"state": chosen, "updated_at": now})
    if call.assume("contact-updated-at") == "now":
        state["users"].update(contact_id, {"updated_at": now})


HANDLERS = {"batchToggleSubscriptions": batch_toggle_subscriptions}
