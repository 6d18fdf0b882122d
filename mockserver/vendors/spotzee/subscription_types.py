"""Subscription types: what contacts can be subscribed to."""

from __future__ import annotations

from mockserver.engine.call import Call
from mockserver.engine.owned_records import public
from mockserver.json_text import Json
from mockserver.messages import Response
from mockserver.problem import Problem
from mockserver.state.world import ApiState
from mockserver.vendors.spotzee.envelope import OWN, TAKEN
from mockserver.vendors.spotzee.pages import list_page
from mockserver.vendors.spotzee.records import new_members, revise


def list_subscription_types(call: Call, state: ApiState) -> Response:
    """One page of the project's subscription types."""
    return list_page(call, [public(kind) for kind in OWN.all(call, state, "subscriptions")], "id")


def create_subscription_type(call: Call, state: ApiState) -> Json:
    """Creates a subscription type."""
    body = call.body
    refuse_taken_name(call, state, body["name"])
    dates = new_members(call, state, "subscriptions")
    kind = {**dates, "name": body["name"], "channel": body["channel"], "is_public": body.get("is_public", False)}
    return public(state["subscriptions"].insert(kind))


def get_subscription_type(call: Call, state: ApiState) -> Json:
    """The type with this id."""
    return public(OWN.one(call, state, "subscriptions", call.path["subscriptionId"], "subscription type"))


def update_subscription_type(call: Call, state: ApiState) -> Json:
    """Updates the name and `is_public` of the type; its channel stays."""
    kind = OWN.one(call, state, "subscriptions", call.path["subscriptionId"], "subscription type")
    if "channel" in call.body:
        call.assume("patched-channels")
    if call.body["name"] != kind["name"]:
        refuse_taken_name(call, state, call.body["name"])
    changes = {name: call.body[name] for name in ("name", "is_public")}
    return public(revise(call, state["subscriptions"], kind["id"], changes))


def refuse_taken_name(call: Call, state: ApiState, name: str) -> None:
    """A Problem 409 where the project has a type of this name, and names are unique."""
    taken = any(kind["name"] == name for kind in OWN.all(call, state, "subscriptions"))
    if taken and call.assume("repeated-names") == "refuse":
        raise Problem(409, f"This project has a subscription type {name!r} already.", code=TAKEN, about="name")


HANDLERS = {
    "listSubscriptionTypes": list_subscription_types,
    "createSubscriptionType": create_subscription_type,
    "getSubscriptionType": get_subscription_type,
    "updateSubscriptionType": update_subscription_type,
}
