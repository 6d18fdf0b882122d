"""Starts processes that take Ctrl-C of a terminal when they are ready for it, not while they are still importing."""

from __future__ import annotations

import ctypes
import os
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from typing import Any, Final

INTERRUPTED: Final = 130
"""The exit code of Schemathesis after Ctrl-C."""

ENDING: Final = 20.0
"""Seconds in which a process that was told to end may do so before it is killed."""

_INTERRUPT: Final = {signal.SIGINT}
_PARENT_DEATH_SIGNAL: Final = 1
"""PR_SET_PDEATHSIG of prctl(2)."""


@contextmanager
def started_process(line: Sequence[str], **options: Any) -> Iterator[subprocess.Popen[bytes]]:
    """A process that has SIGINT pending until it calls `take_interrupts`, and that has ended when the block has, or
    when this process was killed.

    A SIGINT that comes while it is being started is taken by this process when the other is sure to be ended: the
    KeyboardInterrupt comes from here, in the place of the block.
    """
    before = signal.pthread_sigmask(signal.SIG_BLOCK, _INTERRUPT)
    try:
        # Our own commands, from a process without other threads.
        process = subprocess.Popen(line, preexec_fn=_ends_with(os.getpid()), **options)  # noqa: S603, PLW1509
        try:
            signal.pthread_sigmask(signal.SIG_SETMASK, before)
            yield process
        finally:
            _end(process)
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)


def _ends_with(parent: int) -> Callable[[], None] | None:
    """What a new process does first so that it ends where its parent is killed; None where the system has no way."""
    if sys.platform != "linux":
        return None
    control = ctypes.CDLL(None).prctl

    def ends_with_parent() -> None:
        control(_PARENT_DEATH_SIGNAL, signal.SIGTERM)
        if os.getppid() != parent:
            os.kill(os.getpid(), signal.SIGTERM)

    return ends_with_parent


def _end(process: subprocess.Popen[bytes]) -> None:
    """Ends what still runs, by force where it takes no SIGTERM in time."""
    try:
        process.terminate()
        with suppress(subprocess.TimeoutExpired):
            process.wait(ENDING)
    finally:
        process.kill()
    process.wait()


def take_interrupts() -> None:
    """Takes SIGINT from now on. Raises KeyboardInterrupt where it came before."""
    signal.pthread_sigmask(signal.SIG_UNBLOCK, _INTERRUPT)
