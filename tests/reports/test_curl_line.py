"""A request as a curl command: what the shell and curl make of it is the very request."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread

import pytest

from mockserver.contract.reports.curl_line import LONGEST_LINE, curl_line


class _Recorder(BaseHTTPRequestHandler):
    """Keeps each request as method, target, headers and body."""

    def _answer(self) -> None:
        body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
        headers = {name.lower(): value for name, value in self.headers.items()}
        self.server.seen.append((self.command, self.path, headers, body))  # type: ignore[attr-defined]
        self.send_response(204)
        self.end_headers()

    do_GET = do_POST = do_PUT = do_DELETE = do_HEAD = do_PURGE = _answer  # noqa: N815

    def log_message(self, *_: object) -> None:
        """Says nothing."""


@pytest.fixture(scope="module")
def server() -> Iterator[ThreadingHTTPServer]:
    """A server that keeps what it was sent."""
    running = ThreadingHTTPServer(("127.0.0.1", 0), _Recorder)
    running.seen = []  # type: ignore[attr-defined]
    thread = Thread(target=running.serve_forever)
    thread.start()
    yield running
    running.shutdown()
    thread.join()
    running.server_close()


def pasted(server, method, target, headers=(), body=None, shell="/bin/sh", **variables):
    """The request that the server saw when the line was pasted into a shell."""
    url = [f"http://127.0.0.1:{server.server_address[1]}", *([target] if isinstance(target, str) else target)]
    line = curl_line(method, url, [(name, value) for name, value in headers], body)
    subprocess.run(
        [shell, "-c", line], check=True, capture_output=True, timeout=20, env={"PATH": os.environ["PATH"], **variables}
    )
    return server.seen.pop()


BODIES = {
    "JSON with quotes": b"""{"name": "it's a \\"$HOME\\" `id` \\\\ !!"}""",
    "a file by its name": b"@/etc/passwd",
    "lines and tabs": b"a\tb\r\n\r\nc\n",
    "bytes with NUL and percent": b"\x00\xff%s\\n%d\x1b[2J",
    "other scripts": "naïve ☃ \u202e".encode(),
    "empty text": b" ",
}


@pytest.mark.parametrize("shell", ["/bin/sh", "/bin/bash"])
@pytest.mark.parametrize("what", BODIES)
def test_a_body_arrives_byte_for_byte(server, what, shell):
    """Whatever the shell, curl or a terminal would make of its characters."""
    method, _, headers, body = pasted(
        server, "POST", "/", [("Content-Type", ["application/json"])], BODIES[what], shell=shell
    )

    assert (method, body, headers["content-type"]) == ("POST", BODIES[what], "application/json")


def test_a_body_without_a_media_type_gets_none(server):
    """Curl would call it a form."""
    _, _, headers, _ = pasted(server, "PUT", "/", [], b"a=1")

    assert "content-type" not in headers


@pytest.mark.parametrize("method", ["GET", "DELETE", "HEAD", "PURGE"])
def test_a_method_is_kept(server, method):
    """With a body or without one."""
    assert pasted(server, method, "/things")[:2] == (method, "/things")


def test_a_get_with_a_body_remains_one(server):
    """A body alone would make it a POST."""
    seen = pasted(server, "GET", "/", [("Content-Type", ["text/plain"])], b"x")

    assert (seen[0], seen[3]) == ("GET", b"x")


@pytest.mark.parametrize(
    "target", ["/a?x[]=1&y={b,c}&z=[1-3]", "/a/../b/./c", "/it's?a='b'", "/%00%2F?q=$HOME", "/a;id&b=(c)"]
)
def test_an_address_is_asked_as_it_stands(server, target):
    """No range of curl, no shortened path, no variable of the shell."""
    assert pasted(server, "GET", target)[1] == target


@pytest.mark.parametrize("value", ["it's $HOME `id`", 'say "x"', "caf\xe9", "a\tb"])
def test_a_header_is_sent_as_it_stands(server, value):
    """Beyond ASCII in Latin-1, as HTTP clients write it."""
    assert pasted(server, "GET", "/", [("X-Note", [value])])[2]["x-note"] == value


def test_an_empty_header_is_sent(server):
    """Curl leaves one out that is written with a colon."""
    assert pasted(server, "GET", "/", [("X-Empty", [""])])[2]["x-empty"] == ""


def test_a_variable_of_the_shell_stands_for_a_secret(server):
    """In a header and in the address."""
    target = ["/a?key=", ("API_KEY",), "&n=1"]
    seen = pasted(server, "GET", target, [("Authorization", ["Bearer ", ("TOKEN",)])], TOKEN="t0ken", API_KEY="k")

    assert (seen[1], seen[2]["authorization"]) == ("/a?key=k&n=1", "Bearer t0ken")


def test_what_the_client_adds_itself_is_left_out():
    """The line has what matters."""
    automatic = [
        ("User-Agent", ["x"]),
        ("Accept", ["*/*"]),
        ("X-Schemathesis-TestCaseId", ["a"]),
        ("Content-Length", ["2"]),
    ]

    assert curl_line("GET", ["http://h/"], automatic, None) == "curl -i http://h/"


def test_a_line_that_no_command_can_hold_is_not_written():
    """Linux takes 128 KiB in one argument."""
    assert curl_line("POST", ["http://h/"], [], b"x" * LONGEST_LINE) == ""
