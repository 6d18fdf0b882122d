"""One API's live channels as a Socket.IO server: accepts connections, and adds and removes channels."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from typing import Any

import socketio

from mockserver.engine.live_channels import LiveChannels, LiveClient, Spoken
from mockserver.engine.service import Service
from mockserver.json_text import Json
from mockserver.problem import Problem
from mockserver.state.event_feed import LiveEvent
from mockserver.state.world import World

CountConnections = Callable[[World, int], None]
"""Called with the change in the number of connections in a world."""

SendCommitted = Callable[[World], None]
"""Called in a thread beside the event loop: what the world has published is on its way to those who follow it now."""

WorldOf = Callable[[Any], World]
"""The world that a client's request selects."""


@dataclass(slots=True)
class Connection:
    """One connection: its world and its client."""

    world: World
    client: LiveClient


class Gateway:
    """Serves Socket.IO for one API. Decisions of the API are made in a thread beside the event loop, under the world's
    lock.
    """

    def __init__(
        self,
        service: Service,
        live: LiveChannels,
        world_of: WorldOf,
        count_connections: CountConnections,
        send_committed: SendCommitted,
    ) -> None:
        self._service = service
        self._live = live
        self._world_of = world_of
        self._count_connections = count_connections
        self._send_committed = send_committed
        self._connections: dict[str, Connection] = {}
        self._server = socketio.AsyncServer(
            async_mode="aiohttp",
            async_handlers=False,  # the messages of one client are handled in order
            cors_allowed_origins="*",
            max_http_buffer_size=live.longest,
        )
        for event, handler in (("connect", self._connect), ("message", self._message), ("disconnect", self._leave)):
            self._server.on(event, handler, namespace=live.namespace)

    async def handle(self, request: Any) -> Any:
        """One HTTP request of a client, or the websocket that it becomes."""
        return await self._server.handle_request(request)

    async def send(self, world: World, event: LiveEvent) -> None:
        """The note is on its way to everyone in the world who follows its channel."""
        room = _room(world, event.audience, event.channel)
        await self._server.emit(event.event, event.body, room=room, namespace=self._live.namespace)

    async def close(self) -> None:
        """Every connection is told that it ends."""
        await self._server.shutdown()

    async def _connect(self, sid: str, environ: dict[str, Any], auth: Json = None) -> None:
        world = self._world_of(environ["aiohttp.request"])
        try:
            client = await asyncio.to_thread(self._admit, world, auth)
        except Problem as problem:
            raise socketio.exceptions.ConnectionRefusedError(problem.detail) from None
        self._connections[sid] = Connection(world, client)
        # Messages sent before the connect handler returns are lost.
        self._server.start_background_task(self._send_messages, sid, *self._live.greet(client, sid))

    async def _message(self, sid: str, message: Json = None, *_more: Json) -> None:
        connection = self._connections.get(sid)
        if connection is None:
            return
        before = connection.client
        connection.client, replies = await asyncio.to_thread(self._handle_message, connection, message)
        for channel in connection.client.channels - before.channels:
            room = _room(connection.world, before.audience, channel)
            await self._server.enter_room(sid, room, namespace=self._live.namespace)
        for channel in before.channels - connection.client.channels:
            room = _room(connection.world, before.audience, channel)
            await self._server.leave_room(sid, room, namespace=self._live.namespace)
        await self._send_messages(sid, *replies)

    async def _leave(self, sid: str, *_reason: Any) -> None:
        connection = self._connections.pop(sid, None)
        if connection is not None:
            await asyncio.to_thread(self._count_connections, connection.world, -1)

    async def _send_messages(self, sid: str, *messages: Json) -> None:
        for message in messages:
            await self._server.emit("message", message, to=sid, namespace=self._live.namespace)

    def _admit(self, world: World, auth: Json) -> LiveClient:
        def admit() -> LiveClient:
            client = self._live.admit(auth, world.of(self._service.name), self._service.choices)
            world.log.after(partial(self._count_connections, world, 1))
            return client

        return world.run(admit)

    def _handle_message(self, connection: Connection, message: Json) -> Spoken:
        def hear() -> Spoken:
            state = connection.world.of(self._service.name)
            return self._live.hear(connection.client, message, state, self._service.choices)

        world = connection.world
        with world.lock:  # Who follows a channel from now on does not hear what was published before.
            self._send_committed(world)
            return world.run(hear)


def _room(world: World, audience: str, channel: str) -> str:
    """The Socket.IO room of a channel; it must be a single text, since several would be several rooms."""
    return f"{world.name}\0{audience}\0{channel}"
