"""What worlds cost: forks of one of 1,000 records, a reset among 10,000, and 1,000 worlds with their journals."""

from __future__ import annotations

import gc
import io
import resource
import time
from collections.abc import Mapping
from statistics import median
from typing import Any
from uuid import UUID

from mockserver.server import Options, create_mock
from mockserver.state.records.collection import keep_all
from mockserver.state.world import SeedCollection
from mockserver.state.worlds import Worlds

FORKS, RECORDS = 10_000, 1_000
RESET_RECORDS, RESETS = 10_000, 50
WORLDS, REQUESTS = 1_000, 100


def measure_worlds(like: Mapping[str, Any]) -> dict[str, float]:
    """Microseconds of a fork, of the slowest one in a hundred and of a reset; kilobytes of a fork; and megabytes of a
    whole mock of xqr with 1,000 worlds of 100 requests each, journals on.
    """
    return {**_forks(like), **_resets(like), **_journals()}


def _world_of(like: Mapping[str, Any], size: int) -> Worlds:
    records = keep_all("id", [{**like, "id": str(UUID(int=number, version=4))} for number in range(size)])
    return Worlds({"api": {"links": SeedCollection("id", records)}})


def _forks(like: Mapping[str, Any]) -> dict[str, float]:
    worlds = _world_of(like, RECORDS)
    origin = worlds["origin"]
    origin.of("api")["links"].update(next(iter(origin.of("api")["links"]))["id"], {"enabled": False})
    gc.collect()
    before, took = _megabytes(), []
    for number in range(FORKS):
        began = time.perf_counter()
        worlds.create(f"f{number}", origin)
        took.append(time.perf_counter() - began)
    took.sort()
    return {
        "fork_us": median(took) * 1e6,
        "slow_fork_us": took[-FORKS // 100] * 1e6,
        "fork_kb": (_megabytes() - before) * 1024 / FORKS,
    }


def _resets(like: Mapping[str, Any]) -> dict[str, float]:
    worlds = _world_of(like, RESET_RECORDS)
    world, took = worlds["w"], []
    for _ in range(RESETS):
        links = world.of("api")["links"]
        links.update_all([record["id"] for record in links.list()[:200]], {"enabled": False})
        began = time.perf_counter()
        worlds.reset("w")
        took.append(time.perf_counter() - began)
    return {"reset_us": median(took) * 1e6}


def _journals() -> dict[str, float]:
    mock = create_mock(Options(apis=("xqr",)))
    name, value = mock.services["xqr"].api.credential
    headers = {f"HTTP_{name.upper()}": value, "HTTP_HOST": "localhost", "HTTP_USER_AGENT": "bench/1"}
    began = time.perf_counter()
    for number in range(WORLDS):
        for _ in range(REQUESTS):
            environ = {
                "REQUEST_METHOD": "GET",
                "PATH_INFO": f"/~w{number}/xqr/api/v1/links",
                "QUERY_STRING": "limit=2",
                "SERVER_NAME": "localhost",
                "SERVER_PORT": "4010",
                "wsgi.url_scheme": "http",
                "wsgi.input": io.BytesIO(),
                **headers,
            }
            list(mock.app(environ, _started))
    took = time.perf_counter() - began
    kept = sum(len(world.journal) for world in mock.worlds.every())
    return {"journal_mb": _megabytes(), "journal_entries": float(kept), "journal_s": took}


def _started(*_: object) -> None:
    """What a server would begin to send is not looked at."""


def _megabytes() -> float:
    """The memory of this process."""
    with open("/proc/self/statm", encoding="ascii") as file:  # noqa: PTH123 - no file of ours
        return int(file.read().split()[1]) * resource.getpagesize() / 2**20


def worlds_table(figures: Mapping[str, float]) -> str:
    """The figures in words."""
    forks = f"{figures['fork_us']:.0f} µs each ({figures['slow_fork_us']:.0f} µs the slowest in a hundred)"
    journals = f"{figures['journal_mb']:.0f} MB in all, {figures['journal_entries']:,.0f} exchanges kept"
    lines = (
        f"{FORKS:,} forks of a world of {RECORDS:,} records: {forks}, {figures['fork_kb']:.1f} KB each",
        f"reset of a world of {RESET_RECORDS:,} records: {figures['reset_us']:.0f} µs",
        f"{WORLDS:,} worlds of {REQUESTS} requests to xqr, journals on: {journals}, {figures['journal_s']:.0f} s",
    )
    return "\n".join(lines)
