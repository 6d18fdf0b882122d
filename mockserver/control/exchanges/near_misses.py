"""Finds the exchanges nearest to what was expected, and tells what differs in them."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from heapq import nsmallest
from typing import Any, NamedTuple

from mockserver.control.exchanges.criteria import Criterion, unlike
from mockserver.control.exchanges.serve_event import entry_of
from mockserver.control.scope import ControlScope
from mockserver.json_text import Json
from mockserver.messages import Exchange

NEAREST = 3


class NearExchange(NamedTuple):
    """An exchange with the criteria that it does not meet; the distance is their share, from 0 to 1."""

    exchange: Exchange
    distance: float
    missed: tuple[Criterion, ...]


def nearest_exchanges(criteria: list[Criterion], exchanges: list[Exchange]) -> list[NearExchange]:
    """The exchanges that meet the most criteria, but not all of them, at most three."""
    near = []
    for exchange in exchanges:
        missed = tuple(one for one in criteria if not one.meets(exchange))
        if missed:
            near.append(NearExchange(exchange, round(len(missed) / len(criteria), 3), missed))
    return nsmallest(NEAREST, near, key=lambda one: (one.distance, -one.exchange.id))


def show_near(near: NearExchange, scope: ControlScope) -> Json:
    """The exchange, and what differs in it, secrets masked."""
    entry = entry_of(near.exchange, scope)
    return {
        "distance": near.distance,
        "id": near.exchange.id,
        "method": entry["request"]["method"],
        "url": entry["request"]["url"],
        "status": entry["response"]["status"],
        "operation": entry["operation"],
        "differences": differences(near, entry),
    }


def differences(near: NearExchange, entry: Mapping[str, Json]) -> list[Json]:
    """What each criterion that is not met expects, and what the entry has in its place."""
    return [_difference(one, entry) for one in near.missed]


def _difference(criterion: Criterion, entry: Mapping[str, Json]) -> Json:
    name, _, key = criterion.name.partition(".")
    actual = _ACTUAL[name](entry, key)
    at = unlike(criterion.expected, entry["request"]["json"])[:5] if name == "body" else []
    return {"criterion": criterion.name, "expected": criterion.expected, "actual": actual, "at": at}


def _header(entry: Mapping[str, Json], key: str) -> Json:
    return next((value for name, value in entry["request"]["headers"].items() if name.lower() == key.lower()), None)


_ACTUAL: Mapping[str, Callable[[Mapping[str, Any], str], Json]] = {
    "api": lambda entry, _: entry["api"],
    "operation": lambda entry, _: entry["operation"],
    "method": lambda entry, _: entry["request"]["method"],
    "path": lambda entry, _: entry["request"]["path"],
    "pathPattern": lambda entry, _: entry["request"]["path"],
    "url": lambda entry, _: entry["request"]["url"],
    "urlPattern": lambda entry, _: entry["request"]["url"],
    "urlPath": lambda entry, _: entry["request"]["url"].partition("?")[0],
    "urlPathPattern": lambda entry, _: entry["request"]["url"].partition("?")[0],
    "urlPathTemplate": lambda entry, _: entry["request"]["url"].partition("?")[0],
    "query": lambda entry, _: entry["request"]["query"],
    "queryParameters": lambda entry, key: entry["request"]["query"].get(key),
    "headers": _header,
    "cookies": lambda entry, key: entry["request"]["cookies"].get(key),
    "basicAuthCredentials": lambda entry, _: _header(entry, "Authorization"),
    "body": lambda entry, _: entry["request"]["json"],
    "bodyPatterns": lambda entry, _: entry["request"]["body"],
    "status": lambda entry, _: entry["response"]["status"],
    "answeredBy": lambda entry, _: entry["answeredBy"],
    "assumption": lambda entry, _: entry["assumptions"],
    "broken": lambda entry, _: bool(entry["broken"]),
}
"""What an entry has where a criterion expects something else."""
