"""Reads requests from the bytes of a connection, by httptools (llhttp), and holds them to its limits."""

from __future__ import annotations

import re
from collections import deque
from collections.abc import Callable
from itertools import chain
from typing import NamedTuple

from httptools import HttpParserError, HttpParserInvalidMethodError, HttpParserUpgrade, HttpRequestParser

from mockserver.messages import BodyFailure, make
from mockserver.problem import MALFORMED, Problem
from mockserver.web.header_fields import HeaderFields
from mockserver.web.request import MAX_BODY, MAX_REST, SENT_TOO_LARGE, Received, announced_too_large, ended_early
from mockserver.web.target import read_target

MAX_HEAD = 64 * 1024
"""The most bytes of a request line with headers, which the journal stores."""

IDLE, HEAD, BODY = "idle", "head", "body"
"""What a connection reads: nothing yet, a request line with headers, a body."""


class Arrival(NamedTuple):
    """A request that has arrived completely, or so much of it that it is refused: then `refusal` says why. After an
    arrival without `keep_alive` the connection is closed; `old` is a request of HTTP/1.0.
    """

    received: Received
    keep_alive: bool
    old: bool
    refusal: Problem | None = None


class Incoming:
    """The requests of one connection, in the order in which they arrived. `state` is IDLE, HEAD or BODY; `size` are the
    bytes of the body until now. `proceed` is called where the client waits for `100 Continue`.

    A body that does not arrive as its head announced makes no valid request: the arrival has no body, and its `unread`
    says why. Whatever follows on the connection is not read.
    """

    def __init__(self, address: str, proceed: Callable[[], None]) -> None:
        self.arrivals: deque[Arrival] = deque()
        self.state = IDLE
        self.size = 0
        self._address = address
        self._proceed = proceed
        self._parser = HttpRequestParser(self)
        self._head_size = 0
        self._is_over = False
        self._target = b""
        self._fields: list[tuple[bytes, bytes]] = []
        self._parts: list[bytes] = []
        self._headers = HeaderFields({})
        self._refusal: Problem | None = None
        self._announced = -1
        self._method = ""

    def feed(self, data: bytes) -> None:
        """Reads on. Everything after a request that ends the connection is ignored."""
        if self._is_over:
            return
        if self.state != BODY:
            self._head_size += len(data)
        try:
            self._parser.feed_data(data)
        except HttpParserUpgrade as upgrade:
            self._ignore_upgrade(data[upgrade.args[0] :])
        except HttpParserError as error:
            self._break_off(error, data)
        self._enforce()

    def _enforce(self) -> None:
        """Refuses what the head showed to be unacceptable."""
        if self._is_over:
            return
        if self._refusal is not None:
            self._refuse(self._refusal)
        elif self.state == HEAD and self._head_size > MAX_HEAD:
            self._refuse(_head_too_large())

    def end(self) -> None:
        """The client sends nothing more: what it began is refused."""
        if self.state == BODY:
            self._fail(ended_early(self.size, self._announced) if self._announced >= 0 else _UNFINISHED)
        elif self.state == HEAD:
            self._refuse(Problem(400, "The connection ended within the head of a request.", code=MALFORMED))

    def time_out(self, detail: str) -> None:
        """Refuses what did not arrive in time."""
        if self.state == BODY:
            self._fail((408, MALFORMED, detail))
        else:
            self._refuse(Problem(408, detail, code=MALFORMED))

    # What the parser calls

    def on_message_begin(self) -> None:
        self.state = HEAD
        self._target, self._fields, self._parts, self._refusal, self._announced = b"", [], [], None, -1
        self.size = 0
        self._method = ""

    def on_url(self, part: bytes) -> None:
        self._target += part

    def on_header(self, name: bytes, value: bytes) -> None:
        if self.state == HEAD:  # A trailer is none of the request's headers.
            self._fields.append((name, value))

    def on_headers_complete(self) -> None:
        if self._head_size > MAX_HEAD and sum(map(len, chain(*self._fields)), len(self._target)) > MAX_HEAD:
            self._refusal = _head_too_large()
        self.state, self._head_size = BODY, 0
        headers = self._headers = HeaderFields.of_pairs(self._fields)
        by_name = headers.by_name
        if "content-length" in by_name:
            self._announced = int(by_name["content-length"])
        version = self._parser.get_http_version()
        if "transfer-encoding" in by_name or "expect" in by_name or version != "1.1":
            self._refusal = self._refusal or _unsupported(by_name, version)
        if self._refusal is None and version == "1.1" and "host" not in by_name:
            self._refusal = Problem(400, "The request has no Host header, which HTTP/1.1 requires.", code=MALFORMED)
        elif "," in by_name.get("host", ""):
            self._refusal = Problem(400, "The request has more than one Host header; send one.", code=MALFORMED)
        if self._refusal is None and "expect" in by_name:
            self._expect()

    def on_body(self, part: bytes) -> None:
        self.size += len(part)
        if self.size <= MAX_BODY:
            self._parts.append(part)
        elif self.size <= MAX_BODY + MAX_REST:
            self._parts.clear()
        elif self._refusal is None:
            self._refusal = Problem(413, SENT_TOO_LARGE[2], code=SENT_TOO_LARGE[1])

    def on_message_complete(self) -> None:
        self.state = IDLE
        if self._refusal is not None or self._is_over:
            return
        parts, unread = self._parts, None
        if self.size > MAX_BODY:
            unread = announced_too_large(self._announced) if self._announced >= 0 else SENT_TOO_LARGE
        keep_alive = self._parser.should_keep_alive()
        self._is_over = not keep_alive
        self._arrive(parts[0] if len(parts) == 1 else b"".join(parts), unread, keep_alive=keep_alive)

    # What it leads to

    def _arrive(self, body: bytes, unread: BodyFailure | None, *, keep_alive: bool) -> None:
        try:
            path, query, authority = read_target(self._target)
        except Problem as problem:
            self._refuse(problem)
            return
        if authority:
            named = self._headers.by_name.get("host", authority)
            if named.lower() != authority.lower() and "__admin" in path:
                said = f"The target names {authority[:80]!r}, and the Host header {named[:80]!r}; send one host."
                self._refuse(Problem(400, said, code=MALFORMED))
                return
            self._headers.by_name["host"] = authority
        method = self._method or self._parser.get_method().decode()
        received = make(Received, (method, path, query, self._headers, body, unread, self._address))
        self.arrivals.append(make(Arrival, (received, keep_alive, self._parser.get_http_version() == "1.0", None)))

    def _fail(self, unread: BodyFailure) -> None:
        """Has the request answered as one without a valid body, by the API that it is for."""
        if self._refusal is not None:
            self._refuse(self._refusal)
            return
        self.state, self._is_over = IDLE, True
        self._arrive(b"", unread, keep_alive=False)

    def _refuse(self, problem: Problem) -> None:
        self.state, self._is_over = IDLE, True
        path = self._target.decode("latin-1").partition("?")[0]
        method = self._method or self._parser.get_method().decode() if self._target else ""
        received = Received(method, path, "", HeaderFields.of_pairs(self._fields), b"", None, self._address)
        self.arrivals.append(Arrival(received, keep_alive=False, old=False, refusal=problem))

    def _break_off(self, error: HttpParserError, data: bytes) -> None:
        if self._is_over:
            return
        if self.state == BODY:
            self._fail((400, MALFORMED, f"The body is not what its head announced: {_reason(error)}."))
        elif self._head_size > MAX_HEAD:
            self._refuse(_head_too_large())
        elif isinstance(error, HttpParserInvalidMethodError) and not self._method and (named := _METHOD.match(data)):
            self._read_as_post(named[1], data)
        else:
            self._refuse(Problem(400, f"This is no request of HTTP/1.1: {_reason(error)}.", code=MALFORMED))

    def _read_as_post(self, method: bytes, data: bytes) -> None:
        """Reads a request of a method that llhttp does not know, which OpenAPI 3.2 allows to declare."""
        self._parser, self._head_size = HttpRequestParser(self), 0
        self.on_message_begin()
        self._method = method.decode()
        self.feed(b"POST" + data[len(method) :])

    def _ignore_upgrade(self, rest: bytes) -> None:
        """Goes on in HTTP/1.1, as a server may (RFC 9110, section 7.8): Java's client offers HTTP/2 each time."""
        if self._target[:1] == b"/":
            self._parser = HttpRequestParser(self)
            if rest:
                self.feed(rest)

    def _expect(self) -> None:
        if self._announced > MAX_BODY:
            failure = announced_too_large(self._announced)
            self._refusal = Problem(failure[0], failure[2], code=failure[1])
        elif self._announced != 0:
            self._proceed()


