"""What nobody would send who meant well: the server goes on, in bounded time and memory, and says what was wrong."""

import json
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from itertools import count
from typing import Self

import httpx
import pytest

from mockserver.engine.redaction.secret_text import SecretTexts
from mockserver.engine.steps import idempotency, rate_limit
from mockserver.engine.steps.rate_limit import Month, SlidingWindow, TokenBucket, Window
from mockserver.messages import Exchange, Request
from mockserver.problem import Unusable
from mockserver.server import Options, create_app
from mockserver.server.http.incoming import MAX_HEAD
from mockserver.state.journal import FIRST_BYTES, MORE_BYTES, Allowance, Journal
from mockserver.vendors import APIS
from tests.conftest import Server, free_port, wait_for

UPDATE = "/xqr/api/v1/links/bulk/status"
HEAD = f"PATCH {UPDATE} HTTP/1.1\r\nHost: localhost\r\nAuthorization: {APIS['xqr'].credential[1]}\r\n"
SECONDS = 3.0
"""What one request of 10 MiB may cost at most; what is quadratic costs minutes."""


@pytest.fixture(scope="module")
def attacked() -> Iterator[Server]:
    """A server of its own, which nobody else has to share with these tests."""
    with ExitStack() as stack:
        yield Server(stack.enter_context(_Serving()).root)


class _Serving:
    """`mockserver serve` in a process group of its own."""

    def __init__(self, *arguments: str) -> None:
        port = free_port()
        self.root = f"http://127.0.0.1:{port}"
        command = [sys.executable, "-u", "-m", "mockserver", "serve", "--limits", "off", "--port", str(port)]
        self.process = subprocess.Popen(
            [*command, *arguments],
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            start_new_session=True,
        )

    def __enter__(self) -> Self:
        wait_for(self.root + "/__admin/health", self.process)
        return self

    def __exit__(self, *_: object) -> None:
        if self.process.poll() is None:
            self.process.terminate()
        try:
            self.process.communicate(timeout=15)
        except subprocess.TimeoutExpired:
            os.killpg(self.process.pid, signal.SIGKILL)
            raise

    def until_ready(self) -> None:
        """The start-up text was printed; the worker is only now being born."""
        assert self.process.stdout is not None
        while "Ctrl-C" not in (line := self.process.stdout.readline()):
            assert line, f"the server ended with {self.process.wait()} before it was ready"


def _connect(root: str, sent: str = "") -> socket.socket:
    connection = socket.create_connection(("127.0.0.1", int(root.rpartition(":")[2])), timeout=10)
    connection.sendall(sent.encode())
    return connection


# Connections


@pytest.mark.parametrize("sent", ["", "GET /xqr", HEAD, HEAD + "Content-Length: 500\r\n\r\n{"])
def test_connections_that_never_finish_hold_nobody_up(attacked, sent, figures):
    """Idle ones, half a request line, half a head, half a body."""
    with ExitStack() as stack:
        for _ in range(200):
            stack.enter_context(_connect(attacked.root, sent))
        assert httpx.get(attacked.root + "/__admin/health", timeout=5).status_code == 200
    figures.count(200)


TOGETHER = 6
"""Requests that a browser sends at the same time to one address."""

MEETING = f"""
from threading import Barrier
meeting = Barrier({TOGETHER})

def meet(call, world):
    meeting.wait(10)
    return call.default()

HANDLERS = {{"listLinks": meet}}
"""


def test_slow_answers_do_not_wait_for_each_other(tmp_path):
    """Each of these ends only when all of them have begun."""
    (tmp_path / "meeting.py").write_text(MEETING)
    name, value = APIS["xqr"].credential

    with (
        _Serving("xqr", "--handlers", f"xqr={tmp_path / 'meeting.py'}") as serving,
        ThreadPoolExecutor(TOGETHER) as crowd,
    ):

        def get(world: int) -> int:
            headers = {name: value, "Mock-World": f"w{world}"}
            return httpx.get(f"{serving.root}/xqr/api/v1/links", headers=headers, timeout=15).status_code

        assert [*crowd.map(get, range(TOGETHER))] == [200] * TOGETHER


