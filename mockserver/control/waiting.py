"""Requests to the control API that wait: each keeps one of the server's eight threads, so they are few."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from mockserver.problem import Problem
from mockserver.state.clock import stopwatch

MAX_WAITING = 3
_PAUSE = 0.02
_never = threading.Event()
_waiting = threading.BoundedSemaphore(MAX_WAITING)


@contextmanager
def waiting_place() -> Iterator[None]:
    """One of the three places for requests that wait. Raises Problem 503 if all are taken."""
    if not _waiting.acquire(blocking=False):
        raise Problem(
            503,
            f"{MAX_WAITING} requests wait already (requests/stream, verify with `within`), which is all that the "
            "server's threads allow; ask again when one has ended.",
            retry_after=1,
        )
    try:
        yield
    finally:
        _waiting.release()


def wait_until(is_true: Callable[[], bool], seconds: float) -> bool:
    """Whether it became true within so many seconds."""
    if is_true():
        return True
    if seconds <= 0:
        return False
    with waiting_place():
        deadline = stopwatch() + seconds
        while stopwatch() < deadline:
            _never.wait(_PAUSE)
            if is_true():
                return True
    return False
