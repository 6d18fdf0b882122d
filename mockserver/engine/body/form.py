"""Decodes a form (`application/x-www-form-urlencoded`) to an object: each member by its `encoding`."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from urllib.parse import unquote_plus

from mockserver.json_text import Json, Malformed, NotReadHere, read_json
from mockserver.openapi.model.body_model import PLAIN, Encoding, Media
from mockserver.openapi.model.deep_object import deep_object
from mockserver.openapi.model.style import ABSENT, Deserializer, ParameterStyle, deserializers
from mockserver.openapi.model.text_pairs import TextsByName, pairs_of, undecodable
from mockserver.openapi.schema.schema_view import SchemaView
from mockserver.problem import Violation

Read = Callable[[bytes, str], tuple[Json, list[Violation]]]
_BASE = re.compile(r"[^\[.]*")
MOST_FIELDS = 10_000


def form_reader(media: Media) -> Read:
    """Reads a form whose fields are the members of the media type's schema."""
    fields = {name: _field(name, kind, media) for name, kind in media.view.properties.items()}
    ways = max((len(field) for field in fields.values()), default=1)
    absorbed = _absorbed(media)

    def read(content: bytes, _media_type: str) -> tuple[Json, list[Violation]]:
        if content.count(b"&") >= MOST_FIELDS:
            raise NotReadHere(f"it has more than {MOST_FIELDS:,} fields, the most that are read")
        given = pairs_of(_text(content))
        value: Json = {}
        for way in range(ways):
            found = _members(fields, given, way)
            found |= _others(given, media.view, {*fields, *absorbed}, found)
            if media.validator is None or media.validator.accepts(found):
                return found, []
            value = value or found
        return value, []

    return read


def _text(content: bytes) -> str:
    try:
        text = content.decode()
    except UnicodeDecodeError:
        raise Malformed("its bytes are not in the charset utf-8") from None
    if "%" in text and (broken := undecodable(text)):
        raise Malformed(f"what {broken!r} stands for is not in the charset utf-8")
    return text


def _members(fields: dict[str, tuple[Deserializer, ...]], given: TextsByName, way: int) -> dict[str, Json]:
    """The members that the schema names; of one that can be read in several ways it is read in this one."""
    found: dict[str, Json] = {}
    for name, ways in fields.items():
        chosen = ways[min(way, len(ways) - 1)]
        value = chosen(given)
        if value is ABSENT and len(ways) > 1:
            value = next((other for take in ways if (other := take(given)) is not ABSENT), ABSENT)
        if value is not ABSENT:
            found[name] = value
    return found


def _absorbed(media: Media) -> set[str]:
    """The names that are members of members: of objects that stand exploded among the others."""
    return {
        inner
        for name, kind in media.view.properties.items()
        if (encoding := media.encoding.get(name, PLAIN)).styled and encoding.explode and encoding.style == "form"
        for inner in kind.properties
    }


def _others(given: TextsByName, kind: SchemaView, names: set[str], found: dict[str, Json]) -> dict[str, Json]:
    """The members that the schema does not name."""
    decode = kind.rest.decode if kind.rest is not None else str
    return {
        name: decode(unquote_plus(texts[-1]))
        for name, texts in given.items()
        if name not in names and not _belongs(name, found)
    }


def _belongs(name: str, found: dict[str, Json]) -> bool:
    """Whether `filter[a]` and `filter.a` are part of a member `filter` that was read."""
    base = _BASE.match(name)
    return base is not None and base[0] != name and isinstance(found.get(base[0]), (dict, list))


def _field(name: str, kind: SchemaView, media: Media) -> tuple[Deserializer, ...]:
    encoding = media.encoding.get(name, PLAIN)
    if encoding.styled:
        others = frozenset(media.view.properties) - {name}
        written = ParameterStyle(
            name,
            "query",
            encoding.style,
            encoding.explode,
            encoding.reserved,
            others,
            separator=encoding.separator,
        )
        return deserializers(written, kind)
    if any("json" in media_type for media_type in encoding.media_types):
        return (_as_json(name),)
    return tuple(_unstyled(name, kind, encoding))


def _unstyled(name: str, kind: SchemaView, encoding: Encoding) -> Iterator[Deserializer]:
    """As OpenAPI has it where nothing is said: items one by one, structures as JSON; and named by brackets or dots, as
    most clients send them.
    """
    if kind.is_object or (kind.is_array and kind.item.is_object):
        yield _deep(name, kind)
    if kind.is_array and not kind.item.is_object:
        yield _bracketed(name, kind)
    if kind.is_scalar or kind.is_array or not kind.is_object:
        yield from deserializers(ParameterStyle(name, "query", "form", explode=True, reserved=encoding.reserved), kind)


def _bracketed(name: str, kind: SchemaView) -> Deserializer:
    """The items of an array that are named `tags[]`, `tags[0]`, `tags[1]`, in their order."""
    numbered = re.compile(re.escape(name) + r"\[([0-9]{0,6})\]")

    def take(given: TextsByName) -> Json:
        if name in given:
            return ABSENT
        found = [(int(match[1] or 0), texts) for key, texts in given.items() if (match := numbered.fullmatch(key))]
        items = [text for _, texts in sorted(found, key=lambda entry: entry[0]) for text in texts]
        return [kind.item.decode(unquote_plus(text)) for text in items] if items else ABSENT

    return take


def _deep(name: str, kind: SchemaView) -> Deserializer:
    def take(given: TextsByName) -> Json:
        texts = given.get(name)
        if texts is not None and kind.is_object:
            return kind.decode(unquote_plus(texts[-1]))
        found = deep_object(name, kind, given, lambda kind, text: kind.decode(unquote_plus(text)), dots=True)
        return ABSENT if found is None else found

    return take


def _as_json(name: str) -> Deserializer:
    def take(given: TextsByName) -> Json:
        texts = given.get(name)
        if texts is None:
            return ABSENT
        text = unquote_plus(texts[-1])
        try:
            return read_json(text.encode("utf-8", "replace"))
        except Malformed:
            return text

    return take
