"""A user's document is checked as a bundled one is: the mock knows the secrets that Schemathesis is told."""

import json
import re
import subprocess
import sys
from pathlib import Path

import pytest

from mockserver.contract.checking.checked_server import CheckedServer
from mockserver.contract.checking.secrets import credentials_in_toml, secrets_of
from mockserver.contract.checking.tool_command import command
from mockserver.server import Options, load_services

DOCUMENT = """
openapi: 3.1.0
info: {title: Zoo, version: "1"}
servers: [{url: https://zoo.example/v1}]
security: [{key: []}]
paths:
  /animals:
    get:
      responses: {"200": {$ref: "#/components/responses/All"}, default: {$ref: "#/components/responses/No"}}
    post:
      security: [{login: []}, {token: [write]}]
      requestBody:
        required: true
        content: {application/json: {schema: {type: object, required: [name], properties: {name: {type: string}}}}}
      responses:
        "201": {description: Made., content: {application/json: {schema: {$ref: "#/components/schemas/Animal"}}}}
        default: {$ref: "#/components/responses/No"}
  /animals/{id}:
    parameters: [{name: id, in: path, required: true, schema: {type: integer, format: int32}}]
    get:
      responses:
        "200": {description: One., content: {application/json: {schema: {$ref: "#/components/schemas/Animal"}}}}
        default: {$ref: "#/components/responses/No"}
    delete:
      responses: {"204": {description: Gone.}, default: {$ref: "#/components/responses/No"}}
components:
  securitySchemes:
    "the key": {type: apiKey, in: cookie, name: k}
    key: {type: apiKey, in: query, name: key}
    login: {type: http, scheme: basic}
    token: {type: oauth2, flows: {clientCredentials: {tokenUrl: https://zoo.example/token, scopes: {write: Write}}}}
    signed: {type: http, scheme: hawk}
    certified: {type: mutualTLS}
  responses:
    All:
      description: All.
      content: {application/json: {schema: {type: array, items: {$ref: "#/components/schemas/Animal"}}}}
    "No":
      description: No.
      content: {application/json: {schema: {type: object, properties: {message: {type: string}}}}}
  schemas:
    Animal: {type: object, required: [id, name], properties: {id: {type: integer}, name: {type: string}}}
"""


@pytest.fixture
def document(tmp_path):
    """The file of the document."""
    file = tmp_path / "zoo.yaml"
    file.write_text(DOCUMENT)
    return file


def test_schemathesis_finds_nothing(document, tmp_path):
    """Every check and phase, with credentials that are asked for in the query and in a header."""
    report = tmp_path / "report.json"
    cheap = ["--max-examples", "2", "--seed", "1", "--report", "json", "--report-json-path", str(report)]

    done = subprocess.run(
        [sys.executable, "-m", "mockserver", "check", str(document), "--", *cheap, "--no-color"],
        cwd=tmp_path,
        capture_output=True,
        text=True,
        timeout=200,
        check=False,
    )

    assert done.returncode == 0, done.stdout[-6000:] + done.stderr[-2000:]
    said = json.loads(report.read_text())
    assert (said["operations"]["tested"], said["failures"], said["errors"]) == (4, [], [])
    assert said["phases"]["stateful"]["status"] == "success"


def test_schemathesis_is_told_a_secret_for_each_scheme(document):
    """In the words of its configuration; what it cannot be told of is left out."""
    [service] = load_services(Options(apis=(str(document),))).values()

    told = credentials_in_toml(service.spec, secrets_of(service))

    assert told.splitlines() == [
        '[auth.openapi."the key"]',
        'api_key = "example-key"',
        '[auth.openapi."key"]',
        'api_key = "example-key"',
        '[auth.openapi."login"]',
        'username = "user"',
        'password = "password"',
        '[auth.openapi."token"]',
        'bearer = "example-token"',
    ]


@pytest.mark.parametrize(
    ("is_mock", "headers", "sent"),
    [
        (True, (), []),
        (False, (), []),
        (False, ("Authorization: Bearer real",), ["Authorization: Bearer real"]),
    ],
)
def test_a_real_server_is_told_only_what_the_user_says(document, tmp_path, is_mock, headers, sent):
    """The secrets of samples are for the mock, which is told of them in a file."""
    [service] = load_services(Options(apis=(str(document),))).values()

    target = CheckedServer("http://127.0.0.1:1", headers, is_mock=is_mock)
    run = json.loads(Path(command(service, tmp_path / "zoo.json", target, ["-n", "1"])[-1]).read_text())

    assert [run[number + 1] for number, part in enumerate(run) if part == "--header"] == sent
    assert ("example-key" in Path(run[run.index("--config-file") + 1]).read_text()) is is_mock
    assert run[-2:] == ["-n", "1"]


def test_a_file_of_the_user_that_cannot_be_extended_counts_alone(document, tmp_path, monkeypatch):
    """It has credentials of its own: the header that opens the most operations is sent then."""
    (tmp_path / "schemathesis.toml").write_text('auth = "theirs"\n')
    monkeypatch.chdir(tmp_path)
    [service] = load_services(Options(apis=(str(document),))).values()

    target = CheckedServer("http://127.0.0.1:1")
    run = json.loads(Path(command(service, tmp_path / "zoo.json", target, [])[-1]).read_text())

    assert "--config-file" not in run
    assert re.search(r"--header Authorization: (Basic|Bearer) ", " ".join(run))


def test_a_document_from_standard_input_is_checked(tmp_path):
    """`check -`, with paths whose parameters take several segments and references above the working directory."""
    (tmp_path / "api").mkdir()
    (tmp_path / "page.yaml").write_text("type: object\nrequired: [path]\nproperties: {path: {type: string}}\n")
    document = """
openapi: 3.0.3
info: {title: Pages, version: "1"}
paths:
  /pages/{path+}:
    get:
      parameters: [{name: path, in: path, required: true, schema: {type: string}}]
      responses: {"200": {description: One., content: {application/json: {schema: {$ref: "../page.yaml"}}}}}
"""

    done = subprocess.run(
        [sys.executable, "-m", "mockserver", "check", "-", "--root", "..", "--", "--max-examples", "1"],
        input=document,
        cwd=tmp_path / "api",
        capture_output=True,
        text=True,
        check=False,
    )

    assert (done.returncode, done.stderr) == (0, "")
    assert "1 operation, " in done.stdout
