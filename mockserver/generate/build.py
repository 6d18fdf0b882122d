"""Generates one value top-down: each place has its own random numbers, levels and size budget."""

from __future__ import annotations

import json
from collections.abc import Iterator
from fractions import Fraction

from mockserver.generate.containers import Containers, name_at
from mockserver.generate.numbers import Grid
from mockserver.generate.options import Budget, Exhausted, Impossible, ValueOptions
from mockserver.generate.plans.plan_keywords import allowed
from mockserver.generate.plans.schema_node import SchemaNode
from mockserver.generate.plans.value_plan import MAX_SIZE, MemberGroup, ValuePlan, same
from mockserver.generate.plans.value_plans import DEEPEST, Plans
from mockserver.generate.random_stream import SeedKey, Substream
from mockserver.generate.repair import Checks, escaped
from mockserver.generate.texts.fake_text import moment
from mockserver.generate.texts.field_names import Span, is_dated, span_of
from mockserver.generate.texts.static_values import number_of
from mockserver.generate.texts.text import PLAIN, Words
from mockserver.generate.value_size import MOST_CHOSEN, ValueSize
from mockserver.json_text import Json

_TRIES = 12
_IN_TEXT = Budget(4, 30)
_MOST_TRIES = 40
_MOST_WORK = 10_000
"""The most values that are tried for one value, its parts included."""

_MOST_OPEN = 100
"""The most values inside one another; texts with a schema for their content count too."""

_CHECKED = 16
"""The number of members or items that are checked for the cost of one value."""


