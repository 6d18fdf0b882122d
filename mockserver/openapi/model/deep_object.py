"""Reads objects whose member names stand in brackets or behind dots: `filter[name]=Ann&filter[age][min]=3`,
`filter.name=Ann`.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any, Final

from mockserver.json_text import Json
from mockserver.openapi.model.text_pairs import TextsByName
from mockserver.openapi.schema.schema_view import SchemaView

DeepRead = Callable[[SchemaView, str], Json]
Tree = dict[str, Any]
"""Texts by the parts of their names; the leaves are lists of texts."""

DEEPEST: Final = 30
_BRACKETS = re.compile(r"(?:\[[^\[\]]*\])+")
_PART = re.compile(r"\[([^\[\]]*)\]")


def deep_object(name: str, view: SchemaView, given: TextsByName, read: DeepRead, *, dots: bool = False) -> Json | None:
    """The object or array of all texts named `name[...]`, and with `dots` also `name.…`; None if there is none."""
    tree: Tree = {}
    for full, texts in given.items():
        parts = _name_parts(full, name, dots)
        if parts:
            _put(tree, parts, texts)
    return _value(tree, view, read) if tree else None


def _name_parts(full: str, name: str, dots: bool) -> list[str]:
    """The parts of `full` behind `name`; empty for another name."""
    if not full.startswith(name) or len(full) == len(name):
        return []
    rest = full[len(name) :]
    if _BRACKETS.fullmatch(rest):
        return _PART.findall(rest)[:DEEPEST]
    return rest[1:].split(".")[:DEEPEST] if dots and rest[0] == "." and len(rest) > 1 else []


def _put(tree: Tree, parts: list[str], texts: list[str]) -> None:
    *holders, last = parts
    for token in holders:
        below = tree.get(token)
        if not isinstance(below, dict):
            below = tree[token] = {}
        tree = below
    existing = tree.get(last)
    tree[last] = [*existing, *texts] if isinstance(existing, list) else texts if existing is None else existing


def _value(node: Any, view: SchemaView, read: DeepRead) -> Json:
    if isinstance(node, list):
        return [read(view.item, text) for text in node] if _is_list(view) else read(view, node[-1])
    if view.is_array and all(token.isdecimal() or not token for token in node):
        ordered = sorted(node.items(), key=lambda entry: (not entry[0], int(entry[0] or 0) if len(entry[0]) < 9 else 0))
        return [item for token, below in ordered for item in _below(token, below, view, read)]
    return {token: _value(below, view.member(token), read) for token, below in node.items()}


def _is_list(view: SchemaView) -> bool:
    return view.is_array and not view.is_scalar


def _below(token: str, below: Any, view: SchemaView, read: DeepRead) -> list[Json]:
    """`a[0]` is one item, `a[]` one item for each text."""
    if isinstance(below, list) and not token:
        return [read(view.item, text) for text in below]
    return [_value(below, view.item, read)]
