"""One connection of a client: reads its requests, and sends their answers in the same order."""

from __future__ import annotations

import asyncio
import os
import socket
import struct
from collections.abc import Callable
from contextlib import suppress
from functools import partial
from typing import Any, Protocol

from mockserver.messages import (
    BROKEN_CHUNK,
    EMPTY,
    GARBAGE,
    RESET,
    RESET_AFTER_HEADERS,
    TRUNCATED,
    Delivery,
)
from mockserver.server.http.answer import Answer, Heads, header_lines
from mockserver.server.http.incoming import BODY, HEAD, IDLE, Arrival, Incoming

IDLE_SECONDS = 120
"""Seconds after which a connection is closed on which nothing is asked."""
HEAD_SECONDS = 10
"""Seconds in which the head of a request has to arrive."""
BODY_SECONDS, BODY_SPEED = 10, 1024
"""A body has these seconds, and one more for each so many bytes that have arrived."""
STALLED_SECONDS = 60
"""Seconds after which a client is given up that reads nothing of its answer."""


class Serving(Protocol):
    """What a connection asks of its server."""

    loop: asyncio.AbstractEventLoop
    heads: Heads
    connections: set[HttpConnection]
    now: float

    def answer(self, arrival: Arrival, connection: HttpConnection) -> Answer | None:
        """The answer; None: it comes later, by `connection.send`."""

    def beside(self, work: Callable[[], None], then: Callable[[], None]) -> None:
        """Does in another thread what may take long, and what follows in that of the event loop."""


