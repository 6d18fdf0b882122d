"""Plans an API from the structure of its document: collections and the role of each operation."""

from __future__ import annotations

from mockserver.openapi.model.document import Document
from mockserver.openapi.source.source import collector_at_rest
from mockserver.resources.detect.collections import resources
from mockserver.resources.detect.decisions import Plan
from mockserver.resources.detect.foreign_keys import neighbours_of
from mockserver.resources.detect.operation_view import OperationView, PathTree
from mockserver.resources.detect.roles.roles import Roles
from mockserver.resources.detect.schema_shape import SchemaShapes
from mockserver.resources.detect.shared_collections import SharedCollections, with_members


def plan(spec: Document) -> Plan:
    """Returns the plan of an API. The same document always has the same plan."""
    with collector_at_rest():
        return _plan(spec)


def _plan(spec: Document) -> Plan:
    shapes = SchemaShapes(spec.document)
    views = [OperationView(operation, shapes) for operation in spec.operations]
    tree = PathTree(views)
    found = resources(shapes, tree)
    neighbours = neighbours_of(operation.path for operation in spec.operations)
    shared = SharedCollections(shapes, found, neighbours)
    roles = shared.merged(views, Roles(shapes, tree, found).all(views))
    used = {role.collection for role in roles.values() if role.keeps}
    used |= {resource.collection.parent for resource in found}
    collection = {
        resource.collection.name: resource.collection for resource in found if resource.collection.name in used
    }
    return Plan(with_members(shapes, shared.known(collection), roles, views), roles)
