"""World time: read, freeze, advance, reset."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import UTC, datetime

from mockserver.control.exchanges.exchange_view import timestamp
from mockserver.control.scope import ControlScope, Handler
from mockserver.engine.call import Call
from mockserver.json_text import Json
from mockserver.problem import INVALID, Problem, Violation

_FIRST, _LAST = 0.0, datetime(9000, 1, 1, tzinfo=UTC).timestamp()
"""The limits of world time; dates must stay representable after something is added to them."""

_PARTS = re.compile(r"([0-9.]+)(MS|[WDHMS])")
_SECONDS = {"W": 604_800, "D": 86_400, "H": 3_600, "M": 60, "S": 1, "MS": 0.001}
"""Seconds per unit of a duration; months and years have no fixed length and are not accepted."""


def get_clock(_call: Call, scope: ControlScope) -> Json:
    """Returns the state of the clock."""
    clock = scope.world.clock
    now = clock.now()
    return {"now": timestamp(now), "epoch": now, "frozen": clock.is_frozen, "offset": clock.offset}


def freeze_clock(call: Call, scope: ControlScope) -> Json:
    """Stops the clock at the given or the current time."""
    at = (call.body or {}).get("at")
    if at is not None:
        moment = moment_of(at, "body", "/at")
        if not _FIRST <= moment <= _LAST:
            raise _refused("/at", f"expected a moment from {timestamp(_FIRST)} to {timestamp(_LAST)}, got {at!r}", at)
        scope.world.clock.freeze(moment)
    else:
        scope.world.clock.freeze()
    return get_clock(call, scope)


def advance_clock(call: Call, scope: ControlScope) -> Json:
    """Moves time forward; deliveries that fall due are made."""
    clock = scope.world.clock
    name = "seconds" if "seconds" in call.body else "duration"
    given = call.body[name]
    seconds = given if name == "seconds" else _seconds(given)
    if clock.now() + seconds > _LAST:
        raise _refused(f"/{name}", f"world time ends at {timestamp(_LAST)}", given)
    clock.advance(seconds)
    return get_clock(call, scope)


def reset_clock(call: Call, scope: ControlScope) -> Json:
    """Returns to the machine's time."""
    scope.world.clock.reset()
    return get_clock(call, scope)


def moment_of(at: str | float, place: str, pointer: str) -> float:
    """Epoch seconds of a number, or of an ISO 8601 text that was validated before. Raises Problem 422."""
    if not isinstance(at, str):
        return float(at)
    try:
        return datetime.fromisoformat(at.upper()).timestamp()
    except (ValueError, OverflowError):
        expected = f"expected a moment such as 2026-03-20T09:12:44Z, got {at!r}"
        raise _refused(pointer, expected, at, place) from None


def _seconds(duration: str) -> float:
    return sum(float(number) * _SECONDS[unit] for number, unit in _PARTS.findall(duration.upper()))


def _refused(pointer: str, message: str, seen: Json, place: str = "body") -> Problem:
    violation = Violation(place, pointer, "format", message, str(seen)[:80])
    return Problem(422, str(violation), code=INVALID, violations=(violation,))


HANDLERS: Mapping[str, Handler] = {
    "getClock": get_clock,
    "freezeClock": freeze_clock,
    "advanceClock": advance_clock,
    "resetClock": reset_clock,
}
