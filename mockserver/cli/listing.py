"""Formats operations for `mockserver routes`: what answers each, and why."""

from __future__ import annotations

from collections.abc import Iterable

from mockserver.engine.assumptions import Assumption
from mockserver.engine.service import Service
from mockserver.resources.detect.plan import plan
from mockserver.resources.explain import describe, references
from mockserver.resources.route_lines import RouteLine

HEADS = ("METHOD", "PATH", "OPERATION", "ANSWERED BY", "SOURCE")


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
