"""Outgoing deliveries of a world: waiting for their time, delivered or failed."""

from __future__ import annotations

import threading
from collections.abc import Callable, Mapping, Sequence
from functools import partial
from heapq import heapify, heappop, heappush
from typing import Any

from mockserver.json_text import Json, encode
from mockserver.state.clock import Clock
from mockserver.state.commits.log import Address, Log
from mockserver.state.records.collection import Collection, Found, KeptRecord
from mockserver.state.records.record import Id, Record

DUE, DELIVERED, FAILED = "due", "delivered", "failed"
MAX_FINISHED = 1_000
MAX_WAITING = 10_000
OutboxParts = tuple["Deliveries", list[tuple[float, int]], dict[int, None], dict[int, float], int, "Era"]
_DELETED = "not sent: this world was deleted"
_FULL = f"not sent: {MAX_WAITING:,} deliveries of this world wait already; advance its clock, or empty its outbox"


class Deliveries(Collection):
    """The deliveries of an outbox, which is told of each that changes without its doing."""

    __slots__ = ("_noted",)

    def __init__(self, log: Log, noted: Callable[[Id, Record | None], None]) -> None:
        super().__init__("outbox", "id", {}, log)
        self._noted = noted

    @property
    def address(self) -> Address:
        return ("outbox",)

    def put_back(self, record_id: Id, old: Record | None) -> None:
        super().put_back(record_id, old)
        self._noted(record_id, old)


class Era:
    """From one beginning of an outbox to the next: what is on its way since an earlier one is nobody's."""


