"""What is served is put together before the first request, and the records with the first that asks for them."""

from __future__ import annotations

import threading

import httpx
import pytest

from mockserver.engine.fixture_records import read_fixtures
from mockserver.problem import Unusable
from mockserver.server import Options, create_mock, warmed
from mockserver.vendors import APIS


def test_fixtures_that_cannot_be_read_are_told_and_crash_nothing(monkeypatch, caplog):
    """Each request is answered with a problem, other APIs as ever, and the log says what is wrong with which file."""

    def broken(api, path):
        if api.name == "xqr":
            raise Unusable("links: expected a list of records", where=str(path))
        return read_fixtures(api, path)

    monkeypatch.setattr("mockserver.server.mock.read_fixtures", broken)
    mock = create_mock(Options(apis=("xqr", "spotzee")))
    client = httpx.Client(transport=httpx.WSGITransport(app=mock.app), base_url="http://127.0.0.1:4010")

    warmed(mock)()
    for thread in threading.enumerate():
        if thread.name == "warm":
            thread.join(10)
    answers = [
        _asked(client, "xqr", "/xqr/api/v1/links"),
        _asked(client, "spotzee", "/spotzee/api/client/subscriptions"),
    ]

    assert [answer.status_code for answer in answers] == [500, 200]
    assert answers[0].json()["title"] == "Internal Server Error"
    assert "xqr answers nothing but 500" in caplog.text
    assert "links: expected a list of records" in caplog.text


@pytest.mark.parametrize("api", APIS)
def test_the_first_request_finds_the_records(api):
    """Nobody has asked for them before."""
    mock = create_mock(Options(apis=(api,)))

    assert len(mock.worlds["fresh"].of(api).names) == len(APIS[api].collections)


def _asked(client: httpx.Client, api: str, path: str) -> httpx.Response:
    name, value = APIS[api].credential
    return client.get(path, headers={name: value})
