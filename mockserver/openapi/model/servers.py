"""The `servers` of a document, a path or an operation."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from itertools import islice, product
from typing import Final
from urllib.parse import urlsplit

from mockserver.json_text import Json


@dataclass(frozen=True, slots=True)
class Server:
    """One server: its host (may be empty) and its base path, without a trailing `/`."""

    url: str
    host: str
    path: str


NOWHERE = Server("", "", "")


def servers_of(node: Json, above: tuple[Server, ...]) -> tuple[Server, ...]:
    """The node's own servers, else the inherited ones."""
    own = node.get("servers") if isinstance(node, dict) else None
    if not isinstance(own, list) or not own:
        return above
    return tuple(found for server in own if isinstance(server, dict) for found in _servers(server)) or above


def served(document: Json, address: Callable[[str], str]) -> Json:
    """The document with each list of servers replaced by one: the `address` of the mock for that server's base path."""
    here = _at_home(document, address) if document.get("servers") else {**document, "servers": [{"url": address("")}]}
    paths = {path: _path_at_home(item, address) for path, item in document.get("paths", {}).items()}
    return {**here, "paths": paths}


def _path_at_home(item: Json, address: Callable[[str], str]) -> Json:
    if not isinstance(item, dict):
        return item
    return {name: _at_home(node, address) for name, node in _at_home(item, address).items()}


def _at_home(node: Json, address: Callable[[str], str]) -> Json:
    if not isinstance(node, dict) or "servers" not in node:
        return node
    return {**node, "servers": [{"url": address(servers_of(node, (NOWHERE,))[0].path)}]}


_EXPRESSION = re.compile(r"\{([^{}]+)\}")
_MOST: Final = 100
"""The most servers that one entry with variables may stand for."""


def _servers(node: Mapping[str, Json]) -> Iterator[Server]:
    """The server with the defaults of its variables, then with every other combination of their values."""
    template = str(node.get("url", ""))
    names = [*dict.fromkeys(_EXPRESSION.findall(template))]
    values = [_values(node.get("variables"), name) for name in names]
    for chosen in islice(product(*values), _MOST):
        url = template
        for name, value in zip(names, chosen, strict=True):
            url = url.replace(f"{{{name}}}", value)
        yield _server(url)


def _server(url: str) -> Server:
    try:
        parts = urlsplit(url)
        host = parts.hostname or ""
    except ValueError:
        return Server(url, "", "")
    path = parts.path.rstrip("/")
    return Server(url, host, path if not path or path.startswith("/") else f"/{path}")


def _values(variables: Json, name: str) -> list[str]:
    """The values of a variable, its default first."""
    variable = variables.get(name) if isinstance(variables, dict) else None
    if not isinstance(variable, dict):
        return [""]
    others = variable.get("enum")
    listed = [str(value) for value in others] if isinstance(others, list) else []
    default = [str(variable["default"])] if "default" in variable else []
    return [*dict.fromkeys(default + listed)] or [""]
