"""The known values of `format`: a static example of each, the kind of realistic texts, and a function that lengthens a
text.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import NamedTuple


class Format(NamedTuple):
    """`plain` is the static example, `kind` names the generator of realistic texts, `grow` lengthens a text by a number
    of characters, `short` is one of the shortest texts.
    """

    plain: str
    kind: str = ""
    grow: Callable[[str, int], str] | None = None
    short: str = ""


def _behind(text: str, more: int) -> str:
    return text + "a" * more


def _path(text: str, more: int) -> str:
    return text + "/" + "a" * (more - 1) if more else text


def _mail(text: str, more: int) -> str:
    """The part before the `@` has at most 64 characters, a label at most 63; further characters become labels."""
    user, domain = text.split("@", 1)
    first = min(more, 64 - len(user))
    return f"{user}{'a' * first}@{_host(domain, more - first)}"


def _host(text: str, more: int) -> str:
    while more > 0:
        count = min(more - 1, 63) if more > 1 else 0
        if not count:
            return "a" + text
        text, more = f"{'a' * count}.{text}", more - count - 1
    return text


FORMATS: Mapping[str, Format] = {
    "date-time": Format("2026-01-15T09:30:00Z", "date-time", short="2026-01-15T09:30:00Z"),
    "date": Format("2026-01-15", "date"),
    "time": Format("09:30:00Z", "time"),
    "duration": Format("PT30M", "duration", short="P1D"),
    "email": Format("user@example.com", "email", _mail, "a@b.co"),
    "idn-email": Format("user@example.com", "email", _mail, "a@b.co"),
    "hostname": Format("example.com", "domain", _host, "a"),
    "idn-hostname": Format("example.com", "domain", _host, "a"),
    "ipv4": Format("192.0.2.1", "ipv4", short="1.1.1.1"),
    "ipv6": Format("2001:db8::1", "ipv6", short="::"),
    "uri": Format("https://example.com/", "uri", _path, "a:b"),
    "url": Format("https://example.com/", "uri", _path),
    "uri-reference": Format("/path", "uri", _path, "a"),
    "iri": Format("https://example.com/", "uri", _path, "a:b"),
    "iri-reference": Format("/path", "uri", _path, "a"),
    "uri-template": Format("https://example.com/{id}", "uri", _path, "a"),
    "uuid": Format("3fa85f64-5717-4562-b3fc-2c963f66afa6", "uuid"),
    "guid": Format("3fa85f64-5717-4562-b3fc-2c963f66afa6", "uuid"),
    "json-pointer": Format("/path", "", _behind, "/"),
    "relative-json-pointer": Format("0/path", "", _behind, "0"),
    "regex": Format("^[a-z]+$", "", _behind, "a"),
    "byte": Format("c3RyaW5n", "base64"),
    "base64": Format("c3RyaW5n", "base64"),
    "base64url": Format("c3RyaW5n", "base64"),
    "binary": Format("string"),
    "password": Format("pa$$word", "password", _behind),
    "phone": Format("+12015550123", "phone"),
    "phone-number": Format("+12015550123", "phone"),
    "e164": Format("+12015550123", "phone"),
    "telephone": Format("+12015550123", "phone"),
    "iban": Format("DE89370400440532013000", "iban"),
    "bic": Format("DEUTDEFF", "bic"),
    "currency": Format("EUR", "currency"),
    "iso-4217": Format("EUR", "currency"),
    "country": Format("DE", "country-code"),
    "country-code": Format("DE", "country-code"),
    "iso-country-code": Format("DE", "country-code"),
    "iso-3166": Format("DE", "country-code"),
    "language": Format("en", "language"),
    "locale": Format("en_US", "locale"),
    "timezone": Format("UTC", "time-zone"),
    "color": Format("#ff8800", "color"),
    "hex-color": Format("#ff8800", "color"),
    "semver": Format("1.0.0", "semver"),
    "version": Format("1.0.0", "semver"),
    "slug": Format("a-slug", "slug"),
    "ulid": Format("01J0000000000000000000000A", "ulid"),
    "objectid": Format("507f1f77bcf86cd799439011", "object-id"),
    "object-id": Format("507f1f77bcf86cd799439011", "object-id"),
    "ip": Format("192.0.2.1", "ipv4"),
    "ip-address": Format("192.0.2.1", "ipv4"),
    "mac": Format("02:00:5e:10:00:00", "mac"),
    "decimal": Format("1.00", "decimal"),
    "int32": Format("0", "account"),
    "int64": Format("0", "account"),
    "float": Format("1.0", "decimal"),
    "double": Format("1.0", "decimal"),
    "timestamp": Format("2026-01-15T09:30:00Z", "date-time"),
    "datetime": Format("2026-01-15T09:30:00Z", "date-time"),
    "iso8601": Format("2026-01-15T09:30:00Z", "date-time"),
    "iso-8601": Format("2026-01-15T09:30:00Z", "date-time"),
    "http-date": Format("Thu, 15 Jan 2026 09:30:00 GMT", "http-date"),
    "unix-time": Format("1768469400", "epoch"),
    "html": Format("<p>string</p>", "html"),
    "markdown": Format("string", "text"),
    "media-type": Format("application/json", "media-type"),
    "credit-card": Format("4111111111111111", "card"),
    "barcode": Format("4006381333931", "barcode"),
    "name": Format("string", "person"),
    "username": Format("string", "user"),
    "hostname-port": Format("example.com:443"),
}


def format_of(name: str) -> Format | None:
    """The format of this name, ignoring case and whether words are separated by `-`, `_` or nothing."""
    return FORMATS.get(name) or FORMATS.get(name.lower().replace("_", "-").replace(" ", "-"))
