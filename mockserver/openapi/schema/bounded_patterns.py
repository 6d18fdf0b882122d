"""Tells the regular expressions apart that validators must not match by themselves, since they may take too long."""

from __future__ import annotations

from typing import Final

from mockserver.json_text import Json
from mockserver.openapi.schema.patterns import is_plain
from mockserver.openapi.source.reference import AUTHORS_NAMES, is_value

BOUNDED: Final = "x-mock-bounded-pattern"
"""The keyword in the place of `pattern` for such an expression."""


def with_bounded_patterns(node: Json, *, is_map: bool = False) -> Json:
    """Returns the part of a document with each of these expressions under BOUNDED; the same object where there is none.
    If `is_map`, the author names the members.
    """
    if type(node) is list:
        items = [*map(with_bounded_patterns, node)]
        return items if any(new is not old for new, old in zip(items, node, strict=True)) else node
    if type(node) is not dict:
        return node
    if not is_map and isinstance(pattern := node.get("pattern"), str) and not _is_plain(pattern):
        node = {**{name: member for name, member in node.items() if name != "pattern"}, BOUNDED: pattern}
    inner = {
        name: with_bounded_patterns(member, is_map=name in AUTHORS_NAMES and not is_map)
        for name, member in node.items()
        if isinstance(member, (dict, list)) and (is_map or not is_value(name, member))
    }
    changes = {name: member for name, member in inner.items() if member is not node[name]}
    return {**node, **changes} if changes else node


def _is_plain(pattern: str) -> bool:
    try:
        return is_plain(pattern)
    except ValueError:  # It cannot be compiled: the validator says so.
        return False
