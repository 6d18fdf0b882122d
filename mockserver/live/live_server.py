"""The live server: one thread for the clients, another for the events that worlds publish."""

from __future__ import annotations

import asyncio
import logging
import threading
from collections import Counter
from collections.abc import Mapping
from concurrent.futures import Future
from contextlib import suppress
from functools import partial
from queue import SimpleQueue

from aiohttp import web

from mockserver.engine.service import Service
from mockserver.live.directory import Directory
from mockserver.live.gateway import Gateway
from mockserver.problem import PROBLEM_JSON, Problem, Unusable
from mockserver.state.world import World
from mockserver.state.worlds import Worlds

log = logging.getLogger(__name__)


class LiveServer:
    """The live channels of all APIs, in threads beside those that serve HTTP.

    A world's feed has a subscriber while a client is connected to it. Its events are taken under the world's lock,
    which a request holds until it is answered: the events are committed, and the request has not waited for them.
    """

    def __init__(self, services: Mapping[str, Service], worlds: Worlds) -> None:
        self._worlds = worlds
        self._directory = Directory(services)
        self._services = services
        self._gateways: dict[str, Gateway] = {}
        self._attending: Counter[World] = Counter()
        self._published: SimpleQueue[World | None] = SimpleQueue()
        self._loop: asyncio.AbstractEventLoop | None = None
        self._ended: asyncio.Event | None = None
        self._serving: threading.Thread | None = None

    def start(self, host: str, port: int) -> None:
        """Listens on this address. Raises Unusable if the port is not free."""
        listening: Future[None] = Future()
        self._serving = threading.Thread(target=self._run, args=(host, port, listening), name="live", daemon=True)
        self._serving.start()
        try:
            listening.result(timeout=30)
        except OSError as error:
            reason = error.strerror or error
            raise Unusable(f"cannot listen on {host} port {port}: {reason}; choose another with --live-port") from None
        threading.Thread(target=self._broadcast, name="live-feed", daemon=True).start()

    def stop(self) -> None:
        """Closes all connections and frees the port; returns once that is done, or after five seconds."""
        self._published.put(None)
        if self._loop is not None and self._ended is not None and self._serving is not None:
            with suppress(RuntimeError):  # The loop is closed: it ended before.
                self._loop.call_soon_threadsafe(self._ended.set)
            self._serving.join(timeout=5)

    def _run(self, host: str, port: int, listening: Future[None]) -> None:
        asyncio.run(self._serve(host, port, listening))

    async def _serve(self, host: str, port: int, listening: Future[None]) -> None:
        self._loop, self._ended = asyncio.get_running_loop(), asyncio.Event()
        for name, service in self._services.items():
            if service.api.live is not None:
                self._gateways[name] = Gateway(
                    service, service.api.live, self._world_of, self._count_connections, self._send_committed
                )
        app = web.Application()
        app.router.add_route("*", "/{path:.*}", self._handle)
        runner = web.AppRunner(app, handle_signals=False, access_log=None, shutdown_timeout=1)
        await runner.setup()
        try:
            await web.TCPSite(runner, host, port).start()
        except OSError as error:
            await runner.cleanup()
            listening.set_exception(error)
            return
        listening.set_result(None)
        await self._ended.wait()
        for gateway in self._gateways.values():
            await gateway.close()
        await runner.cleanup()

    async def _handle(self, request: web.Request) -> web.StreamResponse:
        """The request goes to its API's gateway, in its world."""
        try:
            _, api = self._directory.find(request.path, request.headers)
            self._world_of(request)
        except Problem as problem:
            return web.json_response(problem.members(), status=problem.status, content_type=PROBLEM_JSON)
        answer: web.StreamResponse = await self._gateways[api].handle(request)
        return answer

    def _world_of(self, request: web.Request) -> World:
        """The world that the request selects. Raises Problem for an invalid one."""
        world, _ = self._directory.find(request.path, request.headers)
        return self._worlds[world]

    def _count_connections(self, world: World, more: int) -> None:
        """Subscribes to the feed of a world while it has connections."""
        with world.lock:
            self._attending[world] += more
            if not self._attending[world]:
                del self._attending[world]
            world.feed.listen(partial(self._published.put, world) if world in self._attending else None)

    def _broadcast(self) -> None:
        """Sends committed events until the server ends."""
        while (world := self._published.get()) is not None:
            self._send_committed(world)

    def _send_committed(self, world: World) -> None:
        """Hands the events that the world has published to the event loop, before anybody changes what he follows."""
        with world.lock:
            for event in world.feed.take():
                if event.api in self._gateways and self._loop is not None and self._loop.is_running():
                    sending = asyncio.run_coroutine_threadsafe(self._gateways[event.api].send(world, event), self._loop)
                    sending.add_done_callback(_complain)


def _complain(sending: Future[None]) -> None:
    """Logs an error in the event loop, which would otherwise be lost."""
    if not sending.cancelled() and (error := sending.exception()) is not None:
        log.error("a live event could not be sent", exc_info=error)