def test_a_head_is_bounded(attacked, figures):
    """Since the journal keeps it."""
    with httpx.Client(base_url=attacked.root) as client:
        assert client.get("/nothing", headers={"X": "x" * (MAX_HEAD // 2)}).status_code == 404
        assert client.get("/nothing", headers={"X": "x" * MAX_HEAD}).status_code == 431
        figures.count(2, refused=1)
        assert client.get("/__admin/health").status_code == 200


@pytest.mark.parametrize("size", [10 * 1024 * 1024 + 1, 40 * 1024 * 1024])
@pytest.mark.parametrize("chunked", [False, True])
def test_who_sends_too_much_can_read_the_refusal(attacked, size, chunked, figures):
    """Many clients read no answer before they have sent all."""
    part = b"x" * 65536
    coding = "Transfer-Encoding: chunked" if chunked else f"Content-Length: {size}"
    with _connect(attacked.root, HEAD + coding + "\r\n\r\n") as connection:
        for start in range(0, size, len(part)):
            piece = part[: size - start]
            connection.sendall(b"%x\r\n%b\r\n" % (len(piece), piece) if chunked else piece)
        if chunked:
            connection.sendall(b"0\r\n\r\n")
        assert connection.recv(100).startswith(b"HTTP/1.1 413 ")
    figures.count(refused=1)


@pytest.mark.parametrize(
    "line",
    [
        "GET",
        "GET /xqr/api/v1/links",
        "GET /a b HTTP/1.1",
        "GET /\x01 HTTP/1.1",
        "G\0T / HTTP/1.1",
        "GET / HTTP/9.9",
        "PRI * HTTP/2.0",
        "GET / HTTP/1.1\r\nno colon",
        "GET / HTTP/1.1\r\nX : y",
        "GET / HTTP/1.1\r\nX: a\0b",
        "GET / HTTP/1.1\r\nContent-Length: -1",
        "GET / HTTP/1.1\r\nContent-Length: 1\r\nContent-Length: 2",
        "GET / HTTP/1.1\r\nTransfer-Encoding: gzip",
        "GET /" + "x" * 70_000 + " HTTP/1.1",
        "OPTIONS * HTTP/1.1",
        "CONNECT a:1 HTTP/1.1",
        "GET http://elsewhere/ HTTP/1.1",
    ],
)
def test_no_request_line_and_no_head_breaks_the_server(attacked, line, figures):
    """The answer is a refusal without a trace of the inside."""
    with _connect(attacked.root, line + "\r\n\r\n") as connection:
        answer = connection.recv(65536)
    assert answer[:10] in {b"HTTP/1.1 4", b"HTTP/1.1 5"}
    assert not answer.startswith(b"HTTP/1.1 500")
    assert b"<" not in answer
    assert b"Traceback" not in answer
    figures.count(refused=1)


# Beginning and end


@pytest.mark.parametrize(
    ("second", "status"),
    [
        ("CONNECT localhost:80 HTTP/1.1", b"501"),
        ("GET http://other.test/__admin/health HTTP/1.1", b"400"),
        ("GET /__admin/health HTTP/2.0", b"505"),
        ("GET /__admin/health HTTP/1.1", b"200"),
    ],
)
def test_the_headers_of_the_request_before_make_no_request_valid(attacked, second, status):
    """A request with the very headers of the one before it on the connection is looked at like any other."""
    headers = "\r\nHost: localhost\r\nX-Same: yes\r\n\r\n"

    with _connect(attacked.root, f"GET /__admin/health HTTP/1.1{headers}") as connection:
        first = connection.recv(65536)
        connection.sendall(f"{second}{headers}".encode())
        answer = connection.recv(65536)

    assert first.split()[1] == b"200"
    assert answer.split()[1] == status


@pytest.mark.parametrize(
    ("ending", "to_all"),
    [
        (signal.SIGTERM, False),
        (signal.SIGINT, False),
        (signal.SIGHUP, False),
        (signal.SIGINT, True),
        (signal.SIGHUP, True),
    ],
)
def test_a_signal_during_the_start_is_not_lost(ending, to_all):
    """The worker is born when the start-up text has been printed; a terminal signals the whole group."""
    for milliseconds in (0, 15, 40, 70):
        serving = _Serving()
        serving.until_ready()
        time.sleep(milliseconds / 1000)
        (os.killpg if to_all else os.kill)(serving.process.pid, ending)
        assert serving.process.wait(timeout=30) == 0, milliseconds
        serving.process.communicate()


@pytest.mark.parametrize("sent", ["GET /xqr", HEAD + "Content-Length: 500\r\n\r\n{"])
def test_a_client_that_never_finishes_does_not_keep_the_server_from_ending(sent):
    """It has a few seconds for it."""
    with _Serving() as serving, _connect(serving.root, sent):
        time.sleep(0.2)
        serving.process.terminate()
        assert serving.process.wait(timeout=10) == 0


def test_the_worker_does_not_outlive_its_parent():
    """After a kill -9 nobody answers at the port."""
    with _Serving() as serving:
        serving.process.kill()
        serving.process.wait()
        deadline = time.monotonic() + 5
        while time.monotonic() < deadline:
            try:
                httpx.get(serving.root + "/__admin/health", timeout=1)
            except httpx.TransportError:
                return
            time.sleep(0.05)
    raise AssertionError("the worker still answers")


def test_a_host_may_be_a_name():
    """Its address is looked up."""
    with _Serving("--host", "localhost") as serving:
        assert httpx.get(serving.root + "/__admin/apis").status_code == 200


def test_a_token_that_no_header_can_carry_is_refused():
    """Nobody could ever send it."""
    with pytest.raises(Unusable, match="ASCII"):
        create_app(Options(admin_token="schlüssel"))


# Time


def _many(item: object, size: int = 10_000_000) -> bytes:
    one = json.dumps(item).encode()
    return b"[" + b",".join([one] * (size // (len(one) + 1))) + b"]"


IDENTIFIER = "550e8400-e29b-41d4-a716-446655440000"
TOGGLE = {"external_id": "cust-9f4b21", "subscription_id": 7, "state": 1}


@pytest.mark.parametrize(
    ("api", "method", "path", "body"),
    [
        ("xqr", "PATCH", "/api/v1/links/bulk/status", b'{"enabled":true,"ids":%b}' % _many(IDENTIFIER)),
        ("xqr", "PATCH", "/api/v1/links/bulk/status", b'{"enabled":1,"ids":["%b"]}' % (b"a" * 10_000_000)),
        ("xqr", "PATCH", "/api/v1/links/bulk/status", b"{%b}" % b",".join(b'"%d":1' % n for n in range(500_000))),
        ("botsubscription", "PATCH", "/v2/projects/YOUR_PROJECT_ID/targets", _many({"target_id": IDENTIFIER})),
        ("spotzee", "POST", "/api/client/subscriptions/batch", _many(TOGGLE)),
        ("spotzee", "POST", "/api/client/subscriptions/batch", _many(TOGGLE)[:-1] + b",7]"),
        ("spotzee", "POST", "/api/client/subscriptions/batch", _many({**TOGGLE, "state": 7})),
    ],
    ids=["ids", "one id", "members", "items", "toggles", "toggles and a number", "wrong toggles"],
)  # fmt: skip
def test_a_large_body_is_refused_in_bounded_time(process_server, world, api, method, path, body, figures):
    """What is right with it need not be explained."""
    with process_server.client(f"/~{world}/{api}", dict([APIS[api].credential])) as client:
        began = time.process_time()
        answer = client.request(method, path, content=body, headers={"Content-Type": "application/json"})
    assert answer.status_code in (400, 413, 422)
    assert time.process_time() - began < SECONDS
    figures.count(refused=1)


@pytest.mark.parametrize("text", ["a", "token-_", "token ", "token:        ", 'token"        ', "=", " "])
def test_credentials_are_looked_for_in_bounded_time(text):
    """In what is no JSON, of more than is shown of a body."""
    long = text * (4_000_000 // len(text))
    began = time.process_time()
    SecretTexts().text(long)
    assert time.process_time() - began < SECONDS


def test_a_name_of_any_length_is_looked_at():
    """Its end tells."""
    assert SecretTexts().text("x" * 500 + "_token=abc") == "x" * 500 + "_token=***"
    assert SecretTexts().text("password: abc, user=me") == "password: ***, user=me"


# Memory


def test_idempotency_keys_are_bounded(process_server, world, monkeypatch):
    """The oldest is forgotten."""
    monkeypatch.setattr(idempotency, "MOST_KEPT", 3)
    with process_server.client(f"/~{world}/spotzee", dict([APIS["spotzee"].credential])) as client:
        for key in ["a", "b", "c", "d", "d", "a"]:
            headers = {"Idempotency-Key": key}
            answer = client.post("/api/client/subscriptions/batch", json=[TOGGLE], headers=headers)
            assert answer.status_code == 200
    state = process_server.app._worlds[world].of("spotzee")  # noqa: SLF001
    assert [key for _, key in state.replies] == ["c", "d", "a"]


def test_addresses_are_bounded(process_server, world, monkeypatch):
    """Anybody can call from many; the oldest is forgotten with its meters."""
    monkeypatch.setattr(rate_limit, "MOST_ACCOUNTS", 5)
    addresses = [f"10.0.0.{n}" for n in range(1, 50)]

    for address in addresses:
        transport = httpx.WSGITransport(app=process_server.app, remote_addr=address)
        with httpx.Client(transport=transport, base_url=f"http://127.0.0.1:4010/~{world}") as client:
            assert client.get("/botsubscription/v2/projects/YOUR_PROJECT_ID/targets").status_code == 401

    meters = process_server.app._worlds[world].of("botsubscription").meters  # noqa: SLF001
    assert [whose for _, whose in meters] == addresses[-5:]
    assert [*meters.accounts] == addresses[-5:]


_ids = count(1)


def _exchange(size: int) -> Exchange:
    request = Request("GET", "/", "", {}, b"", "")
    return Exchange(next(_ids), 0.0, "w", "xqr", "", request, 200, (), b"", (), (), (), "handler", 0.0, size)


def test_journals_share_what_there_is_for_all():
    """A world that needs more gets it from those that are done; those drop their oldest exchanges and say so."""
    allowance = Allowance(total=4 * MORE_BYTES)
    journals = [Journal(1000, allowance) for _ in range(10)]
    for journal in journals:
        for _ in range(50):
            journal.append(_exchange(10_000))

    assert len(journals[-1]) == 50
    assert journals[-1].dropped == 0
    assert [len(journal) for journal in journals[:6]] == [FIRST_BYTES // 10_000] * 6
    assert all(len(journal) + journal.dropped == 50 for journal in journals)


def test_a_journal_that_is_no_longer_needed_gives_its_share_back():
    """The one after it has all of it."""
    allowance = Allowance(total=MORE_BYTES)
    ended, going = Journal(1000, allowance), Journal(1000, allowance)
    for _ in range(20):
        ended.append(_exchange(10_000))
    allowance.end(ended)
    for _ in range(20):
        going.append(_exchange(10_000))
    assert (len(going), going.dropped) == (20, 0)


# A clock that is put back


@pytest.mark.parametrize(
    "meter",
    [Window(60), Window(60, aligned=False), SlidingWindow(60), TokenBucket(60), Month()],
    ids=["window", "window from first", "sliding", "bucket", "month"],
)
@pytest.mark.parametrize("back", [3_600, 400 * 86_400])
def test_a_budget_that_was_used_up_later_is_there_before(meter, back):
    """Time that was advanced is reset: nobody waits for what is yet to come."""
    now = 1_790_000_000.0
    state = meter.begin(2, now)
    while not meter.take(state, 2, now).wait:
        pass
    back = back if not isinstance(meter, Month) else 400 * 86_400
    wait = meter.take(state, 2, now - back).wait
    assert wait <= 60
    assert not meter.take(state, 2, now - back + wait + 0.001).wait


@pytest.mark.parametrize("meter", [Window(60), SlidingWindow(60), TokenBucket(60), Month()])
def test_a_budget_of_nothing_stays_nothing(meter):
    """Also when the clock is put back."""
    state = meter.begin(0, 1_790_000_000.0)
    assert meter.take(state, 0, 1_790_000_000.0).wait
    assert meter.take(state, 0, 1_700_000_000.0).wait


# Records that handlers could not live with


@pytest.mark.parametrize(
    ("address", "member", "value"),
    [
        ("xqr/workspaces/{}", "plan", "platinum"),
        ("xqr/workspaces/{}", "plan", None),
        ("xqr/workspaces/{}", "_bulk_ops", "yes"),
        ("xqr/keys/{}", "scopes", None),
        ("xqr/keys/{}", "workspace", []),
        ("xqr/keys/{}", "expires_at", "tomorrow"),
        ("xqr/keys/{}", "expires_at", 7),
        ("xqr/links/{}", "_note", "mine"),
        ("botsubscription/keys/{}", "permissions", 7),
        ("botsubscription/targets/{}", "_note", "mine"),
        ("vivoldi/accounts/{}", "plan", {}),
        ("vivoldi/keys/{}", "account", [{}]),
        ("spotzee/keys/{}", "role", "god"),
        ("spotzee/keys/{}", "project_id", {}),
    ],
)
def test_a_record_that_its_api_could_not_live_with_is_refused(admin, address, member, value, figures):
    """It would only be found out by the next request to the API."""
    records = admin.get("/state/" + address.partition("/{}")[0]).json()["records"]
    api, collection, _ = address.split("/")
    (id_member,) = {
        found["idMember"] for found in admin.get(f"/state/{api}").json()["collections"] if found["name"] == collection
    }
    where = "/state/" + address.format(records[0][id_member])
    answer = admin.patch(where, json={member: value})
    figures.count(refused=answer.status_code == 422)
    assert answer.status_code == 422
    assert f"/{member}" in answer.json()["violations"][0]["pointer"]
    assert admin.get(where).json() == records[0]


def test_what_a_record_may_be_is_what_the_others_are(admin):
    """A member that is null or a text in the records may be either."""
    key = admin.get("/state/xqr/keys").json()["records"][0]["key"]
    for value in ("2027-01-01T00:00:00Z", None):
        assert admin.patch(f"/state/xqr/keys/{key}", json={"expires_at": value}).status_code == 200
