"""Reads requests from the bytes of a connection, by httptools (llhttp), and holds them to its limits."""

from __future__ import annotations

import re
from collections import deque
from collections.abc import Callable
from itertools import chain
from typing import IO, NamedTuple

from httptools import HttpParserError, HttpParserUpgrade, HttpRequestParser

from mockserver.messages import BodyFailure, make
from mockserver.problem import MALFORMED, Problem
from mockserver.server.http.known_heads import KnownHeads
from mockserver.web.forwarded import is_address_in_brackets
from mockserver.web.header_fields import HeaderFields
from mockserver.web.request import MAX_BODY, MAX_REST, SENT_TOO_LARGE, Received, announced_too_large, ended_early
from mockserver.web.target import made_legible, read_target

MAX_HEAD = 64 * 1024
"""The most bytes of a request line with headers, which the journal stores."""

IDLE, HEAD, BODY = "idle", "head", "body"
"""What a connection reads: nothing yet, a request line with headers, a body."""


class Upload(NamedTuple):
    """A body that is too large for memory: a file that is gone when it is closed, and its size in bytes."""

    file: IO[bytes]
    size: int


class SentHead(NamedTuple):
    """The target and the header fields of a request, byte by byte as they were sent; and its body where that is an
    upload.
    """

    target: bytes
    fields: tuple[tuple[bytes, bytes], ...]
    upload: Upload | None = None


class Arrival(NamedTuple):
    """A request that has arrived completely, or so much of it that it is refused: then `refusal` says why. After an
    arrival without `keep_alive` the connection is closed; `old` is a request of HTTP/1.0. `head` is what was sent, of
    connections that keep it.
    """

    received: Received
    keep_alive: bool
    old: bool
    refusal: Problem | None = None
    head: SentHead | None = None


