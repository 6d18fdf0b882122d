"""Nothing is concluded from answers of what is not the API: another address, a wrong credential, a page, a failure."""

import socket
from contextlib import contextmanager
from dataclasses import replace
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread

import pytest

from mockserver.contract.probe.answer_form import AnswerForm
from mockserver.contract.probe.look import look_of
from mockserver.contract.probe.option_mocks import option_mocks, own_headers
from mockserver.contract.probe.probe import Probe, ProbeBook
from mockserver.contract.probe.probe import ProbeStep as Step
from mockserver.contract.probe.probe_play import play
from mockserver.contract.probe.probe_run import ProbeOptions, load_probed, probe_server
from mockserver.contract.probe.probed_server import ProbedServer
from mockserver.contract.probe.prober import INTERRUPTED, is_alike, settle
from mockserver.contract.probe.reference_answer import ReferenceAnswer
from mockserver.contract.replay.player import Player, RequestAsSent
from mockserver.problem import Unusable
from mockserver.server import Options, running
from tests.probe.test_probe_play import Script, answer, probe, server

XQR = Options(apis=("xqr",))
LINKS = b'{"data": [], "meta": {}}'
LISTED = AnswerForm("", 200, "an object", frozenset({"data", "meta"}))
REFERENCE = ReferenceAnswer([(Probe("", (Step("reference", target="/links"),)), {0: LISTED})])


@contextmanager
def answering(first, then):
    """A server that answers the first request for links with one status, and everything after it with another; its
    address, and the requests that came.
    """
    came = []

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self):
            came.append(self.path)
            self.send_response(first if self.path.startswith("/v1/links?") and came.count(self.path) == 1 else then)
            self.send_header("Content-Length", str(len(LINKS)))
            self.end_headers()
            self.wfile.write(LINKS)

        do_POST = do_PUT = do_PATCH = do_DELETE = do_GET  # noqa: N815 - as the base class calls them

        def log_message(self, *_):
            pass

    listening = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    Thread(target=listening.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True).start()
    try:
        yield f"http://127.0.0.1:{listening.server_address[1]}", came
    finally:
        listening.shutdown()
        listening.server_close()


@pytest.mark.parametrize(
    ("status", "body", "told"),
    [
        (200, {"data": [], "next": None}, ""),
        (404, {}, "GET /links was answered with 404"),
        (401, {}, "GET /links was answered with 401"),
        (503, {}, "GET /links was answered with 503"),
        (302, {}, "GET /links was answered with a redirect"),
        (200, [], "GET /links was answered with 200 and an array; this API answers with an object"),
        (200, {"status": "ok"}, "GET /links was answered with 200 and an object that has none of data, meta"),
    ],
)
def test_an_api_is_known_by_how_it_answers_a_request_that_every_server_of_it_takes(status, body, told):
    """By the form of its success; one member in common is enough."""
    assert REFERENCE.first_doubt(server(Script((status, body, {})))) == told


def test_an_api_that_asks_to_wait_is_one_still():
    """Its probes use up what it gives."""
    limited = answer(429, Retry_After="3600")

    doubts = [ask(server(Script(limited))) for ask in (REFERENCE.first_doubt, REFERENCE.doubt)]

    assert doubts == ["GET /links: 429; it asks to wait 3600 seconds", ""]


def test_what_is_not_the_api_is_asked_nothing_else():
    """Nothing that writes is sent to an address that somebody mistook."""
    with answering(404, then=404) as (url, came), pytest.raises(Unusable) as refused:
        probe_server(ProbeOptions(XQR, url, plays_all=True, names=("wrong-method", "unknown-ids")))

    assert "GET /v1/links?limit=1 was answered with 404, so that nothing else was asked" in str(refused.value)
    assert [path for path in came if path.startswith("/v1")] == ["/v1/links?limit=1"]


def test_a_refusal_by_what_is_not_the_api_any_more_settles_nothing():
    """A 404 of a path that is gone is what one option says, but the server has lost all paths."""
    with answering(200, then=404) as (url, _):
        [outcome] = probe_server(ProbeOptions(XQR, url, plays_all=True, names=("wrong-method",)))

    assert (outcome.result, outcome.reason) == ("unclear", "GET /v1/links?limit=1 was answered with 404")


