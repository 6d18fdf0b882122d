"""How many records the collections of a document begin with."""

import pytest

SHOP = """
openapi: 3.1.0
info: {title: Shop, version: "1"}
paths:
  /things:
    get:
      responses:
        "200":
          description: Things.
          content: {application/json: {schema: {type: array, items: {$ref: "#/components/schemas/Thing"}}}}
    post:
      requestBody: {content: {application/json: {schema: {$ref: "#/components/schemas/Thing"}}}}
      responses:
        "201": {description: Made., content: {application/json: {schema: {$ref: "#/components/schemas/Thing"}}}}
  /pets:
    get:
      responses:
        "200":
          description: Pets.
          content:
            application/json:
              schema: {type: array, items: {$ref: "#/components/schemas/Thing"}}
              example: [{id: 1, name: Max}, {id: 2, name: Kim}]
    post:
      requestBody: {content: {application/json: {schema: {$ref: "#/components/schemas/Thing"}}}}
      responses:
        "201": {description: Made., content: {application/json: {schema: {$ref: "#/components/schemas/Thing"}}}}
  /shelves:
    x-mock-seeds: 1
    get:
      responses:
        "200":
          description: Shelves.
          content: {application/json: {schema: {type: array, items: {$ref: "#/components/schemas/Thing"}}}}
    post:
      requestBody: {content: {application/json: {schema: {$ref: "#/components/schemas/Thing"}}}}
      responses:
        "201": {description: Made., content: {application/json: {schema: {$ref: "#/components/schemas/Thing"}}}}
components:
  schemas:
    Thing: {type: object, required: [id, name], properties: {id: {type: integer}, name: {type: string}}}
"""


@pytest.mark.parametrize(("options", "number"), [({}, 3), ({"seeds": 12}, 12), ({"seeds": 0}, 0)])
def test_a_collection_begins_with_as_many_records_as_are_asked_for(serve, options, number):
    """Where the document does not say: 3, else what `--seeds` says."""
    shop = serve(SHOP, **options)

    things = shop.get("/things").json()

    assert len(things) == number
    assert len({thing["id"] for thing in things}) == number


def test_the_document_goes_before_the_option(serve):
    """Its examples, and `x-mock-seeds`."""
    shop = serve(SHOP, seeds=7)

    pets, seed_collections = shop.get("/pets").json(), shop.get("/shelves").json()

    assert [pet["name"] for pet in pets] == ["Max", "Kim"]
    assert len(seed_collections) == 1
