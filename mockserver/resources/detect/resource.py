"""One collection with what it was seen by, and what the extensions at its paths say of it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from mockserver.resources.detect.decisions import CollectionPlan
from mockserver.resources.detect.locate import Located
from mockserver.resources.detect.operation_view import Key, OperationView
from mockserver.resources.detect.path_tree import PathNode
from mockserver.resources.detect.schema_shape import SchemaShape, similarity

SEEDS: Final = 3
"""How many records a collection begins with where neither the document's examples nor an extension say it."""


@dataclass(frozen=True, slots=True)
class Resource:
    """A collection with the nodes that it was seen at, the shape of its records and where lists of them stand."""

    collection: CollectionPlan
    record: SchemaShape
    listed: Located | None
    above: PathNode | None
    item: PathNode | None

    @property
    def key(self) -> Key:
        """The path at which its records are made."""
        if self.above is not None:
            return self.above.key
        if self.item is None:
            return ()
        return self.item.key[:-1] if self.item.is_item else self.item.key


def says_no(node: PathNode) -> bool:
    """Whether `x-mock-collection: false` stands at a path: nothing is kept there."""
    return any(view.extension("collection") is False for view in node.methods.values())


def called(*nodes: PathNode | None) -> str:
    """What `x-mock-collection` calls the collection; empty where nothing does."""
    names = [view.extension("collection") for node in nodes if node is not None for view in node.methods.values()]
    return next((name for name in names if isinstance(name, str) and name), "")


def seeds(*nodes: PathNode | None) -> int:
    """How many records `x-mock-seeds` asks for; -1 where nothing does."""
    counts = [view.extension("seeds") for node in nodes if node is not None for view in node.methods.values()]
    return next((count for count in counts if type(count) is int and count >= 0), -1)


def inner(making: OperationView, record: SchemaShape) -> float:
    """How much a member of what POST takes or answers is alike."""
    member = [making.shapes.at(place) for shape in (making.shape, making.body) for place in shape.members.values()]
    return max((similarity(shape, record) for shape in member if shape.members), default=0.0)
