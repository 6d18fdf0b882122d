"""Follows the live channels of a server: Socket.IO over long polling, which is plain HTTP."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from time import monotonic
from typing import Final
from urllib.parse import urlencode

from mockserver.contract.replay.player import PlayedAnswer, Player, RequestAsSent
from mockserver.json_text import Json, Malformed, encode, read_json

CONNECTING: Final = 10.0
"""Seconds in which a live connection has to be accepted or refused."""
_SEPARATOR: Final = "\x1e"
_OPEN, _PING, _PONG = "0", "2", "3"
_CONNECT, _EVENT, _REFUSED = "40", "42", "44"


class NotLive(Exception):
    """There is no such live channel, or it does not speak Socket.IO; the text says what came instead."""


class LiveConnection:
    """One connection to the `namespace` of the Socket.IO server at `url`, which ends in the path of its Engine.IO.

    `headers` are sent with each request. An answer that a poll did not wait for is lost, so that nothing is heard any
    more after `hear` has run out of time.
    """

    def __init__(self, url: str, namespace: str, headers: Mapping[str, str]) -> None:
        self._url = url
        self._headers = tuple(headers.items())
        self._prefix = "" if namespace == "/" else f"{namespace},"
        self._session = ""
        self._heard: list[Json] = []
        self._is_over = False

    def open(self, auth: Json) -> Json:
        """Connects: an object whose `connected` says whether it was accepted, with the server's `reason` where it was
        not. Raises NotLive.
        """
        handshake = next(iter(self._packets(self._ask("GET", None, CONNECTING))), "")
        try:
            opened = read_json(handshake[1:].encode()) if handshake.startswith(_OPEN) else None
        except Malformed:
            opened = None
        if not isinstance(opened, dict) or not isinstance(opened.get("sid"), str):
            raise NotLive(f"{self._url} speaks no Socket.IO: {handshake[:80]!r}")
        self._session = opened["sid"]
        self._post(f"{_CONNECT}{self._prefix}{encode(auth).decode()}")
        until = monotonic() + CONNECTING
        while monotonic() < until:
            for packet in self._poll(until - monotonic()):
                if packet.startswith(_REFUSED):
                    return {"connected": False, "reason": self._body(packet)}
                if packet.startswith(_CONNECT):
                    return {"connected": True}
        raise NotLive(f"{self._url} neither accepted nor refused the connection")

    def say(self, message: Json) -> None:
        """Sends the Socket.IO event `message`. Raises NotLive."""
        self._post(f"{_EVENT}{self._prefix}{encode(['message', message]).decode()}")

    def hear(self, number: int, seconds: float) -> list[Json]:
        """The events that came and were not heard before, once there are so many or the seconds have passed: objects of
        the name `event` and its `body`.
        """
        until = monotonic() + seconds
        while len(self._heard) < number and not self._is_over and (left := until - monotonic()) > 0:
            try:
                self._poll(left)
            except NotLive:
                self._is_over = True
        heard, self._heard = self._heard[:number], self._heard[number:]
        return heard

    def _poll(self, seconds: float) -> list[str]:
        """The packets of the server that waited, or the first ones that come; events are kept. Raises NotLive."""
        packets = list(self._packets(self._ask("GET", None, max(seconds, 0.1))))
        for packet in packets:
            if packet == _PING:
                self._post(_PONG)
            elif packet.startswith(_EVENT):
                event = self._body(packet)
                if isinstance(event, list) and event:
                    self._heard.append({"event": event[0], "body": event[1] if len(event) > 1 else None})
        return packets

    def _post(self, packet: str) -> None:
        self._ask("POST", packet.encode(), CONNECTING)

    def _ask(self, method: str, body: bytes | None, seconds: float) -> PlayedAnswer:
        query = {"EIO": "4", "transport": "polling", **({"sid": self._session} if self._session else {})}
        headers = (*self._headers, *((("Content-Type", "text/plain;charset=UTF-8"),) if body is not None else ()))
        with Player(self._url, seconds=seconds) as player:
            answer = player.send(RequestAsSent(method, f"{self._url}?{urlencode(query)}", headers, body))
        if not answer.is_success:
            raise NotLive(f"{method} {self._url} was answered with {answer}")
        return answer

    @staticmethod
    def _packets(answer: PlayedAnswer) -> Iterator[str]:
        yield from answer.content.decode("utf-8", "replace").split(_SEPARATOR)

    def _body(self, packet: str) -> Json:
        try:
            found: Json = json.loads(packet[2:].removeprefix(self._prefix))
        except ValueError:
            return packet
        return found
