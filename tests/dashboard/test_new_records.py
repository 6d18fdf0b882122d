"""What a record that the page adds begins with."""

from __future__ import annotations

import pytest
from playwright.sync_api import expect

from tests.dashboard.servers import served

DOCUMENT = """
openapi: 3.1.0
info: {title: Notes, version: "1"}
paths:
  /notes:
    get:
      operationId: listNotes
      responses:
        "200":
          description: All.
          content: {application/json: {schema: {type: array, items: {$ref: "#/components/schemas/Note"}}}}
    post:
      operationId: addNote
      requestBody: {required: true, content: {application/json: {schema: {$ref: "#/components/schemas/Note"}}}}
      responses:
        "201": {description: Made., content: {application/json: {schema: {$ref: "#/components/schemas/Note"}}}}
components:
  schemas:
    Note:
      type: object
      required: [id, createdAt]
      properties:
        id: {type: integer, readOnly: true}
        createdAt: {type: string, format: date-time, readOnly: true}
"""


@pytest.fixture(scope="module")
def notes_server(tmp_path_factory):
    """A server of the document."""
    file = tmp_path_factory.mktemp("notes") / "notes.yaml"
    file.write_text(DOCUMENT)
    yield from served(str(file))


def test_a_new_record_begins_with_the_times_that_the_server_sets(page, notes_server):
    """Those of the world."""
    with notes_server.client("/~stamped/__admin") as control:
        control.post("/clock/freeze", json={"at": "2030-01-02T03:04:05Z"})
    page.goto(f"{notes_server.root}/__admin/#/stamped/state/notes/notes")

    page.get_by_role("button", name="Add a record").click()

    expect(page.get_by_label("createdAt")).to_have_value("2030-01-02T03:04:05.000Z")
