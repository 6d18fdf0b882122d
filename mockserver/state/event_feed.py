"""Live events of a world, delivered to a subscriber as they happen and not stored."""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple

from mockserver.json_text import Json
from mockserver.state.commits.log import Address, Log

Subscriber = Callable[[], None]
"""Called when an event was published. It must return at once: the world's lock is held, and the
transaction may fail.
"""


class LiveEvent(NamedTuple):
    """One event of one API: `body` is sent to those of its `audience` who follow its `channel`."""

    api: str
    audience: str
    channel: str
    event: str
    body: Json


class Feed:
    """The events of one world that were not taken yet, oldest first.

    They are recorded in the world's log, so that a failed transaction publishes nothing. `take` is called under the
    world's lock without an open transaction, so its events are committed. In a world that is kept outside of this
    process they are made whether or not somebody listens here.
    """

    address: Address = ("feed",)
    __slots__ = ("_events", "_log", "_subscriber")

    def __init__(self, log: Log) -> None:
        self._log = log
        self._events: list[LiveEvent] = []
        self._subscriber: Subscriber | None = None

    @property
    def has_subscriber(self) -> bool:
        """Whether there may be a subscriber; without one, no event needs to be made."""
        return self._subscriber is not None or self._log.recording is not None

    @property
    def is_heard(self) -> bool:
        """Whether there is a subscriber in this process."""
        return self._subscriber is not None

    def listen(self, subscriber: Subscriber | None) -> None:
        """Sets the one subscriber; None removes it and discards the events that were not taken."""
        self._subscriber = subscriber
        if subscriber is None:
            self._events = []

    def publish(self, event: LiveEvent) -> None:
        """Adds the event, which can be taken once the transaction around it has succeeded."""
        if not self.has_subscriber:
            return
        self._log.append((self, len(self._events), None))
        self._events.append(event)
        self._log.after(self._tell)

    def take(self) -> list[LiveEvent]:
        """Removes and returns the events since the last call."""
        events, self._events = self._events, []
        return events

    def put_back(self, _number: int, _old: None) -> None:
        """Withdraws the latest event."""
        if self._events:
            self._events.pop()

    def current(self, number: int) -> LiveEvent | None:
        """The event of this number among those that were not taken yet."""
        return self._events[number] if number < len(self._events) else None

    def receive(self, _number: int, event: LiveEvent | None) -> None:
        """Tells the subscriber, if there is one, an event that was published elsewhere."""
        if event is not None:
            self._events.append(event)
            self._tell()

    def _tell(self) -> None:
        if self._subscriber is None:
            self._events = []
        else:
            self._subscriber()
