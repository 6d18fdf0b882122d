"""Where a document's operations stand: the `servers` of the document, of a path or of one operation."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from urllib.parse import urlsplit

from mockserver.wire import Json


@dataclass(frozen=True, slots=True)
class Server:
    """One of the `servers`: its host (may be empty) and the path that operations stand below, without a `/` at its
    end.
    """

    url: str
    host: str
    path: str


NOWHERE = Server("", "", "")


def servers_of(node: Json, above: tuple[Server, ...]) -> tuple[Server, ...]:
    """The node's own servers, else those of what stands above it."""
    own = node.get("servers") if isinstance(node, dict) else None
    if not isinstance(own, list) or not own:
        return above
    return tuple(_server(server) for server in own if isinstance(server, dict)) or above


def served(document: Json, root: str) -> Json:
    """The document with every list of servers naming but one, below `root`: the mock."""
    here = _at_root(document, root) if document.get("servers") else {**document, "servers": [{"url": root}]}
    paths = {path: _path_at_root(item, root) for path, item in document.get("paths", {}).items()}
    return {**here, "paths": paths}


def _path_at_root(item: Json, root: str) -> Json:
    if not isinstance(item, dict):
        return item
    return {name: _at_root(node, root) for name, node in _at_root(item, root).items()}


def _at_root(node: Json, root: str) -> Json:
    if not isinstance(node, dict) or "servers" not in node:
        return node
    return {**node, "servers": [{"url": root + servers_of(node, (NOWHERE,))[0].path}]}


_EXPRESSION = re.compile(r"\{([^{}]+)\}")


def _server(node: Mapping[str, Json]) -> Server:
    """The server with its variables at their defaults."""
    variables = node.get("variables") or {}
    url = _EXPRESSION.sub(lambda found: _default(variables, found[1]), str(node.get("url", "")))
    try:
        parts = urlsplit(url)
        host = parts.hostname or ""
    except ValueError:
        return Server(url, "", "")
    path = parts.path.rstrip("/")
    return Server(url, host, path if not path or path.startswith("/") else f"/{path}")


def _default(variables: Json, name: str) -> str:
    variable = variables.get(name) if isinstance(variables, dict) else None
    return str(variable.get("default", "")) if isinstance(variable, dict) else ""
