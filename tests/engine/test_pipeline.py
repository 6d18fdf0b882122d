"""The steps of an operation stand in one list, and nothing is in it that the operation does not need."""

from pathlib import Path
from typing import Any

import pytest

from mockserver.engine.steps.step import Step, with_steps
from mockserver.messages import Response
from mockserver.server import Options, load_services

DOCUMENT = """
openapi: 3.1.0
info: {title: Zoo, version: "1"}
paths:
  /animals:
    get:
      deprecated: true
      responses: {"200": {description: All., content: {application/json: {schema: {type: array, items: &animal
        {type: object, required: [id], properties: {id: {type: integer}, name: {type: string}}}}}}}}
    post:
      requestBody: {content: {application/json: {schema: *animal}}}
      responses: {"201": {description: Made., content: {application/json: {schema: *animal}}}}
      security: [{key: []}]
      callbacks: {made: {"{$request.body#/url}": {post: {responses: {"200": {description: Heard.}}}}}}
  /animals/{id}:
    parameters: [{name: id, in: path, required: true, schema: {type: integer}}]
    get:
      responses:
        "200":
          description: One.
          headers: {ETag: {schema: {type: string}}}
          content: {application/json: {schema: *animal}}
    delete: {responses: {"204": {description: Gone.}}}
  /ping:
    get: {responses: {"204": {description: Up.}}}
components: {securitySchemes: {key: {type: http, scheme: bearer}}}
"""
KEPT = "validate_request > prefer > handler > negotiate"


@pytest.mark.parametrize(
    ("method", "path", "steps"),
    [
        ("GET", "/animals", f"{KEPT} > deprecation > check_response"),
        (
            "POST",
            "/animals",
            f"authenticate > replay > {KEPT} > callbacks > keep_reply > check_response",
        ),
        ("GET", "/animals/{id}", f"{KEPT} > conditional > check_response"),
        ("GET", "/ping", "validate_request > handler > check_response"),
    ],
)
def test_a_pipeline_prints_as_the_list_of_its_steps(tmp_path: Path, method: str, path: str, steps: str) -> None:
    """In the order in which they run."""
    file = tmp_path / "zoo.yaml"
    file.write_text(DOCUMENT, encoding="utf-8")
    [service] = load_services(Options(apis=(str(file),))).values()
    operation = next(one for one in service.spec.operations if (one.method, one.path) == (method, path))

    pipeline = service.pipeline(operation)

    assert repr(pipeline) == f"Pipeline({steps})"


@pytest.mark.parametrize(
    ("early", "body"), [(Response(200, ["early"]), ["early", "outer"]), (None, ["handler", "inner", "outer"])]
)
def test_an_early_answer_skips_the_steps_behind(early: Response | None, body: list[str]) -> None:
    """Only what stands before the step that answered works on its answer."""
    anything: Any = None
    steps = [_adding("outer"), Step("early", lambda _call, _state: early), _adding("inner")]

    answer = with_steps(steps, lambda _call, _state: ["handler"])(anything, anything)

    assert answer == Response(200, body)


def _adding(name: str) -> Step:
    """A step that adds its name to the answer."""
    return Step(name, after=lambda _call, _state, answer: answer._replace(body=[*answer.body, name]))
