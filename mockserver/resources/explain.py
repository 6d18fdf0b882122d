"""Explains the plan: what answers each operation, why, and which extension would change it (`mockserver routes
--explain`).
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple

from mockserver.openapi.model.document import Document
from mockserver.resources.detect.decisions import ENOUGH, ROLES, CollectionPlan, Evidence, Plan, Role
from mockserver.resources.detect.foreign_keys import ForeignKeys, neighbours_of
from mockserver.resources.detect.operation_view import OperationView
from mockserver.resources.detect.resource import SEEDS
from mockserver.resources.detect.roles.batch_operations import batch_of
from mockserver.resources.detect.schema_shape import SchemaShapes
from mockserver.resources.operations.unremembered import is_unremembered
from mockserver.resources.query.list_query import WRITES, askable, list_query_of


class Explained(NamedTuple):
    """One operation: `does` is its role in words, `answered_by` is `state` or `schema`, `corrects` is the extension
    that would change that, with an example. `asks` says for a list what each of its parameters selects.
    """

    operation: str
    method: str
    path: str
    answered_by: str
    does: str
    confidence: float
    evidence: tuple[Evidence, ...]
    corrects: str
    asks: Mapping[str, str]


def explain(plan: Plan, spec: Document) -> list[Explained]:
    """Returns an explanation of every operation of the document, in its order."""
    shapes = SchemaShapes(spec.document)
    views = {operation.id: OperationView(operation, shapes) for operation in spec.operations}
    return [_explained(plan, plan.roles[name], view, views) for name, view in views.items()]


def describe(collection: CollectionPlan) -> str:
    """Returns a sentence about a collection."""
    id_spec = collection.id_spec
    identified_by = ".".join(id_spec.member_path) or "the end of their paths"
    path = collection.item_path or collection.path
    known = f"{collection.name}: records at {path}, told apart by {identified_by} ({id_spec.kind})"
    if collection.singleton:
        known = f"{collection.name}: what stands at {collection.path}"
    belongs = f"; each belongs to one of {collection.parent}" if collection.parent else ""
    seeds = collection.seeds if collection.seeds >= 0 else f"the document's examples, else {SEEDS}"
    seeds = "some" if collection.lists and collection.seeds < 0 else seeds
    begins = "" if collection.singleton else f"; it begins with {seeds}"
    open_ended = "" if collection.ids_known else "; one that is asked for comes into being"
    if collection.lists:
        return f"{known}{belongs}; it keeps which records of {collection.lists} these are{begins}{open_ended}."
    return f"{known}{belongs}{begins}{open_ended}."


def references(plan: Plan, spec: Document) -> list[str]:
    """Returns a sentence for each collection whose records refer to others."""
    relations = ForeignKeys(
        SchemaShapes(spec.document), plan.collections, neighbours_of(operation.path for operation in spec.operations)
    )
    found = ((name, relations.of(collection)) for name, collection in plan.collections.items())
    sentences = (
        (name, [f"`{'.'.join(one.member_path)}` names {one.target}" for one in named]) for name, named in found
    )
    return [f"{name}: {', '.join(names)}." for name, names in sentences if names]


def _explained(plan: Plan, role: Role, view: OperationView, views: Mapping[str, OperationView]) -> Explained:
    operation = view.operation
    does = ROLES[role.kind].format(role.collection)
    if is_unremembered(plan, role, view):
        does += ", and says that nothing was remembered"
    return Explained(
        operation.id,
        operation.method,
        operation.path,
        "state" if role.keeps else "schema",
        does,
        role.confidence,
        role.evidence,
        _correction(plan, role),
        _asks(plan, role, view, views),
    )


def _asks(plan: Plan, role: Role, view: OperationView, views: Mapping[str, OperationView]) -> Mapping[str, str]:
    """Returns the parameters that may select records, each with its meaning."""
    if role.kind not in ("list", "map", "count", "delete-many", "update-many", "act-many"):
        return {}
    shapes = view.shapes
    record = shapes.at(plan.collections[role.collection].record)
    writes = ((other, views[name]) for name, other in plan.roles.items() if other.collection == role.collection)
    known = askable(shapes, record, [(other, each) for other, each in writes if other.kind in WRITES])
    list_query = list_query_of(shapes, view, role, known)
    collection = plan.collections[role.collection]
    batch = batch_of(shapes, view, record, collection.id_spec.member_path, collection.name)
    meanings = list_query.meanings() | ({batch.query: "names the records by their ids"} if batch.query else {})
    return {
        f"body.{name}" if name in list_query.in_body else f"?{name}": meanings.get(name, "counts for nothing")
        for name in list_query.parameters
    }


def _correction(plan: Plan, role: Role) -> str:
    if role.keeps:
        return "x-mock-role: schema"
    if role.collection in plan.collections:
        return "x-mock-role: list, read, create, ..."
    why = f"its evidence weighs less than {ENOUGH}; " if role.evidence and role.confidence else ""
    return f"{why}x-mock-collection: a name, beside x-mock-id"
