"""Near misses: the exchanges nearest to what was expected, and the operations nearest to what was asked."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from urllib.parse import unquote, urlsplit

from mockserver.control.exchanges.criteria import read_criteria
from mockserver.control.exchanges.near_misses import differences, nearest_exchanges
from mockserver.control.exchanges.serve_event import entry_of, logged_entry_of
from mockserver.control.scope import ControlScope, Handler
from mockserver.engine.answers.nearest_operations import NearestOperation, curl_of, nearest_operations
from mockserver.engine.call import Call
from mockserver.json_text import Json

MAX_UNMATCHED = 100
"""The most unmatched requests, the newest, for which near misses are listed."""


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
