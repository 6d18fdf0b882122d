"""granian in front of the mock, on a port, from the first request to the last."""

from __future__ import annotations

import gc
import multiprocessing
import os
import select
import signal
import socket
import threading
from collections.abc import Callable, Sequence
from contextlib import suppress
from importlib.util import find_spec

from mockserver.problem import Unusable
from mockserver.server.mock import Mock
from mockserver.web.door import Door

THREADS = 8
"""A request that waits holds one: for its body, or since its answer is a slow one. A browser sends six at once to one
address. All want the same interpreter, so that more of them cost: 4 serve some 3 % more than these, 64 some 15 % less.
"""

GRACE = 5
"""Seconds that requests have to be finished in when the server ends; a client that never sends its body has no more."""

MAX_HEAD = 64 * 1024
"""Bytes of a request line with its headers; the journal keeps them."""


def live_port(mock: Mock, host: str, port: int) -> Callable[[], None]:
    """What makes the live channels of the mock's APIs reachable at this port, once it is called in the process that
    serves. Raises Unusable.
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
    """A port of this host that nobody listens on. Raises Unusable."""
    return int(_probe(host, 0, "--port")[1])


def serve(
    app: Door, host: str, port: int, ready: Callable[[], None], beside: Sequence[Callable[[], None]] = ()
) -> None:
    """Serves until SIGINT, SIGTERM or SIGHUP; requests that have begun are finished. `ready` is called when the port
    takes connections; each of `beside` is called before, in the process that answers them.
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
    server.main_loop_interrupt = _Interrupt()  # type: ignore[assignment]  # granian waits, sets and clears, no more
    on_hangup = signal.getsignal(signal.SIGHUP)
    lifeline = os.pipe()

    @server.on_startup
    def begin() -> None:
        # granian would start over with a new worker, which remembers nothing; nohup stays what it is.
        ignored = on_hangup is signal.SIG_IGN
        signal.signal(signal.SIGHUP, signal.SIG_IGN if ignored else server.signal_handler_interrupt)
        _hold_signals()
        ready()

    os.register_at_fork(after_in_parent=_let_signals_pass, after_in_child=_obey_the_parent)
    server.serve(target_loader=lambda *_: _settle(app, lifeline, beside))


class _Interrupt:
    """What the main thread waits for and a signal handler sets, which runs in the same thread. Made in that thread.

    With a `threading.Event` a signal can be lost: one that comes when the thread is about to wait finds the event's
    lock held, or the thread asleep before its handler ran. A byte that the signal itself writes into a pipe is found.
    """

    def __init__(self) -> None:
        self._is_set = False
        self._reading, self._writing = os.pipe()
        os.set_blocking(self._reading, False)
        os.set_blocking(self._writing, False)
        signal.set_wakeup_fd(self._writing, warn_on_full_buffer=False)

    def set(self) -> None:
        self._is_set = True
        with suppress(BlockingIOError):  # A full pipe wakes as well.
            os.write(self._writing, b"!")

    def clear(self) -> None:
        self._is_set = False

    def wait(self) -> None:
        while not self._is_set:
            select.select([self._reading], [], [])
            with suppress(BlockingIOError):
                os.read(self._reading, 64)


ENDING = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)


def _hold_signals() -> None:
    """Signals wait. While the worker is born they have to: one that comes then would be lost on it, and the server
    would wait for it in vain.
    """
    signal.pthread_sigmask(signal.SIG_BLOCK, ENDING)


def _let_signals_pass() -> None:
    """Signals that waited are handled now."""
    signal.pthread_sigmask(signal.SIG_UNBLOCK, ENDING)


def _obey_the_parent() -> None:
    """In the worker: SIGTERM alone gets through, which the parent sends for whatever it gets itself. Until the worker
    serves, it ends at once.
    """
    signal.set_wakeup_fd(-1)
    signal.signal(signal.SIGTERM, signal.SIG_DFL)
    signal.pthread_sigmask(signal.SIG_UNBLOCK, (signal.SIGTERM,))


def _end_when_told() -> None:
    """A thread of the worker: SIGTERM, which all threads hold, is handled here, since granian's handler sets an event
    that the main thread waits for; see _Interrupt.
    """
    signal.sigwait((signal.SIGTERM,))
    handler = signal.getsignal(signal.SIGTERM)
    if not callable(handler):
        os._exit(0)
    handler(signal.SIGTERM, None)


def _settle(app: Door, lifeline: tuple[int, int], beside: Sequence[Callable[[], None]] = ()) -> Door:
    """What was loaded is never looked at by the garbage collector again, requests do not carry the environment
    along, which granian copies into every one of them, and the worker does not outlive its parent.
    """
    os.environ.clear()
    own_end, parents_end = lifeline
    os.close(parents_end)
    _hold_signals()
    threading.Thread(target=_end_when_told, daemon=True).start()
    threading.Thread(target=_follow, args=(own_end,), daemon=True).start()
    if hasattr(os, "SCHED_BATCH"):
        # On a shared core the thread that speaks HTTP would interrupt the one that answers, at each answer.
        with suppress(OSError):
            os.sched_setscheduler(0, os.SCHED_BATCH, os.sched_param(0))
    for begin in beside:
        begin()
    gc.collect()
    gc.freeze()
    return app


def _follow(lifeline: int) -> None:
    """The process ends when nobody holds the other end of the pipe any more."""
    os.read(lifeline, 1)
    os._exit(1)


def _free_address(host: str, port: int, option: str = "--port") -> str:
    """The address that `host` stands for, IPv4 before IPv6, with this port free. Raises Unusable."""
    return str(_probe(host, port, option)[0])


def _probe(host: str, port: int, option: str) -> tuple[str, int]:
    """The address and the port that a socket was bound to and let go of again; 0 asks for any port. Raises Unusable."""
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
