"""Converts a document for Schemathesis, which supports one server address per document."""

from __future__ import annotations

from typing import Final
from urllib.parse import unquote

from mockserver.json_pointer import MISSING, tokens, value_at
from mockserver.json_text import Json
from mockserver.openapi.model.document import Resolver
from mockserver.openapi.model.path_conditions import with_bare_names
from mockserver.openapi.model.servers import NOWHERE, Server, servers_of
from mockserver.openapi.source.pointer import ref_to
from mockserver.openapi.standards import METHODS
from mockserver.problem import Unusable


def flat(document: Json) -> Json:
    """The document with server paths written into the paths, so that one root applies to all."""
    above = servers_of(document, (NOWHERE,))
    resolve = Resolver(document)
    paths: dict[str, Json] = {}
    moved: dict[str, list[str]] = {}
    for path, item in document["paths"].items():
        for start, part in _at_servers(_resolved(resolve, path, item), above).items():
            full = start + with_bare_names(path, _path_names(resolve, path, part))
            paths[full] = {**paths.get(full, {}), **_without_ignored(resolve, path, part)}
            moved.setdefault(path, []).append(full)
    return _with_moved_references({**_homeless(document), "paths": paths}, paths, moved)


_IGNORED: Final = frozenset({"accept", "authorization", "content-type"})
"""Header parameters whose definitions OpenAPI ignores: media types and security schemes say what these headers hold."""


def _without_ignored(resolve: Resolver, path: str, item: Json) -> Json:
    """The path item without the header parameters that OpenAPI ignores."""

    def trimmed(owner: Json) -> Json:
        if not isinstance(owner, dict) or "parameters" not in owner:
            return owner
        kept = []
        for parameter in owner["parameters"]:
            node = _resolved(resolve, path, parameter)
            if node.get("in") == "header" and str(node.get("name")).lower() in _IGNORED:
                continue
            kept.append(node if str(parameter.get("$ref")).startswith("#/paths/") else parameter)
        return {**owner, "parameters": kept}

    return {name: trimmed(member) if name in METHODS else member for name, member in trimmed(item).items()}


def _with_moved_references(node: Json, paths: dict[str, Json], moved: dict[str, list[str]]) -> Json:
    """The document, in which references to parts of paths lead to where these stand now."""
    if isinstance(node, list):
        return [_with_moved_references(item, paths, moved) for item in node]
    if not isinstance(node, dict):
        return node
    changed = {name: _with_moved_references(member, paths, moved) for name, member in node.items()}
    ref = changed.get("$ref")
    if isinstance(ref, str) and ref.startswith("#/paths/"):
        _, path, *rest = tokens(unquote(ref[1:]))
        full = (full for full in moved.get(path, ()) if value_at(paths[full], rest, MISSING) is not MISSING)
        changed["$ref"] = ref_to(["paths", next(full, path), *rest])
    return changed


def at_one_address(document: Json) -> Json:
    """The document without paths of other addresses."""
    return {**document, "paths": {path: item for path, item in document["paths"].items() if "servers" not in item}}


def _path_names(resolve: Resolver, path: str, item: Json) -> set[str]:
    """The names of the path parameters of a path and its operations."""
    owners = [item, *(item[name] for name in METHODS if isinstance(item.get(name), dict))]
    nodes = (_resolved(resolve, path, node) for owner in owners for node in owner.get("parameters", ()))
    return {node["name"] for node in nodes if node.get("in") == "path"}


def _resolved(resolve: Resolver, path: str, item: Json) -> Json:
    try:
        return resolve(item, path)[0]
    except Unusable:
        return item


def _at_servers(item: Json, above: tuple[Server, ...]) -> dict[str, Json]:
    """The path by the base path of each server; its operations may have servers of their own."""
    own = servers_of(item, above)
    starts = {name: servers_of(item[name], own)[0].path for name in METHODS if name in item}
    shared = {name: member for name, member in _homeless(item).items() if name not in starts}
    found: dict[str, Json] = {} if starts else {own[0].path: shared}
    for name, start in starts.items():
        found.setdefault(start, dict(shared))[name] = _homeless(item[name])
    return found


def _homeless(node: Json) -> Json:
    return {name: value for name, value in node.items() if name != "servers"}