@pytest.mark.parametrize(
    ("look", "times", "theirs", "mine"),
    [
        ("status", 1, answer(200, []), answer(200, {"id": 1})),
        ("status", 1, answer(200, {"page": 1}), answer(200, {"id": 1})),
        ("has /next", 1, answer(302, {}), answer(200, {})),
        ("/total = one /total", 1, answer(200, {"id": 1}), answer(200, {"id": 1, "total": 7})),
        ("/text ~ a", 1, answer(200, {"id": 1}), answer(200, {"id": 1, "text": "b"})),
        ("varies status", 2, answer(401), answer(200)),
        ("has header Retry-After", 2, answer(401), answer(200)),
    ],
)
def test_answers_in_which_a_part_is_absent_for_another_reason_are_not_alike(look, times, theirs, mine):
    """A login page, an error and an empty object lack every member."""
    step = Step("one", target="/", times=times, looks=(look_of(look),))

    on_server, on_mock = (play(probe(step), server(Script(*[each] * times))) for each in (theirs, mine))

    assert is_alike(on_mock, on_mock)
    assert not is_alike(on_mock, on_server)


def test_a_server_that_fails_now_and_then_varies_for_no_reason_that_an_option_has():
    """A 503 among answers is told, and is not taken for one that refuses too many."""
    step = Step(target="/", times=2, looks=(look_of("usual status"),))

    flaky = play(probe(step), server(Script(answer(200), answer(503))))
    steady = play(probe(step), server(Script(answer(200), answer(200))))

    assert flaky.failed == "GET / was answered with 503"
    assert not is_alike(steady, flaky)


def test_a_burst_that_took_longer_than_a_limit_holds_tells_nothing():
    """The requests came too slowly to be too many."""
    moments = iter([0.0, 0.1, 0.9])
    slow = replace(server(Script(answer(200), answer(200))), now=lambda: next(moments))
    burst = Step(target="/", times=2, is_at_once=True, done_in=0.5, looks=(look_of("usual status"),))

    found = play(probe(burst), slow)

    assert found.stuck == "GET /: 2 requests took 0.9 seconds; what is looked for needs 0.5"


def test_what_was_seen_until_an_interruption_is_told():
    """The others were not asked."""
    heard = []

    def listen(name):
        heard.append(name)
        if len(heard) == 2:
            raise KeyboardInterrupt

    probed = load_probed(XQR)
    book = ProbeBook({name: probed.book.probes[name] for name in ("uuid-case", "wrong-method")})
    chosen = [one for one in probed.assumptions if one.name in book.probes]
    with option_mocks(XQR, book) as mocks, running(XQR) as vendor:
        url = vendor.url_of("xqr")
        asked = ProbedServer(url, Player(url), {"": own_headers(probed.service)})
        outcomes = settle(chosen, book, mocks, lambda _: asked, listen)

    assert {one.assumption.name: (one.result, one.reason) for one in outcomes} == {
        heard[0]: ("confirmed", ""),
        heard[1]: ("unclear", INTERRUPTED),
    }


@pytest.mark.parametrize(("second", "left"), [(204, ()), (503, ("DELETE /things/{thing /id}: 503",))])
def test_what_a_failing_server_did_not_delete_is_deleted_once_more(second, left):
    """And told where that fails too."""
    thing = Step("thing", "POST", "/things", undo=(("DELETE", "/things/{thing /id}"),))
    script = Script(answer(201, {"id": 7}), answer(500), answer(second))

    found = play(probe(thing), server(script))

    assert (found.left, len(script.sent)) == (left, 3)


def test_an_answer_that_ends_too_early_is_told_in_words():
    """Not as the errors of a library inside one another."""
    with listening_once(b"HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\n{") as url, Player(url) as player:
        found = player.send(RequestAsSent("GET", url))

    assert found.reason == "Connection broken: IncompleteRead(1 bytes read, 8 more expected)"


@contextmanager
def listening_once(answered):
    """A server that answers one request with these bytes, and closes; its address."""
    with socket.create_server(("127.0.0.1", 0)) as listening:

        def serve():
            connection, _ = listening.accept()
            with connection:
                connection.recv(65_536)
                connection.sendall(answered)

        thread = Thread(target=serve)
        thread.start()
        yield f"http://127.0.0.1:{listening.getsockname()[1]}/"
        thread.join()
