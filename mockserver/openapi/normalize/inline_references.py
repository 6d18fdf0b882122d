"""Replaces references where OpenAPI allows none, as many documents have them (at an operation, at all paths, at a list
of parameters, at a description), by their targets.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final, NamedTuple

from mockserver.json_pointer import pointer_of
from mockserver.json_text import Json
from mockserver.openapi.source.pointer import DocumentPath, location_of, tokens_of
from mockserver.openapi.source.reference import arrive
from mockserver.openapi.standards import METHODS
from mockserver.problem import Unusable


class _Kind(NamedTuple):
    """One kind of object, list or value: the kinds of its members by name and of all other members or items, and
    whether OpenAPI allows a reference in its place, which is then left alone.
    """

    members: Mapping[str, str] = {}
    each: str = ""
    may_refer: bool = False


_PROSE: Final = {"summary": "plain", "description": "plain", "externalDocs": "plain"}
_METHODS: Final = dict.fromkeys(METHODS, "operation")
_VALUES: Final = {"headers": "parameters", "content": "content", "examples": "references", "schema": "reference"}
_COMPONENTS: Final = {
    "schemas": "references", "parameters": "parameters", "headers": "parameters", "requestBodies": "responses",
    "responses": "responses", "examples": "references", "links": "references", "callbacks": "references",
    "securitySchemes": "references", "pathItems": "paths", "mediaTypes": "content",
}  # fmt: skip
_KINDS: Final[Mapping[str, _Kind]] = {
    "plain": _Kind(),
    "plains": _Kind(each="plain"),
    "reference": _Kind(may_refer=True),
    "references": _Kind(each="reference"),
    "described": _Kind(_PROSE),
    "many described": _Kind(each="described"),
    "parameter": _Kind({**_PROSE, **_VALUES}, may_refer=True),
    "parameters": _Kind(each="parameter"),
    "content": _Kind(each="media type"),
    "media type": _Kind({**_VALUES, "encoding": "plains"}, may_refer=True),
    "response": _Kind({**_PROSE, **_VALUES, "links": "references"}, may_refer=True),
    "responses": _Kind(each="response"),
    "operation": _Kind(
        {
            **_PROSE, "parameters": "parameters", "requestBody": "response", "responses": "responses",
            "callbacks": "references", "security": "plains", "servers": "many described", "tags": "plains",
            "operationId": "plain", "deprecated": "plain",
        }
    ),
    "operations": _Kind(each="operation"),
    "path item": _Kind(
        {
            **_PROSE, **_METHODS, "additionalOperations": "operations", "parameters": "parameters",
            "servers": "many described",
        },
        may_refer=True,
    ),
    "paths": _Kind(each="path item"),
    "components": _Kind(_COMPONENTS),
    "info": _Kind({**_PROSE, "title": "plain", "version": "plain", "contact": "plain", "license": "plain"}),
    "document": _Kind(
        {
            **_PROSE, "info": "info", "servers": "many described", "tags": "many described", "security": "plains",
            "paths": "paths", "webhooks": "paths", "components": "components", "definitions": "references",
            "parameters": "parameters", "responses": "responses", "securityDefinitions": "references",
        }
    ),
}  # fmt: skip


def inlined(document: dict[str, Json]) -> dict[str, str]:
    """Replaces, in place, the references that OpenAPI does not allow by their targets.

    Returns the pointer of each replaced part with the pointer of its source. A reference that leads nowhere is kept,
    for others to report.
    """
    moves: dict[str, str] = {}
    waiting: list[tuple[Json, DocumentPath, str]] = [(document, (), "document")]
    seen: set[tuple[int, str]] = set()
    while waiting:
        node, location, kind = waiting.pop()
        if (id(node), kind) in seen:
            continue
        seen.add((id(node), kind))
        for key, child in [*(enumerate(node) if type(node) is list else node.items())]:
            name = _KINDS[kind].members.get(str(key), _KINDS[kind].each)
            if not name or type(child) not in (dict, list):
                continue
            place: DocumentPath = (location, str(key))
            if type(child) is dict and type(child.get("$ref")) is str:
                found = _found(document, child, place)
                if found is None:
                    continue
                path, value = found
                if not _KINDS[name].may_refer:
                    node[key] = child = value
                    moves[pointer_of(tokens_of(place))] = pointer_of(path)
                else:
                    waiting.append((child, place, name))
                    child, place = value, location_of(path)
            if type(child) in (dict, list):
                waiting.append((child, place, name))
    return moves


def _found(document: Json, node: Json, place: DocumentPath) -> tuple[list[str], Json] | None:
    """The target's path, and its value with the members beside the reference on top; None if nothing can replace the
    reference: it leads nowhere, or to something that contains it.
    """
    try:
        path, value = arrive(document, node["$ref"])
    except Unusable:
        return None
    if tokens_of(place)[: len(path)] == path:
        return None
    beside = {name: member for name, member in node.items() if name != "$ref"}
    return path, {**value, **beside} if beside and type(value) is dict else value
