"""A connection to the upstream, on urllib3: sends a request as it is given, and keeps the head of its answer."""

from __future__ import annotations

import http.client
import socket
from collections.abc import Callable, ItemsView, Iterator, Mapping
from email.errors import (
    CloseBoundaryNotFoundDefect,
    InvalidMultipartContentTransferEncodingDefect,
    MultipartInvariantViolationDefect,
    NoBoundaryInMultipartDefect,
    StartBoundaryNotFoundDefect,
)
from functools import partial
from typing import Any, Final

from urllib3.connection import HTTPConnection, HTTPSConnection
from urllib3.util import SKIP_HEADER

from mockserver.proxy.forwarded_headers import Fields
from mockserver.server.http.timed_reader import HEAD_SECONDS, TimedSocket

MOST_INTERIM: Final = 20
"""The most answers with a status below 200 before the final one."""

MOST_TRAILERS: Final = 100
"""The most fields behind a body in chunks; they are read and dropped."""

Interim = Callable[[int, str, Fields], None]
"""(status, reason, fields) of an answer that comes before the final one."""


class TooManyInterim(http.client.HTTPException):
    """The upstream sends more interim answers than anyone waits for."""

    def __str__(self) -> str:
        return f"it sent more than {MOST_INTERIM} interim answers (1xx) and no final one"


class TooManyTrailers(http.client.HTTPException):
    """The upstream sends more fields behind the body than anyone reads."""

    def __str__(self) -> str:
        return f"it sent more than {MOST_TRAILERS} trailers behind the body of its answer"


class _Answer(http.client.HTTPResponse):
    """The head of a final answer; interim answers before it are handed on."""

    def __init__(
        self, sock: socket.socket, *given: Any, begun: Callable[[_Answer], None], interim: Interim, **named: Any
    ) -> None:
        timed = TimedSocket(sock)
        super().__init__(timed, *given, **named)  # type: ignore[arg-type]
        self._reader = timed.reader
        self._begun = begun
        self._interim = interim
        self._heads = 0

    def begin(self) -> None:
        super().begin()
        while _SWITCHING < self.status < _FINAL:
            self._interim(self.status, self.reason, [*self.headers.items()])
            self.headers = self.msg = None  # type: ignore[assignment]
            super().begin()
        self._reader.done()
        self._begun(self)

    def _read_status(self) -> tuple[str, int, str]:
        """Counts the heads, also those with the status 100, which http.client skips."""
        if self._heads > MOST_INTERIM:
            raise TooManyInterim
        self._heads += 1
        self._reader.begin(HEAD_SECONDS, has_begun=False)
        return super()._read_status()  # type: ignore[misc,no-any-return]

    def _read_and_discard_trailer(self) -> None:
        self._reader.begin(HEAD_SECONDS, has_begun=True)
        for _ in range(MOST_TRAILERS + 1):
            line = self.fp.readline(_LONGEST_LINE + 1)
            if len(line) > _LONGEST_LINE:
                raise http.client.LineTooLong("trailer line")
            if line in (b"\r\n", b"\n", b""):
                self._reader.done()
                return
        raise TooManyTrailers

    @property
    def is_sound(self) -> bool:
        """Whether every line of the head was a header field. Python reads it as that of a mail, and misses what
        a mail of such a media type has in its body.
        """
        rest = self.headers.get_payload()
        return not (isinstance(rest, str) and rest) and all(
            isinstance(defect, _OF_MAIL_BODIES) for defect in self.headers.defects
        )


class AsWritten(Mapping[str, str]):
    """Header fields in their order, with those that stand twice; urllib3 adds none of its own."""

    def __init__(self, fields: Fields) -> None:
        names = {name.lower() for name, _ in fields}
        self._fields = [*fields, *((name, SKIP_HEADER) for name in _ADDED if name not in names)]

    def __getitem__(self, name: str) -> str:
        return dict(self._fields)[name]

    def __iter__(self) -> Iterator[str]:
        return (name for name, _ in self._fields)

    def __len__(self) -> int:
        return len(self._fields)

    def items(self) -> ItemsView[str, str]:
        return _Pairs(self, self._fields)


class _Pairs(ItemsView[str, str]):
    def __init__(self, mapping: Mapping[str, str], pairs: Fields) -> None:
        super().__init__(mapping)
        self._pairs = pairs

    def __iter__(self) -> Iterator[tuple[str, str]]:
        return iter(self._pairs)


class _AsSent:
    """What both kinds of connections do otherwise than urllib3's own. `raw` is the head of the last answer."""

    raw: _Answer

    def expect(self, interim: Interim) -> None:
        """Hands the interim answers to the next request to this function."""
        self.response_class: Any = partial(_Answer, begun=self._keep, interim=interim)

    def _keep(self, answer: _Answer) -> None:
        self.raw = answer

    def _encode_request(self, request: str) -> bytes:
        """The request line; http.client takes ASCII alone, and targets may have any byte."""
        return request.encode("latin-1")


class PlainConnection(_AsSent, HTTPConnection):
    """A connection without TLS."""


class SecureConnection(_AsSent, HTTPSConnection):
    """A connection with TLS, whose certificate is verified."""


_OF_MAIL_BODIES: Final = (
    CloseBoundaryNotFoundDefect,
    InvalidMultipartContentTransferEncodingDefect,
    MultipartInvariantViolationDefect,
    NoBoundaryInMultipartDefect,
    StartBoundaryNotFoundDefect,
)
_ADDED: Final = ("accept-encoding", "user-agent")
_SWITCHING, _FINAL = 101, 200
_LONGEST_LINE: Final = 64 * 1024
