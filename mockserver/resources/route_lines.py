"""The operations of a served API with what answers each, and why: for `mockserver routes` and the control API."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Any, NamedTuple
from weakref import WeakKeyDictionary

from mockserver.engine.answers.examples import examples_of
from mockserver.engine.service import Service
from mockserver.openapi.model.operation import Operation
from mockserver.resources.detect.plan import plan
from mockserver.resources.explain import Explained, explain


class RouteLine(NamedTuple):
    """One operation. `answered_by` is `handler` for code, `state` for stored records inferred from the document,
    `example` or `schema` for a value made of the document; `source` is the origin of a bundled API's rule. `why` lists
    the evidence in the document, `corrects` the extension that would change it, `asks` the meaning of each parameter of
    a list.
    """

    api: str
    method: str
    path: str
    operation: str
    answered_by: str
    source: str
    does: str = ""
    why: tuple[str, ...] = ()
    corrects: str = ""
    asks: Mapping[str, str] = MappingProxyType({})


def routes_of(service: Service) -> list[RouteLine]:
    """Every operation of an API, in document order."""
    found = _routes.get(service)
    if found is None:
        why = {} if service.api.is_complete else _explanations(service)
        found = [_route(service, operation, why.get(operation.id)) for operation in service.spec.operations]
        _routes[service] = found
    return found


def _route(service: Service, operation: Operation, explained: Explained | None) -> RouteLine:
    route = RouteLine(
        api=service.name,
        method=operation.method,
        path=service.address(operation.full_path),
        operation=operation.id,
        answered_by=_answered_by(service, operation),
        source=operation.source,
    )
    if explained is None or route.answered_by == "handler":
        return route
    seen = tuple(f"{piece.seen} ({piece.weight:g})" for piece in explained.evidence)
    return route._replace(does=explained.does, why=seen, corrects=explained.corrects, asks=explained.asks)


def _answered_by(service: Service, operation: Operation) -> str:
    text = service.api.answered_by.get(operation.id, "handler")
    if text != "document":
        return text
    media = [media for answer in operation.answers.values() for media in answer.media.values()]
    return "example" if any(map(examples_of, media)) else "schema"


def _explanations(service: Service) -> Mapping[str, Explained]:
    return {found.operation: found for found in explain(plan(service.spec), service.spec)}


def route_members(route: RouteLine) -> dict[str, Any]:
    """A route as JSON, without unknown members."""
    visible = {"api": route.api, "method": route.method, "path": route.path, "operation": route.operation}
    visible |= {"answeredBy": route.answered_by, "source": route.source}
    return (
        visible
        | ({"does": route.does, "why": [*route.why], "corrects": route.corrects} if route.does else {})
        | ({"asks": {**route.asks}} if route.asks else {})
    )


_routes: WeakKeyDictionary[Service, list[RouteLine]] = WeakKeyDictionary()
"""Those of each service, which depend on its document alone."""
