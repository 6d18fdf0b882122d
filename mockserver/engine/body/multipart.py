"""Decodes a multipart body to an object or an array of its parts: each part by its media type and its `encoding`."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, NamedTuple

import multipart

from mockserver.engine.body import xml
from mockserver.engine.body.charset import bare_type, parameter, text_of
from mockserver.engine.body.media_families import JSON, XML
from mockserver.engine.body.part_count import refuse_many_parts
from mockserver.json_pointer import escaped
from mockserver.json_text import Json, Malformed, NotReadHere, read_json
from mockserver.openapi.model.body_model import PLAIN, Encoding, Media
from mockserver.openapi.model.style import ABSENT, ParameterStyle, deserializers
from mockserver.openapi.schema.schema_view import SchemaView
from mockserver.problem import Violation

MOST_PARTS = 1000
Read = Callable[[bytes, str], tuple[Json, list[Violation]]]


class Part(NamedTuple):
    """One part: the name it has, if any; whether it is a file; its media type, empty where it does not say; its headers
    in small letters; its bytes.
    """

    name: str
    is_file: bool
    media_type: str
    headers: dict[str, str]
    content: bytes


def multipart_reader(media: Media) -> Read:
    """Reads parts that are the members, or the items, of the media type's schema."""

    def read(content: bytes, media_type: str) -> tuple[Json, list[Violation]]:
        boundary = parameter(media_type, "boundary")
        if not boundary:
            raise Malformed("its Content-Type names no boundary")
        parts = parts_of(content, boundary)
        if media.view.is_array and not media.view.is_object:
            return _items(parts, media)
        if bare_type(media_type) == "multipart/form-data":
            return _named(parts, media)
        return _members(parts, media)

    return read


class _Parser(multipart.PushMultipartParser):  # type: ignore[misc]
    """Takes parts of any disposition, also of none: `multipart/mixed` has such."""

    def _create_segment(self, headerlist: list[tuple[str, str]]) -> Any:
        return multipart.MultipartSegment(headerlist)


def parts_of(content: bytes, boundary: str) -> list[Part]:
    """The parts of a body, in their order. Raises Malformed."""
    parts: list[Part] = []
    chunks: list[bytes] = []
    try:
        with _Parser(boundary, max_segment_count=MOST_PARTS) as parser:
            for event in parser.parse(content):
                if event is None:
                    parts[-1] = parts[-1]._replace(content=b"".join(chunks))
                elif isinstance(event, multipart.MultipartSegment):
                    parts.append(_part(event))
                    chunks = []
                else:
                    chunks.append(bytes(event))
    except multipart.ParserLimitReached as error:
        more = f"it has more than {MOST_PARTS:,} parts, the most that are read"
        raise NotReadHere(more if len(parts) >= MOST_PARTS else _told(str(error))) from None
    except (multipart.MultipartError, UnicodeError) as error:
        raise Malformed(_told(str(error.args[0] if error.args else error))) from None
    return parts


def _told(message: str) -> str:
    return message[:1].lower() + message[1:]


def _part(segment: Any) -> Part:
    headers = {name.lower(): value for name, value in segment.headerlist}
    return Part(segment.name or "", segment.filename is not None, headers.get("content-type", ""), headers, b"")


def _items(parts: list[Part], media: Media) -> tuple[Json, list[Violation]]:
    wrong: list[Violation] = []
    return [_value(part, media.view.item, PLAIN, f"/{n}", wrong) for n, part in enumerate(parts)], wrong


def _named(parts: list[Part], media: Media) -> tuple[Json, list[Violation]]:
    """The object of the parts by name. A form's part without a name stands for no member, and is told (RFC 7578,
    section 4.2).
    """
    value, wrong = _members([part for part in parts if part.name], media)
    nameless = [number for number, part in enumerate(parts) if not part.name]
    wrong += (Violation("body", f"/{number}", "name", "the part has no name") for number in nameless)
    if nameless and media.validator is not None:
        wrong += media.validator.violations(value, "body")
    return value, wrong


