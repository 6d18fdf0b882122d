"""The server: accepts connections, decides in which thread each request is answered, and ends without losing one."""

from __future__ import annotations

import asyncio
import logging
import socket
from collections.abc import Callable, Iterable
from functools import partial
from mmap import mmap
from operator import itemgetter
from threading import Event, Thread

from mockserver.control.metrics.request_counts import AnsweredRequest
from mockserver.control.wsgi_environ import environ_of
from mockserver.messages import Exchange, make
from mockserver.problem import Problem
from mockserver.server.http.answer import BODILESS, FAILED, NO_MEMORY, Answer, Heads, problem_answer
from mockserver.server.http.connection import HttpConnection
from mockserver.server.http.incoming import Arrival
from mockserver.server.http.worker_threads import WorkerThreads, start_thread
from mockserver.state.clock import stopwatch
from mockserver.state.world import Runner
from mockserver.web.door import Door, LocatedRequest

log = logging.getLogger(__name__)

GRACE = 5
"""Seconds for open requests when the server ends; a client that never sends its body gets no more."""

API_THREADS, CONTROL_THREADS = 64, 96
"""The most threads for requests of APIs that may take long, and for those of the control API, which has its own."""

LARGE = 64 * 1024
"""Bytes of a body from which on a request is answered in a thread of its own."""

SLOW = 0.02
"""Seconds. An operation that took longer at last, or was not answered yet, is answered in another thread."""

ROOM = 16
"""Bytes of address space that there must be for each byte of the large bodies which are being worked on: their values,
what is remembered, the answer, the journal. Native code dies where there is none.
"""

_SWEEP = 0.5
"""Seconds between two looks at the time that connections take."""


