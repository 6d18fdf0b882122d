"""Deserializes parameters and form fields in every `style` and `explode` of OpenAPI."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any, Final
from urllib.parse import unquote, unquote_plus

from mockserver.json_text import Json, Malformed
from mockserver.openapi.model.deep_object import deep_object
from mockserver.openapi.model.text_pairs import TextsByName, pairs_of
from mockserver.openapi.schema.schema_view import ANY, Decode, SchemaView

ABSENT: Final = object()
"""The result of a deserializer if the value was not given."""

Deserializer = Callable[[Any], Json]
"""Reads the value of one name, or ABSENT, from the given texts: a text by name for paths and headers, else TextsByName.
Raises Malformed for a text that is not in the style.
"""


@dataclass(frozen=True, slots=True)
class ParameterStyle:
    """The serialization of one value. `place` is that of a parameter; a form field counts as `query`. `others` are
    names beside it that belong to other parameters; a `whole` value owns all names, also those that its schema forbids.
    `separator` separates items where the style does not.
    """

    name: str
    place: str
    style: str
    explode: bool
    reserved: bool = False
    others: frozenset[str] = frozenset()
    whole: bool = False
    separator: str = ""

    @property
    def unescape(self) -> Decode:
        """Decodes the percent-encoding of the place."""
        if self.place == "query":
            return unquote if self.reserved else unquote_plus
        return unquote if self.place == "cookie" and self.style == "form" else str


Read = Callable[[str], Json]
DecoderOf = Callable[[SchemaView], Decode]
Split = Callable[[str], list[str]]


def deserializers(parameter: ParameterStyle, view: SchemaView) -> tuple[Deserializer, ...]:
    """The deserializers for a schema, likeliest first; more than one if its types leave the reading open."""
    return tuple(_deserializers(parameter, view))


def _deserializers(parameter: ParameterStyle, view: SchemaView) -> Iterator[Deserializer]:
    for decoder in (_typed, _textual) if _is_open(view) else (_typed,):
        if parameter.style == "deepObject":
            yield _deep(parameter, view, decoder)
            yield from _without_brackets(parameter, view, decoder)
        elif parameter.place in ("path", "header"):
            yield from (_from_text(parameter.name, read) for read in _reads(parameter, view, decoder))
        else:
            yield from _form(parameter, view, decoder)


def _typed(view: SchemaView) -> Decode:
    return view.decode


def _textual(view: SchemaView) -> Decode:
    return str if "string" in view.types else view.decode


def _is_open(view: SchemaView) -> bool:
    """Whether a text may be either a string or a value of another type."""
    views = [view, *view.properties.values()] + ([view.item] if view.is_array else [])
    return any("string" in each.types and len(each.types) > 1 and each.types != ANY for each in views)


# In a path or a header: one text


def _from_text(name: str, read: Read) -> Deserializer:
    def deserialize(given: Any) -> Json:
        text = given.get(name)
        return ABSENT if text is None else read(text)

    return deserialize


def _reads(parameter: ParameterStyle, view: SchemaView, decoder: DecoderOf) -> Iterator[Read]:
    style = {"label": _label, "matrix": _matrix}.get(parameter.style, _simple)
    yield from style(parameter, view, decoder)


def _simple(parameter: ParameterStyle, view: SchemaView, decoder: DecoderOf) -> Iterator[Read]:
    split = _split_at(parameter.separator) if parameter.separator else _commas
    yield from _shapes(view, decoder, split, parameter.explode, str)


def _label(parameter: ParameterStyle, view: SchemaView, decoder: DecoderOf) -> Iterator[Read]:
    """`.a`; items are separated by a comma, or by a dot if exploded and in older documents always."""
    splits = [_dots] if parameter.explode else [_commas, _dots]
    for split in splits:
        for read in _shapes(view, decoder, split, parameter.explode, str):
            yield _after_prefix(".", read)


def _matrix(parameter: ParameterStyle, view: SchemaView, decoder: DecoderOf) -> Iterator[Read]:
    """`;name=a`; exploded, each item or member follows a semicolon."""
    name = parameter.name
    if not parameter.explode:
        for read in _shapes(view, decoder, _commas, False, str):
            yield _after_prefix(f";{name}=", read, empty=f";{name}")
        return
    if view.is_object:
        yield _after_prefix(";", _pairs(view, decoder, _semicolons, str))
    if view.is_array:
        yield _after_prefix(
            f";{name}=", _items(view, decoder, lambda text: text.split(f";{name}="), str), empty=f";{name}"
        )
    if view.is_scalar or not (view.is_object or view.is_array):
        yield _after_prefix(f";{name}=", decoder(view), empty=f";{name}")


def _after_prefix(prefix: str, read: Read, empty: str | None = None) -> Read:
    def read_rest(text: str) -> Json:
        if not text.startswith(prefix):
            if text == empty:
                return read("")
            raise Malformed(f"does not begin with {prefix!r}, as its style has it")
        return read(text[len(prefix) :])

    return read_rest


def _shapes(view: SchemaView, decoder: DecoderOf, split: Split, explode: bool, unescape: Decode) -> Iterator[Read]:
    """Readers of one text as an object, an array or a single value, as far as the schema allows them."""
    if view.is_object:
        yield (_pairs if explode else _flat)(view, decoder, split, unescape)
    if view.is_array:
        yield _items(view, decoder, split, unescape)
    if view.is_scalar or not (view.is_object or view.is_array):
        yield _single(view, decoder, unescape)


def _single(view: SchemaView, decoder: DecoderOf, unescape: Decode) -> Read:
    decode = decoder(view)
    if unescape is str:
        return decode
    if decode is str:
        return unescape
    # Most texts of numbers and the like are not encoded at all.
    return lambda text: decode(unescape(text) if "%" in text or "+" in text else text)


def _items(view: SchemaView, decoder: DecoderOf, split: Split, unescape: Decode) -> Read:
    """`a,b`; an empty text has no items."""
    decode = decoder(view.item)
    return lambda text: [decode(unescape(part)) for part in split(text)] if text else []


def _flat(view: SchemaView, decoder: DecoderOf, split: Split, unescape: Decode) -> Read:
    """`R,100,G,200`; an odd number of parts is no object."""

    def read(text: str) -> Json:
        parts = [unescape(part) for part in split(text)] if text else []
        if len(parts) % 2:
            return unescape(text)
        return {name: decoder(view.member(name))(part) for name, part in zip(parts[::2], parts[1::2], strict=True)}

    return read


def _pairs(view: SchemaView, decoder: DecoderOf, split: Split, unescape: Decode) -> Read:
    """`R=100,G=200`; a part without `=` is no member, so the text is no object."""

    def read(text: str) -> Json:
        pairs = [part.partition("=") for part in split(text)] if text else []
        if not all(equals for _, equals, _ in pairs):
            return unescape(text)
        return {(key := unescape(name)): decoder(view.member(key))(unescape(part)) for name, _, part in pairs}

    return read


def _commas(text: str) -> list[str]:
    return [part.strip() for part in text.split(",")]


def _split_at(separator: str) -> Split:
    return lambda text: [part.strip(" ") for part in text.split(separator)]


def _dots(text: str) -> list[str]:
    return text.split(".")


def _semicolons(text: str) -> list[str]:
    return text.split(";")


# In a query, a form or a cookie: texts by name


def _form(parameter: ParameterStyle, view: SchemaView, decoder: DecoderOf) -> Iterator[Deserializer]:
    name, unescape, explode = parameter.name, parameter.unescape, parameter.explode
    split = _SEPARATED.get(parameter.separator) or _SPLITS.get(parameter.style, _split_commas)
    is_list = view.is_array
    is_scalar = view.is_scalar or not (view.is_object or is_list)
    if view.is_object:
        yield _members(parameter, view, decoder) if explode else _from_last(name, _flat(view, decoder, split, unescape))
    if is_list:
        if is_scalar:
            yield _from_last(name, _single(view, decoder, unescape), None if explode else split, several=True)
        items = _items(view, decoder, split, unescape)
        yield _repeated(parameter, view, decoder) if explode else _from_last(name, items)
    if is_scalar:
        yield _from_last(name, _single(view, decoder, unescape))


def _from_last(name: str, read: Read, split: Split | None = None, several: bool = False) -> Deserializer:
    """Reads the last text. If `several`, the value may be an array as well, and more than one text is ABSENT."""

    def deserialize(given: TextsByName) -> Json:
        return read(given[name][-1]) if name in given else ABSENT

    def deserialize_one(given: TextsByName) -> Json:
        texts = given.get(name)
        if texts is None or len(texts) > 1 or (split is not None and len(split(texts[0])) > 1):
            return ABSENT
        return read(texts[0])

    return deserialize_one if several else deserialize


def _repeated(parameter: ParameterStyle, view: SchemaView, decoder: DecoderOf) -> Deserializer:
    """`color=blue&color=black`."""
    name, read = parameter.name, _single(view.item, decoder, parameter.unescape)

    def deserialize(given: TextsByName) -> Json:
        texts = _joined(parameter, given).get(name)
        return ABSENT if texts is None else [read(text) for text in texts]

    return deserialize


def _members(parameter: ParameterStyle, view: SchemaView, decoder: DecoderOf) -> Deserializer:
    """`R=100&G=200`: each member has a name of its own; names of other parameters are not members."""
    own = {name: (member.is_array, _single(member.item if member.is_array else member, decoder, parameter.unescape))
           for name, member in view.properties.items()}  # fmt: skip
    rest = _single(view.rest, decoder, parameter.unescape) if view.rest is not None else parameter.unescape
    is_free, others = view.is_free or parameter.whole, parameter.others

    def deserialize(given: TextsByName) -> Json:
        found: dict[str, Json] = {}
        for name, texts in _joined(parameter, given).items():
            if name in own:
                several, read = own[name]
                found[name] = [read(text) for text in texts] if several else read(texts[-1])
            elif is_free and name not in others and not name.startswith("__"):
                found[name] = rest(texts[-1])
        return found or ABSENT

    return deserialize


def _joined(parameter: ParameterStyle, given: TextsByName) -> TextsByName:
    """The cookies as pairs of a query, where they are serialized like one: `a=1&b=2` in one cookie."""
    if parameter.place != "cookie" or parameter.style != "form":
        return given
    return pairs_of("&".join(f"{name}={text}" for name, texts in given.items() for text in texts))


def _deep(parameter: ParameterStyle, view: SchemaView, decoder: DecoderOf) -> Deserializer:
    """`color[R]=100&color[G]=200`."""
    name, unescape = parameter.name, parameter.unescape

    def deserialize(given: TextsByName) -> Json:
        found = deep_object(name, view, given, lambda view, text: decoder(view)(unescape(text)))
        return ABSENT if found is None else found

    return deserialize


def _without_brackets(parameter: ParameterStyle, view: SchemaView, decoder: DecoderOf) -> Iterator[Deserializer]:
    """`price=100` beside `price[gte]=100`: a value that is no object has no brackets."""
    if view.is_array:
        yield _repeated(parameter, view, decoder)
    if view.is_scalar:
        yield _from_last(parameter.name, _single(view, decoder, parameter.unescape))


def _separated(literal: str, encoded: str) -> Split:
    """Splits at the literal character, or, if there is none, at its encoded form, which many clients send."""
    pattern = re.compile(encoded)

    def split(text: str) -> list[str]:
        return text.split(literal) if literal in text else pattern.split(text)

    return split


_split_commas = _separated(",", "%2[Cc]")
_SEPARATED = {
    " ": _separated(" ", r"%20|\+"),
    "|": _separated("|", "%7[Cc]"),
    "\t": _separated("\t", "%09"),
}
_SPLITS = {"spaceDelimited": _SEPARATED[" "], "pipeDelimited": _SEPARATED["|"]}
