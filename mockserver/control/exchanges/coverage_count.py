"""Counts which operations, statuses and parameters of documents are exercised by exchanges."""

from __future__ import annotations

import threading
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from urllib.parse import parse_qsl

from mockserver.engine.service import Service
from mockserver.json_text import Json
from mockserver.messages import Exchange
from mockserver.openapi.model.operation import Operation
from mockserver.openapi.model.text_pairs import cookies_of


@dataclass(slots=True)
class OperationCount:
    """The requests for one operation: how many, by the status as documented, and by the names of what was sent."""

    requests: int = 0
    statuses: Counter[str] = field(default_factory=Counter)
    sent: Counter[str] = field(default_factory=Counter)

    def add(self, operation: Operation, exchange: Exchange) -> None:
        """Counts an exchange of the operation."""
        self.requests += 1
        status = exchange.as_sent().status
        if status:
            self.statuses[_documented(operation, status)] += 1
        self.sent.update(_names_sent(exchange))

    def copy(self) -> OperationCount:
        """The same counts, apart from these."""
        return OperationCount(self.requests, self.statuses.copy(), self.sent.copy())


class CoverageCount:
    """Counts the exchanges of the APIs of one mock, in whatever world. `dropped` is the number of those that journals
    had dropped before they could be counted.
    """

    def __init__(self, services: Mapping[str, Service]) -> None:
        self.dropped = 0
        self._services = services
        self._counts: dict[tuple[str, str], OperationCount] = {}
        self._lock = threading.Lock()

    def add(self, exchange: Exchange) -> None:
        """Counts an exchange; one that met no operation counts for none."""
        service = self._services.get(exchange.api)
        operation = service.operation(exchange.operation) if service is not None and exchange.operation else None
        if operation is not None:
            with self._lock:
                self._counts.setdefault((exchange.api, operation.id), OperationCount()).add(operation, exchange)

    def add_all(self, exchanges: Iterable[Exchange], dropped: int) -> None:
        """Counts the exchanges of a journal, which had dropped so many before."""
        for exchange in exchanges:
            self.add(exchange)
        with self._lock:
            self.dropped += dropped

    def of(self, services: Mapping[str, Service]) -> CoverageCount:
        """Another count of some of the APIs, which goes on from here."""
        count = CoverageCount(services)
        with self._lock:
            count.dropped = self.dropped
            count._counts = {key: known.copy() for key, known in self._counts.items() if key[0] in services}
        return count

    def apis(self) -> list[Json]:
        """The coverage of each API, as `GET /__admin/coverage` has it."""
        with self._lock:
            return [self._api(service) for service in self._services.values()]

    def _api(self, service: Service) -> Json:
        none = OperationCount()
        operations = [_counted(one, self._counts.get((service.name, one.id), none)) for one in service.spec.operations]
        return {"name": service.name, "total": total_of(operations), "operations": operations}


def _counted(operation: Operation, count: OperationCount) -> Json:
    undocumented = [status for status in count.statuses if status not in operation.answers]
    return {
        "operation": operation.id,
        "method": operation.method,
        "path": operation.path,
        "requests": count.requests,
        "statuses": [
            {"status": status, "declared": status in operation.answers, "seen": count.statuses[status]}
            for status in (*operation.answers, *undocumented)
        ],
        "parameters": [
            {
                "name": parameter.name,
                "in": parameter.place,
                "required": parameter.required,
                "seen": count.requests if parameter.place == "path" else count.sent[parameter.name.lower()],
            }
            for parameter in operation.parameters
        ],
    }


def total_of(operations: Iterable[Json]) -> Json:
    """How many operations, declared statuses and parameters were exercised, and how many there are."""
    listed = [*operations]
    statuses = [status for one in listed for status in one["statuses"] if status["declared"]]
    return {
        "operations": _share(bool(one["requests"]) for one in listed),
        "statuses": _share(status["seen"] > 0 for status in statuses),
        "parameters": _share(parameter["seen"] > 0 for one in listed for parameter in one["parameters"]),
    }


def sum_of(totals: Iterable[Mapping[str, Mapping[str, int]]]) -> dict[str, dict[str, int]]:
    """The totals of several APIs together."""
    listed = [*totals]
    return {
        name: {part: sum(total[name][part] for total in listed) for part in ("seen", "of")}
        for name in ("operations", "statuses", "parameters")
    }


def _share(flags: Iterable[bool]) -> dict[str, int]:
    listed = [*flags]
    return {"seen": sum(listed), "of": len(listed)}


def _documented(operation: Operation, status: int) -> str:
    """The name under which the document declares the status; the status itself if it does not."""
    names = (str(status), f"{status // 100}XX", "default")
    return next((name for name in names if name in operation.answers), str(status))


def _names_sent(exchange: Exchange) -> set[str]:
    """The names of query parameters, headers and cookies in lower case; `filter[name]` counts as `filter` too."""
    request = exchange.request
    names = {name for name, _ in parse_qsl(request.query, keep_blank_values=True)}
    names |= {name.partition("[")[0] for name in names}
    return {name.lower() for name in (*names, *request.headers, *cookies_of(request.headers.get("Cookie") or ""))}
