"""`--delay`, `--fail`, `--cors` and `--log`: for people without tests."""

import io
import json
import time
from pathlib import Path

import httpx
import pytest

from mockserver.problem import Unusable
from mockserver.server import Options, create_mock
from mockserver.server.request_log import RequestLog

PETS = str(Path(__file__).parent.parent.parent / "examples" / "pets.yaml")


def client_of(mock):
    """A client of the mock in this process."""
    return httpx.Client(transport=httpx.WSGITransport(app=mock.app), base_url="http://127.0.0.1:4010")


FAILURES = [
    ("listPets=503", "/pets", 503),
    ("listPets=503", "/pets/1", 200),
    ("GET /pets=429", "/pets", 429),
    ("GET /pets/{petId}=500", "/pets/1", 500),
    ("GET /pets/*=500", "/pets/1", 500),
    ("GET /v1/**=502", "/pets/1", 502),
    ("POST /pets=500", "/pets", 200),
    ("*=418", "/pets", 418),
]


@pytest.mark.parametrize(("fail", "path", "status"), FAILURES)
def test_what_is_told_to_fail_fails(fail, path, status):
    """By operation, by method and path, or all of it."""
    with client_of(create_mock(Options(apis=(PETS,), fail=(fail,)))) as client:
        assert client.get(path).status_code == status


def test_a_failure_has_a_probability():
    """With the same seed the same requests fail."""

    def statuses(seed):
        with client_of(create_mock(Options(apis=(PETS,), seed=seed, fail=("listPets=503:0.5",)))) as client:
            return [client.get("/pets").status_code for _ in range(40)]

    first, again, other = statuses(1), statuses(1), statuses(2)

    assert first == again != other
    assert {*first} == {200, 503}


def test_every_world_begins_with_the_failures_of_the_command_line():
    """And is reset to them."""
    with client_of(create_mock(Options(apis=(PETS,), fail=("*=503",)))) as client:
        assert client.get("/~one/pets").status_code == 503
        client.delete("/~one/__admin/faults")
        assert client.get("/~one/pets").status_code == 200
        client.post("/~one/__admin/reset")
        assert client.get("/~one/pets").status_code == 503


def test_every_answer_is_late():
    """By so many milliseconds, and one that fails is late too."""
    with client_of(create_mock(Options(apis=(PETS,), delay=60, fail=("*=503",)))) as client:
        began = time.perf_counter()
        status = client.get("/pets").status_code

    assert status == 503
    assert time.perf_counter() - began >= 0.06


@pytest.mark.parametrize("fail", ["listPets", "listPets=200", "listPets=503:7", "=503", "*=oops", "listPets=503:1.2.3"])
def test_a_failure_that_cannot_be_read_is_refused(fail):
    """With how it is written."""
    with pytest.raises(Unusable, match="expected WHERE=WHAT or WHERE=WHAT:PROBABILITY"):
        create_mock(Options(apis=(PETS,), fail=(fail,)))


def test_a_failure_of_an_unknown_operation_is_refused():
    """With those that there are."""
    with pytest.raises(Unusable, match="'listPet' is no operation of what is served; the nearest: listPets"):
        create_mock(Options(apis=(PETS,), fail=("listPet=503",)))


# Pages


ORIGINS = [
    ("https://app.example.com", "https://app.example.com", True),
    ("https://app.example.com", "https://app.example.com:8443", False),
    ("https://app.example.com", "http://localhost:3000", False),
    ("local https://app.example.com", "http://localhost:3000", True),
]


@pytest.mark.parametrize(("cors", "origin", "may"), ORIGINS)
def test_pages_of_some_origins_may_call(cors, origin, may):
    """And no others."""
    with client_of(create_mock(Options(apis=(PETS,), cors=cors))) as client:
        answer = client.get("/pets", headers={"Origin": origin})

    assert (answer.headers.get("Access-Control-Allow-Origin") == origin) is may


def test_a_page_reads_the_headers_that_a_test_asked_for():
    """They are named, since with credentials a browser takes no `*`."""
    with client_of(create_mock(Options(apis=(PETS,)))) as client:
        client.post("/__admin/faults", json={"status": 503, "headers": {"X-Mine": "1"}})
        answer = client.get("/pets", headers={"Origin": "http://localhost:3000"})

    assert "X-Mine" in answer.headers["Access-Control-Expose-Headers"].split(", ")


def test_what_is_no_origin_is_refused():
    """With what is."""
    with pytest.raises(Unusable, match="expected local, any, off"):
        create_mock(Options(apis=(PETS,), cors="app.example.com/page"))


# The log


def logged(*, as_json):
    """What is written of a request that is fine, one that is not, and one that leads nowhere."""
    mock, out = create_mock(Options(apis=(PETS,))), io.StringIO()
    log = RequestLog(mock.services, as_json=as_json, out=out)
    mock.worlds.watch(log.put)
    with client_of(mock) as client:
        client.get("/pets?limit=2&api_key=0123456789abcdefghij")
        client.get("/~other/pets?limit=x")
        client.get("/__admin/requests")
    log.write()
    return out.getvalue()


def test_the_log_has_a_line_for_each_request():
    """Time, request, status, time taken, what answered, what was wrong; no secret, and none of the control API."""
    first, second = logged(as_json=False).splitlines()

    assert "GET /pets?limit=2&api_key=0123*** 200 " in first
    assert first.endswith(" state")
    assert " 422 " in second
    assert "  request: query/limit: " in second
    assert "0123456789" not in first


def test_the_log_says_which_failure_was_asked_for():
    """So that nobody looks for it in the mock."""
    mock, out = create_mock(Options(apis=(PETS,), fail=("*=reset",))), io.StringIO()
    log = RequestLog(mock.services, as_json=False, out=out)
    mock.worlds.watch(log.put)
    with client_of(mock) as client, pytest.raises(ConnectionResetError):
        client.get("/pets")

    log.write()

    assert out.getvalue().endswith(" fault (reset)\n")


def test_the_log_is_json_where_it_is_asked_for():
    """An object a line."""
    first, second = map(json.loads, logged(as_json=True).splitlines())

    assert (first["method"], first["status"], first["api"], first["operation"]) == ("GET", 200, "pets", "listPets")
    assert (second["world"], second["status"], second["violations"][0]["pointer"]) == ("other", 422, "/limit")


def test_lines_that_nobody_writes_do_not_pile_up(monkeypatch):
    """The log says how many were left out."""
    monkeypatch.setattr("mockserver.server.request_log.MOST_WAITING", 1)

    assert logged(as_json=False).splitlines()[1] == "… 1 requests came too fast to be shown; the journal has the latest"
