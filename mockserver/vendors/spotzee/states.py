"""The subscription states of one contact, one for each subscription type."""

from __future__ import annotations

from mockserver.engine.call import Call
from mockserver.json_text import Json
from mockserver.messages import Response
from mockserver.problem import NOT_FOUND, Problem
from mockserver.state.records.record import Record
from mockserver.state.world import ApiState
from mockserver.vendors.spotzee.contacts import contact_view, find_contact
from mockserver.vendors.spotzee.envelope import ARCHIVED, OWN
from mockserver.vendors.spotzee.pages import list_page
from mockserver.vendors.spotzee.toggles import FIELDS, record_number, record_state

UNSUBSCRIBED, SUBSCRIBED = 0, 1


def list_contact_subscriptions(call: Call, state: ApiState) -> Response:
    """One page of the states of a contact, one for every subscription type of the project."""
    return list_states(call, state, find_contact(call, state))


def toggle_contact_subscriptions(call: Call, state: ApiState) -> Json:
    """Sets the subscription states of one contact."""
    contact = find_contact(call, state)
    toggle_one(call, state, contact)
    return contact_view(call, state["users"][contact["id"]])


def list_states(call: Call, state: ApiState, contact: Record) -> Response:
    """One page of the states of this contact."""
    states, entries = state["states"], []
    for kind in OWN.all(call, state, "subscriptions"):
        record = states.get(f"{contact['id']}:{kind['id']}")
        chosen = untouched_state(call, kind) if record is None else record["state"]
        if chosen is not None:
            entries.append(
                {"subscription_id": kind["id"], "state": chosen, "name": kind["name"], "channel": kind["channel"]}
            )
    return list_page(call, entries, "subscription_id")


def untouched_state(call: Call, kind: Record) -> int | None:
    """The state of a type that the contact never chose anything for; None where it is not shown."""
    option = call.assume("untouched-states")
    if option == "hidden":
        return None
    return UNSUBSCRIBED if option == "public-unsubscribed" and kind["is_public"] else SUBSCRIBED


def toggle_one(call: Call, state: ApiState, contact: Record) -> None:
    """Sets the state of each type in the body; the last toggle of a type wins.

    A Problem 409 for an archived contact, 404 for a type that the project does not have; then nothing is applied.
    """
    if contact.get("_archived") and call.assume("archived-contacts") == "refuse":
        raise Problem(409, "The contact is archived.", code=ARCHIVED)
    for index, item in enumerate(call.body):
        record_number(call, item["subscription_id"])
        if item.keys() - FIELDS:
            call.assume("unknown-fields")
        number = int(item["subscription_id"])
        kind = state["subscriptions"].get(number)
        if kind is not None and kind["project_id"] == call.owner_id:
            record_state(call, state, (contact["id"], number), int(item["state"]))
        elif call.assume("unknown-types-of-one") == "missing":
            message = f"This project has no subscription type {number}."
            raise Problem(404, message, code=NOT_FOUND, about=f"{index}.subscription_id")


HANDLERS = {
    "listContactSubscriptions": list_contact_subscriptions,
    "toggleContactSubscriptions": toggle_contact_subscriptions,
}
