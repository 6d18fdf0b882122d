"""A load generator of the standard library, for where wrk is not: one thread, keep-alive, closed loop."""

from __future__ import annotations

import selectors
import socket
import time
from itertools import cycle

TAIL = 10.0
"""Seconds that the answers to the last requests may take."""


class Connection:
    """One connection with one request under way; `sent` is when it went out."""

    def __init__(self, port: int) -> None:
        self.socket = socket.create_connection(("127.0.0.1", port), timeout=TAIL)
        self.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self.received = b""
        self.sent = 0.0

    def send(self, request: bytes) -> None:
        self.received, self.sent = b"", time.perf_counter()
        self.socket.sendall(request)

    def status(self) -> int | None:
        """The status of the answer once it is whole; 0 where the connection was closed instead."""
        part = self.socket.recv(65536)
        if not part:
            return 0
        self.received += part
        head, blank, body = self.received.partition(b"\r\n\r\n")
        if not blank or len(body) < _length(head):
            return None
        return int(head[9:12])


def drive(port: int, requests: list[bytes], connections: int, seconds: float) -> tuple[list[float], int]:
    """How many seconds each answer took that came within `seconds`, and how many were not a 2xx or 3xx.

    Answers are read by their Content-Length, which all subjects send.
    """
    turn = cycle(requests)
    took: list[float] = []
    failures = 0
    opened = [Connection(port) for _ in range(connections)]
    with selectors.DefaultSelector() as selector:
        try:
            end = time.perf_counter() + seconds
            for connection in opened:
                selector.register(connection.socket, selectors.EVENT_READ, connection)
                connection.send(next(turn))
            waiting = len(opened)
            while waiting and (left := end + TAIL - time.perf_counter()) > 0:
                for key, _ in selector.select(left):
                    connection = key.data
                    status = connection.status()
                    if status is None:
                        continue
                    now = time.perf_counter()
                    failures += not 200 <= status < 400
                    if now < end:
                        took.append(now - connection.sent)
                    if status and now < end:
                        connection.send(next(turn))
                    else:
                        selector.unregister(connection.socket)
                        waiting -= 1
        finally:
            for connection in opened:
                connection.socket.close()
    return took, failures + waiting


def _length(head: bytes) -> int:
    for line in head.split(b"\r\n"):
        name, _, value = line.partition(b":")
        if name.lower() == b"content-length":
            return int(value)
    return 0
