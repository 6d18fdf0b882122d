"""Counts of answered requests and of the time that they took."""

from __future__ import annotations

import threading
from bisect import bisect_left
from collections import deque
from collections.abc import Callable, Sized
from itertools import accumulate
from typing import Final

from mockserver.control.metrics.sample import Sample

MOST_LABEL_SETS: Final = 2_000
"""Sets of API, operation and status that are counted apart."""

OTHER: Final = "(other)"
"""Stands for the API, operation and status of requests beyond these."""

BOUNDS: Final = (0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0)
"""Seconds: the upper bounds of the histogram's buckets, but for the last one, which has none."""

_AT_ONCE: Final = 2_000
"""Requests that are counted before others have their turn."""

_KEYS: Final = (*map(str, BOUNDS), "+Inf")
_SUM: Final = len(_KEYS)

AnsweredRequest = tuple[str, str, int, float]
"""API, operation (empty: none), status, seconds."""


class RequestCounts:
    """Requests by API, operation and status, and how long they took.

    `add` takes one that was answered, in the least time; it is counted later, by `count`. `connections` are those that
    are open.
    """

    def __init__(self) -> None:
        self._recent: deque[AnsweredRequest] = deque()
        self.add: Callable[[AnsweredRequest], None] = self._recent.append
        self.connections: Sized = ()
        self._cells: dict[tuple[str, str, int], list[float]] = {}
        self._lock = threading.Lock()

    def count(self) -> bool:
        """Counts requests that were added. Returns whether there are more."""
        recent, cells = self._recent, self._cells
        with self._lock:
            for _ in range(min(len(recent), _AT_ONCE)):
                api, operation, status, seconds = recent.popleft()
                cell = cells.get((api, operation, status))
                if cell is None:
                    cell = self._new_cell(api, operation, status)
                cell[bisect_left(BOUNDS, seconds)] += 1
                cell[_SUM] += seconds
        return bool(recent)

    def _new_cell(self, api: str, operation: str, status: int) -> list[float]:
        key = (api, operation, status) if len(self._cells) < MOST_LABEL_SETS else (OTHER, OTHER, 0)
        return self._cells.setdefault(key, [0] * (_SUM + 1))

    def samples(self) -> tuple[list[Sample], list[Sample]]:
        """The counters of requests, and the histogram of their time."""
        while self.count():
            continue
        with self._lock:
            cells = {key: [*cell] for key, cell in self._cells.items()}
        counters = []
        times: dict[tuple[str, str], list[float]] = {}
        for (api, operation, status), cell in sorted(cells.items()):
            labels = (("api", api), ("operation", operation), ("status", str(status) if status else OTHER))
            counters.append(Sample("", labels, sum(cell[:_SUM])))
            known = times.get((api, operation))
            times[api, operation] = cell if known is None else [a + b for a, b in zip(known, cell, strict=True)]
        return counters, [sample for key, cell in times.items() for sample in _histogram(*key, cell)]


def _histogram(api: str, operation: str, cell: list[float]) -> list[Sample]:
    labels = (("api", api), ("operation", operation))
    sums = [*accumulate(cell[:_SUM])]
    buckets = [Sample("_bucket", (*labels, ("le", key)), value) for key, value in zip(_KEYS, sums, strict=True)]
    return [*buckets, Sample("_sum", labels, cell[_SUM]), Sample("_count", labels, sums[-1])]
