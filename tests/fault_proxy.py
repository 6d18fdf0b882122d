"""A network between two programs that a test can spoil: it delays, cuts, and loses answers, on command."""

from __future__ import annotations

import socket
import threading
import time
from collections.abc import Callable
from contextlib import suppress
from types import TracebackType
from typing import Self

PART = 65536
PATIENCE = 10.0
"""Seconds that its threads have to end once it is closed."""


class FaultProxy:
    """Passes bytes on from `port` of the loopback to a port of another program, whole and in their order.

    `delay` holds back each part of an answer for seconds. While `is_hanging` nothing is passed on in either direction;
    while `is_refusing` a connection is closed as soon as it was made. `lose_answers` takes answers away after their
    requests were passed on. `cut` closes all connections.
    """

    def __init__(self, target: int) -> None:
        self.target = target
        self.delay = 0.0
        self.is_refusing = False
        self.lost = 0
        self._hangs_no_more = threading.Event()
        self._hangs_no_more.set()
        self._to_lose = 0
        self._marker = b""
        self._loses_silently = False
        self._lock = threading.Lock()
        self._open: set[socket.socket] = set()
        self._threads: list[threading.Thread] = []
        self._listener = socket.create_server(("127.0.0.1", 0), backlog=256)
        self.port: int = self._listener.getsockname()[1]
        self._closing = False
        self._run(self._accept)

    @property
    def url(self) -> str:
        return f"redis://127.0.0.1:{self.port}/0"

    @property
    def is_hanging(self) -> bool:
        return not self._hangs_no_more.is_set()

    @is_hanging.setter
    def is_hanging(self, hangs: bool) -> None:
        if hangs:
            self._hangs_no_more.clear()
        else:
            self._hangs_no_more.set()

    def lose_answers(self, number: int, to: bytes = b"", *, silently: bool = False) -> None:
        """The answers to the next requests that have `to` in them never arrive: their connection is cut or, `silently`,
        says nothing more.
        """
        with self._lock:
            self._to_lose, self._marker, self._loses_silently = number, to, silently

    def cut(self) -> None:
        """Closes every connection, in both directions."""
        with self._lock:
            for connection in self._open:
                with suppress(OSError):
                    connection.shutdown(socket.SHUT_RDWR)

    def close(self) -> None:
        """Ends all connections and threads."""
        self._closing = True
        self._hangs_no_more.set()
        with suppress(OSError):
            self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()
        self.cut()
        for thread in [*self._threads]:
            thread.join(PATIENCE)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self.close()

    def _run(self, work: Callable[..., None], *arguments: object) -> None:
        thread = threading.Thread(target=work, args=arguments, daemon=True)
        self._threads.append(thread)
        thread.start()

    def _accept(self) -> None:
        while not self._closing:
            try:
                client, _ = self._listener.accept()
            except OSError:
                return
            if self.is_refusing:
                client.close()
                continue
            try:
                server = socket.create_connection(("127.0.0.1", self.target), timeout=5)
            except OSError:
                client.close()
                continue
            self._pass_on(client, server)

    def _pass_on(self, client: socket.socket, server: socket.socket) -> None:
        """One connection of a client, and the one to the program behind."""
        for connection in (client, server):
            connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            connection.settimeout(None)
        with self._lock:
            self._open |= {client, server}
        asked = bytearray()
        self._run(self._pass_requests, client, server, asked)
        self._run(self._pass_answers, server, client, asked)

    def _pass_requests(self, client: socket.socket, server: socket.socket, asked: bytearray) -> None:
        with suppress(OSError):
            while part := client.recv(PART):
                self._hangs_no_more.wait()
                asked += part
                server.sendall(part)
        self._end(client, server)

    def _pass_answers(self, server: socket.socket, client: socket.socket, asked: bytearray) -> None:
        with suppress(OSError):
            while part := server.recv(PART):
                self._hangs_no_more.wait()
                request = bytes(asked)
                asked.clear()
                if self.delay:
                    time.sleep(self.delay)
                if not self._loses(request):
                    client.sendall(part)
                elif not self._loses_silently:
                    break
        self._end(server, client)

    def _loses(self, request: bytes) -> bool:
        """Whether the answer to this request is one of those that are to be lost."""
        with self._lock:
            if not self._to_lose or self._marker not in request:
                return False
            self._to_lose -= 1
            self.lost += 1
            return True

    def _end(self, own: socket.socket, other: socket.socket) -> None:
        """Neither side can be used any more; each thread closes the one that it reads."""
        for connection in (own, other):
            with suppress(OSError):
                connection.shutdown(socket.SHUT_RDWR)
        with self._lock:
            self._open -= {own, other}
        own.close()
