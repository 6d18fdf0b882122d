"""Puts each test into one lane, runs the lanes that were asked for, and says at the end which were left out."""

from __future__ import annotations

import gc
import time
from collections import Counter
from collections.abc import Generator, Iterator
from functools import cache
from pathlib import Path
from typing import Any

import pytest

HERE = Path(__file__).parent
FAST, WIRE, STORES, REST = "fast", "wire", "stores", "rest"

LANES = {
    FAST: "all that the other lanes do not have",
    WIRE: "the tests of the fast lane that can be asked over a real port as well, over that port",
    "corpus": "real documents and the official test vectors",
    "contract": "whole runs of Schemathesis",
    "hostile": "clients that mean no good: large, slow, broken, interrupted",
    "package": "the wheel, and public clients, installed into empty environments",
    "commands": "the commands in processes of their own, as users start them",
    STORES: "stores of worlds: killed, restarted, by chance against their model, and whatever needs a Redis",
    "docs": "the examples of README and the pages in docs, carried out, and the site made of them",
    "languages": "the examples for other languages, browsers and containers",
    "page": "the page in a real browser before a real server",
    "fuzz": "documents, bodies and bytes made by chance, for a bounded time, and all that was found so before",
}

PLACES = {
    "corpus": "corpus",
    "openapi/test_vectors.py": "corpus",
    "contract": "contract",
    "dashboard": "page",
    "test_hostile.py": "hostile",
    "test_isolation.py": "hostile",
    "engine/test_hostile.py": "hostile",
    "control/test_foreign_page.py": "hostile",
    "fuzz": "fuzz",
    "server/http/test_bad_clients.py": "hostile",
    "server/test_serve_process.py": "hostile",
    "test_package.py": "package",
    "tools/test_checksums.py": "package",
    "clients": "package",
    "examples": "languages",
    "test_docs.py": "docs",
    "test_docs_site.py": "docs",
    "test_your_own_api.py": "docs",
    "testing/test_pages.py": "docs",
    "server/test_memory.py": "hostile",
    "server/test_log_output.py": "hostile",
    "control/test_secret_placements.py": "hostile",
    "control/test_webhooks_to_itself.py": "hostile",
    "described/test_nested_schemas.py": "hostile",
    "described/test_slow_patterns.py": "hostile",
    "described/test_value_bounds.py": "hostile",
    "generate/test_value_size.py": "hostile",
    "engine/test_part_count.py": "hostile",
    "proxy/test_hostile_upstreams.py": "hostile",
    "proxy/test_uploads.py": "hostile",
    "proxy/test_real_clients.py": "languages",
    "proxy/test_package_clients.py": "languages",
    "proxy/test_proxy_command.py": "commands",
    "test_cli.py": "commands",
    "test_benchmarks.py": "commands",
    "mcp_server/test_sdk_client.py": "commands",
    "mcp_server/test_without_sdk.py": "commands",
    "control/test_coverage_command.py": "commands",
    "probe/test_assumptions_command.py": "commands",
    "checking/test_stopped_check.py": "commands",
    "testing/test_mock_coverage.py": "commands",
    "replica/test_redis_network.py": "stores",
    "replica/test_redis_troubles.py": "stores",
    "replica/test_groups.py": "stores",
    "replica/test_registers.py": "stores",
    "replica/test_restart.py": "stores",
    "replica/test_three_replicas.py": "stores",
    "replica/test_worlds_of_several.py": "stores",
    "stores/test_sqlite_file.py": "stores",
    "stores/test_store_machine.py": "stores",
    "stores/test_redis_faults.py": "stores",
    "stores/test_redis_restarts.py": "stores",
    "stores/test_redis_servers.py": "stores",
    "stores/test_replicas_example.py": "stores",
    "stores/test_operating.py": "stores",
    "stores/test_worker_processes.py": "stores",
}
"""Folders and files below `tests` whose tests are all of one lane; the tests of all others are `fast` or `wire`."""

SERVERS = frozenset({"redis", "redis behind a faulty network"})
"""The implementations of a store, as the fixture `opened` names them, that need a server of their own."""

LONG = (
    "corpus/test_sample.py",
    "corpus/test_journeys.py",
    "contract/test_bundled.py",
    "contract/test_probes.py::test_all_options_of_one_server_are_found_at_once",
    "contract/test_control.py::test_schemathesis_finds_nothing",
    "fuzz/test_documents.py",
    "replica/test_three_replicas.py",
    "test_package.py",
    "replica/test_redis_network.py",
    "replica/test_registers.py",
    "clients/test_compare_todo.py",
    "fuzz/test_worlds.py",
    "replica/test_restart.py::test_writers_that_are_killed_200_times_lose_nothing",
    "test_your_own_api.py",
    "fuzz/test_bodies.py",
    "fuzz/test_socket.py",
)
"""Tests that take tens of seconds, the longest first. Each worker begins with its share of them, so that none has one
left when the others are done.
"""

_LONG = tuple(f"tests/{place}" for place in LONG)
_began = pytest.StashKey[float]()


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """Whatever talks to a mock does so in this process and over a port, but for what only a port can show."""
    if "way" in metafunc.fixturenames:
        ways = ["port"] if _needs_port(metafunc.definition) else ["port", "process"]
        metafunc.parametrize("way", ways, scope="session")


