"""`mockserver check` through the command: silent on a right mock, and on nothing else."""

import json
import re
import shlex
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from threading import Thread
from typing import Any
from xml.etree import ElementTree as ET

import flask
import httpx
import pytest
from flask.typing import ResponseReturnValue
from werkzeug.serving import make_server

NOTHING_DECLARED = """
openapi: 3.0.3
info: {title: Zoo, version: "1"}
servers: [{url: https://zoo.example/v1}]
security: [{key: []}]
paths:
  /animals:
    get: {responses: {"200": {description: All., content: {application/json: {schema: {type: array}}}}}}
  /animals/{id}:
    parameters: [{name: id, in: path, required: true, schema: {type: integer}}]
    get:
      responses: {"200": {description: One., content: {application/json: {schema: {$ref: "#/components/schemas/A"}}}}}
    delete: {responses: {"204": {description: Gone.}}}
components:
  securitySchemes: {key: {type: apiKey, in: header, name: X-Key}}
  schemas: {A: {type: object, required: [name], properties: {id: {type: integer}, name: {type: string}}}}
"""

NAME = {"type": "string", "pattern": "^[a-z]{1,8}$"}


def answers(**others: dict[str, Any]) -> dict[str, Any]:
    """The answers of an operation that declares its refusals."""
    refusals = {str(status): {"description": "Refused."} for status in (400, 404, 409, 415, 422)}
    return {
        **refusals,
        **{name.removeprefix("_"): {"description": "Done.", **answer} for name, answer in others.items()},
    }


def json_of(schema: object, **others: object) -> dict[str, Any]:
    """Content in JSON."""
    return {"content": {"application/json": {"schema": schema}}, **others}


def body(media_type: str, **properties: object) -> dict[str, object]:
    """A request body whose first member is required."""
    schema = {"type": "object", "required": [next(iter(properties))], "properties": properties}
    return {"required": True, "content": {media_type: {"schema": schema}}}


def path_of(schema: object) -> list[object]:
    """The parameter `id` of a path."""
    return [{"name": "id", "in": "path", "required": True, "schema": schema}]


NOTE: dict[str, Any] = {"type": "object", "required": ["text"], "properties": {"id": NAME, "text": {"type": "string"}}}
PATCH = {
    "type": "array",
    "items": {
        "type": "object",
        "required": ["op", "path"],
        "properties": {
            "op": {"enum": ["add", "remove", "replace", "move", "copy", "test"]},
            "path": {"type": "string"},
        },
    },
}

