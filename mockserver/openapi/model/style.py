"""How values are written as text in a path, a query, a header, a cookie or a form, and read back: every `style` and
`explode` of OpenAPI.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any, Final
from urllib.parse import unquote, unquote_plus

from mockserver.json_text import Json, Malformed
from mockserver.openapi.model.deep_object import deep_object
from mockserver.openapi.model.text_pairs import Texts, pairs_of
from mockserver.openapi.schema.schema_view import ANY, Decode, SchemaView

ABSENT: Final = object()
"""What a take gives where nothing was given."""

Deserializer = Callable[[Any], Json]
"""The value of one name in what was given, or ABSENT: in a path or header a text by name, else Texts. Raises Malformed
for what is not written in the style at all.
"""


@dataclass(frozen=True, slots=True)
class ParameterStyle:
    """How one value is written. `place` is that of a parameter; a form is written as a `query` is. `others` are names
    beside it that are not its own; a `whole` value has all names to itself, also those that its schema forbids. Items
    are apart by `separator`, where that is not for `style` to say.
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
    def plain(self) -> Decode:
        """Undoes what a text is encoded with."""
        if self.place == "query":
            return unquote if self.reserved else unquote_plus
        return unquote if self.place == "cookie" and self.style == "form" else str


Read = Callable[[str], Json]
Of = Callable[[SchemaView], Decode]
Split = Callable[[str], list[str]]


def takes(written: ParameterStyle, kind: SchemaView) -> tuple[Deserializer, ...]:
    """The ways to read a value of this kind, the likeliest first; more than one where its types leave that open."""
    return tuple(_takes(written, kind))


def _takes(written: ParameterStyle, kind: SchemaView) -> Iterator[Deserializer]:
    for of in (_typed, _textual) if _is_open(kind) else (_typed,):
        if written.style == "deepObject":
            yield _deep(written, kind, of)
            yield from _bare(written, kind, of)
        elif written.place in ("path", "header"):
            yield from (_from_one(written.name, read) for read in _reads(written, kind, of))
        else:
            yield from _form(written, kind, of)


def _typed(kind: SchemaView) -> Decode:
    return kind.decode


def _textual(kind: SchemaView) -> Decode:
    return str if "string" in kind.types else kind.decode


def _is_open(kind: SchemaView) -> bool:
    """Whether a text may be both itself and a value of another type."""
    kinds = [kind, *kind.properties.values()] + ([kind.item] if kind.is_array else [])
    return any("string" in each.types and len(each.types) > 1 and each.types != ANY for each in kinds)


# In a path or a header: one text


def _from_one(name: str, read: Read) -> Deserializer:
    def take(given: Any) -> Json:
        text = given.get(name)
        return ABSENT if text is None else read(text)

    return take


def _reads(written: ParameterStyle, kind: SchemaView, of: Of) -> Iterator[Read]:
    style = {"label": _label, "matrix": _matrix}.get(written.style, _simple)
    yield from style(written, kind, of)


def _simple(written: ParameterStyle, kind: SchemaView, of: Of) -> Iterator[Read]:
    split = _at(written.separator) if written.separator else _commas
    yield from _shapes(kind, of, split, written.explode, str)


def _label(written: ParameterStyle, kind: SchemaView, of: Of) -> Iterator[Read]:
    """`.a`; the items are apart by a comma, by a dot where they are exploded, and in older documents always."""
    splits = [_dots] if written.explode else [_commas, _dots]
    for split in splits:
        for read in _shapes(kind, of, split, written.explode, str):
            yield _behind(".", read)


def _matrix(written: ParameterStyle, kind: SchemaView, of: Of) -> Iterator[Read]:
    """`;name=a`; exploded, each item or member stands behind a semicolon."""
    name = written.name
    if not written.explode:
        for read in _shapes(kind, of, _commas, False, str):
            yield _behind(f";{name}=", read, empty=f";{name}")
        return
    if kind.is_object:
        yield _behind(";", _pairs(kind, of, _semicolons, str))
    if kind.is_array:
        yield _behind(f";{name}=", _items(kind, of, lambda text: text.split(f";{name}="), str), empty=f";{name}")
    if kind.is_scalar or not (kind.is_object or kind.is_array):
        yield _behind(f";{name}=", of(kind), empty=f";{name}")


def _behind(prefix: str, read: Read, empty: str | None = None) -> Read:
    def behind(text: str) -> Json:
        if not text.startswith(prefix):
            if text == empty:
                return read("")
            raise Malformed(f"does not begin with {prefix!r}, as its style has it")
        return read(text[len(prefix) :])

    return behind


def _shapes(kind: SchemaView, of: Of, split: Split, explode: bool, plain: Decode) -> Iterator[Read]:
    """Ways to read one text: as an object, an array, a single value, whichever the kind allows."""
    if kind.is_object:
        yield (_pairs if explode else _flat)(kind, of, split, plain)
    if kind.is_array:
        yield _items(kind, of, split, plain)
    if kind.is_scalar or not (kind.is_object or kind.is_array):
        yield _single(kind, of, plain)


def _single(kind: SchemaView, of: Of, plain: Decode) -> Read:
    decode = of(kind)
    if plain is str:
        return decode
    if decode is str:
        return plain
    # Most texts of numbers and the like are not encoded at all.
    return lambda text: decode(plain(text) if "%" in text or "+" in text else text)


