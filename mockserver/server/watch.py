"""Files that are looked at again and again: what is made of them is made anew when one has changed."""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable, Iterable, Mapping
from pathlib import Path

log = logging.getLogger(__name__)

INTERVAL = 0.3
"""Seconds between two looks."""

Stamp = Mapping[Path, tuple[int, int]]
"""Of each file when it was written last, in nanoseconds, and how long it is; a missing one is not there."""


class Watch:
    """Calls `renew` when one of the files has changed, and watches the files that it returns from then on.

    A file that is being written changes twice: it has to stay as it is from one look to the next before it counts. That
    one is gone, and nothing else has changed, is no change of the document: it may be on its way.
    """

    def __init__(self, files: Iterable[Path], renew: Callable[[], Iterable[Path]], interval: float = INTERVAL) -> None:
        self._files = tuple(files)
        self._renew = renew
        self._interval = interval
        self._seen = stamp(self._files)
        self._last = self._seen
        self._ended = threading.Event()

    def start(self) -> None:
        """A thread of its own looks from now on, until the process ends or `end` is called."""
        threading.Thread(target=self._run, name="watch", daemon=True).start()

    def end(self) -> None:
        self._ended.set()

    def look(self) -> None:
        """One look at the files."""
        now = stamp(self._files)
        settled, self._last = now == self._last, now
        if now == self._seen or not settled:
            return
        if now.items() < self._seen.items():
            gone = ", ".join(sorted(map(str, self._seen.keys() - now.keys())))
            log.warning("%s: gone; what was read of it is served on", gone)
            self._seen = now
            return
        self._files = tuple(self._renew()) or self._files
        self._seen = self._last = now if now.keys() == set(self._files) else stamp(self._files)

    def _run(self) -> None:
        while not self._ended.wait(self._interval):
            self.look()


def stamp(files: Iterable[Path]) -> Stamp:
    """What tells that a file was changed."""
    found = {}
    for file in files:
        try:
            status = file.stat()
        except OSError:
            continue
        found[file] = (status.st_mtime_ns, status.st_size)
    return found
