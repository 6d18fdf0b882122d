"""Refuses an API that names operations, collections, schemas or assumptions which are not there."""

from __future__ import annotations

from collections.abc import Iterator

from mockserver.engine.api import Api
from mockserver.engine.steps.authenticate import Guard
from mockserver.openapi.model.document import Document
from mockserver.problem import Unusable

PAYERS = ("address", "caller", "owner")


def refuse_loose_ends(api: Api, spec: Document) -> None:
    """Raises Unusable with the first name of an API that leads nowhere."""
    for loose_end in _loose_ends(api, spec):
        raise Unusable(loose_end)


def _loose_ends(api: Api, spec: Document) -> Iterator[str]:
    operations = {operation.id for operation in spec.operations}
    if nameless := api.handlers.keys() - operations:
        yield f"{api.name} has handlers for {sorted(nameless)}, which are no operations of its document"
    if unanswered := operations - api.handlers.keys():
        yield f"{api.name} has no handlers for {sorted(unanswered)}"
    known = ", ".join(api.collections) or "none"
    for name in _collections_of(api):
        if name not in api.collections:
            yield f"the guard of {api.name} looks for its records in {name!r}, which is no collection; it has {known}"
    schemas = spec.document.get("components", {}).get("schemas", {})
    for name, collection in api.collections.items():
        if collection.schema and collection.schema not in schemas:
            yield f"the collection {name} of {api.name} has the schema {collection.schema!r}, which is no component"
    options = {assumption.name: assumption.options for assumption in api.assumptions}
    for limit in api.limits:
        if limit.per not in PAYERS:
            yield f"the limit {limit.name!r} of {api.name} is per {limit.per!r}; expected one of {', '.join(PAYERS)}"
        if isinstance(limit.plan, str) and limit.plan and limit.per == "address":
            yield f"the limit {limit.name!r} of {api.name} is per address, which has no plan {limit.plan!r}"
        if not isinstance(limit.size, int) and not limit.plan:
            yield f"the limit {limit.name!r} of {api.name} has a size for each plan; say in `plan` which holds"
        if limit.when is not None and limit.when[1] not in options.get(limit.when[0], ()):
            yield f"the limit {limit.name!r} of {api.name} holds when {'='.join(limit.when)}, which is no assumption"


def _collections_of(api: Api) -> Iterator[str]:
    """The collections that the guard looks into."""
    if isinstance(api.guard, Guard):
        yield api.guard.credentials
        if api.guard.owner is not None:
            yield api.guard.owner[0]
