"""Answers of a checked server that do harm to whoever reads them."""

import gzip
import json
import os
import signal
import subprocess
import sys
import threading
from itertools import cycle
from pathlib import Path

import pytest
from click.testing import CliRunner

from mockserver.cli import main
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

SECRETS = ("k3y-9f8e7d6c", "sess-1a2b3c4d", "extra-5e6f7a8b", "dXNlcjpwLTc3ODg=", "p-7788")
GIVEN = ["-H", f"X-Api-Key: {SECRETS[0]}", "-H", f"Cookie: session={SECRETS[1]}"]
ENVIRONMENT = {"MOCKSERVER_HEADERS": f"X-Extra: {SECRETS[2]}"}


def echo(talk):
    """Answers with all that was sent, the end of it cut."""
    sent = [line.partition(b": ")[2].decode() for line in talk.head.split(b"\r\n")[1:]]
    cut = [f"{one[:-2]}... that is too long" for one in sent]
    content = json.dumps([*sent, *cut, " ".join(sent)]).encode()
    answering(content, b"Content-Type: application/json", b"X-You: " + " ".join(sent).encode())(talk)


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
    done, _ = checked(script, "--max-time", "12")

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


def test_what_the_user_gave_stands_in_no_report(checked, tmp_path):
    """A server that answers with all that it was sent shows nobody a credential; the arguments of no process do."""
    seen = []

    def script(talk):
        for arguments in Path("/proc").glob("[0-9]*/cmdline"):
            try:
                line = arguments.read_bytes()
            except OSError:
                continue
            seen.append(line) if b"schemathesis_tool" in line else None
        echo(talk)

    formats = {"json": "r.json", "html": "r.html", "markdown": "r.md", "junit": "r.xml", "har": "r.har"}
    reports = [part for name, file in formats.items() for part in ("--report", f"{name}={file}")]

    done, talks = checked(script, *GIVEN, "--auth", "user:p-7788", *reports, "--max-time", "12", **ENVIRONMENT)

    told = [done.stdout, done.stderr, *((tmp_path / file).read_text() for file in formats.values())]
    assert done.returncode == 1
    assert all(secret.encode() in talks[-1].head for secret in SECRETS[:4])
    assert [secret for secret in SECRETS for text in told if secret[:-2] in text] == []
    assert json.loads((tmp_path / "r.har").read_text())["log"]["entries"]
    assert [line for line in seen if any(secret.encode() in line for secret in SECRETS)] == []


def test_what_the_user_gave_stands_in_no_comparison(tmp_path):
    """Neither on the terminal, nor in reports and cases."""
    (tmp_path / "deep.yaml").write_text(DOCUMENT)
    server = RawUpstream(echo)
    files = ["--json", tmp_path / "c.json", "--junit", tmp_path / "c.xml", "--write", tmp_path / "cases"]
    line = ["compare", tmp_path / "deep.yaml", "--url", server.root, *GIVEN, "--max-time", "5", *files]

    done = CliRunner(env=ENVIRONMENT).invoke(main, [*map(str, line)])
    server.end()

    told = [done.output, *(file.read_text() for file in tmp_path.rglob("*") if file.is_file())]
    assert done.exit_code == 1
    assert '-H "X-Extra: $X_EXTRA"' in done.output
    assert [secret for secret in SECRETS for text in told if secret[:-2] in text] == []


def test_a_server_that_answers_the_same_otherwise_is_not_alike(tmp_path):
    """Each second answer of it is an error, which is no difference to be told, and no reason to be green."""
    (tmp_path / "deep.yaml").write_text(DOCUMENT)
    scripts = cycle([as_json(b"{}", b"500 Internal Server Error"), as_json(b"{}")])

    def script(talk):
        next(scripts)(talk)

    server = RawUpstream(script)

    done = CliRunner().invoke(main, ["compare", str(tmp_path / "deep.yaml"), "--url", server.root, "--max-time", "5"])
    server.end()

    assert done.exit_code == 2, done.output
    assert "sent again: deep" in done.output
    assert "nothing was settled, since the other server's statuses vary" in done.output


