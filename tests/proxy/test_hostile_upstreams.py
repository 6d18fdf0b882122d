"""Upstreams that are slow, broken or endless, and clients that go away."""

import socket
import threading
import time
from concurrent.futures import ThreadPoolExecutor

import httpx
import pytest

from tests.conftest import free_port
from tests.proxy.conftest import PETS, as_json, proxying, raw_exchange

OK = b"HTTP/1.1 200 OK\r\n"
JSON = b"Content-Type: application/json\r\n"


def _resident() -> int:
    """The bytes of memory that this process has in use."""
    with open("/proc/self/statm") as file:  # noqa: PTH123 - no file of a folder
        return int(file.read().split()[1]) * 4096


def test_nobody_listens():
    """502, which says so."""
    with proxying(PETS, f"http://127.0.0.1:{free_port()}") as proxy:
        answer = httpx.get(f"{proxy.root}/v1/pets")

    assert (answer.status_code, answer.headers["Content-Type"]) == (502, "application/problem+json")
    assert "failed before its answer: connection refused" in answer.json()["detail"]
    assert proxy.journal[-1].answered_by == "upstream-failed"


def test_a_name_that_leads_nowhere():
    """502, which says so."""
    with proxying(PETS, "http://nowhere.invalid") as proxy:
        answer = httpx.get(f"{proxy.root}/v1/pets")

    assert answer.status_code == 502
    assert "its name leads to no address" in answer.json()["detail"]


def test_a_silent_upstream(proxied):
    """504 after the time that --timeout gives."""
    ending = threading.Event()
    proxy, _ = proxied(lambda _talk: ending.wait(10), timeout=0.5)

    answer = httpx.get(f"{proxy.root}/v1/pets")
    ending.set()

    assert answer.status_code == 504
    assert "was silent for 0.5 seconds before its answer (--timeout)" in answer.json()["detail"]


@pytest.mark.parametrize(
    ("sent", "said"),
    [
        (b"", "it closed the connection without an answer"),
        (b"nonsense\r\n\r\n", "which is no status line of HTTP"),
        (b"HTTP/1.1 99 Odd\r\n\r\n", "99"),
        (b"HTTP/1.1 101 Switching\r\nUpgrade: x\r\n\r\n", "101"),
        (OK + b"Content-Length: 5\r\nContent-Length: 6\r\n\r\nabcde", "ontent-Length"),
        (OK + b"Content-Length: -5\r\n\r\n", "Content-Length '-5'"),
        (OK + b"Content-Length: x\r\n\r\n", "Content-Length 'x'"),
        (OK + b"Transfer-Encoding: gzip, chunked\r\n\r\n", "the transfer coding 'gzip, chunked'"),
        (OK + b"no header field\r\nX: 1\r\n\r\n", "no header field"),
        (OK + b"X: " + b"x" * 70000 + b"\r\n\r\n", "header line"),
        (OK + b"X: 1\r\n" * 500 + b"\r\n", "100 headers"),
        (b"HTTP/1.1 103 Early Hints\r\n\r\n" * 100 + OK + b"\r\n", "more than 20 interim answers"),
        (OK + JSON + b"Content-Length: 100\r\n\r\n[", "its answer ended before it was complete"),
        (OK + JSON + b"Transfer-Encoding: chunked\r\n\r\nzz\r\n", "its answer ended before it was complete"),
        (OK + JSON + b"Transfer-Encoding: chunked\r\n\r\n5\r\n[", "its answer ended before it was complete"),
    ],
)
def test_broken_answers(proxied, sent, said):
    """As long as nothing was passed on they are a 502 that says what was seen."""

    def script(talk):
        talk.send(sent)
        talk.close()

    proxy, _ = proxied(script)

    answer = httpx.get(f"{proxy.root}/v1/pets")

    assert answer.status_code == 502
    assert said in answer.json()["detail"]


