"""Converts a document for Schemathesis, which supports one server address per document."""

from __future__ import annotations

from mockserver.json_text import Json
from mockserver.openapi.model.document import Resolver
from mockserver.openapi.model.path_conditions import with_bare_names
from mockserver.openapi.model.servers import NOWHERE, Server, servers_of
from mockserver.openapi.standards import METHODS
from mockserver.problem import Unusable


def flat(document: Json) -> Json:
    """The document with server paths written into the paths, so that one root applies to all."""
    above = servers_of(document, (NOWHERE,))
    resolve = Resolver(document)
    paths: dict[str, Json] = {}
    for path, item in document["paths"].items():
        for start, part in _at_servers(_resolved(resolve, path, item), above).items():
            full = start + with_bare_names(path, _path_names(resolve, path, part))
            paths[full] = {**paths.get(full, {}), **part}
    return {**_homeless(document), "paths": paths}


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
