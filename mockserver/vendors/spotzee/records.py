"""Records of a project: the members of a new one, changes, and the answer to a deletion."""

from __future__ import annotations

from collections.abc import Mapping

from mockserver.engine.call import Call
from mockserver.engine.timestamps import utc_milliseconds
from mockserver.json_text import Json
from mockserver.messages import Response
from mockserver.state.records.collection import Collection, Id
from mockserver.state.records.record import Record
from mockserver.state.world import ApiState

FIRST = {"users": 386_926, "subscriptions": 101, "keys": 401, "webhooks": 11, "events": 90_001, "queued": 2}
"""The id of the first record that a world makes of each collection."""


def revise(call: Call, collection: Collection, record_id: Id, changes: Mapping[str, Json]) -> Record:
    """Updates the record and its `updated_at`, unless nothing changes and that is so assumed."""
    record = collection[record_id]
    same = all(record.get(name) == value for name, value in changes.items())
    if same and call.assume("unchanged-records") == "keep":
        return record
    return collection.update(record_id, {**changes, "updated_at": utc_milliseconds(call.at)})


def deleted(call: Call, record: dict[str, Json]) -> Response | Json:
    """The answer to a deletion that happened at once."""
    return record if call.assume("deletion-answers") == "record" else Response(204)


def new_members(call: Call, state: ApiState, name: str) -> dict[str, Json]:
    """The members that every new record has: an id that was never given before, its project, and its dates."""
    number = FIRST[name] - 1 + state.next_number(name)
    while state[name].find("id", number):
        number = FIRST[name] - 1 + state.next_number(name)
    now = utc_milliseconds(call.at)
    return {"id": number, "project_id": call.owner_id, "created_at": now, "updated_at": now}
