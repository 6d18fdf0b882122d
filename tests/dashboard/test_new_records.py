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
  /tickets:
    get:
      operationId: listTickets
      responses:
        "200":
          description: All.
          content: {application/json: {schema: {type: array, items: {$ref: "#/components/schemas/Ticket"}}}}
    post:
      operationId: addTicket
      requestBody: {required: true, content: {application/json: {schema: {$ref: "#/components/schemas/Ticket"}}}}
      responses:
        "201": {description: Made., content: {application/json: {schema: {$ref: "#/components/schemas/Ticket"}}}}
components:
  schemas:
    Note:
      type: object
      required: [id, createdAt]
      properties:
        id: {type: integer, readOnly: true}
        createdAt: {type: string, format: date-time, readOnly: true}
    Ticket:
      type: object
      required: [title, id, code, revision, owner, score, self, isOpen]
      properties:
        title: {type: string, minLength: 1}
        code: {type: string, pattern: '^[a-z]{3}-[0-9]{2}$', readOnly: true}
        revision: {type: integer, minimum: 1, readOnly: true}
        owner: {type: object, readOnly: true, required: [id], properties: {id: {type: string, format: uuid}}}
        score: {type: number, exclusiveMinimum: 0, maximum: 1, readOnly: true}
        self: {type: string, format: uri, readOnly: true}
        isOpen: {type: boolean, readOnly: true}
        id: {type: string, format: uuid, readOnly: true}
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


@pytest.mark.parametrize("world", ["seeded", "emptied"])
def test_a_new_record_begins_with_all_that_the_server_sets(page, notes_server, world):
    """As the newest record has it, else by the schema; what is left is what a client sends."""
    with notes_server.client(f"/~{world}/__admin/state/notes") as notes:
        before = notes.get("/tickets").json()["records"]
        for record in before if world == "emptied" else []:
            notes.delete(f"/tickets/{record['id']}")
    page.goto(f"{notes_server.root}/__admin/#/{world}/state/notes/tickets")
    page.get_by_role("button", name="Add a record").click()
    form = page.get_by_role("dialog")
    expect(form.get_by_role("textbox").first).to_have_accessible_name("id required")

    form.get_by_label("title").fill("Mend it")
    if world == "emptied":
        form.get_by_label("code").fill("abc-12")
    form.get_by_role("button", name="Add", exact=True).click()

    expect(page.get_by_text("The record is there.")).to_be_visible()
    with notes_server.client(f"/~{world}/__admin/state/notes") as notes:
        made = notes.get("/tickets").json()["records"][-1]
    assert made["title"] == "Mend it"
    assert made["revision"] == (before[-1]["revision"] if world == "seeded" else 1)
    assert made["code"] == (before[-1]["code"] if world == "seeded" else "abc-12")
    assert made["owner"]["id"] != ""
    assert made["id"] not in [record["id"] for record in before]
