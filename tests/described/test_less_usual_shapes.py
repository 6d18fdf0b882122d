"""Records in less usual shapes: two members deep, in several parts of a schema, under ids that only lists show."""

from __future__ import annotations

import pytest

HEAD = "openapi: 3.1.0\ninfo: {title: Office, version: '1'}\npaths:\n"

ID = "{name: id, in: path, required: true, schema: {type: string}}"
NONE = "'404': {description: None.}"


def answers(schema: str, status: str = "200") -> str:
    """A response with this schema."""
    return f"'{status}': {{description: OK., content: {{application/json: {{schema: {schema}}}}}}}"


def takes(schema: str, media: str = "application/json") -> str:
    """A request body with this schema."""
    return f"requestBody: {{content: {{{media}: {{schema: {schema}}}}}}}"


BUDGET = "{type: object, required: [id], properties: {id: {type: string, format: uuid}, name: {type: string}}}"
BUDGETS = f"""{HEAD}
  /budgets:
    get:
      responses:
        {answers("{properties: {data: {properties: {budgets: {type: array, items: " + BUDGET + "}}}}}")}
  /budgets/{{budget_id}}:
    get:
      parameters: [{{name: budget_id, in: path, required: true, schema: {{type: string}}}}]
      responses:
        {answers("{properties: {data: {properties: {budget: " + BUDGET + ", server_knowledge: {type: integer}}}}}")}
        {NONE}
"""


def test_a_record_may_stand_two_members_deep(serve):
    """`{data: {budget: {…}}}` is the budget that the list has, by its own id."""
    api = serve(BUDGETS)

    listed = api.get("/budgets").json()["data"]["budgets"][0]

    assert api.get(f"/budgets/{listed['id']}").json()["data"]["budget"] == listed


NOTE = "{type: object, properties: {id: {type: string}, note: {type: string}}}"
NOTES = f"""{HEAD}
  /notes:
    get: {{responses: {{{answers("{type: array, items: " + NOTE + "}")}}}}}
    post:
      {takes("{type: object, required: [note], properties: {note: {type: string}}}")}
      responses: {{{answers(NOTE, "201")}}}
  /notes/{{note}}:
    get:
      parameters: [{{name: note, in: path, required: true, description: %s, schema: {{type: string}}}}]
      responses:
        {answers(NOTE)}
        {NONE}
"""


@pytest.mark.parametrize(
    ("description", "member"), [("Unique identifier of the note.", "id"), ("The note as it was written.", "note")]
)
def test_a_parameter_called_like_the_record_is_what_its_description_says(serve, description, member):
    """`/notes/{note}` asks for the id of a note where it is described as one, though a note has a text of that name."""
    api = serve(NOTES % description)

    made = api.post("/notes", json={"note": "Buy milk"}).json()

    assert api.get(f"/notes/{made[member]}").json() == made


SWITCH = "entity_id: {type: string}, entity_type: {type: string, enum: [Switch]}"
SENT = "nickname: {type: string}, proxy_id: {type: string}"
SWITCHES = f"""{HEAD}
  /switches:
    get:
      responses:
        {answers("{properties: {results: {type: array, items: {type: object, properties: {" + SWITCH + "}}}}}")}
    post:
      {takes("{type: object, properties: {" + SENT + "}}")}
      responses: {{{answers("{type: object, properties: {" + SENT + "," + SWITCH + "}}", "201")}}}
  /switches/{{id}}:
    parameters: [{ID}]
    get:
      responses:
        {answers("{type: object, properties: {" + SENT + "," + SWITCH + "}}")}
        {NONE}
"""


def test_the_id_is_what_lists_show_and_no_client_sends(serve):
    """Of several members called ids: a switch is found in the list, and read by its `entity_id`."""
    api = serve(SWITCHES)

    made = api.post("/switches", json={"nickname": "core", "proxy_id": "p1"}).json()

    assert made["entity_id"] in [listed["entity_id"] for listed in api.get("/switches").json()["results"]]
    assert api.get(f"/switches/{made['entity_id']}").json() == made


