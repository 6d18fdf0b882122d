"""Near misses: the exchanges nearest to what was expected, and the operations nearest to what was asked."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from heapq import nsmallest
from typing import Any, NamedTuple
from urllib.parse import unquote, urlsplit

from mockserver.control.exchanges.criteria import Criterion, read_criteria, unlike
from mockserver.control.exchanges.serve_event import entry_of, logged_entry_of
from mockserver.control.scope import ControlScope, Handler
from mockserver.engine.answers.nearest_operations import NearestOperation, curl_of, nearest_operations
from mockserver.engine.call import Call
from mockserver.json_text import Json
from mockserver.messages import Exchange

NEAREST = 3
MAX_UNMATCHED = 100
"""The most unmatched requests, the newest, for which near misses are listed."""


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


def near_request_pattern(call: Call, scope: ControlScope) -> Json:
    """Returns the requests nearest to a pattern that they do not match, with what differs."""
    criteria = read_criteria(call.body, scope, "body")
    found = nearest_exchanges(criteria, [*scope.world.journal]) if criteria else []
    return {
        "nearMisses": [
            {
                "request": logged_entry_of(near.exchange, scope),
                "requestPattern": call.body,
                "matchResult": {"distance": near.distance},
                "differences": differences(near, entry_of(near.exchange, scope)),
            }
            for near in found
        ]
    }


def near_request(call: Call, scope: ControlScope) -> Json:
    """Returns the operations nearest to a request, each with the line for the shell that would have worked."""
    asked: Mapping[str, Json] = call.body
    path = unquote(urlsplit(asked.get("url") or asked.get("absoluteUrl") or "/").path)
    return {"nearMisses": _near_operations(asked.get("method", "GET").upper(), path, asked, scope)}


def near_unmatched(_call: Call, scope: ControlScope) -> Json:
    """Returns the operations nearest to each request that none took, the newest request first."""
    missed = [exchange for exchange in scope.world.journal if not exchange.operation][::-1][:MAX_UNMATCHED]
    found: list[Json] = []
    for exchange in missed:
        shown = logged_entry_of(exchange, scope)
        services = [scope.services[exchange.api]] if exchange.api in scope.services else None
        found += _near_operations(exchange.request.method, shown["request"]["path"], shown, scope, services)
    return {"nearMisses": found}


def _near_operations(
    method: str, path: str, request: Json, scope: ControlScope, services: list[Any] | None = None
) -> list[Json]:
    """The operations nearest to a path, of the API that it names if it names one."""
    if services is None:
        name, _, rest = path[1:].partition("/")
        if name.startswith("~"):
            name, _, rest = rest.partition("/")
        named = scope.services.get(name)
        services, path = ([named], f"/{rest}") if named is not None else ([*scope.services.values()], path)
    return [_show_operation(near, path, request, scope) for near in nearest_operations(services, method, path)]


def _show_operation(near: NearestOperation, path: str, request: Json, scope: ControlScope) -> Json:
    operation, service = near.operation, near.service
    address = service.address(operation.routed_path)
    return {
        "request": request,
        "requestPattern": {
            "method": operation.method,
            "urlPathTemplate" if "{" in address else "url": address,
        },
        "matchResult": {"distance": near.distance},
        "api": service.name,
        "operation": operation.id,
        "differences": [*near.differences],
        "curl": curl_of(service, operation, scope.root, path),
    }


HANDLERS: Mapping[str, Handler] = {
    "nearMissesOfPattern": near_request_pattern,
    "nearMissesOfRequest": near_request,
    "nearMissesOfUnmatched": near_unmatched,
}
