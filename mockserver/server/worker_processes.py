"""Several processes that serve one port: started, watched, and ended together."""

from __future__ import annotations

import os
import signal
import socket
import sys
import time
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from threading import Thread
from typing import NamedTuple

FIRST_PAUSE, LONGEST_PAUSE = 0.1, 5.0
"""Seconds until a worker that ended is started again: the first time, and at most; each time it is twice as long."""

STEADY_SECONDS = 30.0
"""A worker that served so long is started again after the first pause."""

_LOOK = 0.05
"""Seconds between two looks at the workers."""

_FAILED = 1


class WorkerTask(NamedTuple):
    """The task of one worker: it has the `number` 1 or above, serves the socket, and calls `ready` once it does.
    `is_first`: it is the first of its server, whose words speak for all.
    """

    number: int
    listening: socket.socket
    ready: Callable[[], None]
    is_first: bool
    server: int


@dataclass(slots=True)
class WorkerSlot:
    """One place among the workers. `pid` 0: nobody is there, and one is started at the time `due`."""

    number: int
    listening: socket.socket
    pid: int = 0
    began: float = 0.0
    due: float = 0.0
    failures: int = 0


class WorkerProcesses:
    """Forks a process for each of the sockets, which does the `work`.

    One that ends by itself is started again; connections that came for it wait meanwhile, since its socket stays open
    here. At SIGINT, SIGTERM or SIGHUP all are told to end; a second signal ends all at once. They also end when this
    process does, however it does. `say` tells people.
    """

    def __init__(
        self, sockets: Sequence[socket.socket], work: Callable[[WorkerTask], None], say: Callable[[str], None]
    ) -> None:
        self._slots = [WorkerSlot(number, listening) for number, listening in enumerate(sockets, 1)]
        self._work = work
        self._say = say
        self._life, self._alive = os.pipe()
        self._server = os.getpid()
        self._is_ending = False

    def run(self) -> int:
        """Serves until all workers have ended, and returns the exit code of the process. In a worker it never returns.

        The first worker is started before the others, so that what keeps all from serving is told once.
        """
        for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
            if signal.getsignal(number) is not signal.SIG_IGN:
                signal.signal(number, self._end)
        if failed := self._begin(self._slots[:1]) or self._begin(self._slots[1:]):
            return self._end_all(failed)
        if not self._is_ending:
            pids = ", ".join(str(slot.pid) for slot in self._slots)
            self._say(f"{len(self._slots)} workers serve, the processes {pids}.")
        while not self._is_ending:
            self._watch()
            time.sleep(_LOOK)
        return self._end_all(0)

    def _begin(self, slots: Sequence[WorkerSlot]) -> int:
        """Starts these workers, and waits until they serve. Returns the exit code of one that did not."""
        waiting = [self._start(slot, is_first=slot.number == 1) for slot in slots if not self._is_ending]
        are_ready = [os.read(ready, 1) for ready in waiting]
        for ready in waiting:
            os.close(ready)
        if all(are_ready) or self._is_ending:
            return 0
        failed = slots[are_ready.index(b"")]
        _, status = os.waitpid(failed.pid, 0)
        failed.pid = 0
        code = os.waitstatus_to_exitcode(status)
        if code <= 0:
            self._say(f"Worker {failed.number} {_ended(status)} before it served.")
        return code if code > 0 else _FAILED

    def _end(self, _number: int, _frame: object) -> None:
        if os.getpid() != self._server:  # A worker that was forked just now.
            sys.exit(0)
        for each in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
            if signal.getsignal(each) == self._end:
                signal.signal(each, signal.SIG_DFL)
        self._is_ending = True
        self._tell()

    def _tell(self) -> None:
        """Has the workers end that there are."""
        for slot in self._slots:
            if slot.pid:
                os.kill(slot.pid, signal.SIGTERM)

    def _end_all(self, code: int) -> int:
        """Waits until all have ended. From now on their sockets are theirs alone."""
        for slot in self._slots:
            slot.listening.close()
        if not self._is_ending:
            self._tell()
        for slot in self._slots:
            if slot.pid:
                os.waitpid(slot.pid, 0)
                slot.pid = 0
        return code

    def _watch(self) -> None:
        """Starts again what ended, once its pause is over."""
        now = time.monotonic()
        for slot in self._slots:
            if slot.pid:
                pid, status = os.waitpid(slot.pid, os.WNOHANG)
                if pid and not self._is_ending:
                    self._note_end(slot, status, now)
            elif slot.due <= now and not self._is_ending:
                os.close(self._start(slot, is_first=False))

    def _note_end(self, slot: WorkerSlot, status: int, now: float) -> None:
        slot.failures = 0 if now - slot.began > STEADY_SECONDS else slot.failures
        pause = min(FIRST_PAUSE * 2**slot.failures, LONGEST_PAUSE)
        self._say(f"Worker {slot.number} (process {slot.pid}) {_ended(status)}; it is started again in {pause:g} s.")
        slot.pid, slot.due, slot.failures = 0, now + pause, min(slot.failures + 1, 10)

    def _start(self, slot: WorkerSlot, *, is_first: bool) -> int:
        """Forks the worker. Returns the end of a pipe from which a byte can be read once it serves."""
        ready, is_ready = os.pipe()
        sys.stdout.flush()
        sys.stderr.flush()
        pid = os.fork()
        if pid:
            os.close(is_ready)
            slot.pid, slot.began = pid, time.monotonic()
            if self._is_ending:  # The signal came while it was forked, and may not have reached it.
                os.kill(pid, signal.SIGTERM)
            return ready
        signal.signal(signal.SIGTERM, signal.SIG_DFL)
        for number in (signal.SIGINT, signal.SIGHUP):  # A terminal sends them to all; the server tells the workers.
            signal.signal(number, signal.SIG_IGN)
        os.close(ready)
        os.close(self._alive)
        for other in self._slots:
            if other is not slot:
                other.listening.close()
        Thread(target=_end_with_server, args=(self._life,), name="server-watch", daemon=True).start()

        def tell() -> None:
            with suppress(BrokenPipeError):  # Nobody waits for one that was started again.
                os.write(is_ready, b"1")
            os.close(is_ready)

        self._work(WorkerTask(slot.number, slot.listening, tell, is_first, self._server))
        sys.exit(0)


def _end_with_server(life: int) -> None:
    """Ends this process once nobody holds the other end of the pipe any more: the server is gone."""
    os.read(life, 1)
    os.kill(os.getpid(), signal.SIGTERM)


def _ended(status: int) -> str:
    code = os.waitstatus_to_exitcode(status)
    if code >= 0:
        return f"ended with exit code {code}"
    names = {number.value: number.name for number in signal.Signals}
    return f"was ended by {names.get(-code, f'signal {-code}')}"  # Most real-time signals have no name.
