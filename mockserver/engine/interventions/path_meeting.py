"""Tells whether the path of a fault, with or without `*`, can match an operation's path."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from mockserver.engine.interventions.matching.bounded_regex import glob_match
from mockserver.engine.service import Service
from mockserver.openapi.model.operation import Operation


def has_operation(services: Iterable[Service], method: str, path: str) -> bool:
    """Whether an operation takes requests of this method (empty or ANY: of any) whose path fits."""
    return any(
        method.upper() in ("", "ANY", operation.method)
        and any(_meets(path, address) for address in _addresses(service, operation))
        for service in services
        for operation in service.spec.operations
    )


def _addresses(service: Service, operation: Operation) -> Iterator[str]:
    """The path templates that an operation is reached at, with and without the API's name and the server's path."""
    for path in (operation.routed_path, *operation.other_paths):
        yield path
        yield f"/{service.name}{path}"
    yield operation.path.partition("?")[0].partition("#")[0]


def _meets(path: str, template: str) -> bool:
    """Whether a path can fit both; where either takes more than one segment, as soon as those in front of it do."""
    given, known = path.split("/"), template.split("/")
    for own, segment in zip(given, known, strict=False):
        is_open = "{" in segment
        if "**" in own or (is_open and ("+}" in segment or "*}" in segment)):
            return True
        if not is_open and not glob_match(own)(segment):
            return False
    return len(given) == len(known)
