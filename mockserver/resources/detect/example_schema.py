"""Derives a schema from an example, where a media type has examples and no schema."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from mockserver.json_pointer import escaped
from mockserver.json_text import Json

AT: Final = "x-schema-of-example"
"""Key of such a schema in its media type."""
_MOST: Final = 50
"""Items of a list that are read."""
_DEEPEST: Final = 12
_TYPES: Final = {bool: "boolean", int: "integer", float: "number", str: "string"}


def example_of(media: Mapping[str, Json]) -> Json:
    """Returns the first example of a media type; None where there is none, or it is neither an object nor a list."""
    listed = media.get("examples")
    named = next(iter(listed.values()), None) if isinstance(listed, dict) and listed else None
    member = named if isinstance(named, dict) else {}
    value = media.get("example", member.get("dataValue", member.get("value")))
    return value if isinstance(value, dict | list) else None


def schema_of(value: Json, depth: int = _DEEPEST) -> dict[str, Json]:
    """Returns a schema of values such as this one; it requires nothing."""
    if isinstance(value, dict) and depth:
        return {"type": "object", "properties": {name: schema_of(member, depth - 1) for name, member in value.items()}}
    if isinstance(value, list) and depth:
        return {"type": "array", "items": schema_of(_together(value), depth - 1)}
    return {"type": _TYPES[type(value)]} if type(value) in _TYPES else {}


def _together(items: list[Json]) -> Json:
    """Returns one item with the members of all."""
    if not items or not isinstance(items[0], dict):
        return items[0] if items else None
    found: dict[str, Json] = {}
    for item in items[:_MOST]:
        for name, value in item.items() if isinstance(item, dict) else ():
            if found.get(name) is None:
                found[name] = value
    return found


def values_below(value: Json, pointer: str, depth: int = _DEEPEST) -> dict[str, Json]:
    """Returns the example and all its parts, by the pointers of their schemas."""
    found = {pointer: value}
    if isinstance(value, dict) and depth:
        for name, member in value.items():
            found |= values_below(member, f"{pointer}/properties/{escaped(name)}", depth - 1)
    elif isinstance(value, list) and value and depth:
        found |= values_below(_together(value), f"{pointer}/items", depth - 1)
    return found
