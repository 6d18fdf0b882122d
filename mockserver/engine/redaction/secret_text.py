"""Masks secrets in texts: enough is left to tell one from another, too little to use it."""

from __future__ import annotations

import re
from base64 import b64decode
from collections.abc import Callable, Iterable, Iterator
from typing import Final
from urllib.parse import quote, quote_plus, unquote_plus

from mockserver.engine.redaction.secret_names import is_secret

MASK: Final = "***"
_SHOWN: Final = 4
_LONG: Final = 16
"""A secret shorter than this is masked completely."""

SHORTEST: Final = 6
"""Characters of a secret that is looked for elsewhere in an exchange too; a shorter one stands anywhere by chance."""

MOST: Final = 200
"""Secrets of one exchange that are looked for elsewhere in it."""

IsSecret = Callable[[str], bool]

_WORD: Final = re.compile(r"([A-Za-z][A-Za-z0-9-]{0,19}) +(.*)", re.DOTALL)
_LONGEST_NAME: Final = 64
# Possessive, without backtracking: a text of 10 MiB is scanned once.
_ASSIGNED: Final = re.compile(
    r"(?<![\w-])([\w-]++(?:(?:%5B|%5D|[\[\].])[\w-]*+){0,8}+)([\"']?+\s{0,8}+(?:[:=]|%3A|%3D)\s{0,8}+)", re.IGNORECASE
)
_VALUE: Final = re.compile(r"\"(?:[^\"\\]|\\.)*+\"?+|'(?:[^'\\]|\\.)*+'?+|[^\"'&\s,;}<>]++", re.DOTALL)
_FORMS: Final = re.compile(
    r"(?P<jwt>\b(?-i:eyJ)[\w-]{4,}+\.[\w-]{4,}+(?:\.[\w-]*+){0,3}+)"
    r"|(?<=://)(?P<user>[^\s/\"'<>?#]{1,512}@)"
    r"|\b(?P<scheme>Bearer|Basic|Digest|Token|ApiKey)(?P<gap>[ +]|%20)(?P<token>[\w.~+/=%-]{8,}+)"
    r"|(?P<pem>-----BEGIN [A-Z ]{0,40}PRIVATE KEY-----)[^-]*+(?:-----END [A-Z ]{0,40}PRIVATE KEY-----)?",
    re.IGNORECASE,
)
_MARKS: Final = ("=", ":", " ", "%", "+", "eyJ")
"""Every text has one of these in which a secret is assigned, or which has the form of one."""

COMMON: Final = frozenset({"string", "integer", "number", "boolean", "object", "example", "bearer", "application"})
_HTTP_SCHEMES: Final = frozenset({"bearer", "basic", "digest", "token", "apikey"})


def mask(secret: str) -> str:
    """The first characters of a long secret; none of a short one."""
    return (secret[:_SHOWN] if len(secret) >= _LONG else "") + MASK


def mask_credential(value: str) -> str:
    """`Bearer xqr_***`: the scheme, and the first characters of the rest; none of a user and its password."""
    found = _WORD.fullmatch(value)
    if found is None:
        return mask(value)
    return f"{found[1]} {MASK if found[1].lower() == 'basic' else mask(found[2])}"


def parts_of_credential(value: str) -> Iterator[str]:
    """The secrets in the value of a header: all of it, what follows its scheme, the password of `Basic`."""
    found = _WORD.fullmatch(value)
    yield value
    if found is not None:
        yield found[2]
        if found[1].lower() == "basic":
            try:
                pair = b64decode(found[2], validate=True).decode()
            except ValueError:
                return
            yield pair
            yield pair.partition(":")[2]