MISJUDGED: dict[str, tuple[dict[str, object], str]] = {
    "a 204 that declares content": (
        {
            "/jobs/{id}": {
                "delete": {"parameters": path_of(NAME), "responses": answers(_204=json_of({"type": "object"}))}
            }
        },
        "",
    ),
    "a condition that does not hold": (
        {
            "/notes/{id}": {
                "parameters": path_of(NAME),
                "get": {
                    "responses": answers(_200={**json_of(NOTE), "headers": {"ETag": {"schema": {"type": "string"}}}})
                },
                "put": {
                    "parameters": [{"name": "If-Match", "in": "header", "schema": {"type": "string"}}],
                    "requestBody": json_of(NOTE, required=True),
                    "responses": answers(_200={}, _201={}, _412={}),
                },
            }
        },
        "",
    ),
    "a list of uploads": (
        {
            "/pictures": {
                "post": {
                    "requestBody": body(
                        "multipart/form-data",
                        files={"type": "array", "items": {"type": "string", "format": "binary"}},
                        title={"type": "string"},
                    ),
                    "responses": answers(_201={}),
                }
            }
        },
        "POST /pictures (ST202): the document requires files, and an empty list is not there when a form arrives",
    ),
    "a format that may be null": (
        {
            "/people": {
                "post": {
                    "requestBody": body(
                        "application/json", born={"type": "string", "format": "date", "nullable": True}
                    ),
                    "responses": answers(_201={}),
                }
            }
        },
        "POST /people (ST202): the document gives body /born the format date, which the sent value lacks",
    ),
    "a JSON Patch that cannot be applied": (
        {
            "/notes/{id}": {
                "parameters": path_of(NAME),
                "get": {"responses": answers(_200=json_of(NOTE))},
                "patch": {
                    "requestBody": {"required": True, "content": {"application/json-patch+json": {"schema": PATCH}}},
                    "responses": answers(_200=json_of(NOTE)),
                },
            }
        },
        "PATCH /notes/{id} (ST202): the document says how the operations of a JSON Patch look, not that the record",
    ),
    "one value in the place of a list in a form": (
        {
            "/orders": {
                "post": {
                    "requestBody": body(
                        "application/x-www-form-urlencoded",
                        amount={"type": "integer"},
                        tags={"type": "array", "items": {"type": "integer"}},
                    ),
                    "responses": answers(_201={}),
                }
            }
        },
        "POST /orders (ST201): the document has nothing against what arrived: in a form a value is a list of one",
    ),
    "a header whose quotes get lost": (
        {
            "/notes": {
                "get": {
                    "parameters": [
                        {
                            "name": "If-Match",
                            "in": "header",
                            "schema": {"type": "string", "pattern": '^"([0-9]+?)"$|\\*'},
                        }
                    ],
                    "responses": answers(_200={}),
                }
            }
        },
        "GET /notes (ST202): the document gives the header If-Match a pattern, which the sent value does not match",
    ),
    "an idempotency key that came with another request": (
        {
            "/orders": {
                "post": {
                    "parameters": [
                        {"name": "Idempotency-Key", "in": "header", "schema": {"type": "string", "format": "uuid"}}
                    ],
                    "requestBody": body("application/json", amount={"type": "integer", "minimum": 1, "maximum": 9}),
                    "responses": answers(_201={}),
                }
            }
        },
        "",
    ),
    "methods of 3.2": (
        {
            "/files/{id}": {
                "parameters": path_of(NAME),
                "get": {"responses": answers(_200={})},
                "additionalOperations": {
                    "COPY": {"responses": answers(_204={})},
                    "LOCK": {"responses": answers(_204={})},
                },
            }
        },
        "",
    ),
}


def check(folder: Path, *arguments: str, options: tuple[str, ...] = ()) -> subprocess.CompletedProcess[str]:
    """The command, ended; what it printed."""
    cheap = ["--max-examples", "8", "--seed", "1", "--no-color", "--suppress-health-check", "all", *options]
    return subprocess.run(
        [sys.executable, "-m", "mockserver", "check", *arguments, "--", *cheap],
        cwd=folder,
        capture_output=True,
        text=True,
        timeout=200,
        check=False,
    )


def codes(said: str) -> set[str]:
    """The codes of what Schemathesis reports as found."""
    return set(re.findall(r"^- (ST\d+) ", said, re.MULTILINE))


def report(file: Path) -> Any:
    """The JUnit report."""
    return ET.parse(file)  # noqa: S314 - the command wrote it


@pytest.fixture
def zoo(tmp_path: Path) -> Path:
    """A document that declares no refusal, where every operation can refuse."""
    file = tmp_path / "zoo.yaml"
    file.write_text(NOTHING_DECLARED)
    return file


