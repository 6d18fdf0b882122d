"""What remembering costs, without a server: rollback, fork, first write after a fork."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass
from itertools import cycle, islice
from statistics import median
from typing import Any
from uuid import UUID

from mockserver.state.records.collection import keep_all
from mockserver.state.world import SeedCollection, World

SIZES = (100, 100_000)
CHANGES = 200
REPEATS = 15


@dataclass(frozen=True, slots=True)
class Costs:
    """Microseconds, each the median of several.

    `first_write` is the one that copies the collection; `next_write` the one after it, for comparison.
    """

    records: int
    changes: float
    rollback: float
    fork: float
    first_write: float
    next_write: float


class Abandoned(Exception):
    """What was written is to be taken back."""


def measure_remembering(like: Mapping[str, Any]) -> list[dict[str, float]]:
    """The costs in a world of few and in one of many records like this one."""
    return [asdict(_measure(like, size)) for size in SIZES]


def _measure(like: Mapping[str, Any], size: int) -> Costs:
    records = keep_all("id", [{**like, "id": str(UUID(int=number, version=4))} for number in range(size)])
    world = World("origin", {"api": {"links": SeedCollection("id", records)}})
    chosen = list(islice(cycle(records), CHANGES))
    links = world.of("api")["links"]
    links.update(chosen[0], {"enabled": False})

    undone = [_take_back(world, chosen) for _ in range(REPEATS)]
    forked = [_go_own_way(world, chosen) for _ in range(REPEATS)]
    return Costs(size, *map(median, zip(*undone, strict=True)), *map(median, zip(*forked, strict=True)))


def _take_back(world: World, ids: list[str | int]) -> tuple[float, float]:
    """Microseconds that the changes took, and that taking them back took."""
    links = world.of("api")["links"]
    before = links[ids[0]]["enabled"]
    began = time.perf_counter()
    try:
        with world.of("api").transaction():
            links.update_all(ids, {"enabled": not before})
            written = time.perf_counter()
            raise Abandoned
    except Abandoned:
        ended = time.perf_counter()
    if links[ids[0]]["enabled"] is not before:
        raise AssertionError("the change was not taken back")
    return (written - began) * 1e6, (ended - written) * 1e6


def _go_own_way(world: World, ids: list[str | int]) -> tuple[float, float, float]:
    """Microseconds of a fork, of its first write and of its second."""
    began = time.perf_counter()
    fork = world.fork("fork")
    forked = time.perf_counter()
    return (
        (forked - began) * 1e6,
        _timed(lambda: fork.of("api")["links"].update(ids[0], {"scan_count": 1})),
        _timed(lambda: fork.of("api")["links"].update(ids[1], {"scan_count": 2})),
    )


def _timed(write: Callable[[], object]) -> float:
    began = time.perf_counter()
    write()
    return (time.perf_counter() - began) * 1e6
