"""Runs granian on a port from the first request to the last."""

from __future__ import annotations

import gc
import multiprocessing
import os
import select
import signal
import socket
import threading
import time
from collections.abc import Callable, Sequence
from contextlib import suppress
from importlib.util import find_spec

from mockserver.problem import Unusable
from mockserver.server.mock import Mock
from mockserver.web.door import Door

THREADS = 8
"""The number of threads. A request that waits, for its body or for a slow response, occupies one; a browser sends six
at once to one address. All share one interpreter, so more cost more: 4 threads serve 3 % more than these, 64 serve 15 %
less.
"""

GRACE = 5
"""Seconds for open requests when the server ends; a client that never sends its body gets no more."""

_PAUSE = 0.01
"""Seconds between two looks whether the port takes connections."""

MAX_HEAD = 64 * 1024
"""The most bytes of a request line with headers, which the journal stores."""


def live_port(mock: Mock, host: str, port: int) -> Callable[[], None]:
    """A function that, called in the serving process, serves the live channels of the mock's APIs on this port. Raises
    Unusable.
    """
    if find_spec("socketio") is None or find_spec("aiohttp") is None:
        raise Unusable(
            "--live-port needs python-socketio and aiohttp; they come with the extra `live`: pip install '.[live]' "
            "where the source is"
        )
    if all(service.api.live is None for service in mock.services.values()):
        raise Unusable(f"--live-port: none of {', '.join(mock.services)} has live channels")
    from mockserver.live.live_server import LiveServer

    address = _free_address(host, port, "--live-port")
    return lambda: LiveServer(mock.services, mock.worlds).start(address, port)


def free_port(host: str) -> int:
    """A port of this host on which nothing listens. Raises Unusable."""
    return int(_probe(host, 0, "--port")[1])


def serve(
    app: Door, host: str, port: int, ready: Callable[[], None], beside: Sequence[Callable[[], None]] = ()
) -> None:
    """Serves until SIGINT, SIGTERM or SIGHUP, and finishes open requests. `ready` is called when the port accepts
    connections; each of `beside` is called before, in the serving process.
    """
    from granian.constants import HTTPModes, Interfaces
    from granian.http import HTTP1Settings
    from granian.server import Server

    address = _free_address(host, port)
    multiprocessing.set_start_method("fork", force=True)
    server = Server(
        "mockserver",
        address=address,
        port=port,
        interface=Interfaces.WSGI,
        workers=1,
        blocking_threads=THREADS,
        workers_kill_timeout=GRACE,
        http=HTTPModes.http1,
        websockets=False,
        log_enabled=False,
        http1_settings=HTTP1Settings(max_buffer_size=MAX_HEAD),
    )
    # granian waits, sets and clears, no more
    interrupt = _Interrupt(lambda: _takes_connections(address, port), ready)
    server.main_loop_interrupt = interrupt  # type: ignore[assignment]
    on_hangup = signal.getsignal(signal.SIGHUP)
    lifeline = os.pipe()

    @server.on_startup
    def begin() -> None:
        # For SIGHUP granian would start a new worker without state; a SIGHUP ignored by nohup stays ignored.
        ignored = on_hangup is signal.SIG_IGN
        signal.signal(signal.SIGHUP, signal.SIG_IGN if ignored else server.signal_handler_interrupt)
        _hold_signals()

    os.register_at_fork(after_in_parent=_release_signals, after_in_child=_block_signals_in_worker)
    server.serve(target_loader=lambda *_: _prepare_worker(app, lifeline, beside))


