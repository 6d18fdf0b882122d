"""Undoes the codings of a request's body (`Content-Encoding`), within the limit that holds for bodies."""

from __future__ import annotations

import zlib
from collections.abc import Callable, Mapping
from functools import cache
from importlib import import_module
from typing import Any, Final

from mockserver.messages import BodyFailure
from mockserver.problem import MALFORMED, MEDIA_TYPE, TOO_LARGE

CODINGS: Final = "gzip, deflate, br"
"""Those that are undone, as `Accept-Encoding` says them."""

_MOST: Final = 8
"""Codings of one body: nobody needs two, and each costs a pass."""


_MOST_MEMBERS: Final = 100
"""Members of one gzip body: each costs a copy of what stands behind it."""


class Undecodable(Exception):
    """The body cannot be decoded; `unread` says why."""

    def __init__(self, status: int, code: str, detail: str) -> None:
        super().__init__(detail)
        self.unread: BodyFailure = (status, code, detail)


def decoded(body: bytes, header: str, limit: int) -> bytes:
    """The body without the codings that the header names, the last of them undone first. No step makes more than
    `limit` bytes. Raises Undecodable: 415 for a coding that is not known, 413 beyond the limit, 400 for bytes that are
    not in the coding.
    """
    codings = [name for part in header.lower().split(",") if (name := part.strip()) not in ("", "identity")]
    unknown = [name for name in codings if name not in _UNDO]
    if unknown or len(codings) > _MOST:
        said = f"Content-Encoding is {header[:200]!r}; expected at most {_MOST} of {CODINGS}, or none."
        raise Undecodable(415, MEDIA_TYPE, said)
    for coding in reversed(codings):
        body = _UNDO[coding](body, limit)
    return body


def _gunzipped(body: bytes, limit: int) -> bytes:
    """One member of gzip or several, one behind the other."""
    parts: list[bytes] = []
    left = limit
    while body or not parts:
        if len(parts) == _MOST_MEMBERS:
            raise Undecodable(400, MALFORMED, f"The body is no gzip: it has more than {_MOST_MEMBERS} members.")
        part, body = _one(zlib.decompressobj(wbits=16 + zlib.MAX_WBITS), body, left, limit, "gzip")
        parts.append(part)
        left -= len(part)
        body = body.lstrip(b"\0")  # padding, as gzip itself passes over it
    return b"".join(parts)


def _inflated(body: bytes, limit: int) -> bytes:
    """In the zlib format, as RFC 9110 has it; some clients send deflate without that frame."""
    is_framed = len(body) > 1 and body[0] & 15 == 8 and (body[0] * 256 + body[1]) % 31 == 0
    engine = zlib.decompressobj(wbits=zlib.MAX_WBITS if is_framed else -zlib.MAX_WBITS)
    part, rest = _one(engine, body, limit, limit, "deflate")
    if rest:
        raise Undecodable(400, MALFORMED, f"The body is no deflate: {len(rest)} bytes stand behind its end.")
    return part


def _one(engine: zlib._Decompress, body: bytes, left: int, limit: int, coding: str) -> tuple[bytes, bytes]:
    """One stream undone, at most `left` bytes, and what stands behind it."""
    try:
        part = engine.decompress(body, left + 1)
    except zlib.error as error:
        raise Undecodable(400, MALFORMED, f"The body is no {coding}: {_reason(error)}.") from None
    if len(part) > left:
        raise _too_large(limit)
    if not engine.eof:
        raise Undecodable(400, MALFORMED, f"The body is no {coding}: it ended before its end.")
    return part, engine.unused_data


@cache
def _brotli() -> Any:
    # What few requests need is imported for them; where the package was left out, the coding is refused.
    try:
        return import_module("brotli")
    except ImportError:
        return None


def _unbrotlied(body: bytes, limit: int) -> bytes:
    brotli = _brotli()
    if brotli is None:
        raise Undecodable(415, MEDIA_TYPE, "Content-Encoding is 'br', and the package brotli is not installed here.")
    engine, parts, left = brotli.Decompressor(), list[bytes](), limit
    try:
        part = engine.process(body, output_buffer_limit=left + 1)
        while part and len(part) <= left:
            parts.append(part)
            left -= len(part)
            part = b"" if engine.is_finished() else engine.process(b"", output_buffer_limit=left + 1)
    except brotli.error:
        raise Undecodable(400, MALFORMED, "The body is no br: its bytes are not in that coding.") from None
    if len(part) > left:
        raise _too_large(limit)
    if not engine.is_finished():
        raise Undecodable(400, MALFORMED, "The body is no br: it ended before its end.")
    return b"".join(parts)


def _too_large(limit: int) -> Undecodable:
    return Undecodable(413, TOO_LARGE, f"Decoded, the body has more than {limit} bytes, which is all that is taken.")


def _reason(error: zlib.error) -> str:
    return str(error).rpartition(": ")[2]


_UNDO: Final[Mapping[str, Callable[[bytes, int], bytes]]] = {
    "gzip": _gunzipped,
    "x-gzip": _gunzipped,
    "deflate": _inflated,
    "br": _unbrotlied,
}