def _items(kind: SchemaView, of: Of, split: Split, plain: Decode) -> Read:
    """`a,b`; no text is no item."""
    decode = of(kind.item)
    return lambda text: [decode(plain(part)) for part in split(text)] if text else []


def _flat(kind: SchemaView, of: Of, split: Split, plain: Decode) -> Read:
    """`R,100,G,200`; what does not come in pairs is no object."""

    def read(text: str) -> Json:
        parts = [plain(part) for part in split(text)] if text else []
        if len(parts) % 2:
            return plain(text)
        return {name: of(kind.member(name))(part) for name, part in zip(parts[::2], parts[1::2], strict=True)}

    return read


def _pairs(kind: SchemaView, of: Of, split: Split, plain: Decode) -> Read:
    """`R=100,G=200`; what has no `=` is no member of an object."""

    def read(text: str) -> Json:
        pairs = [part.partition("=") for part in split(text)] if text else []
        if not all(equals for _, equals, _ in pairs):
            return plain(text)
        return {(key := plain(name)): of(kind.member(key))(plain(part)) for name, _, part in pairs}

    return read


def _commas(text: str) -> list[str]:
    return [part.strip() for part in text.split(",")]


def _at(separator: str) -> Split:
    return lambda text: [part.strip(" ") for part in text.split(separator)]


def _dots(text: str) -> list[str]:
    return text.split(".")


def _semicolons(text: str) -> list[str]:
    return text.split(";")


# In a query, a form or a cookie: texts by name


def _form(written: ParameterStyle, kind: SchemaView, of: Of) -> Iterator[Deserializer]:
    name, plain = written.name, written.plain
    split = _SEPARATED.get(written.separator) or _SPLITS.get(written.style, _split_commas)
    several = kind.is_array
    single = _from_last(name, _single(kind, of, plain), split if several and not written.explode else None, several)
    scalar = kind.is_scalar or not (kind.is_object or kind.is_array)
    if kind.is_object:
        yield _members(written, kind, of) if written.explode else _from_last(name, _flat(kind, of, split, plain))
    if kind.is_array:
        if scalar:
            yield single
        yield _repeated(written, kind, of) if written.explode else _from_last(name, _items(kind, of, split, plain))
    if scalar:
        yield _from_last(name, _single(kind, of, plain))


def _from_last(name: str, read: Read, split: Split | None = None, several: bool = False) -> Deserializer:
    """The last text counts. Where there may be `several`, this is no value of more than one."""

    def take(given: Texts) -> Json:
        return read(given[name][-1]) if name in given else ABSENT

    def take_one(given: Texts) -> Json:
        texts = given.get(name)
        if texts is None or len(texts) > 1 or (split is not None and len(split(texts[0])) > 1):
            return ABSENT
        return read(texts[0])

    return take_one if several else take


def _repeated(written: ParameterStyle, kind: SchemaView, of: Of) -> Deserializer:
    """`color=blue&color=black`."""
    name, read = written.name, _single(kind.item, of, written.plain)

    def take(given: Texts) -> Json:
        texts = _joined(written, given).get(name)
        return ABSENT if texts is None else [read(text) for text in texts]

    return take


def _members(written: ParameterStyle, kind: SchemaView, of: Of) -> Deserializer:
    """`R=100&G=200`: its members stand for themselves, with what no other parameter is called like."""
    own = {name: (member.is_array, _single(member.item if member.is_array else member, of, written.plain))
           for name, member in kind.properties.items()}  # fmt: skip
    rest = _single(kind.rest, of, written.plain) if kind.rest is not None else written.plain
    is_free, others = kind.is_free or written.whole, written.others

    def take(given: Texts) -> Json:
        found: dict[str, Json] = {}
        for name, texts in _joined(written, given).items():
            if name in own:
                several, read = own[name]
                found[name] = [read(text) for text in texts] if several else read(texts[-1])
            elif is_free and name not in others and not name.startswith("__"):
                found[name] = rest(texts[-1])
        return found or ABSENT

    return take


def _joined(written: ParameterStyle, given: Texts) -> Texts:
    """The cookies as the pairs of a query where they are written as such: `a=1&b=2` in one cookie."""
    if written.place != "cookie" or written.style != "form":
        return given
    return pairs_of("&".join(f"{name}={text}" for name, texts in given.items() for text in texts))


def _deep(written: ParameterStyle, kind: SchemaView, of: Of) -> Deserializer:
    """`color[R]=100&color[G]=200`."""
    name, plain = written.name, written.plain

    def take(given: Texts) -> Json:
        found = deep_object(name, kind, given, lambda kind, text: of(kind)(plain(text)))
        return ABSENT if found is None else found

    return take


def _bare(written: ParameterStyle, kind: SchemaView, of: Of) -> Iterator[Deserializer]:
    """`price=100` beside `price[gte]=100`: what is no object stands without brackets."""
    if kind.is_array:
        yield _repeated(written, kind, of)
    if kind.is_scalar:
        yield _from_last(written.name, _single(kind, of, written.plain))


def _separated(literal: str, encoded: str) -> Split:
    """Splits at the character as it is; where there is none, at its encoded form, which many clients send."""
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
