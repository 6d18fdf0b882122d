"""Records that belong to the account, project or workspace of the caller, and the members of them that are shown."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from mockserver.engine.call import Call
from mockserver.json_text import Json
from mockserver.problem import Problem
from mockserver.state.records.collection import Found, Id
from mockserver.state.records.record import Record
from mockserver.state.world import ApiState


def public(record: Record) -> dict[str, Json]:
    """The members of the record that clients are shown: those whose names do not begin with `_`."""
    return {name: value for name, value in record.items() if name[0] != "_"}


@dataclass(frozen=True, slots=True)
class CallerRecords:
    """The records whose `member` is the id of the caller's owner.

    `missing` makes the Problem of a record that the owner does not have, from a noun and the id that was asked for.
    Another owner's record is as missing as one that never was.
    """

    member: str
    missing: Callable[[str, Id], Problem]

    def all(self, call: Call, state: ApiState, collection: str) -> Found:
        """The owner's records of this collection, oldest first."""
        return state[collection].find(self.member, call.owner_id)

    def get(self, call: Call, state: ApiState, collection: str, record_id: Id) -> Record | None:
        """The owner's record with this id; None where it has none."""
        record = state[collection].get(record_id)
        return None if record is None or record.get(self.member) != call.owner_id else record

    def one(self, call: Call, state: ApiState, collection: str, record_id: Id, noun: str) -> Record:
        """The owner's record with this id. Raises the Problem `missing` where it has none."""
        record = self.get(call, state, collection, record_id)
        if record is None:
            raise self.missing(noun, record_id)
        return record
