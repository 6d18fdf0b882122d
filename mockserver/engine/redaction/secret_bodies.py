"""Masks secrets in bodies: JSON, forms, multipart, XML, and any other text."""

from __future__ import annotations

import codecs
import re
from collections.abc import Callable, Iterator, Mapping
from typing import Final

from mockserver.engine.body.charset import bare_type, parameter
from mockserver.engine.body.media_families import FORM, LINES, MULTIPART, XML, family
from mockserver.engine.redaction.secret_markup import masked_markup
from mockserver.engine.redaction.secret_names import is_secret
from mockserver.engine.redaction.secret_schemas import SecretSchema
from mockserver.engine.redaction.secret_text import MASK, SecretTexts
from mockserver.engine.redaction.shown_bytes import shown_bytes
from mockserver.json_text import Json, Malformed, encode, read_json

DEEPEST: Final = 4
"""Bodies within each other: parts of a multipart body that are such bodies themselves, JSON in a field of a form."""

_NAMING: Final = ("name", "key", "field", "header", "param", "parameter", "id", "property", "attribute")
_VALUED: Final = frozenset({"value", "values", "val", "content", "data", "text", "string_value", "stringValue"})
_NAME_OF_PART: Final = re.compile(r"""(?:^|[\s;])name\*?=(?:"((?:[^"\\]|\\.)*)"|([^\s;]*))""", re.IGNORECASE)
_TYPE_OF_PART: Final = re.compile(rb"^content-type:\s*([^\r\n]*)", re.IGNORECASE | re.MULTILINE)
_DISPOSITION: Final = re.compile(rb"^content-disposition:\s*([^\r\n]*)", re.IGNORECASE | re.MULTILINE)
_MARKUP: Final = re.compile(r"\s*<(\?xml|[A-Za-z_!])")


def masked_value(value: Json, place: SecretSchema, texts: SecretTexts, *, secret: bool = False) -> Json:
    """The JSON value with texts and numbers masked in every member that holds a secret, by its name or its schema."""
    if isinstance(value, dict):
        named = _named_secret(value, place)
        return {
            name: masked_value(
                member,
                place.member(name),
                texts,
                secret=secret or place.holds_secret(name) or (named and name in _VALUED),
            )
            for name, member in value.items()
        }
    if isinstance(value, (list, tuple)):
        item = place.item
        return [masked_value(one, item, texts, secret=secret or item.is_password) for one in value]
    if isinstance(value, str):
        return texts.hide(value) if secret and value else texts.text(value)
    if secret and isinstance(value, (int, float)) and not isinstance(value, bool):
        texts.found.add(str(value))
        return MASK
    return value


def _named_secret(value: Mapping[str, Json], place: SecretSchema) -> bool:
    """Whether the object is a pair such as `{"name": "password", "value": "…"}`."""
    named = next((value[name] for name in _NAMING if isinstance(value.get(name), str)), "")
    return named != "" and len(named) < 100 and place.holds_secret(named)


def masked_body(
    content: bytes, media_type: str, place: SecretSchema, texts: SecretTexts, *, secret: bool = False, depth: int = 0
) -> bytes:
    """The body with every secret in it masked, else as it was; `secret`: all of it is one. Of a very large one only
    the beginning, with a note on that.
    """
    if not content:
        return content
    kept, note = shown_bytes(content, bare_type(media_type))
    if note:
        secret = secret or place.is_password
        return (masked_body(kept, media_type, place, texts, secret=secret, depth=depth) if kept else kept) + note
    kind = family(bare_type(media_type))
    if kind == MULTIPART and depth < DEEPEST and (boundary := parameter(media_type, "boundary")):
        return _multipart(content, boundary.encode("latin-1", "replace"), place, texts, depth)
    try:
        value = read_json(content)
    except Malformed:
        pass
    else:
        shown = masked_value(value, place, texts, secret=secret or place.is_password)
        return content if shown == value else encode(shown)
    charset = _charset(content, media_type)
    text = content.decode(charset)
    if secret or place.is_password:
        return texts.hide(text).encode()
    shown = _TEXTS.get(kind, _other)(text, place, texts)
    return content if shown == text else shown.encode(charset, "replace")


