"""Upgrades the keywords of one schema, taken together, to JSON Schema 2020-12."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from collections.abc import Set as AbstractSet
from typing import Any

from mockserver.json_text import Json
from mockserver.openapi.normalize import extensions
from mockserver.openapi.normalize.normalizer import REMOVED, WARNING, Normalizer, Part, changed
from mockserver.openapi.source.pointer import DocumentPath

COMBINERS = ("allOf", "anyOf", "oneOf")
_ANNOTATIONS = frozenset({
    "$comment", "default", "deprecated", "description", "example", "examples", "externalDocs", "readOnly", "summary",
    "title", "writeOnly", "xml",
})  # fmt: skip


def keyword_upgrader(known: AbstractSet[str]) -> Part:
    """A part reader that upgrades the keywords of a schema together; `known` lists every known keyword."""

    def finish(normalizer: Normalizer, node: Json, location: DocumentPath) -> Json:
        node = extensions.sound(normalizer, node, location, extensions.SCHEMA)
        for step, keywords in _UPGRADES:
            if not keywords.isdisjoint(node):
                node = step(normalizer, node, location)
        if normalizer.old and not _OLD.isdisjoint(node):
            node = _modern(normalizer, node, location, known)
        return node

    return finish


def _tuple_items(normalizer: Normalizer, node: Json, location: DocumentPath) -> Json:
    """`items` as a list becomes `prefixItems`, and `additionalItems` becomes `items`."""
    if type(node.get("items")) is not list:
        return changed(node, {"additionalItems": REMOVED}) if "additionalItems" in node else node
    normalizer.diagnostic(
        (location, "items"), "a list of schemas is `prefixItems` since 2020-12; OpenAPI 3.0 has none", WARNING
    )
    rest = {"items": node["additionalItems"]} if "additionalItems" in node else {}
    kept = changed(node, {"items": REMOVED, "additionalItems": REMOVED})
    return {**kept, "prefixItems": node["items"], **rest}


def _split_dependencies(normalizer: Normalizer, node: Json, location: DocumentPath) -> Json:
    """`dependencies` becomes `dependentRequired` and `dependentSchemas`."""
    normalizer.diagnostic(
        (location, "dependencies"),
        "is `dependentRequired` and `dependentSchemas` since 2019-09; OpenAPI never had it",
        WARNING,
    )
    needed: dict[str, Json] = {}
    schemas: dict[str, Json] = {}
    for name, value in node["dependencies"].items():
        (needed if type(value) is list else schemas)[name] = value
    kept = changed(node, {"dependencies": REMOVED})
    for keyword, added in (("dependentRequired", needed), ("dependentSchemas", schemas)):
        if added:
            kept[keyword] = {**added, **kept.get(keyword, {})}
    return kept


def _boolean_bounds(normalizer: Normalizer, node: Json, location: DocumentPath) -> Json:
    for exclusive, bound in (("exclusiveMinimum", "minimum"), ("exclusiveMaximum", "maximum")):
        value = node.get(exclusive)
        if type(value) is not bool:
            continue
        if not normalizer.old:
            normalizer.diagnostic(
                (location, exclusive), f"expected the bound itself since OpenAPI 3.1, got {str(value).lower()}"
            )
        changes = {exclusive: REMOVED}
        if value and bound in node:
            changes = {exclusive: node[bound], bound: REMOVED}
        node = changed(node, changes)
    return node


def _file_type(normalizer: Normalizer, node: Json, location: DocumentPath) -> Json:
    if node["type"] != "file":
        return node
    if not normalizer.old:
        normalizer.diagnostic((location, "type"), "`file` is no type since OpenAPI 3.0; taken as a string of bytes")
    return {**node, "type": "string", "format": node.get("format", "binary")}


def _without_dynamics(normalizer: Normalizer, node: Json, location: DocumentPath) -> Json:
    """`$dynamicRef` becomes the plain reference that it is where nothing overrides it."""
    normalizer.diagnostic((location, "$dynamicRef"), "is read as a plain `$ref`", WARNING)
    kept = changed(node, {"$dynamicRef": REMOVED})
    return {**kept, "$ref": node["$dynamicRef"]} if "$ref" not in kept else kept


_WHOLE: Mapping[str, tuple[int, int]] = {"int32": (-(2**31), 2**31 - 1), "int64": (-(2**63), 2**63 - 1)}


def _whole_number(_normalizer: Normalizer, node: Json, _location: DocumentPath) -> Json:
    """Adds the keywords that the number formats imply, since every validator knows those."""
    bounds = _WHOLE.get(node["format"]) if type(node["format"]) is str else None
    return node if bounds is None else {"minimum": bounds[0], "maximum": bounds[1], **node}


_UPGRADES: tuple[tuple[Callable[[Normalizer, Json, DocumentPath], Json], frozenset[str]], ...] = (
    (_tuple_items, frozenset({"items", "additionalItems"})),
    (_split_dependencies, frozenset({"dependencies"})),
    (_boolean_bounds, frozenset({"exclusiveMinimum", "exclusiveMaximum"})),
    (_file_type, frozenset({"type"})),
    (_whole_number, frozenset({"format"})),
    (_without_dynamics, frozenset({"$dynamicRef"})),
)
_OLD = frozenset({"$ref", "nullable", "x-nullable"})


def _modern(normalizer: Normalizer, node: Json, location: DocumentPath, known: AbstractSet[str]) -> Json:
    """Upgrades a schema of 3.0: beside `$ref` only annotations count, and null is a type.

    `nullable` counts wherever it stands, since authors write it beside `$ref`, `allOf` or `enum`.
    """
    nullable = node.get("nullable") is True or node.get("x-nullable") is True
    kept = {name: value for name, value in node.items() if name not in ("nullable", "x-nullable")}
    if "$ref" in kept:
        ignored = sorted(name for name in kept.keys() - _ANNOTATIONS if name in known and name != "$ref")
        if ignored:
            normalizer.diagnostic(
                location, f"{', '.join(ignored)} beside `$ref` count for nothing before OpenAPI 3.1", WARNING
            )
            kept = changed(kept, dict.fromkeys(ignored, REMOVED))
    return _or_null(kept) if nullable else kept


def _or_null(node: dict[str, Json]) -> dict[str, Json]:
    if any(name in node for name in ("$ref", "not", *COMBINERS)):
        notes = {name: value for name, value in node.items() if name in _ANNOTATIONS or name.startswith("x-")}
        inner = {name: value for name, value in node.items() if name not in notes}
        return {**notes, "anyOf": [inner, {"type": "null"}]}
    types = node.get("type")
    if types is not None:
        listed: list[Any] = [types] if isinstance(types, str) else types
        node = {**node, "type": [*listed, *(["null"] if "null" not in listed else [])]}
    if "enum" in node and None not in node["enum"]:
        node = {**node, "enum": [*node["enum"], None]}
    return node
