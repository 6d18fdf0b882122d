"""Requests, responses and exchanges, as values that know no framework."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Final, NamedTuple

from mockserver.json_text import Json
from mockserver.problem import Violation

Headers = tuple[tuple[str, str], ...]
BodyFailure = tuple[int, str, str]
"""Why a body was not read: a Problem's status, code and text."""


class Request(NamedTuple):
    """A request. `path` is percent-decoded and begins at the API's own root; header names are looked up in any case.

    `body` is what was read; where it could not be read whole, `unread` says why (a Problem's code and text). `root` is
    what stood before `path` in the address that was asked for: `/~world/xqr`, or nothing; `asked` is the path of that
    address as the client wrote it, decoded, where `path` may have been completed with that of the document's server.
    `origin` is what stood before all that, as a trusted proxy tells it: `https://api.example.com`, or nothing.
    """

    method: str
    path: str
    query: str
    headers: Mapping[str, str]
    body: bytes
    address: str
    unread: BodyFailure | None = None
    root: str = ""
    asked: str = ""
    origin: str = ""

    @property
    def host(self) -> str:
        """The host that was asked for, with its port; empty where none was named."""
        return self.origin.partition("://")[2].partition("/")[0] or self.headers.get("Host") or ""

    @property
    def site(self) -> str:
        """The address that the API's paths begin at, as the client wrote it; empty where it named no host."""
        if self.origin:
            return self.origin + self.root
        host = self.headers.get("Host")
        return f"http://{host}{self.root}" if host else ""


class Response(NamedTuple):
    """A response: its body is a JSON value, or bytes; `None` is no body. A `Content-Type` other than JSON stands first
    among the headers.
    """

    status: int
    body: Json = None
    headers: Headers = ()


RESET, RESET_AFTER_HEADERS, EMPTY, TRUNCATED, GARBAGE, BROKEN_CHUNK = (
    "reset",
    "reset-after-headers",
    "empty",
    "truncated",
    "garbage",
    "broken-chunk",
)
"""What a connection does in place of a whole response: it is reset before or after the headers; it is closed without a
byte; half of the body comes; the headers of a response are followed by bytes that are none; a chunk has no valid
length.
"""


UNANSWERED: Final = frozenset({RESET, EMPTY, GARBAGE})
"""The endings of which the client gets no answer, not even a status."""

NOTHING_SENT: Final = 0
"""The status of an exchange whose client got none."""


class Delivery(NamedTuple):
    """The way in which a response is sent, where it is not sent whole and at once.

    `delay` are the seconds before its first byte, `bytes_per_second` the speed of its body (0: at once), `fault` one of
    RESET, RESET_AFTER_HEADERS, EMPTY, TRUNCATED, GARBAGE, BROKEN_CHUNK, or nothing. `finish` is called when the delay
    is over. It is executed at the connection, and occupies no thread that other requests need.
    """

    delay: float = 0.0
    bytes_per_second: float = 0.0
    fault: str = ""
    finish: Callable[[], None] | None = None


class Exchange(NamedTuple):
    """One request and its answer, as the journal keeps them. `at` is world time in epoch seconds, `took` in seconds,
    `size` the bytes that keeping it costs, roughly; `assumptions` are `api.name=option` or `api.name=text`; `delivery`
    says how the response is sent, where it is not whole and at once.
    """

    id: int
    at: float
    world: str
    api: str
    operation: str
    request: Request
    status: int
    headers: Headers
    content: bytes
    violations: tuple[Violation, ...]
    broken: tuple[Violation, ...]
    assumptions: tuple[str, ...]
    answered_by: str
    took: float
    size: int
    delivery: Delivery | None = None

    @property
    def fault(self) -> str:
        """The way in which the connection ended in the place of a whole answer; empty where it did not."""
        return self.delivery.fault if self.delivery is not None else ""

    def as_sent(self) -> Exchange:
        """The exchange as its client saw it: without an answer where the connection ended before one."""
        fault = self.fault
        if fault in UNANSWERED:
            return self._replace(status=NOTHING_SENT, headers=(), content=b"", broken=())
        return self._replace(content=b"") if fault in (RESET_AFTER_HEADERS, BROKEN_CHUNK) else self


make = tuple.__new__
"""`make(Response, (200, body, ()))`: a value of all its members, at a third of what the call by name costs."""
