"""An upstream that answers by the byte, and proxies in front of it."""

from __future__ import annotations

import socket
import ssl
import threading
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

from mockserver.proxy.proxy import Proxy, create_proxy
from mockserver.server import Options, listen, port_of

PETS = Path(__file__).parent / "pets.yaml"

Script = Callable[["Talk"], None]


@dataclass
class Talk:
    """One request as the upstream received it, and the connection on which it is answered."""

    head: bytes
    body: bytes
    connection: socket.socket
    closed: threading.Event

    @property
    def line(self) -> bytes:
        return self.head.partition(b"\r\n")[0]

    def send(self, data: bytes) -> None:
        self.connection.sendall(data)

    def close(self) -> None:
        self.connection.close()


@dataclass
class RawUpstream:
    """A server that answers each request as its `script` says, byte by byte, and keeps what it received."""

    script: Script
    talks: list[Talk] = field(default_factory=list)
    opened: int = 0
    tls: ssl.SSLContext | None = None

    def __post_init__(self) -> None:
        self._listening = socket.create_server(("127.0.0.1", 0), backlog=256)
        self.port: int = self._listening.getsockname()[1]
        self._connections: list[socket.socket] = []
        self._threads = [threading.Thread(target=self._accept, daemon=True)]
        self._threads[0].start()

    @property
    def root(self) -> str:
        return f"{'http' if self.tls is None else 'https'}://127.0.0.1:{self.port}"

    def _accept(self) -> None:
        while True:
            try:
                connection, _ = self._listening.accept()
            except OSError:
                return
            self.opened += 1
            self._connections.append(connection)
            self._threads.append(threading.Thread(target=self._serve, args=(connection,), daemon=True))
            self._threads[-1].start()

    def _serve(self, plain: socket.socket) -> None:
        with suppress(OSError), plain, self._secured(plain) as connection:
            held = b""
            while True:
                while b"\r\n\r\n" not in held:
                    part = connection.recv(65536)
                    if not part:
                        return
                    held += part
                head, _, held = held.partition(b"\r\n\r\n")
                size = next(
                    (int(line[15:]) for line in head.split(b"\r\n") if line.lower().startswith(b"content-length:")), 0
                )
                while len(held) < size:
                    held += connection.recv(65536)
                talk = Talk(head, held[:size], connection, threading.Event())
                held = held[size:]
                self.talks.append(talk)
                try:
                    self.script(talk)
                finally:
                    talk.closed.set()

    def _secured(self, plain: socket.socket) -> socket.socket:
        return plain if self.tls is None else self.tls.wrap_socket(plain, server_side=True)

    def end(self) -> None:
        for own in (self._listening, *self._connections):
            with suppress(OSError):
                own.shutdown(socket.SHUT_RDWR)
        self._listening.close()
        for thread in self._threads:
            thread.join(5)


def answering(content: bytes, *lines: bytes, status: bytes = b"200 OK") -> Script:
    """The same answer to every request, with these header lines."""
    head = b"\r\n".join((b"HTTP/1.1 " + status, *lines, b"Content-Length: %d" % len(content)))

    def script(talk: Talk) -> None:
        talk.send(head + b"\r\n\r\n" + (b"" if talk.head.startswith(b"HEAD ") else content))

    return script


def as_json(content: bytes, status: bytes = b"200 OK") -> Script:
    """The same JSON to every request."""
    return answering(content, b"Content-Type: application/json", status=status)


@dataclass
class RunningProxy:
    """A proxy at `root`."""

    root: str
    parts: Proxy

    @property
    def port(self) -> int:
        return int(self.root.rpartition(":")[2])

    @property
    def journal(self) -> list[Any]:
        return [*self.parts.mock.worlds["default"].journal]


@contextmanager
def proxying(document: Path | str, upstream: str, **options: Any) -> Iterator[RunningProxy]:
    """A proxy of this document in front of an upstream, in threads of this process."""
    own = {name: options.pop(name) for name in ("timeout", "fallback", "record", "keep_host") if name in options}
    made = create_proxy(Options(apis=(str(document),), **options), upstream, **own)
    listening = listen("127.0.0.1", 0)
    port = port_of(listening)
    made.mock.own_ports.add(port)
    server = made.server(made.mock.app, listening)
    end = made.recorder.start() if made.recorder is not None else None
    server.start()
    try:
        yield RunningProxy(f"http://127.0.0.1:{port}", made)
    finally:
        server.stop()
        if end is not None:
            end()


@pytest.fixture
def proxied() -> Iterator[Callable[..., tuple[RunningProxy, RawUpstream]]]:
    """Starts an upstream with a script, and a proxy of the pets in front of it."""
    with ExitStack() as stack:

        def begin(script: Script, base: str = "", **options: Any) -> tuple[RunningProxy, RawUpstream]:
            upstream = RawUpstream(script)
            stack.callback(upstream.end)
            return stack.enter_context(proxying(PETS, upstream.root + base, **options)), upstream

        yield begin


def raw_exchange(port: int, data: bytes, *, seconds: float = 10) -> bytes:
    """Everything that comes back on a connection until it is closed."""
    with socket.create_connection(("127.0.0.1", port), timeout=seconds) as client:
        client.sendall(data)
        received = b""
        while part := client.recv(65536):
            received += part
    return received
