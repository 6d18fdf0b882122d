"""Counts the requests that may change something, so that no check blames a server for what another worker wrote."""

from __future__ import annotations

from threading import Lock, get_ident
from typing import Final

SAFE: Final = frozenset({"GET", "HEAD", "OPTIONS", "TRACE", "QUERY"})
"""Methods that change nothing (RFC 9110 9.2.1)."""


MOST_MARKS: Final = 1_000
"""Latest requests of which it is known what others had written when they began."""


class WriteLog:
    """The unsafe requests of all workers: how many began, and by which worker each is on its way."""

    def __init__(self) -> None:
        self._lock = Lock()
        self._begun: dict[int, int] = {}
        self._running: set[int] = set()
        self._marks: dict[str, int] = {}

    def begin(self, method: str, case: str) -> None:
        """A request of this worker is about to be sent, for the case of this id."""
        worker = get_ident()
        with self._lock:
            self._marks[case] = self._by_others(worker)
            if len(self._marks) > MOST_MARKS:
                del self._marks[next(iter(self._marks))]
            if method.upper() not in SAFE:
                self._begun[worker] = self._begun.get(worker, 0) + 1
                self._running.add(worker)

    def end(self) -> None:
        """The request of this worker was answered."""
        with self._lock:
            self._running.discard(get_ident())

    def is_quiet(self, case: str) -> bool:
        """Whether no other worker wrote since this worker began the request of this case."""
        worker = get_ident()
        with self._lock:
            return not self._running - {worker} and self._marks.get(case) == self._by_others(worker)

    def _by_others(self, worker: int) -> int:
        running = len(self._running - {worker})
        return sum(count for other, count in self._begun.items() if other != worker) - running
