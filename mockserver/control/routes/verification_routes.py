"""Verifies that requests were made: how often, in which order, within a time; else tells the nearest ones."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from mockserver.control.exchanges.criteria import Criterion, read_criteria
from mockserver.control.exchanges.near_misses import nearest_exchanges, show_near
from mockserver.control.routes.clock_routes import moment_of
from mockserver.control.scope import ControlScope, Handler
from mockserver.control.waiting import wait_until
from mockserver.engine.call import Call
from mockserver.messages import Exchange, Response
from mockserver.problem import INVALID, PROBLEM_JSON, Problem, problem_members

MAX_SHOWN = 20
"""The most numbers of matching requests that are shown."""


def verify_requests(call: Call, scope: ControlScope) -> Response:
    """Returns 200 if the journal has what is expected, within the time that is given; else 409 with what there is."""
    asked: Mapping[str, Any] = call.body
    since = moment_of(asked["since"], "body", "/since") if "since" in asked else None
    within = call.query["within"]

    def exchanges() -> list[Exchange]:
        return [exchange for exchange in scope.world.journal if since is None or exchange.at >= since]

    if "sequence" in asked:
        steps = [read_criteria(step, scope, "body", f"/sequence/{at}") for at, step in enumerate(asked["sequence"])]
        wait_until(lambda: len(_in_order(steps, exchanges())) == len(steps), within, scope.world)
        return _sequence(steps, exchanges(), scope)
    least, most = _bounds(asked.get("count", {"atLeast": 1}))
    criteria = read_criteria(asked.get("request", {}), scope, "body", "/request")
    wait_until(lambda: least <= len(_met(criteria, exchanges())) <= most, within, scope.world)
    kept, journal = exchanges(), scope.world.journal
    is_whole = not journal.dropped or (since is not None and len(kept) < len(journal))
    return _counted(criteria, (least, most), kept, scope, is_whole=is_whole)


def _bounds(count: Mapping[str, int]) -> tuple[int, int]:
    if "exactly" in count:
        return count["exactly"], count["exactly"]
    least, most = count.get("atLeast", 0), count.get("atMost", _ANY)
    if least > most:
        raise Problem(422, f"body/count: atLeast is {least}, and atMost only {most}", code=INVALID)
    return least, most


_ANY = 2**53


def _met(criteria: list[Criterion], exchanges: list[Exchange]) -> list[Exchange]:
    return [exchange for exchange in exchanges if all(one.meets(exchange) for one in criteria)]


def _counted(
    criteria: list[Criterion],
    bounds: tuple[int, int],
    exchanges: list[Exchange],
    scope: ControlScope,
    *,
    is_whole: bool,
) -> Response:
    """A journal that is not `is_whole` cannot tell that there were no more."""
    found = _met(criteria, exchanges)
    numbers = [exchange.id for exchange in found][:MAX_SHOWN]
    if bounds[0] <= len(found) <= bounds[1]:
        if bounds[1] != _ANY and not is_whole:
            unknown = f"expected {_words(*bounds)}, and whether there were more cannot be told"
            return _failed(unknown, len(found), numbers, [], scope)
        return Response(200, {"verified": True, "count": len(found), "requests": numbers})
    expected = _words(*bounds)
    near = nearest_exchanges(criteria, exchanges) if len(found) < bounds[0] and criteria else []
    return _failed(f"expected {expected}, there {_are(len(found))}", len(found), numbers, near, scope)


def _words(least: int, most: int) -> str:
    if least == most:
        return _times(least)
    if most == _ANY:
        return f"at least {_times(least)}"
    return f"at most {_times(most)}" if not least else f"{least} to {_times(most)}"


def _times(number: int) -> str:
    return "1 request" if number == 1 else f"{number} requests"


def _are(number: int) -> str:
    return "is 1" if number == 1 else f"are {number}"


def _in_order(steps: list[list[Criterion]], exchanges: list[Exchange]) -> list[Exchange]:
    """The first exchanges that meet the steps one after the other, until one is not found; others may lie between."""
    found: list[Exchange] = []
    waiting = iter(exchanges)
    for step in steps:
        exchange = next((one for one in waiting if all(criterion.meets(one) for criterion in step)), None)
        if exchange is None:
            break
        found.append(exchange)
    return found


def _sequence(steps: list[list[Criterion]], exchanges: list[Exchange], scope: ControlScope) -> Response:
    found = _in_order(steps, exchanges)
    numbers = [exchange.id for exchange in found][:MAX_SHOWN]
    if len(found) == len(steps):
        return Response(200, {"verified": True, "count": len(found), "requests": numbers})
    step, last = steps[len(found)], found[-1].id if found else 0
    later = [exchange for exchange in exchanges if exchange.id > last]
    before = [exchange.id for exchange in _met(step, exchanges) if exchange.id <= last]
    told = f"; request {before[-1]} meets it, and came too early" if before else ""
    place = f"after request {last}" if last else "at all"
    detail = f"expected {len(steps)} requests in order; none meets step {len(found) + 1} {place}{told}"
    near = nearest_exchanges(step, later) if step else []
    return _failed(detail, len(found), numbers, near, scope)


def _failed(detail: str, count: int, numbers: list[int], near: list[Any], scope: ControlScope) -> Response:
    dropped = scope.world.journal.dropped
    if dropped:
        detail += f"; the journal was full and has dropped the {_times(dropped)} before these"
    body = {
        **problem_members(409, f"Not verified: {detail}."),
        "title": "Not verified",
        "verified": False,
        "count": count,
        "requests": numbers,
        "nearest": [show_near(one, scope) for one in near],
        "dropped": dropped,
    }
    return Response(409, body, (("Content-Type", PROBLEM_JSON),))


UNLOCKED: Mapping[str, Handler] = {"verifyRequests": verify_requests}
"""Handlers that wait for other requests and therefore must not hold the world's lock."""
