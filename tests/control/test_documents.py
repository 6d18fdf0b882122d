"""What the control API tells of documents, and how it switches what they leave open, for one world."""

from __future__ import annotations

from collections.abc import Iterator

import httpx
import pytest

from mockserver.control.application import DOCUMENT
from mockserver.openapi.lint import lint
from mockserver.server import Options, create_app
from mockserver.vendors import APIS
from tests.control.conftest import keeps_its_promise

PETS = """
openapi: 3.1.0
info: {title: Pets, version: "1"}
paths:
  /pets:
    get:
      operationId: listPets
      responses:
        "200":
          description: All.
          content: {application/json: {schema: {type: array, items: {$ref: "#/components/schemas/Pet"}}}}
  /pets/{id}:
    get:
      operationId: getPet
      parameters: [{name: id, in: path, required: true, schema: {type: integer}}]
      responses:
        "200": {description: One., content: {application/json: {schema: {$ref: "#/components/schemas/Pet"}}}}
components:
  schemas:
    Pet:
      type: object
      required: [id]
      properties:
        id: {type: integer}
        age: {type: integer, example: old}
"""
BEYOND = "/xqr/api/v1/links?limit=201"


@pytest.fixture
def mock(tmp_path) -> Iterator[httpx.Client]:
    """A mock of that document and a bundled API; answers of the control API keep its document."""
    (tmp_path / "pets.yaml").write_text(PETS)
    app = create_app(Options(apis=("xqr", str(tmp_path / "pets.yaml"))))
    transport = httpx.WSGITransport(app=app)
    with httpx.Client(transport=transport, base_url="http://127.0.0.1:4010") as client:
        client.headers.update(dict([APIS["xqr"].credential]))
        client.event_hooks = {"response": [lambda one: keeps_its_promise(one) if "/__admin" in str(one.url) else None]}
        yield client


def test_findings_have_their_line(mock):
    """As `mockserver lint` tells them, with the text of the line."""
    [found] = mock.get("/__admin/apis/pets/findings").json()["findings"]

    assert (found["file"], found["line"], found["severity"]) == ("pets.yaml", 25, "warning")
    assert found["text"].strip() == "age: {type: integer, example: old}"
    assert found["pointer"] == "/components/schemas/Pet/properties/age/example"


def test_nothing_is_wrong_with_the_document_of_the_control_api():
    """As `mockserver lint` would say it."""
    assert lint(DOCUMENT) == ()


def test_a_document_that_is_gone_is_told(mock, tmp_path):
    """And still served."""
    (tmp_path / "pets.yaml").unlink()

    answer = mock.get("/__admin/apis/pets/findings")

    assert (answer.status_code, mock.get("/pets").status_code) == (409, 200)


def test_an_assumption_is_switched_for_one_world(mock):
    """For a fork of it too; a reset keeps it, and it ends with the world."""
    answer = mock.put("/~alice/__admin/assumptions/xqr.paging-bounds", json={"option": "clamp"})
    mock.post("/~alice/__admin/worlds/alice/fork", json={"name": "fork"})
    mock.post("/~alice/__admin/reset")

    statuses = {name: mock.get(f"/~{name}{BEYOND}").status_code for name in ("default", "alice", "fork")}
    mock.delete("/__admin/worlds/alice")

    assert (answer.json()["option"], answer.json()["default"]) == ("clamp", "refuse")
    assert statuses == {"default": 400, "alice": 200, "fork": 200}
    assert mock.get(f"/~alice{BEYOND}").status_code == 400


def test_an_assumption_is_switched_back(mock):
    """Others that were switched stay so."""
    for name, option in (("paging-bounds", "clamp"), ("scheme-case", "ignore"), ("paging-bounds", "refuse")):
        mock.put(f"/__admin/assumptions/xqr.{name}", json={"option": option})

    chosen = {one["name"]: one["option"] for one in mock.get("/__admin/assumptions").json()["assumptions"]}
    assert (chosen["xqr.paging-bounds"], chosen["xqr.scheme-case"]) == ("refuse", "ignore")
    assert mock.get(BEYOND).status_code == 400


@pytest.mark.parametrize(
    ("name", "option", "status"),
    [("xqr.nothing", "clamp", 404), ("nothing.paging-bounds", "clamp", 404), ("xqr.paging-bounds", "maybe", 422)],
)
def test_what_cannot_be_chosen_is_told(mock, name, option, status):
    """And nothing changes."""
    answer = mock.put(f"/__admin/assumptions/{name}", json={"option": option})

    assert answer.status_code == status
    assert mock.get(BEYOND).status_code == 400
