"""Operations as `mockserver routes` lists them: what answers each, and why."""

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
    """One operation. `answered_by` is `handler` for code, `state` for what the document's structure tells to remember,
    `example` or `schema` for what is made of the document alone; `source` says where a bundled API's rule comes from.
    `why` is what was seen in the document, `corrects` the key that would change it, `asks` what each parameter of a
    list asks for.
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
    """Every operation of an API, in the order of its document."""
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
    said = service.api.answered_by.get(operation.id, "handler")
    if said != "document":
        return said
    media = [media for answer in operation.answers.values() for media in answer.media.values()]
    return "example" if any(map(examples_of, media)) else "schema"


def _explanations(service: Service) -> Mapping[str, Explained]:
    return {found.operation: found for found in explain(plan(service.spec), service.spec)}


def table(rows: Iterable[RouteLine]) -> str:
    """The routes as a table; where no source is known there is no column for it."""
    cells = [(row.method, row.path, row.operation, row.answered_by, row.source) for row in rows]
    columns = [*zip(HEADS, *cells, strict=True)]
    shown = [column for column in columns if any(column[1:]) or column[0] != "SOURCE"]
    widths = [max(map(len, column)) for column in shown]
    lines = ("  ".join(map(str.ljust, row, widths)) for row in zip(*shown, strict=True))
    return "\n".join(line.rstrip() for line in lines)


def told(row: RouteLine) -> str:
    """An operation with what it does and why."""
    head = f"{row.method} {row.path} ({row.operation}), answered by {row.answered_by}"
    lines = [head + (f": {row.does}" if row.does else "")]
    lines += [f"  {seen}" for seen in row.why]
    lines += [f"  {name}: {asks}" for name, asks in row.asks.items()]
    return "\n".join([*lines, f"  to correct it: {row.corrects}"] if row.corrects else lines)


def kept(service: Service) -> str:
    """What is known of the collections of an API."""
    if service.api.is_complete:
        return ""
    planned = plan(service.spec)
    return "\n".join([
        *map(describe, planned.collections.values()),
        *references(planned, service.spec),
        *(_assumed(service, assumption) for assumption in service.api.assumptions),
    ])  # fmt: skip


def _assumed(service: Service, assumption: Assumption) -> str:
    """What holds where the document leaves a choice."""
    option = service.choices[assumption.name]
    said = f"{assumption.question} {option}: {assumption.options[option]}."
    return f"{service.api.name}.{assumption.name}={option}: {said}"


def members(row: RouteLine) -> dict[str, Any]:
    """A route as JSON; what is not known of it is left out."""
    shown = {"api": row.api, "method": row.method, "path": row.path, "operation": row.operation}
    shown |= {"answeredBy": row.answered_by, "source": row.source}
    return (
        shown
        | ({"does": row.does, "why": [*row.why], "corrects": row.corrects} if row.does else {})
        | ({"asks": {**row.asks}} if row.asks else {})
    )
