"""Reads the target of a request line (RFC 9112, section 3.2)."""

from __future__ import annotations

import re
from typing import NamedTuple
from urllib.parse import unquote_to_bytes

from mockserver.engine.steps.match import ENCODED_SLASH
from mockserver.messages import make
from mockserver.problem import MALFORMED, Problem


class RequestTarget(NamedTuple):
    """The path, percent-decoded but for slashes, the query as it was sent, and the authority of an absolute target."""

    path: str
    query: str
    authority: str = ""


def read_target(raw: bytes) -> RequestTarget:
    """The target in its origin form (`/pets?limit=3`), absolute form (`http://host/pets`) or as it stands (`*`). Raises
    Problem 400 for bytes that are no UTF-8.
    """
    if raw[:1] == b"/" and b"%" not in raw and b"#" not in raw and raw.isascii():
        plain, _, asked = raw.decode().partition("?")
        return make(RequestTarget, (plain, asked, ""))
    authority = b""
    if raw[:1] != b"/":
        scheme, found, rest = raw.partition(b"://")
        if found and scheme.lower() in (b"http", b"https"):
            authority, slash, path = rest.partition(b"/")
            authority, mark, query = authority.partition(b"?")
            raw = slash + path if not mark else b"?" + query + slash + path
            raw = raw if raw[:1] == b"/" else b"/" + raw
    raw, _, query = raw.partition(b"?")
    return RequestTarget(path_of(raw), _utf8(query.partition(b"#")[0], "query"), _utf8(authority, "host"))


def made_legible(raw: bytes) -> bytes:
    """The target with U+FFFD for the percent-encoded bytes that are no UTF-8."""
    return _ENCODED.sub(lambda run: unquote_to_bytes(run[0]).decode("utf-8", "replace").encode(), raw)


_ENCODED = re.compile(rb"(?:%[89A-Fa-f][0-9A-Fa-f])+")


def path_of(raw: bytes) -> str:
    """The path, decoded; a percent-encoded slash is ENCODED_SLASH, which separates no segments. Raises Problem 400."""
    raw = raw.partition(b"#")[0]
    if b"%" not in raw:
        return _utf8(raw, "path")
    parts = raw.replace(b"%2f", b"%2F").split(b"%2F")
    return ENCODED_SLASH.join(_utf8(unquote_to_bytes(part), "path") for part in parts)


def _utf8(raw: bytes, where: str) -> str:
    try:
        return raw.decode()
    except UnicodeDecodeError as error:
        seen = raw[error.start : error.start + 8]
        raise Problem(
            400,
            f"The {where} of the address is no UTF-8 at {seen!r}; percent-encode its characters as UTF-8.",
            code=MALFORMED,
        ) from None
