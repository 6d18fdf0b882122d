"""Formats operations for `mockserver routes`: what answers each, and why."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from types import MappingProxyType
from typing import Any, NamedTuple

from mockserver.engine.answers.examples import examples_of
from mockserver.engine.assumptions import Assumption
from mockserver.engine.pipeline import Service
from mockserver.openapi.model.operation import Operation
from mockserver.resources.detect.plan import plan
from mockserver.resources.explain import Explained, describe, explain, references


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


HEADS = ("METHOD", "PATH", "OPERATION", "ANSWERED BY", "SOURCE")


def routes_of(service: Service) -> list[RouteLine]:
    """Every operation of an API, in document order."""
    why = {} if service.api.is_complete else _explanations(service)
    return [_route(service, operation, why.get(operation.id)) for operation in service.spec.operations]


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


def table(routes: Iterable[RouteLine]) -> str:
    """The routes as a table, without the source column if no source is known."""
    cells = [(route.method, route.path, route.operation, route.answered_by, route.source) for route in routes]
    columns = [*zip(HEADS, *cells, strict=True)]
    visible = [column for column in columns if any(column[1:]) or column[0] != "SOURCE"]
    widths = [max(map(len, column)) for column in visible]
    lines = ("  ".join(map(str.ljust, route, widths)) for route in zip(*visible, strict=True))
    return "\n".join(line.rstrip() for line in lines)


def explanation(route: RouteLine) -> str:
    """An operation with its effect and the evidence for it."""
    head = f"{route.method} {route.path} ({route.operation}), answered by {route.answered_by}"
    lines = [head + (f": {route.does}" if route.does else "")]
    lines += [f"  {seen}" for seen in route.why]
    lines += [f"  {name}: {asks}" for name, asks in route.asks.items()]
    return "\n".join([*lines, f"  to correct it: {route.corrects}"] if route.corrects else lines)


def collections_of(service: Service) -> str:
    """A description of the API's collections."""
    if service.api.is_complete:
        return ""
    planned = plan(service.spec)
    return "\n".join([
        *map(describe, planned.collections.values()),
        *references(planned, service.spec),
        *(_assumed(service, assumption) for assumption in service.api.assumptions),
    ])  # fmt: skip


def _assumed(service: Service, assumption: Assumption) -> str:
    """The option chosen where the document leaves a choice."""
    option = service.choices[assumption.name]
    text = f"{assumption.question} {option}: {assumption.options[option]}."
    return f"{service.api.name}.{assumption.name}={option}: {text}"


def members(route: RouteLine) -> dict[str, Any]:
    """A route as JSON, without unknown members."""
    visible = {"api": route.api, "method": route.method, "path": route.path, "operation": route.operation}
    visible |= {"answeredBy": route.answered_by, "source": route.source}
    return (
        visible
        | ({"does": route.does, "why": [*route.why], "corrects": route.corrects} if route.does else {})
        | ({"asks": {**route.asks}} if route.asks else {})
    )
