"""The steps of one operation: named callables before and after its handler, in one list."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Final, NamedTuple

from mockserver.engine.call import Call
from mockserver.json_text import Json
from mockserver.messages import Response
from mockserver.state.world import ApiState

Before = Callable[[Call, ApiState], Response | None]
After = Callable[[Call, ApiState, Response], Response]
Handler = Callable[[Call, ApiState], Response | Json]

HANDLER: Final = "handler"


class Step(NamedTuple):
    """One named stage of an operation.

    `before` runs ahead of the handler: it fills in the call, raises a Problem, or returns a Response, which ends the
    way to the handler. `after` takes an answer and returns the one that replaces it. It gets the answers of the handler
    and of all steps behind its own in the list, and runs after theirs.
    """

    name: str
    before: Before | None = None
    after: After | None = None


class SteppedHandler:
    """A handler with its steps, the outermost first. A call runs each `before` in the order of the list, the handler,
    then each `after` in the reverse order; an early Response skips the handler and every step behind the one that
    returned it. A JSON value of the handler becomes a Response 200.
    """

    __slots__ = ("_after", "_before", "_outer", "handler", "steps")

    def __init__(self, steps: tuple[Step, ...], handler: Handler) -> None:
        self.steps = steps
        self.handler = handler
        self._after = _answer_steps(steps)
        self._before = tuple(step.before for step in steps if step.before is not None)
        self._outer = tuple(_answer_steps(steps[:index]) for index, step in enumerate(steps) if step.before is not None)

    def __call__(self, call: Call, state: ApiState) -> Response:
        return self.answer(call, state)

    def answer(self, call: Call, state: ApiState) -> Response:
        """The answer of the handler, or of a step before it, as the steps after it leave it."""
        for before in self._before:
            early = before(call, state)
            if early is not None:
                for after in self._outer[self._before.index(before)]:
                    early = after(call, state, early)
                return early
        found = self.handler(call, state)
        answer = found if type(found) is Response else Response(200, found)
        for after in self._after:
            answer = after(call, state, answer)
        return answer

    def __repr__(self) -> str:
        return " > ".join(names_of((), self))


def with_steps(steps: Iterable[Step | None], handler: Handler) -> Handler:
    """The handler within these steps, in one list with those that it has already; the handler itself if there are
    none.
    """
    needed = tuple(step for step in steps if step is not None)
    if isinstance(handler, SteppedHandler):
        return SteppedHandler((*needed, *handler.steps), handler.handler) if needed else handler
    return SteppedHandler(needed, handler) if needed else handler


def names_of(checks: Iterable[Step], handler: Handler) -> tuple[str, ...]:
    """The names of all steps in the order in which they run, with `handler` where the handler is called."""
    steps = handler.steps if isinstance(handler, SteppedHandler) else ()
    before = (step.name for step in (*checks, *steps) if step.before is not None)
    return (*before, HANDLER, *(step.name for step in reversed(steps) if step.after is not None))


def _answer_steps(steps: tuple[Step, ...]) -> tuple[After, ...]:
    return tuple(step.after for step in reversed(steps) if step.after is not None)
