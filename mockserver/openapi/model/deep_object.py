"""Objects whose members are named by brackets or dots: `filter[name]=Ann&filter[age][min]=3`, `filter.name=Ann`."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any, Final

from mockserver.json_text import Json
from mockserver.openapi.model.text_pairs import Texts
from mockserver.openapi.schema.schema_view import SchemaView

DeepRead = Callable[[SchemaView, str], Json]
Tree = dict[str, Any]
"""What is named, by the next part of its name; at the ends lists of texts."""

DEEPEST: Final = 30
_BRACKETS = re.compile(r"(?:\[[^\[\]]*\])+")
_PART = re.compile(r"\[([^\[\]]*)\]")


def deep_object(name: str, kind: SchemaView, given: Texts, read: DeepRead, *, dots: bool = False) -> Json | None:
    """The object or array of what is given as `name[...]`, with `dots` also as `name.…`; None where nothing is."""
    tree: Tree = {}
    for full, texts in given.items():
        way = _way(full, name, dots)
        if way:
            _put(tree, way, texts)
    return _value(tree, kind, read) if tree else None


def _way(full: str, name: str, dots: bool) -> list[str]:
    """The parts of the name behind `name`; none where it is another name."""
    if not full.startswith(name) or len(full) == len(name):
        return []
    rest = full[len(name) :]
    if _BRACKETS.fullmatch(rest):
        return _PART.findall(rest)[:DEEPEST]
    return rest[1:].split(".")[:DEEPEST] if dots and rest[0] == "." and len(rest) > 1 else []


def _put(tree: Tree, way: list[str], texts: list[str]) -> None:
    *holders, last = way
    for token in holders:
        below = tree.get(token)
        if not isinstance(below, dict):
            below = tree[token] = {}
        tree = below
    held = tree.get(last)
    tree[last] = [*held, *texts] if isinstance(held, list) else texts if held is None else held


def _value(node: Any, kind: SchemaView, read: DeepRead) -> Json:
    if isinstance(node, list):
        return [read(kind.item, text) for text in node] if _is_list(kind) else read(kind, node[-1])
    if kind.is_array and all(token.isdecimal() or not token for token in node):
        ordered = sorted(node.items(), key=lambda entry: (not entry[0], int(entry[0] or 0) if len(entry[0]) < 9 else 0))
        return [item for token, below in ordered for item in _below(token, below, kind, read)]
    return {token: _value(below, kind.member(token), read) for token, below in node.items()}


def _is_list(kind: SchemaView) -> bool:
    return kind.is_array and not kind.is_scalar


def _below(token: str, below: Any, kind: SchemaView, read: DeepRead) -> list[Json]:
    """`a[0]` is one item, `a[]` one for each text."""
    if isinstance(below, list) and not token:
        return [read(kind.item, text) for text in below]
    return [_value(below, kind.item, read)]
