"""A contact's own side: a token from the project's server, and what a browser may do with it."""

from __future__ import annotations

from mockserver.engine.call import Call
from mockserver.state.world import Realm
from mockserver.vendors.spotzee.contacts import find_contact, shown
from mockserver.vendors.spotzee.states import list_states, toggle_one
from mockserver.vendors.spotzee.tokens import bearer, mint
from mockserver.wire import Json, Response


def create_contact_session(call: Call, world: Realm) -> Json:
    """A token that opens this contact for fifteen minutes."""
    return mint(call, find_contact(call, world))


def get_my_contact(call: Call, world: Realm) -> Json:
    """The contact whose token was sent."""
    return shown(call, bearer(call, world))


def toggle_my_subscriptions(call: Call, world: Realm) -> Response:
    """The contact whose token was sent has the states asked for; the answer lists all of its states."""
    contact = bearer(call, world)
    toggle_one(call, world, contact)
    return list_states(call, world, contact)


HANDLERS = {
    "createContactSession": create_contact_session,
    "getMyContact": get_my_contact,
    "toggleMySubscriptions": toggle_my_subscriptions,
}
