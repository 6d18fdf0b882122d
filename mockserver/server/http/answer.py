"""Encodes responses as the bytes of HTTP/1.1."""

from __future__ import annotations

import logging
from email.utils import formatdate
from http import HTTPStatus
from typing import NamedTuple

from mockserver.json_text import encode
from mockserver.messages import Delivery, Headers
from mockserver.problem import PROBLEM_JSON, Problem

log = logging.getLogger(__name__)

BODILESS = frozenset({204, 304})
"""Statuses whose responses end after their headers; 1xx are none that an operation answers with."""


class Answer(NamedTuple):
    """A response that is to be sent. `close` ends the connection after it."""

    status: int
    headers: Headers
    content: bytes
    delivery: Delivery | None = None
    close: bool = False


def problem_answer(problem: Problem, *, close: bool = False) -> Answer:
    """The answer to a request that belongs to no API (RFC 9457)."""
    headers = (("Content-Type", PROBLEM_JSON), *problem.headers)
    return Answer(problem.status, headers, encode(problem.members()), None, close)


class Heads:
    """Makes the bytes of a response's status line and headers. `refresh` is called once a second, for the date."""

    def __init__(self) -> None:
        self._starts: dict[int, bytes] = {}
        self._headers: dict[Headers, bytes] = {}
        self._date = b""
        self.refresh()

    def refresh(self) -> None:
        """Puts the current second into the heads that are made from now on."""
        self._date = f"date: {formatdate(usegmt=True)}\r\n".encode()

    def head(self, answer: Answer, *, keep_alive: bool, old: bool) -> bytes:
        """The head of an answer with its whole content; `old` is for a client of HTTP/1.0. Raises ValueError for
        headers that cannot be sent.
        """
        status, headers, content = answer.status, answer.headers, answer.content
        start, lines = self._starts.get(status) or self.start(status), self._headers.get(headers)
        if lines is None:
            lines = self._lines(headers)
        persistence = b"" if keep_alive and not old else b"connection: %b\r\n" % (_KEPT if keep_alive else b"close")
        if status in BODILESS:
            return b"%b%b%b%b\r\n" % (start, lines, self._date, persistence)
        return b"%b%bcontent-length: %d\r\n%b%b\r\n" % (start, lines, len(content), self._date, persistence)

    def start(self, status: int) -> bytes:
        """The status line."""
        start = self._starts[status] = f"HTTP/1.1 {status} {_phrase(status)}\r\n".encode()
        return start

    def stream_start(self, status: int, headers: Headers, *, old: bool) -> bytes:
        """The head of an answer that is sent in chunks; a client of HTTP/1.0 reads until the connection ends."""
        framing = ("Connection", "close") if old else ("Transfer-Encoding", "chunked")
        return (
            (self._starts.get(status) or self.start(status)) + header_lines((*headers, framing)) + self._date + b"\r\n"
        )

    def _lines(self, headers: Headers) -> bytes:
        lines = header_lines(headers)
        if len(self._headers) >= _MOST_KEPT:
            self._headers.clear()
        self._headers[headers] = lines
        return lines


def header_lines(headers: Headers) -> bytes:
    """The headers, a line each. Raises ValueError for text that no header can carry."""
    text = "".join([f"{name}: {value}\r\n" for name, value in headers])
    if text.count("\r") != len(headers) or text.count("\n") != len(headers) or "\0" in text:
        broken = next(name for name, value in headers if not {*"\r\n\0"}.isdisjoint(name + value))
        raise ValueError(f"the header {broken[:80]!r} has a line break")
    try:
        return text.encode("latin-1")
    except UnicodeEncodeError:
        return text.encode()


_MOST_KEPT = 1000
_KEPT = b"keep-alive"


def _phrase(status: int) -> str:
    try:
        return HTTPStatus(status).phrase
    except ValueError:
        return "Unknown"


FAILED = Problem(500, "The mock itself failed; its log tells why.")
NO_MEMORY = Problem(503, "There is not enough memory for this request.")
