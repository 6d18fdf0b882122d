"""The log entry of a world that began anew, by which that can be undone."""

from __future__ import annotations

from typing import Any, Protocol

from mockserver.state.commits.log import Address
from mockserver.state.outbox import Outbox


class Replaced(Protocol):
    """A world, most parts of which are replaced at once."""

    @property
    def outbox(self) -> Outbox: ...

    def take_parts(self, parts: tuple[Any, ...]) -> None: ...


class Beginning:
    """Stands in the log of a world that began anew. A commit has the whole content in its place."""

    address: Address = ("world", "begins")

    def __init__(self, world: Replaced) -> None:
        self._world = world

    def put_back(self, _key: str, old: tuple[Any, Any]) -> None:
        """Has the world as it was."""
        self._world.take_parts(old[0])
        self._world.outbox.take_parts(old[1])

    def current(self, _key: str) -> None:
        """The content says it."""

    def receive(self, _key: str, _value: None) -> None:
        """The content is received."""
