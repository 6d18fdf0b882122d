"""Writes the bodies of answers in their media types."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from functools import lru_cache
from typing import Final
from urllib.parse import urlencode

from mockserver.engine.body.charset import bare_type, bytes_of
from mockserver.engine.body.media_families import EVENTS, FORM, JSON, LINES, XML, YAML, family
from mockserver.json_text import Json, encode
from mockserver.openapi.model.body_model import Media

JSON_TYPE: Final = "application/json"
_SENDABLE: Final = re.compile(r"[!-~](?:[ -~]*[!-~])?")
_MEMBERS: Final = {
    "*/*": JSON_TYPE,
    "application/*": JSON_TYPE,
    "text/*": "text/plain",
    "image/*": "image/png",
    "audio/*": "audio/mpeg",
    "video/*": "video/mp4",
}


def is_sendable(name: str) -> bool:
    """Whether the name of a media type can stand in a header."""
    return _SENDABLE.fullmatch(name.strip()) is not None


def sent_as(media: Media) -> str:
    """The media type to send: a range of them is sent as its likeliest member, and what can stand in no header as
    JSON.
    """
    return _sent_as(media.name)


@lru_cache(maxsize=1_000)
def _sent_as(name: str) -> str:
    name = name.strip()
    bare = bare_type(name)
    if "*" in bare:
        name = _MEMBERS.get(bare, name)
    return name if is_sendable(name) else JSON_TYPE


@lru_cache(maxsize=1_000)
def is_json(name: str) -> bool:
    """Whether what is sent under this name of a media type, or range of them, is JSON."""
    bare = bare_type(name)
    return family(bare) == JSON or _MEMBERS.get(bare) == JSON_TYPE


def written(media: Media, value: Json) -> Json:
    """The body as the row takes it: a JSON value for JSON, else bytes. A text stands for itself already, unless it is
    none of the markup or the events that are wanted.
    """
    name = sent_as(media)
    if is_json(name) or isinstance(value, bytes):
        return value
    way = family(bare_type(name))
    if isinstance(value, str) and way != EVENTS and not (way == XML and not value.lstrip().startswith("<")):
        return bytes_of(value, name)
    return _WRITERS.get(way, _json)(media, value)


def _json(_media: Media, value: Json) -> bytes:
    return encode(value) if value is not None else b"null"


def _xml(media: Media, value: Json) -> bytes:
    # What only few documents need is imported for them.
    from mockserver.engine.body import xml

    return xml.write(value, media.view)


def _yaml(_media: Media, value: Json) -> bytes:
    from mockserver.engine.body import yaml_text

    return yaml_text.write(value)


def _events(_media: Media, value: Json) -> bytes:
    from mockserver.engine.body import event_stream

    return event_stream.write(value)


def _form(media: Media, value: Json) -> bytes:
    if not isinstance(value, dict):
        return _json(media, value)
    return urlencode({key: _field(member) for key, member in value.items()}, doseq=True).encode()


def _field(value: Json) -> Json:
    """One member of a form: the texts of an array one by one, a structure as JSON."""
    if isinstance(value, list):
        return [_field(item) for item in value]
    return value if isinstance(value, str) else encode(value)


def _lines(media: Media, value: Json) -> bytes:
    """A line for each item; in a JSON text sequence (RFC 7464) with a mark in front."""
    mark = b"\x1e" if bare_type(media.name) == "application/json-seq" else b""
    items = value if isinstance(value, list) else [value]
    return b"".join(mark + _json(media, item) + b"\n" for item in items)


_WRITERS: Final[Mapping[str, Callable[[Media, Json], bytes]]] = {
    XML: _xml,
    YAML: _yaml,
    EVENTS: _events,
    FORM: _form,
    LINES: _lines,
}