class _Interrupt:
    """A flag that a signal handler sets and the main thread waits for. It must be created in that thread.

    A `threading.Event` can lose a signal: one that arrives when the thread is about to wait finds the event's lock
    held, or the thread asleep before its handler ran. A byte that the signal writes into a pipe is not lost.
    """

    def __init__(self, has_begun: Callable[[], bool] = lambda: True, ready: Callable[[], None] = lambda: None) -> None:
        """`ready` is called once `has_begun` says so: the worker listens a moment after the main thread waits."""
        self._has_begun, self._ready = has_begun, ready
        self._is_ready = self._is_set = False
        self._reading, self._writing = os.pipe()
        os.set_blocking(self._reading, False)
        os.set_blocking(self._writing, False)
        signal.set_wakeup_fd(self._writing, warn_on_full_buffer=False)

    def set(self) -> None:
        self._is_set = True
        with suppress(BlockingIOError):  # A full pipe wakes the reader too.
            os.write(self._writing, b"!")

    def clear(self) -> None:
        self._is_set = False

    def wait(self) -> None:
        while not (self._is_set or self._is_ready):
            self._is_ready = self._has_begun()
            if self._is_ready:
                self._ready()
            else:
                time.sleep(_PAUSE)
        while not self._is_set:
            select.select([self._reading], [], [])
            with suppress(BlockingIOError):
                os.read(self._reading, 64)


def _takes_connections(address: str, port: int) -> bool:
    with suppress(OSError), socket.create_connection((address, port), timeout=1):
        return True
    return False


ENDING = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)


def _hold_signals() -> None:
    """Blocks signals while the worker starts: one that arrived then would not reach it, and the server would wait for
    it forever.
    """
    signal.pthread_sigmask(signal.SIG_BLOCK, ENDING)


def _release_signals() -> None:
    """Handles the signals that were blocked."""
    signal.pthread_sigmask(signal.SIG_UNBLOCK, ENDING)


def _block_signals_in_worker() -> None:
    """Accepts only SIGTERM in the worker, which the parent sends for each signal that it receives. Until the worker
    serves, it ends at once.
    """
    signal.set_wakeup_fd(-1)
    signal.signal(signal.SIGTERM, signal.SIG_DFL)
    signal.pthread_sigmask(signal.SIG_UNBLOCK, (signal.SIGTERM,))


def _end_on_sigterm() -> None:
    """Handles SIGTERM in a thread of the worker, since granian's handler sets an event that the main thread waits for;
    see _Interrupt.
    """
    signal.sigwait((signal.SIGTERM,))
    handler = signal.getsignal(signal.SIGTERM)
    if not callable(handler):
        os._exit(0)
    handler(signal.SIGTERM, None)


def _prepare_worker(app: Door, lifeline: tuple[int, int], beside: Sequence[Callable[[], None]] = ()) -> Door:
    """Excludes loaded objects from garbage collection, clears the environment, which granian copies into every request,
    and ends the worker with its parent.
    """
    os.environ.clear()
    own_end, parents_end = lifeline
    os.close(parents_end)
    _hold_signals()
    threading.Thread(target=_end_on_sigterm, daemon=True).start()
    threading.Thread(target=_end_with_parent, args=(own_end,), daemon=True).start()
    if hasattr(os, "SCHED_BATCH"):
        # On a shared core the HTTP thread would otherwise interrupt the serving thread at each response.
        with suppress(OSError):
            os.sched_setscheduler(0, os.SCHED_BATCH, os.sched_param(0))
    for begin in beside:
        begin()
    gc.collect()
    gc.freeze()
    return app


def _end_with_parent(lifeline: int) -> None:
    """Ends the process when the other end of the pipe is closed."""
    os.read(lifeline, 1)
    os._exit(1)


def _free_address(host: str, port: int, option: str = "--port") -> str:
    """The address of `host`, IPv4 before IPv6, with this port free. Raises Unusable."""
    return str(_probe(host, port, option)[0])


def _probe(host: str, port: int, option: str) -> tuple[str, int]:
    """The address and port of a socket that was bound and closed again; port 0 asks for any free port.
    Raises Unusable.
    """
    try:
        found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
        family, _, _, _, address = min(found, key=lambda entry: entry[0] != socket.AF_INET)
        with socket.socket(family, socket.SOCK_STREAM) as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            probe.bind(address)
            bound = probe.getsockname()
    except (OSError, UnicodeError) as error:
        reason = getattr(error, "strerror", None) or str(error)
        message = f"cannot listen on {host} port {port}: {reason}; choose another with {option} or --host"
        raise Unusable(message) from None
    return bound[0], bound[1]
