"""Faults that are done to the connection, as clients of a real port see them."""

import socket
import time
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest

from mockserver import Fault
from mockserver.server.in_process import running

PETS = str(Path(__file__).parent.parent.parent / "examples" / "pets.yaml")


@pytest.fixture(scope="module")
def api() -> Iterator[object]:
    """A mock on a port of this process."""
    with running(PETS) as mock:
        yield mock


@pytest.fixture
def faults(api):
    """The faults of its world, none of them left afterwards."""
    yield api.mock.worlds["default"].faults
    api.mock.worlds["default"].faults.clear()


ENDINGS = ["reset", "reset-after-headers", "empty", "truncated", "garbage"]


@pytest.mark.parametrize("ending", ENDINGS)
def test_a_client_gets_no_whole_answer(api, faults, ending):
    """It sees a broken connection, and the next request is answered."""
    faults.add(Fault(connection=ending, times=1))

    with httpx.Client() as client:
        with pytest.raises(httpx.TransportError):
            client.get(api.root + "/pets")

        assert client.get(api.root + "/pets").status_code == 200


def raw(api, faults, **fault):
    """The bytes that a client gets before the end, and whether the end is a reset."""
    faults.add(Fault(times=1, **fault))
    host, _, port = api.root.partition("://")[2].partition("/")[0].partition(":")
    seen = b""
    with socket.create_connection((host, int(port)), timeout=10) as connection:
        connection.sendall(b"GET /pets HTTP/1.1\r\nHost: 127.0.0.1\r\nConnection: close\r\n\r\n")
        try:
            while part := connection.recv(4096):
                seen += part
        except ConnectionResetError:
            return seen, True
    return seen, False


def test_a_reset_connection_sent_nothing(api, faults):
    """It is no orderly end."""
    assert raw(api, faults, connection="reset") == (b"", True)


def test_an_empty_answer_is_an_end_without_a_byte(api, faults):
    """An orderly one."""
    assert raw(api, faults, connection="empty") == (b"", False)


def test_a_late_reset_comes_after_the_headers(api, faults):
    """All of them, and nothing of the body."""
    seen, is_reset = raw(api, faults, connection="reset-after-headers")

    head, blank, body = seen.partition(b"\r\n\r\n")
    assert (is_reset, blank, body) == (True, b"\r\n\r\n", b"")
    assert b"200 OK" in head.splitlines()[0]


def test_a_truncated_answer_has_half_of_its_body(api, faults):
    """As its Content-Length tells."""
    seen, is_reset = raw(api, faults, connection="truncated")

    head, _, body = seen.partition(b"\r\n\r\n")
    announced = next(int(line.split(b":")[1]) for line in head.lower().splitlines() if b"content-length" in line)
    assert (is_reset, len(body)) == (False, announced // 2)


def test_a_slow_body_comes_at_its_speed(api, faults):
    """Whole in the end."""
    usual = httpx.get(api.root + "/pets").content
    faults.add(Fault(bytes_per_second=len(usual) * 3))

    began = time.perf_counter()
    slow = httpx.get(api.root + "/pets").content

    assert slow == usual
    assert time.perf_counter() - began > 0.15


def test_a_delay_holds_up_nobody_else(api, faults):
    """Another request in the same world is answered meanwhile."""
    faults.add(Fault(delay=1500, times=1))
    host, _, port = api.root.partition("://")[2].partition("/")[0].partition(":")
    with socket.create_connection((host, int(port)), timeout=10) as slow:
        slow.sendall(b"GET /pets HTTP/1.1\r\nHost: 127.0.0.1\r\nConnection: close\r\n\r\n")
        while len(faults):
            time.sleep(0.01)

        began = time.perf_counter()
        assert httpx.get(api.root + "/pets").status_code == 200
        assert time.perf_counter() - began < 1
        assert slow.recv(100).startswith(b"HTTP/1.")
