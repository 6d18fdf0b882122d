"""What a world sends out by itself: deliveries, which wait for their time, and those that were delivered or failed."""

from __future__ import annotations

import threading
from collections.abc import Callable, Mapping, Sequence
from heapq import heappop, heappush
from typing import Any

from mockserver.json_text import Json, encode
from mockserver.state.clock import Clock
from mockserver.state.collection import Collection, Found, Log
from mockserver.state.record import Record

DUE, DELIVERED, FAILED = "due", "delivered", "failed"
MAX_FINISHED = 1_000
MAX_WAITING = 10_000
_DELETED = "not sent: this world was deleted"
_FULL = f"not sent: {MAX_WAITING:,} deliveries of this world wait already; advance its clock, or empty its outbox"


class Outbox:
    """The deliveries of one world by id, oldest first.

    They are kept in the world's log, so that a transaction that fails sends nothing. Beyond 1,000 finished ones the
    oldest are dropped. `changed` is notified under the world's lock when an attempt was written down, or all are gone.
    Once `close`d it sends nothing any more.
    """

    __slots__ = ("_agenda", "_finished", "_is_closed", "_log", "_ring", "_taken", "changed", "deliveries")

    def __init__(self, lock: threading.RLock, log: Log, ring: Callable[[], None]) -> None:
        self._log = log
        self._ring = ring
        self._is_closed = False
        self._taken = 0
        self.changed = threading.Condition(lock)
        self._begin()

    def next_id(self) -> int:
        """1, 2, 3 …: a number that no delivery of this world had before."""
        self._taken += 1
        return self._taken

    def keep(self, delivery: Mapping[str, Any], clock: Clock) -> Record:
        """The delivery as it waits for its time; whoever sends is told. Where too many wait already, or nothing is sent
        any more, it has failed.
        """
        if refusal := self._refusal():
            refused = {"at": delivery["created"], "status": None, "error": refusal, "answer": "", "took": 0.0}
            return self.finish(self.deliveries.insert({**delivery, "attempts": [refused]}), FAILED)
        kept = self.deliveries.insert(delivery)
        heappush(self._agenda, (kept["due"], kept["id"]))
        clock.watch(self._ring)
        self._ring()
        return kept

    def postpone(self, delivery: Record, due: float) -> Record:
        """The delivery waits for this time, whatever became of it before."""
        heappush(self._agenda, (due, delivery["id"]))
        kept = self.deliveries.update(delivery["id"], {"state": DUE, "due": due})
        self._ring()
        return kept

    def finish(self, delivery: Record, state: str) -> Record:
        """The delivery is `delivered` or `failed`, and nobody waits for it any more."""
        number = delivery["id"]
        kept = self.deliveries.update(number, {"state": state})
        self._finished.pop(number, None)
        self._finished[number] = None
        while len(self._finished) > MAX_FINISHED:
            self._drop(next(iter(self._finished)))
        return kept

    def take(self, until: float) -> Found:
        """The deliveries whose time has come; they are not taken a second time unless they are postponed."""
        agenda, found = self._agenda, {}
        while agenda and agenda[0][0] <= until:
            due, number = heappop(agenda)
            delivery = self.deliveries.get(number)
            if delivery is not None and delivery["state"] == DUE and delivery["due"] == due:
                found[number] = delivery
        return [*found.values()]

    @property
    def next_due(self) -> float | None:
        """When the next delivery is due that was not taken yet, in epoch seconds; None where none waits."""
        return self._agenda[0][0] if self._agenda else None

    def unsent(self, until: float) -> Found:
        """The deliveries that should have been sent by then, those included that are on their way."""
        return self.deliveries.list(lambda delivery: _is_unsent(delivery, until))

    def sent(self, until: float) -> Callable[[], bool]:
        """Tells whether none is unsent by then. It may be asked after each attempt: it looks at the one that was unsent
        last time, and only once that is sent at all of them.
        """
        left: int | None = None

        def is_sent() -> bool:
            nonlocal left
            known = None if left is None else self.deliveries.get(left)
            if known is None or not _is_unsent(known, until):
                unsent = self.unsent(until)
                left = unsent[-1]["id"] if unsent else None
            return left is None

        return is_sent

    def empty(self) -> None:
        """No delivery is left; what was on its way leaves no trace."""
        with self.changed:
            self._begin()
            self.changed.notify_all()

    def begin_anew(self) -> None:
        """Empty, and numbered from 1 again."""
        self._taken = 0
        self.empty()

    def close(self) -> None:
        """Empty, and what is kept from now on has failed at once."""
        self._is_closed = True
        self.empty()
        self._ring()

    def _refusal(self) -> str:
        """Why nothing more is taken; empty where it is."""
        if self._is_closed:
            return _DELETED
        return _FULL if len(self.deliveries) - len(self._finished) >= MAX_WAITING else ""

    def _begin(self) -> None:
        self.deliveries = Collection("outbox", "id", {}, self._log)
        self._agenda: list[tuple[float, int]] = []
        self._finished: dict[int, None] = {}

    def _drop(self, number: int) -> None:
        """It is no longer remembered, unless it waits again: then it will be finished again."""
        del self._finished[number]
        delivery = self.deliveries.get(number)
        if delivery is not None and delivery["state"] != DUE:
            self.deliveries.delete(number)


def _is_unsent(delivery: Record, until: float) -> bool:
    return bool(delivery["state"] == DUE and delivery["due"] <= until)


class ApiOutbox:
    """The outbox of a world as one API sees it."""

    __slots__ = ("_api", "_clock", "_outbox")

    def __init__(self, outbox: Outbox, api: str, clock: Clock) -> None:
        self._outbox = outbox
        self._api = api
        self._clock = clock

    def put(
        self,
        *,
        event: str,
        url: str,
        body: bytes | Json,
        endpoint: str | int = "",
        secret: str = "",
        delays: Sequence[float] = (),
        timeout: float = 10.0,
        about: Any = None,
    ) -> Record:
        """The delivery, which is sent as soon as the transaction around it has succeeded.

        `body` is a JSON value, or UTF-8 that goes out as these bytes in every attempt. `delays[n]` is how many seconds
        after attempt n the next one follows, should it be retried; `timeout` in seconds bounds each of them. `about` is
        any JSON value that the API wants to find in the record again.
        """
        now = self._clock.now()
        delivery = {
            "id": self._outbox.next_id(),
            "api": self._api,
            "event": event,
            "endpoint": endpoint,
            "url": url,
            "body": encode(body).decode(),
            "secret": secret,
            "about": about,
            "created": now,
            "due": now,
            "delays": delays,
            "timeout": timeout,
            "state": DUE,
            "attempts": [],
        }
        return self._outbox.keep(delivery, self._clock)

    def of(self, endpoint: str | int) -> Found:
        """The deliveries of this API to an endpoint, oldest first, as far as they are remembered."""
        mine = self._outbox.deliveries
        return mine.list(lambda delivery: delivery["api"] == self._api and delivery["endpoint"] == endpoint)

    def withdraw(self, endpoint: str | int) -> Found:
        """The deliveries to this endpoint that waited; they have failed without another attempt."""
        waiting = [delivery for delivery in self.of(endpoint) if delivery["state"] == DUE]
        return [self._outbox.finish(delivery, FAILED) for delivery in waiting]
