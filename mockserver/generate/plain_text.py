"""Plain values of fields whose names say what they hold: where a schema has no example, they are always the same."""

from __future__ import annotations

from collections.abc import Mapping
from hashlib import blake2b
from typing import Final

from mockserver.generate.field_names import endings
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
    """The text of a field of this name, a token of as many characters as are demanded; None where the name says
    nothing. Fields of different names have different tokens.
    """
    text = next((text for ending in endings(name) if (text := _TEXT_OF.get(ending))), None)
    if text is not _OF_DIGITS:
        return text
    digits = blake2b(name.encode(errors="surrogatepass")).hexdigest()
    return digits[: min(max(_CHARACTERS, least), most)]


def number_of(name: str) -> int | None:
    """The number of a field of this name, None where the name says nothing. What expires does so in a far future, in
    milliseconds where the name says so; other moments are past.
    """
    if any(ending in _SECONDS for ending in endings(name)):
        return _HOUR
    said = words_of(name)
    unit = 1000 if said[-1:] and said[-1] in _MILLISECONDS else 1
    if said in _EXPIRES or (said[:1] and said[0] in _EXPIRING and said[-1] in _AT):
        return _FAR * unit
    return _PAST * unit if said in _ISSUED or (len(said) > 1 and said[-1] in _AT and said[0] in _DONE) else None


def moment_of(name: str) -> str | None:
    """The date and time of a field of this name where that is to come, None elsewhere."""
    said = words_of(name)
    if said in _EXPIRES or (said[:1] and said[0] in _EXPIRING and said[-1] in (*_AT, "date")):
        return "2100-01-01T00:00:00Z"
    return None