@pytest.mark.parametrize("command", ["check", "compare"])
def test_an_address_behind_which_no_path_can_stand_is_refused(tmp_path, command):
    """Nothing is sent there, and the key in it is not told."""
    (tmp_path / "deep.yaml").write_text(DOCUMENT)

    done = CliRunner().invoke(main, [command, str(tmp_path / "deep.yaml"), "--url", "http://127.0.0.1:9/v1?key=s3cret"])

    assert done.exit_code == 2
    assert done.output.strip() == (
        "mockserver: --url http://127.0.0.1:9/v1: the address has a query or a fragment, behind which no path can "
        "stand; leave it out"
    )


NOTES = """
openapi: 3.1.0
info: {title: Notes, version: "1"}
paths:
  /notes:
    get:
      operationId: listNotes
      responses: {"200": {description: d, content: {application/json: {schema: {type: array, items: &note
        {type: object, required: [id, text], properties: {id: {type: integer}, text: {type: string}}}}}}}}
    post:
      operationId: makeNote
      requestBody: {required: true, content: {application/json: {schema:
        {type: object, required: [text], properties: {text: {type: string}}}}}}
      responses: {"201": {description: d, content: {application/json: {schema: *note}}}, "400": {description: d}}
  /notes/{noteId}:
    parameters: [{name: noteId, in: path, required: true, schema: {type: integer}}]
    get:
      operationId: readNote
      responses: {"200": {description: d, content: {application/json: {schema: *note}}}, "404": {description: d}}
    delete: {operationId: dropNote, responses: {"204": {description: d}, "404": {description: d}}}
"""


def test_a_comparison_that_is_stopped_says_so_and_leaves_no_records(tmp_path):
    """Ctrl-C amid it is not the exit code of a difference, and what it made on the other server is deleted."""
    (tmp_path / "notes.yaml").write_text(NOTES)
    notes: dict[str, dict[str, object]] = {}
    made, stopped, numbers = threading.Event(), threading.Event(), iter(range(1, 10**6))

    def script(talk):
        method, target, _ = talk.line.decode().split(" ")
        own = target.partition("?")[0].rpartition("/")[2]
        if method == "GET" and notes and max(map(int, notes)) > 3 and not made.is_set():
            made.set()  # the answer of each creation has come: what was made is known
            stopped.wait(30)
        if method == "POST":
            sent = json.loads(talk.body)
            is_valid = isinstance(sent, dict) and isinstance(sent.get("text"), str)
            note = {"id": next(numbers), "text": sent["text"]} if is_valid else None
            if note is not None:
                notes[str(note["id"])] = note
            as_json(json.dumps(note).encode(), b"201 Created" if note else b"400 Bad Request")(talk)
        elif own == "notes":
            as_json(json.dumps([*notes.values()]).encode())(talk)
        elif own not in notes:
            as_json(b"{}", b"404 Not Found")(talk)
        elif method == "DELETE":
            del notes[own]
            talk.send(b"HTTP/1.1 204 No Content\r\n\r\n")
        else:
            as_json(json.dumps(notes[own]).encode())(talk)

    server = RawUpstream(script)
    command = [sys.executable, "-m", "mockserver", "compare", "notes.yaml", "--url", server.root, "--writes"]
    with subprocess.Popen(
        command, cwd=tmp_path, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, start_new_session=True
    ) as running:
        assert made.wait(60)
        running.send_signal(signal.SIGINT)
        stopped.set()
        said, _ = running.communicate(timeout=60)
    server.end()

    assert "It was stopped before all was compared." in said
    assert running.returncode == (2 if "nothing was settled, since it was stopped" in said else 1)
    assert "Traceback" not in said
    assert notes == {}
