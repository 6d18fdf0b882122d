"""Locates the record of a collection in the answers and bodies of one operation."""

from __future__ import annotations

from mockserver.resources.detect.decisions import MemberPath
from mockserver.resources.detect.locate import Located, find_record
from mockserver.resources.detect.operation_view import OperationView
from mockserver.resources.detect.resource import Resource
from mockserver.resources.detect.schema_shape import SchemaShape, SchemaShapes, similarity


def record_in_answer(shapes: SchemaShapes, resource: Resource, view: OperationView) -> MemberPath | None:
    """Returns the path of the record in the answer; empty where there is no body, None where that is no object."""
    if view.shown is None:
        writes = view.method in ("POST", "PUT", "PATCH", "DELETE")
        return () if writes or all(answered.bodyless for answered in view.good) else None
    if view.shape.is_list or (not view.shape.members and view.shape.is_scalar):
        return () if view.method == "DELETE" or (view.method != "GET" and not view.shape.is_list) else None
    found = _found(shapes, resource, view.shape)
    return found.member_path if found is not None else ()


def answers_record(shapes: SchemaShapes, resource: Resource, view: OperationView) -> bool:
    """Returns whether the answer has a record of the collection."""
    found = _found(shapes, resource, view.shape) if view.shown is not None else None
    return found is not None and similarity(found.shape, resource.record) >= 0.9


def record_in_body(shapes: SchemaShapes, resource: Resource, view: OperationView) -> MemberPath:
    """Returns the path of the record in the request's body; empty where the body is the record, or has none."""
    if view.body_place is None or view.body.is_list:
        return ()
    found = _found(shapes, resource, view.body)
    if found is None:
        return ()
    alike = similarity(view.body, resource.record)
    return found.member_path if similarity(found.shape, resource.record) >= alike else ()


def _found(shapes: SchemaShapes, resource: Resource, shape: SchemaShape) -> Located | None:
    return find_record(shapes, shape, resource.collection.name, _last(resource), resource.record)


def _last(resource: Resource) -> str:
    item = resource.item
    return item.first.parameters[-1] if item is not None and item.is_item and item.first.parameters else ""
