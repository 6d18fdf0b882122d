"""Counts requests against the limits of an API: 429."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from math import ceil
from typing import NamedTuple, Protocol

from mockserver.engine.call import Call, LimitReading
from mockserver.messages import make
from mockserver.problem import RATE_LIMITED, Problem
from mockserver.state.records.collection import Id
from mockserver.state.world import ApiState


class Meter(Protocol):
    """Counts a budget. The state is a few numbers, kept in the world."""

    def begin(self, size: int, now: float) -> list[float]:
        """The state before the first request."""

    def take(self, state: list[float], size: int, now: float) -> LimitReading:
        """One request is counted; one that does not fit changes nothing and reads a `wait` of more than 0 seconds."""

    def give_back(self, state: list[float]) -> None:
        """The request that was counted last is not."""


class _Span:
    """So many requests between one moment and the next. State: its beginning, its end, the requests in it."""

    __slots__ = ()

    def span(self, now: float) -> tuple[float, float]:
        """The beginning and the end of the span that `now` is in."""
        raise NotImplementedError

    def begin(self, _size: int, now: float) -> list[float]:
        return [*self.span(now), 0]

    def take(self, state: list[float], size: int, now: float) -> LimitReading:
        began, end, used = state
        if now >= end or now < began:
            # Where the clock was put back, this span is yet to come.
            began, end = state[0], state[1] = self.span(now)
            used = 0
        if used >= size:
            state[2] = used
            return make(LimitReading, (size, 0, end, max(end - now, 0.001)))
        state[2] = used = used + 1
        return make(LimitReading, (size, size - int(used), end, 0.0))

    def give_back(self, state: list[float]) -> None:
        state[2] -= 1


@dataclass(frozen=True, slots=True)
class Window(_Span):
    """So many requests in each fixed window of `seconds`. Windows follow one another from the epoch; one that is not
    `aligned` begins with the first request after the last one ended.
    """

    seconds: int
    aligned: bool = True

    def span(self, now: float) -> tuple[float, float]:
        began = now // self.seconds * self.seconds if self.aligned else now
        return began, began + self.seconds


@dataclass(frozen=True, slots=True)
class SlidingWindow:
    """So many requests in any `seconds`, nearly: of the window before, that share counts which still reaches in.

    State: the end of the window, the requests used in it, those used in the one before.
    """

    seconds: int

    def begin(self, _size: int, now: float) -> list[float]:
        return [now + self.seconds, 0, 0]

    def take(self, state: list[float], size: int, now: float) -> LimitReading:
        end, used, before = state
        if now >= end:
            before = used if now < end + self.seconds else 0
            end, used = now + self.seconds - (now - end) % self.seconds, 0
            state[:] = end, used, before
        free = size - used - before * (end - now) / self.seconds
        if free < 1:
            if end - now > self.seconds + 1:
                # The clock was put back: this window is yet to come.
                state[:] = self.begin(size, now)
                return self.take(state, size, now)
            return LimitReading(size, 0, end, max(self._wait(state, size, now), 0.001))
        state[1] = used + 1
        return LimitReading(size, int(free - 1), end)

    def _wait(self, state: list[float], size: int, now: float) -> float:
        """Seconds until the windows have moved on so far that one more request fits."""
        end, used, before = state
        if not size:
            return end - now
        if used < size:
            return end - now - (size - used - 1) * self.seconds / before
        return end + self.seconds - now - (size - 1) * self.seconds / used

    def give_back(self, state: list[float]) -> None:
        state[1] -= 1


class Month(_Span):
    """So many requests in each calendar month, UTC."""

    __slots__ = ()

    def span(self, now: float) -> tuple[float, float]:
        today = datetime.fromtimestamp(now, UTC)
        year, month = divmod(today.year * 12 + today.month, 12)
        first = datetime(today.year, today.month, 1, tzinfo=UTC)
        return first.timestamp(), datetime(year, month + 1, 1, tzinfo=UTC).timestamp()


_ROUNDED_OFF = 1e-4
"""Tokens that may be missing because seconds since 1970 are told to a quarter of a microsecond."""


@dataclass(frozen=True, slots=True)
class TokenBucket:
    """`size` tokens that refill continuously, `size` in `seconds`. State: tokens, when they were counted."""

    seconds: int = 1

    def begin(self, size: int, now: float) -> list[float]:
        return [size, now]

    def take(self, state: list[float], size: int, now: float) -> LimitReading:
        tokens, counted = state
        if now > counted:
            tokens = min(size, tokens + (now - counted) * size / self.seconds)
        left = tokens + _ROUNDED_OFF - 1
        if left < 0:
            # Where the clock was put back, they were counted in what is yet to come.
            state[1] = min(counted, now)
            wait = (1 - tokens) * self.seconds / size if size else float(self.seconds)
            return make(LimitReading, (size, 0, now + self.seconds, wait))
        state[0], state[1] = tokens - 1, now
        return make(LimitReading, (size, int(left), now + self.seconds, 0.0))

    def give_back(self, state: list[float]) -> None:
        state[0] += 1


@dataclass(frozen=True, slots=True)
class Limit:
    """One budget. `per` is whose: `address`, `caller` or `owner`; an address's is spent before the caller is known.

    `size` is how many requests, one number or one per plan; a plan not named has no such limit. `plan` says which plan
    holds for a call: the member of `call.owner` that names it, or a function of the call. `meter` counts: a Window, a
    SlidingWindow, a TokenBucket, a Month. A limit that does not `refuse` only counts. `when` names an assumption and
    the option under which the limit exists. `refused_calls` names the assumption whose option `free` gives a call its
    unit back that was refused for another reason. `no_retry_after` names an assumption and the option under which a 429
    of this limit does not say how long to wait.
    """

    name: str
    per: str
    size: int | Mapping[str, int]
    meter: Meter
    refuse: bool = True
    when: tuple[str, str] | None = None
    refused_calls: str = ""
    plan: str | Callable[[Call], str] = ""
    no_retry_after: tuple[str, str] | None = None


MOST_ACCOUNTS = 10_000


class _Account(NamedTuple):
    """What one caller on its plans spends from: name, size, state, its meter's take, whether it refuses, its meter.
    `slots` are where the states stand among the meters.
    """

    plans: tuple[str, ...]
    budgets: tuple[tuple[str, int, list[float], Callable[[list[float], int, float], LimitReading], bool, Meter], ...]
    slots: tuple[tuple[str, Id], ...]


class Limiter:
    """The limits that one step of the pipeline counts; composed at load, with or without the right to refuse."""

    def __init__(self, limits: list[Limit], enforce: bool) -> None:
        self._limits = limits
        self._plans = tuple({limit.plan: None for limit in limits if limit.plan})
        self._reader = self._plans[0] if len(self._plans) == 1 else ""
        self._enforce = enforce
        self._by_address = all(limit.per == "address" for limit in limits)
        self._returned = tuple(limit for limit in limits if limit.refused_calls)
        self._silent = {limit.name: limit.no_retry_after for limit in limits if limit.no_retry_after is not None}

    def rate_limit(self, call: Call, state: ApiState) -> None:
        """`call.budget` says what is left after this request; a Problem 429 where it does not fit, which counts
        nothing.
        """
        meters, now = state.meters, call.at
        accounts = meters.accounts
        whose = call.request.address if self._by_address else call.secret
        plans = (_plan(self._reader, call),) if self._reader else tuple(_plan(plan, call) for plan in self._plans)
        account: _Account | None = accounts.get(whose)
        if account is None or account.plans != plans:
            account = accounts[whose] = self._open(call, state, plans)
        if state.world.log.recording is not None:
            meters.touch_all(account.slots)
        readings: dict[str, LimitReading] = {}
        refused = ""
        for name, size, meter_state, take, refuse, _ in account.budgets:
            reading = readings[name] = take(meter_state, size, now)
            if refuse and reading.wait and not refused:
                refused = name
        call.budget = {**call.budget, **readings} if call.budget else readings
        if refused:
            self._refuse(call, account, refused)

    def take_back(self, call: Call, state: ApiState) -> None:
        """A call that was counted and then refused has cost nothing, as far as the assumptions say so."""
        for limit in self._returned:
            reading = call.budget.get(limit.name)
            if reading is not None and not reading.wait and call.assume(limit.refused_calls) == "free":
                slot = (limit.name, _WHOSE[limit.per](call))
                state.meters.touch(slot)
                limit.meter.give_back(state.meters[slot])
                call.budget = {**call.budget, limit.name: reading._replace(remaining=reading.remaining + 1)}

    def _open(self, call: Call, state: ApiState, plans: tuple[str, ...]) -> _Account:
        if self._by_address and len(state.meters) >= MOST_ACCOUNTS * len(self._limits):
            self._forget_oldest(state)
        budgets, slots, by_plan = [], [], dict(zip(self._plans, plans, strict=True))
        for limit in self._limits:
            size = limit.size if isinstance(limit.size, int) else limit.size.get(by_plan.get(limit.plan, ""))
            if size is not None:
                slot = (limit.name, _WHOSE[limit.per](call))
                meter_state = state.meters.setdefault(slot, limit.meter.begin(size, call.at))
                slots.append(slot)
                budgets.append(
                    (limit.name, size, meter_state, limit.meter.take, self._enforce and limit.refuse, limit.meter)
                )
        return _Account(plans, tuple(budgets), tuple(slots))

    def _forget_oldest(self, state: ApiState) -> None:
        """Credentials are as many as there are keys, but anybody can call from many addresses."""
        names = {limit.name for limit in self._limits}
        whose = next((whose for name, whose in state.meters if name in names), None)
        state.meters.accounts.pop(whose, None)
        for limit in self._limits:
            state.meters.pop((limit.name, whose), None)

    def _refuse(self, call: Call, account: _Account, refused: str) -> None:
        """A Problem 429; what the request had been counted with is given back."""
        readings = {**call.budget}
        for name, _, state, _, _, meter in account.budgets:
            reading = readings[name]
            if not reading.wait:
                meter.give_back(state)
                readings[name] = reading._replace(remaining=reading.remaining + 1)
        call.budget = readings
        wait = max(1, ceil(readings[refused].wait))
        detail = f"The limit {refused!r} of {readings[refused].limit} requests is used up; wait {wait} seconds."
        retry_after = None if self._is_silent(call, refused) else wait
        raise Problem(429, detail, code=RATE_LIMITED, about=refused, retry_after=retry_after)

    def _is_silent(self, call: Call, refused: str) -> bool:
        """Whether it is assumed that nothing says when the limit ends."""
        assumption, option = self._silent.get(refused, ("", ""))
        return assumption != "" and call.assume(assumption) == option


def _plan(plan: str | Callable[[Call], str], call: Call) -> str:
    """The plan that holds for the call."""
    return call.owner.get(plan, "") if isinstance(plan, str) else plan(call)


_WHOSE: Mapping[str, Callable[[Call], Id]] = {
    "address": lambda call: call.request.address,
    "caller": lambda call: call.secret,
    "owner": lambda call: call.owner_id,
}
