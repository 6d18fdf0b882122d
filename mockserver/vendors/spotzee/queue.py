"""Calls that are answered as queued: done before the answer, or where so assumed some seconds later in world time."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from copy import copy

from mockserver.engine.call import Call
from mockserver.state.record import Record
from mockserver.state.world import Realm
from mockserver.vendors.spotzee.records import fresh
from mockserver.wire import Json

Work = Callable[[Call, Realm, Json], None]
"""What a call asks for, given what it is about."""

LATER = 5.0
"""Seconds of world time that queued work waits."""


def enqueue(call: Call, world: Realm, works: Mapping[str, Work], about: Json) -> None:
    """The one of `works` is done, or stands in the queue until it is due."""
    [(name, work)] = works.items()
    if call.assume("queued-work") == "at-once":
        work(call, world, about)
    else:
        queued = {**fresh(call, world, "queued"), "due": call.at + LATER, "work": name, "about": about}
        world["queued"].insert(queued)


def work_off(works: Mapping[str, Work]) -> Callable[[Call, Realm], None]:
    """What was due when a call came has been done before anybody looks at it, the earliest first."""

    def catch_up(call: Call, world: Realm) -> None:
        due = world["queued"].list(lambda queued: queued["due"] <= call.at)
        for queued in sorted(due, key=lambda queued: queued["due"]):
            with world.transaction():
                world["queued"].delete(queued["id"])
                owner = world["projects"].get(queued["project_id"])
                if owner is not None:
                    works[queued["work"]](as_of(call, queued, owner), world, queued["about"])

    return catch_up


def as_of(call: Call, queued: Record, owner: Record) -> Call:
    """A call at the time when the work was due, by the project that asked for it."""
    then = copy(call)
    then.at, then.owner_id, then.owner, then.used = queued["due"], queued["project_id"], owner, ()
    return then
