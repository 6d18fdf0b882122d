"""Masks secrets in XML as it is written, so that whatever else stands in it is shown as it was sent."""

from __future__ import annotations

import re
from collections.abc import Iterator
from html import unescape
from typing import Final, NamedTuple

from mockserver.engine.redaction.secret_names import is_secret
from mockserver.engine.redaction.secret_schemas import SecretSchema
from mockserver.engine.redaction.secret_text import SecretTexts

MOST_OPEN: Final = 200
"""Elements within each other that are told apart; what is deeper is taken for a part of the last of them."""

_TAG: Final = re.compile(r"</?\s*([^\s/>]+)")
_ATTRIBUTE: Final = re.compile(r"(?<=[\s\"'])([^\s=<>/\"']++)(\s{0,8}+=\s{0,8}+)(\"[^\"]*+\"|'[^']*+')")
_QUOTE_OR_END: Final = re.compile("[\"'>]")
_NAMING: Final = frozenset({"name", "key", "id", "field"})


class _Open(NamedTuple):
    name: str
    place: SecretSchema
    hides: bool


def masked_markup(text: str, root: SecretSchema, texts: SecretTexts) -> str:
    """The XML text with what stands in secret elements and attributes masked. One that breaks off is read as far as it
    goes.
    """
    shown: list[str] = []
    opened = [_Open("", root, hides=root.is_password)]
    for token in _tokens(text):
        if not token.startswith("<") or token.startswith("<![CDATA["):
            shown.append(_content(token, texts, hides=opened[-1].hides))
        elif token.startswith(("<!", "<?")):
            shown.append(texts.text(token))
        elif token.startswith("</"):
            shown.append(token)
            _close(opened, _local(token))
        else:
            entry = _enter(token, opened, root)
            shown.append(_attributes(token, entry, texts))
            if not token.endswith("/>") and len(opened) < MOST_OPEN:
                opened.append(entry)
    return "".join(shown)


def _tokens(text: str) -> Iterator[str]:
    """Tags, comments, and what stands between them."""
    at, size = 0, len(text)
    while at < size:
        if text[at] != "<":
            end = text.find("<", at)
        elif text.startswith("<!--", at):
            end = _after(text, "-->", at)
        elif text.startswith("<![CDATA[", at):
            end = _after(text, "]]>", at)
        else:
            end = _end_of_tag(text, at + 1)
        end = size if end < 0 else end
        yield text[at:end]
        at = end


def _after(text: str, mark: str, at: int) -> int:
    found = text.find(mark, at)
    return -1 if found < 0 else found + len(mark)


def _end_of_tag(text: str, at: int) -> int:
    while (found := _QUOTE_OR_END.search(text, at)) is not None:
        if found[0] == ">":
            return found.end()
        closing = text.find(found[0], found.end())
        if closing < 0:
            return -1
        at = closing + 1
    return -1


def _local(token: str) -> str:
    found = _TAG.match(token)
    return found[1].rpartition(":")[2] if found is not None else ""


def _enter(token: str, opened: list[_Open], root: SecretSchema) -> _Open:
    """The element that the tag opens; a named entry (`<param name="password">`) is one of that name."""
    name, above = _local(token), opened[-1]
    if len(opened) == 1:
        return _Open(name, root, above.hides or is_secret(name))
    place = above.place.member(name)
    item = above.place.item
    secret = above.hides or above.place.holds_secret(name) or item.holds_secret(name) or item.is_password
    naming = next((value for key, _, value in _pairs(token) if key.lower() in _NAMING), "")
    below = place if place.is_declared else item.member(name) if item.member(name).is_declared else item
    return _Open(name, below, secret or (naming != "" and place.holds_secret(naming)))


def _close(opened: list[_Open], name: str) -> None:
    while len(opened) > 1:
        if opened.pop().name == name:
            return


def _content(token: str, texts: SecretTexts, *, hides: bool) -> str:
    if not hides:
        return texts.text(token)
    before, bare, after = "", token, ""
    if token.startswith("<![CDATA["):
        before, bare, after = "<![CDATA[", token[9:].removesuffix("]]>"), "]]>"
    inner = bare.strip()
    if not inner:
        return token
    texts.found.add(inner)
    return before + bare.replace(inner, texts.hide(unescape(inner))) + after


def _pairs(token: str) -> Iterator[tuple[str, str, str]]:
    for found in _ATTRIBUTE.finditer(token):
        yield found[1].rpartition(":")[2], found[2], unescape(found[3][1:-1])


def _attributes(token: str, entry: _Open, texts: SecretTexts) -> str:
    def shown(found: re.Match[str]) -> str:
        name, value = found[1].rpartition(":")[2], found[3]
        is_value = entry.hides and name.lower() not in _NAMING
        mark, plain = value[0], unescape(value[1:-1])
        if plain and (is_value or entry.place.holds_secret(name)) and not found[1].startswith("xmlns"):
            return found[1] + found[2] + mark + texts.hide(plain) + mark
        return found[1] + found[2] + mark + texts.text(value[1:-1]) + mark

    return _ATTRIBUTE.sub(shown, token)
