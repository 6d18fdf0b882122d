"""The requests of a world as server-sent events, for as long as the client asked.

Every open stream keeps a thread of the server, so a stream ends by itself and there are few at the same time;
EventSource and its like ask again, with the number of the last event that they saw, so that nothing is lost.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator

from mockserver.control.waiting import PAUSE, WaitingPlace, never
from mockserver.json_text import Json, encode
from mockserver.messages import Exchange
from mockserver.state.clock import stopwatch
from mockserver.state.world import World

EVENT_STREAM = "text/event-stream"
_HEARTBEAT = 2.0
"""Seconds of silence after which a comment is sent, by which the server learns of a client that has gone."""


class RequestStream:
    """The body of a stream, in pieces: exchanges of `world` with a number above `last`, as `show` makes them JSON."""

    def __init__(self, world: World, last: int, seconds: float, show: Callable[[Exchange], Json]) -> None:
        self._place = WaitingPlace(seconds, world)
        self._world, self._last, self._seconds, self._show = world, last, seconds, show

    def __iter__(self) -> Iterator[bytes]:
        end = stopwatch() + self._seconds
        silent_since = stopwatch()
        try:
            yield b"retry: 500\n\n"
            while True:
                events = self._new()
                yield from events
                if events:
                    silent_since = stopwatch()
                elif stopwatch() - silent_since > _HEARTBEAT:
                    yield b":\n\n"
                    silent_since = stopwatch()
                if stopwatch() >= end:
                    return
                never.wait(PAUSE)
        finally:
            self.close()

    def close(self) -> None:
        """Gives the place of the stream back."""
        self._place.leave()

    def _new(self) -> list[bytes]:
        latest = self._world.journal.latest
        if latest is None or latest.id <= self._last:
            # A journal that begins anew counts from 1.
            self._last = min(self._last, self._world.journal.taken)
            return []
        found = [exchange for exchange in self._world.journal if exchange.id > self._last]
        self._last = found[-1].id if found else latest.id
        return [
            b"id: %d\nevent: request\ndata: %s\n\n" % (exchange.id, encode(self._show(exchange))) for exchange in found
        ]
