"""A detected collection with the nodes of its paths and their extensions; and the detection of singletons."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from mockserver.resources.detect.decisions import ENOUGH, CollectionPlan, Evidence, IdSpec, confidence_of
from mockserver.resources.detect.locate import Located, find_list, find_record, holds_list
from mockserver.resources.detect.operation_view import Key, OperationView, PathNode, PathTree, path_of
from mockserver.resources.detect.schema_shape import (
    NOTHING,
    SchemaPlace,
    SchemaShape,
    SchemaShapes,
    is_free,
    similarity,
)

SEEDS: Final = 3
"""Number of first records of a collection where neither examples nor an extension give it."""


@dataclass(frozen=True, slots=True)
class Resource:
    """A collection with its path nodes, the shape of its records and the places of its lists."""

    collection: CollectionPlan
    record: SchemaShape
    listed: Located | None
    above: PathNode | None
    item: PathNode | None

    @property
    def key(self) -> Key:
        """The path at which its records are created."""
        if self.above is not None:
            return self.above.key
        if self.item is None:
            return ()
        return self.item.key[:-1] if self.item.is_item else self.item.key


def is_excluded(node: PathNode) -> bool:
    """Returns whether a path has `x-mock-collection: false`: nothing is stored there."""
    return any(view.extension("collection") is False for view in node.methods.values())


def called(*nodes: PathNode | None) -> str:
    """Returns the name in `x-mock-collection`; empty where there is none."""
    names = [view.extension("collection") for node in nodes if node is not None for view in node.methods.values()]
    return next((name for name in names if isinstance(name, str) and name), "")


def seeds(*nodes: PathNode | None) -> int:
    """Returns the number in `x-mock-seeds`; -1 where there is none."""
    counts = [view.extension("seeds") for node in nodes if node is not None for view in node.methods.values()]
    return next((count for count in counts if type(count) is int and count >= 0), -1)


def inner(making: OperationView, record: SchemaShape) -> float:
    """Returns the similarity of a nested member of the body or the answer of POST to the record."""
    member = [making.shapes.at(place) for shape in (making.shape, making.body) for place in shape.members.values()]
    return max((similarity(shape, record) for shape in member if shape.members), default=0.0)


def singleton_at(shapes: SchemaShapes, tree: PathTree, node: PathNode) -> Resource | None:
    """Returns the singleton at a path that is read and written there; None where there is none."""
    view = node.get("GET")
    if view is None or is_excluded(node):
        return None
    shown = view.shape
    if is_free(shown):
        return _of_values(shapes, tree, node, view)
    found = find_record(shapes, shown, node.name, "") if shown.members else None
    member = holds_list(shapes, tree, node, found.shape) if found is not None else None
    is_list = found is None or (member is None and find_list(shapes, shown, node.name) is not None)
    if view.shown is not None and is_list:
        return None
    bare = view.shown is None
    if bare and not ("204" in view.responses and "404" in view.responses and node.get("PUT", "DELETE")):
        return None
    record = found.shape if found is not None else NOTHING
    evidence = (*_sole(node, record, bare=bare), *([member] if member is not None else []))
    return _only_one(node, record, evidence, absent=bare)


def _of_values(shapes: SchemaShapes, tree: PathTree, node: PathNode, view: OperationView) -> Resource | None:
    """Returns an object without named members that is written at its path, or value by value below it."""
    item = tree.get((*node.key, "{}"))
    below = item.get("PUT", "DELETE", "POST", "PATCH") if item is not None else None
    writes = [node.methods[method] for method in ("PUT", "PATCH") if method in node.methods]
    whole = next((other for other in writes if is_free(other.body)), None)
    if below is not None and item is not None and any(shapes.at(place).members for place in _bodies(item)):
        below = None
    path = view.operation.path
    evidence = [Evidence(f"GET {path} answers an object of values", 0.3)]
    if whole is not None:
        evidence.append(Evidence(f"{whole.method} {path} takes one", 0.65))
    if below is not None:
        evidence.append(Evidence(f"{below.operation.path} names one of them", 0.65))
    return _only_one(node, view.shape, tuple(evidence), absent=False)


def _bodies(item: PathNode) -> list[SchemaPlace]:
    """Returns the bodies below an object of values that are more than a single value."""
    places = [view.body_place for view in item.methods.values() if len(view.body.members) > _KEY_AND_VALUE]
    return [place for place in places if place is not None]


_KEY_AND_VALUE: Final = 2


def _only_one(node: PathNode, record: SchemaShape, evidence: tuple[Evidence, ...], *, absent: bool) -> Resource | None:
    if confidence_of(evidence) < ENOUGH:
        return None
    place = SchemaPlace(record.node, record.pointer)
    collection = CollectionPlan(
        name=called(node) or node.name or "records",
        path=path_of(node.first.segments),
        item_path=path_of(node.first.segments),
        id_spec=IdSpec((), "text", None, given=True),
        scope=node.first.parameters,
        parent="",
        record=place,
        ids_known=True,
        seeds=1,
        singleton=True,
        absent=absent,
        evidence=evidence,
    )
    return Resource(collection, record, None, None, node)


def _sole(node: PathNode, record: SchemaShape, *, bare: bool) -> tuple[Evidence, ...]:
    path = node.first.operation.path
    found = [Evidence(f"GET {path} says whether it is there" if bare else f"GET {path} answers a single object", 0.3)]
    for method, weight in (("PUT", 0.65), ("PATCH", 0.65), ("POST", 0.6), ("DELETE", 0.3)):
        writing = node.get(method)
        if writing is None:
            continue
        alike = max(similarity(writing.body, record), similarity(writing.shape, record), inner(writing, record))
        if method in ("PUT", "DELETE") and bare:
            found.append(Evidence(f"{method} {path} sets that", 0.5))
        elif method == "DELETE":
            is_told = "404" in node.methods["GET"].responses
            found.append(Evidence(f"DELETE {path} takes it away", 0.6 if is_told else weight))
        elif alike >= 0.6:
            found.append(Evidence(f"{method} {path} takes or answers the same", weight))
    return tuple(found)
