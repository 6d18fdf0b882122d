"""Converts a WSGI environ to a Request with case-insensitive headers and a complete body."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from mockserver.engine.body.content_coding import Undecodable, decoded
from mockserver.messages import BodyFailure, Request, make
from mockserver.problem import MALFORMED, TOO_LARGE

Environ = dict[str, Any]
MAX_BODY = 10 * 1024 * 1024
MAX_REST = 64 * 1024 * 1024
"""The most bytes beyond the limit that are read and discarded: many clients read no response before they have sent
everything.
"""


class EnvironHeaders(Mapping[str, str]):
    """The request's headers, case-insensitive, without a copy."""

    __slots__ = ("_environ",)

    def __init__(self, environ: Environ) -> None:
        self._environ = environ

    def __getitem__(self, name: str) -> str:
        key = _KEYS.get(name) or _key(name)
        value: str = self._environ[key]
        return value

    def get(self, name: str, default: Any = None) -> Any:
        return self._environ.get(_KEYS.get(name) or _key(name), default)

    def __iter__(self) -> Iterator[str]:
        for key in self._environ:
            if key.startswith("HTTP_"):
                yield key[5:].replace("_", "-").title()
            elif key in ("CONTENT_TYPE", "CONTENT_LENGTH") and self._environ[key]:
                yield key.replace("_", "-").title()

    def __len__(self) -> int:
        return sum(1 for _ in self)


_KEYS: dict[str, str] = {
    "Accept": "HTTP_ACCEPT",
    "Authorization": "HTTP_AUTHORIZATION",
    "Content-Type": "CONTENT_TYPE",
    "Host": "HTTP_HOST",
    "Idempotency-Key": "HTTP_IDEMPOTENCY_KEY",
    "If-Match": "HTTP_IF_MATCH",
    "If-None-Match": "HTTP_IF_NONE_MATCH",
    "Origin": "HTTP_ORIGIN",
    "Prefer": "HTTP_PREFER",
}
"""The keys of frequently requested headers."""


def _key(name: str) -> str:
    key = name.upper().replace("-", "_")
    return key if key in ("CONTENT_TYPE", "CONTENT_LENGTH") else "HTTP_" + key


def request_of(environ: Environ, path: str, root: str = "", asked: str = "", origin: str = "") -> Request:
    """The Request at `path` below `root` of `origin`, originally `asked`, with its body decoded from content codings.

    A body that cannot be read completely is empty, and `unread` gives the reason.
    """
    length = environ.get("CONTENT_LENGTH")
    body, unread = (b"", None) if not length and "HTTP_TRANSFER_ENCODING" not in environ else _read(environ, length)
    if body and "HTTP_CONTENT_ENCODING" in environ:
        body, unread = _decoded(body, environ["HTTP_CONTENT_ENCODING"])
    method, query, address = environ["REQUEST_METHOD"], environ["QUERY_STRING"], environ.get("REMOTE_ADDR", "")
    return make(Request, (method, path, query, EnvironHeaders(environ), body, address, unread, root, asked, origin))


def _read(environ: Environ, length: str | None) -> tuple[bytes, BodyFailure | None]:
    """Reads at most 10 MiB and one byte; a server may pass fewer bytes than announced."""
    announced = -1
    if length:
        if not length.isdecimal() or len(length) > 18:
            return b"", (400, MALFORMED, f"Content-Length is {length[:40]!r}; expected a number of bytes.")
        announced = int(length)
    if announced > MAX_BODY:
        _throw_away(environ.pop("wsgi.input"))
        return b"", (413, TOO_LARGE, f"The body has {announced} bytes; at most {MAX_BODY} are taken.")
    try:
        stream = environ.pop("wsgi.input")
        body = _read_up_to(stream, announced if announced >= 0 else MAX_BODY + 1)
    except (OSError, ValueError):
        return b"", (400, MALFORMED, "The body could not be read to its end.")
    if len(body) > MAX_BODY:
        _throw_away(stream)
        return b"", (413, TOO_LARGE, f"The body has more than {MAX_BODY} bytes, which is all that is taken.")
    if len(body) < announced:
        return b"", (400, MALFORMED, f"The body ended after {len(body)} of {announced} bytes.")
    return body, None


def _decoded(body: bytes, header: str) -> tuple[bytes, BodyFailure | None]:
    try:
        return decoded(body, header, MAX_BODY), None
    except Undecodable as error:
        return b"", error.unread


def _throw_away(stream: Any) -> None:
    left = MAX_REST
    try:
        while left > 0 and (part := stream.read(_PART)):
            left -= len(part)
    except (OSError, ValueError):
        return


_PART = 64 * 1024


def _read_up_to(stream: Any, size: int) -> bytes:
    body: bytes = stream.read(size)
    if len(body) == size or not body:
        return body
    parts = [body]
    size -= len(body)
    while size and (part := stream.read(size)):
        parts.append(part)
        size -= len(part)
    return b"".join(parts)
