"""Writes the values of an answer's headers: in OpenAPI's serialization, and standard headers as HTTP has them."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from typing import Final

from mockserver.engine.body.charset import bare_type
from mockserver.engine.body.media_families import JSON, family
from mockserver.json_text import Json
from mockserver.openapi.model.header import Header

USUAL: Final[Mapping[str, str]] = {
    "accept-ranges": "none",
    "age": "0",
    "cache-control": "no-cache",
    "content-disposition": "attachment",
    "content-language": "en",
    "expires": "Thu, 15 Jan 2026 09:30:00 GMT",
    "link": '<https://example.com/>; rel="help"',
    "retry-after": "1",
    "set-cookie": "name=value; Path=/",
    "strict-transport-security": "max-age=0",
    "sunset": "Thu, 31 Dec 2099 23:59:59 GMT",
    "vary": "Accept",
    "www-authenticate": "Bearer",
    "x-content-type-options": "nosniff",
    "x-frame-options": "DENY",
}
"""Plain values of headers whose grammar HTTP gives, by the names in small letters; most texts would be malformed."""

_NOTES: Final = frozenset({"type", "description", "title", "deprecated", "nullable", "maxLength"})
"""Keywords of a schema that says no more of a header than that it is a text."""


def examples_of_header(header: Header) -> Iterator[str]:
    """Yields the document's examples of the header that are valid, as texts."""
    node = header.node
    for holder in (node, *node.get("content", {}).values()):
        named = [example.get("value") for example in holder.get("examples", {}).values()]
        for example in [*([holder["example"]] if "example" in holder else []), *named]:
            if header.accepts(text := header_text(header, example)):
                yield text


def usual_text(header: Header) -> str | None:
    """The plain value of a header that HTTP knows and of which the document says no more than that it is a text; None
    for any other.
    """
    text = USUAL.get(header.name.lower())
    schema = header.node.get("schema", {})
    if text is None or "content" in header.node or not isinstance(schema, dict) or schema.keys() - _NOTES:
        return None
    return text if schema.get("type", "string") == "string" and header.accepts(text) else None


def header_text(header: Header, value: Json) -> str:
    """The value as the header has it: in its media type where it declares one, else in the style `simple`."""
    media_type = next(iter(header.node.get("content", ())), "")
    if media_type and family(bare_type(media_type)) == JSON:
        return json.dumps(value, separators=(",", ":"))
    return _simple(value, "=" if header.node.get("explode") is True else ",")


def _simple(value: Json, between: str = ",") -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, list):
        return ",".join(map(_simple, value))
    if isinstance(value, dict):
        return ",".join(f"{name}{between}{_simple(member)}" for name, member in value.items())
    text = "" if value is None else str(value)
    return "".join(character for character in text if " " <= character <= "~")
