"""The author's own values come first, with state as without it."""

from __future__ import annotations

CATS = """
openapi: 3.1.0
info: {title: Cats, version: "1"}
paths:
  /cats:
    get: {responses: {"200": {$ref: "#/components/responses/Cats"}}}
    post:
      requestBody: {content: {application/json: {schema: {type: object, properties: {name: {type: string}}}}}}
      responses: {"201": {$ref: "#/components/responses/Cat"}}
  /cats/{id}:
    parameters: [{name: id, in: path, required: true, schema: {type: string}}]
    get: {responses: {"200": {$ref: "#/components/responses/Cat"}}}
components:
  responses:
    Cat: {description: It., content: {application/json: {schema: {$ref: "#/components/schemas/Cat"}}}}
    Cats:
      description: All.
      content: {application/json: {schema: {type: array, items: {$ref: "#/components/schemas/Cat"}}}}
  schemas:
    Cat:
      type: object
      required: [id, name, chip]
      properties:
        id: {type: string, example: cat_7f3a}
        name: {type: string, example: Tibert}
        chip: {type: string, example: "276098"}
        home: {type: object, required: [city], properties: {city: {type: string, examples: [Gent]}}}
"""
TIBERT = {"id": "cat_7f3a", "name": "Tibert", "chip": "276098", "home": {"city": "Gent"}}


def test_the_first_record_has_the_examples_of_its_members(serve):
    """Its id included; the others are made up."""
    cats = serve(CATS)

    listed = cats.get("/cats").json()

    assert (cats.get("/cats/cat_7f3a").json(), listed[0]) == (TIBERT, TIBERT)
    assert len({cat["name"] for cat in listed}) == 3


def test_what_the_server_adds_has_them_too(serve):
    """Here a member that every record needs and that was not sent."""
    made = serve(CATS).post("/cats", json={"name": "Minoe"}).json()

    assert made == {"id": made["id"], "name": "Minoe", "chip": "276098"}


def test_dynamic_values_are_not_the_examples(serve):
    """All of them are faked."""
    assert "Tibert" not in serve(CATS, dynamic=True).get("/cats").text