class SecretTexts:
    """Masks texts, and keeps in `found` what it masked. `in_url` tells by name which further query parameters are
    secret.
    """

    def __init__(self, in_url: IsSecret = is_secret) -> None:
        self.found: set[str] = set()
        self._in_url = in_url

    def hide(self, secret: str) -> str:
        """The secret masked."""
        self.found.add(secret)
        return mask(secret)

    def text(self, text: str, is_named: IsSecret = is_secret) -> str:
        """The text, with values assigned to secret names masked (`password=***`), and what has the form of a secret."""
        if not any(mark in text for mark in _MARKS):
            return text
        if _FORMS.search(text) is not None:
            text = _FORMS.sub(self._form, text)
        if "=" not in text and ":" not in text and "%3" not in text:
            return text
        shown: list[str] = []
        end = 0
        for name in _ASSIGNED.finditer(text):
            if name.start() < end or not self._is_assigned_a_secret(name, is_named):
                continue
            value = _VALUE.match(text, name.end())
            if value is not None:
                shown += (text[end : name.end()], self._value(value[0]))
                end = value.end()
        return "".join((*shown, text[end:])) if shown else text

    def _form(self, found: re.Match[str]) -> str:
        if found["jwt"]:
            return self.hide(found["jwt"])
        if found["user"]:
            self.found.add(found["user"][:-1].partition(":")[2])
            return f"{MASK}@"
        if found["pem"]:
            self.found.update(line for line in found[0].split("\n") if not line.startswith("-----"))
            return found["pem"] + MASK
        token = found["token"]
        if not (any(character.isdigit() for character in token) or len(token) >= _LONG):
            return found[0]
        self.found.update(parts_of_credential(f"{found['scheme']} {token}"))
        shown = MASK if found["scheme"].lower() == "basic" else mask(token)
        return found["scheme"] + found["gap"] + shown

    def _is_assigned_a_secret(self, found: re.Match[str], is_named: IsSecret) -> bool:
        name, before = unquote_plus(found[1][-_LONGEST_NAME:]), found.string[found.start() - 1 : found.start()]
        return is_named(name) or (before != "" and before in "?&;" and self._in_url(name))

    def _value(self, value: str) -> str:
        """A value as it stands in a text, with its quotes, masked."""
        mark = value[0] if value[0] in "\"'" else ""
        closing = mark if mark and len(value) > 1 and value.endswith(mark) else ""
        bare = value[len(mark) : len(value) - len(closing)]
        if not bare or MASK in bare or bare.lower() in _HTTP_SCHEMES or bare in ("null", "true", "false"):
            return value
        self.found.add(bare)
        return mark + self.hide(unquote_plus(bare)) + closing

    def query(self, query: str, is_named: IsSecret) -> str:
        """The query or form, with the values of secret names masked and all else as it was written."""
        if not query:
            return query
        if query[:1] in "{[" or query[:3].lower() in ("%7b", "%5b"):
            return self.text(unquote_plus(query))
        return "&".join(self._pair(pair, is_named) for pair in query.split("&"))

    def _pair(self, pair: str, is_named: IsSecret) -> str:
        name, equals, value = pair.partition("=")
        if not value:
            return pair if equals else self.text(pair)
        plain = unquote_plus(value)
        if is_named(unquote_plus(name)):
            self.found.add(value)
            return name + equals + quote(self.hide(plain), safe="*")
        shown = self.text(plain)
        return pair if shown == plain else name + equals + quote(shown, safe="*/:@")

    def scrub(self, known: Iterable[str] = ()) -> Callable[[str], str]:
        """A function that masks the secrets found so far, and those `known`, wherever they stand in a text."""
        wanted = sorted({*_spellings({*self.found, *known})}, key=len, reverse=True)[:MOST]
        if not wanted:
            return str
        pattern = re.compile(rf"(?<![^\W_])(?:{'|'.join(map(re.escape, wanted))})(?![^\W_])")
        return lambda text: pattern.sub(lambda found: mask(found[0]), text)


def _spellings(secrets: Iterable[str]) -> Iterator[str]:
    """Each secret that is worth looking for, as it is written in a text, a URL and a JSON text."""
    for secret in secrets:
        is_word = secret.isalpha() and (secret.lower() in COMMON or is_secret(secret))
        if len(secret) < SHORTEST or is_word or MASK in secret:
            continue
        yield secret
        yield quote(secret, safe="")
        yield quote_plus(secret)
        if "\\" in secret or '"' in secret:
            yield secret.replace("\\", "\\\\").replace('"', '\\"')
