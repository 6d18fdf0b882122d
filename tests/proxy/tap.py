"""Stands in front of a server, passes every byte on at once, and keeps what went by in both directions."""

from __future__ import annotations

import socket
import threading
from contextlib import suppress
from dataclasses import dataclass, field
from typing import NamedTuple

OF_THE_CONNECTION = frozenset({b"connection", b"keep-alive", b"transfer-encoding"})
"""Fields that are about one connection, so that each side of a proxy has its own (RFC 9110, section 7.6.1)."""


class SeenMessage(NamedTuple):
    """A request or an answer: its first line, its fields in their order, as they were spelled, and its body without
    chunks. Those of the connection are left out, and the value of `Host`, which names who is asked.
    """

    line: bytes
    fields: tuple[bytes, ...]
    body: bytes

    def without_values_of(self, *names: bytes) -> SeenMessage:
        """The message, in which only the names of these fields are told."""
        return self._replace(fields=tuple(_name(one) if _name(one) in names else one for one in self.fields))


class SeenExchange(NamedTuple):
    """A request and its answer, as they went by."""

    request: SeenMessage
    answer: SeenMessage


@dataclass
class Tap:
    """Listens on a port of its own and passes all on to the server at the port `target`, which may be changed."""

    target: int
    _passed: list[tuple[bytearray, bytearray]] = field(default_factory=list)
    _open: list[socket.socket] = field(default_factory=list)

    def __post_init__(self) -> None:
        self._listening = socket.create_server(("127.0.0.1", 0), backlog=64)
        self.root = f"http://127.0.0.1:{self._listening.getsockname()[1]}"
        self._threads = [threading.Thread(target=self._accept, daemon=True)]
        self._threads[0].start()

    def taken(self) -> list[SeenExchange]:
        """The exchanges since it was last asked, those of one connection in their order; connections are sorted, since
        clients open several at once.
        """
        passed, self._passed = self._passed, []
        return sorted(one for sent, answered in passed for one in _exchanges(bytes(sent), bytes(answered)))

    def end(self) -> None:
        for own in (self._listening, *self._open):
            with suppress(OSError):
                own.shutdown(socket.SHUT_RDWR)
            own.close()
        for thread in self._threads:
            thread.join(5)

    def _accept(self) -> None:
        while True:
            try:
                client, _ = self._listening.accept()
            except OSError:
                return
            server = socket.create_connection(("127.0.0.1", self.target))
            self._open += [client, server]
            sent, answered = bytearray(), bytearray()
            self._passed.append((sent, answered))
            for one, other, kept in ((client, server, sent), (server, client, answered)):
                self._threads.append(threading.Thread(target=_pass_on, args=(one, other, kept), daemon=True))
                self._threads[-1].start()


def _pass_on(one: socket.socket, other: socket.socket, kept: bytearray) -> None:
    with suppress(OSError):
        while part := one.recv(65536):
            kept += part
            other.sendall(part)
    with suppress(OSError):
        other.shutdown(socket.SHUT_WR)


def _exchanges(sent: bytes, answered: bytes) -> list[SeenExchange]:
    found = []
    while sent:
        request, sent = _message(sent, is_answer=False)
        has_no_body = request.line.startswith(b"HEAD ")
        answer, answered = _message(answered, is_answer=True, has_no_body=has_no_body)
        found.append(SeenExchange(request, answer))
    assert not answered, f"bytes that answer no request: {answered[:80]!r}"
    return found


def _message(data: bytes, *, is_answer: bool, has_no_body: bool = False) -> tuple[SeenMessage, bytes]:
    """The message at the beginning of what went by, and what came behind it."""
    head, _, rest = data.partition(b"\r\n\r\n")
    line, *fields = head.split(b"\r\n")
    values = {_name(one): one.partition(b":")[2].strip() for one in fields}
    if has_no_body:
        body = b""
    elif values.get(b"transfer-encoding") == b"chunked":
        body, rest = _joined(rest)
    elif b"content-length" in values or not is_answer:
        size = int(values.get(b"content-length", b"0"))
        assert len(rest) >= size, f"the body of {line!r} is not complete"
        body, rest = rest[:size], rest[size:]
    else:
        body, rest = rest, b""
    shown = [one[: one.index(b":")] if _name(one) == b"host" else one for one in fields]
    return SeenMessage(line, tuple(one for one in shown if _name(one) not in OF_THE_CONNECTION), body), rest


def _joined(data: bytes) -> tuple[bytes, bytes]:
    """A body in chunks, without them, and what came behind it."""
    body = b""
    while True:
        line, _, data = data.partition(b"\r\n")
        size = int(line, 16)
        if not size:
            return body, data.removeprefix(b"\r\n")
        body, data = body + data[:size], data[size + 2 :]


def _name(line: bytes) -> bytes:
    return line.partition(b":")[0].lower()
