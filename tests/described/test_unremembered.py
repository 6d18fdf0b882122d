"""Writes that nothing is remembered of say so, and nothing is below a record that is not there."""

import pytest

DOCUMENT = """
openapi: 3.1.0
info: {title: Zoo, version: "1"}
paths:
  /animals:
    get:
      responses: {"200": {description: All., content: {application/json: {schema: {type: array, items: &animal
        {type: object, required: [id], properties: {id: {type: integer}, name: {type: string}}}}}}}}
    post:
      requestBody: {content: {application/json: {schema: {type: object, properties: {name: {type: string}}}}}}
      responses: {"201": {description: Made., content: {application/json: {schema: *animal}}}}
  /animals/{id}:
    parameters: [{name: id, in: path, required: true, schema: {type: integer}}]
    get:
      responses:
        "200": {description: One., content: {application/json: {schema: *animal}}}
        "404": &none {description: None.}
  /animals/{id}/weighing:
    parameters: [{name: id, in: path, required: true, schema: {type: integer}}]
    post: {responses: {"200": {description: Weighed., content: {application/json: {schema: {type: object, properties: {
      grams: {type: integer}}}}}}, "404": *none}}
  /animals/{id}/diet:
    parameters: [{name: id, in: path, required: true, schema: {type: integer}}]
    get:
      responses:
        "200": {description: Its diet., content: {application/json: {schema: {type: string}}}}
        "404": *none
  /animals/search:
    post: {responses: {"200": {description: Found., content: {application/json: {schema: {type: integer}}}}}}
  /tickets/{number}:
    parameters: [{name: number, in: path, required: true, schema: {type: integer}}]
    delete: {responses: {"204": {description: Gone.}}}
"""


def test_a_write_that_is_not_remembered_says_so(serve):
    """The header tells the client, the journal whoever looks there later."""
    client = serve(DOCUMENT)

    answer = client.post("/zoo/animals/1/weighing")

    said = "zoo.not-remembered=POST /animals/{id}/weighing is answered from its schema; nothing was remembered"
    noted = [entry["assumptions"] for entry in client.get("/__admin/requests").json()["requests"]]
    assert answer.status_code == 200
    assert answer.headers["Mock-Assumption"] == said
    assert noted == [[said]]


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("GET", "/zoo/animals/1/diet"),
        ("POST", "/zoo/animals/search"),
        ("POST", "/zoo/animals"),
        ("DELETE", "/zoo/tickets/7"),
    ],
)
def test_what_writes_nothing_or_is_remembered_says_nothing(serve, method, path):
    """Reading, searching, creating and taking away are as they seem to be."""
    answer = serve(DOCUMENT).request(method, path, json={} if path == "/zoo/animals" and method == "POST" else None)

    assert answer.status_code < 300
    assert "Mock-Assumption" not in answer.headers


def test_nothing_is_below_a_record_that_is_not_there(serve):
    """Where the document has a 404, and unless a client asks for a certain answer."""
    client = serve(DOCUMENT)

    answers = [
        client.get("/zoo/animals/404/diet"),
        client.post("/zoo/animals/404/weighing"),
        client.get("/zoo/animals/404/diet", headers={"Prefer": "code=200"}),
        client.get("/zoo/animals/1/diet"),
    ]

    assert [answer.status_code for answer in answers] == [404, 404, 200, 200]


def test_a_role_that_is_given_is_about_the_nearest_collection(serve):
    """`x-mock-role` at an operation that is not understood."""
    client = serve(
        DOCUMENT.replace(
            '    post: {responses: {"200": {description: Weighed.',
            '    post: {x-mock-role: delete, responses: {"200": {description: Weighed.',
        )
    )

    statuses = [client.post("/zoo/animals/1/weighing").status_code, client.get("/zoo/animals/1").status_code]

    assert statuses == [200, 404]


THINGS = """
openapi: 3.1.0
info: {title: Things, version: "1"}
paths:
  /things:
    get: {responses: {"200": {description: All., content: {application/json: {schema: {type: array, items: *thing}}}}}}
    patch:
      requestBody:
        content:
          application/json:
            schema: {type: object, properties: {ids: {type: array, items: {type: integer}}, changes: *thing}}
      responses: {"200": {description: Done.}}
  /things/{id}:
    parameters: [{name: id, in: path, required: true, schema: {type: integer}}]
    get: {responses: {"200": {description: One., content: {application/json: {schema: *thing}}}}}
  /things/new/verify:
    post: {responses: {"200": {description: Made and verified.}}}
components:
  schemas:
    Thing: {type: object, properties: {id: {type: integer}, name: {type: string}}}
""".replace("*thing", '{$ref: "#/components/schemas/Thing"}')


def test_what_is_not_there_to_be_changed_is_told(serve):
    """Where the answer cannot tell it, and no 404 is declared."""
    client = serve(THINGS)

    answer = client.patch("/things", json={"ids": [1, 98, 99], "changes": {"name": "z"}})

    assert answer.headers["Mock-Assumption"] == (
        "zoo.not-remembered=2 of 3 are not in things; nothing was done to them"
    )
    assert client.get("/things/1").json()["name"] == "z"


def test_what_makes_something_is_no_question(serve):
    """`verify` asks, and `new` makes."""
    assert "not-remembered" in serve(THINGS).post("/things/new/verify").headers["Mock-Assumption"]