_METHOD = re.compile(rb"([!#$%&'*+.^_`|~0-9A-Za-z-]{1,40}) ")
_UNFINISHED: BodyFailure = (400, MALFORMED, "The body ended before its last chunk.")


def _unsupported(by_name: dict[str, str], version: str) -> Problem | None:
    """The refusal of what this server does not implement."""
    if version == "0.9":
        return Problem(400, "The request line names no version; expected HTTP/1.1 at its end.", code=MALFORMED)
    if version not in ("1.1", "1.0"):
        return Problem(505, f"HTTP/{version} is not spoken here; HTTP/1.1 is.", code=MALFORMED)
    coding = by_name.get("transfer-encoding", "chunked").strip().lower()
    if not coding.endswith("chunked"):
        return Problem(400, f"The transfer coding {coding[:80]!r} does not say where the body ends.", code=MALFORMED)
    if coding != "chunked":
        return Problem(501, f"The transfer coding {coding[:80]!r} is not supported; chunked is.", code=MALFORMED)
    expected = by_name.get("expect", "100-continue")
    if expected.lower() != "100-continue":
        return Problem(417, f"The expectation {expected[:80]!r} is not supported; 100-continue is.", code=MALFORMED)
    return None


def _head_too_large() -> Problem:
    return Problem(431, f"The request line and headers have more than {MAX_HEAD} bytes.", code=MALFORMED)


def _reason(error: HttpParserError) -> str:
    return str(error).strip().rstrip(".") or "it cannot be parsed"
