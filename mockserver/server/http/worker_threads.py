"""Threads for requests that may take long, so that the event loop need not wait for them."""

from __future__ import annotations

import threading
from collections.abc import Callable
from queue import SimpleQueue

STACK = 16 * 1024 * 1024
"""Bytes of a thread's stack. What recurses over JSON of the deepest nesting that is taken has room in it."""

Work = Callable[[], None]


class WorkerThreads:
    """At most `most` threads, started when all others are busy. They are daemons: an endless handler of a user does not
    keep the process from ending.
    """

    def __init__(self, name: str, most: int) -> None:
        self._name = name
        self._most = most
        self._waiting: SimpleQueue[Work | None] = SimpleQueue()
        self._lock = threading.Lock()
        self._idle = self._started = 0

    def submit(self, work: Work) -> None:
        """Does the work in a thread as soon as one is free. It must handle its own exceptions. Raises MemoryError where
        there is no thread, and none can be started.
        """
        with self._lock:
            if self._idle:
                self._idle -= 1
            elif self._started < self._most:
                self._start()
        self._waiting.put(work)

    def _start(self) -> None:
        try:
            start_thread(self._run, f"{self._name}-{self._started + 1}")
            self._started += 1
        except RuntimeError:  # The system gives no more threads, or no memory for their stacks.
            if not self._started:
                raise MemoryError from None

    def end(self) -> None:
        """Ends the threads after the work that waits."""
        with self._lock:
            for _ in range(self._started):
                self._waiting.put(None)

    def _run(self) -> None:
        while (work := self._waiting.get()) is not None:
            work()
            with self._lock:
                self._idle += 1


def start_thread(target: Work, name: str) -> threading.Thread:
    """Starts a daemon thread with a stack of STACK bytes."""
    before = threading.stack_size(STACK)
    try:
        thread = threading.Thread(target=target, name=name, daemon=True)
        thread.start()
    finally:
        threading.stack_size(before)
    return thread
