"""Servers that answer to do harm: to whoever waits for them, reads the report, or pastes what it shows."""

import threading
import time
from types import SimpleNamespace
from typing import Any

import pytest

from mockserver.contract.checking.checked_server import ask, world_header
from mockserver.contract.compare.compare_options import CompareOptions
from mockserver.contract.compare.compare_report import junit_report, report_lines
from mockserver.contract.compare.compare_run import CompareResult, FoundDivergence
from mockserver.contract.compare.divergence import Divergence
from mockserver.contract.replay.answer_heads import CountedHeads
from mockserver.contract.replay.difference import Difference, DifferenceKind
from mockserver.contract.replay.planned_request import PlannedRequest
from mockserver.contract.replay.player import PlayedAnswer, Player, RequestAsSent
from mockserver.contract.replay.request_sequence import RequestSequence
from mockserver.problem import Unusable
from tests.proxy.conftest import RawUpstream, as_json

INTERIM = b"HTTP/1.1 100 Continue\r\n\r\n"


@pytest.fixture
def answered_by():
    """Starts a server that answers as a script says; the address of it."""
    started = []

    def start(script):
        started.append(RawUpstream(script))
        return started[-1].root

    yield start
    for server in started:
        server.end()


def _interim_without_end(talk):
    for _ in range(100):
        talk.send(INTERIM * 10)
        time.sleep(0.02)


def test_interim_answers_without_end_are_no_answer(answered_by):
    """The request fails, and says why."""
    address = answered_by(_interim_without_end)

    with Player(address) as player:
        answer = player.send(RequestAsSent("GET", address))

    assert answer.failure == "broken"
    assert "20 interim answers (1xx) and no final one" in answer.reason
    with pytest.raises(Unusable, match="20 interim answers"):
        ask(address)


def test_trailers_without_end_are_no_answer(answered_by):
    """The request fails, and says why."""

    def go_on(talk):
        talk.send(b"HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\nTransfer-Encoding: chunked\r\n\r\n1\r\na\r\n0\r\n")
        talk.send(b"X-Trailer: 1\r\n" * 150)

    address = answered_by(go_on)
    with Player(address) as player:
        answer = player.send(RequestAsSent("GET", address))

    assert answer.failure == "broken"
    assert "more than 100 trailers" in answer.reason


@pytest.mark.parametrize("begun", [b"HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\n\r\n", b"HTTP/1.1 200 OK\r\nX: "])
def test_an_answer_that_drips_has_an_end(answered_by, monkeypatch, begun):
    """Each byte of its body, or of its head, comes in time, and the whole does not."""
    monkeypatch.setattr(CountedHeads, "head_seconds", 0.5)
    monkeypatch.setattr(CountedHeads, "body_seconds", 0.5)
    ended = threading.Event()

    def drip(talk):
        talk.send(begun)
        for _ in range(40):
            if ended.wait(0.1):
                return
            talk.send(b".")

    address = answered_by(drip)
    began = time.monotonic()

    with Player(address) as player:
        answer = player.send(RequestAsSent("GET", address))
    took = time.monotonic() - began
    ended.set()

    assert (answer.failure, answer.reason) == ("timeout", "the answer was not complete after 0.5 seconds")
    assert took < 3


def test_a_nested_answer_to_the_question_for_a_mock_is_none(answered_by):
    """It is no traceback either."""
    address = answered_by(as_json(b"[" * 100_000 + b"]" * 100_000))

    headers = world_header(address)

    assert headers == []


def test_a_password_in_the_address_is_refused_and_not_told():
    """Credentials are headers."""
    with pytest.raises(Unusable) as refused:
        ask("http://user:s3cret@127.0.0.1:9/v1")

    assert "leave it out" in str(refused.value)
    assert "s3cret" not in str(refused.value)


def test_a_curl_line_reads_no_file():
    """A body that begins with an @ is sent as it is."""
    line = RequestAsSent("POST", "http://a.test/x", (), b"@/etc/passwd").curl()

    assert line == "curl -i -X POST --data-raw @/etc/passwd http://a.test/x"


def test_names_of_members_steer_no_terminal():
    """A server's names stand in the report with their control characters as escapes, each in its line."""
    step, answer = PlannedRequest("GET", "/pets"), PlayedAnswer(RequestAsSent("GET"), 200)
    difference = Difference(DifferenceKind.ADDITIONAL, "/a\x1b]0;owned\x07\n2. forged\x9b\u202e", right=1)
    found = FoundDivergence(Divergence(RequestSequence((step,)), (answer,), (answer,), (difference,)))
    redactor = SimpleNamespace(
        exchange=lambda exchange: exchange, declared=lambda _: SimpleNamespace(is_header=lambda _: False)
    )
    api: Any = SimpleNamespace(name="pets", operations=(), service=SimpleNamespace(redactor=redactor))
    result = CompareResult(api, [found])
    options = CompareOptions(api="pets", url="http://a.test")

    lines = [*report_lines(result, options, {})]

    assert r"GET /pets: the member /a\x1b]0;owned\x07\n2. forged\x9b\u202e: mock has none, other 1" in lines[0]
    assert [line for line in lines if not line.isprintable()] == []
    assert rb"\n2. forged\x9b\u202e" in junit_report(result, options)
