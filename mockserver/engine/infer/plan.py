"""From a document to what is remembered of it: collections and the role of each operation, from structure alone."""

from __future__ import annotations

from mockserver.engine.infer.decisions import Plan
from mockserver.engine.infer.membership import with_members
from mockserver.engine.infer.reading import Reading
from mockserver.engine.infer.relations import neighbours_of
from mockserver.engine.infer.resources import resources
from mockserver.engine.infer.roles import Roles
from mockserver.engine.infer.shape import Shapes
from mockserver.engine.infer.tree import Tree
from mockserver.engine.infer.views import Views
from mockserver.spec.document import Spec
from mockserver.spec.source import collector_at_rest


def plan(spec: Spec) -> Plan:
    """What is kept of an API, and what each of its operations does. The same document has always the same plan."""
    with collector_at_rest():
        return _plan(spec)


def _plan(spec: Spec) -> Plan:
    shapes = Shapes(spec.document)
    readings = [Reading(operation, shapes) for operation in spec.operations]
    tree = Tree(readings)
    found = resources(shapes, tree)
    neighbours = neighbours_of(operation.path for operation in spec.operations)
    views = Views(shapes, found, neighbours)
    roles = views.merged(readings, Roles(shapes, tree, found).all(readings))
    used = {role.collection for role in roles.values() if role.keeps}
    used |= {resource.kept.parent for resource in found}
    kept = {resource.kept.name: resource.kept for resource in found if resource.kept.name in used}
    return Plan(with_members(shapes, views.known(kept), roles, readings), roles)
