"""Reads an answer whose server may send without end: interim answers, a head, a body, trailers."""

from __future__ import annotations

import http.client
import socket
from contextlib import suppress
from typing import Any, Final
from urllib.parse import urlsplit
from urllib.request import HTTPHandler, HTTPRedirectHandler, HTTPSHandler, OpenerDirector, ProxyHandler, Request
from urllib.request import build_opener as opener_with

from urllib3 import HTTPConnectionPool, HTTPSConnectionPool
from urllib3.connection import HTTPConnection, HTTPSConnection

from mockserver import loopback
from mockserver.server.http.timed_reader import HEAD_SECONDS, TimedSocket

MOST_HEADS: Final = 20
"""Heads of interim answers (1xx) and of the final one that are read; a server may send them without end."""


MOST_TRAILERS: Final = 100
"""Fields behind a body in chunks that are read, and dropped."""

BODY_SECONDS: Final = 60.0
"""Seconds from the end of an answer's head to the end of its body."""

QUESTION_SECONDS: Final = 10.0
"""Seconds of the head, and of the body, of an answer to a question beside a run: whether somebody is there, what there
is.
"""


class CountedHeads(http.client.HTTPResponse):
    """An answer that fails where its server sends interim ones, or trailers, without end, which http.client would read
    for ever, or lets its head or its body drip.
    """

    heads_read = 0
    head_seconds = HEAD_SECONDS
    body_seconds = BODY_SECONDS

    def __init__(self, sock: socket.socket, *given: Any, **named: Any) -> None:
        timed = TimedSocket(sock)
        super().__init__(timed, *given, **named)  # type: ignore[arg-type]
        self._timed = timed.reader
        self._timed.begin(self.head_seconds, has_begun=False)

    def begin(self) -> None:
        super().begin()
        if self.fp is not None:
            self._timed.begin(self.body_seconds, has_begun=True)

    def _close_conn(self) -> None:
        with suppress(OSError):
            self._timed.done()
        super()._close_conn()  # type: ignore[misc]

    def _read_status(self) -> tuple[str, int, str]:
        if self.heads_read >= MOST_HEADS:
            raise http.client.HTTPException(f"the server sent {MOST_HEADS} interim answers (1xx) and no final one")
        self.heads_read += 1
        return super()._read_status()  # type: ignore[misc,no-any-return]

    def _read_and_discard_trailer(self) -> None:
        for _ in range(MOST_TRAILERS + 1):
            if self.fp.readline(_LONGEST_LINE) in (b"\r\n", b"\n", b""):
                return
        raise http.client.HTTPException(f"the server sent more than {MOST_TRAILERS} trailers behind its answer")


_LONGEST_LINE: Final = 64 * 1024


class _QuickAnswer(CountedHeads):
    head_seconds = body_seconds = QUESTION_SECONDS


class _Connection(HTTPConnection):
    response_class = CountedHeads


class _SecureConnection(HTTPSConnection):
    response_class = CountedHeads


class _Pool(HTTPConnectionPool):
    ConnectionCls = _Connection


class _SecurePool(HTTPSConnectionPool):
    ConnectionCls = _SecureConnection


POOLS: Final = {"http": _Pool, "https": _SecurePool}
"""Pools for urllib3, by scheme."""


class _PlainOpened(http.client.HTTPConnection):
    response_class = _QuickAnswer


class _SecureOpened(http.client.HTTPSConnection):
    response_class = _QuickAnswer


class _PlainHandler(HTTPHandler):
    def http_open(self, req: Request) -> http.client.HTTPResponse:
        return self.do_open(_PlainOpened, req)


class _SecureHandler(HTTPSHandler):
    def https_open(self, req: Request) -> http.client.HTTPResponse:
        return self.do_open(_SecureOpened, req)


class _UnfollowedRedirects(HTTPRedirectHandler):
    """Does not follow redirects: a redirect is a response too."""

    def redirect_request(self, *_: object) -> None:
        return None


def opener(url: str) -> OpenerDirector:
    """Opens addresses of one server for questions beside a run. It follows no redirect, and a server on this machine is
    asked without the proxy that the environment may name.
    """
    around = [ProxyHandler({})] if loopback.is_loopback(urlsplit(url).hostname or "") else []
    return opener_with(_PlainHandler, _SecureHandler, _UnfollowedRedirects, *around)
