"""Settings of a world, in WireMock's words: the delay of every answer."""

from __future__ import annotations

from collections.abc import Mapping

from mockserver.control.scope import ControlScope, Handler
from mockserver.engine.call import Call
from mockserver.engine.interventions.fault import Delay, Fault
from mockserver.json_text import Json

_RULE = "settings"
"""The id of the fault that delays every answer."""


def get_settings(_call: Call, scope: ControlScope) -> Json:
    """Returns the delay that is set; null where there is none."""
    faults = scope.world.faults
    delay = faults[_RULE].value.delay if _RULE in faults else None
    fixed = delay if isinstance(delay, int | float) else None
    distribution = None
    if isinstance(delay, Delay):
        uniform = {"type": "uniform", "lower": delay.lower, "upper": delay.upper}
        distribution = uniform if delay.upper else {"type": "lognormal", "median": delay.median, "sigma": delay.sigma}
    return {"settings": {"fixedDelay": fixed, "delayDistribution": distribution}}


def put_settings(call: Call, scope: ControlScope) -> Json:
    """Delays every answer of the world from now on; null or 0 is no delay."""
    asked: Mapping[str, Json] = call.body
    fixed, given = asked.get("fixedDelay"), asked.get("delayDistribution")
    delay: float | Delay | None = fixed
    if given is not None:
        distribution = {name: value for name, value in given.items() if name != "type"}
        delay = Delay(**distribution)
    faults = scope.world.faults
    if delay:
        faults.add(Fault(delay=delay), _RULE)
    elif _RULE in faults:
        faults.remove(_RULE)
    return get_settings(call, scope)


HANDLERS: Mapping[str, Handler] = {
    "getSettings": get_settings,
    "putSettings": put_settings,
    "postSettings": put_settings,
}
