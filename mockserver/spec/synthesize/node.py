"""A schema and where it stands: what plans are made of."""

from __future__ import annotations

from typing import NamedTuple
from urllib.parse import quote

from mockserver.spec.pointer import pointer_of
from mockserver.wire import Json


class Node(NamedTuple):
    """A schema and where it stands. A pointer that begins with `!` is of a schema that stands nowhere: it was made
    up of references into the document.
    """

    pointer: str
    schema: Json


def below(node: Node, *path: object) -> Node:
    """The schema at a path inside another."""
    schema = node.schema
    for step in path:
        schema = schema[step]
    return Node(node.pointer + pointer_of([*map(str, path)]), schema)


def made_up(identity: str, **schema: Json) -> Node:
    """A schema that stands nowhere in the document."""
    return Node("!" + identity, {name.removesuffix("_"): member for name, member in schema.items()})


def reference(node: Node) -> Json:
    """A schema that says the same as `node`."""
    return node.schema if node.pointer.startswith("!") else {"$ref": "#" + quote(node.pointer)}
