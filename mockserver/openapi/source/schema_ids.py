"""Schemas with an address of their own (`$id`), to which references inside them are relative."""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple
from urllib.parse import urldefrag, urljoin

from mockserver.json_text import Json
from mockserver.openapi.source.reference import AUTHORS_NAMES, is_value

Tokens = tuple[str, ...]


class SchemaResource(NamedTuple):
    """A schema with an `$id`, or the whole file: its absolute address and the path to it."""

    address: str
    path: Tokens = ()


class SchemaResources:
    """The schema resources of one file, whose own address is `address` unless it has an `$id`."""

    def __init__(self, value: Json, address: str) -> None:
        own = identity(value) if isinstance(value, dict) else ""
        self.whole = SchemaResource(_joined(address, own) if own else address)
        self._by_path: dict[Tokens, SchemaResource] = {}
        self._find(value)
        every = [*([self.whole] if own else []), *self._by_path.values()]
        self.by_address: Mapping[str, SchemaResource] = {resource.address: resource for resource in reversed(every)}

    def around(self, path: Tokens) -> SchemaResource:
        """The innermost resource that contains the place, which may be the place itself."""
        for length in range(len(path), 0, -1) if self._by_path else ():
            if (found := self._by_path.get(path[:length])) is not None:
                return found
        return self.whole

    def _find(self, value: Json) -> None:
        """Collects the resources from the outside in. Examples that look like schemas are skipped."""
        waiting: list[tuple[Json, Tokens, str, bool]] = [(value, (), self.whole.address, False)]
        while waiting:
            node, path, base, is_map = waiting.pop()
            if isinstance(node, list):
                waiting += [(child, (*path, str(number)), base, False) for number, child in enumerate(node)]
            elif isinstance(node, dict):
                if path and not is_map and (address := identity(node)):
                    base = urldefrag(_joined(base, address)).url
                    self._by_path[path] = SchemaResource(base, path)
                for name, child in node.items():
                    if isinstance(child, dict | list) and (is_map or not is_value(name, child)):
                        waiting.append((child, (*path, name), base, not is_map and name in AUTHORS_NAMES))


def identity(schema: Mapping[str, Json]) -> str:
    """The `$id` of a schema if it is an address; `#name`, as in older drafts, only names a place."""
    address = schema.get("$id")
    return address if type(address) is str and not address.startswith("#") else ""


def address_of(resource: SchemaResource, reference: str) -> str:
    """The absolute address, without a fragment, of a reference in the resource."""
    return urldefrag(_joined(resource.address, reference)).url


def _joined(base: str, reference: str) -> str:
    try:
        return urljoin(base, reference)
    except ValueError:
        return reference
