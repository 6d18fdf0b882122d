"""The page as it is served: to whom, with which headers, and what stays JSON."""

from __future__ import annotations

import re
from collections.abc import Callable

import httpx
import pytest
import yaml

from mockserver.dashboard.page_files import FOLDER, MAX_BYTES
from mockserver.server import Options, create_app
from mockserver.web.door import Door

BROWSER = "text/html,application/xhtml+xml,application/xml;q=0.9,image/avif,image/webp,*/*;q=0.8"
LINKS = "/api/v1/links"


@pytest.mark.parametrize(
    "accept", ["", "*/*", "application/json", "application/json, text/html", "text/html;q=0.5, */*"]
)
def test_programs_get_json(control, accept):
    """As before there was a page; also those that would take HTML too."""
    answer = control.get("/", headers={"Accept": accept})

    assert answer.json()["name"] == "mockserver"


def test_browsers_get_the_page(control):
    """Nothing in it runs but the page's own files, and no cache keeps it for a program."""
    answer = control.get("/", headers={"Accept": BROWSER})

    policy = dict(part.split(" ", 1) for part in answer.headers["Content-Security-Policy"].split("; "))
    assert answer.headers["Content-Type"] == "text/html; charset=utf-8"
    assert answer.text.startswith("<!doctype html>")
    assert (answer.headers["Cache-Control"], answer.headers["Vary"]) == ("no-store", "Accept")
    assert (policy["default-src"], policy["script-src"], policy["style-src"]) == ("'none'", "'self'", "'self'")
    assert (policy["frame-ancestors"], policy["require-trusted-types-for"]) == ("'none'", "'script'")


@pytest.mark.parametrize(
    ("name", "media_type"),
    [
        ("main.js", "text/javascript; charset=utf-8"),
        ("views/requests.js", "text/javascript; charset=utf-8"),
        ("page.css", "text/css; charset=utf-8"),
        ("icon.svg", "image/svg+xml"),
    ],
)
def test_its_files_are_what_they_are_said_to_be(control, name, media_type):
    """No browser guesses, and no other site loads them."""
    answer = control.get(f"/page/{name}")

    assert (answer.status_code, answer.headers["Content-Type"]) == (200, media_type)
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
    assert answer.headers["Cross-Origin-Resource-Policy"] == "same-origin"


@pytest.mark.parametrize(
    "name", ["nothing.js", "../page_files.py", "..%2Fpage_files.py", "views", "/etc/passwd", "README.md"]
)
def test_no_other_file_is_reached(server, world, name):
    """Only those that the page consists of."""
    with server.client(f"/~{world}/__admin") as client:
        answer = client.get(f"/page/{name}")

    assert answer.status_code == 404


def test_the_page_is_small_and_loads_nothing_from_elsewhere():
    """All files together; no address in them but the namespace of SVG, the mock's own and the value that the form of a
    new record suggests for a URL.
    """
    files = [path for path in FOLDER.rglob("*") if path.is_file()]
    texts = {path.name: path.read_text() for path in files}

    assert sum(path.stat().st_size for path in files) < MAX_BYTES
    addresses = {found for text in texts.values() for found in re.findall(r"https?://[\w.]+[^\s\"'`)<]*", text)}
    assert addresses == {"http://www.w3.org/2000/svg", "http://127.0.0.1:4010/__admin/"}
    assert [name for name, text in texts.items() if "innerHTML" in text or "insertAdjacentHTML" in text] == []


PLAIN, GUARDED, EXPOSED = (
    Options(apis=("xqr",)),
    Options(apis=("xqr",), admin_token="t0ken"),
    Options(apis=("xqr",), host="0.0.0.0"),  # noqa: S104
)


@pytest.fixture(scope="module")
def apps() -> list[tuple[Options, Door]]:
    """One mock for each way to start it, made when it is asked for."""
    return []


@pytest.fixture
def visit(apps: list[tuple[Options, Door]]) -> Callable[..., httpx.Response]:
    """Asks a mock that was started so, as a browser does."""

    def asked(path: str, options: Options = PLAIN, **headers: str) -> httpx.Response:
        if options not in [known for known, _ in apps]:
            apps.append((options, create_app(options)))
        app = next(app for known, app in apps if known == options)
        with httpx.Client(transport=httpx.WSGITransport(app=app), base_url="http://localhost:4010") as client:
            return client.get(path, headers={"Accept": BROWSER, **headers})

    return asked


@pytest.mark.parametrize("path", ["/__admin/", "/__admin", "/__admin/page/main.js"])
def test_the_page_needs_no_token_and_tells_nothing(visit, path):
    """A browser cannot send a token before it has the page; what the page shows still needs it."""
    page, data = visit(path, GUARDED), visit("/__admin/requests", GUARDED)
    index = visit("/__admin/", GUARDED, Accept="application/json")

    assert (page.status_code, data.status_code, index.status_code) == (200, 401, 401)


