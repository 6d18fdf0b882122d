"""Asks the upstream: connections that are used again, bounded waiting, and failures that say what was seen."""

from __future__ import annotations

import http.client
import re
import socket
import ssl
import threading
import time
from contextlib import suppress
from typing import IO, Final, NamedTuple

import urllib3
from urllib3 import Timeout
from urllib3.exceptions import ConnectTimeoutError, HTTPError, NameResolutionError, NewConnectionError, ReadTimeoutError

from mockserver.proxy.forwarded_headers import Fields
from mockserver.proxy.upstream_address import UpstreamAddress
from mockserver.proxy.upstream_connection import AsWritten, Interim, PlainConnection, SecureConnection
from mockserver.server.http.answer import BODILESS
from mockserver.server.http.timed_reader import Overdue

CONNECT_SECONDS: Final = 10.0
"""The most seconds in which a connection to the upstream is made."""
MOST_IDLE: Final = 64
"""Connections that are kept for the next request."""
IDLE_SECONDS: Final = 60.0
"""Seconds after which a connection is not used again."""
FRESH_SECONDS: Final = 1.0
"""Seconds in which a connection is used again for a request that must not be sent twice: the upstream may be closing
one that was idle for longer.
"""
PART: Final = 64 * 1024
"""The most bytes of a body that are read at once."""

_REPEATABLE: Final = frozenset({"GET", "HEAD", "OPTIONS", "PUT", "DELETE", "TRACE", "QUERY", "PROPFIND", "REPORT"})
_ERRORS: Final = (OSError, HTTPError, http.client.HTTPException, ValueError)

Connection = PlainConnection | SecureConnection


class UpstreamFailure(Exception):
    """The upstream gave no whole answer: 504 where it took too long, else 502. `detail` says what was seen."""

    def __init__(self, status: int, detail: str) -> None:
        super().__init__(detail)
        self.status = status
        self.detail = detail


class ForwardedRequest(NamedTuple):
    """A request as the upstream gets it; a body that is a file is sent from its beginning."""

    method: str
    target: str
    fields: Fields
    body: bytes | IO[bytes]

    @property
    def is_repeatable(self) -> bool:
        """Whether it may be sent once more, if the connection is lost without an answer (RFC 9110, section 9.2.2)."""
        return self.method in _REPEATABLE


class Errand:
    """One request on its way to the upstream and back; `cancel` ends it from another thread."""

    def __init__(self) -> None:
        self.is_cancelled = False
        self._socket: socket.socket | None = None
        self._lock = threading.Lock()

    def begin(self, own: socket.socket | None) -> None:
        """Has this connection cut when the errand is cancelled."""
        with self._lock:
            self._socket = own
        if self.is_cancelled:
            self.cancel()

    def end(self) -> None:
        """From now on the connection serves others."""
        with self._lock:
            self._socket = None

    def cancel(self) -> None:
        self.is_cancelled = True
        with self._lock:
            own, self._socket = self._socket, None
            if own is not None:
                with suppress(OSError):
                    own.shutdown(socket.SHUT_RDWR)


class UpstreamAnswer:
    """The head of an answer, and its body part by part. `length` is that of the body; None where only its end tells."""

    def __init__(
        self, upstream: Upstream, errand: Errand, connection: Connection, response: urllib3.BaseHTTPResponse
    ) -> None:
        self._upstream = upstream
        self._errand = errand
        self._connection = connection
        self._response = response
        raw = connection.raw
        self.status = raw.status
        self.reason = raw.reason or ""
        self.fields: Fields = [(name, _unfolded(value)) for name, value in raw.headers.items()]
        self.is_chunked = bool(raw.chunked)
        self.length = None if self.is_chunked else raw.length
        self.size = 0
        self._is_over = False

    def read(self) -> bytes:
        """The next part of the body as soon as there is one, at most PART bytes; nothing at its end. Raises
        UpstreamFailure.
        """
        if self.is_chunked and self.status in BODILESS:  # What stands behind such a head is part of no answer.
            self.close()
        if self._is_over:
            return b""
        try:
            part = self._response.read1(PART, decode_content=False)
        except _ERRORS as error:
            self.close()
            raise self._upstream.failure(error, f"after {self.size:,} bytes of its answer's body") from None
        self.size += len(part)
        if not part:
            self._is_over = True
            self._errand.end()
            self._upstream.give_back(self._connection)
        return part

    @property
    def left(self) -> int | None:
        """The bytes that are still to come; None where that is not known."""
        return None if self.length is None else self.length - self.size

    def skip(self) -> None:
        """Reads an answer that nobody gets to its end, so that the connection is used again; gives up a long one."""
        while self.size <= _MOST_SKIPPED:
            if not self.read():
                return
        self.close()

    def close(self) -> None:
        """Gives up the rest."""
        if not self._is_over:
            self._is_over = True
            self._errand.end()
            self._response.close()
            self._connection.close()


