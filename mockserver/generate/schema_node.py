"""A schema and where it stands: what plans are made of."""

from __future__ import annotations

from typing import NamedTuple
from urllib.parse import quote

from mockserver.json_pointer import pointer_of
from mockserver.json_text import Json


class SchemaNode(NamedTuple):
    """A schema and where it stands. A pointer that begins with `!` is of a schema that stands nowhere: it was made
    up of references into the document.
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
    """A schema that stands nowhere in the document."""
    return SchemaNode("!" + identity, {name.removesuffix("_"): member for name, member in schema.items()})


def reference(node: SchemaNode) -> Json:
    """A schema that says the same as `node`."""
    return node.schema if node.pointer.startswith("!") else {"$ref": "#" + quote(node.pointer)}
