"""Sends answers late, slowly or broken under any WSGI server; the mock's own server does this at the connection.

Delays and slow bodies hold the server's thread. What ends a connection early raises ConnectionResetError, from the
application or from its body, so that the server ends the connection in its own way.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Iterator
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

TICK: Final = 0.1
"""Seconds between the pieces of a slow body."""


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
    if delivery.fault in (RESET, EMPTY):
        _end(delivery.fault)
    start_response(line, headers)
    return _body(delivery, b"" if environ["REQUEST_METHOD"] == "HEAD" else content)


def _body(delivery: Delivery, content: bytes) -> Iterator[bytes]:
    fault = delivery.fault
    if fault in (RESET_AFTER_HEADERS, GARBAGE, BROKEN_CHUNK):
        yield b""
        _end(fault)
    if fault == TRUNCATED:
        content = content[: len(content) // 2]
    rate = delivery.bytes_per_second
    size = max(int(rate * TICK), 1) if rate else len(content) or 1
    for start in range(0, len(content), size):
        if start:
            time.sleep(size / rate)
        yield content[start : start + size]
    if fault:
        _end(fault)


def _end(fault: str) -> NoReturn:
    raise ConnectionResetError(f"a fault of the mock: {fault}")