class Upstream:
    """The one server that requests are forwarded to. It may be silent for `seconds`, before its answer and within."""

    def __init__(self, address: UpstreamAddress, seconds: float) -> None:
        self.address = address
        self._seconds = seconds
        self._tls = ssl.create_default_context() if address.scheme == "https" else None
        self._idle: list[tuple[float, Connection]] = []
        self._lock = threading.Lock()
        self._is_closed = False

    def ask(self, request: ForwardedRequest, errand: Errand, interim: Interim) -> UpstreamAnswer:
        """The upstream's answer, its body still to be read. Raises UpstreamFailure."""
        connection, is_used = self._connection(request)
        try:
            return self._ask(connection, request, errand, interim)
        except _ERRORS as error:
            connection.close()
            if not (is_used and request.is_repeatable and isinstance(error, ConnectionError)) or errand.is_cancelled:
                raise self.failure(error, _BEFORE) from None
        connection = self._new_connection()
        try:
            return self._ask(connection, request, errand, interim)
        except _ERRORS as error:
            connection.close()
            raise self.failure(error, _BEFORE) from None

    def give_back(self, connection: Connection) -> None:
        """Keeps a connection for the next request, if it goes on after its answer."""
        if connection.sock is None:
            return
        most = 0 if self._is_closed else MOST_IDLE
        with self._lock:
            self._idle.append((time.monotonic(), connection))
            gone = self._idle[: max(0, len(self._idle) - most)]
            del self._idle[: max(0, len(self._idle) - most)]
        for _, other in gone:
            other.close()

    def close(self) -> None:
        """Closes the connections that wait for a next request, and those that will."""
        self._is_closed = True
        with self._lock:
            idle, self._idle = self._idle, []
        for _, connection in idle:
            connection.close()

    def failure(self, error: Exception, when: str) -> UpstreamFailure:
        """Says what was seen of a failure."""
        where = f"The upstream {self.address.scheme}://{self.address.authority}"
        if isinstance(error, NameResolutionError):
            return UpstreamFailure(502, f"{where} was not found: its name leads to no address.")
        if isinstance(error, ConnectTimeoutError) and not isinstance(error, NewConnectionError):
            seconds = min(CONNECT_SECONDS, self._seconds)
            return UpstreamFailure(504, f"{where} did not take a connection within {seconds:g} seconds.")
        overdue = error if isinstance(error, Overdue) else error.__cause__
        if isinstance(overdue, Overdue):
            what = "head" if when == _BEFORE else "trailers"
            return UpstreamFailure(
                504, f"{where} failed: the {what} of its answer had no end after {overdue.seconds:g} seconds."
            )
        if isinstance(error, (ReadTimeoutError, TimeoutError)):
            return UpstreamFailure(504, f"{where} was silent for {self._seconds:g} seconds {when} (--timeout).")
        return UpstreamFailure(502, f"{where} failed {when}: {_reason(error)}.")

    def _ask(
        self, connection: Connection, request: ForwardedRequest, errand: Errand, interim: Interim
    ) -> UpstreamAnswer:
        connection.expect(interim)
        if connection.sock is None:
            connection.connect()
        connection.timeout = self._seconds
        errand.begin(connection.sock)
        if not isinstance(request.body, bytes):
            request.body.seek(0)
        with suppress(BrokenPipeError, ConnectionResetError):  # It may have answered before it had read all.
            connection.request(
                request.method,
                request.target,
                request.body or None,
                AsWritten(request.fields),
                preload_content=False,
                decode_content=False,
            )
        answer = UpstreamAnswer(self, errand, connection, connection.getresponse())
        _refuse_unsound(answer, connection)
        return answer

    def _connection(self, request: ForwardedRequest) -> tuple[Connection, bool]:
        """A connection, and whether it was used before."""
        most = IDLE_SECONDS if request.is_repeatable else FRESH_SECONDS
        while True:
            with self._lock:
                if not self._idle:
                    return self._new_connection(), False
                since, connection = self._idle.pop()
            if time.monotonic() - since < most and connection.is_connected:
                return connection, True
            connection.close()

    def _new_connection(self) -> Connection:
        address, seconds = self.address, min(CONNECT_SECONDS, self._seconds)
        timeout = Timeout.resolve_default_timeout(seconds)
        if self._tls is not None:
            return SecureConnection(address.host, address.port, timeout=timeout, ssl_context=self._tls)
        return PlainConnection(address.host, address.port, timeout=timeout)


