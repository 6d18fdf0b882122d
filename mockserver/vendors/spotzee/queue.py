"""Queued work: done before the answer, or where so assumed some seconds later in world time."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from copy import copy

from mockserver.engine.call import Call
from mockserver.json_text import Json
from mockserver.state.records.record import Record
from mockserver.state.world import ApiState
from mockserver.vendors.spotzee.records import new_members

Work = Callable[[Call, ApiState, Json], None]
"""Work of a call: (call, state, the value that it is about)."""

LATER = 5.0
"""Seconds of world time that queued work waits."""


def enqueue(call: Call, state: ApiState, works: Mapping[str, Work], about: Json) -> None:
    """Does the one work of `works`, or queues it until it is due."""
    [(name, work)] = works.items()
    if call.assume("queued-work") == "at-once":
        work(call, state, about)
    else:
        queued = {**new_members(call, state, "queued"), "due": call.at + LATER, "work": name, "about": about}
        state["queued"].insert(queued)


def run_due_work(works: Mapping[str, Work]) -> Callable[[Call, ApiState], None]:
    """The step that does the queued work that is due before a call is handled, the earliest first."""

    def catch_up(call: Call, state: ApiState) -> None:
        due = state["queued"].list(lambda queued: queued["due"] <= call.at)
        for queued in sorted(due, key=lambda queued: queued["due"]):
            with state.transaction():
                state["queued"].delete(queued["id"])
                owner = state["projects"].get(queued["project_id"])
                if owner is not None:
                    works[queued["work"]](call_at_due_time(call, queued, owner), state, queued["about"])

    return catch_up


def call_at_due_time(call: Call, queued: Record, owner: Record) -> Call:
    """A call at the time when the work was due, by the project that asked for it."""
    then = copy(call)
    then.at, then.owner_id, then.owner, then.used = queued["due"], queued["project_id"], owner, ()
    return then
