"""Writes of which nothing is remembered: their answers say so."""

from __future__ import annotations

from typing import Final

from mockserver.engine.api import Handler
from mockserver.engine.call import Call
from mockserver.json_text import Json
from mockserver.messages import Response
from mockserver.resources.detect.decisions import Plan, Role
from mockserver.resources.detect.names import named
from mockserver.resources.detect.operation_view import OperationView, is_parameter
from mockserver.spelling import words_of
from mockserver.state.world import ApiState

_READS: Final = frozenset({"GET", "HEAD", "OPTIONS", "QUERY", "TRACE"})
_ASKS: Final = named(
    "search query find filter list lookup count get fetch validate verify check test preview estimate calculate "
    "compute simulate compare suggest explain analyze render translate exists login signin token authenticate"
)
"""First or last words of paths at which a POST asks for something and writes nothing."""
_MAKES: Final = named("new create add")
"""Words of paths that make something, whatever else they ask."""


def is_unremembered(plan: Plan, role: Role, view: OperationView) -> bool:
    """Whether a client would take this operation's success for a write, while the API remembers other things and
    nothing of this.
    """
    if role.keeps or view.method in _READS or not plan.collections:
        return False
    return view.method != "POST" or not asks_only(view)


def asks_only(view: OperationView) -> bool:
    """Whether an operation asks for something by its name, and would write nothing."""
    spoken = words_of(view.verb)
    makes = any(not _MAKES.isdisjoint(words_of(segment)) for segment in view.segments if not is_parameter(segment))
    return bool(spoken) and not makes and (spoken[0] in _ASKS or spoken[-1] in _ASKS)


def noting(view: OperationView, handler: Handler) -> Handler:
    """The handler, whose successes note that nothing was remembered of the request."""
    text = f"{view.method} {view.operation.path} is answered from its schema; nothing was remembered"

    def answer(call: Call, state: ApiState) -> Response | Json:
        response = handler(call, state)
        if type(response) is not Response or response.status < 300:
            call.note("not-remembered", text)
        return response

    return answer