class Outbox:
    """The deliveries of one world by id, oldest first.

    They are recorded in the world's log, so that a failed transaction sends nothing. Beyond 1,000 finished ones the
    oldest are dropped. `changed` is notified under the world's lock when an attempt was recorded, or the outbox was
    emptied. After `close` nothing is sent.
    """

    __slots__ = (
        "_agenda",
        "_finished",
        "_is_closed",
        "_listener",
        "_log",
        "_taken",
        "_underway",
        "changed",
        "deliveries",
        "era",
    )

    def __init__(self, lock: threading.RLock, log: Log, listener: Callable[[], None]) -> None:
        self._log = log
        self._listener = listener
        self._is_closed = False
        self._taken = 0
        self.changed = threading.Condition(lock)
        self.deliveries = Deliveries(log, self._noted)
        self._agenda: list[tuple[float, int]] = []
        self._finished: dict[int, None] = {}
        self._underway: dict[int, float] = {}
        self.era = Era()

    def next_id(self) -> int:
        """1, 2, 3 …: a number that no other delivery of this world has."""
        self._taken += 1
        return self._taken

    def keep(self, delivery: Mapping[str, Any], clock: Clock) -> Record:
        """Adds a delivery that waits for its time, and notifies the listener. It fails at once if too many are waiting,
        or the outbox is closed.
        """
        if refusal := self._refusal():
            refused = {"at": delivery["created"], "status": None, "error": refusal, "answer": "", "took": 0.0}
            return self.finish(self.deliveries.insert({**delivery, "attempts": [refused]}), FAILED)
        self.follow(clock)
        kept = self.deliveries.insert(delivery)
        heappush(self._agenda, (kept["due"], kept["id"]))
        clock.watch(self._listener)
        self._log.after(self._listener)
        return kept

    def follow(self, clock: Clock) -> None:
        """Changes the times of waiting deliveries as the machine's time was changed, so that each waits as long as it
        would have.
        """
        step = clock.step()
        if not step:
            return
        # What is on the agenda for the time before stays there, since a transaction may undo the change.
        for due, number in [*self._agenda]:
            delivery = self.deliveries.get(number)
            if delivery is not None and _waits(delivery, due):
                self.deliveries.update(number, {"due": due + step})
                heappush(self._agenda, (due + step, number))

    def postpone(self, delivery: Record, due: float) -> Record:
        """Schedules the delivery for this time, whatever its state was."""
        self._log.after(partial(self._arrived, delivery["id"]))
        heappush(self._agenda, (due, delivery["id"]))
        kept = self.deliveries.update(delivery["id"], {"state": DUE, "due": due})
        self._log.after(self._listener)
        return kept

    def finish(self, delivery: Record, state: str) -> Record:
        """Marks the delivery as `delivered` or `failed`."""
        number = delivery["id"]
        self._log.after(partial(self._arrived, number))
        kept = self.deliveries.update(number, {"state": state})
        self._finished.pop(number, None)
        self._finished[number] = None
        while len(self._finished) > MAX_FINISHED:
            self._drop(next(iter(self._finished)))
        return kept

    def _arrived(self, number: int) -> None:
        self._underway.pop(number, None)

    def take(self, until: float) -> Found:
        """The deliveries that are due; each is returned once, unless it is postponed."""
        agenda, found = self._agenda, {}
        while agenda and agenda[0][0] <= until:
            due, number = heappop(agenda)
            delivery = self.deliveries.get(number)
            if delivery is not None and _waits(delivery, due):
                found[number] = delivery
        self._underway.update((number, delivery["due"]) for number, delivery in found.items())
        return [*found.values()]

    @property
    def next_due(self) -> float | None:
        """The time, in epoch seconds, of the next delivery that was not taken; None if none is waiting."""
        return self._agenda[0][0] if self._agenda else None

    def is_due(self, at: float) -> bool:
        """Whether there is something to take at this time."""
        return bool(self._agenda) and self._agenda[0][0] <= at

    def bring_back(self, due: float, number: int) -> None:
        """A delivery was taken, and is not sent by who took it."""
        self._underway.pop(number, None)
        heappush(self._agenda, (due, number))

    @property
    def is_underway(self) -> bool:
        """Whether there are deliveries that were taken, of which it is not known here what became of them."""
        known = self.deliveries
        return any(
            (one := known.get(number)) is not None and _waits(one, due) for number, due in self._underway.items()
        )

    @property
    def is_waiting(self) -> bool:
        """Whether there are deliveries that are not finished, on their way or not."""
        return len(self.deliveries) > len(self._finished)

    @property
    def waiting(self) -> int:
        """The number of deliveries that are not finished."""
        return len(self.deliveries) - len(self._finished)

    def unsent(self, until: float) -> Found:
        """The deliveries due by then that are not finished, including those in progress."""
        return self.deliveries.list(lambda delivery: _is_unsent(delivery, until))

    def sent(self, until: float) -> Callable[[], bool]:
        """A check whether all deliveries due by then are finished. It may be called after each attempt: it looks at all
        of them only when the one seen last is finished.
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
        """Removes every delivery; an attempt in progress is not recorded."""
        with self.changed:
            if self._log.recording is None:
                self._begin()
            else:
                for delivery in self.deliveries:
                    self.deliveries.delete(delivery["id"])
                self._finished = {}
            self.changed.notify_all()

    @property
    def parts(self) -> OutboxParts:
        """All that it has, which stays as it is once the outbox begins anew."""
        return self.deliveries, self._agenda, self._finished, self._underway, self._taken, self.era

    def take_parts(self, parts: OutboxParts) -> None:
        """Has what it had before it began anew."""
        self.deliveries, self._agenda, self._finished, self._underway, self._taken, self.era = parts

    def go_on_from(self, before: OutboxParts) -> None:
        """What was read anew from elsewhere is what was there `before`, if it has what was on its way: that is so
        still, and not to be sent once more.
        """
        deliveries, _, _, underway, _, era = before
        for number, due in underway.items():
            old, new = deliveries.get(number), self.deliveries.get(number)
            if old is None or new is None or (old.birth, old["created"]) != (new.birth, new["created"]):
                continue
            self.era = era
            if old == new and _waits(new, due):
                self.deliveries.put_back(number, old)
                self._underway[number] = due
        self._agenda = [entry for entry in self._agenda if entry[1] not in self._underway]
        heapify(self._agenda)

    @property
    def taken(self) -> int:
        """The number of deliveries that there ever were."""
        return self._taken

    def number_from(self, taken: int) -> None:
        """So many deliveries were numbered until now."""
        self._taken = taken

    def begin_anew(self, taken: int = 0) -> None:
        """Removes every delivery and numbers new ones from behind `taken`."""
        self._taken = taken
        with self.changed:
            self._begin()
            self.changed.notify_all()

    def close(self) -> None:
        """Removes every delivery; new ones fail at once."""
        self._is_closed = True
        self.empty()
        self._listener()

    def receive(self, number: Id, value: KeptRecord | None, clock: Clock) -> None:
        """Has a delivery as it was written elsewhere, and is asked to send it where it waits."""
        self.deliveries.receive(number, value)
        if value is not None and value.members["state"] == DUE:
            heappush(self._agenda, (value.members["due"], int(number)))
            clock.watch(self._listener)
            self._listener()
        self.changed.notify_all()

    def _refusal(self) -> str:
        """The reason why no more deliveries are accepted; empty if they are."""
        if self._is_closed:
            return _DELETED
        return _FULL if len(self.deliveries) - len(self._finished) >= MAX_WAITING else ""

    def _begin(self) -> None:
        self.deliveries = Deliveries(self._log, self._noted)
        self._agenda = []
        self._finished = {}
        self._underway = {}
        self.era = Era()

    def _noted(self, number: Id, delivery: Record | None) -> None:
        """A delivery is another one now, by a transaction that failed or by what was written elsewhere."""
        self._finished.pop(int(number), None)
        if delivery is not None and delivery["state"] != DUE:
            self._finished[int(number)] = None

    def _drop(self, number: int) -> None:
        """Forgets the finished delivery, unless it is waiting again."""
        del self._finished[number]
        delivery = self.deliveries.get(number)
        if delivery is not None and delivery["state"] != DUE:
            self.deliveries.delete(number)


def _waits(delivery: Record, due: float) -> bool:
    """Whether it waits for this very time."""
    return bool(delivery["state"] == DUE and delivery["due"] == due)


def _is_unsent(delivery: Record, until: float) -> bool:
    return bool(delivery["state"] == DUE and delivery["due"] <= until)


class ApiOutbox:
    """The outbox of a world for one API."""

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
        """Adds a delivery, which is sent once the transaction around it has succeeded, and returns it.

        `body` is a JSON value, or UTF-8 bytes that are sent unchanged in every attempt. `delays[n]` is the number of
        seconds between attempt n and a retry; `timeout` limits each attempt, in seconds. `about` is any JSON value for
        the API's own use.
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
        """The stored deliveries of this API to an endpoint, oldest first."""
        mine = self._outbox.deliveries
        return mine.list(lambda delivery: delivery["api"] == self._api and delivery["endpoint"] == endpoint)

    def withdraw(self, endpoint: str | int) -> Found:
        """Marks the waiting deliveries to this endpoint as failed, without another attempt."""
        waiting = [delivery for delivery in self.of(endpoint) if delivery["state"] == DUE]
        return [self._outbox.finish(delivery, FAILED) for delivery in waiting]
