"""Starts processes that take Ctrl-C of a terminal when they are ready for it, not while they are still importing."""

from __future__ import annotations

import signal
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Final

INTERRUPTED: Final = 130
"""The exit code of Schemathesis after Ctrl-C."""

_INTERRUPT: Final = {signal.SIGINT}


@contextmanager
def interrupts_held() -> Iterator[None]:
    """What is started in this block has SIGINT pending until it calls `take_interrupts`; this process takes it
    afterwards.
    """
    before = signal.pthread_sigmask(signal.SIG_BLOCK, _INTERRUPT)
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)


def take_interrupts() -> None:
    """Takes SIGINT from now on. Raises KeyboardInterrupt where it came before."""
    signal.pthread_sigmask(signal.SIG_UNBLOCK, _INTERRUPT)
