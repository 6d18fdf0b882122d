"""The journal as a stream and as an archive; settings, index, documentation, shutdown."""

import json
import os
import re
import subprocess
import sys
import threading
import time

import httpx
import pytest

from mockserver.control.waiting import MAX_WAITING
from tests.conftest import free_port, wait_for

LINKS = "/api/v1/links"


def events(text: str) -> list[tuple[int, str]]:
    """The numbers and paths of the events of a stream."""
    blocks = [block.split("\n") for block in text.split("\n\n") if block.startswith("id:")]
    return [(int(block[0][4:]), json.loads(block[2][6:])["request"]["path"]) for block in blocks]


def test_a_stream_has_what_was_asked_since_an_event(control, xqr):
    """An EventSource that asks again misses nothing."""
    for path in (LINKS, "/api/v1/nowhere", LINKS):
        xqr.get(path)

    answer = control.get("/requests/stream", params={"seconds": 0}, headers={"Last-Event-ID": "1"})

    assert answer.headers["Content-Type"].startswith("text/event-stream")
    assert events(answer.text) == [(2, "/api/v1/nowhere"), (3, LINKS)]


def test_a_stream_tells_of_requests_as_they_come(control, xqr):
    """Not of those before it."""
    xqr.get("/api/v1/nowhere")
    later = threading.Timer(0.8, lambda: xqr.get(LINKS))
    later.start()

    answer = control.get("/requests/stream", params={"seconds": 2.5})

    later.join()
    assert events(answer.text) == [(2, LINKS)]


def test_requests_that_wait_do_not_starve_the_others(port_server, world):
    """There are 64 places for them; one more is a 503, and every other request is answered at once."""
    opened = []
    limits = httpx.Limits(max_connections=None)
    root = f"{port_server.root}/~{world}/__admin"
    with httpx.Client(base_url=root, timeout=30, limits=limits) as client:

        def read() -> None:
            opened.append(client.get("/requests/stream", params={"seconds": 3}).status_code)

        readers = [threading.Thread(target=read) for _ in range(MAX_WAITING)]
        for reader in readers:
            reader.start()
        refused = client.get("/requests/stream", params={"seconds": 0})
        deadline = time.monotonic() + 2.5
        while refused.status_code == 200 and time.monotonic() < deadline:
            refused = client.get("/requests/stream", params={"seconds": 0})
        settled = client.post("/outbox/settle", json={"timeout": 0})
        healthy, listed = client.get("/health"), client.get("/requests")
        ended_before = [*opened]
        for reader in readers:
            reader.join()
        afterwards = client.get("/requests/stream", params={"seconds": 0})

    assert (refused.status_code, refused.headers["Retry-After"], settled.status_code) == (503, "1", 503)
    assert (healthy.status_code, listed.status_code, ended_before) == (200, 200, [])
    assert opened == [200] * MAX_WAITING
    assert afterwards.status_code == 200


def test_the_journal_is_an_archive(control, xqr):
    """HAR 1.2, secrets masked."""
    xqr.get(LINKS, params={"limit": 1})

    [entry] = control.get("/requests.har").json()["log"]["entries"]

    assert entry["request"]["url"].endswith(f"/xqr{LINKS}?limit=1")
    assert {"name": "Authorization", "value": "Bearer xqr_***"} in entry["request"]["headers"]
    assert json.loads(entry["response"]["content"]["text"])["meta"]
    assert (entry["response"]["status"], entry["response"]["statusText"]) == (200, "OK")


@pytest.mark.parametrize("method", ["PUT", "POST"])
def test_every_answer_can_be_delayed(control, xqr, method):
    """WireMock's `fixedDelay`, until it is taken back."""
    control.request(method, "/settings", json={"fixedDelay": 150})
    began = time.monotonic()
    xqr.get(LINKS)
    took = time.monotonic() - began
    set_to = control.get("/settings").json()
    control.request(method, "/settings", json={"fixedDelay": None})

    assert took >= 0.15
    assert set_to == {"settings": {"fixedDelay": 150, "delayDistribution": None}}
    assert control.get("/settings").json() == {"settings": {"fixedDelay": None, "delayDistribution": None}}


@pytest.mark.parametrize(
    "distribution",
    [{"type": "uniform", "lower": 10, "upper": 20}, {"type": "lognormal", "median": 10, "sigma": 0.1}],
)
def test_delays_can_be_drawn(control, distribution):
    """In WireMock's words."""
    answer = control.put("/settings", json={"delayDistribution": distribution})

    assert answer.json()["settings"]["delayDistribution"] == distribution


@pytest.mark.parametrize("path", ["", "/"])
def test_the_index_lists_every_address(control, server, world, path):
    """Whoever types the address in a browser finds the documentation."""
    with server.client(f"/~{world}/__admin{path}") as client:
        index = client.get("").json()

    assert index["docs"] == f"{server.root}/~{world}/__admin/docs"
    assert {"method": "POST", "url": f"{server.root}/~{world}/__admin/reset"}.items() <= next(
        one for one in index["addresses"] if one["url"].endswith("/reset")
    ).items()


@pytest.mark.parametrize(("path", "root"), [("/docs", ""), ("/apis/xqr/docs", "../../")])
def test_the_documentation_is_a_page_that_loads_nothing_from_elsewhere(control, path, root):
    """Files of the mock alone, below a policy under which no text runs; styles in elements are the viewer's."""
    page = control.get(path)

    policy = dict(part.split(" ", 1) for part in page.headers["Content-Security-Policy"].split("; "))
    loaded = re.findall(r'(?:src|href)="([^#"]+)"', page.text)
    assert page.headers["Content-Type"] == "text/html; charset=utf-8"
    assert f"{root}page/viewer/swagger-ui-bundle.js" in loaded
    assert [found for found in loaded if not found.startswith(f"{root}page/")] == []
    assert [control.get(f"/page/{found.removeprefix(f'{root}page/')}").status_code for found in loaded] == [200] * 5
    assert (policy["default-src"], policy["script-src"], policy["connect-src"]) == ("'none'", "'self'", "'self'")
    assert (policy["style-src"], policy["img-src"]) == ("'self' 'unsafe-inline'", "data:")


def test_no_other_file_of_the_viewers_package_is_reached(control):
    """Only those that the docs load, and their licence."""
    names = ["LICENSE", "swagger-ui.js", "VERSION", "..%2Fflask_swagger_ui.py", "oauth2-redirect.html"]

    assert [control.get(f"/page/viewer/{name}").status_code for name in names] == [200, 404, 404, 404, 404]


def test_a_server_is_not_ended_from_outside_unless_it_allows_it(control):
    """What a test of another team does must not end it."""
    answer = control.post("/shutdown")

    assert (answer.status_code, "--allow-shutdown" in answer.json()["detail"]) == (403, True)


def test_a_server_that_allows_it_is_ended():
    """The process is gone."""
    root = f"http://127.0.0.1:{free_port()}"
    command = [
        sys.executable,
        "-m",
        "mockserver",
        "serve",
        "xqr",
        "--port",
        root.rpartition(":")[2],
        "--allow-shutdown",
    ]
    environment = {**os.environ, "PYTHONUNBUFFERED": "1"}
    process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, env=environment)
    try:
        wait_for(root + "/__admin/health", process)
        answer = httpx.post(f"{root}/__admin/shutdown", timeout=10)
        process.wait(timeout=15)
    finally:
        process.kill()
        process.communicate(timeout=20)

    assert answer.json() == {"status": "ending"}
