"""Schemas with an address of their own (`$id`), and which of them a place stands in: references are relative to it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple
from urllib.parse import urldefrag, urljoin

from mockserver.json_text import Json
from mockserver.openapi.source.reference import AUTHORS_NAMES, is_value

Way = tuple[str, ...]


class SchemaResource(NamedTuple):
    """A schema with an `$id`, or the whole file: its absolute address, and the way to it."""

    address: str
    way: Way = ()


class SchemaResources:
    """The resources of one file, which has `address` itself unless it says otherwise."""

    def __init__(self, value: Json, address: str) -> None:
        own = identity(value) if isinstance(value, dict) else ""
        self.whole = SchemaResource(_joined(address, own) if own else address)
        self._by_way: dict[Way, SchemaResource] = {}
        self._find(value)
        every = [*([self.whole] if own else []), *self._by_way.values()]
        self.by_address: Mapping[str, SchemaResource] = {resource.address: resource for resource in reversed(every)}

    def around(self, way: Way) -> SchemaResource:
        """The innermost resource that the place stands in, which may be the place itself."""
        for length in range(len(way), 0, -1) if self._by_way else ():
            if (found := self._by_way.get(way[:length])) is not None:
                return found
        return self.whole

    def _find(self, value: Json) -> None:
        """Goes outside in; what only looks like a schema, in an example, is none."""
        waiting: list[tuple[Json, Way, str, bool]] = [(value, (), self.whole.address, False)]
        while waiting:
            node, way, base, is_map = waiting.pop()
            if isinstance(node, list):
                waiting += [(child, (*way, str(number)), base, False) for number, child in enumerate(node)]
            elif isinstance(node, dict):
                if way and not is_map and (address := identity(node)):
                    base = urldefrag(_joined(base, address)).url
                    self._by_way[way] = SchemaResource(base, way)
                for name, child in node.items():
                    if isinstance(child, dict | list) and (is_map or not is_value(name, child)):
                        waiting.append((child, (*way, name), base, not is_map and name in AUTHORS_NAMES))


def identity(schema: Mapping[str, Json]) -> str:
    """The `$id` of a schema, if it is an address; `#name`, as older drafts had it, only names a place."""
    address = schema.get("$id")
    return address if type(address) is str and not address.startswith("#") else ""


def address_of(resource: SchemaResource, reference: str) -> str:
    """The absolute address, without a fragment, that a reference in the resource leads to."""
    return urldefrag(_joined(resource.address, reference)).url


def _joined(base: str, reference: str) -> str:
    try:
        return urljoin(base, reference)
    except ValueError:
        return reference