class Incoming:
    """The requests of one connection, in the order in which they arrived. `state` is IDLE, HEAD or BODY; `size` are the
    bytes of the body until now; `is_cut` says that more may be sent, which nobody reads. `proceed` is called where the
    client waits for `100 Continue`.

    A body that does not arrive as its head announced makes no valid request: the arrival has no body, and its `unread`
    says why. Whatever follows on the connection is not read.

    The headers that the parser took last are kept with their bytes: a request that arrives whole and has the very same
    bytes for them is not parsed again.
    """

    most = MAX_BODY
    """Bytes of a body that are received; beyond MAX_BODY they are in no request."""

    def __init__(self, address: str, proceed: Callable[[], None]) -> None:
        self.arrivals: deque[Arrival] = deque()
        self.state = IDLE
        self.size = 0
        self.is_cut = False
        self._address = address
        self._proceed = proceed
        self._parser = HttpRequestParser(self)
        self._head_size = self._framing_size = 0
        self._is_over = self._is_held = self._is_upgrade = False
        self._start = b""
        self._begun = 0
        self._target = b""
        self._fields: list[tuple[bytes, bytes]] = []
        self._body: bytes | bytearray = b""
        self._headers = self._usual_headers = HeaderFields({})
        self._usual_fields: list[tuple[bytes, bytes]] | None = None
        self._usual_size = -1
        self._known_heads = KnownHeads(address, MAX_HEAD)
        self._host = ""
        self._announced = -1
        self._method = self._own_method = ""

    def feed(self, data: bytes) -> None:
        """Reads on. Everything after a request that ends the connection is ignored."""
        if self._is_over:
            return
        state = self.state
        if state is IDLE and (known := self._known_heads.request(data)) is not None:
            self.arrivals.append(make(Arrival, (known, True, False, None, None)))
            return
        if state is BODY:
            self._framing_size += len(data)
        else:
            self._head_size += len(data)
            if state is IDLE:
                self._start, self._begun = data, 0
            elif not self._fields and self._begun < _SECOND:
                self._start += data
                self._begun += len(self._start) > _LONGEST_START
        if self._parse(data if not self._is_held else self._with_known_method()):
            self.state = IDLE
        elif self.state is BODY:
            if self._framing_size > MAX_HEAD:
                self._fail(
                    (400, MALFORMED, f"The body has more than {MAX_HEAD} bytes of chunk extensions or trailers.")
                )
        elif self._head_size > MAX_HEAD:
            self._refuse(_head_too_large())
        elif self.state is HEAD:
            if _HTTP_2.match(self._start):
                self._refuse(_not_spoken("2"))
        elif self._start is data and self._begun == 1 and self._fields is self._usual_fields:
            self._known_heads.keep(data, self._headers, len(self._fields), max(self._announced, 0))

    def _parse(self, data: bytes) -> bool:
        """Whether nothing more is read after that."""
        while data:
            try:
                self._parser.feed_data(data)
            except HttpParserUpgrade as upgrade:
                data = self._without_upgrade(data[upgrade.args[0] :])
            except HttpParserError as error:
                data = b"" if self._is_over else self._after(_reason(error))
            else:
                break
        return self._is_over

    def end(self) -> None:
        """The client sends nothing more: what it began is refused."""
        if self._is_over:
            return
        if self.state == BODY:
            self._fail(ended_early(self.size, self._announced) if self._announced >= 0 else _UNFINISHED)
        elif self.state == HEAD:
            self._refuse(Problem(400, "The connection ended within the head of a request.", code=MALFORMED))

    def give_up(self, status: int, detail: str) -> None:
        """Refuses what has begun to arrive."""
        if self._is_over:
            return
        if self.state == BODY:
            self._fail((status, MALFORMED, detail))
        else:
            self._refuse(Problem(status, detail, code=MALFORMED))

    # What the parser calls

    def on_message_begin(self) -> None:
        if self.state is BODY:  # The head that `_without_upgrade` puts in front of a body.
            return
        self.state = HEAD
        self._begun += 1
        self._target, self._fields, self._body, self._announced = b"", [], b"", -1
        self.size = 0
        self._method, self._own_method = self._own_method, ""
        self._is_upgrade = False

    def on_url(self, part: bytes) -> None:
        if self.state is HEAD:
            self._target += part

    def on_header(self, name: bytes, value: bytes) -> None:
        if self.state is HEAD:  # A trailer is none of the request's headers.
            self._fields.append((name, value))

    def on_headers_complete(self) -> None:
        if self.state is BODY:
            return
        if self._head_size > MAX_HEAD and sum(map(len, chain(*self._fields)), len(self._target)) > MAX_HEAD:
            self._refuse(_head_too_large())
            raise StopReading
        self.state, self._head_size, self._framing_size = BODY, 0, 0
        fields, version = self._fields, self._parser.get_http_version()
        is_usual = version == "1.1" and self._parser.get_method() != b"CONNECT"
        if is_usual and fields == self._usual_fields:
            self._usual_fields, self._headers, self._announced = fields, self._usual_headers, self._usual_size
            return
        headers = self._headers = HeaderFields.of_pairs(fields)
        by_name = headers.by_name
        if "transfer-encoding" in by_name or "expect" in by_name or version != "1.1":
            self._refuse_if(_unsupported(by_name, version))
        host = by_name.get("host")
        if host != self._host or not host:
            self._refuse_if(_wrong_host(host, version))
            self._host = host or ""
        if "content-length" in by_name:
            self._announced = int(by_name["content-length"])
            if self._announced > self.most and ("expect" in by_name or self._announced > self.most + MAX_REST):
                self._fail(announced_too_large(self._announced, self.most))
                raise StopReading
        if "upgrade" in by_name or self._parser.get_method() == b"CONNECT":
            self._meet_upgrade(by_name, version)
        if "expect" in by_name and version == "1.1" and (self._announced > 0 or "transfer-encoding" in by_name):
            self._proceed()
        elif is_usual and by_name.keys().isdisjoint(_SPECIAL):
            self._usual_fields, self._usual_headers, self._usual_size = fields, headers, self._announced

    def on_body(self, part: bytes) -> None:
        if not self.size:
            self._body = part
        elif self.size <= MAX_BODY:
            if isinstance(self._body, bytes):
                self._body = bytearray(self._body)
            self._body += part
        self.size += len(part)
        self._framing_size = 0
        if self.size > MAX_BODY:
            self._body = b""
            if self.size > MAX_BODY + MAX_REST:
                self._fail(SENT_TOO_LARGE)
                raise StopReading

    def on_message_complete(self) -> None:
        if self._is_upgrade:  # Its body follows.
            return
        self.state = IDLE
        unread = None
        if self.size > MAX_BODY:
            unread = announced_too_large(self._announced) if self._announced >= 0 else SENT_TOO_LARGE
        keep_alive = self._parser.should_keep_alive()
        self._is_over = not keep_alive
        body, self._body = self._body, b""
        self._arrive(body if isinstance(body, bytes) else bytes(body), unread, keep_alive=keep_alive)
        if self.is_cut:
            raise StopReading

    # What it leads to

    def _arrive(self, body: bytes, unread: BodyFailure | None, *, keep_alive: bool) -> None:
        try:
            path, query, authority = read_target(self._target)
        except Problem as problem:  # The API that it is for says so.
            path, query, authority = read_target(made_legible(self._target))
            body, unread = b"", unread or (400, MALFORMED, problem.detail)
        if authority:
            wrong = _wrong_host(authority, "1.1") or _contradicted(authority, self._headers, path)
            if wrong is not None:
                self._refuse(wrong)
                return
            self._headers = HeaderFields({**self._headers.by_name, "host": authority})
        method = self._method or self._parser.get_method().decode()
        received = make(Received, (method, path, query, self._headers, body, unread, self._address))
        self.arrivals.append(
            make(Arrival, (received, keep_alive, self._parser.get_http_version() == "1.0", None, None))
        )

    def _fail(self, unread: BodyFailure) -> None:
        """Has the request answered as one without a valid body, by the API that it is for."""
        self.state, self._is_over, self.is_cut = IDLE, True, True
        self._body = b""
        self._arrive(b"", unread, keep_alive=False)

    def _refuse(self, problem: Problem) -> None:
        self.state, self._is_over, self.is_cut = IDLE, True, True
        self._body = b""
        method, target = self._method, self._target
        if target:
            method = method or self._parser.get_method().decode()
        elif self._begun < _SECOND and (line := _LINE.match(self._start)):
            method, target = line[1].decode(), line[2]
        path = target.decode("latin-1").partition("?")[0]
        received = Received(method, path, "", HeaderFields.of_pairs(self._fields), b"", None, self._address)
        self.arrivals.append(Arrival(received, keep_alive=False, old=False, refusal=problem))

    def _refuse_if(self, problem: Problem | None) -> None:
        if problem is not None:
            self._refuse(problem)
            raise StopReading

    def _after(self, reason: str) -> bytes:
        """What is to be read instead of what the parser did not take for this reason."""
        if self.state == BODY:
            self._fail((400, MALFORMED, f"The body is not what its head announced: {reason}."))
        elif self._head_size > MAX_HEAD:
            self._refuse(_head_too_large())
        elif self._begun < _SECOND and _HTTP_2.match(self._start):
            self._refuse(_not_spoken("2"))
        elif reason.startswith(_MISREAD) and self._begun < _SECOND and not self._method:
            return self._with_known_method(reason)
        else:
            self._refuse(Problem(400, f"This is no request of HTTP/1.1: {reason}.", code=MALFORMED))
        return b""

    def _with_known_method(self, reason: str = "its method is too long") -> bytes:
        """What was sent of a request whose method llhttp does not know, as OpenAPI 3.2 allows to declare, as one of
        POST; nothing while its method is still arriving. It must be the first request in what arrived.
        """
        start = self._start.lstrip(b"\r\n")
        if (named := _METHOD.match(start)) is not None:
            self._is_held, self._parser = False, HttpRequestParser(self)
            self._own_method, self._target = named[1].decode(), b""
            self.state, self._begun, self._start = IDLE, 0, start
            return b"POST" + start[len(named[1]) :]
        if _METHOD_BEGUN.fullmatch(start) is not None:
            self._is_held, self.state = True, HEAD
        else:
            self._refuse(Problem(400, f"This is no request of HTTP/1.1: {reason}.", code=MALFORMED))
        return b""

    # Upgrades, which are not made

    def _meet_upgrade(self, by_name: dict[str, str], version: str) -> None:
        if self._target[:1] != b"/" and self._parser.get_method() == b"CONNECT":
            self._refuse_if(Problem(501, "This is no proxy: CONNECT is not supported.", code=MALFORMED))
        self._is_upgrade = self._parser.should_upgrade() and (self._announced > 0 or "transfer-encoding" in by_name)
        if self._is_upgrade:
            self._method = self._method or self._parser.get_method().decode()
            framing = "Transfer-Encoding: chunked" if self._announced < 0 else f"Content-Length: {self._announced}"
            last = "" if self._parser.should_keep_alive() else "Connection: close\r\n"
            self._body_head = f"POST / HTTP/{version}\r\n{framing}\r\n{last}\r\n".encode()

    def _without_upgrade(self, rest: bytes) -> bytes:
        """Goes on in HTTP/1.1, as a server may (RFC 9110, section 7.8): Java's client offers HTTP/2 each time. The
        parser leaves the body of such a request unread, so another one reads it, behind a head of its own.
        """
        if self._is_over:
            return b""
        self._parser = HttpRequestParser(self)
        if not self._is_upgrade:
            return rest
        self._is_upgrade = False
        return self._body_head + rest


