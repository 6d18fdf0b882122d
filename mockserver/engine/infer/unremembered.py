"""Writes of which nothing is remembered: their answers say so."""

from __future__ import annotations

from typing import Final

from mockserver.engine.api import Handler
from mockserver.engine.call import Call
from mockserver.engine.infer.decisions import Plan, Role
from mockserver.engine.infer.names import named, words
from mockserver.engine.infer.reading import Reading, is_parameter
from mockserver.state.world import Realm
from mockserver.wire import Json, Response

_READS: Final = frozenset({"GET", "HEAD", "OPTIONS", "QUERY", "TRACE"})
_ASKS: Final = named(
    "search query find filter list lookup count get fetch validate verify check test preview estimate calculate "
    "compute simulate compare suggest explain analyze render translate exists login signin token authenticate"
)
"""First or last words of paths at which a POST asks for something and writes nothing."""
_MAKES: Final = named("new create add")
"""Words of paths that make something, whatever else they ask."""


def is_unremembered(plan: Plan, role: Role, reading: Reading) -> bool:
    """Whether a client would take this operation's success for a write, while the API remembers other things and
    nothing of this.
    """
    if role.keeps or reading.method in _READS or not plan.collections:
        return False
    return reading.method != "POST" or not asks_only(reading)


def asks_only(reading: Reading) -> bool:
    """Whether an operation asks for something by its name, and would write nothing."""
    spoken = words(reading.verb)
    makes = any(not _MAKES.isdisjoint(words(segment)) for segment in reading.segments if not is_parameter(segment))
    return bool(spoken) and not makes and (spoken[0] in _ASKS or spoken[-1] in _ASKS)


def noting(reading: Reading, handler: Handler) -> Handler:
    """The handler, whose successes note that nothing was remembered of the request."""
    text = f"{reading.method} {reading.operation.path} is answered from its schema; nothing was remembered"

    def answer(call: Call, world: Realm) -> Response | Json:
        response = handler(call, world)
        if type(response) is not Response or response.status < 300:
            call.note("not-remembered", text)
        return response

    return answer