CONTACT = "{type: object, properties: {contactId: {type: string}, name: {type: string}}}"
CONTACTS = f"""{HEAD}
  /contacts/all:
    get: {{responses: {{{answers("{type: array, items: " + CONTACT + "}")}}}}}
  /contacts/create:
    post:
      {takes(CONTACT)}
      responses: {{{answers(CONTACT, "201")}}}
  /contacts/{{contactId}}:
    parameters: [{{name: contactId, in: path, required: true, schema: {{type: string}}}}]
    get:
      responses:
        {answers(CONTACT)}
        {NONE}
    delete: {{responses: {{'204': {{description: Gone.}}}}}}
"""


def test_a_key_that_was_sent_is_the_records_key_wherever_it_is_made(serve):
    """Also at `/contacts/create`, which is no path of the list."""
    api = serve(CONTACTS)

    made = api.post("/contacts/create", json={"contactId": "c-77", "name": "Ann"})

    assert (made.json(), "Mock-Assumption" in made.headers) == ({"contactId": "c-77", "name": "Ann"}, False)
    assert api.get("/contacts/c-77").json() == {"contactId": "c-77", "name": "Ann"}


PLAN = "{type: object, properties: {daily: {type: object, properties: {limit: {type: integer}}}}}"
USED = "{type: object, required: [count], properties: {count: {type: integer}}}"
WHOLE = f"{{type: object, required: [id, daily], properties: {{id: {{type: integer}}, daily: {USED}}}}}"
LICENCE = f"{{allOf: [{PLAN}, {WHOLE}]}}"
LICENCES = f"""{HEAD}
  /licences:
    post:
      {takes(PLAN)}
      responses: {{{answers(LICENCE, "201")}}}
  /licences/{{id}}:
    get:
      parameters: [{{name: id, in: path, required: true, schema: {{type: integer}}}}]
      responses:
        {answers(LICENCE)}
        {NONE}
"""


def test_a_member_of_several_parts_keeps_what_was_sent(serve):
    """Each part of an `allOf` may declare something of `daily`: what one requires is added, what was sent stays."""
    api = serve(LICENCES)

    made = api.post("/licences", json={"daily": {"limit": 59}})

    assert made.json()["daily"].keys() == {"limit", "count"}
    assert made.json()["daily"]["limit"] == 59
    assert "Mock-Assumption" not in made.headers


RESOURCE = "{type: object, properties: {id: {type: integer}, name: {type: string}}}"
OWNER = "{type: object, properties: {id: {type: integer}, name: {type: string}, login: {type: string}}}"
WITH_OWNERS = f"{{required: [included], properties: {{data: {RESOURCE}, included: {{type: array, items: {OWNER}}}}}}}"
RESOURCES = f"""{HEAD}
  /resources:
    get:
      parameters: [{{name: hash, in: query, required: true, schema: {{type: string}}}}]
      responses:
        {answers(WITH_OWNERS)}
    post:
      {takes("{type: object, required: [name], properties: {name: {type: string}}}")}
      responses: {{{answers("{properties: {data: " + RESOURCE + "}}", "201")}}}
  /resources/{{id}}:
    get:
      parameters: [{{name: id, in: path, required: true, schema: {{type: integer}}}}]
      responses:
        {answers("{properties: {data: " + RESOURCE + ", included: {type: array, items: " + OWNER + "}}}")}
        {NONE}
"""


def test_included_records_are_no_list_of_what_was_asked_for(serve):
    """One resource with `included` owners is no page of resources, for which a parameter could be ignored."""
    api = serve(RESOURCES)

    answer = api.get("/resources", params={"hash": "x"})

    assert len(answer.json()["included"]) == 1
    assert "Mock-Assumption" not in answer.headers


LINE = "{type: object, properties: {id: {type: string}, text: {type: string}}}"
LINES = f"""{HEAD}
  /lines:
    get:
      parameters:
      - {{name: marker, in: query, schema: {{type: string}}}}
      - {{name: limit, in: query, schema: {{type: integer, minimum: 0, default: 0}}}}
      responses:
        {answers("{properties: {next_marker: {type: integer}, entries: {type: array, items: " + LINE + "}}}")}
    post:
      {takes("{type: object, required: [text], properties: {id: {type: string}, text: {type: string}}}")}
      responses: {{{answers(LINE, "201")}}}
  /lines/{{id}}:
    parameters: [{ID}]
    delete: {{responses: {{'204': {{description: Gone.}}}}}}
"""


