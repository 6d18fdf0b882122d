"""Sends one POST over a connection of its own: to allowed addresses, within one deadline, without redirects.

The standard library's client does it once it is given a connected socket. Which address is connected to is the point
here; a library that pools, retries, redirects and reads the environment would first have to be talked out of all that.
"""

from __future__ import annotations

import http.client
import io
import socket
import ssl
from dataclasses import dataclass
from functools import cached_property
from types import TracebackType
from typing import Self

from mockserver.engine.webhooks.destination import Allowed, Receiver, ReceiverPlace, Refused, find, take_apart
from mockserver.engine.webhooks.rules import AGENT, DeliveryOutcome
from mockserver.messages import Headers
from mockserver.state.clock import stopwatch

MAX_ANSWER = 64 * 1024
"""Bytes of an answer that are read; what is beyond them is not waited for."""

SHOWN = 1_000
"""Characters of an answer that are remembered."""


@dataclass(frozen=True)
class HttpClient:
    """Goes to allowed hosts alone. `cafile` and `capath` name trusted certificates; None: those of the system."""

    allowed: Allowed
    cafile: str | None = None
    capath: str | None = None

    def post(
        self, url: str, headers: Headers, body: bytes, timeout: float, method: str = "POST", *, may_be_own: bool = False
    ) -> DeliveryOutcome:
        """The body was sent and an answer read within `timeout` seconds, or why not; to the mock's own ports only where
        it `may_be_own`. Raises nothing.
        """
        began = stopwatch()
        try:
            target = take_apart(url)
            with self._connect(target, Deadline(timeout), may_be_own=may_be_own) as line:
                status, answer = _ask(line, target, headers, body, method)
        except Refused as refusal:
            return DeliveryOutcome(None, str(refusal), took=stopwatch() - began, is_final=True)
        except (OSError, http.client.HTTPException, ValueError) as error:
            return DeliveryOutcome(None, _words(error, timeout), took=stopwatch() - began)
        return DeliveryOutcome(status, None, answer.decode("utf-8", "replace")[:SHOWN], stopwatch() - began)

    def _connect(self, target: Receiver, deadline: Deadline, *, may_be_own: bool) -> Line:
        """A line to the first address of the target that takes one. Raises Refused and OSError."""
        failure: OSError = ConnectionError("its name has no address")
        for place in find(target, self.allowed, may_be_own=may_be_own):
            try:
                return Line(self._open(place, target, deadline), deadline)
            except OSError as error:
                failure = error
        raise failure

    def _open(self, place: ReceiverPlace, target: Receiver, deadline: Deadline) -> socket.socket:
        opened = socket.socket(place.family, socket.SOCK_STREAM)
        try:
            opened.settimeout(deadline.left())
            opened.connect(place.address)
            opened.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            opened.settimeout(deadline.left())
            return self._trust.wrap_socket(opened, server_hostname=target.host) if target.is_secure else opened
        except BaseException:
            opened.close()
            raise

    @cached_property
    def _trust(self) -> ssl.SSLContext:
        return ssl.create_default_context(cafile=self.cafile, capath=self.capath)


class Deadline:
    """A moment on the machine's clock that nothing may take longer than."""

    __slots__ = ("_ends",)

    def __init__(self, seconds: float) -> None:
        self._ends = stopwatch() + seconds

    def left(self) -> float:
        """Seconds, more than none. Raises TimeoutError."""
        left = self._ends - stopwatch()
        if left <= 0:
            raise TimeoutError
        return left


class Line:
    """A connected socket whose reads and writes together end at one deadline, in the words that http.client says to a
    socket. Left as a context, it is closed.
    """

    def __init__(self, connected: socket.socket, deadline: Deadline) -> None:
        self._socket = connected
        self._deadline = deadline

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, where: TracebackType | None
    ) -> None:
        self._socket.close()

    def sendall(self, content: bytes) -> None:
        rest = memoryview(content)
        while rest:
            self._socket.settimeout(self._deadline.left())
            rest = rest[self._socket.send(rest) :]

    def receive(self, buffer: memoryview) -> int:
        self._socket.settimeout(self._deadline.left())
        return self._socket.recv_into(buffer)

    def makefile(self, _mode: str) -> io.BufferedReader:
        return io.BufferedReader(_Incoming(self))

    def close(self) -> None:
        """The client has let go of the socket; the answer is still being read from it."""


class _Incoming(io.RawIOBase):
    """The bytes that a connection received."""

    def __init__(self, line: Line) -> None:
        self._line = line

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: memoryview) -> int:  # type: ignore[override]  # a buffered reader hands out nothing else
        return self._line.receive(buffer)


def _ask(line: Line, target: Receiver, headers: Headers, body: bytes, method: str) -> tuple[int, bytes]:
    """The status, and how the answer's body begins."""
    connection = http.client.HTTPConnection(target.host, target.port)
    connection.sock = line
    connection.putrequest(method, target.path, skip_host=True, skip_accept_encoding=True)
    for name, value in _complete(headers, target, body):
        connection.putheader(name, value)
    connection.endheaders(body)
    with connection.getresponse() as answer:
        content = answer.read(MAX_ANSWER)
        if len(content) < MAX_ANSWER:
            answer.read()  # Raises where less came than was announced.
        return answer.status, content


def _complete(headers: Headers, target: Receiver, body: bytes) -> Headers:
    """The API's headers, and those that every request has."""
    host = f"[{target.host}]" if ":" in target.host else target.host
    port = "" if target.port == (443 if target.is_secure else 80) else f":{target.port}"
    usual = (("Host", host + port), ("User-Agent", AGENT), ("Accept", "*/*"), ("Content-Type", _JSON))
    given = {name.lower() for name, _ in headers}
    own = tuple((name, value) for name, value in usual if name.lower() not in given)
    return (*own, *headers, ("Content-Length", str(len(body))), ("Connection", "close"))


_JSON = "application/json"


def _words(error: Exception, timeout: float) -> str:
    """Tells what went wrong, for whoever looks at the outbox."""
    if isinstance(error, TimeoutError):
        return f"no answer within {timeout:g} s"
    if isinstance(error, ssl.SSLCertVerificationError):
        return f"its certificate is not trusted: {error.verify_message}"
    if isinstance(error, socket.gaierror):
        return f"its name has no address: {error.strerror}"
    if isinstance(error, http.client.IncompleteRead):
        return "the connection was closed before the answer was whole"
    if isinstance(error, ConnectionResetError | BrokenPipeError):
        return "the connection was closed before an answer came"
    if isinstance(error, OSError) and error.strerror:
        return f"no connection: {error.strerror.lower()}"
    return f"{type(error).__name__}: {error}"[:SHOWN]