class HttpConnection(asyncio.Protocol):
    """Reads requests and sends answers, one at a time. While one is worked on nothing more is read."""

    def __init__(self, server: Serving) -> None:
        self._server = server
        self._is_busy = self._is_paused = self._is_closing = False
        self._is_reading = True
        self._since = server.now
        self._unsent = -1

    @property
    def is_busy(self) -> bool:
        """Whether a request is being answered, or one is arriving."""
        return self._is_busy or bool(self._incoming.arrivals) or self._incoming.state != IDLE

    # What the event loop calls

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport: Any = transport
        peer = transport.get_extra_info("peername")
        self._incoming = Incoming(peer[0] if isinstance(peer, tuple) else "", self._proceed)
        self._server.connections.add(self)

    def data_received(self, data: bytes) -> None:
        incoming = self._incoming
        if incoming.state == IDLE:
            self._since = self._server.now
        incoming.feed(data)
        if incoming.arrivals:
            self._work()

    def eof_received(self) -> bool:
        self._incoming.end()
        if self._incoming.arrivals:
            self._work()
        elif not self._is_busy:
            self._close()
        return True

    def connection_lost(self, _error: Exception | None) -> None:
        self._is_closing = True
        self._server.connections.discard(self)

    def pause_writing(self) -> None:
        self._is_paused = True
        self._work()

    def resume_writing(self) -> None:
        self._is_paused = False
        self._work()

    # What the server calls

    def send(self, answer: Answer, arrival: Arrival) -> None:
        """Sends an answer that was not at hand at once, and goes on with the next request."""
        self._deliver(answer, arrival)
        self._work()

    def stream(self, start: bytes | None, part: bytes, arrival: Arrival, *, ends: bool) -> None:
        """Sends a part of an answer whose length is not known, after its head at the `start`; the last `ends` it."""
        if self._is_closing:
            return
        chunk = b"%x\r\n%b\r\n" % (len(part), part) if part and not arrival.old else part
        last = b"0\r\n\r\n" if ends and not arrival.old else b""
        self._transport.write((start or b"") + chunk + last)
        if ends:
            self._finish(keep_alive=arrival.keep_alive and not arrival.old)
            self._work()

    @property
    def is_lost(self) -> bool:
        """Whether nobody is there any more who could read an answer."""
        return self._is_closing

    @property
    def is_stalled(self) -> bool:
        """Whether the client does not read what was sent."""
        return self._is_paused

    def end(self) -> None:
        """Closes the connection as soon as nothing is answered on it."""
        if not self.is_busy:
            self._close()

    def abort(self) -> None:
        """Closes the connection, whatever is being answered."""
        self._is_closing = True
        self._transport.abort()

    def check_time(self) -> None:
        """Closes the connection, or refuses its request, if the client takes too long."""
        elapsed, state = self._server.now - self._since, self._incoming.state
        if self._is_busy or self._is_paused:
            self._check_progress()
        elif state == IDLE:
            if elapsed > IDLE_SECONDS:
                self._close()
        elif state == HEAD:
            if elapsed > HEAD_SECONDS:
                self._time_out(f"The head of the request did not arrive within {HEAD_SECONDS} seconds.")
        elif state == BODY and elapsed > BODY_SECONDS + self._incoming.size / BODY_SPEED:
            self._time_out(
                f"{self._incoming.size} bytes of the body arrived within {elapsed:.0f} seconds; it has {BODY_SECONDS} "
                f"seconds, and one more for each {BODY_SPEED} bytes."
            )

    # The way of a request

    def _work(self) -> None:
        """Has the requests answered that have arrived, as long as none of them takes its time."""
        arrivals = self._incoming.arrivals
        while arrivals and not (self._is_busy or self._is_paused or self._is_closing):
            arrival = arrivals.popleft()
            self._is_busy = True
            answer = self._server.answer(arrival, self)
            if answer is not None:
                self._deliver(answer, arrival)
        if self._is_reading == (self._is_busy or self._is_paused) and not self._is_closing:
            self._is_reading = not self._is_reading
            self._since = self._server.now
            (self._transport.resume_reading if self._is_reading else self._transport.pause_reading)()

    def _deliver(self, answer: Answer, arrival: Arrival) -> None:
        if self._is_closing:
            return
        if answer.delivery is None:
            self._send_whole(answer, arrival)
        else:
            self._server.loop.call_later(answer.delivery.delay, self._end_delay, answer, arrival, answer.delivery)

    def _send_whole(self, answer: Answer, arrival: Arrival) -> None:
        keep_alive = arrival.keep_alive and not answer.close
        head = self._server.heads.head(answer, keep_alive=keep_alive, old=arrival.old)
        content = answer.content
        self._transport.write(head + content if content and arrival.received.method != "HEAD" else head)
        self._finish(keep_alive=keep_alive)

    def _finish(self, *, keep_alive: bool) -> None:
        self._is_busy = False
        if not keep_alive:
            self._close()

    def _close(self) -> None:
        self._is_closing = True
        self._transport.close()

    def _proceed(self) -> None:
        if not self._is_busy:
            self._transport.write(b"HTTP/1.1 100 Continue\r\n\r\n")

    def _time_out(self, detail: str) -> None:
        self._incoming.time_out(detail)
        self._work()

    def _check_progress(self) -> None:
        """Gives up a client that reads nothing."""
        unsent = self._transport.get_write_buffer_size()
        if unsent != self._unsent or not unsent:
            self._unsent, self._since = unsent, self._server.now
        elif self._server.now - self._since > STALLED_SECONDS:
            self._transport.abort()

    # Answers that are not sent whole and at once

    def _end_delay(self, answer: Answer, arrival: Arrival, delivery: Delivery) -> None:
        deliver = partial(self._deliver_late, answer, arrival, delivery)
        if delivery.finish is None:
            deliver()
        else:
            self._server.beside(delivery.finish, deliver)

    def _deliver_late(self, answer: Answer, arrival: Arrival, delivery: Delivery) -> None:
        if self._is_closing:
            return
        if delivery.fault:
            self._fail(answer, arrival, delivery.fault)
        elif delivery.bytes_per_second:
            keep_alive = arrival.keep_alive and not answer.close
            self._transport.write(self._server.heads.head(answer, keep_alive=keep_alive, old=arrival.old))
            content = answer.content if arrival.received.method != "HEAD" else b""
            self._drip(content, delivery.bytes_per_second, lambda: self._finish_late(keep_alive=keep_alive))
        else:
            self._send_whole(answer, arrival)
            self._work()

    def _finish_late(self, *, keep_alive: bool) -> None:
        self._finish(keep_alive=keep_alive)
        self._work()

    def _drip(self, content: bytes, speed: float, then: Callable[[], None]) -> None:
        """Sends the content at so many bytes a second."""
        if self._is_closing:
            return
        if not content:
            then()
            return
        size = max(1, int(speed * _TICK))
        self._transport.write(content[:size])
        self._server.loop.call_later(size / speed, self._drip, content[size:], speed, then)

    def _fail(self, answer: Answer, arrival: Arrival, fault: str) -> None:
        """What the connection does in place of a whole response; see messages.py."""
        content = answer.content
        whole = self._server.heads.head(answer, keep_alive=False, old=arrival.old)
        if fault == RESET:
            self._reset()
        elif fault == RESET_AFTER_HEADERS:
            self._transport.write(whole)
            self._server.loop.call_later(_TICK, self._reset)
        elif fault in (EMPTY, TRUNCATED, GARBAGE, BROKEN_CHUNK):
            self._transport.write(
                {
                    EMPTY: b"",
                    TRUNCATED: whole + content[: len(content) // 2],
                    GARBAGE: os.urandom(512),
                    BROKEN_CHUNK: self._server.heads.start(answer.status)
                    + header_lines((*answer.headers, ("transfer-encoding", "chunked")))
                    + b"\r\nno length of a chunk\r\n",
                }[fault]
            )
            self._close()

    def _reset(self) -> None:
        """Closes with a reset: what was not sent is discarded, and the client sees an error."""
        self._is_closing = True
        with suppress(OSError):
            own: socket.socket = self._transport.get_extra_info("socket")
            own.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        self._transport.abort()


_TICK = 0.05
"""Seconds between two parts of a slow body."""
