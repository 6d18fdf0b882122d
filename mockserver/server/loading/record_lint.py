"""Lists the defects of a folder's records: those that violate the schema of their collection, with file and line."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Final

from mockserver.engine.owned_records import public
from mockserver.engine.service import Service
from mockserver.json_pointer import escaped
from mockserver.openapi.normalize.normalizer import ERROR
from mockserver.openapi.source.source import Finding, Source, read

_HIDDEN: Final = frozenset({"additionalProperties", "unevaluatedProperties"})
"""Keywords that are not checked: a response leaves out members beyond the schema."""


def lint_records(service: Service, path: Path) -> tuple[Finding, ...]:
    """A finding for each part of a record that would violate the document in a response."""
    source = read(path)
    places = [*_broken(service, source)]
    lines = source.lines({pointer for pointer, _ in places})
    return tuple(Finding(str(path), lines[pointer], pointer, message, ERROR) for pointer, message in places)


def _broken(service: Service, source: Source) -> Iterator[tuple[str, str]]:
    for name, kept in service.api.collections.items():
        if not kept.schema:
            continue
        validator = service.spec.views.response.validator(f"/components/schemas/{escaped(kept.schema)}")
        for number, record in enumerate(source.value.get(name, ())):
            response = public(record)
            if not validator.accepts(response):
                for violation in validator.violations(response, "response"):
                    if violation.keyword in _HIDDEN and not violation.pointer:
                        continue
                    pointer = f"/{escaped(name)}/{number}{violation.pointer}"
                    yield pointer, f"breaks the schema {kept.schema}: {violation.message}"
