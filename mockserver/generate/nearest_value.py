"""Makes the nearest value of a schema that no value fits: each part fits that can, the others are plain values."""

from __future__ import annotations

from typing import Final

from mockserver.generate.build import Build
from mockserver.generate.options import Budget, Impossible, ValueOptions
from mockserver.generate.plans.schema_node import SchemaNode
from mockserver.generate.plans.value_plan import ALL_TYPES, ValuePlan
from mockserver.generate.plans.value_plans import Plans
from mockserver.generate.random_stream import SeedKey
from mockserver.json_text import Json

MOST_BUILT: Final = 300
"""The most parts of one nearest value that are made; further ones are plain values. A part that none fits counts more.
"""
_FAILED: Final = 10

_DEEPEST: Final = 4
_MOST_CHOICES: Final = 20
_MOST_MEMBERS: Final = 200
_FEW: Final = 3
_PLAIN: Final[dict[str, Json]] = {"string": "string", "boolean": True, "null": None, "integer": 0, "number": 0}


class NearestValue:
    """Makes one value. `options` are those of a value that would fit; the seed key chooses its parts."""

    def __init__(self, plans: Plans, seed_key: SeedKey, options: ValueOptions, budget: Budget) -> None:
        self._plans = plans
        self._seed_key = seed_key
        self._options = options
        self._budget = budget
        self._built = 0

    def value(self, plan: ValuePlan, place: str = "", depth: int = _DEEPEST) -> Json:
        """The value of the plan at the JSON pointer `place`: one that fits, else one of parts that do."""
        for example, _ in plan.examples[:1]:
            return example
        plan = self._settled(plan)
        built = self._build(plan, place) if place or not plan.impossible else None
        if built is not None:
            return built[0]
        if plan.enum:
            return plan.enum[0]
        kind = _kind(plan)
        if kind == "object":
            return self._object(plan, place, depth)
        if kind == "array":
            return self._array(plan, place, depth)
        low = plan.numbers.low
        if kind in ("integer", "number") and low is not None and low.denominator == 1:
            return low.numerator
        return _PLAIN[kind]

    def _settled(self, plan: ValuePlan) -> ValuePlan:
        """The plan with the first alternative of each choice, whatever else fits that."""
        for _ in range(_MOST_CHOICES):
            group = next((group for group in plan.groups if not group.optional and group.branches), None)
            if group is None:
                break
            plan = self._plans.chosen(plan, group, self._alone(group.branches[0]))
        return plan

    def _alone(self, branch: SchemaNode) -> SchemaNode:
        """The alternative without what forbids the others."""
        if branch.pointer.startswith("!") and isinstance(branch.schema, dict) and "not" in branch.schema:
            schema = {name: member for name, member in branch.schema.items() if name != "not"}
            return SchemaNode(f"{branch.pointer}#alone", schema)
        return branch

    def _build(self, plan: ValuePlan, place: str) -> tuple[Json] | None:
        """A generated value, which may break what is said of it as a whole; None if none can be made."""
        for careful in (True, False):
            if self._built >= MOST_BUILT:
                return None
            self._built += 1
            build = Build(self._plans, self._seed_key, self._options._replace(careful=careful))
            try:
                return (build.value(plan, place, self._budget),)
            except Impossible:
                self._built += _FAILED
        return None

    def _object(self, plan: ValuePlan, place: str, depth: int) -> Json:
        """An object with its required and declared members; nothing below the deepest level."""
        if not depth:
            return {}
        members = plan.members
        kept = [*members.required, *(name for name in members.named if name not in members.required)]
        value: dict[str, Json] = {}
        for name in kept[:_MOST_MEMBERS]:
            child = self._plans.member(plan, name)
            hidden = child.write_only if self._options.direction == "response" else child.read_only
            if name in members.required or not (hidden or child.impossible or not self._plans.possible(child)):
                value[name] = self.value(child, f"{place}/{name}", depth - 1)
        return value

    def _array(self, plan: ValuePlan, place: str, depth: int) -> Json:
        if not depth:
            return []
        count = min(max(1, plan.items.least), _FEW, plan.items.most)
        return [self.value(self._plans.item(plan, number), f"{place}/{number}", depth - 1) for number in range(count)]


def _kind(plan: ValuePlan) -> str:
    """The type of a plain value: the plan's own, else the first that any of its schemas names or suggests."""
    for schema in [*plan.seen.values(), *(node.schema for node in plan.nodes)] if not plan.types else ():
        kinds = schema.get("type") if isinstance(schema, dict) else None
        for kind in [kinds] if isinstance(kinds, str) else kinds or ():
            if kind in ALL_TYPES:
                return str(kind)
    return next((kind for kind in (*plan.types, *plan.suggested)), "null")
