"""Texts by name from a query, a form or a `Cookie` header, still percent-encoded, so that separators can be told from
encoded characters.
"""

from __future__ import annotations

from collections.abc import Mapping
from urllib.parse import unquote_plus, unquote_to_bytes

TextsByName = Mapping[str, list[str]]
"""All texts of each name, in order; names are decoded, texts are not."""


def pairs_of(query: str) -> dict[str, list[str]]:
    """Parses a query or form: `a=1&b=2&a=3`."""
    pairs: dict[str, list[str]] = {}
    for pair in query.split("&"):
        if pair:
            name, _, text = pair.partition("=")
            if "%" in name or "+" in name:
                name = unquote_plus(name)
            pairs.setdefault(name, []).append(text)
    return pairs


def undecodable(text: str) -> str:
    """Which part of a query or form stands for no UTF-8 where it is percent-encoded; empty if all does."""
    for pair in text.split("&"):
        if "%" in pair:
            try:
                unquote_to_bytes(pair).decode()
            except UnicodeDecodeError:
                return pair[:_LONGEST_SHOWN]
    return ""


_LONGEST_SHOWN = 80


def cookies_of(header: str) -> dict[str, list[str]]:
    """Parses a `Cookie` header: `a=1; b=2`; quotes around a value are removed."""
    cookies: dict[str, list[str]] = {}
    for pair in header.split(";"):
        name, equals, text = pair.strip().partition("=")
        if equals:
            quoted = len(text) > 1 and text[0] == text[-1] == '"'
            cookies.setdefault(name.strip(), []).append(text[1:-1] if quoted else text.strip())
    return cookies
