"""Many contacts and types in one call: each toggle stands alone."""

from __future__ import annotations

from typing import NamedTuple

from mockserver.engine.call import Call
from mockserver.engine.timestamps import utc_milliseconds
from mockserver.json_text import Json
from mockserver.problem import INVALID, NOT_FOUND, Problem, Violation
from mockserver.state.record import Record
from mockserver.state.world import ApiState
from mockserver.vendors.spotzee.contacts import known
from mockserver.vendors.spotzee.envelope import ARCHIVED, CATALOGUE, CONFLICT, IDENTITIES, MISSING, NAMELESS

STATES = (0, 1, 2)
FIELDS = frozenset(("subscription_id", "state", *IDENTITIES))
LARGEST_EXACT, LONGEST_NUMBER = 2**53 - 1, 15


class Fault(NamedTuple):
    """Why one item was not applied."""

    code: str
    message: str


def batch_toggle_subscriptions(call: Call, state: ApiState) -> Json:
    """Each contact has the state asked for; a toggle that fails says why in its place and holds up no other."""
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


def outcome(call: Call, results: list[dict[str, Json]], faults: list[Fault]) -> Json:
    """What became of the items of a batch. A Problem where all of them failed and that refuses the batch."""
    if len(faults) == len(results) and faults and call.assume("all-failed") == "refuse":
        code, message = faults[0]
        if code == "validation_failed":
            raise Problem(422, message, code=INVALID, violations=(Violation("body", "/0", "format", message),))
        raise Problem(CATALOGUE[code][0], message, code=code)
    return {"results": results, "succeeded": len(results) - len(faults), "failed": len(faults)}


def echo(call: Call, item: Json) -> dict[str, Json]:
    """What an outcome repeats of its toggle: the type, and the identities that were sent, as they were sent."""
    if not isinstance(item, dict):
        return {}
    shown = {name: item[name] for name in ("subscription_id", *IDENTITIES) if name in item}
    number: Json = item.get("subscription_id")
    if type(number) is not int and is_whole(number):
        shown["subscription_id"] = int(number)
    for name in IDENTITIES:
        if name not in item and call.assume("identity-echo") == "both":
            shown[name] = None
    return shown


def toggle(call: Call, state: ApiState, index: int, touched: set[tuple[int, int]]) -> Fault | None:
    """One contact has the state asked for, or the reason why not."""
    item = call.body[index]
    if (fault := find_fault(call, item)) is not None:
        return fault
    contact = resolve(call, state, item)
    if contact is None:
        return Fault(MISSING, "Contact identity could not be resolved.")
    number = int(item["subscription_id"])
    kind = state["subscriptions"].get(number)
    if kind is None or kind["project_id"] != call.owner_id:
        return miss_type(call, index, number)
    if contact.get("_archived") and call.assume("archived-contacts") == "refuse":
        return Fault(ARCHIVED, "The contact is archived.")
    choice = contact["id"], number
    if choice in touched and call.assume("repeated-toggles") == "refuse":
        return Fault(CONFLICT, "An earlier toggle of this batch was for the same contact and type.")
    touched.add(choice)
    link(call, state, contact, item)
    record_state(call, state, choice, int(item["state"]))
    return None


def find_fault(call: Call, item: Json) -> Fault | None:
    """What is wrong with a toggle that the document lets through only where an assumption says so."""
    if call.choices["bad-items"] == "item" and (fault := find_bad_value(call, item)) is not None:
        return fault
    record_number(call, item["subscription_id"])
    if item.keys() - FIELDS:
        call.assume("unknown-fields")
    return nobody(call, item)


def record_number(call: Call, number: Json) -> None:
    """Records the assumption by which this number of a type is accepted."""
    if isinstance(number, str):
        call.assume("digit-strings")
    elif abs(number) > LARGEST_EXACT:
        call.assume("large-numbers")


def nobody(call: Call, item: Json) -> Fault | None:
    """The fault of an item that names no contact."""
    external, anonymous = map(item.get, IDENTITIES)
    if external == "" or anonymous == "":
        call.assume("empty-identities")
    if not external and not anonymous:
        call.assume("no-identity")
        return Fault("parameter_missing", NAMELESS)
    return None


def find_bad_value(call: Call, item: Json) -> Fault | None:
    """What would have refused the whole batch if it were not for one assumption."""
    if not isinstance(item, dict):
        return faulty(call, "A toggle is an object.")
    if (unknown := item.keys() - FIELDS) and call.assume("unknown-fields") == "refuse":
        return faulty(call, f"{', '.join(sorted(unknown))}: no field of a toggle.", "parameter_unknown")
    for name in ("subscription_id", "state"):
        if name not in item:
            return faulty(call, f"{name} is required.", "parameter_missing")
    number = item["subscription_id"]
    if not is_whole(number) or (isinstance(number, str) and call.assume("digit-strings") == "refuse"):
        return faulty(call, "subscription_id: expected an integer.")
    if abs(int(number)) > LARGEST_EXACT and call.assume("large-numbers") == "refuse":
        return faulty(call, f"subscription_id: {number} is too large.")
    if not is_state(item["state"]):
        return faulty(call, "state: expected 0, 1 or 2.")
    for name in IDENTITIES:
        identity = item.get(name)
        if not isinstance(identity, str | None):
            return faulty(call, f"{name}: expected text.")
        if identity == "" and call.assume("empty-identities") == "refuse":
            return faulty(call, f"{name} is empty.", "parameter_invalid_empty")
    return None


def faulty(call: Call, message: str, code: str = "parameter_invalid_format") -> Fault:
    """The fault of an item that would refuse the whole batch under the other option."""
    call.assume("bad-items")
    return Fault(code, message)


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
    unnamed = known(call, state, "anonymous_id", anonymous)
    if not external:
        return unnamed
    contact = known(call, state, "external_id", external)
    if unnamed is None:
        return contact
    if contact is None:
        return unnamed if call.assume("both-identities") == "fall-back" else None
    if contact["id"] != unnamed["id"] and call.assume("both-identities") == "must-agree":
        return None
    return contact


def link(call: Call, state: ApiState, contact: Record, item: Json) -> None:
    """A contact that was found by its external id has the anonymous id that nobody has, where that is assumed."""
    external, anonymous = map(item.get, IDENTITIES)
    if not external or not anonymous or known(call, state, "anonymous_id", anonymous):
        return
    if call.assume("new-anonymous-ids") == "link":
        state["users"].update(contact["id"], {"anonymous_id": anonymous})


def miss_type(call: Call, index: int, number: int) -> Fault:
    """The fault of a type that the project does not have; a Problem where it refuses the whole batch."""
    message = f"This project has no subscription type {number}."
    option = call.assume("unknown-types")
    if option == "missing":
        raise Problem(404, message, code=NOT_FOUND, about=f"{index}.subscription_id")
    if option == "invalid":
        violation = Violation("body", f"/{index}/subscription_id", "enum", message, str(number))
        raise Problem(422, message, code=INVALID, violations=(violation,))
    return Fault(MISSING, message)


def record_state(call: Call, state: ApiState, choice: tuple[int, int], chosen: int) -> None:
    """What a contact chose for a type is on record; where it was so already, nothing is written."""
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
