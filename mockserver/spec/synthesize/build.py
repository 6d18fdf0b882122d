"""One value, made from the top down: each place has its own digits, levels and room."""

from __future__ import annotations

import json
from collections.abc import Iterator
from fractions import Fraction

from mockserver.spec.synthesize.attempt import Exhausted, Impossible, Manner, Room
from mockserver.spec.synthesize.believable import moment
from mockserver.spec.synthesize.containers import Containers, name_at
from mockserver.spec.synthesize.fields import Span, is_dated, span_of
from mockserver.spec.synthesize.keywords import allowed
from mockserver.spec.synthesize.node import Node
from mockserver.spec.synthesize.plain import number_of
from mockserver.spec.synthesize.plan import MAX_SIZE, Group, Plan, same
from mockserver.spec.synthesize.plans import DEEPEST, Plans
from mockserver.spec.synthesize.quantity import Grid
from mockserver.spec.synthesize.repair import escaped
from mockserver.spec.synthesize.stream import Draw, Stream
from mockserver.spec.synthesize.text import Words
from mockserver.wire import Json

_TRIES = 12
_IN_TEXT = Room(4, 30)
_MOST_TRIES = 40
_MOST_WORK = 10_000


class Build:
    """Makes one value. `refused` are the examples that may break their own schemas, with where they stand."""

    def __init__(self, plans: Plans, stream: Stream, manner: Manner) -> None:
        self.plans = plans
        self.manner = manner
        self.draw = Draw(stream)
        self.refused: list[tuple[Json, Node]] = []
        self.containers = Containers(self.value, plans, manner, self.draw)
        self._work = 0
        self._failed: dict[Plan, list[Impossible]] = {}

    def value(self, plan: Plan, place: str, room: Room, hints: tuple[Json, ...] = (), salt: int = 0) -> Json:
        """A value of the plan; `place` is its JSON pointer, `hints` are values that were proposed for it, and each
        `salt` leads to another value. Raises Impossible.
        """
        self._work += 1
        if self._work > _MOST_WORK:
            raise Exhausted(plan.pointer, f"it would take more than {_MOST_WORK} values")
        if plan.impossible:
            raise Impossible(plan.pointer, plan.impossible)
        place = f"{place}?{salt}" if salt else place
        self.containers.open.append(plan)
        try:
            if len(known := self._failed.get(plan, [])) > 1:
                raise known[0]
            if self.manner.careful and (plan.hard or plan.examples or hints or len(plan.nodes) > 1):
                return self._careful(plan, place, room, hints, salt)
            return self._quick(plan, place, room, hints, salt)
        except Exhausted:
            raise
        except Impossible as impossible:
            self._failed.setdefault(plan, []).append(impossible)
            raise
        finally:
            self.containers.open.pop()

    def _quick(self, plan: Plan, place: str, room: Room, hints: tuple[Json, ...], salt: int) -> Json:
        if self.manner.by_example and not salt:
            for example in self._proposed(plan, hints):
                return example
            hints += tuple(example for example, _ in plan.examples)
        try:
            return self._once(plan, place, room, salt, hints)
        except Exhausted:
            raise
        except Impossible:
            for example in self._proposed(plan, hints):
                return example
            raise

    def _careful(self, plan: Plan, place: str, room: Room, hints: tuple[Json, ...], first: int) -> Json:
        """The first of several attempts that fits every schema of the plan."""
        examples = [*self._proposed(plan, hints)]
        parts = (*hints, *(example for example, _ in plan.examples)) if self.manner.by_example else ()
        if self.manner.by_example and not first:
            for example in examples:
                if self._fits(plan, example):
                    return example
        failure = Impossible(plan.pointer, "none of the values that were tried fits it")
        branches = max((len(group.branches) for group in plan.groups), default=0)
        for salt in range(first, first + max(_TRIES, min(branches + 2, _MOST_TRIES))):
            try:
                value = self._once(plan, f"{place}?{salt}" if salt else place, room, salt, parts)
            except Exhausted:
                raise
            except Impossible as impossible:
                failure = impossible
                if not plan.groups and salt > 1:
                    break
                continue
            if self._fits(plan, value):
                return value
            failure = Impossible(plan.pointer, f"what was tried breaks it: {self.plans.broken(plan, value)}")
        for example in examples:
            if self._fits(plan, example):
                return example
        raise failure

    def _fits(self, plan: Plan, value: Json) -> bool:
        self._work += 1
        return self.plans.accepts(plan, value)

    def _proposed(self, plan: Plan, hints: tuple[Json, ...]) -> Iterator[Json]:
        """The examples that are not wrong at first sight; several objects for one value become one."""
        whole: Json = {}
        for example, node in (*((hint, None) for hint in hints), *plan.examples):
            if self._plausible(plan, example):
                yield example
            elif isinstance(example, dict):
                whole = {**example, **whole}
            if node is not None and self._suspect(plan, example):
                self.refused.append((example, node))
        if whole and self._plausible(plan, whole):
            yield whole

    def _suspect(self, plan: Plan, example: Json) -> bool:
        """Whether an example may be wrong, so that it is worth a look at."""
        return self.manner.careful or not allowed(plan, example)

    def _plausible(self, plan: Plan, example: Json) -> bool:
        if not allowed(plan, example):
            return False
        if plan.enum is not None and not any(same(example, item) for item in plan.enum):
            return False
        if isinstance(example, dict) and not example.keys() >= plan.members.required.keys():
            return False
        return self._shown(plan, example)

    def _shown(self, plan: Plan, example: Json) -> bool:
        """Whether every member of an example belongs into a message of this direction."""
        if isinstance(example, list):
            return all(self._shown(self.plans.item(plan, index), item) for index, item in enumerate(example))
        if not isinstance(example, dict):
            return True
        for name in example.keys() & plan.members.named.keys():
            child = self.plans.member(plan, name)
            if name not in plan.members.required and self.containers.hidden(child):
                return False
            if not self._shown(child, example[name]):
                return False
        return True

    # --- one attempt ------------------------------------------------------------------------------------------------

    def _once(self, plan: Plan, place: str, room: Room, salt: int, hints: tuple[Json, ...] = ()) -> Json:
        """A value of the plan by the choices that `salt` stands for; not looked at as a whole."""
        while plan.groups and plan.enum is None:
            plan, salt = self._choose(plan, plan.groups[0], place, room, salt)
            if self.manner.by_example and not salt:
                for example in self._proposed(plan, ()):
                    if not self.manner.careful or self._fits(plan, example):
                        return example
        if plan.impossible:
            raise Impossible(plan.pointer, plan.impossible)
        value = self._plain(plan, place, room, salt, hints)
        if self.manner.careful and plan.nots:
            value = escaped(self.plans, plan, value)
        return value

    def _choose(self, plan: Plan, group: Group, place: str, room: Room, salt: int) -> tuple[Plan, int]:
        """The plan with one alternative of the group: the next from where chance and `salt` begin that can be complete
        within the room, else the one that needs the fewest levels. What `salt` leaves for further choices.
        """
        options = sorted(group.branches, key=self.plans.is_null)
        turn = salt
        if not self.manner.static:
            likely = sum(not self.plans.is_null(branch) for branch in options) or len(options)
            turn += self.draw.move(f"{place}|{group.id}").randrange(likely)
        plans = [(plan, group, branch) for branch in options] + [(plan, group, None)] * group.optional
        turn %= len(plans) or 1
        for choice in plans[turn:] + plans[:turn]:
            chosen = self.plans.chosen(*choice)
            if self.plans.fits(chosen, max(1, room.levels)):
                return chosen, salt // len(plans)
        lowest = min((self.plans.chosen(*choice) for choice in plans), key=self.plans.height, default=plan)
        if self.plans.height(lowest) > DEEPEST or not plans:
            raise Impossible(*self.plans.why(plan))
        return lowest, salt // len(plans)

    def _plain(self, plan: Plan, place: str, room: Room, salt: int, hints: tuple[Json, ...]) -> Json:
        if plan.enum is not None:
            return self._listed(plan, place, salt)
        kinds = [kind for kind in plan.types if self.plans.kind_fits(plan, kind)]
        kinds = [kind for kind in kinds if kind != "integer" or "number" not in kinds or salt]
        if not kinds:
            raise Impossible(*self.plans.why(plan))
        kind = kinds[0] if plan.nodes else "string"
        if plan.nodes and not self.manner.static and len(kinds) > 1:
            likely = [kind for kind in kinds if kind != "null"][: 1 if len(kinds) > 5 else None] or kinds
            kind = self.draw.move(f"{place}|type").choice(likely)
        if salt and len(kinds) > 1:
            kind = kinds[(kinds.index(kind) + salt // 3) % len(kinds)]
        if kind == "object":
            return self.containers.object(plan, place, room, salt, hints)
        if kind == "array":
            return self.containers.array(plan, place, room, salt, hints)
        return self._leaf(kind, plan, place, salt)

    def _leaf(self, kind: str, plan: Plan, place: str, salt: int) -> Json:
        if kind == "null":
            return None
        self.draw.move(place)
        if kind == "boolean":
            return self._boolean(plan, salt)
        name = name_at(place) or name_at(self.draw.stream.key)
        if kind == "string" and plan.texts.content is not None and not plan.texts.encoding:
            return self._written(plan, plan.texts.content, place, salt)
        if kind == "string":
            return self._string(plan, name, place, salt)
        return self._number(plan, name, place, salt, kind == "integer")

    def _listed(self, plan: Plan, place: str, salt: int) -> Json:
        options = plan.enum or []
        values = [item for item in options if item is not None] or options
        if self.manner.static and not salt:
            return values[0]
        start = 0 if self.manner.static else self.draw.move(place).randrange(len(values))
        values = [*values, None] if len(values) < len(options) else values
        return values[(start + salt) % len(values)]

    def _boolean(self, plan: Plan, salt: int) -> bool:
        options = [value for value in (True, False) if not any(value is other for other in plan.excluded)]
        if not options:
            raise Impossible(plan.pointer, "neither true nor false is allowed")
        start = 0 if self.manner.static else self.draw.randrange(len(options))
        return options[(start + salt) % len(options)]

    def _string(self, plan: Plan, name: str, place: str, salt: int) -> str:
        around = place.rpartition("/")[0]
        owners = () if self.manner.static else self.containers.owners(around)
        text = Words(plan, name, self.draw, self.manner.static, owners, f"{around}?{salt}").first(salt)
        if text is None:
            raise Impossible(plan.pointer, f"no text was found that keeps {_demands(plan)}")
        return text

    def _written(self, plan: Plan, content: Node, place: str, salt: int) -> str:
        """The text of a value of the schema that its content has."""
        text = json.dumps(self.value(self.plans.of((content,)), f"{place}|content", _IN_TEXT, (), salt))
        if not plan.texts.least <= len(text) <= plan.texts.most:
            raise Impossible(plan.pointer, f"its content takes {len(text)} characters")
        return text

    def _number(self, plan: Plan, name: str, place: str, salt: int, whole: bool) -> Json:
        fine = Fraction(1, 100) if not whole and (salt or not self.manner.static) else None
        span = None if self.manner.static else span_of(name)
        grid = Grid(plan.numbers, whole, span.step if span and not whole else fine)
        if grid.empty:
            grid = Grid(plan.numbers, whole)
        if grid.empty:
            raise Impossible(plan.pointer, "no number lies between its bounds in its steps")
        if self.manner.static and not salt and not plan.excluded and (named := number_of(name)) is not None:
            return grid.at(grid.near(named))
        if self.manner.static and not salt and not plan.excluded and "integer" in plan.types:
            return grid.at(grid.nearest())
        if not self.manner.static and grid.step == 1 and is_dated(name):
            span = span_of(name) or _epoch(moment(self.draw, name, place.rpartition("/")[0]), plan)
        first, last = grid.window(span, wide=salt > _TRIES // 2)
        for _ in range(_TRIES):
            number = grid.at(self.draw.randint(first, last))
            if allowed(plan, number):
                return number
        raise Impossible(plan.pointer, "none of the numbers that were tried is allowed")


def _epoch(moment: float, plan: Plan) -> Span:
    """Epoch seconds, in milliseconds where the bounds ask for as much."""
    low = plan.numbers.low
    second = int(moment) * (1000 if low is not None and low > 10**11 else 1)
    return Span(second, second)


def _demands(plan: Plan) -> str:
    texts = plan.texts
    parts = [*(f"format {name}" for name in texts.formats), *(f"pattern {pattern}" for pattern in texts.patterns)]
    if texts.most < MAX_SIZE:
        parts.append(f"{texts.least} to {texts.most} characters")
    elif texts.least:
        parts.append(f"{texts.least} characters or more")
    return " and ".join(parts) or "its schema"
