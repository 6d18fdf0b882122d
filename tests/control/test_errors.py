"""Whatever goes wrong is a problem as RFC 9457 has it, never a page of HTML."""

import json

import httpx
import pytest

from mockserver.control import Access, create_control
from mockserver.server import Options, load_services
from mockserver.state.worlds import Worlds
from mockserver.web.door import Door

JSON = {"Content-Type": "application/json"}
BAD_BODIES = {
    "no JSON": (b"{", JSON, 400),
    "NaN": (b'{"status": NaN}', JSON, 400),
    "duplicate keys": (b'{"status": 200, "status": 404}', JSON, 400),
    "bad UTF-8": (b'{"path": "\xff"}', JSON, 400),
    "100,000 nested arrays": (b"[" * 100_000, JSON, 400),
    "none": (b"", JSON, 400),
    "text": (b"{}", {"Content-Type": "text/plain"}, 415),
    "no content type": (b"{}", {}, 415),
    "too large": (b'"' + b"x" * (10 * 1024 * 1024) + b'"', JSON, 413),
    "an array": (b"[]", JSON, 422),
    "a text": (b'"x"', JSON, 422),
}


@pytest.mark.parametrize(("content", "headers", "status"), BAD_BODIES.values(), ids=BAD_BODIES.keys())
@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("POST", "/requests/find"),
        ("POST", "/requests/count"),
        ("POST", "/requests/remove"),
        ("POST", "/state/xqr/links"),
        ("PUT", "/state/xqr/links/x"),
        ("PATCH", "/state/xqr/links/d47f2e1a-8c3b-4a5d-9e6f-1234567890ab"),
    ],
)
def test_a_bad_body_is_refused(control, method, path, content, headers, status):
    """Each kind by its own status, and the next good request is fine."""
    answer = control.request(method, path, content=content, headers=headers)

    assert (answer.status_code, answer.headers["Content-Type"]) == (status, "application/problem+json")
    assert answer.json()["status"] == status
    assert control.get("/state/xqr/links").status_code == 200


def test_a_truncated_body_is_refused(raw):
    """A body shorter than announced is not taken for whole."""
    answer = raw(
        f"POST /~{raw.world}/__admin/requests/remove HTTP/1.1\r\nHost: 127.0.0.1\r\nConnection: close\r\n"
        "Content-Type: application/json\r\nContent-Length: 20\r\n\r\n{}".encode()
    )

    assert b" 200 " not in answer.partition(b"\r\n")[0]


WRONG_METHODS = {
    ("PUT", "/health"): "GET, HEAD",
    ("GET", "/reset"): "POST",
    ("GET", "/requests/find"): "POST",
    ("POST", "/requests/unmatched"): "GET, HEAD",
    ("PATCH", "/requests"): "DELETE, GET, HEAD",
    ("POST", "/requests/1"): "DELETE, GET, HEAD",
    ("PUT", "/state/xqr/links"): "GET, HEAD, POST",
    ("POST", "/state/xqr/links/x"): "DELETE, GET, HEAD, PATCH, PUT",
    ("OPTIONS", "/apis"): "GET, HEAD",
}


@pytest.mark.parametrize(("asked", "allowed"), WRONG_METHODS.items())
def test_a_wrong_method_is_told_the_right_ones(control, asked, allowed):
    """405, with `Allow`."""
    answer = control.request(*asked)

    assert answer.status_code == 405
    assert sorted(answer.headers["Allow"].split(", ")) == allowed.split(", ")


@pytest.mark.parametrize(
    "path",
    [
        "/nowhere",
        "/health/",
        "/requests/",
        "/requests/abc",
        "/requests/-1",
        "/state",
        "/state/",
        "/state//links",
    ],
)
def test_an_unknown_path_is_not_found(control, path):
    """404, and nothing is redirected."""
    answer = control.get(path)

    assert (answer.status_code, answer.json()["title"]) == (404, "Not Found")


@pytest.mark.parametrize(
    ("path", "query", "said"),
    [
        ("/requests", "limt=1", "did you mean 'limit'?"),
        (
            "/requests",
            "limit=1&whatever=2",
            "it takes limit, api, operation, method, path, status, since, unmatched, broken",
        ),
        ("/clock", "x", "it takes none"),
    ],
)
def test_a_query_parameter_that_an_operation_does_not_have_is_refused(control, path, query, said):
    """Else a filter with a slip of the pen would silently filter nothing."""
    answer = control.get(f"{path}?{query}")

    assert answer.status_code == 422
    assert said in answer.json()["detail"]


def test_the_head_of_a_read_is_its_answer_without_the_body(control):
    """HEAD is answered wherever GET is."""
    answer = control.head("/health")

    assert (answer.status_code, answer.content) == (200, b"")


def test_a_request_number_has_a_lower_bound(control):
    """The document is kept by the path as well."""
    answer = control.get("/requests/0")

    assert answer.status_code == 422
    assert answer.json()["violations"] == [
        {"place": "path", "pointer": "/id", "keyword": "minimum", "message": "0 is less than 1", "seen": "0"}
    ]


def test_a_failure_of_the_mock_is_a_problem_without_a_traceback(caplog):
    """What nobody thought of is a 500 that tells nothing of the inside; the log has it all."""
    services = load_services(Options(apis=("xqr",)))
    worlds = Worlds({})
    door = Door(services, worlds, create_control(services, worlds, Access()))

    with httpx.Client(transport=httpx.WSGITransport(app=door), base_url="http://localhost") as client:
        answer = client.get("/__admin/state/xqr")

    assert (answer.status_code, json.loads(answer.content)["title"]) == (500, "Internal Server Error")
    assert "KeyError" in caplog.text
    assert "KeyError" not in answer.text