def test_a_cursor_is_a_number_where_the_answer_shows_one(serve):
    """Ids in letters would not fit `next_marker`: it counts records, and leads to each of them once."""
    api = serve(LINES)
    for name in ("b1", "b2"):
        api.post("/lines", json={"id": name, "text": name})

    pages = [api.get("/lines", params={"limit": 2}).json()]
    while pages[-1].get("next_marker") is not None and len(pages) < 5:
        pages.append(api.get("/lines", params={"limit": 2, "marker": pages[-1]["next_marker"]}).json())

    assert [len(page["entries"]) for page in pages] == [2, 2, 1]
    assert [line["id"] for page in pages for line in page["entries"]][-2:] == ["b1", "b2"]


def test_a_limit_whose_default_is_none_at_all_lets_all_in(serve):
    """`limit: 0` is how some documents spell that there is no limit."""
    api = serve(LINES)

    assert len(api.get("/lines").json()["entries"]) == 3
    assert len(api.get("/lines", params={"limit": 0}).json()["entries"]) == 3


SCHEDULE = (
    "{type: object, properties: {id: {type: integer}, owner_id: {type: string, description: "
    "The unique alphanumeric string that identifies the owner.}, code: {type: string, readOnly: true, description: "
    "A unique code of four letters., example: ABCD}, name: {type: string}}}"
)
SCHEDULES = f"""{HEAD}
  /schedules:
    get: {{responses: {{{answers("{type: array, items: " + SCHEDULE + "}")}}}}}
    post:
      {takes(SCHEDULE)}
      responses:
        {answers(SCHEDULE, "201")}
        '409': {{description: Conflict.}}
  /schedules/{{id}}:
    parameters: [{{name: id, in: path, required: true, schema: {{type: integer}}}}]
    patch:
      {takes("{type: array, items: {type: object, properties: {op: {enum: [Add, Replace]}, path: {}, value: {}}}}")}
      responses: {{{answers(SCHEDULE)}}}
"""


def test_what_names_another_record_or_comes_from_the_server_conflicts_with_nothing(serve):
    """Two schedules of one owner, each with the code that the server gives, are no conflict."""
    api = serve(SCHEDULES)

    made = [api.post("/schedules", json={"owner_id": "w1", "name": name}) for name in ("a", "b")]

    assert [answer.status_code for answer in made] == [201, 201]


def test_a_json_patch_may_spell_its_operations_in_capitals(serve):
    """As documents made from .NET declare them."""
    api = serve(SCHEDULES)
    made = api.post("/schedules", json={"owner_id": "w1", "name": "a"}).json()

    changed = api.patch(f"/schedules/{made['id']}", json=[{"op": "Replace", "path": "/name", "value": "b"}])

    assert changed.json() == {**made, "name": "b"}


SCORES = f"""{HEAD}
  /scores:
    post:
      {takes("{type: object, properties: {title: {type: string}, data: {type: string, description: '%s'}}}")}
      responses: {{{answers("{type: object, properties: {id: {type: string}, title: {type: string}}}", "201")}}}
  /scores/{{id}}:
    parameters: [{ID}]
    get: {{responses: {{{answers("{type: object, properties: {id: {type: string}, title: {type: string}}}")}, {NONE}}}}}
  /scores/{{id}}/download:
    parameters: [{ID}]
    get: {{responses: {{'200': {{description: OK., content: {{application/octet-stream: {{}}}}}}}}}}
"""


def test_a_file_that_may_be_base64_may_be_text(serve):
    """Where base64 is one of the ways to send it, another text is the file; where it is the only one, it is refused."""
    sent = {"title": "Song", "data": "<score/>"}
    api = serve(SCORES % "MusicXML, or a MIDI file in base64.")

    made = api.post("/scores", json=sent)

    assert made.status_code == 201
    assert api.get(f"/scores/{made.json()['id']}/download").content == b"<score/>"
    assert serve(SCORES % "The file in base64.").post("/scores", json=sent).status_code == 422
