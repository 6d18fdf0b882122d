"""Live channels of an API: who may follow them, and the events that they carry."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from mockserver.json_text import Json
from mockserver.state.world import ApiState


@dataclass(frozen=True, slots=True)
class LiveClient:
    """One connected client: the `audience` that it belongs to, its credential's `secret`, the channels it follows."""

    audience: str
    secret: str
    channels: frozenset[str] = frozenset()


Choices = Mapping[str, str]
Spoken = tuple[LiveClient, tuple[Json, ...]]
"""The guest as it now is, and what is said to it."""


@dataclass(frozen=True, slots=True)
class LiveChannels:
    """An API's live channels, over Socket.IO.

    Clients come to `namespace` through the Engine.IO `path`. `admit` is given what a client sent along with its
    handshake, and raises a Problem for one that may not listen. `greet` says what a client hears first, `hear` what a
    message of its brings about; both are given the id of the connection or the message. Whatever is said arrives as the
    Socket.IO event `message`; what the world publishes arrives under the name of the event. A packet of a client that
    is longer than `longest` bytes ends its connection.
    """

    path: str
    namespace: str
    longest: int
    admit: Callable[[Json, ApiState, Choices], LiveClient]
    greet: Callable[[LiveClient, str], tuple[Json, ...]]
    hear: Callable[[LiveClient, Json, ApiState, Choices], Spoken]
