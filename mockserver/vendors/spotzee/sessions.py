"""Session tokens of a contact, and the operations that they open to a browser."""

from __future__ import annotations

from mockserver.engine.call import Call
from mockserver.json_text import Json
from mockserver.messages import Response
from mockserver.state.world import ApiState
from mockserver.vendors.spotzee.contacts import contact_view, find_contact
from mockserver.vendors.spotzee.states import list_states, toggle_one
from mockserver.vendors.spotzee.tokens import contact_of_token, mint


def create_contact_session(call: Call, state: ApiState) -> Json:
    """A token that opens this contact for fifteen minutes."""
    return mint(call, find_contact(call, state))


def get_my_contact(call: Call, state: ApiState) -> Json:
    """The contact whose token was sent."""
    return contact_view(call, contact_of_token(call, state))


def toggle_my_subscriptions(call: Call, state: ApiState) -> Response:
    """Sets the states of the contact whose token was sent; the answer lists all of its states."""
    contact = contact_of_token(call, state)
    toggle_one(call, state, contact)
    return list_states(call, state, contact)


HANDLERS = {
    "createContactSession": create_contact_session,
    "getMyContact": get_my_contact,
    "toggleMySubscriptions": toggle_my_subscriptions,
}
