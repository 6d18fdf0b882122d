"""Leaves out links that lead from or to operations which a check is not asked for: no sequence can follow them, and
Schemathesis takes it for an error where it can follow none of those that a document has.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from urllib.parse import unquote

from mockserver.json_pointer import tokens
from mockserver.json_text import Json
from mockserver.openapi.model.document import Resolver


def with_links_among(document: Json, labels: Collection[str]) -> Json:
    """The document with the links between these operations alone, which are named as in `GET /orders`."""
    targets = _Targets(document, labels)
    paths = {
        path: {method: targets.selected(node, method, path) for method, node in item.items()}
        for path, item in document["paths"].items()
    }
    return {**document, "paths": paths}


class _Targets:
    """The operations that links may lead from and to."""

    def __init__(self, document: Json, labels: Collection[str]) -> None:
        self._labels = labels
        self._resolve = Resolver(document)
        self._ids = {
            node["operationId"]
            for path, item in document["paths"].items()
            for method, node in item.items()
            if _label(method, path) in labels and "operationId" in node
        }

    def selected(self, node: Json, method: str, path: str) -> Json:
        """The operation with its links among the selected; anything else of a path as it is."""
        if not isinstance(node, dict) or not isinstance(node.get("responses"), dict):
            return node
        is_source = _label(method, path) in self._labels
        responses = {
            status: self._answer(answer, path, is_source=is_source) for status, answer in node["responses"].items()
        }
        return {**node, "responses": responses}

    def _answer(self, answer: Json, path: str, *, is_source: bool) -> Json:
        found, _ = self._resolve(answer, path)
        if not isinstance(found, dict) or not isinstance(found.get("links"), dict):
            return answer
        links = {name: link for name, link in found["links"].items() if is_source and self._is_among(link, path)}
        others = {name: value for name, value in found.items() if name != "links"}
        return {**others, "links": links} if links else others

    def _is_among(self, link: Json, path: str) -> bool:
        found, _ = self._resolve(link, path)
        if not isinstance(found, Mapping):
            return False
        if "operationId" in found:
            return found["operationId"] in self._ids
        parts = tokens(unquote(str(found.get("operationRef", "")).partition("#")[2]))
        return len(parts) == 3 and _label(parts[2], parts[1]) in self._labels


def _label(method: str, path: str) -> str:
    return f"{method.upper()} {path}"
