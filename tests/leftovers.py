"""Fails each test that leaves a process or a thread running, and says which."""

from __future__ import annotations

import os
import signal
import threading
import time
from collections.abc import Generator
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest

PATIENCE = 10.0
"""Seconds that something has to come to its end by itself once a test is over."""

TASKS = Path("/proc/self/task")
"""Where Linux tells the processes that this one started; elsewhere threads alone are looked at."""

_known: dict[object, str] = {}
"""What may run: from before the first test, or started by a fixture that several tests share."""


def _running() -> dict[object, str]:
    """Processes by id and threads, that are not this one and its main thread, each with a description.

    Threads of the mock are daemons that end when there is nothing left to do, and an event loop keeps its idle threads
    while it lasts; of all others it is asked that they end.
    """
    found: dict[object, str] = {}
    for listed in TASKS.glob("*/children"):
        with suppress(OSError):
            found |= {int(pid): _command(int(pid)) for pid in listed.read_text().split()}
    for thread in threading.enumerate():
        if thread is not threading.main_thread() and not _may_stay(thread):
            found[thread] = repr(thread)
    return found


def _command(pid: int) -> str:
    """The words that started the process."""
    with suppress(OSError):
        return f"process {pid}: " + Path(f"/proc/{pid}/cmdline").read_text().replace("\0", " ")
    return f"process {pid}"


def _may_stay(thread: threading.Thread) -> bool:
    """Whether the package started it as a daemon, or an event loop as one of its pool."""
    target = getattr(thread, "_target", None)
    is_of_mock = getattr(target, "__module__", "").startswith("mockserver.")
    return (thread.daemon and is_of_mock) or thread.name.startswith("asyncio_")


def _left() -> dict[object, str]:
    """What runs that nobody knows, after it had its time to end."""
    deadline = time.monotonic() + PATIENCE
    while left := {key: said for key, said in _running().items() if key not in _known}:
        if time.monotonic() > deadline:
            return left
        time.sleep(0.01)
    return {}


def pytest_sessionstart() -> None:
    """What runs by now is nobody's."""
    _known.update(_running())


@pytest.hookimpl(wrapper=True)
def pytest_fixture_setup(fixturedef: pytest.FixtureDef[Any]) -> Generator[None, Any, Any]:
    """What a fixture starts that outlives the test is that fixture's to end."""
    if fixturedef.scope == "function":
        return (yield)
    before = _running()
    try:
        return (yield)
    finally:
        _known.update({key: said for key, said in _running().items() if key not in before})


@pytest.hookimpl(wrapper=True)
def pytest_runtest_teardown() -> Generator[None, None, None]:
    """After all fixtures of the test nothing is left of it; what is left is ended, so that only one test is told so."""
    yield
    left = _left()
    _known.update(left)
    for process in left:
        if isinstance(process, int):
            with suppress(ProcessLookupError):
                os.kill(process, signal.SIGTERM)
    if left:
        pytest.fail("left running: " + "; ".join(left.values()), pytrace=False)
