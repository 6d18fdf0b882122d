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


ANIMALS = """
openapi: 3.0.3
info: {title: Zoo, version: "1"}
paths:
  /animals:
    x-mock-seeds: 12
    get:
      responses:
        "200":
          description: All.
          content: {application/json: {schema: {type: array, items: {$ref: "#/components/schemas/Animal"}}}}
  /animals/{id}:
    get:
      parameters: [{name: id, in: path, required: true, schema: {type: integer}}]
      responses:
        "200": {description: One., content: {application/json: {schema: {$ref: "#/components/schemas/Animal"}}}}
components:
  schemas:
    Animal:
      oneOf: [{$ref: "#/components/schemas/Cat"}, {$ref: "#/components/schemas/Dog"}]
      discriminator: {propertyName: kind, mapping: {kitty: "#/components/schemas/Cat"}}
    Base: {type: object, required: [id, kind], properties: {id: {type: integer}, kind: {type: string}}}
    Cat:
      allOf:
        - {$ref: "#/components/schemas/Base"}
        - {type: object, required: [lives], properties: {lives: {type: integer}}}
    Dog:
      allOf:
        - {$ref: "#/components/schemas/Base"}
        - {type: object, required: [tricks], properties: {tricks: {type: integer}}}
"""


def test_records_of_a_union_say_which_alternative_they_are(serve):
    """By its discriminator; there are some of each."""
    zoo = serve(ANIMALS)

    animals = zoo.get("/zoo/animals").json()

    assert {(animal["kind"], *sorted(animal.keys() - {"id", "kind"})) for animal in animals} == {
        ("kitty", "lives"),
        ("Dog", "tricks"),
    }
    assert zoo.get(f"/zoo/animals/{animals[0]['id']}").json() == animals[0]


TASKS = """
openapi: 3.0.3
info: {title: Zoo, version: "1"}
paths:
  /tasks:
    x-mock-seeds: 20
    get:
      responses:
        "200":
          description: All.
          content: {application/json: {schema: {type: array, items: {$ref: "#/components/schemas/Task"}}}}
  /tasks/{id}:
    get:
      parameters: [{name: id, in: path, required: true, schema: {type: integer}}]
      responses:
        "200": {description: One., content: {application/json: {schema: {$ref: "#/components/schemas/Task"}}}}
components:
  schemas:
    Task:
      type: object
      required: [id, done, status, seenAt]
      properties:
        id: {type: integer}
        done: {type: boolean}
        completedAt: {type: string, format: date-time, nullable: true}
        isVerified: {type: boolean}
        verified_at: {type: string, format: date-time}
        status: {type: string, enum: [draft, published]}
        publishedAt: {type: string, format: date-time, nullable: true}
        seen: {type: boolean}
        seenAt: {type: string, format: date-time}
"""


def test_what_has_not_happened_to_a_first_record_has_no_time(serve):
    """A flag or the first status says so; a time that has to be there stays."""
    zoo = serve(TASKS)

    tasks = zoo.get("/zoo/tasks").json()

    assert {(task["done"], task["completedAt"] is None) for task in tasks} == {(True, False), (False, True)}
    assert {(task["isVerified"], "verified_at" in task) for task in tasks} == {(True, True), (False, False)}
    assert {(task["status"], task["publishedAt"] is None) for task in tasks} == {("draft", True), ("published", False)}
    assert all(task["seenAt"] for task in tasks)
