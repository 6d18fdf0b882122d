"""The scenarios of stubs and their states."""

from __future__ import annotations

from collections.abc import Mapping

from mockserver.control.scope import ControlScope, Handler
from mockserver.engine.call import Call
from mockserver.engine.interventions.matching.matchers import refused
from mockserver.engine.interventions.stub import Stub
from mockserver.json_text import Json
from mockserver.problem import NOT_FOUND, Problem
from mockserver.state.interventions import STARTED


def list_scenarios(_call: Call, scope: ControlScope) -> Json:
    """Returns the scenarios of all stubs with their states."""
    return {
        "scenarios": [
            {"id": name, "name": name, "state": scope.world.scenarios.get(name, STARTED), "possibleStates": states}
            for name, states in _scenarios(scope).items()
        ]
    }


def _scenarios(scope: ControlScope) -> dict[str, list[str]]:
    """The states of each scenario that stubs name."""
    found: dict[str, list[str]] = {}
    for rule in scope.world.stubs:
        stub: Stub = rule.value
        if stub.scenario:
            states = found.setdefault(stub.scenario, [STARTED])
            states += [one for one in (stub.required_state, stub.new_state) if one and one not in states]
    return found


def reset_scenarios(_call: Call, scope: ControlScope) -> Json:
    """Moves all scenarios to their start."""
    scope.world.scenarios.clear()
    return {}


def put_scenario_state(call: Call, scope: ControlScope) -> Json:
    """Moves a scenario to a state that one of its stubs names; without a state to its start."""
    name = call.path["name"]
    states = _scenarios(scope).get(name)
    if states is None:
        raise Problem(404, f"No stub of this world is of a scenario {name[:80]!r}.", code=NOT_FOUND)
    state = (call.body or {}).get("state", STARTED)
    if state not in states:
        raise refused("/state", "enum", f"{name} has no state {state[:80]!r}; it has {', '.join(states)}", state)
    scope.world.scenarios[name] = state
    return {}


HANDLERS: Mapping[str, Handler] = {
    "listScenarios": list_scenarios,
    "resetScenarios": reset_scenarios,
    "putScenarioState": put_scenario_state,
}
