"""The credentials that a real server is sent: on the command line, or in the environment."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread

import pytest
from click.testing import CliRunner

from mockserver.cli import main
from tests.contract.broken_app import DOCUMENT, KEY, tracking

THINGS = """
openapi: 3.1.0
info: {title: Things, version: "1"}
paths:
  /things:
    get:
      operationId: listThings
      responses: {"200": {description: All., content: {application/json: {schema: {type: array}}}}}
"""
BASIC = "Basic YWRhOnM6Mw=="
"""ada, whose password is `s:3`."""


@pytest.fixture
def things() -> Iterator[tuple[str, list[tuple[str, str]]]]:
    """The address of a server, and the credentials that it was sent: Authorization and X-Key, else the query."""
    sent: list[tuple[str, str]] = []

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            path, _, query = self.path.partition("?")
            if path == "/things":
                sent.append((self.headers.get("Authorization", ""), query or self.headers.get("X-Key", "")))
            self.send_response(200)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", "2")
            self.end_headers()
            self.wfile.write(b"[]")

        def log_message(self, *_: object) -> None:
            """Nothing."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = Thread(target=server.serve_forever)
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}", sent
    server.shutdown()
    thread.join()
    server.server_close()


def test_a_check_sends_what_auth_and_the_environment_say(things, tmp_path):
    """`--auth` wins over a line of the environment with the same header; neither is shown."""
    url, sent = things
    file = tmp_path / "things.yaml"
    file.write_text(THINGS)
    asked = ["--url", url, "--auth", "ada:s:3", "--phases", "examples,fuzzing", "--max-examples", "1"]

    done = subprocess.run(
        [sys.executable, "-m", "mockserver", "check", str(file), *asked, "--operation", "listThings"],
        env={**os.environ, "MOCKSERVER_HEADERS": "authorization: Bearer other\n\n X-Key: of-the-environment \n"},
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )

    assert done.returncode == 0, done.stdout[-3000:] + done.stderr
    assert {*sent} == {(BASIC, "of-the-environment")}
    assert [secret for secret in (BASIC, "of-the-environment") if secret in done.stdout + done.stderr] == []


def test_a_comparison_sends_what_the_environment_says():
    """Without it the server refuses every read."""
    with tracking() as url:
        asked = ["compare", str(DOCUMENT), "--url", url]
        known = CliRunner().invoke(main, asked, env={"MOCKSERVER_HEADERS": f"X-Api-Key: {KEY}"})
        unknown = CliRunner().invoke(main, asked)

    assert (known.exit_code, unknown.exit_code) == (0, 1), known.output
    assert KEY not in known.output


def test_what_is_no_user_with_a_password_is_refused():
    """With what is expected, and without what was sent."""
    done = CliRunner().invoke(main, ["check", str(DOCUMENT), "--auth", "hunter2"])

    assert (done.exit_code, "expected USER:PASSWORD" in done.output, "hunter2" in done.output) == (2, True, False)


SCHEMES = """
components:
  securitySchemes:
    key: {type: apiKey, in: query, name: token}
    login: {type: http, scheme: basic}
security: [{key: [], login: []}]
"""


def test_a_credential_is_sent_as_its_scheme_says(things, tmp_path):
    """In the query with a name of its own, by Basic; to each list that is asked for values, too."""
    url, sent = things
    file = tmp_path / "things.yaml"
    file.write_text(THINGS + SCHEMES)
    asked = ["--url", url, "--credential", "key=kept-close", "--phases", "fuzzing", "--max-examples", "1"]

    done = subprocess.run(
        [sys.executable, "-m", "mockserver", "check", str(file), *asked, "--exclude-checks", "ignored_auth"],
        env={**os.environ, "MOCKSERVER_CREDENTIALS": "login=ada:s:3\nkey=other"},
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )

    assert done.returncode == 0, done.stdout[-3000:] + done.stderr
    assert {*sent} == {(BASIC, "token=kept-close")}
    assert [secret for secret in (BASIC, "kept-close") if secret in done.stdout + done.stderr] == []


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ("hunter2", "--credential: expected SCHEME=SECRET; it has key, login"),
        ("keys=hunter2", "--credential keys: no security scheme of the document is called so; it has key, login"),
        ("login=hunter2", "--credential login: expected USER:PASSWORD, which the scheme sends as Basic"),
    ],
)
def test_a_credential_of_no_scheme_is_refused(tmp_path, given, said):
    """With what there is, and without the secret."""
    file = tmp_path / "things.yaml"
    file.write_text(THINGS + SCHEMES)
    done = CliRunner().invoke(main, ["check", str(file), "--url", "http://127.0.0.1:9", "--credential", given])

    assert (done.exit_code, said in done.output, "hunter2" in done.output) == (2, True, False), done.output
