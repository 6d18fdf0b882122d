"""What writes do beside keeping what was sent: `read_your_writes` finds it, and is silent where nothing is wrong."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from threading import Thread
from typing import Any

import flask
import pytest
from werkzeug.serving import make_server

from mockserver.contract.checking.checks.written_values import is_garbled

JOBS = """
openapi: 3.1.0
info: {title: Jobs, version: "1"}
paths:
  /jobs:
    get:
      operationId: listJobs
      responses: {"200": {description: all, content: {application/json: {schema: {
        type: array, items: {$ref: "#/components/schemas/Job"}}}}}}
    post:
      operationId: createJob
      requestBody: {required: true, content: {application/json: {schema: {
        allOf: [{$ref: "#/components/schemas/Given"}], required: [title]}}}}
      responses: {"201": {$ref: "#/components/responses/Job"}, "422": {description: no}}
  /jobs/{id}:
    parameters: [{name: id, in: path, required: true, schema: {type: integer, minimum: 1}}]
    get:
      operationId: getJob
      responses: {"200": {$ref: "#/components/responses/Job"}, "404": {description: none}}
    patch:
      operationId: changeJob
      requestBody: {required: true, content: {application/json: {schema: {$ref: "#/components/schemas/Given"}}}}
      responses: {"200": {$ref: "#/components/responses/Job"}, "404": {description: none}, "422": {description: no}}
  /jobs/{id}/cancel:
    parameters: [{name: id, in: path, required: true, schema: {type: integer, minimum: 1}}]
    post:
      operationId: cancelJob
      responses: {"200": {$ref: "#/components/responses/Job"}, "404": {description: none}}
components:
  responses: {Job: {description: one, content: {application/json: {schema: {$ref: "#/components/schemas/Job"}}}}}
  schemas:
    Given: {type: object, properties: {title: {type: string, minLength: 1}, note: {type: [string, "null"]}}}
    Job:
      type: object
      required: [id, title, note, status, created_at, cancelled_at]
      properties:
        id: {type: integer}
        title: {type: string}
        note: {type: [string, "null"]}
        status: {type: string, enum: [open, cancelled]}
        created_at: {type: string, format: date-time}
        cancelled_at: {type: [string, "null"], format: date-time}
"""
Job = dict[str, Any]

BUGS = {
    "letters": r"`(?:title|note)` was written as Zoë Łódź 漢字, and is read as Zoë \?ód\? \?\?",
    "null": r"`note` was written as null, and is still",
    "created": r"`created_at` was .*, and is .* after the next change",
    "time": r"`cancelled_at` is answered as .*, and read as null",
    "location": r"Location is /job/\d+, which is no path of the document; the record is at /jobs/\{id\}",
}


def application(bugs: tuple[str, ...]) -> flask.Flask:
    """The jobs, with these bugs."""
    app = flask.Flask("jobs")
    jobs: dict[int, Job] = {
        n: {"id": n, "title": "a", "note": None, "status": "open", "created_at": _now(), "cancelled_at": None}
        for n in (1, 2)
    }

    def given() -> Job:
        body = flask.request.get_json(silent=True)
        texts = {name: body[name] for name in ("title", "note") if name in body} if isinstance(body, dict) else None
        if texts is None or not isinstance(texts.get("title", "a"), str) or not texts.get("title", "a"):
            flask.abort(422)
        if not isinstance(texts.get("note"), str | None):
            flask.abort(422)
        if "letters" in bugs:
            texts = {k: v and v.encode("latin-1", "replace").decode("latin-1") for k, v in texts.items()}
        return texts

    @app.get("/jobs")
    def _list() -> list[Job]:
        return [*jobs.values()]

    @app.post("/jobs")
    def _create() -> tuple[Job, int, dict[str, str]]:
        number, texts = len(jobs) + 1, given()
        if "title" not in texts:
            flask.abort(422)
        blank = {"note": None, "status": "open", "created_at": _now(), "cancelled_at": None}
        jobs[number] = {"id": number, **blank, **texts}
        where = f"/job/{number}" if "location" in bugs else f"/jobs/{number}"
        return jobs[number], 201, {"Location": where}

    @app.get("/jobs/<int:number>")
    def _get(number: int) -> Job:
        return jobs[number] if number in jobs else flask.abort(404)

    @app.patch("/jobs/<int:number>")
    def _change(number: int) -> Job:
        texts = given()
        if number not in jobs:
            flask.abort(404)
        if "null" in bugs:
            texts = {name: value for name, value in texts.items() if value is not None}
        jobs[number] |= {**texts, **({"created_at": _now()} if "created" in bugs else {})}
        return jobs[number]

    @app.post("/jobs/<int:number>/cancel")
    def _cancel(number: int) -> Job:
        if number not in jobs:
            flask.abort(404)
        jobs[number] |= {"status": "cancelled"} if "time" in bugs else {"status": "cancelled", "cancelled_at": _now()}
        return {**jobs[number], "cancelled_at": jobs[number]["cancelled_at"] or _now()}

    return app


def _now() -> str:
    return datetime.now(UTC).isoformat()


@contextmanager
def served(*bugs: str) -> Iterator[str]:
    """The address of the jobs."""
    server = make_server("127.0.0.1", 0, application(bugs), threaded=True)
    thread = Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}"
    finally:
        server.shutdown()
        thread.join()


def found(folder: Path, url: str) -> tuple[str, int]:
    """What `read_your_writes` tells of the jobs: the messages of its findings, and the exit code."""
    (folder / "jobs.yaml").write_text(JOBS)
    command = [sys.executable, "-m", "mockserver", "check", "jobs.yaml", "--url", url, "--report", "json=r.json"]
    cheap = [
        "--checks",
        "read_your_writes",
        "--phases",
        "coverage,fuzzing,stateful",
        "--max-examples",
        "12",
        "--seed",
        "1",
    ]
    done = subprocess.run([*command, *cheap], cwd=folder, capture_output=True, text=True, timeout=120, check=False)
    assert done.returncode in (0, 1), done.stdout[-4000:] + done.stderr[-2000:]
    return json.dumps(json.loads((folder / "r.json").read_text())["apis"], ensure_ascii=False), done.returncode


def test_each_effect_is_found_and_named(tmp_path):
    """All five at once, and each by what was written and read."""
    with served(*BUGS) as url:
        told, code = found(tmp_path, url)

    assert ([bug for bug, message in BUGS.items() if not re.search(message, told)], code) == ([], 1)


def test_a_server_without_such_effects_has_no_finding(tmp_path):
    """Null is kept, a time of creation stays, and addresses lead to what was made."""
    with served() as url:
        told, code = found(tmp_path, url)

    assert code == 0, told[:4000]


@pytest.mark.parametrize(
    ("read", "is_lost"),
    [
        ("Zo? ??d? ??", True),
        ("Zoë ?ód? ??", True),
        ("Zo� ��d� ��", True),
        ("Zoë Łódź 漢字".encode().decode("latin-1"), True),
        (" Zoë Łódź 漢字 ", False),
        ("zoe-lodz", False),
        (None, False),
    ],
)
def test_letters_are_lost_where_an_encoding_lacks_them(read, is_lost):
    """What was trimmed, or made a word of an address, is not."""
    assert is_garbled("Zoë Łódź 漢字", read) is is_lost
