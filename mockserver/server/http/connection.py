"""One connection of a client: reads its requests, and sends their answers in the same order."""

from __future__ import annotations

import asyncio
import logging
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
from mockserver.server.http.answer import BODILESS, FAILED, NO_MEMORY, Answer, Heads, header_lines, problem_answer
from mockserver.server.http.incoming import HEAD, IDLE, Arrival, Incoming

log = logging.getLogger(__name__)

IDLE_SECONDS = 120
"""Seconds after which a connection is closed on which nothing is asked."""
HEAD_SECONDS = 10
"""Seconds in which the head of a request has to arrive."""
BODY_SECONDS, BODY_SPEED = 10, 1024
"""A body has these seconds, and one more for each so many bytes that have arrived; so long it may stand still."""
STALLED_SECONDS = 60
"""Seconds after which a client is given up that reads nothing of its answer."""
LINGER_SECONDS = 2
"""Seconds in which what a refused client still sends is discarded, so that it can read the refusal."""
IN_A_ROW = 32
"""Requests of one connection that are answered before others have their turn."""


class Serving(Protocol):
    """The interface of a server that a connection uses."""

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

    incoming: Callable[[str, Callable[[], None]], Incoming] = Incoming

    def __init__(self, server: Serving) -> None:
        self._server = server
        self._is_busy = self._is_paused = self._is_closing = False
        self._is_reading = True
        self._is_ended = self._is_lingering = self._owes_continue = False
        self._since = self._moved = server.now
        self._unsent = self._arrived = -1

    @property
    def is_busy(self) -> bool:
        """Whether a request is being answered, or one is arriving."""
        return self._is_busy or bool(self._incoming.arrivals) or self._incoming.state != IDLE

    # What the event loop calls

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport: Any = transport
        peer = transport.get_extra_info("peername")
        self._incoming = type(self).incoming(peer[0] if isinstance(peer, tuple) else "", self._proceed)
        self._server.connections.add(self)

    def data_received(self, data: bytes) -> None:
        if self._is_closing or self._is_lingering:
            return
        incoming = self._incoming
        if incoming.state == IDLE:
            self._since = self._server.now
        try:
            incoming.feed(data)
        except MemoryError:
            incoming.give_up(503, "There is not enough memory for this request.")
        if incoming.arrivals:
            self._since = self._server.now
            self._work()
        elif self._is_busy:
            self._pause_or_resume()

    def eof_received(self) -> bool:
        self._is_ended = True
        self._incoming.end()
        self._work()
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
        if self._is_lingering:
            if elapsed > LINGER_SECONDS:
                self.abort()
        elif self._is_busy or self._is_paused or self._is_closing:
            self._check_progress()
        elif state == IDLE:
            if elapsed > IDLE_SECONDS:
                self._close()
        elif state == HEAD:
            if elapsed > HEAD_SECONDS:
                self._give_up(f"The head of the request did not arrive within {HEAD_SECONDS} seconds.")
        else:
            self._check_body(elapsed)

    def _check_body(self, elapsed: float) -> None:
        size, now = self._incoming.size, self._server.now
        if size != self._arrived:
            self._arrived, self._moved = size, now
        if elapsed > BODY_SECONDS + size / BODY_SPEED:
            self._give_up(
                f"{size} bytes of the body arrived within {elapsed:.0f} seconds; it has {BODY_SECONDS} seconds, and "
                f"one more for each {BODY_SPEED} bytes."
            )
        elif now - max(self._moved, self._since) > BODY_SECONDS:  # what has moved was another body before
            self._give_up(f"{size} bytes of the body arrived, and then none within {BODY_SECONDS} seconds.")

    # The way of a request

    def _work(self) -> None:
        """Has the requests answered that have arrived, as long as none of them takes its time."""
        arrivals, left = self._incoming.arrivals, IN_A_ROW
        while arrivals and not (self._is_busy or self._is_paused or self._is_closing):
            if not left:
                self._server.loop.call_soon(self._work)
                break
            left -= 1
            arrival = arrivals.popleft()
            self._is_busy = True
            try:
                answer = self._server.answer(arrival, self)
            except MemoryError:
                answer = problem_answer(NO_MEMORY)
            except Exception:
                log.exception("%s %s failed", arrival.received.method, arrival.received.path)
                answer = problem_answer(FAILED)
            if answer is not None:
                self._deliver(answer, arrival)
        if self._owes_continue and not (self._is_busy or arrivals):
            self._proceed()
        if self._is_ended and not (self._is_busy or arrivals or self._is_closing):
            self._close()
        if not self._is_reading or self._is_busy or self._is_paused or arrivals:
            self._pause_or_resume()

    def _pause_or_resume(self) -> None:
        """Reads no more than one request ahead; that the client went away is noticed meanwhile."""
        waits = self._is_busy or self._is_paused or bool(self._incoming.arrivals)
        reads = not (waits and (self._incoming.arrivals or self._incoming.state != IDLE))
        if self._is_reading != reads and not (self._is_closing or self._is_ended):
            self._is_reading = reads
            if reads:
                self._since = self._moved = self._server.now
            (self._transport.resume_reading if reads else self._transport.pause_reading)()

    def _deliver(self, answer: Answer, arrival: Arrival) -> None:
        if self._is_closing:
            return
        if answer.delivery is None:
            self._send_whole(answer, arrival)
        else:
            self._server.loop.call_later(answer.delivery.delay, self._end_delay, answer, arrival, answer.delivery)

    def _send_whole(self, answer: Answer, arrival: Arrival) -> None:
        keep_alive = arrival.keep_alive and not answer.close
        try:
            head = self._server.heads.head(answer, keep_alive=keep_alive, old=arrival.old)
        except ValueError:
            log.exception("the answer to %s %s cannot be sent", arrival.received.method, arrival.received.path)
            answer = problem_answer(FAILED)
            head = self._server.heads.head(answer, keep_alive=keep_alive, old=arrival.old)
        content = answer.content
        bare = not content or arrival.received.method == "HEAD" or answer.status in BODILESS
        self._transport.write(head if bare else head + content)
        if keep_alive:
            self._is_busy = False
        else:
            self._finish(keep_alive=False)

    def _finish(self, *, keep_alive: bool) -> None:
        self._is_busy = False
        if keep_alive:
            return
        if self._incoming.is_cut and not self._is_ended and not self._incoming.arrivals:
            self._linger()
        else:
            self._close()

    def _linger(self) -> None:
        """Sends nothing more, and discards for a while what the client sends: closed at once, the connection would be
        reset, and the client might lose the answer.
        """
        self._is_lingering, self._since = True, self._server.now
        self._transport.write_eof()
        if not self._is_reading:
            self._is_reading = True
            self._transport.resume_reading()

    def _close(self) -> None:
        self._is_closing = True
        self._transport.close()

    def _proceed(self) -> None:
        self._owes_continue = self._is_busy or bool(self._incoming.arrivals)
        if not self._owes_continue:
            self._transport.write(b"HTTP/1.1 100 Continue\r\n\r\n")

    def _give_up(self, detail: str) -> None:
        self._incoming.give_up(408, detail)
        self._work()

    def _check_progress(self) -> None:
        """Gives up a client that reads nothing."""
        unsent = self._transport.get_write_buffer_size()
        if unsent != self._unsent or not unsent:
            self._unsent, self._since = unsent, self._server.now
        elif self._server.now - self._since > STALLED_SECONDS:
            self.abort()

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
        try:
            self._server.heads.head(answer, keep_alive=False, old=False)
        except ValueError:
            delivery = Delivery()
        if delivery.fault:
            self._fail(answer, arrival, delivery.fault)
        elif delivery.bytes_per_second:
            keep_alive = arrival.keep_alive and not answer.close
            self._transport.write(self._server.heads.head(answer, keep_alive=keep_alive, old=arrival.old))
            bare = arrival.received.method == "HEAD" or answer.status in BODILESS
            content = b"" if bare else answer.content
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
