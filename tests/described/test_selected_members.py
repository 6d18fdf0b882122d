"""Requests select the members that records are shown with, as far as the document lets others be left out."""

from __future__ import annotations

import pytest

from tests.described.test_related import ALBUMS

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


VIDEOS = """
openapi: 3.1.0
info: {title: Videos, version: "1"}
paths:
  /videos:
    get:
      parameters:
        - {name: fields, in: query, schema: {type: string}}
        - {name: exclude, in: query, schema: {type: string, enum: [archived, active]}}
      responses:
        "200":
          description: A page.
          content:
            application/json:
              schema:
                type: object
                properties:
                  kind: {type: string}
                  etag: {type: string}
                  items: {type: array, items: {$ref: "#/components/schemas/Video"}}
    post:
      requestBody: {content: {application/json: {schema: {$ref: "#/components/schemas/Video"}}}}
      responses:
        "201": {description: Made., content: {application/json: {schema: {$ref: "#/components/schemas/Video"}}}}
  /videos/{id}:
    delete:
      parameters: [{name: id, in: path, required: true, schema: {type: integer}}]
      responses: {"204": {description: Gone.}}
components:
  schemas:
    Video:
      type: object
      properties:
        id: {type: integer, readOnly: true}
        kind: {type: string}
        archived: {type: boolean}
        main-title: {type: string}
"""
VIDEO = {"kind": "video", "archived": True, "main-title": "One"}


@pytest.mark.parametrize(
    ("query", "members", "expected"),
    [
        ("fields=kind,items(id,main-title)", {"kind", "items"}, {"id": 4, "main-title": "One"}),
        ("fields=-main-title", {"kind", "etag", "items"}, {"id": 4, "kind": "video", "archived": True}),
        ("exclude=archived", {"kind", "etag", "items"}, {"id": 4, **VIDEO}),
    ],
    ids=["a name of both", "a name with a hyphen", "a filter"],
)
def test_a_selection_is_of_what_its_names_are_of(serve, query, members, expected):
    """Of the envelope where it names the list, whatever else records have; a parameter of certain values is none."""
    client = serve(VIDEOS)
    client.post("/zoo/videos", json=VIDEO)

    shown = client.get(f"/zoo/videos?{query}").json()

    assert (shown.keys(), shown["items"][-1]) == (members, expected)


def test_included_records_are_cut_by_their_own_schema(serve):
    """Albums require a title, and artists a name: what the one requires is not kept of the other."""
    artist = "attributes: {type: object, properties: {name: {type: string}}}"
    album = "attributes: {type: object, properties: {title: {type: string}}}"
    client = serve(
        ALBUMS.replace(
            artist, artist.replace("object,", "object, required: [name],").replace("}}", "}, title: {type: string}}")
        )
        .replace(album, album.replace("object,", "object, required: [title],"))
        .replace(
            "- {name: include, in: query, schema: {type: string}}",
            "- {name: include, in: query, schema: {type: string}}\n"
            '        - {name: "fields[artists]", in: query, schema: {type: string}}',
        )
    )
    attributes = {"name": "Ann", "title": "Dame"}
    made = client.post("/artists", json={"data": {"type": "artists", "attributes": attributes}}).json()["data"]
    related = {"artist": {"data": {"type": "artists", "id": made["id"]}}}
    one = {"type": "albums", "attributes": {"title": "One"}, "relationships": related}
    client.post("/albums", json={"data": one})

    answer = client.get("/albums", params={"include": "artist", "fields[artists]": "name"}).json()

    shown = {one["id"]: one["attributes"] for one in answer["included"]}
    assert shown[made["id"]] == {"name": "Ann"}
