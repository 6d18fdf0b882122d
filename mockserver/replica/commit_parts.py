"""The parts of a request's commit beside its changes: the result of the work, and the time of the next delivery."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from mockserver.state.clock import machine_time
from mockserver.state.world import World


def outcome_of(work: Callable[[], Any]) -> Callable[[], Any]:
    """Does the work; the result gives what it returned, or raises what it raised: both are an end of a request."""
    try:
        result = work()
    except Exception as error:  # noqa: BLE001 - it is raised once what the work did is committed
        raised = error

        def again() -> Any:
            raise raised

        return again
    return lambda: result


def next_due(world: World) -> float | None:
    """When the world's next delivery is due, by the machine's clock; those that are on their way are due now."""
    outbox, clock = world.outbox, world.clock
    if not outbox.is_waiting:
        return None
    wait = 0.0 if outbox.is_underway or outbox.next_due is None else outbox.next_due - clock.now()
    return None if clock.is_frozen and wait > 0 else machine_time() + wait