def test_undeclared_refusals_are_told_in_a_line_an_operation(zoo):
    """They are no findings, and the overlay that declares them leaves nothing to tell, strictly."""
    first = check(zoo.parent, "zoo.yaml", "--declare-refusals", "refusals.yaml", "--junit", "report.xml")
    second = check(zoo.parent, "zoo.yaml", "--overlay", "refusals.yaml", "--strict")

    suites = {suite.get("name"): suite.get("failures") for suite in report(zoo.parent / "report.xml").iter("testsuite")}
    assert first.returncode == 0, first.stdout[-3000:] + first.stderr
    assert [line.strip() for line in first.stdout.splitlines() if "refuses with" in line] == [
        "DELETE /v1/animals/{id} refuses with 401, 404, 422, which the document does not declare",
        "GET /v1/animals refuses with 401, which the document does not declare",
        "GET /v1/animals/{id} refuses with 401, 404, 422, which the document does not declare",
    ]
    assert suites == {"zoo": "0"}
    assert second.returncode == 0, second.stdout[-3000:] + second.stderr
    assert "refuses with" not in second.stdout


def test_strictly_an_undeclared_refusal_is_a_finding(zoo):
    """In the exit code and in the report."""
    done = check(zoo.parent, "zoo.yaml", "--strict", "--junit", "report.xml", options=("--phases", "coverage"))

    failures = [failure.get("message") for failure in report(zoo.parent / "report.xml").iter("failure")]
    assert done.returncode == 1, done.stdout[-3000:] + done.stderr
    assert any(said.startswith("ST103 Undocumented status code: GET /v1/animals") for said in failures), failures


@pytest.mark.parametrize("what", MISJUDGED)
def test_what_schemathesis_misjudges_is_no_finding(tmp_path, what):
    """It is taken back, or told apart with what the document says."""
    paths, said = MISJUDGED[what]
    version = "3.2.0" if "3.2" in what else "3.0.3"
    (tmp_path / "api.json").write_text(
        json.dumps({"openapi": version, "info": {"title": "T", "version": "1"}, "paths": paths})
    )

    done = check(tmp_path, "api.json", options=("--phases", "coverage,fuzzing"))

    assert done.returncode == 0, done.stdout[-5000:] + done.stderr
    assert codes(done.stdout) == set()
    assert said in done.stdout
    assert "refuses with" not in done.stdout


# A real server, with faults


@pytest.fixture
def shop() -> Iterator[tuple[str, list[dict[str, str]]]]:
    """The address of a server that is no mock and that has faults, and the headers of each request to it."""
    app, seen = flask.Flask(__name__), []
    items: dict[str, dict[str, object]] = {}

    @app.before_request
    def note() -> None:
        seen.append(dict(flask.request.headers))

    @app.post("/items")
    def make() -> ResponseReturnValue:
        given = flask.request.get_json(silent=True)
        if not isinstance(given, dict) or not isinstance(given.get("name"), str):
            return {"error": "no name"}, 400
        identifier = str(len(items) + 1)  # The fault: a price below zero is taken, which the document forbids.
        items[identifier] = {"id": identifier, "name": given["name"]}
        return items[identifier], 201

    @app.get("/items/<identifier>")
    def get(identifier: str) -> ResponseReturnValue:
        if identifier not in items:
            return {"error": "none"}, 404
        return {**items[identifier], "id": int(identifier)}, 200  # The fault: a number where a text is declared.

    @app.put("/items/<identifier>")
    def put(identifier: str) -> ResponseReturnValue:
        return {"error": "changed"}, 412  # The fault: nothing was asked to be unchanged.

    @app.post("/forms")
    def form() -> ResponseReturnValue:
        return {"ok": True}, 200  # The fault: `amount` is not looked at.

    @app.get("/broken")
    def broken() -> ResponseReturnValue:
        return {"error": "broken"}, 500

    server = make_server("127.0.0.1", 0, app, threaded=True)
    Thread(target=server.serve_forever, daemon=True).start()
    try:
        yield f"http://127.0.0.1:{server.server_port}", seen
    finally:
        server.shutdown()