class Build:
    """Generates one value. `refused` collects examples that may violate their own schemas, with those schemas; `size`
    says what the value lacks because of its size, `chose` whether it has alternatives.
    """

    def __init__(self, plans: Plans, seed_key: SeedKey, options: ValueOptions) -> None:
        self.plans = plans
        self.options = options
        self.rng = Substream(seed_key)
        self.refused: list[tuple[Json, SchemaNode]] = []
        self.size = ValueSize()
        self.chose = False
        self.containers = Containers(self.value, plans, options, self.rng, self.size)
        self._work = 0
        self._checks = Checks()
        self._failed: dict[ValuePlan, list[Impossible]] = {}

    def value(
        self, plan: ValuePlan, place: str, budget: Budget, candidates: tuple[Json, ...] = (), attempt: int = 0
    ) -> Json:
        """A value of the plan at the JSON pointer `place`. `candidates` are values proposed for it; each `attempt`
        leads to another value.

        Raises Impossible.
        """
        self._work += 1
        if self._work > _MOST_WORK:
            raise Exhausted(plan.pointer, f"it would take more than {_MOST_WORK} values")
        if len(self.containers.open) > _MOST_OPEN:
            raise Exhausted(plan.pointer, f"it would be more than {_MOST_OPEN} values deep")
        if plan.impossible:
            raise Impossible(plan.pointer, plan.impossible)
        place = f"{place}?{attempt}" if attempt else place
        used = self.size.used
        self.size.add()
        self.containers.open.append(plan)
        try:
            if len(known := self._failed.get(plan, [])) > 1:
                raise known[0]
            if self.options.careful and (plan.hard or plan.examples or candidates or len(plan.nodes) > 1):
                return self._careful(plan, place, budget, candidates, attempt)
            return self._quick(plan, place, budget, candidates, attempt)
        except Exhausted:
            raise
        except Impossible as impossible:
            self.size.used = used
            self._failed.setdefault(plan, []).append(impossible)
            raise
        finally:
            self.containers.open.pop()

    def _quick(self, plan: ValuePlan, place: str, budget: Budget, candidates: tuple[Json, ...], attempt: int) -> Json:
        if self.options.by_example and not attempt:
            for example in self._proposed(plan, candidates):
                return example
            candidates += tuple(example for example, _ in plan.examples)
        try:
            return self._once(plan, place, budget, attempt, candidates)
        except Exhausted:
            raise
        except Impossible:
            for example in self._proposed(plan, candidates):
                return example
            raise

    def _careful(self, plan: ValuePlan, place: str, budget: Budget, candidates: tuple[Json, ...], first: int) -> Json:
        """The first of several attempts that is valid against every schema of the plan."""
        examples = [*self._proposed(plan, candidates)]
        parts = (*candidates, *(example for example, _ in plan.examples)) if self.options.by_example else ()
        if self.options.by_example and not first:
            for example in examples:
                if self._fits(plan, example):
                    return example
        failure, tried = Impossible(plan.pointer, "none of the values that were tried fits it"), list[Json]()
        branches = max((len(group.branches) for group in plan.groups), default=0)
        used = self.size.used
        for attempt in range(first, first + max(_TRIES, min(branches + 2, _MOST_TRIES))):
            self.size.used = used
            try:
                value = self._once(plan, f"{place}?{attempt}" if attempt else place, budget, attempt, parts)
            except Exhausted:
                raise
            except Impossible as impossible:
                failure, tried = impossible, []
                if not plan.groups and attempt > 1:
                    break
                continue
            if self._fits(plan, value):
                return value
            tried = [value]
        for example in examples:
            if self._fits(plan, example):
                return example
        if tried:  # Explaining takes longer than trying, so only the last one is explained.
            raise Impossible(plan.pointer, f"what was tried breaks it: {self.plans.broken(plan, tried[0])}")
        raise failure

    def _fits(self, plan: ValuePlan, value: Json) -> bool:
        self._work += 1 + (len(value) // _CHECKED if isinstance(value, (dict, list)) else 0)
        return self.plans.accepts(plan, value)

    def _proposed(self, plan: ValuePlan, candidates: tuple[Json, ...]) -> Iterator[Json]:
        """The examples that are plausible at first sight; objects that are not are merged into one."""
        whole: Json = {}
        for example, node in (*((hint, None) for hint in candidates), *plan.examples):
            if self._plausible(plan, example):
                yield example
            elif isinstance(example, dict):
                whole = {**example, **whole}
            if node is not None and self._suspect(plan, example):
                self.refused.append((example, node))
        if whole and self._plausible(plan, whole):
            yield whole

    def _suspect(self, plan: ValuePlan, example: Json) -> bool:
        """Whether an example may be invalid, so that it is worth validating."""
        return self.options.careful or not allowed(plan, example)

    def _plausible(self, plan: ValuePlan, example: Json) -> bool:
        if not allowed(plan, example):
            return False
        if plan.enum is not None and not any(same(example, item) for item in plan.enum):
            return False
        if isinstance(example, dict) and not example.keys() >= plan.members.required.keys():
            return False
        return self._is_sendable(plan, example)

    def _is_sendable(self, plan: ValuePlan, example: Json) -> bool:
        """Whether no member of the example has to be left out of a message in this direction."""
        if isinstance(example, list):
            return all(self._is_sendable(self.plans.item(plan, index), item) for index, item in enumerate(example))
        if not isinstance(example, dict):
            return True
        for name in example.keys() & plan.members.named.keys():
            child = self.plans.member(plan, name)
            if name not in plan.members.required and self.containers.hidden(child):
                return False
            if not self._is_sendable(child, example[name]):
                return False
        return True

    # --- one attempt ------------------------------------------------------------------------------------------------

    def _once(
        self, plan: ValuePlan, place: str, budget: Budget, attempt: int, candidates: tuple[Json, ...] = ()
    ) -> Json:
        """A value of the plan by the choices that `attempt` selects; it is not validated as a whole."""
        while plan.groups and plan.enum is None:
            plan, attempt = self._choose(plan, plan.groups[0], place, budget, attempt)
            if self.options.by_example and not attempt:
                for example in self._proposed(plan, ()):
                    if not self.options.careful or self._fits(plan, example):
                        return example
        if plan.impossible:
            raise Impossible(plan.pointer, plan.impossible)
        value = self._by_type(plan, place, budget, attempt, candidates)
        if self.options.careful and plan.nots:
            value = escaped(self.plans, plan, value, self._checks)
        return value

    def _choose(
        self, plan: ValuePlan, group: MemberGroup, place: str, budget: Budget, attempt: int
    ) -> tuple[ValuePlan, int]:
        """The plan with one alternative of the group, and the rest of `attempt` for further choices. The alternative is
        the next one, from a random start plus `attempt`, that fits into the budget, else the one that needs the fewest
        levels.
        """
        self.chose = True
        if len(plan.nodes) > MOST_CHOSEN:
            raise Exhausted(plan.pointer, f"more than {MOST_CHOSEN} choices lie inside one another")
        options = sorted(group.branches, key=self.plans.is_null)
        turn = attempt
        if not self.options.static:
            likely = sum(not self.plans.is_null(branch) for branch in options) or len(options)
            turn += self.rng.move(f"{place}|{group.id}").randrange(likely)
        plans = [(plan, group, branch) for branch in options] + [(plan, group, None)] * group.optional
        turn %= len(plans) or 1
        for choice in plans[turn:] + plans[:turn]:
            chosen = self.plans.chosen(*choice)
            if self.plans.fits(chosen, max(1, budget.levels)):
                return chosen, attempt // len(plans)
        lowest = min((self.plans.chosen(*choice) for choice in plans), key=self.plans.height, default=plan)
        if self.plans.height(lowest) > DEEPEST or not plans:
            raise Impossible(*self.plans.why(plan))
        return lowest, attempt // len(plans)

    def _by_type(self, plan: ValuePlan, place: str, budget: Budget, attempt: int, candidates: tuple[Json, ...]) -> Json:
        if plan.enum is not None:
            return self._enum_value(plan, place, attempt)
        kinds = [kind for kind in plan.types if self.plans.kind_fits(plan, kind)]
        kinds = [kind for kind in kinds if kind != "integer" or "number" not in kinds or attempt]
        if not kinds:
            raise Impossible(*self.plans.why(plan))
        kind = kinds[0] if plan.nodes else "string"
        if plan.nodes and not self.options.static and len(kinds) > 1:
            likely = [kind for kind in kinds if kind != "null"][: 1 if len(kinds) > 5 else None] or kinds
            kind = self.rng.move(f"{place}|type").choice(likely)
        if attempt and len(kinds) > 1:
            kind = kinds[(kinds.index(kind) + attempt // 3) % len(kinds)]
        if kind in plan.beyond:
            self.size.cut(plan.pointer, plan.beyond[kind])
        if kind == "object":
            return self.containers.object(plan, place, budget, attempt, candidates)
        if kind == "array":
            return self.containers.array(plan, place, budget, attempt, candidates)
        return self._leaf(kind, plan, place, attempt)

    def _leaf(self, kind: str, plan: ValuePlan, place: str, attempt: int) -> Json:
        if kind == "null":
            return None
        self.rng.move(place)
        if kind == "boolean":
            return self._boolean(plan, attempt)
        name = name_at(place) or name_at(self.rng.seed_key.key)
        if kind == "string" and plan.texts.content is not None and not plan.texts.encoding:
            return self._json_text(plan, plan.texts.content, place, attempt)
        if kind == "string":
            return self._string(plan, name, place, attempt)
        return self._number(plan, name, place, attempt, kind == "integer")

    def _enum_value(self, plan: ValuePlan, place: str, attempt: int) -> Json:
        options = plan.enum or []
        values = [item for item in options if item is not None] or options
        if self.options.static and not attempt:
            return values[0]
        start = 0 if self.options.static else self.rng.move(place).randrange(len(values))
        values = [*values, None] if len(values) < len(options) else values
        return values[(start + attempt) % len(values)]

    def _boolean(self, plan: ValuePlan, attempt: int) -> bool:
        options = [value for value in (True, False) if not any(value is other for other in plan.excluded)]
        if not options:
            raise Impossible(plan.pointer, "neither true nor false is allowed")
        start = 0 if self.options.static else self.rng.randrange(len(options))
        return options[(start + attempt) % len(options)]

    def _string(self, plan: ValuePlan, name: str, place: str, attempt: int) -> str:
        around = place.rpartition("/")[0]
        owners = () if self.options.static else self.containers.owners(around)
        words = Words(plan, name, self.rng, self.options.static, owners, f"{around}?{attempt}")
        text = words.first(attempt)
        if text is None and (reason := words.too_long()):
            self.size.cut(plan.pointer, reason)
            text = PLAIN
        if text is None:
            raise Impossible(plan.pointer, f"no text was found that keeps {_demands(plan)}")
        self.size.add(text)
        return text

    def _json_text(self, plan: ValuePlan, content: SchemaNode, place: str, attempt: int) -> str:
        """The JSON text of a value of the content's schema."""
        text = json.dumps(self.value(self.plans.of((content,)), f"{place}|content", _IN_TEXT, (), attempt))
        if not plan.texts.least <= len(text) <= plan.texts.most:
            raise Impossible(plan.pointer, f"its content takes {len(text)} characters")
        return text

    def _number(self, plan: ValuePlan, name: str, place: str, attempt: int, whole: bool) -> Json:
        fine = Fraction(1, 100) if not whole and (attempt or not self.options.static) else None
        span = None if self.options.static else span_of(name)
        grid = Grid(plan.numbers, whole, span.step if span and not whole else fine)
        if grid.empty:
            grid = Grid(plan.numbers, whole)
        if grid.empty:
            raise Impossible(plan.pointer, "no number lies between its bounds in its steps")
        if self.options.static and not attempt and not plan.excluded and (named := number_of(name)) is not None:
            return grid.at(grid.near(named))
        if self.options.static and not attempt and not plan.excluded and "integer" in plan.types:
            return grid.at(grid.nearest())
        if not self.options.static and grid.step == 1 and is_dated(name):
            span = span_of(name) or _epoch(moment(self.rng, name, place.rpartition("/")[0]), plan)
        first, last = grid.window(span, wide=attempt > _TRIES // 2)
        for _ in range(_TRIES):
            number = grid.at(self.rng.randint(first, last))
            if allowed(plan, number):
                return number
        raise Impossible(plan.pointer, "none of the numbers that were tried is allowed")


def _epoch(moment: float, plan: ValuePlan) -> Span:
    """The moment in epoch seconds, or in milliseconds if the bounds are that high."""
    low = plan.numbers.low
    second = int(moment) * (1000 if low is not None and low > 10**11 else 1)
    return Span(second, second)


def _demands(plan: ValuePlan) -> str:
    texts = plan.texts
    parts = [*(f"format {name}" for name in texts.formats), *(f"pattern {pattern}" for pattern in texts.patterns)]
    if texts.most < MAX_SIZE:
        parts.append(f"{texts.least} to {texts.most} characters")
    elif texts.least:
        parts.append(f"{texts.least} characters or more")
    return " and ".join(parts) or "its schema"
