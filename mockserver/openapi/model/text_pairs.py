"""Texts by name, as they stand in a query, a form or a `Cookie` header: percent-encoded still, since what separates
values must be told from what is in them.
"""

from __future__ import annotations

from collections.abc import Mapping
from urllib.parse import unquote_plus

Texts = Mapping[str, list[str]]
"""All texts given for a name, in their order; the names are decoded, the texts are not."""


def pairs_of(query: str) -> dict[str, list[str]]:
    """The texts of a query or form: `a=1&b=2&a=3`."""
    pairs: dict[str, list[str]] = {}
    for pair in query.split("&"):
        if pair:
            name, _, text = pair.partition("=")
            if "%" in name or "+" in name:
                name = unquote_plus(name)
            pairs.setdefault(name, []).append(text)
    return pairs


def cookies_of(header: str) -> dict[str, list[str]]:
    """The texts of a `Cookie` header: `a=1; b=2`; a text in quotes is what they hold."""
    cookies: dict[str, list[str]] = {}
    for pair in header.split(";"):
        name, equals, text = pair.strip().partition("=")
        if equals:
            quoted = len(text) > 1 and text[0] == text[-1] == '"'
            cookies.setdefault(name.strip(), []).append(text[1:-1] if quoted else text.strip())
    return cookies
