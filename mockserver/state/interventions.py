"""The interventions of a test in one world: faults, stubs and next answers with their counts, and scenario states."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Final, NamedTuple, Protocol

from mockserver.problem import NOT_FOUND, Problem
from mockserver.state.commits.log import Address, Log
from mockserver.state.random_source import Random
from mockserver.state.table import Table

MOST_RULES: Final = 1_000
"""Faults of one world, and as many stubs: each request looks at them one after the other."""

STARTED: Final = "Started"
"""The state of a scenario that nothing has moved."""


class Counted(Protocol):
    """A rule that says how often it applies: `times` requests (0: without end), from those after the first `after`, to
    each `every`-th, with this `probability`.
    """

    @property
    def times(self) -> int: ...
    @property
    def after(self) -> int: ...
    @property
    def every(self) -> int: ...
    @property
    def probability(self) -> float: ...


class RuleState(NamedTuple):
    """A rule with its counts; `place` orders the rules of one kind."""

    value: Any
    place: int
    seen: int
    used: int


class Rule:
    """A rule in force: `seen` counts the requests that matched it, `used` those that it was applied to. `place` is
    where it stands among the others.
    """

    __slots__ = ("id", "place", "seen", "used", "value")

    def __init__(self, id: str, value: Any, place: int, seen: int = 0, used: int = 0) -> None:
        self.id = id
        self.value = value
        self.place = place
        self.seen = seen
        self.used = used

    @property
    def state(self) -> RuleState:
        return RuleState(self.value, self.place, self.seen, self.used)

    @property
    def is_spent(self) -> bool:
        """Whether it was applied as often as it may be."""
        return bool(0 < self.value.times <= self.used)

    def is_due(self, chance: Random) -> bool:
        """Counts a request that matches, and says whether the rule applies to it."""
        value: Counted = self.value
        self.seen += 1
        late = self.seen - value.after
        if late <= 0 or late % value.every or (value.probability < 1 and chance.fraction() >= value.probability):
            return False
        self.used += 1
        return True

    def fork(self) -> Rule:
        return Rule(self.id, *self.state)


class Rules:
    """Rules by id, in the order in which they were added. `kind` is the word for one of them in messages."""

    __slots__ = ("_chance", "_kind", "_lock", "_log", "_ranked", "_rules")

    def __init__(self, kind: str, lock: Any, log: Log, chance: Random) -> None:
        self._kind = kind
        self._lock = lock
        self._log = log
        self._chance = chance
        self._rules: dict[str, Rule] = {}
        self._ranked: tuple[Rule, ...] | None = None

    def add(self, value: Any, id: str = "") -> Rule:
        """Adds a rule, or replaces the one with this id in its place. Raises Problem 409 if there are too many."""
        with self._lock:
            id = id or self._chance.uuid()
            if id not in self._rules and len(self._rules) >= MOST_RULES:
                message = f"This world has {MOST_RULES} {self._kind}s, which is all that it takes; delete some first."
                raise Problem(409, message)
            self._touch(id)
            known = self._rules.get(id)
            rule = self._rules[id] = Rule(id, value, self._last + 1 if known is None else known.place)
            self._ranked = None
            return rule

    def change(self, id: str, value: Any) -> None:
        """The rule has another value, and its counts go on."""
        with self._lock:
            self._touch(id)
            self._rules[id].value = value
            self._ranked = None

    def __getitem__(self, id: str) -> Rule:
        """Raises Problem 404 if there is no such rule."""
        rule = self._rules.get(id)
        if rule is None:
            message = f"This world has no {self._kind} {id[:80]!r}; it was deleted, used up, or never there."
            raise Problem(404, message, code=NOT_FOUND)
        return rule

    def __iter__(self) -> Iterator[Rule]:
        return iter(tuple(self._rules.values()))

    def __len__(self) -> int:
        return len(self._rules)

    def __contains__(self, id: object) -> bool:
        return id in self._rules

    def remove(self, id: str) -> Rule:
        """Removes the rule and returns it. Raises Problem 404 if there is no such rule."""
        with self._lock:
            rule = self[id]
            self._drop(id)
            return rule

    def clear(self) -> None:
        with self._lock:
            for id in tuple(self._rules):
                self._drop(id)

    def ranked(self) -> tuple[Rule, ...]:
        """The rules by their `priority`, of equal ones the newest first."""
        if self._ranked is None:
            newest_first = [*self._rules.values()][::-1]
            self._ranked = tuple(sorted(newest_first, key=lambda rule: rule.value.priority))
        return self._ranked

    def _drop(self, id: str) -> None:
        self._touch(id)
        self._rules.pop(id, None)
        self._ranked = None

    @property
    def _last(self) -> int:
        return next(reversed(self._rules.values())).place if self._rules else 0

    # As a place of the world

    @property
    def address(self) -> Address:
        return ("rules", self._kind)

    def _touch(self, id: str) -> None:
        """The rule with this id is about to change."""
        if self._log.recording is not None:
            self._log.recording.keep(self, id, self.current(id))

    def current(self, id: str) -> RuleState | None:
        """The rule of this id, if there is one."""
        rule = self._rules.get(id)
        return None if rule is None else rule.state

    def put_back(self, id: str, old: RuleState | None) -> None:
        """Has the rule as it was."""
        self._ranked = None
        if old is None:
            self._rules.pop(id, None)
            return
        is_in_order = id in self._rules or old.place > self._last
        self._rules[id] = Rule(id, *old)
        if not is_in_order:
            self._rules = dict(sorted(self._rules.items(), key=lambda item: item[1].place))

    def receive(self, id: str, value: RuleState | None) -> None:
        """Has the rule as it was written elsewhere."""
        self.put_back(id, value)

    @property
    def ids(self) -> tuple[str, ...]:
        return tuple(self._rules)

    def apply(self, rule: Rule) -> bool:
        """Counts a request that matches the rule, says whether it applies, and removes the rule once it is spent."""
        self._touch(rule.id)
        due = rule.is_due(self._chance)
        if rule.is_spent:
            self._drop(rule.id)
        return due

    def fork(self, lock: Any, log: Log, chance: Random) -> Rules:
        forked = Rules(self._kind, lock, log, chance)
        forked._rules = {id: rule.fork() for id, rule in self._rules.items()}
        return forked


class Interventions:
    """The faults, stubs and next answers of one world, and the states of its `scenarios` by name. `chance` is a stream
    of its own, so that ids and secrets are the same with and without faults.
    """

    __slots__ = ("answers", "chance", "faults", "scenarios", "stubs")

    def __init__(self, lock: Any, log: Log, chance: Random) -> None:
        self.chance = chance
        self.faults = Rules("fault", lock, log, chance)
        self.stubs = Rules("stub", lock, log, chance)
        self.answers = Rules("next answer", lock, log, chance)
        self.scenarios = Table("scenarios", "", log)

    def __bool__(self) -> bool:
        """Whether there is anything to do."""
        return bool(self.faults or self.stubs or self.answers)

    def fork(self, lock: Any, log: Log) -> Interventions:
        """Independent interventions with the same rules, counts and states."""
        chance = self.chance.fork()
        forked = Interventions(lock, log, chance)
        forked.faults = self.faults.fork(lock, log, chance)
        forked.stubs = self.stubs.fork(lock, log, chance)
        forked.answers = self.answers.fork(lock, log, chance)
        forked.scenarios.update(self.scenarios)
        return forked
