"""Parameters that are declared and choose nothing, where a client may think that they do."""

import pytest

SHOP = """
openapi: 3.1.0
info: {title: Shop, version: "1"}
paths:
  /items:
    get:
      parameters: &asked
        - {name: state, in: query, schema: {type: string}}
        - {name: colour, in: query, schema: {type: string}}
        - {name: expand, in: query, schema: {type: string}}
      responses:
        "200":
          description: All.
          content: {application/json: {schema: {type: array, items: &item {$ref: "#/components/schemas/Item"}}}}
    patch:
      parameters: *asked
      requestBody: {content: {application/json: {schema: *item}}}
      responses: {"204": {description: Changed.}}
    put:
      requestBody: {content: {application/json: {schema: *item}}}
      responses: {"204": {description: Changed.}}
    delete:
      parameters: *asked
      responses: {"204": {description: Gone.}}
  /items/{id}:
    get:
      parameters: [{name: id, in: path, required: true, schema: {type: integer}}]
      responses: {"200": {description: One., content: {application/json: {schema: *item}}}}
components:
  schemas:
    Item: {type: object, properties: {id: {type: integer}, state: {type: string}}}
"""
SAID = "zoo.ignored-parameters=nothing tells what of items is asked for by: colour"


@pytest.mark.parametrize("method", ["GET", "PATCH", "DELETE"])
def test_a_filter_that_nothing_is_known_of_is_noted(serve, method):
    """Where records are listed, and where they are written."""
    body = {"state": "sold"} if method == "PATCH" else None

    answer = serve(SHOP).request(method, "/items?colour=red", json=body)

    assert answer.headers["Mock-Assumption"] == SAID


@pytest.mark.parametrize("query", ["", "?state=none", "?expand=state"])
def test_what_filters_or_is_about_the_answer_is_not_noted(serve, query):
    """A member's name is a filter, and `expand` chooses no records; what it names here is shown anyway."""
    assert "Mock-Assumption" not in serve(SHOP).get(f"/items{query}").headers


def test_a_change_is_of_those_that_the_query_asks_for(serve):
    """Though the body could name one by its id."""
    client = serve(SHOP)
    client.put("/items", json={"id": 1, "state": "odd"})

    client.patch("/items", params={"state": "odd"}, json={"state": "sold"})

    assert [item["id"] for item in client.get("/items", params={"state": "sold"}).json()] == [1]


def test_a_body_that_is_to_name_the_record_names_one(serve):
    """Else it is refused, and none is made up."""
    client = serve(SHOP)
    before = client.get("/items").json()

    refused = client.put("/items", json={"state": "sold"})

    assert refused.status_code == 422
    assert client.get("/items").json() == before
