"""Masks what a user said to be secret: the values of the headers that were given for a server."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator
from html import escape
from typing import Final
from urllib.parse import quote, quote_plus

from mockserver.engine.redaction.secret_text import COMMON, MASK, SHORTEST, parts_of_credential
from mockserver.json_text import Json

HARMLESS: Final = frozenset({
    "accept", "accept-charset", "accept-encoding", "accept-language", "cache-control", "content-type", "mock-world",
    "origin", "pragma", "prefer", "user-agent",
})  # fmt: skip
"""Headers whose values are no secret, whoever gives them."""

_CUT: Final = re.compile(r"…| ?\.\.\.")
"""Where a long text was cut: a secret may have been cut in two there."""


def pair_of(header: str) -> tuple[str, str]:
    """Name and value of a header such as `X-Api-Key: 1234`."""
    name, _, value = header.partition(":")
    return name.strip(), value.strip()


def given_secrets(headers: Iterable[tuple[str, str]]) -> list[str]:
    """The secrets in the values of headers, the longest first, as they are written in a text, a URL, JSON and XML;
    those too short to be told from other texts are none.
    """
    found = {
        part.strip()
        for name, value in headers
        if name.lower() not in HARMLESS
        for part in (_cookies(value) if name.lower() == "cookie" else parts_of_credential(value.strip()))
    }
    return sorted({each for one in found for each in _spellings(one)}, key=len, reverse=True)


def masking(secrets: Iterable[str]) -> Callable[[str], str]:
    """A function that masks these secrets wherever they stand in a text, also the beginning of one that was cut."""
    wanted = [*secrets]
    if not wanted:
        return str
    whole = re.compile(rf"(?<![^\W_])(?:{'|'.join(map(re.escape, wanted))})(?![^\W_])")

    def masked(text: str) -> str:
        text = whole.sub(MASK, text)
        for cut in reversed([*_CUT.finditer(text)]):
            begun = _begun(text, cut.start(), wanted)
            text = f"{text[: cut.start() - begun]}{MASK}{text[cut.start() :]}" if begun else text
        return text

    return masked


def masked_json(value: Json, masked: Callable[[str], str]) -> Json:
    """The value with all its texts and names of members `masked`, and numbers that are secrets."""
    match value:
        case dict():
            return {masked(name): masked_json(each, masked) for name, each in value.items()}
        case list():
            return [masked_json(each, masked) for each in value]
        case str():
            return masked(value)
        case None | bool():
            return value
    return value if masked(str(value)) == str(value) else MASK


def _begun(text: str, end: int, secrets: Iterable[str]) -> int:
    """How many characters of a secret stand before the end of a text."""
    for secret in secrets:
        for length in range(min(len(secret) - 1, end), SHORTEST - 1, -1):
            if text.endswith(secret[:length], 0, end):
                return length
    return 0


def _cookies(value: str) -> Iterator[str]:
    for pair in value.split(";"):
        yield pair.partition("=")[2]


def _spellings(secret: str) -> Iterator[str]:
    if len(secret) >= SHORTEST and MASK not in secret and secret.lower() not in COMMON:
        yield secret
        yield quote(secret, safe="")
        yield quote_plus(secret)
        yield secret.replace("\\", "\\\\").replace('"', '\\"')
        yield escape(secret)
