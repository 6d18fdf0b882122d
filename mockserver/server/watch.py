"""Polls files and reloads what is made of them when one has changed."""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable, Iterable, Mapping
from pathlib import Path

log = logging.getLogger(__name__)

INTERVAL = 0.3
"""Seconds between two polls."""

Stamp = Mapping[Path, tuple[int, int]]
"""Modification time in nanoseconds and size of each file; missing files are absent."""


class Watch:
    """Calls `renew` when one of the files has changed, and then watches the files that it returns.

    A change counts once the file is the same in two polls, since writing a file changes it more than once. A file that
    is only missing is no change: it may be about to be replaced.
    """

    def __init__(self, files: Iterable[Path], renew: Callable[[], Iterable[Path]], interval: float = INTERVAL) -> None:
        self._files = tuple(files)
        self._renew = renew
        self._interval = interval
        self._seen = stamp(self._files)
        self._last = self._seen
        self._ended = threading.Event()

    def start(self) -> None:
        """Starts a thread that polls until `end` is called or the process ends."""
        threading.Thread(target=self._run, name="watch", daemon=True).start()

    def end(self) -> None:
        self._ended.set()

    def look(self) -> None:
        """Polls the files once."""
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
    """The state of the files, which differs when one has changed."""
    found = {}
    for file in files:
        try:
            status = file.stat()
        except OSError:
            continue
        found[file] = (status.st_mtime_ns, status.st_size)
    return found
