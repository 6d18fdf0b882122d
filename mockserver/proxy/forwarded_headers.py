"""Header fields on their way through the proxy: those of one connection stay behind (RFC 9110, section 7.6.1)."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Final

Fields = list[tuple[str, str]]
"""Names and values in their order, as they were written; each character is one byte."""

HOP_BY_HOP: Final = frozenset({
    "connection", "keep-alive", "proxy-authenticate", "proxy-authorization", "proxy-connection", "te", "trailer",
    "transfer-encoding", "upgrade",
})  # fmt: skip
"""Header fields that are about one connection, not about the message."""

_KEPT: Final = frozenset({"content-length", "content-type", "host", "cache-control"})
"""Fields that are about the message, whatever `Connection` says of them."""
_OURS: Final = frozenset({"host", "content-length", "expect"})


def request_fields(sent: Iterable[tuple[bytes, bytes]], authority: str, size: int) -> Fields:
    """The fields of a request as the upstream gets them, in their order. `Host` is that of the upstream, and the body
    of `size` bytes has a length, however it was sent.
    """
    fields = [(name.decode("latin-1"), value.decode("latin-1")) for name, value in sent]
    names = {name.lower() for name, _ in fields}
    ours = {"host": authority}
    if size or not names.isdisjoint({"content-length", "transfer-encoding"}):
        ours["content-length"] = str(size)
    forwarded: Fields = [] if "host" in names else [("Host", ours.pop("host"))]
    for name, value in end_to_end(fields):
        known = name.lower()
        if known not in _OURS:
            forwarded.append((name, value))
        elif known in ours:
            forwarded.append((name, ours.pop(known)))
    forwarded += [("Content-Length", value) for value in ours.values()]
    return forwarded


def asks_for_websocket(sent: Iterable[tuple[bytes, bytes]]) -> bool:
    """Whether the client can only go on with WebSocket (RFC 6455, section 4.1). Others that offer to switch, to HTTP/2
    for one, go on without.
    """
    return any(name.lower() == b"upgrade" and b"websocket" in value.lower() for name, value in sent)


def end_to_end(fields: Fields) -> Iterator[tuple[str, str]]:
    """The fields that are not about the connection on which they came."""
    named = {
        option.strip().lower() for name, value in fields if name.lower() == "connection" for option in value.split(",")
    }
    left = HOP_BY_HOP | (named - _KEPT)
    return ((name, value) for name, value in fields if name.lower() not in left)


def value_of(fields: Iterable[tuple[str, str]], name: str) -> str:
    """The first value of a field, by its name in small letters; empty where there is none."""
    return next((value for known, value in fields if known.lower() == name), "")


def as_text(fields: Iterable[tuple[str, str]]) -> tuple[tuple[str, str], ...]:
    """The fields for whoever reads them: values in UTF-8, where they are."""
    return tuple((name, _text(value)) for name, value in fields)


def _text(value: str) -> str:
    if value.isascii():
        return value
    try:
        return value.encode("latin-1").decode()
    except UnicodeError:
        return value