@pytest.mark.parametrize(
    "headers",
    [{"Host": "rebound.example"}, {"Origin": "http://evil.example"}, {"Sec-Fetch-Site": "cross-site"}],
    ids=["host", "origin", "site"],
)
@pytest.mark.parametrize("path", ["/__admin/", "/__admin/page/main.js"])
def test_the_page_is_refused_to_whom_the_control_api_is(visit, path, headers):
    """By another name, or for a page of another site."""
    answer = visit(path, **headers)

    assert answer.status_code == 403


def test_a_server_open_to_the_network_shows_no_page_without_a_token(visit):
    """And says how to start it."""
    answer = visit("/__admin/", EXPOSED)

    assert (answer.status_code, "--admin-token" in answer.json()["detail"]) == (403, True)


@pytest.mark.parametrize(("path", "leads_to"), [("/", "./__admin/"), ("/~alice/", "./__admin/")])
def test_a_browser_is_sent_from_the_address_to_the_page(visit, path, leads_to):
    """By a relative address, which holds behind a proxy too."""
    answer = visit(path)

    assert (answer.status_code, answer.headers["Location"]) == (302, leads_to)


@pytest.mark.parametrize("headers", [{"Accept": "*/*"}, {"Host": "xqr.co"}], ids=["curl", "host of the API"])
def test_nobody_else_is_sent_there(visit, headers):
    """Neither a program nor a browser under the name of an API."""
    answer = visit("/", **headers)

    assert answer.status_code == 404


def test_an_api_answers_at_its_own_root(visit, tmp_path):
    """An operation `GET /` is not hidden by the page."""
    document = {
        "openapi": "3.1.0",
        "info": {"title": "Root", "version": "1"},
        "paths": {
            "/": {"get": {"responses": {"200": {"description": "ok", "content": {"text/plain": {"example": "hello"}}}}}}
        },
    }
    (tmp_path / "root.yaml").write_text(yaml.safe_dump(document))

    answer = visit("/", Options(apis=(str(tmp_path / "root.yaml"),)), Accept="text/html, */*;q=0.1")

    assert (answer.status_code, answer.text) == (200, "hello")


def test_a_stub_answers_at_the_root(server, world, admin):
    """A test asked for it."""
    admin.post("/mappings", json={"request": {"urlPath": "/"}, "response": {"status": 200, "body": "mine"}})

    with server.client(f"/~{world}") as client:
        answer = client.get("/", headers={"Accept": BROWSER})

    assert answer.text == "mine"


def test_a_summary_has_no_headers_and_bodies(control, xqr):
    """What a list shows, secrets masked."""
    xqr.patch(f"{LINKS}/bulk/status?api_key=s3cr3ts3cr3t", json={"ids": [], "enabled": "x"})

    [entry] = control.get("/requests", params={"summary": "true"}).json()["requests"]

    took = entry.pop("tookMs")
    assert took >= 0
    assert {name: entry[name] for name in ("id", "api", "operation", "method", "status", "violations", "broken")} == {
        "id": 1, "api": "xqr", "operation": "bulkUpdateLinkStatus", "method": "PATCH", "status": 400,
        "violations": 2, "broken": 0,
    }  # fmt: skip
    assert entry["url"].startswith(f"/xqr{LINKS}/bulk/status?api_key=")
    assert "s3cr3ts3cr3t" not in entry["url"]
    assert entry.keys().isdisjoint({"request", "response", "headers", "body"})


def test_a_stream_has_summaries(control, xqr):
    """In the place of whole entries."""
    xqr.get(LINKS)

    answer = control.get("/requests/stream", params={"seconds": 0, "summary": "true"}, headers={"Last-Event-ID": "0"})

    assert f'"url":"/xqr{LINKS}"' in answer.text
    assert '"response"' not in answer.text


def test_a_request_is_replayed_with_its_credentials(control, xqr):
    """It writes once more, and is in the journal, secrets masked."""
    body = {"url": "https://example.com/a"}
    made = xqr.post(LINKS, json=body).json()

    again = control.post("/requests/1/replay")

    entry = again.json()
    assert (again.status_code, entry["id"], entry["response"]["status"]) == (201, 2, 201)
    assert entry["request"]["json"] == body
    assert entry["response"]["json"]["data"]["id"] != made["data"]["id"]
    assert entry["request"]["headers"]["Authorization"].endswith("***")
    assert control.get("/requests/2").json()["operation"] == "createLink"


def test_a_replay_of_nothing_is_refused(server, world, control):
    """No request of this number; a request that reached no API."""
    with server.client(f"/~{world}") as client:
        client.get("/nowhere")

    assert control.post("/requests/9/replay").status_code == 404
    assert control.post("/requests/1/replay").status_code == 409
