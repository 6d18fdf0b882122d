"""Clients that stop, stall, read nothing or vanish: others are answered meanwhile, and nothing stays behind."""

import os
import re
import socket
import struct
import threading
import time

import httpx
import pytest

from mockserver.engine.service import Service
from mockserver.server import Options, running
from mockserver.server.http import connection
from mockserver.server.http.http_server import API_THREADS
from tests.server.http.conftest import GET, POST, Wire, posted, rest_of


def _open_files() -> int:
    return len([*os.scandir("/proc/self/fd")])


def _until_files(most: int) -> None:
    deadline = time.monotonic() + 10
    while _open_files() > most and time.monotonic() < deadline:
        time.sleep(0.05)


def test_half_sent_requests_are_ended_and_hold_nobody_up(alone, monkeypatch):
    """By a 408; what is at work answers meanwhile."""
    monkeypatch.setattr(connection, "HEAD_SECONDS", 1)
    monkeypatch.setattr(connection, "BODY_SECONDS", 1)
    clients = [alone.connect(b"GET /parc") for _ in range(50)]
    clients += [alone.connect(POST + b"Content-Length: 999\r\n\r\n{") for _ in range(200)]
    clients += [alone.connect(POST + b"Expect: 100-continue\r\nContent-Length: 999\r\n\r\n") for _ in range(50)]

    began = time.monotonic()
    healthy = httpx.get(f"{alone.root}/__admin/health").status_code
    names = alone.names()
    took = time.monotonic() - began
    answers = {re.findall(rb"HTTP/1.1 (\d+)", rest_of(client))[-1] for client in clients}

    assert (healthy, answers) == (200, {b"408"})
    assert took < 1
    assert alone.names() == names


@pytest.mark.parametrize(
    ("sent", "reason"),
    [(100_000, b"100000 bytes of the body arrived, and then none within 1 seconds."), (10, b"10 bytes of the body")],
)
def test_a_body_that_stands_still_is_given_up(alone, monkeypatch, sent, reason):
    """However much of it came before."""
    monkeypatch.setattr(connection, "BODY_SECONDS", 1)

    answer = rest_of(alone.connect(POST + b"Content-Length: 9000000\r\n\r\n" + b" " * sent))

    assert answer.startswith(b"HTTP/1.1 408 ")
    assert reason in answer


def test_each_body_of_a_connection_has_its_own_time(alone, monkeypatch):
    """What stood still before is another body, however long ago."""
    monkeypatch.setattr(connection, "BODY_SECONDS", 1.5)
    head, empty, body = posted("slow").partition(b"\r\n\r\n")
    client = alone.connect()
    statuses = []

    for _ in range(2):
        client.sendall(head + empty)
        time.sleep(0.8)
        client.sendall(body)
        statuses.append(client.recv(4096)[:13])
        time.sleep(1.6)

    assert statuses == [b"HTTP/1.1 201 "] * 2


def test_a_client_that_reads_nothing_is_given_up(alone, monkeypatch):
    """Also when its connection was to be closed after the answer."""
    monkeypatch.setattr(connection, "STALLED_SECONDS", 1)
    assert httpx.post(f"{alone.root}/parcels", json={"name": "x" * 9_000_000}, timeout=30).status_code == 201
    files = _open_files()
    closing = GET.replace(b"Host", b"Connection: close\r\nHost")
    clients = [alone.connect(sent, receives=4096) for sent in (GET, closing, GET * 9)]

    _until_files(files + len(clients))

    assert _open_files() == files + len(clients)


def test_delayed_answers_hold_up_no_other(alone):
    """64 at once."""
    fault = {"operation": "getParcel", "delay": 3000}
    assert httpx.post(f"{alone.root}/__admin/faults", json=fault).status_code < 300
    waiting = [alone.connect(GET.replace(b"/parcels", b"/parcels/parcel-1")) for _ in range(64)]

    time.sleep(0.2)
    took = []
    for _ in range(5):
        began = time.monotonic()
        assert alone.talk(GET).startswith(b"HTTP/1.1 200 ")
        took.append(time.monotonic() - began)

    assert min(took) < 0.05
    waiting[0].settimeout(0.1)
    with pytest.raises(TimeoutError):
        waiting[0].recv(1)


def test_the_first_request_of_an_operation_holds_up_no_other(alone, monkeypatch):
    """It compiles what the operation needs, which takes long for a hostile document."""
    serve = Service.serve

    def serve_slowly(service, request, world, found=None):
        time.sleep(1.0)
        return serve(service, request, world, found)

    monkeypatch.setattr(Service, "serve", serve_slowly)
    first = alone.connect(GET)
    time.sleep(0.2)

    began = time.monotonic()
    health = alone.talk(b"GET /__admin/health HTTP/1.1\r\nHost: localhost\r\n\r\n")
    took = time.monotonic() - began

    assert health.startswith(b"HTTP/1.1 200 ")
    assert took < 0.5
    assert first.recv(100).startswith(b"HTTP/1.1 200 ")


def test_handlers_that_hang_hold_up_no_other_operation(document, tmp_path):
    """Neither those of their own API nor the control API; each in a world of its own."""
    handlers = tmp_path / "handlers.py"
    handlers.write_text("import time\nHANDLERS = {'getParcel': lambda call, world: time.sleep(3)}\n")
    options = Options(apis=(str(document),), handlers=(str(handlers),))
    with running(options) as mock, Wire(mock.root) as wire:
        wire.names()
        hanging = GET.replace(b"/parcels", b"/parcels/parcel-1")
        for number in range(API_THREADS + 10):
            wire.connect(hanging.replace(b"Host", b"Mock-World: w%d\r\nHost" % number))
        time.sleep(0.2)

        began = time.monotonic()
        answers = [wire.talk(GET), wire.talk(GET.replace(b"/parcels", b"/__admin/apis"))]

        assert time.monotonic() - began < 2
        assert {answer[:12] for answer in answers} == {b"HTTP/1.1 200"}


def test_connections_that_end_in_any_way_leave_nothing(alone):
    """Closed or reset before, within and after requests; then 300 at once."""
    alone.names()
    files, threads = _open_files(), {*threading.enumerate()}
    sent = GET * 20 + posted("whole") + GET

    for cut in range(0, len(sent), 61):
        for reset in (False, True):
            with alone.connect(sent[:cut]) as client:
                if reset:
                    client.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    crowd = [alone.connect(GET) for _ in range(300)]
    statuses = {client.recv(12) for client in crowd}
    for client in crowd:
        client.close()

    _until_files(files)
    assert statuses == {b"HTTP/1.1 200"}
    assert _open_files() <= files
    assert {thread.name.partition("-")[0] for thread in {*threading.enumerate()} - threads} <= {"api", "user"}


def test_a_flood_of_pipelined_requests_lets_others_have_their_turn(alone):
    """Thousands in one segment are answered in turns."""
    flood = alone.connect(GET * 4000, receives=4096)

    began = time.monotonic()
    alone.names()

    assert time.monotonic() - began < 1
    assert flood.recv(12) == b"HTTP/1.1 200"
