"""What a world tells whoever listens at the moment it happens; nothing of it is kept."""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple

from mockserver.json_text import Json
from mockserver.state.collection import Id, Log
from mockserver.state.record import Record

Subscriber = Callable[[], None]
"""Told that something was published. It may only take note: the world's lock is held, and the transaction may fail."""


class LiveEvent(NamedTuple):
    """One event of one API: `body` goes to those of its `audience` who follow its `channel`."""

    api: str
    audience: str
    channel: str
    event: str
    body: Json


class Feed:
    """The notes of one world that nobody took yet, oldest first.

    They are written down in the world's log, so that a transaction that fails publishes nothing. `take` is called
    under the world's lock, when no transaction is open: what it gives is committed.
    """

    __slots__ = ("_ear", "_log", "_notes")

    def __init__(self, log: Log) -> None:
        self._log = log
        self._notes: list[LiveEvent] = []
        self._ear: Subscriber | None = None

    @property
    def is_heard(self) -> bool:
        """Whether anybody listens; where nobody does, there is no need to make a note."""
        return self._ear is not None

    def listen(self, ear: Subscriber | None) -> None:
        """The one ear from now on; with None nobody listens, and what was not taken is forgotten."""
        self._ear = ear
        if ear is None:
            self._notes = []

    def publish(self, note: LiveEvent) -> None:
        """The note can be taken as soon as the transaction around it has succeeded."""
        if self._ear is None:
            return
        self._notes.append(note)
        self._log.append((self, 0, None))
        self._ear()

    def take(self) -> list[LiveEvent]:
        """The notes since the last time, which are given only once."""
        notes, self._notes = self._notes, []
        return notes

    def put_back(self, _record_id: Id, _old: Record | None) -> None:
        """The latest note was never published."""
        if self._notes:
            self._notes.pop()