@pytest.mark.parametrize(
    "framing", [b"Content-Length: 100\r\n\r\nabc", b"Transfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n"]
)
def test_an_answer_that_breaks_in_the_middle_is_not_complete_for_the_client(proxied, framing):
    """Its connection ends without the rest, and the journal says so."""

    def script(talk):
        talk.send(OK + b"Content-Type: text/plain\r\n" + framing)
        time.sleep(0.2)
        talk.close()

    proxy, _ = proxied(script)

    with pytest.raises(httpx.RemoteProtocolError):
        httpx.get(f"{proxy.root}/v1/events")
    deadline = time.monotonic() + 5
    while not proxy.journal and time.monotonic() < deadline:
        time.sleep(0.02)

    assert proxy.journal[-1].fault == "truncated"
    assert "its answer ended before it was complete" in proxy.journal[-1].assumptions[0]


def test_a_large_answer_takes_no_memory(proxied):
    """Nor does a client that does not read it: the upstream waits for it."""
    size, sent = 400 * 1024 * 1024, [0]

    def script(talk):
        talk.send(OK + b"Content-Type: application/octet-stream\r\nContent-Length: %d\r\n\r\n" % size)
        part = b"x" * (1024 * 1024)
        while sent[0] < size:
            talk.send(part)
            sent[0] += len(part)

    proxy, _ = proxied(script)
    before = _resident()

    with socket.create_connection(("127.0.0.1", proxy.port)) as client:
        client.sendall(b"GET /v1/events HTTP/1.1\r\nHost: a.test\r\n\r\n")
        time.sleep(1.0)
        waits = sent[0]
        received = 0
        while received < size:
            received += len(client.recv(1024 * 1024))

    assert waits < 50 * 1024 * 1024
    assert received >= size
    assert _resident() - before < 60 * 1024 * 1024


@pytest.mark.parametrize("has_begun", [True, False])
def test_a_client_that_goes_away_ends_the_request_at_the_upstream(proxied, has_begun):
    """Before the answer as within it."""
    seen = threading.Event()

    def script(talk):
        if has_begun:
            talk.send(OK + b"Content-Type: text/event-stream\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n")
        if talk.connection.recv(1) == b"":
            seen.set()

    proxy, _ = proxied(script)

    with socket.create_connection(("127.0.0.1", proxy.port)) as client:
        client.sendall(b"GET /v1/events HTTP/1.1\r\nHost: a.test\r\n\r\n")
        if has_begun:
            client.recv(1000)
        else:
            time.sleep(0.3)

    assert seen.wait(6)
    deadline = time.monotonic() + 5
    while not proxy.journal and time.monotonic() < deadline:
        time.sleep(0.02)
    assert "the client went away" in proxy.journal[-1].assumptions[0]


def test_a_hundred_streams_at_once(proxied):
    """Each gets its own bytes while all others are open."""
    together = threading.Barrier(100)

    def script(talk):
        number = talk.line.split(b"=")[1].split(b" ")[0]
        talk.send(OK + b"Content-Type: text/event-stream\r\nTransfer-Encoding: chunked\r\n\r\n")
        together.wait(30)
        talk.send(b"%x\r\n%b\r\n0\r\n\r\n" % (len(number), number))

    proxy, _ = proxied(script)

    def ask(number: int) -> bytes:
        line = b"GET /v1/events?n=%d HTTP/1.1\r\nHost: a.test\r\nConnection: close\r\n\r\n" % number
        return raw_exchange(proxy.port, line, seconds=60).partition(b"\r\n\r\n")[2]

    with ThreadPoolExecutor(100) as pool:
        answers = [*pool.map(ask, range(100))]

    assert answers == [b"%x\r\n%d\r\n0\r\n\r\n" % (len(str(number)), number) for number in range(100)]


