"""`mockserver coverage` asks a running mock."""

from __future__ import annotations

import json
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread

import httpx
import pytest
from click.testing import CliRunner, Result

from mockserver import running
from mockserver.cli import main

ORDERS = Path(__file__).parents[2] / "examples" / "orders.yaml"


def coverage(*arguments: str) -> Result:
    """The command, ended."""
    return CliRunner().invoke(main, ["coverage", *arguments])


@pytest.fixture
def orders():
    """A mock with requests in two worlds."""
    with running(ORDERS) as api:
        httpx.get(f"{api.url}/orders", params={"limit": 2}, headers=api.headers)
        httpx.delete(f"{api.root}/~other/orders/v1/orders/1", headers=api.headers)
        yield api


def test_it_tells_what_is_missing_in_all_worlds(orders, tmp_path):
    """Each operation that lacks something, with what; and writes reports."""
    done = coverage("--url", orders.root, "--report", str(tmp_path / "c.json"))

    assert done.exit_code == 0, done.output
    assert done.output.splitlines() == [
        "orders: 22.2 % (2 of 5 operations, 2 of 16 statuses, 2 of 6 parameters)",
        "  GET /orders: never seen 401; never sent query status, query offset",
        "  POST /orders: never asked",
        "  GET /orders/{orderId}: never asked",
        "  DELETE /orders/{orderId}: never seen 401, 404",
        "  PATCH /orders/{orderId}: never asked",
        f"{tmp_path / 'c.json'} is the report",
    ]
    assert json.loads((tmp_path / "c.json").read_text())["percent"]["all"] == 22.2


def test_one_world_alone(orders):
    """The default world is one as well."""
    done = coverage("--url", orders.root, "--world", "default", "--fail-under", "operations=10")

    assert done.exit_code == 0, done.output
    assert done.output.startswith("orders: 11.1 % (1 of 5 operations, 1 of 16 statuses, 1 of 6 parameters)")


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("POST", "/~other/__admin/reset"),
        ("DELETE", "/__admin/worlds/other"),
        ("DELETE", "/~other/__admin/requests"),
        ("POST", "/~other/__admin/requests/remove"),
    ],
)
def test_a_suite_that_tidies_up_after_each_test_is_counted(orders, method, path):
    """What a world was asked before it was reset or deleted counts, and so does what was taken out of its journal."""
    httpx.request(method, orders.root + path, json={}).raise_for_status()
    httpx.post(f"{orders.root}/~other/orders/v1/orders", json={}, headers=orders.headers)

    done = coverage("--url", orders.root, "--fail-under", "operations=60")

    assert done.exit_code == 0, done.output
    assert done.output.startswith("orders: 29.6 % (3 of 5 operations, 3 of 16 statuses, 2 of 6 parameters)")


def test_too_little_is_an_exit_code(orders):
    """With how much it is, and how much was asked for."""
    done = coverage("--url", orders.root, "--fail-under", "operations=40,parameters=50")

    assert done.exit_code == 1
    assert done.output.splitlines()[-1] == "mock coverage: 33.3 % of parameters, and 50 % are required"


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("--url", "http://127.0.0.1:1"), "no mock answers there"),
        (("--url", "127.0.0.1"), "expected where the mock is, such as http://127.0.0.1:4010"),
        (("--url", "{root}", "--api", "pets"), "answers 404: No API 'pets' is served; served are orders."),
        (
            ("--url", "{root}", "--report", "c.txt"),
            "--report c.txt: the file's ending says the format: .json, .md, .xml",
        ),
        (("--url", "{root}", "--report", "/nosuch/c.md"), "--report /nosuch/c.md: there is no folder /nosuch"),
        (
            ("--url", "{root}", "--world", "othr"),
            "--world othr: the mock has no world of this name; the nearest: other",
        ),
        (("--url", "{root}", "--fail-under", "much"), "--fail-under much: expected a percentage, such as 80"),
    ],
)
def test_what_cannot_be_used_is_said_in_a_line(orders, arguments, said):
    """With exit code 2."""
    done = coverage(*(argument.format(root=orders.root) for argument in arguments))

    assert done.exit_code == 2
    assert said in done.output


def test_a_world_that_is_refused_is_not_made(orders):
    """The mock has the worlds that it had."""
    coverage("--url", orders.root, "--world", "nosuchworld")

    names = [one["name"] for one in httpx.get(f"{orders.root}/__admin/worlds").json()["worlds"]]
    assert sorted(names) == ["default", "other"]


class NoMock(BaseHTTPRequestHandler):
    """Some other server."""

    status = 200
    body = b"{}"

    def do_GET(self) -> None:
        self.send_response(self.status)
        self.end_headers()
        self.wfile.write(self.body)

    def log_message(self, *_: object) -> None:
        """Nothing."""


@pytest.mark.parametrize(("status", "body"), [(401, b"UNAUTHORIZED"), (404, b"{}"), (200, b"<html>"), (200, b"{}")])
def test_another_server_is_no_mock(status, body):
    """Whatever it answers."""
    handler = type("Handler", (NoMock,), {"status": status, "body": body})
    with ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
        thread = Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
        thread.start()
        done = coverage("--url", f"http://127.0.0.1:{server.server_port}")
        server.shutdown()
        thread.join()

    assert (done.exit_code, "no mock is there" in done.output) == (2, True), done.output