def _refuse_unsound(answer: UpstreamAnswer, connection: Connection) -> None:
    """Raises HTTPException for a head that cannot be passed on as what it is."""
    coding = ", ".join(value for name, value in answer.fields if name.lower() == "transfer-encoding").strip().lower()
    if answer.status < _LEAST or answer.status > _MOST:
        raise http.client.HTTPException(f"it answered with the status {answer.status}, which is no final one")
    if not connection.raw.is_sound:
        raise http.client.HTTPException("a line of its answer's head is no header field")
    if coding not in ("", "chunked"):
        raise http.client.HTTPException(f"its answer has the transfer coding {coding[:80]!r}; chunked is understood")
    if any(not _CONTROLS.isdisjoint(text) for text in (answer.reason, *(value for _, value in answer.fields))):
        raise http.client.HTTPException("the head of its answer has a control character")
    lengths = {value for name, value in answer.fields if name.lower() == "content-length"}
    if not coding and (len(lengths) > 1 or not all(map(_LENGTH.fullmatch, lengths))):
        said = ", ".join(sorted(lengths))[:80]
        raise http.client.HTTPException(f"its answer has the Content-Length {said!r}; expected one number")


def _reason(error: Exception) -> str:
    """What happened, in words."""
    cause = error.__cause__ if isinstance(error, HTTPError) and error.__cause__ is not None else error
    if isinstance(cause, http.client.RemoteDisconnected):
        return "it closed the connection without an answer"
    if isinstance(cause, http.client.IncompleteRead) or "IncompleteRead" in str(error):
        return "its answer ended before it was complete"
    if isinstance(cause, http.client.UnknownProtocol):
        return f"its answer is in {str(cause)[:80]!r}; HTTP/1.1 is understood"
    if isinstance(cause, http.client.BadStatusLine):
        return f"its answer begins with {str(cause)[:80]!r}, which is no status line of HTTP"
    if isinstance(cause, ssl.SSLError):
        return f"TLS: {cause.reason or cause}"
    if isinstance(cause, OSError) and cause.strerror:
        return cause.strerror.lower()
    return str(cause).strip().rstrip(".") or type(cause).__name__


def _unfolded(value: str) -> str:
    """A value in one line, as folded ones are to be passed on (RFC 9112, section 5.2)."""
    return " ".join(part.strip() for part in value.split("\n")) if "\n" in value else value.strip(" \t")


_BEFORE: Final = "before its answer"
_LEAST, _MOST = 200, 999
_MOST_SKIPPED: Final = 1024 * 1024
_CONTROLS: Final = frozenset("\r\n\0")
_LENGTH: Final = re.compile("[0-9]{1,18}")
