"""Answers of a checked server that do harm to whoever reads them."""

import gzip
import os
import subprocess
import sys

import pytest

from tests.proxy.conftest import RawUpstream, answering, as_json

DOCUMENT = """
openapi: 3.1.0
info: {title: Deep, version: "1"}
paths:
  /deep:
    get:
      operationId: deep
      responses: {"200": {description: d, content: {application/json: {schema: {type: object}}}}}
"""
DEEP = as_json(b"[" * 100_000 + b"]" * 100_000)
BOMB = answering(gzip.compress(b" " * 50_000_000), b"Content-Type: application/json", b"Content-Encoding: gzip")


@pytest.fixture
def checked(tmp_path):
    """Checks a server that answers as a script says; the process, and what the server was asked."""
    (tmp_path / "deep.yaml").write_text(DOCUMENT)

    def check(script, *more, **environment):
        server = RawUpstream(script)
        command = [
            sys.executable, "-m", "mockserver", "check", "deep.yaml", "--url", server.root,
            "--phases", "fuzzing", "--max-examples", "2", "--seed", "1", *more,
        ]  # fmt: skip
        done = subprocess.run(
            command, cwd=tmp_path, capture_output=True, text=True, check=False, timeout=60,
            env={**os.environ, "HOME": str(tmp_path), **environment},
        )  # fmt: skip
        server.end()
        return done, server.talks

    return check


@pytest.mark.parametrize(
    ("script", "told"), [(DEEP, "- ST"), (BOMB, "The body of an answer has more than 8,388,608 bytes")]
)
def test_answers_beyond_all_measure_end_no_check(checked, script, told):
    """Whether nested or large, they are told, and the run goes to its end."""
    done, _ = checked(script, "--max-time", "3")

    assert done.returncode == 1
    assert told in done.stdout
    assert "GET /deep" in done.stdout
    assert "Traceback" not in done.stdout + done.stderr


def test_a_run_without_an_answer_is_not_green(checked):
    """Its server lets each body drip, so that the time is over before the first one ends."""

    def drip(talk):
        if b"Python-urllib" in talk.head:
            talk.send(b"HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\n\r\n")
            return
        talk.send(b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: 100\r\n\r\n")
        for _ in range(100):
            talk.closed.wait(0.2)
            talk.send(b" ")

    done, _ = checked(drip, "--max-time", "1")

    assert done.returncode == 2
    assert "0 requests" in done.stdout
    assert "no request was answered before --max-time was over" in done.stderr


def test_only_what_the_user_gave_is_sent_and_nobody_else_is_asked(checked, tmp_path):
    """A server on this machine is reached though the environment names a proxy, and gets no password of `.netrc`."""
    (tmp_path / ".netrc").write_text("machine 127.0.0.1 login me password s3cret\n")
    (tmp_path / ".netrc").chmod(0o600)
    nobody = "http://127.0.0.1:9"

    done, talks = checked(as_json(b"{}"), http_proxy=nobody, HTTP_PROXY=nobody, all_proxy=nobody)

    assert done.returncode == 0
    assert [talk.head for talk in talks if b"authorization:" in talk.head.lower()] == []
