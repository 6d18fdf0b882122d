"""Sends the deliveries in the outboxes of worlds to their receivers, each at its time on its world's clock."""

from __future__ import annotations

import logging
import math
import threading
from bisect import insort
from collections import Counter, deque
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from functools import cached_property, partial
from itertools import takewhile
from typing import Protocol

from mockserver.engine.webhooks.destination import Allowed
from mockserver.engine.webhooks.rules import ACCEPTED, DROP, RETRY, TO_THIS_MOCK, DeliveryOutcome, Webhooks
from mockserver.json_text import Json
from mockserver.messages import Headers
from mockserver.problem import Problem
from mockserver.state.clock import stopwatch
from mockserver.state.outbox import DELIVERED, DUE, FAILED, Era
from mockserver.state.records.record import Record
from mockserver.state.world import World

log = logging.getLogger(__name__)

MAX_LANES = 16
"""Receivers that are talked to at once; each costs a thread while it is."""

MAX_OF_WORLD = 12
"""Of these, those of one world: where all of its receivers hang, the webhooks of other worlds find a thread."""

LINGER = 1.0
"""Seconds that the watching thread waits for more before it ends; the next delivery starts another one."""

LEASE_SECONDS = 30.0
"""Seconds for which a process takes it upon itself to send the deliveries of a world that others could send too."""

LEASE_PAUSE = 1.0
"""Seconds after which a process asks again whether it may send, where another does, or what a world is kept in does not
answer.
"""

MOST_WRITE_DOWNS = 30
"""Times that it is tried to write down what became of an attempt. Where none succeeds, it is made once more later."""

_PAUSING = threading.Event()
"""Nothing sets it: waiting for it is a pause."""

LONGEST = 3_600.0
"""Seconds of one wait."""

DeliveryQueue = tuple[Era, str]
"""What goes from one world to one URL goes one after the other, so that it arrives in its order. After each the lane
lines up again, so that a long one holds up no other.
"""


class Post(Protocol):
    """Sends one request; to the mock itself only where it `may_be_own`."""

    def __call__(
        self, url: str, headers: Headers, body: bytes, timeout: float, method: str, /, *, may_be_own: bool = False
    ) -> DeliveryOutcome: ...


@dataclass(frozen=True, slots=True)
class DueDelivery:
    """A delivery on its way. `era` is that of the outbox that it was found in: a world that begins anew has another,
    and what comes back then is nobody's. `is_history` says that the clock was moved to its due time or past it.
    """

    world: World
    era: Era
    number: int
    url: str
    due: float
    is_history: bool

    def current(self) -> Record | None:
        """The delivery as it now stands, if anybody still wants to know; the world's lock is held."""
        outbox = self.world.outbox
        return outbox.deliveries.get(self.number) if outbox.era is self.era else None

    def to_send(self) -> Record | None:
        """The delivery, if it still waits for this very time; the world's lock is held."""
        delivery = self.current()
        is_due = delivery is not None and delivery["state"] == DUE and delivery["due"] == self.due
        return delivery if is_due else None


@dataclass(slots=True)
class Backlog:
    """Deliveries that a clock was moved past, in the order of due times. `underway` of those due by `reached` are not
    back yet.
    """

    parcels: list[DueDelivery] = field(default_factory=list)
    reached: float = -math.inf
    underway: int = 0

    def go_on(self) -> list[DueDelivery]:
        """Those whose turn it is, which are underway now; a time has its turn once those of the one before are back."""
        if self.parcels and not self.underway:
            self.reached = self.parcels[0].due
        found = [*takewhile(lambda parcel: parcel.due <= self.reached, self.parcels)]
        del self.parcels[: len(found)]
        self.underway += len(found)
        return found


