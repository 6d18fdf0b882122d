"""The project that a key opens, and its keys."""

from __future__ import annotations

from mockserver.engine.call import Call
from mockserver.engine.owned_records import public
from mockserver.engine.timestamps import utc_milliseconds
from mockserver.json_text import Json
from mockserver.messages import Response
from mockserver.problem import NOT_FOUND, Problem
from mockserver.state.records.record import Record
from mockserver.state.world import ApiState
from mockserver.vendors.spotzee.envelope import CONFLICT, OWN
from mockserver.vendors.spotzee.pages import list_page
from mockserver.vendors.spotzee.records import deleted, new_members, revise

PREFIXES = {"secret": "sk_", "public": "pk_"}


def get_project(call: Call, _state: ApiState) -> Json:
    """The project, with the role of the key that asks."""
    return {**public(call.owner), "role": call.caller["role"]}


def list_keys(call: Call, state: ApiState) -> Response:
    """One page of the project's keys, their values masked."""
    return list_page(call, [masked(key) for key in OWN.all(call, state, "keys") if not key["_revoked"]], "id")


def create_key(call: Call, state: ApiState) -> Json:
    """Creates a key, which works at once; its value is in this answer and in no other."""
    body = call.body
    scope = body.get("scope", "secret")
    key = {
        **new_members(call, state, "keys"),
        "name": body["name"],
        "description": body.get("description"),
        "scope": scope,
        "role": body.get("role", "support"),
        "value": PREFIXES[scope] + state.chance.ulid(call.at),
        "is_system_key": False,
        "_revoked": False,
    }
    return public(state["keys"].insert(key))


def get_key(call: Call, state: ApiState) -> Json:
    """The key with this id, its value masked."""
    return masked(find_key(call, state))


def update_key(call: Call, state: ApiState) -> Json:
    """Updates the members of the key that were sent; a role holds from the next request on."""
    key = find_key(call, state)
    refuse_system_key(call, key)
    changes = {name: call.body[name] for name in ("name", "description", "role") if name in call.body}
    return masked(revise(call, state["keys"], key["value"], changes))


def delete_key(call: Call, state: ApiState) -> Response | Json:
    """Revokes the key."""
    key = find_key(call, state)
    refuse_system_key(call, key)
    revoked = state["keys"].update(key["value"], {"_revoked": True, "updated_at": utc_milliseconds(call.at)})
    return deleted(call, masked(revoked))


def find_key(call: Call, state: ApiState) -> Record:
    """The key that the path names. A Problem 404 where the project has none of that id, or had it revoked."""
    for key in OWN.all(call, state, "keys"):
        if key["id"] == call.path["keyId"] and not key["_revoked"]:
            return key
    raise Problem(404, f"This project has no key {call.path['keyId']}.", code=NOT_FOUND, about="id")


def refuse_system_key(call: Call, key: Record) -> None:
    """A Problem 409 for a key that the vendor's own services use."""
    if key["is_system_key"] and call.assume("system-keys") == "refuse":
        raise Problem(409, f"The key {key['id']} is a system key, which cannot be changed.", code=CONFLICT)


def masked(key: Record) -> dict[str, Json]:
    """The key as it is shown after its first time: of its value the prefix and the last four characters."""
    value = key["value"]
    return {**public(key), "value": f"{value[:3]}...{value[-4:]}"}


HANDLERS = {
    "getProject": get_project,
    "listKeys": list_keys,
    "createKey": create_key,
    "getKey": get_key,
    "updateKey": update_key,
    "deleteKey": delete_key,
}