def _members(parts: list[Part], media: Media) -> tuple[Json, list[Violation]]:
    """The object of the parts by name; those without one take the names of the schema in their order."""
    wrong: list[Violation] = []
    by_name: dict[str, list[Part]] = {}
    unnamed = iter(name for name in media.view.properties if all(part.name != name for part in parts))
    for part in parts:
        by_name.setdefault(part.name or next(unnamed, ""), []).append(part)
    value = {name: _member(name, held, media, wrong) for name, held in by_name.items()}
    return value, wrong


def _member(name: str, parts: list[Part], media: Media, wrong: list[Violation]) -> Json:
    kind, encoding = media.view.member(name), media.encoding.get(name, PLAIN)
    at = f"/{escaped(name)}"
    for part in parts:
        _check(part, encoding, at, wrong)
    if encoding.styled:
        return _styled(name, parts, kind, encoding)
    if not kind.is_array or (kind.is_scalar and len(parts) == 1):
        return _value(parts[-1], kind, encoding, at, wrong)
    if len(parts) == 1 and "json" in bare_type(parts[0].media_type):
        whole = _value(parts[0], kind, encoding, at, wrong)
        return whole if isinstance(whole, list) else [whole]
    return [_value(part, kind.item, encoding, f"{at}/{n}", wrong) for n, part in enumerate(parts)]


def _styled(name: str, parts: list[Part], kind: SchemaView, encoding: Encoding) -> Json:
    texts = {name: [part.content.decode("utf-8", "replace") for part in parts]}
    written = ParameterStyle(name, "part", encoding.style, encoding.explode, separator=encoding.separator)
    ways = deserializers(written, kind)
    return next((value for take in ways if (value := take(texts)) is not ABSENT), texts[name][-1])


def _check(part: Part, encoding: Encoding, at: str, wrong: list[Violation]) -> None:
    """Notes a part that is in another media type than is declared, or lacks a header."""
    seen = bare_type(part.media_type)
    if seen and encoding.media_types and not any(_covers(taken, seen) for taken in encoding.media_types):
        expected = ", ".join(encoding.media_types)
        wrong.append(Violation("body", at, "contentType", f"the part is {seen}; expected {expected}", seen))
    for name, header in encoding.headers.items():
        text = part.headers.get(name.lower())
        if text is None and header.required:
            wrong.append(Violation("body", at, "required", f"the part's header {name} is required"))
        elif text is not None and name.lower() != "content-type" and not header.accepts(text):
            wrong.append(Violation("body", at, "header", f"the part's header {name} may not be {text!r}", text))


def _covers(taken: str, seen: str) -> bool:
    bare = bare_type(taken)
    return bare in ("*/*", seen) or (bare.endswith("/*") and seen.startswith(bare[:-1]))


def _value(part: Part, kind: SchemaView, encoding: Encoding, at: str, wrong: list[Violation]) -> Json:
    declared = encoding.media_types[0] if encoding.media_types else ""
    media_type = part.media_type or declared
    bare = bare_type(media_type)
    try:
        if bare == "application/json" or bare.endswith("+json"):
            if _is_file(part, kind):
                return part.content.decode("latin-1")
            refuse_many_parts(part.content, JSON)
            return read_json(part.content)
        if bare in ("application/xml", "text/xml") or bare.endswith("+xml"):
            if _is_file(part, kind):
                return part.content.decode("latin-1")
            refuse_many_parts(part.content, XML)
            return xml.read(part.content, kind)
        if _is_file(part, kind) or (bare and not bare.startswith("text/")):
            return part.content.decode("latin-1")
        return kind.decode(text_of(part.content, media_type))
    except Malformed as error:
        wrong.append(Violation("body", at, "content", f"the part is no {bare or 'text'}: {error}"))
        return None


def _is_file(part: Part, kind: SchemaView) -> bool:
    """Whether the part is taken as its bytes, whatever is in it: its schema is one of text."""
    return (part.is_file or kind.keyword("format") == "binary") and "string" in kind.types
