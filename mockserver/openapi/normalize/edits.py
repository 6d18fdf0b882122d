"""Changes single places of a document before it is compiled."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from mockserver.json_pointer import tokens
from mockserver.json_text import Json
from mockserver.problem import Unusable

ABSENT: Final = object()
"""The new value of a member that is to be removed."""


def edited(document: Json, edits: Mapping[str, Json]) -> Json:
    """The document with a new value at each JSON pointer; a member may be new, or ABSENT to be removed.

    The given document is not changed. Raises Unusable if a pointer leads nowhere.
    """
    for pointer, value in edits.items():
        document = _put(document, tokens(pointer), value, pointer)
    return document


def _put(node: Json, path: list[str], value: Json, pointer: str) -> Json:
    """Copies each object along the path; everything beside it is shared with the original."""
    name, *further = path
    if not isinstance(node, dict) or ((further or value is ABSENT) and name not in node):
        raise Unusable(f"the document has no {name!r} there", where=pointer)
    if further:
        return {**node, name: _put(node[name], further, value, pointer)}
    if value is ABSENT:
        return {member: kept for member, kept in node.items() if member != name}
    return {**node, name: value}
