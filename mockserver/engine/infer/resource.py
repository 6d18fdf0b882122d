"""One collection with what it was seen by, and what the extensions at its paths say of it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from mockserver.engine.infer.decisions import Collected
from mockserver.engine.infer.finding import Found
from mockserver.engine.infer.reading import Key, Reading
from mockserver.engine.infer.shape import Shape, likeness
from mockserver.engine.infer.tree import Node

SEEDS: Final = 3
"""How many records a collection begins with where neither the document's examples nor an extension say it."""


@dataclass(frozen=True, slots=True)
class Resource:
    """A collection with the nodes that it was seen at, the shape of its records and where lists of them stand."""

    kept: Collected
    record: Shape
    listed: Found | None
    above: Node | None
    item: Node | None

    @property
    def key(self) -> Key:
        """The path at which its records are made."""
        if self.above is not None:
            return self.above.key
        if self.item is None:
            return ()
        return self.item.key[:-1] if self.item.is_item else self.item.key


def says_no(node: Node) -> bool:
    """Whether `x-mock-collection: false` stands at a path: nothing is kept there."""
    return any(reading.extension("collection") is False for reading in node.methods.values())


def called(*nodes: Node | None) -> str:
    """What `x-mock-collection` calls the collection; empty where nothing does."""
    names = [reading.extension("collection") for node in nodes if node is not None for reading in node.methods.values()]
    return next((name for name in names if isinstance(name, str) and name), "")


def seeds(*nodes: Node | None) -> int:
    """How many records `x-mock-seeds` asks for; -1 where nothing does."""
    counts = [reading.extension("seeds") for node in nodes if node is not None for reading in node.methods.values()]
    return next((count for count in counts if type(count) is int and count >= 0), -1)


def inner(making: Reading, record: Shape) -> float:
    """How much a member of what POST takes or answers is alike."""
    held = [making.shapes.at(place) for shape in (making.shape, making.body) for place in shape.members.values()]
    return max((likeness(shape, record) for shape in held if shape.members), default=0.0)
