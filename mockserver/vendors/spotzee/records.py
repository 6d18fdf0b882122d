"""Records of a project: which are its own, what of them is shown, how a new one is numbered."""

from __future__ import annotations

from collections.abc import Mapping

from mockserver.engine.call import Call
from mockserver.json_text import Json
from mockserver.messages import Response
from mockserver.problem import NOT_FOUND, Problem
from mockserver.state.collection import Collection, Id
from mockserver.state.record import Record
from mockserver.state.world import ApiState
from mockserver.vendors.spotzee.moments import timestamp

FIRST = {"users": 386_926, "subscriptions": 101, "keys": 401, "webhooks": 11, "events": 90_001, "queued": 2}
"""The id of the first record that a world makes of each collection."""


def own(call: Call, state: ApiState, name: str) -> list[Record]:
    """The project's records of this collection, oldest first."""
    return state[name].find("project_id", call.owner_id)


def own_one(call: Call, state: ApiState, name: str, number: int, noun: str) -> Record:
    """The project's record with this id. A Problem 404 where there is none, or another project's."""
    for record in state[name].find("id", number):
        if record["project_id"] == call.owner_id:
            return record
    raise Problem(404, f"This project has no {noun} {number}.", code=NOT_FOUND, about="id")


def revise(call: Call, collection: Collection, record_id: Id, changes: Mapping[str, Json]) -> Record:
    """The record with these members, and with the moment of the change, also where they were so already."""
    record = collection[record_id]
    same = all(record.get(name) == value for name, value in changes.items())
    if same and call.assume("unchanged-records") == "keep":
        return record
    return collection.update(record_id, {**changes, "updated_at": timestamp(call.at)})


def deleted(call: Call, record: dict[str, Json]) -> Response | Json:
    """What is answered to a deletion that happened at once."""
    return record if call.assume("deletion-answers") == "record" else Response(204)


def public(record: Record) -> dict[str, Json]:
    """The record without what is only the mock's."""
    return {name: value for name, value in record.items() if name[0] != "_"}


def fresh(call: Call, state: ApiState, name: str) -> dict[str, Json]:
    """The members that every new record has: an id that was never given before, its project, and its dates."""
    number = FIRST[name] - 1 + state.next_number(name)
    while state[name].find("id", number):
        number = FIRST[name] - 1 + state.next_number(name)
    now = timestamp(call.at)
    return {"id": number, "project_id": call.owner_id, "created_at": now, "updated_at": now}
