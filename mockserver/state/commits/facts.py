"""The facts of a world that are few and change often: compared before and after a request, instead of being logged."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, Final, NamedTuple

from mockserver.messages import make
from mockserver.state.clock import ClockState
from mockserver.state.commits.log import Address
from mockserver.state.random_source import RandomState
from mockserver.state.records.seed_collection import IssuedRecord
from mockserver.state.world import World


class WorldFacts(NamedTuple):
    """The facts that are compared. `rule_chance` is that of faults and stubs; None: there were none yet."""

    clock: ClockState
    chance: RandomState
    rule_chance: RandomState | None
    exchanges: int
    deliveries: int
    began: str
    expire: float | None
    issued: tuple[IssuedRecord, ...]


def facts_of(world: World) -> WorldFacts:
    """The facts as they are now."""
    given = world.interventions
    facts = (
        world.clock.state,
        world.chance.state,
        None if given is None else given.chance.state,
        world.journal.taken,
        world.outbox.taken,
        world.began,
        world.expire,
        world.issued,
    )
    return make(WorldFacts, facts)


USED_AT: Final = "used_at"
"""Is not compared, since it changes with time alone."""

USE_PARTS: Final = 20
"""When a world was used is written as often within the time after which it expires, at most."""


def use_of(world: World, now: float) -> float | None:
    """When the world was used, if that is to be written; None: it does not expire, or was used shortly before."""
    return now if world.expire is not None and now - world.used_at >= world.expire / USE_PARTS else None


def _take_rule_chance(world: World, state: RandomState | None) -> None:
    if state is not None:
        world.rule_chance.take(state)
    else:
        world.interventions = None


def _set(name: str) -> Callable[[World, Any], None]:
    return lambda world, value: setattr(world, name, value)


SETTERS: Final[Mapping[str, Callable[[World, Any], None]]] = {
    "clock": lambda world, state: world.clock.take(state),
    "chance": lambda world, state: world.chance.take(state),
    "rule_chance": _take_rule_chance,
    "exchanges": lambda world, taken: world.journal.number_from(taken),
    "deliveries": lambda world, taken: world.outbox.number_from(taken),
    "began": _set("began"),
    "expire": _set("expire"),
    "issued": _set("issued"),
    USED_AT: _set("used_at"),
}
"""What makes each fact so, by its name in WorldFacts; and what is written beside these."""

FACTS: Final[Address] = ("facts",)
