"""The control API over a socket: what names another host, two of them, or comes from another site's page."""

from __future__ import annotations

import socket
from collections.abc import Iterator

import pytest

from mockserver.server.in_process import running


@pytest.fixture(scope="module")
def port() -> Iterator[int]:
    """The port of a mock."""
    with running("xqr") as mock:
        yield int(mock.root.rpartition(":")[2])


def status(port: int, target: str, *headers: str) -> int:
    """The status that a request with exactly these header lines gets."""
    lines = (f"GET {target} HTTP/1.1", *headers, "Connection: close", "", "")
    with socket.create_connection(("127.0.0.1", port), timeout=10) as line:
        line.sendall("\r\n".join(lines).encode("latin-1"))
        return int(line.makefile("rb").readline().split()[1])


REFUSED = {
    "two hosts": ("/__admin/requests", "Host: localhost", "Host: evil.example"),
    "two hosts, the other way round": ("/__admin/requests", "Host: evil.example", "Host: localhost"),
    "twice the same": ("/__admin/requests", "Host: localhost", "Host: localhost"),
    "two in one": ("/__admin/requests", "Host: localhost, evil.example"),
    "none": ("/__admin/requests",),
    "a port that is a name": ("/__admin/requests", "Host: localhost:evil.example"),
    "an address with a name": ("/__admin/requests", "Host: 127.0.0.1:evil"),
    "an IPv6 address with a name": ("/__admin/requests", "Host: [::1]evil"),
    "a target with another host": ("http://evil.example/__admin/requests", "Host: localhost"),
    "a target with another port": ("http://localhost:evil/__admin/requests", "Host: localhost"),
    "a target with this host, and another one": ("http://localhost/__admin/requests", "Host: evil.example"),
    "a target with a user": ("http://localhost@evil.example/__admin/requests", "Host: localhost"),
    "a target in capitals": ("HTTP://evil.example/~a/__admin/requests", "Host: localhost"),
    "in a world": ("/~a/__admin/requests", "Host: evil.example"),
    "two origins": ("/__admin/requests", "Host: localhost", "Origin: http://localhost", "Origin: http://evil.example"),
    "no origin that counts": ("/__admin/requests", "Host: localhost", "Origin: null"),
    "another site": ("/__admin/requests", "Host: localhost", "Sec-Fetch-Site: cross-site"),
    "another site, health": ("/__admin/health", "Host: localhost", "Sec-Fetch-Site: cross-site"),
    "another port": ("/__admin/requests", "Host: localhost", "Sec-Fetch-Site: same-site"),
    "two sites": ("/__admin/requests", "Host: localhost", "Sec-Fetch-Site: none", "Sec-Fetch-Site: cross-site"),
}


@pytest.mark.parametrize("request_", REFUSED.values(), ids=REFUSED)
def test_what_is_not_plainly_for_this_machine_is_refused(port, request_):
    """Whatever the server below makes of it."""
    assert status(port, *request_) in (400, 403)


TAKEN = {
    "its name": ("/__admin/requests", "Host: localhost:4010"),
    "its address": ("/__admin/requests", "Host: 127.0.0.1"),
    "its IPv6 address": ("/__admin/requests", "Host: [::1]:4010"),
    "as of a proxy": ("http://localhost:4010/__admin/requests", "Host: localhost:4010"),
    "the address bar": ("/__admin/requests", "Host: localhost", "Sec-Fetch-Site: none"),
    "its own page": ("/__admin/requests", "Host: localhost", "Origin: http://localhost", "Sec-Fetch-Site: same-origin"),
}


@pytest.mark.parametrize("request_", TAKEN.values(), ids=TAKEN)
def test_what_is_for_this_machine_is_answered(port, request_):
    """Without a token, since nobody else reaches it."""
    assert status(port, *request_) == 200