class StopReading(Exception):
    """Nothing more is read on this connection."""


_SECOND = 2
_LONGEST_START = 16 * 1024
"""Bytes of a request line that are kept to be read again."""
_MISREAD = ("Invalid method", "Expected space after method")
"""How llhttp calls methods that it does not know."""
_LONGEST_METHOD = 40
_SPECIAL = frozenset({"transfer-encoding", "expect", "upgrade"})
"""Headers whose requests are looked at each time; others have most often those of the one before."""
_TOKEN = rb"[!#$%&'*+.^_`|~0-9A-Za-z-]"
_METHOD_BEGUN = re.compile(_TOKEN + rb"{1,%d}" % _LONGEST_METHOD)
_LINE = re.compile(rb"[\r\n]*(" + _TOKEN + rb"{1,%d}) +([!-\xff]{1,65536})" % _LONGEST_METHOD)
_HTTP_2 = re.compile(rb"PRI \* HTTP/2")
_HOST = re.compile(r"(\[[0-9A-Fa-f:.]+(%25[\w.-]+)?\]|[A-Za-z0-9._~!$&'()*+;=%-]*)(:[0-9]{0,5})?", re.ASCII)
_METHOD = re.compile(rb"(" + _TOKEN + rb"{1,%d}) " % _LONGEST_METHOD)
_UNFINISHED: BodyFailure = (400, MALFORMED, "The body ended before its last chunk.")


