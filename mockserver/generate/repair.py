"""Changes a value that a schema must not accept until it does not."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from mockserver.generate.plans.schema_node import SchemaNode
from mockserver.generate.plans.value_plan import ValuePlan
from mockserver.generate.plans.value_plans import Plans, anything
from mockserver.generate.texts.text import check_of
from mockserver.json_text import Json

_JUNK: tuple[Json, ...] = (None, "string", 0, True, [], {})
_MOST = 200
MOST_CHECKS = 20_000
"""Checks of one value and its parts against schemas that must not accept them."""
_DEEPEST = 4
_SOME_BRANCHES = 8


class Checks:
    """The checks that are left of a value under construction against schemas that must not accept it."""

    def __init__(self) -> None:
        self.left = MOST_CHECKS

    def count(self, refused: list[tuple[SchemaNode, Callable[[Json], bool]]], value: Json) -> int:
        """The number of the schemas that accept the value."""
        self.left -= len(refused)
        return sum(fits(value) for _, fits in refused)


def escaped(plans: Plans, plan: ValuePlan, value: Json, checks: Checks) -> Json:
    """The value changed so that as few of the plan's `nots` as possible accept it, by one change for each, as long as
    there are `checks` left.
    """
    refused = [(node, plans.fitting(node)) for node in plan.nots]
    keeps = check_of(plan) if isinstance(value, str) else anything
    for node, fits in refused:
        if checks.left <= 0:
            break
        if not fits(value):
            continue
        before = checks.count(refused, value)
        for _, variant in zip(range(_MOST), _variants(plans, plan, plans.of((node,)), value), strict=False):
            checks.left -= 1
            if checks.left <= 0:
                break
            if not fits(variant) and keeps(variant) and checks.count(refused, variant) < before:
                value = variant
                break
    return value


def _variants(plans: Plans, plan: ValuePlan, other: ValuePlan, value: Json, deep: int = _DEEPEST) -> Iterator[Json]:
    """Changed values that `plan` may accept and `other`, the forbidden schema, may not."""
    if isinstance(value, dict):
        yield from _objects(plans, plan, other, value)
        yield from _inside(plans, plan, other, value, deep)
    elif isinstance(value, str):
        yield from ("", value + " ", value[: len(value) // 2], value + "-" + value, value.swapcase(), "0", "a b")
    elif isinstance(value, list):
        yield from (value[:count] for count in range(plan.items.least, len(value)))
        for item in value[:1] if deep else ():
            changed = _variants(plans, plans.item(plan, 0), plans.item(other, 0), item, deep - 1)
            yield from ([variant, *value[1:]] for variant in changed)
    elif isinstance(value, (int, float)) and not isinstance(value, bool):
        yield from (value + 0.5, value + 1, value - 1, -value, value * 1000 + 1)


def _objects(plans: Plans, plan: ValuePlan, other: ValuePlan, value: dict[str, Json]) -> Iterator[Json]:
    """Variants without members that `other` requires, with members of another type, and with unknown members."""
    mentioned = _mentioned(plans, other)
    spare = [name for name in value if name not in plan.members.required]
    if len(value) > plan.members.least:
        for name in sorted(spare, key=lambda name: name not in mentioned):
            yield {key: member for key, member in value.items() if key != name}
    if len(value) >= plan.members.most:
        return
    for name in (*(name for name in mentioned if name not in value), "property1"):
        child = plans.member(plan, name)
        if not child.impossible:
            yield from ({**value, name: junk} for junk in _JUNK if plans.accepts(child, junk))


def _inside(plans: Plans, plan: ValuePlan, other: ValuePlan, value: dict[str, Json], deep: int) -> Iterator[Json]:
    """Variants with one changed member about which both schemas say something different."""
    for name in value if deep else ():
        mine, theirs = plans.member(plan, name), plans.member(other, name)
        if name in other.members.named and mine is not theirs:
            changed = _variants(plans, mine, theirs, value[name], deep - 1)
            yield from ({**value, name: variant} for variant in changed if plans.accepts(mine, variant))


def _mentioned(plans: Plans, plan: ValuePlan, deep: int = 2) -> dict[str, None]:
    """The names that a schema mentions, including its alternatives."""
    names = dict.fromkeys([*plan.members.required, *plan.members.named])
    for group in plan.groups[:_SOME_BRANCHES] if deep else ():
        for branch in group.branches[:_SOME_BRANCHES]:
            names |= _mentioned(plans, plans.of((branch,)), deep - 1)
    return names
