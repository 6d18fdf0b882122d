"""Which operations, statuses and parameters of the documents were exercised by the requests in the journals."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from urllib.parse import parse_qsl

from mockserver.control.scope import ControlScope, Handler
from mockserver.engine.call import Call
from mockserver.engine.pipeline import Service
from mockserver.json_text import Json
from mockserver.messages import Exchange
from mockserver.openapi.model.operation import Operation
from mockserver.openapi.model.text_pairs import cookies_of


def get_coverage(call: Call, scope: ControlScope) -> Json:
    """Returns each operation with the statuses and parameters that were seen, of this world or of all."""
    worlds = scope.worlds.every() if call.query["worlds"] == "all" else (scope.world,)
    services = [scope.service(call.query["api"])] if "api" in call.query else [*scope.services.values()]
    seen: dict[tuple[str, str], list[Exchange]] = {}
    for world in worlds:
        for exchange in world.journal:
            if exchange.operation:
                seen.setdefault((exchange.api, exchange.operation), []).append(exchange)
    apis = [_api(service, seen) for service in services]
    return {
        "worlds": len(worlds),
        "dropped": sum(world.journal.dropped for world in worlds),
        "total": _sum(api["total"] for api in apis),
        "apis": apis,
    }


def _api(service: Service, seen: Mapping[tuple[str, str], list[Exchange]]) -> Json:
    operations = [_operation(one, seen.get((service.name, one.id), [])) for one in service.spec.operations]
    total = {
        "operations": _share(bool(one["requests"]) for one in operations),
        "statuses": _share(
            status["seen"] > 0 for one in operations for status in one["statuses"] if status["declared"]
        ),
        "parameters": _share(parameter["seen"] > 0 for one in operations for parameter in one["parameters"]),
    }
    return {"name": service.name, "total": total, "operations": operations}


def _operation(operation: Operation, exchanges: list[Exchange]) -> Json:
    statuses = Counter(_declared(operation, sent.status) for sent in map(Exchange.as_sent, exchanges) if sent.status)
    listed = [*operation.answers, *(status for status in statuses if status not in operation.answers)]
    sent = [_sent(exchange) for exchange in exchanges]
    return {
        "operation": operation.id,
        "method": operation.method,
        "path": operation.path,
        "requests": len(exchanges),
        "statuses": [
            {"status": status, "declared": status in operation.answers, "seen": statuses[status]} for status in listed
        ],
        "parameters": [
            {
                "name": parameter.name,
                "in": parameter.place,
                "required": parameter.required,
                "seen": len(exchanges) if parameter.place == "path" else sum(_has(parameter.name, at) for at in sent),
            }
            for parameter in operation.parameters
        ],
    }


def _declared(operation: Operation, status: int) -> str:
    """The name under which the document declares the status; the status itself if it does not."""
    names = (str(status), f"{status // 100}XX", "default")
    return next((name for name in names if name in operation.answers), str(status))


def _sent(exchange: Exchange) -> set[str]:
    """The names of query parameters, headers and cookies in lower case; `filter[name]` counts as `filter` too."""
    request = exchange.request
    names = {name for name, _ in parse_qsl(request.query, keep_blank_values=True)}
    names |= {name.partition("[")[0] for name in names}
    return {name.lower() for name in (*names, *request.headers, *cookies_of(request.headers.get("Cookie") or ""))}


def _has(name: str, sent: set[str]) -> bool:
    return name.lower() in sent


def _share(flags: Iterable[bool]) -> dict[str, int]:
    listed = [*flags]
    return {"seen": sum(listed), "of": len(listed)}


def _sum(totals: Iterable[Mapping[str, Mapping[str, int]]]) -> dict[str, dict[str, int]]:
    listed = [*totals]
    return {
        name: {part: sum(total[name][part] for total in listed) for part in ("seen", "of")}
        for name in ("operations", "statuses", "parameters")
    }


HANDLERS: Mapping[str, Handler] = {"getCoverage": get_coverage}