def _charset(content: bytes, media_type: str) -> str:
    """An encoding in which the bytes are a text and the text these bytes."""
    marked = "utf-16" if content[:2] in (b"\xff\xfe", b"\xfe\xff") else ""
    for name in (marked, parameter(media_type, "charset"), "utf-8"):
        try:
            if name and codecs.lookup(name).name in ("utf-8", "utf-16", "utf-16-le", "utf-16-be", "utf-32", "cp1252"):
                content.decode(name)
                return name
        except (LookupError, ValueError):
            continue
    return "latin-1"


def _form(text: str, place: SecretSchema, texts: SecretTexts) -> str:
    return texts.query(text, lambda name: place.holds_secret(name) or _ends_in_secret(name, place))


def _ends_in_secret(name: str, place: SecretSchema) -> bool:
    """Whether `user[pin]` or `user.pin` is a member that the schema declares as a secret."""
    parts = [part for part in re.split(r"[\[\].]+", name) if part]
    if not parts:
        return False
    *above, last = parts
    for part in above:
        place = place.item if part.isdecimal() else place.member(part)
    return place.item.is_password if last.isdecimal() else place.holds_secret(last)


def _lines(text: str, place: SecretSchema, texts: SecretTexts) -> str:
    """JSON texts one below the other; their schema is that of an item, or of a list of them."""
    return "\n".join(_line(line, place, texts) for line in text.split("\n"))


def _line(line: str, place: SecretSchema, texts: SecretTexts) -> str:
    try:
        value = read_json(line.strip("\x1e\r ").encode("utf-8", "replace"))
    except Malformed:
        return _other(line, place, texts)
    for schema in (place, place.item):
        value = masked_value(value, schema, texts)
    return encode(value).decode()


def _markup(text: str, place: SecretSchema, texts: SecretTexts) -> str:
    return masked_markup(text, place, texts)


def _other(text: str, place: SecretSchema, texts: SecretTexts) -> str:
    if _MARKUP.match(text) is not None:
        return masked_markup(text, place, texts)
    declared = place.names
    return texts.text(text, lambda name: is_secret(name) or name in declared)


_TEXTS: Final[Mapping[str, Callable[[str, SecretSchema, SecretTexts], str]]] = {
    FORM: _form,
    LINES: _lines,
    XML: _markup,
}


def _multipart(content: bytes, boundary: bytes, place: SecretSchema, texts: SecretTexts, depth: int) -> bytes:
    """The same parts between the same boundaries, each masked as what it is. Parts without a name are the members of
    the schema in their order, or items.
    """
    first, *parts = content.split(b"--" + boundary)
    unnamed = iter([*place.own_names()])
    return (b"--" + boundary).join((first, *(_part(part, place, texts, depth, unnamed) for part in parts)))


def _part(part: bytes, place: SecretSchema, texts: SecretTexts, depth: int, unnamed: Iterator[str]) -> bytes:
    between = b"\r\n\r\n" if b"\r\n\r\n" in part else b"\n\n"
    head, found, rest = part.partition(between)
    if not found:
        return part
    body, kind = rest.rstrip(b"\r\n"), _TYPE_OF_PART.search(head)
    name = _name_of_part(head) or next(unnamed, "")
    member = place.member(name) if name else place.item
    hides = member.is_password or (name != "" and (place.holds_secret(name) or _ends_in_secret(name, place)))
    if hides and body:
        texts.found.add(body.decode("utf-8", "replace"))
    media_type = kind[1].decode("latin-1").strip() if kind is not None else ""
    shown = masked_body(body, media_type, member, texts, secret=hides, depth=depth + 1)
    return head + between + shown + rest[len(body) :]


def _name_of_part(head: bytes) -> str:
    disposition = _DISPOSITION.search(head)
    found = None if disposition is None else _NAME_OF_PART.search(disposition[1].decode("utf-8", "replace"))
    if found is None:
        return ""
    name: str = found[2] if found[1] is None else found[1]
    return name