class Courier:
    """Sends what falls due in the worlds that rang.

    One thread watches the clocks, and each lane has one while there is something in it: none before the first
    delivery, and none once everything is sent. A world's lock is held to look and to write down, never to send.

    A clock that is moved forward makes history: each attempt that would have been made meanwhile is made now, as of its
    due time, and only once those of the times before are back and have said whether and when they come again. What
    becomes due while time runs waits for nobody but its lane, and its attempts are as of when they are made.

    `certificates` are the file and the folder of those that are trusted; None: the system's.
    """

    def __init__(
        self,
        webhooks: Mapping[str, Webhooks],
        allowed: Allowed,
        certificates: tuple[str | None, str | None] = (None, None),
    ) -> None:
        self._webhooks = webhooks
        self._allowed = allowed
        self._certificates = certificates
        self._changed = threading.Condition()
        self._watches = False
        self._rung: set[World] = set()
        self._alarms: dict[World, float] = {}
        self._backlogs: dict[Era, Backlog] = {}
        self._lanes: dict[DeliveryQueue, deque[DueDelivery]] = {}
        self._waiting: dict[Era, deque[DeliveryQueue]] = {}
        self._underway: Counter[Era] = Counter()
        self._threads = 0
        self._outcomes: Counter[str] = Counter()

    def notice(self, world: World) -> None:
        """The world is looked at as soon as its lock is free: after the transaction that rang."""
        with self._changed:
            self._rung.add(world)
            if not self._watches:
                _start(self._watch)
                self._watches = True
            self._changed.notify()

    def outcomes(self) -> Mapping[str, int]:
        """The numbers of attempts that `delivered`, were `retried` or `failed`."""
        with self._changed:
            return dict(self._outcomes)

    # The clocks

    def _watch(self) -> None:
        while (worlds := self._await()) is not None:
            for world in worlds:
                self._look_if_reached(world)

    def _look_if_reached(self, world: World) -> None:
        """Looks at the world, later where what it is kept in does not answer."""
        try:
            self._look(world)
        except Problem:
            with self._changed:
                self._alarms[world] = stopwatch() + LEASE_PAUSE
                self._watches = True

    def _await(self) -> set[World] | None:
        """The worlds to look at; None where nothing is left to wait for."""
        with self._changed:
            if not self._rung:
                self._changed.wait(self._time_left())
            worlds, self._rung = self._rung, set()
            now = stopwatch()
            worlds.update(world for world, at in self._alarms.items() if at <= now)
            self._watches = bool(worlds or self._alarms)
            return worlds if self._watches else None

    def _time_left(self) -> float:
        """Seconds until the first alarm."""
        if not self._alarms:
            return LINGER
        return min(max(min(self._alarms.values()) - stopwatch(), 0), LONGEST)

    def _look(self, world: World) -> None:
        """Sends the deliveries that are due in the world, and sets an alarm for the next one."""
        world.run(lambda: world.outbox.follow(world.clock))
        if world.outbox.is_due(world.clock.now()) and not world.may_send(LEASE_SECONDS):
            with self._changed:
                self._alarms[world] = stopwatch() + LEASE_PAUSE
            return
        with world.lock, self._changed:
            outbox, clock = world.outbox, world.clock
            now, era = clock.now(), outbox.era
            for delivery in outbox.take(now):
                if delivery["api"] not in self._webhooks:  # It is kept for when that is served again.
                    continue
                due = delivery["due"]
                parcel = DueDelivery(world, era, delivery["id"], delivery["url"], due, clock.leapt_over(due))
                if parcel.is_history:
                    insort(self._backlogs.setdefault(era, Backlog()).parcels, parcel, key=_turn)
                else:
                    self._queue(parcel)
            self._catch_up(era)
            self._alarms.pop(world, None)
            if outbox.next_due is not None and not clock.is_frozen:
                self._alarms[world] = stopwatch() + outbox.next_due - now

    def _catch_up(self, era: Era) -> None:
        """Goes on with the deliveries that the clock was moved past, unless one of an earlier time is underway."""
        backlog = self._backlogs.get(era)
        if backlog is None:
            return
        for parcel in backlog.go_on():
            self._queue(parcel)
        if not backlog.underway:
            del self._backlogs[era]

    def _return(self, parcel: DueDelivery) -> None:
        """Records the outcome of the delivery, which holds up no later one."""
        self._look_if_reached(parcel.world)
        with self._changed:
            self._backlogs[parcel.era].underway -= 1
            self._catch_up(parcel.era)

    # The lanes

    def _queue(self, parcel: DueDelivery) -> None:
        lane = parcel.era, parcel.url
        if lane in self._lanes:
            self._lanes[lane].append(parcel)
            return
        self._lanes[lane] = deque((parcel,))
        self._line_up(lane)
        if self._threads < MAX_LANES:
            _start(self._serve_lanes)
            self._threads += 1

    def _line_up(self, lane: DeliveryQueue) -> None:
        self._waiting.setdefault(lane[0], deque()).append(lane)

    def _serve_lanes(self) -> None:
        while (parcel := self._next_parcel()) is not None:
            try:
                self._carry(parcel)
            except Problem as problem:
                log.warning("Webhook %s waits: %s", parcel.number, problem.detail)
                self._bring_back(parcel)
            except Exception:
                log.exception("Webhook %s failed inside the mock; it is left as it was", parcel.number)
            if parcel.is_history:
                self._return(parcel)
            self._leave(parcel)

    def _next_parcel(self) -> DueDelivery | None:
        """The first of the lane whose turn it is: worlds take turns, and in each of them its lanes."""
        with self._changed:
            world = next((world for world in self._waiting if self._underway[world] < MAX_OF_WORLD), None)
            if world is None:
                self._threads -= 1
                return None
            self._underway[world] += 1
            lanes = self._waiting.pop(world)
            lane = lanes.popleft()
            if lanes:
                self._waiting[world] = lanes
            return self._lanes[lane].popleft()

    def _leave(self, parcel: DueDelivery) -> None:
        """Its lane lines up again if there is more in it."""
        lane = parcel.era, parcel.url
        with self._changed:
            self._underway[parcel.era] -= 1
            if not self._underway[parcel.era]:
                del self._underway[parcel.era]
            if self._lanes[lane]:
                self._line_up(lane)
            else:
                del self._lanes[lane]

    # One delivery

    def _carry(self, parcel: DueDelivery) -> None:
        """One attempt was made and written down, unless nobody wants the delivery any more."""
        world = parcel.world
        delivery, at = world.run(lambda: (parcel.to_send(), world.clock.when(parcel.due)))
        if delivery is None:
            return
        if not world.may_send(LEASE_SECONDS + delivery["timeout"]):
            self._bring_back(parcel)
            return
        webhooks = self._webhooks[delivery["api"]]
        attempt, verdict = self._attempt(delivery, at, webhooks)
        with self._changed:
            self._outcomes[_outcome(delivery, verdict)] += 1
        conclude = partial(_conclude, parcel, delivery, attempt, verdict, webhooks)
        for _ in range(MOST_WRITE_DOWNS):
            with suppress(Problem):
                world.run(conclude)
                return
            _PAUSING.wait(LEASE_PAUSE)
        world.run(conclude)

    def _bring_back(self, parcel: DueDelivery) -> None:
        """The delivery waits again."""
        with parcel.world.lock:
            if parcel.world.outbox.era is parcel.era:
                parcel.world.outbox.bring_back(parcel.due, parcel.number)
        self.notice(parcel.world)

    @cached_property
    def _post(self) -> Post:
        # What it stands on takes its time to import, and most servers never send anything.
        from mockserver.engine.webhooks.http_client import HttpClient

        return HttpClient(self._allowed, *self._certificates).post

    def _attempt(self, delivery: Record, at: float, webhooks: Webhooks) -> tuple[dict[str, Json], str]:
        """One attempt, and what it means: "delivered", "retry" or "drop"."""
        try:
            headers = webhooks.sign(delivery, at)
            body, method = delivery["body"].encode(), webhooks.method(delivery)
            about = delivery["about"]
            may_be_own = isinstance(about, Mapping) and about.get(TO_THIS_MOCK) is True
            outcome = self._post(delivery["url"], headers, body, delivery["timeout"], method, may_be_own=may_be_own)
            if outcome.status is not None:
                verdict = webhooks.verdict(delivery, outcome.status)
            else:
                verdict = DROP if outcome.is_final else RETRY
        except Exception:
            log.exception("Webhook %s of %s failed inside the mock", delivery["id"], delivery["api"])
            outcome, verdict = DeliveryOutcome(None, "the mock itself failed; its log tells why"), DROP
        seen = {"status": outcome.status, "error": outcome.error, "answer": outcome.answer, "took": outcome.took}
        return {"at": at, **seen}, verdict


