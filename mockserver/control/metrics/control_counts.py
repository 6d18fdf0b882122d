"""Counts of answered requests to the control API."""

from __future__ import annotations

import threading
from collections import Counter

from mockserver.control.metrics.sample import Sample


class ControlCounts:
    """Requests to the control API by operation and status. There are as many sets of these as its document has."""

    def __init__(self) -> None:
        self._counts: Counter[tuple[str, int]] = Counter()
        self._lock = threading.Lock()

    def add(self, operation: str, status: int) -> None:
        """Counts one that was answered; `operation` is empty where there is none at the address."""
        with self._lock:
            self._counts[operation, status] += 1

    def samples(self) -> list[Sample]:
        """The counters."""
        with self._lock:
            counted = sorted(self._counts.items())
        return [
            Sample("", (("operation", operation), ("status", str(status))), count)
            for (operation, status), count in counted
        ]
