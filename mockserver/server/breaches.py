"""Collects how requests broke the document of a mock while they are answered, so that a reset of a world loses none."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Final
from urllib.parse import parse_qsl

from mockserver.engine.call import STUB, Call
from mockserver.engine.service import Service
from mockserver.engine.steps.authenticate import VALIDATE
from mockserver.messages import Exchange
from mockserver.openapi.model.operation import Operation
from mockserver.problem import (
    INVALID,
    MALFORMED,
    MEDIA_TYPE,
    NO_METHOD,
    NO_OPERATION,
    NOT_ACCEPTABLE,
    UNAUTHENTICATED,
    Problem,
)
from mockserver.state.world import World
from mockserver.state.worlds import Worlds

_PREFLIGHT: Final = "preflight"
_NO_OPERATION: Final = "the document has no such operation"
_REFUSALS: Final[Mapping[str, str]] = {
    NO_OPERATION: _NO_OPERATION,
    NO_METHOD: _NO_OPERATION,
    UNAUTHENTICATED: "the credential that the document asks for is missing, or is not known",
    MALFORMED: "the request cannot be read",
    MEDIA_TYPE: "the body has a media type that the document does not take",
    NOT_ACCEPTABLE: "the document has no answer of a media type that is accepted",
}
"""What answered requests that the contract refuses -> what is wrong with them."""

MOST_BREACHES: Final = 1_000
"""Breaches of one world that are kept; further ones are not told."""


class BreachWatch:
    """Collects, as lines of text, how requests in the worlds that somebody asked for broke the documents of a mock."""

    def __init__(self, services: Mapping[str, Service], worlds: Worlds) -> None:
        self._services = services
        self._worlds = worlds
        self._found: dict[str, list[str]] = {}
        worlds.watch(self._notice)

    def of(self, world: str) -> list[str]:
        """The breaches of the world, oldest first; the list grows as requests come."""
        return self._found.setdefault(world, [])

    def forget(self, world: str) -> None:
        """Collects nothing of the world any longer; who has its list keeps it."""
        self._found.pop(world, None)

    def _notice(self, exchange: Exchange) -> None:
        found = self._found.get(exchange.world)
        if found is not None and len(found) < MOST_BREACHES:
            request, service = exchange.request, self._services.get(exchange.api)
            said = breaches_of(exchange, service, self._worlds[exchange.world])
            found += [f"{request.method} {request.path}: {text}" for text in said]


def breaches_of(exchange: Exchange, service: Service | None, world: World) -> Iterator[str]:
    """What breaks the document in the request: a path or method that it does not have, a value that breaks its schema,
    a body that cannot be read, a missing credential, a query parameter that it does not declare.
    """
    answered_by, operation = exchange.answered_by, None
    if answered_by == _PREFLIGHT:
        return
    if service is not None and exchange.operation:
        operation = service.operation(exchange.operation)
    if exchange.violations:
        yield from map(str, exchange.violations)
    elif answered_by in _REFUSALS:
        yield _REFUSALS[answered_by]
    elif not exchange.operation:
        yield _NO_OPERATION
    elif service is not None and operation is not None and answered_by == STUB:
        yield from _seen_by_no_check(exchange, service, operation, world)
    if service is not None and operation is not None and exchange.request.query:
        declared = _declared(service, operation)
        if declared is not None:
            sent = dict.fromkeys(name for name, _ in parse_qsl(exchange.request.query, keep_blank_values=True))
            yield from (f"query/{name}: is not declared" for name in sent if name.partition("[")[0] not in declared)


def _seen_by_no_check(exchange: Exchange, service: Service, operation: Operation, world: World) -> Iterator[str]:
    """What is wrong with a request that a stub answered in front of all checks."""
    found = service.seek(exchange.request.method, exchange.request.path)
    if found is None or isinstance(found, str):
        return
    call = Call(exchange.request, service.choices, exchange.at, "")
    call.operation, call.path = operation, found[1]
    pipeline = service.pipeline(operation)
    try:
        for step in pipeline.checks:
            if step.before is not None and step.name in ("authenticate", VALIDATE):
                step.before(call, world.of(service.name))
    except Problem as problem:
        if problem.code == INVALID or problem.violations:
            yield from map(str, problem.violations)
        elif problem.code in _REFUSALS:
            yield _REFUSALS[problem.code]


def _declared(service: Service, operation: Operation) -> set[str] | None:
    """The names of the query parameters that the operation declares; None where a parameter takes any name."""
    names = {name for name, _ in service.api.query_keys.values()}
    for parameter in operation.parameters:
        if parameter.place == "querystring":
            return None
        if parameter.place != "query":
            continue
        if parameter.view.is_object and parameter.style == "form" and parameter.explode:
            return None
        names.add(parameter.name.partition("[")[0])
    schemes = service.spec.document.get("components", {}).get("securitySchemes", {}).values()
    names |= {scheme["name"] for scheme in schemes if scheme.get("in") == "query" and "name" in scheme}
    return names | {condition.name for condition in operation.conditions}
