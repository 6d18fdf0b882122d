"""The server of a proxy: the mock's own, whose requests go to the upstream unless they are for the control API."""

from __future__ import annotations

import logging
import socket
from collections.abc import Callable
from functools import partial
from typing import Final

from mockserver.engine.service import Service
from mockserver.engine.steps.match import Match
from mockserver.openapi.model.operation import Operation
from mockserver.problem import Problem
from mockserver.proxy.answer_feed import AnswerFeed
from mockserver.proxy.forwarder import Forwarder
from mockserver.proxy.kept_requests import KeptRequests, close_upload
from mockserver.server.http.answer import FAILED, NO_MEMORY, Answer, problem_answer
from mockserver.server.http.connection import HttpConnection
from mockserver.server.http.http_server import HttpServer
from mockserver.server.http.incoming import Arrival
from mockserver.server.http.worker_threads import WorkerThreads
from mockserver.web.door import CONTROL, Door, LocatedRequest

log = logging.getLogger(__name__)

UPSTREAM_THREADS: Final = 256
"""The most requests that are at the upstream at once; the others wait."""

HALF_CLOSED_SECONDS: Final = 2.0
"""Seconds that an answer still has after its client has ended its side of the connection: most have gone altogether."""


class ProxyDoor(Door):
    """Serves one API at the root, below no name: paths are those of the upstream, also `/`."""

    sends_to_page = False

    def _service(self, _host: str, method: str, path: str) -> tuple[Service | None, str, Match[Operation] | None]:
        only, base = self._only, self._only_base
        if only is None or path == f"/{CONTROL}" or path.startswith(f"/{CONTROL}/"):
            return None, path, None
        if path.startswith(base + "/"):
            return only, path, None
        found = only.seek(method, path)
        return only, path if found is not None else base + path, found


class ProxyConnection(HttpConnection):
    """A connection whose answer may come from a feed."""

    incoming = KeptRequests
    feed: AnswerFeed | None = None

    def resume_writing(self) -> None:
        super().resume_writing()
        if self.feed is not None:
            self.feed.resume()

    def eof_received(self) -> bool:
        if self.feed is not None:
            self._server.loop.call_later(HALF_CLOSED_SECONDS, self.feed.lose)
        return super().eof_received()

    def connection_lost(self, error: Exception | None) -> None:
        super().connection_lost(error)
        self._lose()
        assert isinstance(self._incoming, KeptRequests)
        self._incoming.close()

    def abort(self) -> None:
        super().abort()
        self._lose()

    def _lose(self) -> None:
        if self.feed is not None:
            self.feed.lose()

    def write(self, data: bytes) -> None:
        """Sends a part of an answer."""
        self._transport.write(data)

    def finish(self, *, keep_alive: bool) -> None:
        """Goes on with the next request, after an answer that was sent part by part."""
        self.feed = None
        self._finish(keep_alive=keep_alive)
        self._work()


class ProxyServer(HttpServer):
    """Forwards what comes in at the door by a forwarder, each request in a thread of its own."""

    connection = ProxyConnection

    def __init__(self, forwarder: Forwarder, door: Door, listening: socket.socket) -> None:
        super().__init__(door, listening)
        self._forwarder = forwarder
        self._forwarding = WorkerThreads("upstream", UPSTREAM_THREADS)

    def answer(self, arrival: Arrival, connection: HttpConnection) -> Answer | None:
        is_forwarded = False
        try:
            if arrival.refusal is not None:
                return super().answer(arrival, connection)
            visit = self._door.locate(arrival.received)
            if visit.is_control:
                return self._control_answer(visit, arrival, connection)
            is_forwarded = True
        except Problem as problem:
            return problem_answer(problem)
        finally:
            if not is_forwarded:
                close_upload(arrival)
        assert isinstance(connection, ProxyConnection)
        feed = AnswerFeed(connection, self._call, keep_alive=arrival.keep_alive, old=arrival.old)
        connection.feed = feed
        self._forwarding.submit(partial(self._forward, visit, arrival, connection, feed))
        return None

    def run(self, ready: Callable[[], None] = lambda: None) -> None:
        try:
            super().run(ready)
        finally:
            self._forwarding.end()
            self._forwarder.upstream.close()

    def _forward(self, visit: LocatedRequest, arrival: Arrival, connection: ProxyConnection, feed: AnswerFeed) -> None:
        """Answers one request, whatever goes wrong on its way."""
        head = arrival.head
        assert head is not None
        try:
            answer = self._forwarder.forward(visit, head, feed, self._later)
        except MemoryError:
            answer = problem_answer(NO_MEMORY)
        except Exception:
            log.exception("%s %s could not be forwarded", visit.request.method, visit.request.path)
            if feed.has_begun:
                feed.cut()
                return
            answer = problem_answer(FAILED)
        if answer is not None:
            self._call(partial(self._send, connection, answer, arrival))

    def _later(self, seconds: float, work: Callable[[], None]) -> None:

        def begin() -> None:
            self.loop.call_later(seconds, work)

        self._call(begin)

    @staticmethod
    def _send(connection: ProxyConnection, answer: Answer, arrival: Arrival) -> None:
        connection.feed = None
        connection.send(answer, arrival)
