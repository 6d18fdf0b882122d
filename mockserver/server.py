"""A mock on a port: the APIs loaded, a WSGI application made of them, granian in front of it."""

from __future__ import annotations

import gc
import multiprocessing
import os
import signal
import socket
import threading
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path

from mockserver.control import Access, create_control, is_loopback
from mockserver.engine.fixtures import read_fixtures
from mockserver.engine.service import Service, Settings
from mockserver.problem import Unusable
from mockserver.spec.document import load
from mockserver.state.world import Worlds
from mockserver.vendors import APIS
from mockserver.web.door import Door

PACKAGE = Path(__file__).parent
THREADS = 4
"""A request whose body comes slowly holds one, so that fewer such clients than these hold up nobody. Each one more
waits for the same interpreter: 8 serve measurably less than 1.
"""

GRACE = 5
"""Seconds that requests have to be finished in when the server ends; a client that never sends its body has no more."""

MAX_HEAD = 64 * 1024
"""Bytes of a request line with its headers; the journal keeps them."""


@dataclass(frozen=True, slots=True)
class Options:
    """What to serve and how. `apis` are names of bundled APIs; `assume` maps `api.name` to an option; `journal` is
    how many
    exchanges a world remembers; `admin_token` guards the control API, empty: no token is asked for; `host` is the
    address that the server will listen on: beyond loopback the control API wants a token.
    """

    apis: Sequence[str] = tuple(APIS)
    seed: int = 0
    enforce_limits: bool = True
    errors: bool = False
    assume: Mapping[str, str] = field(default_factory=dict)
    journal: int = 1000
    admin_token: str = ""
    host: str = "127.0.0.1"


def load_services(options: Options) -> dict[str, Service]:
    """The bundled APIs by name, each with its document. Raises Unusable."""
    _refuse_unknown(options)
    return {
        name: Service(
            APIS[name],
            load(shipped("specs", name), name, APIS[name].edits(_assumed(options.assume, name))),
            Settings(options.enforce_limits, options.errors, _assumed(options.assume, name)),
        )
        for name in options.apis
    }


def create_app(options: Options | None = None) -> Door:
    """The WSGI application. Raises Unusable."""
    options = options or Options()
    services = load_services(options)
    fixtures = {name: read_fixtures(service.api, shipped("fixtures", name)) for name, service in services.items()}
    if not options.admin_token.isascii():
        raise Unusable("--admin-token has characters that a header cannot carry; expected ASCII")
    worlds = Worlds(fixtures, seed=options.seed, journal_limit=options.journal)
    access = Access(options.admin_token, loopback=is_loopback(options.host))
    return Door(services, worlds, create_control(services, worlds, access))


def serve(app: Door, host: str, port: int, ready: Callable[[], None]) -> None:
    """Serves until SIGINT, SIGTERM or SIGHUP; requests that have begun are finished. `ready` is called when the port
    takes connections.
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
    server.serve(target_loader=lambda *_: _settle(app, lifeline))


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
    signal.signal(signal.SIGTERM, signal.SIG_DFL)
    signal.pthread_sigmask(signal.SIG_UNBLOCK, (signal.SIGTERM,))


def _settle(app: Door, lifeline: tuple[int, int]) -> Door:
    """What was loaded is never looked at by the garbage collector again, requests do not carry the environment
    along, which granian copies into every one of them, and the worker does not outlive its parent.
    """
    os.environ.clear()
    own_end, parents_end = lifeline
    os.close(parents_end)
    threading.Thread(target=_follow, args=(own_end,), daemon=True).start()
    if hasattr(os, "SCHED_BATCH"):
        # On a shared core the thread that speaks HTTP would interrupt the one that answers, at each answer.
        with suppress(OSError):
            os.sched_setscheduler(0, os.SCHED_BATCH, os.sched_param(0))
    gc.collect()
    gc.freeze()
    return app


def _follow(lifeline: int) -> None:
    """The process ends when nobody holds the other end of the pipe any more."""
    _hold_signals()  # They are the main thread's.
    os.read(lifeline, 1)
    os._exit(1)


def shipped(folder: str, name: str) -> Path:
    """A file that comes with the package: beside its modules when installed, beside the package in a checkout."""
    installed = PACKAGE / folder / f"{name}.yaml"
    return installed if installed.exists() else PACKAGE.parent / folder / f"{name}.yaml"


def _refuse_unknown(options: Options) -> None:
    for name in options.apis:
        if name not in APIS:
            raise Unusable(f"{name!r} is none of the bundled APIs; they are {', '.join(APIS)}")
    for name in options.assume:
        if name.partition(".")[0] not in options.apis:
            raise Unusable(
                f"--assume {name}: expected api.name=option, with an API that is served: {', '.join(options.apis)}"
            )


def _assumed(assume: Mapping[str, str], api: str) -> dict[str, str]:
    return {name.removeprefix(f"{api}."): option for name, option in assume.items() if name.startswith(f"{api}.")}


def _free_address(host: str, port: int) -> str:
    """The address that `host` stands for, IPv4 before IPv6, with this port free. Raises Unusable."""
    try:
        found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
        family, _, _, _, address = min(found, key=lambda entry: entry[0] != socket.AF_INET)
        with socket.socket(family, socket.SOCK_STREAM) as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            probe.bind(address)
    except (OSError, UnicodeError) as error:
        reason = getattr(error, "strerror", None) or str(error)
        raise Unusable(f"cannot listen on {host} port {port}: {reason}; choose another with --port or --host") from None
    return str(address[0])
