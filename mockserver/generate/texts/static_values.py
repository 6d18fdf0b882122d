"""Static values of fields whose names tell their content: always the same, for schemas without an example."""

from __future__ import annotations

from collections.abc import Mapping
from hashlib import blake2b
from typing import Final

from mockserver.generate.texts.field_names import endings
from mockserver.spelling import words_of

_OF_DIGITS: Final = "of digits"
_TEXTS: Final[Mapping[str, str]] = {
    _OF_DIGITS: "token, jwt, api key, apikey, api secret, secret, client secret, secret key, access key, private key, "
    "secret access key, session id, nonce, csrf, authorization code",
    "Bearer": "token type",
    "3600": "expires in, expires in seconds",
    "user@example.com": "email, e mail, email address, mail address, contact email",
    "https://example.com/": "url, uri, href, website, web site, homepage, home page, permalink, webhook url",
    "https://example.com/image.png": "image url, avatar url, logo url, icon url, photo url, picture url, "
    "thumbnail url, avatar uri, image uri, logo uri, icon uri",
}
_TEXT_OF: Final = {name: text for text, names in _TEXTS.items() for name in names.split(", ")}
_SECONDS: Final = frozenset({"expires in", "expires in seconds"})
_HOUR: Final = 3600
_FAR: Final = 4_102_444_800
"""2100-01-01T00:00:00Z, in epoch seconds."""
_PAST: Final = 1_767_225_600
"""2026-01-01T00:00:00Z, in epoch seconds."""
_MILLISECONDS: Final = frozenset({"ms", "millis", "milliseconds"})
_EXPIRING: Final = frozenset({"expires", "expire", "expiry", "expiration", "valid"})
_EXPIRES: Final = frozenset({("exp",), ("expires",), ("expiry",), ("expiration",), ("valid", "until"), ("valid", "to")})
_AT: Final = frozenset({"at", "on", "time", "timestamp", "ms", "until"})
_ISSUED: Final = frozenset({("iat",), ("nbf",), ("auth", "time"), ("created",), ("updated",), ("issued",)})
_DONE: Final = frozenset({"issued", "created", "updated", "modified", "registered"})
_CHARACTERS: Final = 32


def text_of(name: str, least: int, most: int) -> str | None:
    """The text of a field with this name; for a token, with the required number of characters. None if the name does
    not tell. Fields with different names have different tokens.
    """
    text = next((text for ending in endings(name) if (text := _TEXT_OF.get(ending))), None)
    if text is not _OF_DIGITS:
        return text
    digits = blake2b(name.encode(errors="surrogatepass")).hexdigest()
    return digits[: min(max(_CHARACTERS, least), most)]


def number_of(name: str) -> int | None:
    """The number of a field with this name; None if the name does not tell. Expiry lies in the far future, in
    milliseconds if the name says so; other moments are past.
    """
    if any(ending in _SECONDS for ending in endings(name)):
        return _HOUR
    parts = words_of(name)
    unit = 1000 if parts[-1:] and parts[-1] in _MILLISECONDS else 1
    if parts in _EXPIRES or (parts[:1] and parts[0] in _EXPIRING and parts[-1] in _AT):
        return _FAR * unit
    return _PAST * unit if parts in _ISSUED or (len(parts) > 1 and parts[-1] in _AT and parts[0] in _DONE) else None


def moment_of(name: str) -> str | None:
    """The date and time of a field whose name tells that it lies in the future; None for any other."""
    parts = words_of(name)
    if parts in _EXPIRES or (parts[:1] and parts[0] in _EXPIRING and parts[-1] in (*_AT, "date")):
        return "2100-01-01T00:00:00Z"
    return None
