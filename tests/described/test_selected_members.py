"""Requests select the members that records are shown with, as far as the document lets others be left out."""

from __future__ import annotations

import pytest

SHOP = """
openapi: 3.1.0
info: {title: Shop, version: "1"}
paths:
  /items:
    get:
      parameters:
        - {name: fields, in: query, schema: {type: string}}
        - {name: exclude, in: query, schema: {type: array, items: {type: string}}, explode: false}
        - {name: include, in: query, schema: {type: string}}
      responses:
        "200":
          description: A page.
          content:
            application/json:
              schema:
                type: object
                properties:
                  total: {type: integer}
                  items: {type: array, items: {$ref: "#/components/schemas/Item"}}
    post:
      requestBody: {content: {application/json: {schema: {$ref: "#/components/schemas/Item"}}}}
      responses:
        "201": {description: Made., content: {application/json: {schema: {$ref: "#/components/schemas/Item"}}}}
  /items/{id}:
    get:
      parameters:
        - {name: id, in: path, required: true, schema: {type: integer}}
        - {name: fields, in: query, schema: {type: array, items: {type: string}}}
      responses:
        "200": {description: One., content: {application/json: {schema: {$ref: "#/components/schemas/Item"}}}}
        "404": {description: None.}
components:
  schemas:
    Item:
      type: object
      required: [id]
      properties:
        id: {type: integer, readOnly: true}
        name: {type: string}
        size: {type: integer}
        owner: {type: object, properties: {name: {type: string}, city: {type: string}}}
"""
ARTICLES = """
openapi: 3.1.0
info: {title: Articles, version: "1"}
paths:
  /articles:
    get:
      parameters: [{name: "fields[articles]", in: query, schema: {type: string}}]
      responses:
        "200":
          description: All.
          content:
            application/json:
              schema:
                type: object
                properties: {data: {type: array, items: {$ref: "#/components/schemas/Article"}}}
    post:
      requestBody:
        content:
          application/json:
            schema: {type: object, properties: {data: {$ref: "#/components/schemas/Article"}}}
      responses:
        "201":
          description: Made.
          content:
            application/json:
              schema: {type: object, properties: {data: {$ref: "#/components/schemas/Article"}}}
  /articles/{id}:
    get:
      parameters: [{name: id, in: path, required: true, schema: {type: string}}]
      responses: {"404": {description: None.}}
    delete:
      parameters: [{name: id, in: path, required: true, schema: {type: string}}]
      responses: {"204": {description: Gone.}}
components:
  schemas:
    Article:
      type: object
      required: [type]
      properties:
        type: {type: string, enum: [articles]}
        id: {type: string}
        attributes: {type: object, properties: {title: {type: string}, body: {type: string}}}
"""
SENT = {"name": "Lamp", "size": 3, "owner": {"name": "Ann", "city": "Oslo"}}


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ("fields=id,name", {"id": 4, "name": "Lamp"}),
        ("fields=id,owner.city", {"id": 4, "owner": {"city": "Oslo"}}),
        ("fields=id,owner(name,city),size", {"id": 4, "size": 3, "owner": {"name": "Ann", "city": "Oslo"}}),
        ("fields=items(id,owner/name)", {"id": 4, "owner": {"name": "Ann"}}),
        ("fields=-owner,-size", {"id": 4, "name": "Lamp"}),
        ("exclude=owner,size", {"id": 4, "name": "Lamp"}),
        ("fields=*", {"id": 4, **SENT}),
        ("fields=", {"id": 4, **SENT}),
    ],
)
def test_a_list_shows_the_members_that_are_selected(serve, query, expected):
    """In each way that APIs write a selection, and without a note."""
    client = serve(SHOP)
    client.post("/zoo/items", json=SENT)

    answer = client.get(f"/zoo/items?{query}")

    assert answer.json()["items"][-1] == expected
    assert "Mock-Assumption" not in answer.headers


def test_one_record_shows_the_members_that_are_selected(serve):
    """Also where each is sent by itself."""
    client = serve(SHOP)
    client.post("/zoo/items", json=SENT)

    answer = client.get("/zoo/items/4?fields=id&fields=size")

    assert answer.json() == {"id": 4, "size": 3}


def test_a_member_of_the_envelope_is_selected_too(serve):
    """Without the records, if they are not named."""
    client = serve(SHOP)

    answer = client.get("/zoo/items?fields=total")

    assert answer.json() == {"total": 3}


def test_what_the_document_requires_is_shown_unasked(serve):
    """And the answer says so."""
    client = serve(SHOP)
    client.post("/zoo/items", json=SENT)

    answer = client.get("/zoo/items/4?fields=name")

    assert answer.json() == {"id": 4, "name": "Lamp"}
    assert answer.headers["Mock-Assumption"] == (
        "zoo.ignored-parameters=the document requires members of items that were not selected: id"
    )


def test_names_that_are_no_members_select_nothing(serve):
    """All is shown where none is known; the answer says which there are, not what was sent."""
    client = serve(SHOP)
    client.post("/zoo/items", json=SENT)

    answer = client.get("/zoo/items/4?fields=full")

    assert answer.json() == {"id": 4, **SENT}
    assert answer.headers["Mock-Assumption"] == (
        "zoo.ignored-parameters=not all that was selected is among the members of items: id name owner size"
    )


def test_attributes_are_selected_by_type(serve):
    """As JSON:API has it: the type and the id stay."""
    client = serve(ARTICLES)
    attributes = {"title": "One", "body": "Long."}
    made = client.post("/zoo/articles", json={"data": {"type": "articles", "attributes": attributes}}).json()["data"]

    answer = client.get("/zoo/articles", params={"fields[articles]": "title"})

    assert answer.json()["data"][-1] == {"type": "articles", "id": made["id"], "attributes": {"title": "One"}}


def test_an_include_that_names_nothing_is_noted(serve):
    """A member of the record is there anyway; anything else is told."""
    client = serve(SHOP)

    own = client.get("/zoo/items?include=owner")
    unknown = client.get("/zoo/items?include=warehouse")

    assert "Mock-Assumption" not in own.headers
    assert unknown.headers["Mock-Assumption"] == (
        "zoo.ignored-parameters=not all that was asked for is related to items"
    )
