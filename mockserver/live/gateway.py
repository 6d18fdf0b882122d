"""One API's live channels as a Socket.IO server: connections come, follow channels, and go."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import socketio

from mockserver.engine.live_channels import LiveChannels, LiveClient, Spoken
from mockserver.engine.pipeline import Service
from mockserver.json_text import Json
from mockserver.problem import Problem
from mockserver.state.event_feed import LiveEvent
from mockserver.state.world import World

Attend = Callable[[World, int], None]
"""Told that so many connections more, or fewer, are in a world."""

Place = Callable[[Any], World]
"""The world that a client's request means."""


@dataclass(slots=True)
class Connection:
    """One connection: where it is, and as whom."""

    world: World
    guest: LiveClient


class Gateway:
    """Speaks Socket.IO for one API. What the API decides is asked for beside the loop, under the world's lock."""

    def __init__(self, service: Service, live: LiveChannels, place: Place, attend: Attend) -> None:
        self._service = service
        self._live = live
        self._place = place
        self._attend = attend
        self._seats: dict[str, Connection] = {}
        self._server = socketio.AsyncServer(
            async_mode="aiohttp",
            async_handlers=False,  # what one client sends is heard in its order
            cors_allowed_origins="*",
            max_http_buffer_size=live.longest,
        )
        for event, handler in (("connect", self._connect), ("message", self._message), ("disconnect", self._leave)):
            self._server.on(event, handler, namespace=live.namespace)

    async def handle(self, request: Any) -> Any:
        """One HTTP request of a client, or the websocket that it becomes."""
        return await self._server.handle_request(request)

    async def send(self, world: World, note: LiveEvent) -> None:
        """The note is on its way to everyone in the world who follows its channel."""
        room = _room(world, note.audience, note.channel)
        await self._server.emit(note.event, note.body, room=room, namespace=self._live.namespace)

    async def close(self) -> None:
        """Every connection is told that it ends."""
        await self._server.shutdown()

    async def _connect(self, sid: str, environ: dict[str, Any], auth: Json = None) -> None:
        world = self._place(environ["aiohttp.request"])
        try:
            guest = await asyncio.to_thread(self._admit, world, auth)
        except Problem as problem:
            raise socketio.exceptions.ConnectionRefusedError(problem.detail) from None
        self._seats[sid] = Connection(world, guest)
        # The connection stands only when this is over; what is said before that gets lost.
        self._server.start_background_task(self._say, sid, *self._live.greet(guest, sid))

    async def _message(self, sid: str, message: Json = None, *_more: Json) -> None:
        seat = self._seats.get(sid)
        if seat is None:
            return
        before = seat.guest
        seat.guest, said = await asyncio.to_thread(self._hear, seat, message)
        for channel in seat.guest.channels - before.channels:
            room = _room(seat.world, before.audience, channel)
            await self._server.enter_room(sid, room, namespace=self._live.namespace)
        for channel in before.channels - seat.guest.channels:
            room = _room(seat.world, before.audience, channel)
            await self._server.leave_room(sid, room, namespace=self._live.namespace)
        await self._say(sid, *said)

    async def _leave(self, sid: str, *_reason: Any) -> None:
        seat = self._seats.pop(sid, None)
        if seat is not None:
            await asyncio.to_thread(self._attend, seat.world, -1)

    async def _say(self, sid: str, *messages: Json) -> None:
        for message in messages:
            await self._server.emit("message", message, to=sid, namespace=self._live.namespace)

    def _admit(self, world: World, auth: Json) -> LiveClient:
        with world.lock:
            guest = self._live.admit(auth, world.of(self._service.name), self._service.choices)
            self._attend(world, 1)
            return guest

    def _hear(self, seat: Connection, message: Json) -> Spoken:
        with seat.world.lock:
            state = seat.world.of(self._service.name)
            return self._live.hear(seat.guest, message, state, self._service.choices)


def _room(world: World, audience: str, channel: str) -> str:
    """One text: several would be several rooms."""
    return f"{world.name}\0{audience}\0{channel}"
