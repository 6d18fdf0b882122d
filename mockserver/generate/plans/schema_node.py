"""A schema with its place in the document, from which plans are made."""

from __future__ import annotations

from typing import NamedTuple
from urllib.parse import quote

from mockserver.json_pointer import pointer_of
from mockserver.json_text import Json


class SchemaNode(NamedTuple):
    """A schema and its pointer. A pointer that begins with `!` belongs to a schema that is not in the document but made
    of references into it.
    """

    pointer: str
    schema: Json


def below(node: SchemaNode, *path: object) -> SchemaNode:
    """The schema at a path inside another."""
    schema = node.schema
    for step in path:
        schema = schema[step]
    return SchemaNode(node.pointer + pointer_of([*map(str, path)]), schema)


def made_up(identity: str, **schema: Json) -> SchemaNode:
    """A schema that is not in the document."""
    return SchemaNode("!" + identity, {name.removesuffix("_"): member for name, member in schema.items()})


def reference(node: SchemaNode) -> Json:
    """A schema that refers to `node`."""
    return node.schema if node.pointer.startswith("!") else {"$ref": "#" + quote(node.pointer)}