class HttpServer:
    """Serves a door on a listening socket.

    An ordinary request takes less time than handing it to another thread and back would add, so the event loop answers
    it itself. What may take long is answered in other threads: what runs a user's code, has a large body, was slow or
    never asked for before, or finds its world in use. The control API has threads of its own, and the health check
    needs none: both answer whatever the others do.
    """

    connection: type[HttpConnection] = HttpConnection

    def __init__(self, door: Door, listening: socket.socket) -> None:
        self.loop = _new_event_loop()
        self.heads = Heads()
        self.connections: set[HttpConnection] = set()
        self.now = self.loop.time()
        self._door = door
        self._listening = listening
        self._requests = door.requests
        self._requests.connections = self.connections
        self._apis = WorkerThreads("api", API_THREADS)
        self._users = WorkerThreads("user", API_THREADS)
        self._control = WorkerThreads("control", CONTROL_THREADS)
        self._ending: asyncio.Event | None = None
        self._is_ending = False
        self._large_size = 0
        self._owed: list[tuple[Answer, LocatedRequest, Arrival, HttpConnection]] = []
        self._thread: Thread | None = None

    def run(self, ready: Callable[[], None] = lambda: None) -> None:
        """Serves until `stop` was called. `ready` is called when connections are accepted."""
        asyncio.set_event_loop(self.loop)
        try:
            self.loop.run_until_complete(self._serve(ready))
        finally:
            self._apis.end()
            self._users.end()
            self._control.end()
            self.loop.close()

    def start(self) -> None:
        """Serves in another thread, and returns when connections are accepted."""
        is_ready = Event()

        def serve() -> None:
            try:
                self.run(is_ready.set)
            finally:
                is_ready.set()

        self._thread = start_thread(serve, "mockserver")
        is_ready.wait()

    def stop(self) -> None:
        """Ends the server after its open requests, in at most GRACE seconds, and waits for it, if it runs in a thread
        of its own. May be called from any thread.
        """
        self.end_soon()
        if self._thread is not None:
            self._thread.join()

    def end_soon(self, after: float = 0.0) -> None:
        """Accepts no more connections after so many seconds, and ends when nothing is answered any more. May be called
        at any time.
        """
        self._call(partial(self._end_later, after) if after else self._begin_end)

    def _end_later(self, seconds: float) -> None:
        self.loop.call_later(seconds, self._begin_end)

    def _begin_end(self) -> None:
        self._is_ending = True
        if self._ending is not None:
            self._ending.set()

    async def _serve(self, ready: Callable[[], None]) -> None:
        self._ending = asyncio.Event()
        if self._is_ending:
            self._ending.set()
        server = await self.loop.create_server(lambda: self.connection(self), sock=self._listening, backlog=_BACKLOG)
        sweep = self.loop.call_later(_SWEEP, self._sweep)
        ready()
        await self._ending.wait()
        server.close()
        deadline = self.loop.time() + GRACE
        while self.connections and self.loop.time() < deadline:
            for connection in tuple(self.connections):
                connection.end()
            await asyncio.sleep(_PAUSE)
        for connection in tuple(self.connections):
            connection.abort()
        sweep.cancel()

    def _sweep(self) -> None:
        """Updates the time, and looks for connections that take too long."""
        self.now = self.loop.time()
        self.heads.refresh()
        for connection in tuple(self.connections):
            connection.check_time()
        self.loop.call_later(_SWEEP, self._sweep)
        self._count()

    def _count(self) -> None:
        """Counts what was answered, a part at a time."""
        if self._requests.count():
            self.loop.call_soon(self._count)

    # The way of a request

    def answer(self, arrival: Arrival, connection: HttpConnection) -> Answer | None:
        """The answer, or None: it is sent later, since another thread makes it."""
        if arrival.refusal is not None:
            self._beside(self._apis, partial(self._refuse, arrival, arrival.refusal), arrival, connection)
            return None
        try:
            visit = self._door.locate(arrival.received)
        except Problem as problem:
            self._requests.add(("", "", problem.status, 0.0))
            return problem_answer(problem)
        request, world, service, found, missed, is_coded = visit
        if service is None and not missed:
            return self._control_answer(visit, arrival, connection)
        if len(request.body) > LARGE:
            return self._answer_large(visit, arrival, connection)
        threads: WorkerThreads | None = None
        if service is not None:
            if is_coded:
                threads = self._apis
            elif isinstance(found, tuple) and found[0].id not in service.quick:
                threads = self._users if found[0].id in service.user_code else self._apis
        if threads is None and world.runner is not None and world.runner.waits(world):
            threads = self._apis
        if threads is None and not world.lock.acquire(blocking=False):
            threads = self._apis
        if threads is not None:
            self._beside(threads, partial(self._respond, visit), arrival, connection)
            return None
        runner = world.runner
        try:
            answer = self._respond(visit) if runner is None else runner.defer(partial(self._respond, visit))
        finally:
            world.lock.release()
        if runner is None or not runner.is_owing:
            return answer
        if not self._owed:
            self.loop.call_soon(self._send_owed, runner)
        self._owed.append((answer, visit, arrival, connection))
        return None

    def _send_owed(self, runner: Runner) -> None:
        """Has what was done kept, and sends the answers to all that came at once."""
        owed, self._owed = self._owed, []
        undone: Problem | None = None
        try:
            runner.keep_deferred()
        except Problem as problem:
            undone = problem
        except Exception:
            log.exception("what several requests did could not be kept")
            undone = FAILED
        for answer, visit, arrival, connection in owed:
            connection.send(answer if undone is None else _answer_of(self._door.undone(visit, undone)), arrival)

    def _control_answer(self, visit: LocatedRequest, arrival: Arrival, connection: HttpConnection) -> Answer | None:
        if self._door.is_health(visit):
            return _HEALTHY
        self._control.submit(partial(self._answer_control, visit, arrival, connection))
        return None

    def _answer_large(self, visit: LocatedRequest, arrival: Arrival, connection: HttpConnection) -> Answer | None:
        size = len(visit.request.body)
        if not _is_free((self._large_size + size) * ROOM):
            return problem_answer(NO_MEMORY)
        self._large_size += size

        def respond() -> Answer:
            try:
                return self._respond(visit)
            finally:
                self._call(partial(self._forget_large, size))

        self._beside(self._apis, respond, arrival, connection)
        return None

    def _forget_large(self, size: int) -> None:
        self._large_size -= size

    def beside(self, work: Callable[[], None], then: Callable[[], None]) -> None:
        """Does the work in another thread, and what follows in that of the event loop."""

        def do() -> None:
            try:
                work()
            except Exception:
                log.exception("what follows a delayed response failed")
            self._call(then)

        self._apis.submit(do)

    def _respond(self, visit: LocatedRequest) -> Answer:
        """The answer of an API. Whatever goes wrong on the way is logged, and a 500."""
        # A world of this process alone has its time measured where it is served.
        began = None if visit.world.runner is None else stopwatch()
        try:
            exchange = self._door.respond(visit)
        except MemoryError:
            self._requests.add(_NO_MEMORY_COUNT)
            return problem_answer(NO_MEMORY)
        except Exception:
            log.exception("%s %s failed outside of its API", visit.request.method, visit.request.path)
            self._requests.add(_FAILED_COUNT)
            return problem_answer(FAILED)
        if began is None:
            self._requests.add(_counted(exchange))
        else:
            self._requests.add((exchange.api, exchange.operation, exchange.status, stopwatch() - began))
        service, found = visit.service, visit.found
        if service is not None and isinstance(found, tuple):
            operation = found[0].id
            if exchange.took > SLOW:
                service.quick.discard(operation)
            elif operation not in service.quick and operation not in service.user_code:
                service.quick.add(operation)
        return _answer_of(exchange)

    def _refuse(self, arrival: Arrival, problem: Problem) -> Answer:
        exchange = self._door.refuse(arrival.received, problem)
        self._requests.add(("", "", exchange.status, 0.0))
        return Answer(exchange.status, exchange.headers, exchange.content, close=True)

    def _beside(
        self, threads: WorkerThreads, answer: Callable[[], Answer], arrival: Arrival, connection: HttpConnection
    ) -> None:
        """Has another thread make the answer."""

        def do() -> None:
            try:
                made = answer()
            except MemoryError:
                made = problem_answer(NO_MEMORY)
            except BaseException:
                log.exception("a request failed outside of its API")
                made = problem_answer(FAILED)
            self._call(partial(connection.send, made, arrival))

        threads.submit(do)

    def _call(self, work: Callable[[], None]) -> None:
        """Calls in the thread of the event loop, unless that has ended."""
        try:
            self.loop.call_soon_threadsafe(work)
        except RuntimeError:
            log.debug("an answer came after the server's end")

    def _answer_control(self, visit: LocatedRequest, arrival: Arrival, connection: HttpConnection) -> None:
        """The answer of the control API, whole or, where its length is not known, part by part."""
        begun: list[tuple[str, list[tuple[str, str]]]] = []
        is_streamed = False
        try:
            parts = self._door.control(
                visit, environ_of(visit.request), lambda status, headers, *_: begun.append((status, headers))
            )
            status, headers = begun[0]
            code = int(status[:3])
            is_known = any(name.lower() == "content-length" for name, _ in headers)
            if is_known or code in BODILESS or visit.request.method == "HEAD" or isinstance(parts, list):
                kept = tuple((name, value) for name, value in headers if name.lower() != "content-length")
                self._call(partial(connection.send, Answer(code, kept, b"".join(parts)), arrival))
            else:
                start, is_streamed = self.heads.stream_start(code, tuple(headers), old=arrival.old), True
                self._stream(start, parts, arrival, connection)
        except BaseException:
            log.exception("%s %s failed inside the control API", visit.request.method, visit.request.path)
            failed = partial(connection.send, problem_answer(FAILED, close=True), arrival)
            self._call(connection.abort if is_streamed else failed)

    def _stream(
        self, start: bytes | None, parts: Iterable[bytes], arrival: Arrival, connection: HttpConnection
    ) -> None:
        """Sends the parts as they come, after the head at the `start`."""
        try:
            for part in parts:
                if connection.is_lost:
                    return
                self._call(partial(connection.stream, start, part, arrival, ends=False))
                start = None
            self._call(partial(connection.stream, start, b"", arrival, ends=True))
        finally:
            if (close := getattr(parts, "close", None)) is not None:
                close()


def _answer_of(exchange: Exchange) -> Answer:
    return make(Answer, (exchange.status, exchange.headers, exchange.content, exchange.delivery, False))


def _is_free(size: int) -> bool:
    """Whether the process may have so many bytes more of address space, which is asked without using them."""
    try:
        mmap(-1, size).close()
    except (OSError, ValueError, OverflowError):
        return False
    return True


def _new_event_loop() -> asyncio.AbstractEventLoop:
    """The loop of uvloop, where it is: it takes half the time."""
    try:
        import uvloop
    except ImportError:
        return asyncio.new_event_loop()
    loop: asyncio.AbstractEventLoop = uvloop.new_event_loop()
    return loop


_HEALTHY = Answer(
    200, (("Content-Type", "application/json"), ("X-Content-Type-Options", "nosniff")), b'{"status":"healthy"}'
)
_NO_MEMORY_COUNT, _FAILED_COUNT = ("", "", 503, 0.0), ("", "", 500, 0.0)
_counted: Callable[[Exchange], AnsweredRequest] = itemgetter(
    *map(Exchange._fields.index, ("api", "operation", "status", "took"))
)
_BACKLOG = 1024
_PAUSE = 0.02
"""Seconds between two looks whether all connections have ended."""
