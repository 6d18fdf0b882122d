"""Reads the head of an answer, however many interim ones come before it."""

from __future__ import annotations

import http.client
from typing import Final
from urllib.request import HTTPHandler, HTTPSHandler, Request

from urllib3 import HTTPConnectionPool, HTTPSConnectionPool
from urllib3.connection import HTTPConnection, HTTPSConnection

MOST_HEADS: Final = 20
"""Heads of interim answers (1xx) and of the final one that are read; a server may send them without end."""


MOST_TRAILERS: Final = 100
"""Fields behind a body in chunks that are read, and dropped."""


class CountedHeads(http.client.HTTPResponse):
    """An answer that fails where its server sends interim ones, or trailers, without end, which http.client would read
    for ever.
    """

    heads_read = 0

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
    response_class = CountedHeads


class _SecureOpened(http.client.HTTPSConnection):
    response_class = CountedHeads


class PlainHandler(HTTPHandler):
    """Opens addresses with urllib."""

    def http_open(self, req: Request) -> http.client.HTTPResponse:
        return self.do_open(_PlainOpened, req)


class SecureHandler(HTTPSHandler):
    """Opens addresses with urllib and TLS."""

    def https_open(self, req: Request) -> http.client.HTTPResponse:
        return self.do_open(_SecureOpened, req)