def _conclude(parcel: DueDelivery, sent: Record, attempt: dict[str, Json], verdict: str, webhooks: Webhooks) -> None:
    """The attempt to send the delivery as it was is written down, unless nobody wants it any more."""
    kept = parcel.current()
    if kept is not None:
        # Whoever wrote to a delivery that was on its way asked for it once more, or withdrew it.
        is_wanted_again = kept is not sent and kept["state"] == DUE
        _write_down(parcel.world, kept, attempt, DUE if is_wanted_again else verdict, webhooks)


def _write_down(world: World, delivery: Record, attempt: dict[str, Json], verdict: str, webhooks: Webhooks) -> None:
    """The delivery has one attempt more, and the API knows; the world's lock is held."""
    state = world.of(delivery["api"])
    try:
        with state.transaction():
            settled = _settle(world, delivery, attempt, verdict)
            if webhooks.attempted is not None:
                webhooks.attempted(settled, state)
    except Exception:
        log.exception("What follows from webhook %s of %s failed inside the mock", delivery["id"], delivery["api"])
        with state.transaction():
            _settle(world, delivery, attempt, verdict)
    world.log.after(world.outbox.changed.notify_all)


def _settle(world: World, delivery: Record, attempt: dict[str, Json], verdict: str) -> Record:
    """The delivery as it stands after this attempt: delivered, failed, or due once more."""
    outbox = world.outbox
    attempts = [*delivery["attempts"], attempt]
    kept = outbox.deliveries.update(delivery["id"], {"attempts": attempts})
    if verdict == DUE:
        return kept
    if verdict == ACCEPTED:
        return outbox.finish(kept, DELIVERED)
    delays = kept["delays"]
    if verdict == RETRY and kept["state"] == DUE and len(attempts) <= len(delays):
        outbox.follow(world.clock)
        return outbox.postpone(kept, world.clock.when(attempt["at"]) + delays[len(attempts) - 1])
    return outbox.finish(kept, FAILED)


def _outcome(delivery: Record, verdict: str) -> str:
    """Whether this attempt delivered it, is retried, or was the last."""
    if verdict == ACCEPTED:
        return "delivered"
    return "retried" if verdict == RETRY and len(delivery["attempts"]) < len(delivery["delays"]) else "failed"


def _turn(parcel: DueDelivery) -> tuple[float, int]:
    """Returns its position among the deliveries that time was moved past."""
    return parcel.due, parcel.number


def _start(work: Callable[[], None]) -> None:
    threading.Thread(target=work, name="mockserver-courier", daemon=True).start()
