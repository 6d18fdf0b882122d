"""Writes an answer from a thread, no faster than its client reads it."""

from __future__ import annotations

import threading
from collections.abc import Callable
from functools import partial
from typing import Protocol

from mockserver.messages import Headers
from mockserver.server.http.answer import header_lines


class ClientGone(Exception):
    """Nobody reads the answer any more."""


class FedConnection(Protocol):
    """What a feed asks of the connection, in the thread of the event loop."""

    @property
    def is_lost(self) -> bool: ...

    @property
    def is_stalled(self) -> bool: ...

    def write(self, data: bytes) -> None: ...

    def finish(self, *, keep_alive: bool) -> None: ...

    def abort(self) -> None: ...


class AnswerFeed:
    """The answer to one request. All of it may be called from any thread; `old` is a client of HTTP/1.0.

    `has_begun` says that its head was made. `on_lost` is called when the client went away, in the thread of the event
    loop.
    """

    def __init__(
        self,
        connection: FedConnection,
        call: Callable[[Callable[[], None]], None],
        *,
        keep_alive: bool,
        old: bool,
    ) -> None:
        self.old = old
        self.has_begun = False
        self.on_lost: Callable[[], None] | None = None
        self._connection = connection
        self._call = call
        self._keep_alive = keep_alive
        self._is_chunked = False
        self._ends_connection = False
        self._lost = threading.Event()
        self._is_taken = threading.Event()
        self._waits = False

    @property
    def is_lost(self) -> bool:
        """Whether the client went away."""
        return self._lost.is_set()

    def wait(self, seconds: float) -> None:
        """Returns after so many seconds. Raises ClientGone."""
        if self._lost.wait(seconds):
            raise ClientGone

    def head(self, status: int, reason: str, headers: Headers, length: int | None) -> bytes:
        """The head of the answer, whose body has this length; None: only its end tells."""
        self._is_chunked = length is None and not self.old
        self._ends_connection = not self._keep_alive or (length is None and self.old)
        framing: Headers = (("Transfer-Encoding", "chunked"),) if self._is_chunked else ()
        if self._ends_connection:
            framing += (("Connection", "close"),)
        elif self.old:
            framing += (("Connection", "keep-alive"),)
        head = _head(status, reason, (*headers, *framing))
        self.has_begun = True
        return head

    def interim(self, status: int, reason: str, headers: Headers) -> None:
        """Sends an answer that comes before the final one, which clients of HTTP/1.0 do not know."""
        if not self.old:
            self.send(_head(status, reason, headers))

    def framed(self, part: bytes) -> bytes:
        """A part of the body as it is written after this head."""
        return b"%x\r\n%b\r\n" % (len(part), part) if self._is_chunked and part else part

    def send(self, data: bytes) -> None:
        """Returns when the data is written and the client has read most of it. Raises ClientGone."""
        if self._lost.is_set():
            raise ClientGone
        self._is_taken.clear()
        self._call(partial(self._write, data))
        self._is_taken.wait()
        if self._lost.is_set():
            raise ClientGone

    def write(self, data: bytes) -> None:
        """Writes the data at once, in the thread of the event loop."""
        if not self._connection.is_lost:
            self._connection.write(data)

    def end(self) -> None:
        """Ends the answer, whose body is complete."""
        self._call(self._finish)

    def cut(self) -> None:
        """Ends the connection, since the answer has begun and will not be complete."""
        self._call(self._connection.abort)

    # In the thread of the event loop

    def _write(self, data: bytes) -> None:
        if self._connection.is_lost:
            self.lose()
            return
        self._connection.write(data)
        self._waits = True
        self.resume()

    def _finish(self) -> None:
        if self._connection.is_lost:
            return
        if self._is_chunked:
            self._connection.write(b"0\r\n\r\n")
        self._connection.finish(keep_alive=not self._ends_connection)

    def resume(self) -> None:
        """Has the thread go on, if the client has read most of what was written."""
        if self._waits and not self._connection.is_stalled:
            self._waits = False
            self._is_taken.set()

    def lose(self) -> None:
        """The client went away."""
        if self._lost.is_set():
            return
        self._lost.set()
        self._is_taken.set()
        if self.on_lost is not None:
            self.on_lost()


def _head(status: int, reason: str, headers: Headers) -> bytes:
    line = f"HTTP/1.1 {status} {reason}\r\n".encode("latin-1", "replace")
    return line + header_lines(headers) + b"\r\n"
