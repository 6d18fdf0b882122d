"""Reports the faults, stubs and next answers of a world that no request met."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Final

from mockserver.state.interventions import Rule
from mockserver.state.world import World

_SHOWN: Final = 200


def rule_ids(world: World, *, only_unmet: bool = False) -> frozenset[str]:
    """The ids of the rules that are in force, such as those that a world begins with."""
    given = world.interventions
    if given is None:
        return frozenset()
    kinds = (given.faults, given.stubs, given.answers)
    return frozenset(rule.id for rules in kinds for rule in rules if not (only_unmet and rule.seen))


def unused_rules(world: World, others: frozenset[str]) -> list[str]:
    """A line for each rule that no request met, but those of the `others`."""
    given = world.interventions
    if given is None:
        return []
    told = ((given.faults, _fault), (given.stubs, _stub), (given.answers, _next))
    return [f"{tell(rule)} met no request" for rules, tell in told for rule in _unmet(rules, others)]


def _unmet(rules: Any, others: frozenset[str]) -> Iterator[Rule]:
    return (rule for rule in rules if not rule.seen and rule.id not in others)


def _fault(rule: Rule) -> str:
    fault = rule.value
    where = fault.operation if fault.operation not in ("", "*") else f"{fault.method} {fault.path}".strip()
    return f"the fault {fault.told()} of {where or 'any operation'}"


def _stub(rule: Rule) -> str:
    request = rule.value.request
    place = next((request[name] for name in request if name.startswith("url")), "any path")
    method = request.get("method", "ANY")
    return f"the stub {rule.value.name or f'{method} {place}'}"[:_SHOWN]


def _next(rule: Rule) -> str:
    return f"the next answer of {rule.value.operation}"
