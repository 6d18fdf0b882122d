"""The live port: one thread speaks with the clients, another waits for what the worlds publish."""

from __future__ import annotations

import asyncio
import logging
import threading
from collections import Counter
from collections.abc import Mapping
from concurrent.futures import Future
from functools import partial
from queue import SimpleQueue

from aiohttp import web

from mockserver.engine.pipeline import Service
from mockserver.live.directory import Directory
from mockserver.live.gateway import Gateway
from mockserver.problem import PROBLEM_JSON, Problem, Unusable
from mockserver.state.world import World, Worlds

log = logging.getLogger(__name__)


class LiveServer:
    """Live channels of every API that has some, in threads beside those that answer requests.

    A world's feed is listened to as long as somebody is connected to it. What it publishes is taken under the world's
    lock, which a request holds until it is answered: so it is committed, and the request has not waited for it.
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

    def start(self, host: str, port: int) -> None:
        """Clients can connect to this address from now on. Raises Unusable where the port is not free."""
        listening: Future[None] = Future()
        threading.Thread(target=self._run, args=(host, port, listening), name="live", daemon=True).start()
        try:
            listening.result(timeout=30)
        except OSError as error:
            reason = error.strerror or error
            raise Unusable(f"cannot listen on {host} port {port}: {reason}; choose another with --live-port") from None
        threading.Thread(target=self._broadcast, name="live-feed", daemon=True).start()

    def stop(self) -> None:
        """No client is connected any more, and the port is free."""
        self._published.put(None)
        if self._loop is not None and self._ended is not None:
            self._loop.call_soon_threadsafe(self._ended.set)

    def _run(self, host: str, port: int, listening: Future[None]) -> None:
        asyncio.run(self._serve(host, port, listening))

    async def _serve(self, host: str, port: int, listening: Future[None]) -> None:
        self._loop, self._ended = asyncio.get_running_loop(), asyncio.Event()
        for name, service in self._services.items():
            if service.api.live is not None:
                self._gateways[name] = Gateway(service, service.api.live, self._world_of, self._attend)
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
        """The world that the request means. A Problem where it cannot be one."""
        world, _ = self._directory.find(request.path, request.headers)
        return self._worlds[world]

    def _attend(self, world: World, more: int) -> None:
        """The feed of a world is listened to while anybody is there."""
        with world.lock:
            self._attending[world] += more
            if not self._attending[world]:
                del self._attending[world]
            world.feed.listen(partial(self._published.put, world) if world in self._attending else None)

    def _broadcast(self) -> None:
        """What is published and committed goes out, until the server ends."""
        while (world := self._published.get()) is not None:
            with world.lock:
                notes = world.feed.take()
            for note in notes:
                if note.api in self._gateways and self._loop is not None and self._loop.is_running():
                    sending = asyncio.run_coroutine_threadsafe(self._gateways[note.api].send(world, note), self._loop)
                    sending.add_done_callback(_complain)


def _complain(sending: Future[None]) -> None:
    """What goes wrong in the loop is told to nobody else."""
    if not sending.cancelled() and (error := sending.exception()) is not None:
        log.error("a live event could not be sent", exc_info=error)
