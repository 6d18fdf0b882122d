"""What the checked server knows is sent to it: more valid requests succeed, and links lead from one to the next."""

import json
from collections import Counter
from pathlib import Path
from typing import Any

from mockserver.contract.checking import run
from mockserver.contract.checking.check_options import CheckOptions
from mockserver.contract.checking.preparation.prepared_document import Prepared
from mockserver.contract.checking.run_selection import RunSelection
from tests.checking.test_body_references import SHOP

PROJECTS = """
openapi: 3.1.0
info: {title: Projects, version: "1"}
paths:
  /projects:
    get: {operationId: listProjects, responses: {"200": {description: All., content: {application/json: {schema:
      {type: array, items: {$ref: "#/components/schemas/Project"}}}}}}}
  /projects/{project}:
    parameters: [{name: project, in: path, required: true, schema: {type: string, format: uuid}}]
    get: {operationId: getProject, responses: {"200": {$ref: "#/components/responses/Project"},
      "404": {description: N.},
      "422": {description: N.}}}
  /projects/{project}/tasks:
    parameters: [{name: project, in: path, required: true, schema: {type: string, format: uuid}}]
    get: {operationId: listTasks, responses: {"200": {description: All., content: {application/json: {schema:
      {type: array, items: {$ref: "#/components/schemas/Task"}}}}}, "404": {description: N.}, "422": {description: N.}}}
    post:
      operationId: addTask
      requestBody: {required: true, content: {application/json: {schema: {type: object, required: [title], properties:
        {title: {type: string, minLength: 1, maxLength: 20}}}}}}
      responses: {"201": {description: M., content: {application/json: {schema: {$ref: "#/components/schemas/Task"}}}},
        "400": {description: N.}, "404": {description: N.}, "415": {description: N.}, "422": {description: N.}}
  /projects/{project}/tasks/{task}:
    parameters:
      - {name: project, in: path, required: true, schema: {type: string, format: uuid}}
      - {name: task, in: path, required: true, schema: {type: string, format: uuid}}
    get: {operationId: getTask, responses: {"200": {description: One., content: {application/json: {schema:
      {$ref: "#/components/schemas/Task"}}}}, "404": {description: N.}, "422": {description: N.}}}
components:
  responses:
    Project: {description: One., content: {application/json: {schema: {$ref: "#/components/schemas/Project"}}}}
  schemas:
    Project: {type: object, required: [id, name], properties: {id: {type: string, format: uuid, readOnly: true},
      name: {type: string}}}
    Task: {type: object, required: [id, title], properties: {id: {type: string, format: uuid, readOnly: true},
      title: {type: string}}}
"""


def exchanges(file: Path, name: str, phases: str, *operations: str) -> list[tuple[dict[str, Any], dict[str, Any]]]:
    """What a check made of the document in the file sent: the cases with what was sent and came."""
    events = file.with_name(f"{name}.ndjson")
    selection = RunSelection(phases, "not_a_server_error", "", operations, max_examples=30, seed=1)

    done = run.check(CheckOptions([str(file)], more=("--report-ndjson-path", str(events)), selection=selection))

    assert done.code == 0, done.lines
    recorders = [
        json.loads(line).get("ScenarioFinished", {}).get("recorder", {}) for line in events.read_text().splitlines()
    ]
    return [
        (scenario["cases"][case_id], exchange)
        for scenario in recorders
        for case_id, exchange in scenario.get("interactions", {}).items()
    ]


def outcome(file: Path, name: str, phases: str, *operations: str) -> tuple[float, set[str]]:
    """The share of valid requests that succeeded, and the names of the links that were followed."""
    counted, followed = Counter[bool](), set[str]()
    for node, exchange in exchanges(file, name, phases, *operations):
        if (node["value"].get("meta") or {}).get("generation", {}).get("mode") == "positive":
            counted[exchange["response"]["status_code"] < 300] += 1
            followed.add(str((node.get("transition") or {}).get("id", "")))
    return counted[True] / max(1, counted.total()), followed


def test_more_valid_requests_succeed_with_the_ids_that_the_server_has(tmp_path, monkeypatch):
    """By chance hardly any UUID of a path is known, where what would tell some is not tested."""
    file = tmp_path / "projects.yaml"
    file.write_text(PROJECTS)

    with_values, _ = outcome(file, "with", "fuzzing", "getProject", "getTask")
    monkeypatch.setattr(run, "prepared", lambda _service, document, *_: Prepared(document, ""))
    without, _ = outcome(file, "without", "fuzzing", "getProject", "getTask")

    assert with_values > 0.85
    assert without < 0.25


def test_more_records_are_made_that_name_others_with_the_ids_that_the_server_has(tmp_path, monkeypatch):
    """A customer that is not there is refused."""
    file = tmp_path / "shop.yaml"
    file.write_text(SHOP)

    with_values, _ = outcome(file, "with", "fuzzing", "placeOrder")
    monkeypatch.setattr(run, "prepared", lambda _service, document, *_: Prepared(document, ""))
    without, _ = outcome(file, "without", "fuzzing", "placeOrder")

    assert with_values > 0.85
    assert without < 0.25


def test_a_record_that_may_not_be_there_is_told_apart(tmp_path, monkeypatch):
    """The document does not say which customers there are."""
    file = tmp_path / "shop.yaml"
    file.write_text(SHOP.replace('"400": {description: N.}, "404": {description: N.}', '"400": {description: N.}'))
    monkeypatch.setattr(run, "prepared", lambda _service, document, *_: Prepared(document, ""))
    selection = RunSelection("fuzzing", "positive_data_acceptance", "", ["placeOrder"], max_examples=10, seed=1)

    done = run.check(CheckOptions([str(file)], selection=selection))

    assert done.code == 0, done.lines
    assert done.lines[-1] == (
        "  POST /orders (ST202): the document does not say which records there are, and body customer_id may name one "
        "that is not"
    )


def test_a_seed_sends_the_same_requests_again(tmp_path, monkeypatch):
    """Also in a folder in which the same was checked before."""
    monkeypatch.chdir(tmp_path)
    file = tmp_path / "projects.yaml"
    file.write_text(PROJECTS)

    runs = [
        [sent["request"]["uri"].partition("/~")[2] for _, sent in exchanges(file, name, "fuzzing", "getProject")]
        for name in ("first", "second")
    ]

    assert len(runs[0]) == 30
    assert runs[1] == runs[0]


def test_links_between_operations_of_a_collection_are_followed(tmp_path):
    """The document has none."""
    file = tmp_path / "projects.yaml"
    file.write_text(PROJECTS)

    _, followed = outcome(file, "links", "stateful")

    assert any("read getTask" in name for name in followed), followed
