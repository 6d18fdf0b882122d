"""Sends an answer late, slowly, or not whole under any WSGI server.

Delays and slow bodies hold the server's thread. What ends a connection early needs it: a server that hands it out, as a
socket at `environ["mockserver.connection"]`, has it reset or closed; one that hands out none gets a
ConnectionResetError from the application or from its body, and ends the connection in its own way.
"""

from __future__ import annotations

import os
import socket
import struct
import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import suppress
from typing import Any, Final, NoReturn

from mockserver.messages import (
    BROKEN_CHUNK,
    EMPTY,
    GARBAGE,
    RESET,
    RESET_AFTER_HEADERS,
    TRUNCATED,
    Delivery,
)

CONNECTION: Final = "mockserver.connection"
NOISE: Final = b"\x00\xff\xfe lskdu018973t09sylgasjkfg1][]'./.sdlv\x15\x03\x01"
"""Bytes that are no HTTP, and no chunk."""

TICK: Final = 0.1
"""Seconds between the pieces of a slow body."""

_AT_ONCE = struct.pack("ii", 1, 0)


def deliver(
    delivery: Delivery,
    line: str,
    headers: list[tuple[str, str]],
    content: bytes,
    environ: dict[str, Any],
    start_response: Callable[[str, list[tuple[str, str]]], Any],
) -> Iterable[bytes]:
    """The body of the answer as a WSGI application returns it, after the delay. Raises ConnectionResetError for an
    answer that is not begun.
    """
    time.sleep(delivery.delay)
    if delivery.finish is not None:
        delivery.finish()
    connection: socket.socket | None = environ.get(CONNECTION)
    if delivery.fault in (RESET, EMPTY):
        _end(delivery.fault, connection)
    start_response(line, headers)
    return _body(delivery, b"" if environ["REQUEST_METHOD"] == "HEAD" else content, connection)


def _body(delivery: Delivery, content: bytes, connection: socket.socket | None) -> Iterator[bytes]:
    fault = delivery.fault
    if fault in (RESET_AFTER_HEADERS, GARBAGE, BROKEN_CHUNK):
        yield b""
        _end(fault, connection)
    if fault == TRUNCATED:
        content = content[: len(content) // 2]
    rate = delivery.bytes_per_second
    size = max(int(rate * TICK), 1) if rate else len(content) or 1
    for start in range(0, len(content), size):
        if start:
            time.sleep(size / rate)
        yield content[start : start + size]
    if fault:
        _end(fault, connection)


def _end(fault: str, connection: socket.socket | None) -> NoReturn:
    """Ends the connection, if it is to be had, and always raises ConnectionResetError, after which no server writes."""
    if connection is not None:
        with suppress(OSError):
            if fault in (RESET, RESET_AFTER_HEADERS):
                connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, _AT_ONCE)
            elif fault in (GARBAGE, BROKEN_CHUNK):
                connection.sendall(NOISE)
        with suppress(OSError):
            # Files made of the socket keep it open; only without its descriptor it ends now.
            os.close(connection.detach())
    raise ConnectionResetError(f"a fault of the mock: {fault}")
