"""Readers of bodies: one for each family of media types."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import NamedTuple

from mockserver.engine.body.charset import bare_type, binary_text, parameter, text_of
from mockserver.engine.body.form import form_reader
from mockserver.engine.body.media_families import (
    BINARY,
    EVENTS,
    FORM,
    JSON,
    LINES,
    MULTIPART,
    TEXT,
    XML,
    YAML,
)
from mockserver.json_text import Json, Malformed, read_json
from mockserver.openapi.model.body_model import Media
from mockserver.problem import Violation

Read = Callable[[bytes, str], tuple[Json, list[Violation]]]
"""(the bytes, the Content-Type) -> the value, and what is wrong with it beside its schema. Raises Malformed."""


class Reader(NamedTuple):
    """Reads one family of media types. `noun` is what such a body is; `takes_empty` says that no bytes may be one,
    `by_item` that the schema is that of each item.
    """

    noun: str
    read: Read
    takes_empty: bool = False
    by_item: bool = False


def reader_of(media: Media, name: str) -> Reader:
    """The reader of this family for what is declared of the media type."""
    return _READERS[name](media)


def _json(_media: Media) -> Reader:
    return Reader("JSON", lambda content, _: (read_json(content), []))


def _lines(media: Media) -> Reader:
    """One JSON value a line; in a JSON text sequence (RFC 7464) each has a mark in front. A schema of something else
    than an array is meant for each line: before 3.2 there was no other way to say it.
    """

    def read(content: bytes, _media_type: str) -> tuple[Json, list[Violation]]:
        lines = content.replace(b"\x1e", b"\n").split(b"\n")
        return [_line(number, line) for number, line in enumerate(lines, 1) if line.strip()], []

    by_item = media.each is None and not media.view.is_array
    return Reader("sequence of JSON values", read, takes_empty=True, by_item=by_item)


def _line(number: int, line: bytes) -> Json:
    try:
        return read_json(line)
    except Malformed as error:
        raise Malformed(f"in line {number} {error}") from None


def _form(media: Media) -> Reader:
    return _text(media) if _is_for_text(media) else Reader("form", form_reader(media), takes_empty=True)


def _multipart(media: Media) -> Reader:
    if _is_for_text(media):
        return _binary(media)
    # What only few documents need is imported for them: it would take longer than the rest.
    from mockserver.engine.body.multipart import multipart_reader

    return Reader("multipart body", multipart_reader(media))


def _xml(media: Media) -> Reader:
    from mockserver.engine.body import xml

    def read(content: bytes, media_type: str) -> tuple[Json, list[Violation]]:
        return xml.read(content, media.view, parameter(media_type, "charset")), []

    return Reader("XML", read)


def _yaml(media: Media) -> Reader:
    if _is_for_text(media):
        return _text(media)
    from mockserver.engine.body import yaml_text

    return Reader("YAML", lambda content, media_type: (yaml_text.read(content, media_type), []))


def _is_for_text(media: Media) -> bool:
    """Whether the schema is one of nothing but text: it is meant for the body as it is written, not for its members."""
    types = media.view.types
    return bool(types) and not types - {"string", "null"}


def _text(media: Media) -> Reader:
    decode = str if media.validator is None else media.view.decode
    return Reader("text", lambda content, media_type: (decode(text_of(content, media_type)), []), takes_empty=True)


def _binary(media: Media) -> Reader:
    """Bytes that nobody looks into; a schema that has no place for them may yet be one of JSON."""
    decode = str if media.validator is None or media.view.is_any else media.view.decode
    return Reader("body", lambda content, _: (decode(binary_text(content, media.view)), []), takes_empty=True)


_READERS: Mapping[str, Callable[[Media], Reader]] = {
    JSON: _json,
    LINES: _lines,
    FORM: _form,
    MULTIPART: _multipart,
    XML: _xml,
    YAML: _yaml,
    EVENTS: _text,
    TEXT: _text,
    BINARY: _binary,
}

__all__ = ["Reader", "bare_type", "reader_of"]
