"""Headers that a document declares, of a response or of a part of a body."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from functools import partial
from typing import Any

from mockserver.json_pointer import escaped
from mockserver.json_text import Json, Malformed, read_json
from mockserver.openapi.model.style import ParameterStyle, deserializers
from mockserver.openapi.schema.patterns import pattern_matcher
from mockserver.openapi.schema.schema_view import CompileContext
from mockserver.openapi.schema.validator import Schemas
from mockserver.openapi.schema.verdict import VERDICT


@dataclass(frozen=True, slots=True)
class Header:
    """A declared header; `accepts` says whether a text is a valid value, `pointer` is the place of its schema."""

    name: str
    required: bool
    accepts: Callable[[str], Any]
    node: Json = field(repr=False)
    pointer: str


def headers_of(document: CompileContext, schemas: Schemas, owner: Json, at: str) -> Mapping[str, Header]:
    """The headers of a response or encoding by name, validated by these schemas."""
    headers = {}
    for name, header in owner.get("headers", {}).items():
        header, header_at = document.resolve(header, f"{at}/headers/{escaped(name)}")
        headers[name] = header_of(document, schemas, name, header, header_at)
    return headers


def header_of(document: CompileContext, schemas: Schemas, name: str, node: Json, at: str) -> Header:
    """The header declared at `at`; a header parameter is read in the same way."""
    if node.get("content"):
        media_type = next(iter(node["content"]))
        pointer = f"{at}/content/{escaped(media_type)}/schema"
        accepts = _content_check(schemas, media_type, pointer) if "schema" in node["content"][media_type] else _anything
        return Header(name, node.get("required", False), accepts, node, pointer)
    accepts = _text_check(document, schemas, node, at)
    return Header(name, node.get("required", False), accepts, node, f"{at}/schema")


def _text_check(document: CompileContext, schemas: Schemas, node: Json, at: str) -> Callable[[str], Any]:
    """A check of the header's text. The most frequent schemas, whole numbers from zero and any text,
    need no validator.
    """
    schema, _ = document.resolve(node.get("schema", {}), f"{at}/schema")
    if schema.get("type") == "integer" and schema.get("minimum") == 0 and schema.keys() - _NOTES == {"type"}:
        return _is_whole_number
    if schema.get("type") == "string" and schema.keys() - _NOTES == {"type"}:
        return _anything
    if schema.get("type") == "string" and schema.keys() - _NOTES == {"type", "pattern"}:
        with suppress(ValueError):
            matcher = pattern_matcher(schema["pattern"])
            return matcher.natively or partial(VERDICT.matches, matcher)
    validator = schemas.validator(f"{at}/schema")
    if schema.get("type") == "string":

        def accepts(text: str) -> bool:
            """Asks anew each time: the validator is another once it was compiled."""
            return validator.accepts(text)

        return accepts
    readers = deserializers(ParameterStyle("", "header", "simple", node.get("explode", False)), document.view(node, at))
    return lambda text: any(validator.accepts(take({"": text})) for take in readers)


def _content_check(schemas: Schemas, media_type: str, pointer: str) -> Callable[[str], Any]:
    validator, is_json = schemas.validator(pointer), "json" in media_type.lower()

    def accepts(text: str) -> bool:
        try:
            return validator.accepts(read_json(text.encode()) if is_json else text)
        except Malformed:
            return False

    return accepts


def _anything(_text: str) -> bool:
    return True


_NOTES = {"description", "title", "example", "examples", "default", "minimum"}
_is_whole_number: Callable[[str], Any] = re.compile("[0-9]+").fullmatch