ITEM = {"type": "object", "properties": {"id": {"type": "string"}, "name": {"type": "string"}}}
SHOP = {
    "openapi": "3.0.3",
    "info": {"title": "Shop", "version": "1"},
    "paths": {
        "/items": {
            "post": {
                "requestBody": body(
                    "application/json", name={"type": "string"}, price={"type": "number", "minimum": 0}
                ),
                "responses": answers(_201=json_of(ITEM)),
            }
        },
        "/items/{id}": {
            "parameters": path_of({"type": "string", "pattern": "^[1-9]$"}),
            "get": {"responses": answers(_200=json_of(ITEM))},
            "put": {
                "requestBody": body("application/json", name={"type": "string"}),
                "responses": answers(_200={}, _412={}),
            },
        },
        "/forms": {
            "post": {
                "requestBody": body(
                    "application/x-www-form-urlencoded",
                    amount={"type": "integer", "minimum": 1},
                    tags={"type": "array", "items": {"type": "integer"}},
                ),
                "responses": answers(_200={}),
            }
        },
        "/broken": {"get": {"responses": answers(_200={})}},
    },
}


def test_the_faults_of_a_server_are_found(shop, tmp_path):
    """All of them, with undeclared refusals or without; and it never sees the header that names a world."""
    url, seen = shop
    (tmp_path / "shop.json").write_text(json.dumps(SHOP))

    done = check(tmp_path, "shop.json", "--url", url, options=("--report-json-path", "r.json"))

    failures = json.loads((tmp_path / "r.json").read_text())["failures"]
    found = {(failure["code"], operation) for failure in failures for operation in failure["operations"]}
    assert done.returncode == 1, done.stdout[-3000:] + done.stderr
    assert found >= {
        ("ST101", "GET /broken"),
        ("ST201", "POST /items"),
        ("ST201", "POST /forms"),
        ("ST202", "PUT /items/{id}"),
    }
    assert ("ST108", "GET /items/{id}") in found or ("ST108", "Stateful tests") in found
    assert "No request of this operation was accepted" in done.stdout  # PUT /items/{id} refuses whatever it is sent.
    assert [headers for headers in seen if "Mock-World" in headers] == []


def test_a_mock_that_is_checked_by_its_address_gets_a_world_of_its_own(zoo):
    """It says that it is one; what is written goes into a world that no one else uses."""
    zoo.write_text(NOTHING_DECLARED.replace("security: [{key: []}]\n", ""))
    serving = subprocess.Popen(
        [sys.executable, "-m", "mockserver", "serve", "zoo.yaml", "--port", "0"],
        cwd=zoo.parent,
        stdout=subprocess.PIPE,
        text=True,
    )
    assert serving.stdout is not None
    root = ""
    while not root:
        root = next(iter(re.findall(r"http://127\.0\.0\.1:\d+", serving.stdout.readline())), "")

    done = check(zoo.parent, "zoo.yaml", "--url", f"{root}/zoo/v1", options=("--phases", "coverage"))

    worlds = httpx.get(f"{root}/__admin/worlds").text
    asked = httpx.get(f"{root}/__admin/requests").json()["requests"]
    serving.terminate()
    serving.communicate(timeout=20)
    assert done.returncode == 0, done.stdout[-3000:] + done.stderr
    assert "check-" in worlds
    assert [entry["operation"] for entry in asked if "/animals" in entry["request"]["path"]] == []


