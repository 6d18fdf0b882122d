"""Serves a door on a port from the first request to the last."""

from __future__ import annotations

import faulthandler
import gc
import signal
import socket
import sys
from collections.abc import Callable, Sequence
from contextlib import suppress
from importlib.util import find_spec
from types import FrameType
from typing import NamedTuple

from mockserver.problem import Unusable
from mockserver.server.allocator import use_one_arena
from mockserver.server.http.http_server import HttpServer
from mockserver.server.mock import Mock
from mockserver.web.door import Door

_ENDING = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)


Beside = Callable[[], Callable[[], None] | None]
"""Starts something beside the server; returns the function that ends it, if it has to be ended."""


class Drain(NamedTuple):
    """The end of a server that is told to end: `begins` is called at once, and for so many `seconds` it goes on as
    before, so that load balancers notice that it is not ready, and send what comes next to others.
    """

    seconds: float = 0.0
    begins: Callable[[], None] = lambda: None


def live_port(mock: Mock, host: str, port: int) -> Beside:
    """Starts, when it is called, a server of the live channels of its APIs on this port. Raises Unusable."""
    if find_spec("socketio") is None or find_spec("aiohttp") is None:
        raise Unusable(
            "--live-port needs python-socketio and aiohttp; they come with the extra `live`: pip install "
            "'mockserver[live]'"
        )
    if all(service.api.live is None for service in mock.services.values()):
        raise Unusable(f"--live-port: none of {', '.join(mock.services)} has live channels")
    from mockserver.live.live_server import LiveServer

    with listen(host, port, "--live-port") as probe:
        address = probe.getsockname()[0]
    server = LiveServer(mock.services, mock.worlds)

    def begin() -> Callable[[], None]:
        server.start(address, port)
        return server.stop

    return begin


def free_port(host: str) -> int:
    """A port of this host on which nothing listens. Raises Unusable."""
    with listen(host, 0) as probe:
        return port_of(probe)


def port_of(listening: socket.socket) -> int:
    """The port that a socket listens on."""
    return int(listening.getsockname()[1])


def listen_together(host: str, port: int, count: int) -> list[socket.socket]:
    """So many sockets of one port, a process each: new connections are spread over them. Where the system does not
    spread them, all are the same socket. Raises Unusable.
    """
    probe = listen(host, port)  # That others listen there already is refused; sockets that share a port are not.
    if not sys.platform.startswith("linux"):
        return [probe, *(probe.dup() for _ in range(count - 1))]
    port = port_of(probe)
    probe.close()
    return [listen(host, port, is_shared=True) for _ in range(count)]


def listen(host: str, port: int, option: str = "--port", *, is_shared: bool = False) -> socket.socket:
    """A socket that listens on this port of `host`, IPv4 before IPv6; port 0 takes any free one. No other server can
    listen there at the same time, unless it `is_shared`. Raises Unusable.
    """
    try:
        found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
        family, _, _, _, address = min(found, key=lambda entry: entry[0] != socket.AF_INET)
        listening = socket.socket(family, socket.SOCK_STREAM)
        try:
            listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            if is_shared:
                listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEPORT, 1)
            listening.bind(address)
            listening.listen(_BACKLOG)
        except BaseException:
            listening.close()
            raise
    except (OSError, UnicodeError) as error:
        reason = getattr(error, "strerror", None) or str(error)
        message = f"cannot listen on {host} port {port}: {reason}; choose another with {option} or --host"
        raise Unusable(message) from None
    listening.setblocking(False)
    return listening


def serve(
    app: Door,
    listening: socket.socket,
    ready: Callable[[], None],
    beside: Sequence[Beside] = (),
    made_of: Callable[[Door, socket.socket], HttpServer] = HttpServer,
    drain: Drain = Drain(),  # noqa: B008 - a value
) -> None:
    """Serves until SIGINT, SIGTERM or SIGHUP, and finishes open requests; a second signal ends at once. `ready` is
    called when connections are accepted; each of `beside` is started before, and ended after the last answer. The
    server is `made_of` the door and the socket. The first signal begins the `drain`.
    """
    use_one_arena()
    with suppress(ValueError, OSError, RuntimeError, AttributeError):  # Where there is no standard error.
        faulthandler.enable()
    endings = [ending for begin in beside if (ending := begin()) is not None]
    gc.collect()
    gc.freeze()
    server = made_of(app, listening)
    heeded = [number for number in _ENDING if signal.getsignal(number) is not signal.SIG_IGN]  # nohup ignores SIGHUP

    def end(_number: int, _frame: FrameType | None) -> None:
        for each in heeded:
            signal.signal(each, signal.SIG_DFL)
        drain.begins()
        server.end_soon(drain.seconds)

    for number in heeded:
        signal.signal(number, end)
    server.run(ready)
    for ending in endings:
        ending()


_BACKLOG = 1024