def _needs_port(test: pytest.Item) -> bool:
    """Only a real port shows what this test is about, so it has no twin in this process."""
    return "raw" in getattr(test, "fixturenames", ()) or test.get_closest_marker("port") is not None


def lane_of(item: pytest.Item) -> str:
    """The lane of a test, by where it stands and by how it asks the mock."""
    placed = _lane_of_place(item.path)
    if placed:
        return placed
    callspec = getattr(item, "callspec", None)
    if callspec is not None and callspec.params.get("opened") in SERVERS:
        return STORES
    over_port = callspec is not None and callspec.params.get("way") == "port"
    return WIRE if over_port and not _needs_port(item) else FAST


@cache
def _lane_of_place(path: Path) -> str | None:
    """The lane of all tests below this file or folder; None: each test has its own."""
    inside = path.relative_to(HERE) if path.is_relative_to(HERE) else path
    return next((lane for place, lane in PLACES.items() if inside.is_relative_to(place)), None)


def _asked(config: pytest.Config) -> set[str]:
    """The lanes that are to be run."""
    named: set[str] = set(config.getoption("lane") or LANES)
    return named - {REST} | (LANES.keys() - {FAST} if REST in named else set())


def pytest_addoption(parser: pytest.Parser) -> None:
    """`--lane NAME`, which may be given several times; without it every lane is run."""
    parser.addoption("--lane", action="append", choices=[*LANES, REST], help="run this lane of the tests only")


def pytest_configure(config: pytest.Config) -> None:
    """Each lane is a marker too: `-m wire` selects among what was collected."""
    config.stash[_began] = time.monotonic()
    for lane, holds in LANES.items():
        config.addinivalue_line("markers", f"{lane}: {holds}")


def pytest_ignore_collect(collection_path: Path, config: pytest.Config) -> bool | None:
    """What is of another lane as a whole is not even read."""
    asked, placed = _asked(config), _lane_of_place(collection_path)
    is_shared = placed is None and collection_path.name.startswith("test_")
    mixed = {FAST, WIRE, STORES} if collection_path.parent.name == STORES else {FAST, WIRE}
    if placed not in {None, *asked} or (is_shared and not asked & mixed):
        return True
    return None


@pytest.hookimpl(wrapper=True)
def pytest_collection() -> Generator[None, Any, Any]:
    """What is collected lasts as long as the run: the collector of garbage need not look at it again and again."""
    gc.disable()
    try:
        return (yield)
    finally:
        gc.enable()
        gc.freeze()


@pytest.hookimpl(wrapper=True)
def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> Generator[None, None, None]:
    """Each test is marked with its one lane, and goes unless that was asked for; those that take long come first, in
    whatever order others put them.
    """
    _choose(config, items)
    yield
    items[:] = _long_first(items, getattr(config, "workerinput", {}).get("workercount", 1))


def _choose(config: pytest.Config, items: list[pytest.Item]) -> None:
    asked = _asked(config)
    kept: list[pytest.Item] = []
    gone: list[pytest.Item] = []
    for item in items:
        by_hand = LANES.keys() & {mark.name for mark in item.iter_markers()}
        if by_hand:
            raise pytest.UsageError(f"{item.nodeid} is marked {min(by_hand)}; lanes are given by tests/lanes.py alone")
        lane = lane_of(item)
        item.add_marker(lane)
        item.user_properties.append(("lane", lane))
        (kept if lane in asked else gone).append(item)
    if gone:
        config.hook.pytest_deselected(items=gone)
        items[:] = kept


def _long_first(items: list[pytest.Item], workers: int) -> list[pytest.Item]:
    """The tests in another order: pytest-xdist gives each worker one stretch of them, its long ones first."""
    groups = [[item for item in items if item.nodeid.startswith(place)] for place in _LONG]
    short = [item for item in items if not item.nodeid.startswith(_LONG)]
    ordered: list[pytest.Item] = []
    left = len(items)
    for number in range(workers):
        stretch = left // (workers - number)
        left -= stretch
        head = [item for group in groups[number::workers] for item in group]
        filled = max(0, stretch - len(head))
        ordered += head + short[:filled]
        del short[:filled]
    return ordered + short


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter, config: pytest.Config) -> None:
    """How many tests of each lane ran, how long all took, and how to run what was left out."""
    asked, ran = _asked(config), Counter(_lanes_of_reports(terminalreporter))
    seconds = time.monotonic() - config.stash[_began]
    counts = ", ".join(f"{lane} {ran[lane]:,}" for lane in LANES if ran[lane]) or "no test"
    terminalreporter.section("lanes")
    terminalreporter.write_line(f"ran in {seconds:.0f} s: {counts}")
    left_out = [lane for lane in LANES if lane not in asked]
    for lane in left_out:
        terminalreporter.write_line(f"left out: make verify LANE={lane:<9} {LANES[lane]}")
    if left_out:
        terminalreporter.write_line("everything: make verify")


def _lanes_of_reports(terminalreporter: pytest.TerminalReporter) -> Iterator[str]:
    """The lane of each test that was run or skipped."""
    for outcome in ("passed", "failed", "skipped", "xfailed", "xpassed"):
        for report in terminalreporter.stats.get(outcome, ()):
            yield from (lane for name, lane in report.user_properties if name == "lane")
