"""Plain values of fields whose names say what they hold: where a schema has no example, they are always the same."""

from __future__ import annotations

from collections.abc import Mapping
from hashlib import blake2b
from typing import Final

from mockserver.spec.synthesize.fields import endings

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
    """The number of a field of this name, None where the name says nothing."""
    return _HOUR if any(ending in _SECONDS for ending in endings(name)) else None
