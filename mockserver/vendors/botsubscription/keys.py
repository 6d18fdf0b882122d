"""API keys: the secret is shown once, and a revoked key is blocked at once and for ever."""

from __future__ import annotations

from mockserver.engine.call import Call
from mockserver.engine.timestamps import utc_milliseconds
from mockserver.json_text import Json
from mockserver.state.records.record import Record
from mockserver.state.world import ApiState
from mockserver.vendors.botsubscription.envelope import missing, succeed

PREFIXES = {"bs": "bs_", "sk-live": "sk_live_"}


def list_api_keys(call: Call, state: ApiState) -> Json:
    """Every key of the project, revoked ones too, without their secrets."""
    keys = [key_view(key) for key in state["keys"].find("project_id", call.owner_id) if key["kind"] == "api_key"]
    return succeed(call, {"keys": keys}, message="API keys retrieved successfully")


def create_api_key(call: Call, state: ApiState) -> Json:
    """Creates a key; its secret is in this answer and in no other."""
    now, caller = utc_milliseconds(call.at), call.caller.get("user_id")
    key = state["keys"].insert(
        {
            "token": PREFIXES[call.assume("key-format")] + state.chance.hex(40),
            "project_id": call.owner_id,
            "kind": "api_key",
            "permissions": ["all"],
            "id": state.chance.uuid(),
            "label": call.body["label"],
            "created_at": now,
            "created_by": caller,
            "updated_at": now,
            "updated_by": caller,
            "revoked_at": None,
            "revoked_by": None,
        }
    )
    return succeed(call, {"key": key["token"], "metadata": key_view(key)}, message="API key created successfully")


def revoke_api_key(call: Call, state: ApiState) -> Json:
    """Revokes the key; revoking it again changes nothing."""
    key_id = call.path["key_id"].lower()
    key = next((key for key in state["keys"].find("project_id", call.owner_id) if key.get("id") == key_id), None)
    if key is None:
        raise missing("API key")
    if key["revoked_at"] is None:
        revoked = {"revoked_at": utc_milliseconds(call.at), "revoked_by": call.caller.get("user_id")}
        key = state["keys"].update(key["token"], revoked)
    elif call.assume("revoked-twice") == "not-found":
        raise missing("API key")
    return succeed(call, key_view(key), message="API key revoked successfully")


def key_view(key: Record) -> Json:
    """The key as clients are shown it: of its secret the last four characters."""
    return {
        "id": key["id"],
        "label": key["label"],
        "last_four": key["token"][-4:],
        "created_at": key["created_at"],
        "created_by": key["created_by"],
        "updated_at": key["updated_at"],
        "updated_by": key["updated_by"],
        "revoked_at": key["revoked_at"],
        "revoked_by": key["revoked_by"],
    }


HANDLERS = {
    "listApiKeys": list_api_keys,
    "createApiKey": create_api_key,
    "revokeApiKey": revoke_api_key,
}