def test_the_control_api_answers_while_requests_wait(proxied):
    """It has threads of its own."""
    ending = threading.Event()
    proxy, _ = proxied(lambda _talk: ending.wait(20))

    clients = [socket.create_connection(("127.0.0.1", proxy.port)) for _ in range(50)]
    for client in clients:
        client.sendall(b"GET /v1/pets HTTP/1.1\r\nHost: a.test\r\n\r\n")
    began = time.monotonic()
    answer = httpx.get(f"{proxy.root}/__admin/requests")
    took = time.monotonic() - began
    ending.set()
    for client in clients:
        client.close()

    assert answer.status_code == 200
    assert took < 3


def test_two_answers_are_not_mixed_up(proxied):
    """Bytes after the end of an answer are no answer to the next request."""
    proxy, _ = proxied(
        lambda talk: talk.send(OK + b"Content-Length: 2\r\n\r\nok" + OK + b"Content-Length: 4\r\n\r\nevil")
    )

    answers = [httpx.get(f"{proxy.root}/x").text for _ in range(3)]

    assert answers == ["ok", "ok", "ok"]


def test_the_upstream_may_not_be_the_proxy_itself(proxied):
    """Every request would go round for ever."""
    proxy, _ = proxied(as_json(b"[]"))

    assert proxy.parts.upstream.address.is_at("127.0.0.1", proxy.parts.upstream.address.port)
    assert not proxy.parts.upstream.address.is_at("127.0.0.1", proxy.port)


@pytest.mark.parametrize("sent", [b"X", OK + b"X-a: 1\r\nX", b"HTTP/1.1 103 Early Hints\r\n\r\n" + OK])
def test_a_head_that_never_ends(proxied, sent, monkeypatch):
    """504 some seconds after it began, however often a byte comes, which a bound of silence alone never notices."""
    monkeypatch.setattr("mockserver.proxy.upstream_connection.HEAD_SECONDS", 0.6)
    ending = threading.Event()

    def drip(talk):
        talk.send(sent)
        while not ending.wait(0.05):
            talk.send(b"y")

    proxy, _ = proxied(drip, timeout=5)
    answer = httpx.get(f"{proxy.root}/v1/pets")
    ending.set()

    assert answer.status_code == 504
    assert "the head of its answer had no end after 0.6 seconds" in answer.json()["detail"]


@pytest.mark.parametrize(
    ("pause", "said"),
    [
        (0.0, "it sent more than 100 trailers behind the body of its answer"),
        (0.05, "the trailers of its answer had no end after 0.6 seconds"),
    ],
)
def test_trailers_without_end(proxied, pause, said, monkeypatch):
    """The answer is not complete for the client, and no thread waits for the upstream any longer."""
    monkeypatch.setattr("mockserver.proxy.upstream_connection.HEAD_SECONDS", 0.6)
    ending = threading.Event()

    def go_on(talk):
        talk.send(OK + b"Content-Type: text/plain\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nhi\r\n0\r\n")
        while not ending.wait(pause):
            talk.send(b"X-Trailer: 1\r\n")

    proxy, upstream = proxied(go_on, timeout=5)
    with pytest.raises(httpx.RemoteProtocolError):
        httpx.get(f"{proxy.root}/v1/pets")
    is_closed = upstream.talks[0].closed.wait(5)
    ending.set()

    assert is_closed
    assert said in str(proxy.journal[-1].assumptions)


def test_trailers_that_end_are_dropped(proxied):
    """A hundred of them; the connection serves the next request."""
    answer = b"Transfer-Encoding: chunked\r\n\r\n2\r\nhi\r\n0\r\n" + b"X-Trailer: 1\r\n" * 100 + b"\r\n"
    proxy, upstream = proxied(lambda talk: talk.send(OK + b"Content-Type: text/plain\r\n" + answer))

    bodies = [httpx.get(f"{proxy.root}/v1/pets").text for _ in range(2)]

    assert bodies == ["hi", "hi"]
    assert upstream.opened == 1