def _unsupported(by_name: dict[str, str], version: str) -> Problem | None:
    """The refusal of what this server does not implement."""
    if version == "0.9":
        return Problem(400, "The request line names no version; expected HTTP/1.1 at its end.", code=MALFORMED)
    if version not in ("1.1", "1.0"):
        return _not_spoken(version)
    if version == "1.0" and "transfer-encoding" in by_name:
        return Problem(400, "HTTP/1.0 has no transfer codings; expected Content-Length.", code=MALFORMED)
    coding = by_name.get("transfer-encoding", "chunked").strip(" \t").lower()
    if not coding.endswith("chunked"):
        return Problem(400, f"The transfer coding {coding[:80]!r} does not say where the body ends.", code=MALFORMED)
    if coding != "chunked":
        return Problem(501, f"The transfer coding {coding[:80]!r} is not supported; chunked is.", code=MALFORMED)
    expected = by_name.get("expect", "100-continue")
    if expected.lower() != "100-continue":
        return Problem(417, f"The expectation {expected[:80]!r} is not supported; 100-continue is.", code=MALFORMED)
    return None


def _wrong_host(host: str | None, version: str) -> Problem | None:
    """The refusal of a Host header that names no host, or of several (RFC 9112, section 3.2)."""
    if host is None:
        if version == "1.0":
            return None
        return Problem(400, "The request has no Host header, which HTTP/1.1 requires.", code=MALFORMED)
    if "," in host:
        return Problem(400, "The request has more than one Host header; send one.", code=MALFORMED)
    if _HOST.fullmatch(host) is None or not is_address_in_brackets(host):
        seen = repr(host[:80])
        return Problem(400, f"The host {seen} is no name or address with a port, such as a.test:8080.", code=MALFORMED)
    return None


def _contradicted(authority: str, headers: HeaderFields, path: str) -> Problem | None:
    """The refusal of a request to the control API that names two hosts."""
    named = headers.by_name.get("host", authority)
    if named.lower() == authority.lower() or "__admin" not in path:
        return None
    said = f"The target names {authority[:80]!r}, and the Host header {named[:80]!r}; send one host."
    return Problem(400, said, code=MALFORMED)


def _not_spoken(version: str) -> Problem:
    return Problem(505, f"HTTP/{version} is not spoken here; HTTP/1.1 is.", code=MALFORMED)


def _head_too_large() -> Problem:
    return Problem(431, f"The request line and headers have more than {MAX_HEAD} bytes.", code=MALFORMED)


def _reason(error: HttpParserError) -> str:
    return str(error).strip().rstrip(".") or "it cannot be parsed"
