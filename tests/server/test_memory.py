"""What was answered is not kept any longer than the journal keeps it."""

import gc
import tracemalloc
from collections.abc import Iterator

import httpx
import pytest

from mockserver.engine.call import Call
from mockserver.messages import Request
from mockserver.server import Options, create_app
from mockserver.server.mock import create_mock
from mockserver.state.journal import cost_of
from mockserver.vendors import APIS

HANDLERS = """
def listed(call, state):
    call.default()
    return call.default()


HANDLERS = {"listLinks": listed}
"""
LINKS = "/xqr/api/v1/links"
BIG = {"X-Big": "x" * 20_000}


@pytest.fixture
def uncollected() -> Iterator[None]:
    """Nothing is freed but what nobody refers to."""
    gc.collect()
    gc.disable()
    yield
    gc.enable()


def client_of(**options):
    """A client of `xqr` with its documented key."""
    app = create_app(Options(apis=("xqr",), enforce_limits=False, **options))
    headers = dict([APIS["xqr"].credential])
    return httpx.Client(transport=httpx.WSGITransport(app=app), base_url="http://localhost", headers=headers)


def alive():
    """The calls and requests that there are. Who holds them keeps those of earlier tests from going meanwhile."""
    return [each for each in gc.get_objects() if type(each) in (Call, Request)]


def test_a_handler_that_asks_for_the_default_keeps_no_request(tmp_path, uncollected):
    """Nor one whose default is asked for by a handler of another file."""
    (tmp_path / "first.py").write_text(HANDLERS)
    (tmp_path / "second.py").write_text(HANDLERS)
    files = [f"xqr={tmp_path / name}" for name in ("first.py", "second.py")]
    with client_of(handlers=files, journal=0) as client:
        client.get(LINKS)
        before = alive()

        answers = [client.get(LINKS).status_code for _ in range(5)]

        assert answers == [200] * 5
        assert len(alive()) == len(before)


def test_a_record_that_is_put_keeps_no_request(uncollected):
    """Over the control API, whatever its size."""
    with client_of() as client:
        path = f"/__admin/state/xqr/links/{client.get(LINKS).json()['data'][0]['id']}"
        record = client.get(path).json()
        client.put(path, json=record)
        before = alive()

        answers = [client.put(path, json=record).status_code for _ in range(5)]

        assert answers == [200] * 5
        assert len(alive()) == len(before)


@pytest.mark.parametrize("headers", [{}, BIG], ids=["small", "large"])
def test_the_journal_counts_what_an_exchange_costs(headers):
    """Within a factor of two, its headers included."""
    mock = create_mock(Options(apis=("xqr",)))
    transport = httpx.WSGITransport(app=mock.app)
    with httpx.Client(transport=transport, base_url="http://localhost", headers=headers) as client:
        journal = mock.worlds["default"].journal
        client.get("/xqr/nothing")
        gc.collect()
        tracemalloc.start()
        before, _ = tracemalloc.get_traced_memory()
        for _ in range(50):
            client.get("/xqr/nothing", headers={name: f"{text}y" for name, text in headers.items()})
        gc.collect()
        after, _ = tracemalloc.get_traced_memory()
        tracemalloc.stop()

        counted = sum(exchange.size for exchange in [*journal][-50:])
        latest = journal.latest

        assert latest is not None
        assert latest.size == cost_of(latest.request, latest.content)
        assert 0.5 < counted / (after - before) < 2
