"""Schemas for requests, which need not contain `readOnly` members, and for responses, which need not contain
`writeOnly` ones.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from functools import cached_property
from typing import Final

from mockserver.json_text import Json
from mockserver.openapi.schema.validator import Schemas
from mockserver.openapi.source.reference import AUTHORS_NAMES, is_value, resolve
from mockserver.problem import Unusable

READ_ONLY: Final = "readOnly"
WRITE_ONLY: Final = "writeOnly"
_DEEPEST: Final = 20


@dataclass
class MessageSchemas:
    """The schemas of one document for requests and for responses. Pointers are the same in both; without marked
    members, both are `schemas`.
    """

    schemas: Schemas
    marks: frozenset[str] = field(default_factory=frozenset)

    @cached_property
    def request(self) -> Schemas:
        """The schemas in which `readOnly` members are not required."""
        return self._without(READ_ONLY)

    @cached_property
    def response(self) -> Schemas:
        """The schemas in which `writeOnly` members are not required."""
        return self._without(WRITE_ONLY)

    def _without(self, mark: str) -> Schemas:
        document = self.schemas.document
        seen = relaxed(document, mark) if mark in self.marks else document
        return self.schemas if seen is document else Schemas(seen, self.marks)


def relaxed(document: Json, mark: str) -> Json:
    """The normalized document with no marked member required; the same object if none is required."""
    return _relaxed(document, _MarkedMembers(document, mark), (), is_map=False)


Group = tuple[()] | tuple["Group", Json]
"""Schemas that apply to the same value: a schema in an `allOf`, after those around it."""


def _relaxed(node: Json, marked: _MarkedMembers, around: Group, *, is_map: bool) -> Json:
    if type(node) is list:
        items = [_relaxed(item, marked, around, is_map=False) for item in node]
        return items if any(new is not old for new, old in zip(items, node, strict=True)) else node
    if type(node) is not dict:
        return node
    group: Group = () if is_map else (around, node)
    changes = {}
    for name, child in node.items():
        if type(child) is not dict and type(child) is not list:
            continue
        if name == "required" and not is_map and type(child) is list:
            kept: Json = marked.kept(child, group)
        elif is_map or not is_value(name, child):
            within = group if name == "allOf" and not is_map else ()
            kept = _relaxed(child, marked, within, is_map=not is_map and name in AUTHORS_NAMES)
        else:
            continue
        if kept is not child:
            changes[name] = kept
    return {**node, **changes} if changes else node


class _MarkedMembers:
    """Finds the members that are marked."""

    def __init__(self, document: Json, mark: str) -> None:
        self.document = document
        self.mark = mark
        self.refs: dict[str, bool] = {}

    def kept(self, names: list[Json], group: Group) -> list[Json]:
        """The names without those of marked members; the same list if there are none."""
        properties = [*_flat(self.schemas_of(group))]
        kept = [
            name
            for name in names
            if not (isinstance(name, str) and any(self.is_marked(held.get(name)) for held in properties))
        ]
        return kept if len(kept) < len(names) else names

    def schemas_of(self, group: Group) -> Iterator[Json]:
        """Every schema that applies to the value: those of the group and the targets of their `allOf` and `$ref`."""
        while group:
            group, schema = group
            yield from self.all_of(schema, _DEEPEST)

    def all_of(self, schema: Json, depth: int) -> Iterator[Json]:
        if not isinstance(schema, dict) or not depth:
            return
        yield schema
        if "$ref" in schema:
            yield from self.all_of(self.target(schema["$ref"]), depth - 1)
        for part in schema.get("allOf", ()):
            yield from self.all_of(part, depth - 1)

    def is_marked(self, schema: Json) -> bool:
        if not isinstance(schema, dict):
            return False
        if self.mark in schema:
            return schema[self.mark] is True
        if "$ref" not in schema and "allOf" not in schema:
            return False
        return any(part.get(self.mark) is True for part in self.all_of(schema, _DEEPEST))

    def target(self, ref: str) -> Json:
        try:
            return resolve(self.document, ref)
        except Unusable:
            return None


def _flat(schemas: Iterable[Json]) -> Iterator[dict[str, Json]]:
    return (held for schema in schemas if (held := schema.get("properties")))
