"""Calls that are answered as queued: done before the answer, or where so assumed some seconds later in world time."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from copy import copy

from mockserver.engine.call import Call
from mockserver.json_text import Json
from mockserver.state.record import Record
from mockserver.state.world import ApiState
from mockserver.vendors.spotzee.records import fresh

Work = Callable[[Call, ApiState, Json], None]
"""What a call asks for, given what it is about."""

LATER = 5.0
"""Seconds of world time that queued work waits."""


def enqueue(call: Call, state: ApiState, works: Mapping[str, Work], about: Json) -> None:
    """The one of `works` is done, or stands in the queue until it is due."""
    [(name, work)] = works.items()
    if call.assume("queued-work") == "at-once":
        work(call, state, about)
    else:
        queued = {**fresh(call, state, "queued"), "due": call.at + LATER, "work": name, "about": about}
        state["queued"].insert(queued)


def work_off(works: Mapping[str, Work]) -> Callable[[Call, ApiState], None]:
    """What was due when a call came has been done before anybody looks at it, the earliest first."""

    def catch_up(call: Call, state: ApiState) -> None:
        due = state["queued"].list(lambda queued: queued["due"] <= call.at)
        for queued in sorted(due, key=lambda queued: queued["due"]):
            with state.transaction():
                state["queued"].delete(queued["id"])
                owner = state["projects"].get(queued["project_id"])
                if owner is not None:
                    works[queued["work"]](as_of(call, queued, owner), state, queued["about"])

    return catch_up


def as_of(call: Call, queued: Record, owner: Record) -> Call:
    """A call at the time when the work was due, by the project that asked for it."""
    then = copy(call)
    then.at, then.owner_id, then.owner, then.used = queued["due"], queued["project_id"], owner, ()
    return then
