"""Makes a Request of what arrived from a client, under any WSGI server."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, NamedTuple

from mockserver.engine.body.content_coding import Undecodable, decoded
from mockserver.messages import BodyFailure, make
from mockserver.problem import MALFORMED, TOO_LARGE
from mockserver.web.header_fields import Environ, HeaderFields
from mockserver.web.target import path_of

MAX_BODY = 10 * 1024 * 1024
MAX_REST = 64 * 1024 * 1024
"""The most bytes beyond the limit that are read and discarded: many clients read no response before they have sent
everything.
"""


class Received(NamedTuple):
    """A request as it arrived. `path` is that of the whole address, percent-decoded but for slashes; a body that could
    not be read completely is empty, and `unread` gives the reason; `address` is the client's.
    """

    method: str
    path: str
    query: str
    headers: HeaderFields
    body: bytes
    unread: BodyFailure | None
    address: str


def announced_too_large(size: int, most: int = MAX_BODY) -> BodyFailure:
    """The refusal of a body that is announced with so many bytes."""
    return 413, TOO_LARGE, f"The body has {size} bytes; at most {most} are taken."


SENT_TOO_LARGE: BodyFailure = (413, TOO_LARGE, f"The body has more than {MAX_BODY} bytes, which is all that is taken.")


def ended_early(size: int, announced: int) -> BodyFailure:
    """The refusal of a body that ended after `size` bytes."""
    return 400, MALFORMED, f"The body ended after {size} of {announced} bytes."


def received_of(environ: Environ) -> Received:
    """The request of a WSGI environ. Raises Problem 400 for a path that is no UTF-8."""
    body, unread = _body(environ)
    return make(
        Received,
        (
            environ["REQUEST_METHOD"],
            _path(environ),
            environ.get("QUERY_STRING", ""),
            HeaderFields.of_environ(environ),
            body,
            unread,
            environ.get("REMOTE_ADDR", ""),
        ),
    )


def uncoded(body: bytes, unread: BodyFailure | None, headers: Mapping[str, str]) -> tuple[bytes, BodyFailure | None]:
    """The body without its content codings."""
    coding = headers.get("Content-Encoding")
    if not body or coding is None:
        return body, unread
    try:
        return decoded(body, coding, MAX_BODY), None
    except Undecodable as error:
        return b"", error.unread


def _path(environ: Environ) -> str:
    """The path of the raw target where the server hands it over, since WSGI itself decodes slashes; else that of WSGI.
    What is no UTF-8 in Latin-1 is text already, as some clients of WSGI applications pass it.
    """
    raw: str = environ.get("RAW_URI") or environ.get("REQUEST_URI") or ""
    if raw[:1] == "/" and "%" in raw:
        return path_of(raw.partition("?")[0].encode("latin-1", "replace"))
    path: str = environ["PATH_INFO"]
    if path.isascii():
        return path
    try:
        return path.encode("latin-1").decode()
    except UnicodeError:
        return path


def _body(environ: Environ) -> tuple[bytes, BodyFailure | None]:
    """Reads at most 10 MiB and one byte; a server may pass fewer bytes than announced."""
    length = environ.get("CONTENT_LENGTH")
    if not length and "HTTP_TRANSFER_ENCODING" not in environ:
        return b"", None
    announced = -1
    if length:
        if not length.isdecimal() or len(length) > 18:
            return b"", (400, MALFORMED, f"Content-Length is {length[:40]!r}; expected a number of bytes.")
        announced = int(length)
    stream = environ.pop("wsgi.input")
    if announced > MAX_BODY:
        _discard(stream)
        return b"", announced_too_large(announced)
    try:
        body = _read_up_to(stream, announced if announced >= 0 else MAX_BODY + 1)
    except (OSError, ValueError):
        return b"", (400, MALFORMED, "The body could not be read to its end.")
    if len(body) > MAX_BODY:
        _discard(stream)
        return b"", SENT_TOO_LARGE
    if len(body) < announced:
        return b"", ended_early(len(body), announced)
    return body, None


def _discard(stream: Any) -> None:
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
