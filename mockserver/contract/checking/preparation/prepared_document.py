"""Prepares a document for Schemathesis: with values that the checked server knows, and with links."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from contextlib import suppress
from typing import Final, NamedTuple

from mockserver.contract.checking.checked_server import CheckedServer
from mockserver.contract.checking.checks.checked_api import CheckedApi
from mockserver.contract.checking.preparation.body_references import body_references
from mockserver.contract.checking.preparation.exemplified_document import (
    dictionaries,
    exemplified,
    given_values,
    of_body,
)
from mockserver.contract.checking.preparation.inferred_links import with_links
from mockserver.contract.checking.preparation.known_values import fetching, known_values
from mockserver.contract.checking.preparation.selected_links import with_links_among
from mockserver.contract.checking.preparation.world_records import WorldRecords, note_records
from mockserver.engine.service import Service
from mockserver.json_text import Json
from mockserver.openapi.model.document import Resolver
from mockserver.openapi.model.operation import Operation
from mockserver.openapi.model.path_conditions import with_bare_names
from mockserver.problem import Unusable


class Prepared(NamedTuple):
    """A document for Schemathesis, and the part of its configuration that goes with it."""

    document: Json
    configuration: str


_ODD: Final = (AttributeError, LookupError, TypeError, ValueError, RecursionError, Unusable)
"""What a document or an answer of an unexpected form leads to: it is checked as it is."""


def prepared(service: Service, document: Json, target: CheckedServer, labels: Sequence[str] = ()) -> Prepared:
    """The document with known values as examples, and with links between its operations, or between those of them that
    these labels name; as it is where these cannot be found. The paths of the document are those that the server has.
    """
    ready = Prepared(document, "")
    with suppress(*_ODD):
        ready = _prepared(service, document, target)
    if labels:
        with suppress(*_ODD):
            ready = ready._replace(document=with_links_among(ready.document, labels))
    return ready


def _prepared(service: Service, document: Json, target: CheckedServer) -> Prepared:
    api, resolve = CheckedApi(service.spec), Resolver(document)

    def path_of(operation: Operation) -> str:
        path = operation.full_path if target.is_mock else operation.path
        if path in document["paths"]:
            return path
        return with_bare_names(path, {one.name for one in operation.parameters if one.place == "path"})

    fetch = fetching(target.url, _headers(service, target), target.query)
    known = known_values(api, fetch, path_of)
    if target.control:
        records = WorldRecords.read(fetching(target.control, {}), service.name)
        note_records(known, records, service.spec.operations, fetch, path_of)
    in_bodies = body_references(api, known.ids)
    given = {
        operation: {**given_values(operation, known), **of_body(in_bodies.get(operation.id, {}))}
        for operation in service.spec.operations
    }
    changed = with_links(exemplified(document, resolve, given, path_of), resolve, api, path_of)
    return Prepared(changed, dictionaries(given, path_of))


def _headers(service: Service, target: CheckedServer) -> Mapping[str, str]:
    """The headers of a request, with the sample credential where the mock is asked."""
    given = [header.partition(":") for header in target.headers]
    headers = {name.strip(): value.strip() for name, _, value in given}
    name, value = service.api.credential
    if target.is_mock and name and name.lower() not in {other.lower() for other in headers}:
        headers[name] = value
    return headers
