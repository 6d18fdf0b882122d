"""What is wrong with the records of a folder: those that break the schema of their collection, with file and line."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Final

from mockserver.engine.owned_records import public
from mockserver.engine.pipeline import Service
from mockserver.json_pointer import escaped
from mockserver.openapi.normalize.normalizer import ERROR
from mockserver.openapi.source.source import Finding, Source, read

_HIDDEN: Final = frozenset({"additionalProperties", "unevaluatedProperties"})
"""What a record has beside its schema no answer shows."""


def lint_records(service: Service, path: Path) -> tuple[Finding, ...]:
    """A finding for each place of a record at which a client would be shown what the document does not allow."""
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
            shown = public(record)
            if not validator.accepts(shown):
                for violation in validator.violations(shown, "response"):
                    if violation.keyword in _HIDDEN and not violation.pointer:
                        continue
                    pointer = f"/{escaped(name)}/{number}{violation.pointer}"
                    yield pointer, f"breaks the schema {kept.schema}: {violation.message}"