# Arguments


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("zoo.yaml", "--", "--max-exampels", "5"), "-- --max-exampels 5: No such option"),
        (("zoo.yaml", "--", "--seed", "x"), "-- --seed x: Invalid value for '--seed'"),
        (("zoo.yaml", "--", "--phases", "all"), "-- --phases all: Invalid value for '--phases'"),
        (("zoo.yaml", "-H", "Bearer"), "--header: expected NAME:VALUE"),
        (("zoo.yaml", "--request-timeout", "5"), "Options of Schemathesis stand behind --"),
        (("zoo.yaml", "--seed", "1", "--", "--seed", "2"), "--seed stands before -- and behind it"),
        (("zoo.yaml", "--checks", "read_my_writes"), "--checks read_my_writes: Invalid value for"),
        (("zoo.yaml", "--operation", "GET /v1/animal"), "near: GET /v1/animals"),
        (("xqr", "zoo.yaml", "--declare-refusals", "x.yaml"), "--declare-refusals goes with one API or document"),
        (("zoo.yaml", "--report", "pdf=a"), "FORMAT is one of junit, html, json, markdown, har"),
        (("zoo.yaml", "--junit", "none/a.xml"), "there is no folder none"),
        (("zoo.yaml", "--baseline-update"), "name the file with --baseline FILE"),
        (("zoo.yaml", "--baseline", "none.json"), "--baseline-update writes it"),
        (("zoo.yaml", "--", "--baseline", "a"), "--baseline stands before --"),
    ],
)
def test_arguments_that_cannot_be_used_are_said_in_the_command_s_own_words(zoo, arguments, said):
    """With exit code 2, before anything is served."""
    done = subprocess.run(
        [sys.executable, "-m", "mockserver", "check", *arguments],
        cwd=zoo.parent,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )

    assert done.returncode == 2
    assert said in done.stderr
    assert "schemathesis run" not in done.stderr + done.stdout
    assert "schemathesis.cli" not in done.stderr + done.stdout


def test_two_documents_have_one_report_each_form(zoo):
    """A suite, a row and a set of findings for each; the finding is told with its document."""
    impossible = "{type: object, required: [name], properties: {name: false}}"
    (zoo.parent / "park.yaml").write_text(NOTHING_DECLARED.replace("{type: array}", impossible))

    done = check(
        *(zoo.parent, "zoo.yaml", "park.yaml", "--operation", "GET /animals", "--junit", "r.xml"),
        *("--report", "markdown=r.md", "--report", "json=r.json"),
        options=("--phases", "coverage"),
    )

    suites = [(suite.get("name"), suite.get("failures")) for suite in report(zoo.parent / "r.xml").iter("testsuite")]
    found = {api["api"]: len(api["findings"]) for api in json.loads((zoo.parent / "r.json").read_text())["apis"]}
    assert done.returncode == 1, done.stdout[-3000:] + done.stderr
    assert (suites, found) == ([("zoo", "0"), ("park", "1")], {"zoo": 0, "park": 1})
    assert re.findall(r"^- .*(GET .*)$", done.stdout, re.MULTILINE) == ["GET /v1/animals (park)"]
    assert re.search(r"^zoo: 1 operation, \d+ requests, nothing found \(", done.stdout, re.MULTILINE)
    assert "| `park` | 1 of 1 |" in (zoo.parent / "r.md").read_text()


def test_a_line_that_repeats_a_finding_works(zoo):
    """The mock is served again as the last line says, and asked as the line of the finding says, credential and all."""
    impossible = "{type: object, required: [name], properties: {name: false}}"
    zoo.write_text(NOTHING_DECLARED.replace("{type: array}", impossible))

    done = check(zoo.parent, "zoo.yaml", options=("--phases", "coverage"))
    found = re.search(r"^ +curl +(curl .*X-Key.*/animals'?)$", done.stdout, re.MULTILINE)
    again = re.search(r"work again with: mockserver (.*)", done.stdout)

    assert done.returncode == 1, done.stdout[-3000:] + done.stderr
    assert found, done.stdout[-3000:]
    assert again, done.stdout[-3000:]
    assert "st replay" not in done.stdout
    serving = subprocess.Popen(
        [sys.executable, "-m", "mockserver", *shlex.split(again[1])], cwd=zoo.parent, stdout=subprocess.PIPE, text=True
    )
    try:
        assert serving.stdout is not None
        serving.stdout.readline()
        answered = subprocess.run(["/bin/sh", "-c", found[1]], capture_output=True, text=True, timeout=20, check=True)
        assert answered.stdout.startswith("HTTP/1.1 200")
    finally:
        serving.terminate()
        serving.communicate(timeout=20)
