"""What a document that a user brings is remembered by."""

from __future__ import annotations

import json
import time
from pathlib import Path

import pytest

PETS = (Path(__file__).parents[2] / "examples" / "pets.yaml").read_text()
COCO = {"name": "Coco", "species": "parrot"}


@pytest.fixture
def pets(serve):
    """The pets of the examples."""
    return serve(PETS)


def test_what_was_sent_is_remembered(pets):
    """Made, read, listed, changed, and gone for good."""
    made = pets.post("/pets", json=COCO)
    pet = f"/pets/{made.json()['id']}"
    read, listed = pets.get(pet), pets.get("/pets", params={"species": "parrot"})
    changed = pets.patch(pet, json={"status": "sold"}, headers={"Content-Type": "application/merge-patch+json"})
    removed, after = pets.delete(pet), pets.get(pet)

    assert (made.status_code, made.json() | COCO) == (201, made.json())
    assert [read.json()] == [made.json()] == [item for item in listed.json()["items"] if item["name"] == "Coco"]
    assert changed.json() == made.json() | {"status": "sold"}
    assert (removed.status_code, after.status_code) == (204, 404)


@pytest.mark.parametrize("base", ["/zoo/v1", "/v1", "", "/~mine/zoo/v1", "/~mine/v1"])
def test_a_location_leads_to_what_was_made(pets, base):
    """Whichever way the client came."""
    made = pets.post(f"{base}/pets", json=COCO)

    assert pets.get(made.headers["Location"]).json() == made.json()


def test_an_answer_of_the_document_can_be_preferred_to_what_is_remembered(pets):
    """As it can where nothing is."""
    answer = pets.get("/pets/1", headers={"Prefer": "code=404"})

    assert (answer.status_code, answer.headers["Preference-Applied"]) == (404, "code=404")
    assert pets.get("/pets/1").json()["name"] == "Rex"


def test_worlds_remember_apart(pets):
    """Each begins with the same records."""
    pets.delete("/~one/zoo/v1/pets/1")

    assert pets.get("/~one/zoo/v1/pets/1").status_code == 404
    assert pets.get("/~two/zoo/v1/pets/1").json()["name"] == "Rex"


def test_nothing_is_remembered_where_that_is_switched_off(serve):
    """`--state off`: each answer comes from examples and schemas."""
    pets = serve(PETS, state=False)

    made = pets.post("/pets", json=COCO)

    assert made.status_code == 201
    assert pets.get("/pets/999").json()["name"] == "Rex"


def test_an_operation_may_take_its_time(serve):
    """As `x-mock-delay` says, in milliseconds."""
    pets = serve(PETS.replace("operationId: getPet", "operationId: getPet\n      x-mock-delay: 60"))

    began = time.perf_counter()
    pets.get("/pets/1")

    assert time.perf_counter() - began >= 0.06


STAFF = """
openapi: 3.1.0
info: {title: Zoo, version: "1"}
paths:
  /keepers:
    get:
      parameters:
        - {name: order_by, in: query, schema: {type: string}}
        - {name: order, in: query, schema: {type: string}}
        - {name: sort, in: query, schema: {enum: [asc, desc]}}
      responses:
        "200":
          description: All.
          content: {application/json: {schema: {type: array, items: {$ref: "#/components/schemas/Keeper"}}}}
    post:
      requestBody: {content: {application/json: {schema: {$ref: "#/components/schemas/Keeper"}}}}
      responses:
        "201": {description: Made., content: {application/json: {schema: {$ref: "#/components/schemas/Keeper"}}}}
  /keepers/{id}:
    parameters: [{name: id, in: path, required: true, schema: {type: string}}]
    get:
      responses:
        "200": {description: One., content: {application/json: {schema: {$ref: "#/components/schemas/Keeper"}}}}
        "404": {description: None.}
    head:
      parameters: [{name: If-None-Match, in: header, schema: {type: string}}]
      responses:
        "200": {description: One., headers: {ETag: {schema: {type: string}}}}
        "304": {description: The same.}
        "404": {description: None.}
    patch:
      requestBody:
        content:
          application/json-patch+json: {schema: {type: array}}
      responses:
        "200": {description: One., content: {application/json: {schema: {$ref: "#/components/schemas/Keeper"}}}}
    delete: {responses: {"204": {description: Gone.}}}
components:
  schemas:
    Keeper:
      type: object
      required: [id, name]
      properties:
        id: {type: string, readOnly: true, pattern: "^kee_"}
        name: {type: string}
        age: {type: integer}
"""


@pytest.fixture
def staff(serve):
    """Keepers whose ids only begin as their pattern says."""
    return serve(STAFF)


def test_ids_differ_where_a_pattern_says_only_how_they_begin(staff):
    """No two records have one."""
    made = [staff.post("/keepers", json={"name": "Kim"}).json()["id"] for _ in range(5)]
    listed = [keeper["id"] for keeper in staff.get("/keepers").json()]

    assert len(set(listed)) == len(listed) == 8
    assert set(made) < set(listed)


def test_a_declared_head_knows_what_is_there(staff):
    """As GET does, without the body."""
    keeper = f"/keepers/{staff.post('/keepers', json={'name': 'Kim'}).json()['id']}"
    found = staff.head(keeper)
    same = staff.head(keeper, headers={"If-None-Match": found.headers["ETag"]})
    staff.delete(keeper)

    assert (found.status_code, same.status_code, staff.head(keeper).status_code) == (200, 304, 404)


def test_a_json_patch_that_would_break_a_record_is_refused(staff):
    """The schema of a patch cannot tell; the record stays as it was."""
    made = staff.post("/keepers", json={"name": "Kim"}).json()
    keeper = f"/keepers/{made['id']}"
    patch = [{"op": "add", "path": "/age", "value": 5}, {"op": "replace", "path": "/name", "value": 5}]

    refused = staff.patch(keeper, json=patch, headers={"Content-Type": "application/json-patch+json"})

    assert (refused.status_code, refused.json()["validation"][0]["location"]) == (422, ["body", "name"])
    assert staff.get(keeper).json() == made


@pytest.mark.parametrize(
    ("query", "ages"),
    [
        ("order_by=age", [1, 2, 3]),
        ("order_by=age&order=desc", [3, 2, 1]),
        ("order_by=age&order=asc", [1, 2, 3]),
        ("order_by=age&sort=desc", [3, 2, 1]),
    ],
)
def test_an_order_may_be_a_direction(serve, query, ages):
    """Beside a parameter that says by what, or where its values are directions."""
    unused = "sort" if "order=" in query else "order"
    staff = serve(STAFF.replace(f"{{name: {unused}, in: query", "{name: unused, in: query"))
    for age in (2, 3, 1):
        staff.post("/keepers", json={"name": "sorted", "age": age})

    listed = staff.get(f"/keepers?{query}").json()

    assert [keeper["age"] for keeper in listed if keeper["name"] == "sorted"] == ages


def test_deep_down_records_are_made_below_what_is_asked_for(serve):
    """Three of each at each level would be thousands; what was asked for is there, and what is not there is missing."""
    names = ["ants", "bees", "cats", "dogs", "elks", "foxes", "gnus", "hens"]
    one = {"type": "object", "required": ["id", "name"], "properties": {"id": {"type": "integer"}, "name": {}}}
    paths: dict[str, object] = {}
    for depth, name in enumerate(names):
        above = "".join(f"/{each}/{{{each}Id}}" for each in names[:depth])
        ids = [
            {"name": f"{each}Id", "in": "path", "required": True, "schema": {"type": "integer"}}
            for each in names[: depth + 1]
        ]
        found = {"description": "Fine.", "content": {"application/json": {"schema": {"type": "array", "items": one}}}}
        single = {"description": "Fine.", "content": {"application/json": {"schema": one}}}
        missing = {"404": {"description": "None."}}
        paths[f"{above}/{name}"] = {"parameters": ids[:-1], "get": {"responses": {"200": found, **missing}}}
        paths[f"{above}/{name}/{{{name}Id}}"] = {
            "parameters": ids,
            "get": {"responses": {"200": single, **missing}},
            "delete": {"responses": {"204": {"description": "Gone."}, **missing}},
        }
    zoo = serve(json.dumps({"openapi": "3.1.0", "info": {"title": "Deep", "version": "1"}, "paths": paths}))
    way = ""
    for name in names[:-1]:
        way += f"/{name}/{zoo.get(f'{way}/{name}').json()[-1]['id']}"

    hens = zoo.get(f"{way}/hens").json()
    kept = zoo.get("/__admin/state/zoo/hens").json()
    zoo.delete(way)

    assert len(hens) == len(kept["records"]) == 3
    assert zoo.get(f"{way}/hens").status_code == zoo.get(f"{way}/hens/{hens[0]['id']}").status_code == 404
    assert zoo.get("/ants/999/bees/1/cats/1/dogs").status_code == 404


SEVERAL_SERVERS = """
openapi: 3.1.0
info: {title: Zoo, version: "1"}
servers:
  - {url: "https://zoo.example/v1"}
  - {url: "https://zoo.example/{stage}/api", variables: {stage: {default: test, enum: [test, live]}}}
paths:
  /pets:
    get:
      responses:
        "200":
          description: All.
          content: {application/json: {schema: {type: array, items: &pet {$ref: "#/components/schemas/Pet"}}}}
    post:
      requestBody: {content: {application/json: {schema: *pet}}}
      responses:
        "201":
          description: Made.
          headers: {Location: {required: true, schema: {type: string}}}
          content: {application/json: {schema: *pet}}
  /pets/{id}:
    get:
      parameters: [{name: id, in: path, required: true, schema: {type: integer}}]
      responses: {"200": {description: One., content: {application/json: {schema: *pet}}}, "404": {description: None.}}
components:
  schemas:
    Pet: {type: object, required: [id], properties: {id: {type: integer, readOnly: true}, name: {type: string}}}
"""


@pytest.mark.parametrize("base", ["/v1", "/test/api", "/live/api", "/zoo/live/api", "/zoo/v1"])
def test_an_api_stands_at_each_of_its_servers(serve, base):
    """With every value of their variables; what was made at one is there at all, and named as it was asked."""
    zoo = serve(SEVERAL_SERVERS)

    made = zoo.post(f"{base}/pets", json={"name": "Rex"})

    assert made.status_code == 201
    assert made.headers["Location"].endswith(f"{base}/pets/{made.json()['id']}")
    assert zoo.get(made.headers["Location"]).json() == made.json()
    assert zoo.get(f"/v1/pets/{made.json()['id']}").json() == made.json()
    assert zoo.get("/other/api/pets").status_code == 404


TASKS = """
openapi: 3.2.0
info: {title: Tasks, version: "1"}
paths:
  /tasks:
    get:
      responses:
        "200":
          description: All.
          content:
            application/json:
              schema: {type: array, items: &task {$ref: "#/components/schemas/Task"}}
              examples: {some: {dataValue: [{gid: "7", name: Sweep, state: open}]}}
    post:
      requestBody: {content: {application/json: {schema: {$ref: "#/components/schemas/NewTask"}}}}
      responses: {"201": {description: Made., content: {application/json: {schema: *task}}}}
  /tasks/{task_gid}:
    parameters: [{name: task_gid, in: path, required: true, schema: {type: string}}]
    get:
      responses: {"200": {description: One., content: {application/json: {schema: *task}}}, "404": {description: None.}}
    put:
      description: Only the fields provided will be updated; any unspecified fields will remain unchanged.
      requestBody: {content: {application/json: {schema: {$ref: "#/components/schemas/NewTask"}}}}
      responses: {"200": {description: Changed., content: {application/json: {schema: *task}}}}
components:
  schemas:
    Task:
      type: object
      properties:
        gid: {type: string, readOnly: true}
        name: {type: string}
        state: {type: string, example: open}
        workspace: {type: object, properties: {gid: {type: string}, name: {type: string}}}
        projects: {type: array, items: {type: object, properties: {gid: {type: string}}}}
    NewTask:
      type: object
      properties: {name: {type: string}, workspace: {type: string}, projects: {type: array, items: {type: string}}}
"""


@pytest.fixture
def tasks(serve):
    """One of them, to sweep."""
    return serve(TASKS)


def test_named_examples_of_3_2_are_what_a_collection_begins_with(tasks):
    """`dataValue` is where they have their value."""
    assert tasks.get("/tasks").json() == [{"gid": "7", "name": "Sweep", "state": "open"}]


def test_an_id_that_is_sent_is_shown_as_the_object_that_it_names(tasks):
    """Where the answer has an object and the body a text; so is each of a list. A new record is in its first state."""
    made = tasks.post("/tasks", json={"name": "Dust", "workspace": "12", "projects": ["3", "4"]}).json()

    assert made["workspace"] == {"gid": "12"}
    assert made["projects"] == [{"gid": "3"}, {"gid": "4"}]
    assert made["state"] == "open"


def test_a_put_that_says_so_leaves_what_is_not_sent(tasks):
    """By its description."""
    assert tasks.put("/tasks/7", json={"workspace": "12"}).json()["name"] == "Sweep"


SHELVES = """
openapi: 3.0.3
info: {title: Shelves, version: '1'}
paths:
  /shops:
    get: {responses: {'200': {$ref: '#/components/responses/Shops'}}}
  /shops/{shop}:
    parameters: [{name: shop, in: path, required: true, schema: {type: string}}]
    get: {responses: {'200': {$ref: '#/components/responses/Shop'}}}
  /shops/{shop}/items:
    parameters: [{name: shop, in: path, required: true, schema: {type: string}}]
    get: {responses: {'200': {$ref: '#/components/responses/Items'}}}
  /shops/{shop}/items/{item}:
    parameters:
      - {name: shop, in: path, required: true, schema: {type: string}}
      - {name: item, in: path, required: true, schema: {type: string}}
    get: {responses: {'200': {$ref: '#/components/responses/Item'}}}
components:
  responses:
    Shops: {description: ok, content: {application/json: {schema: {$ref: '#/components/schemas/Shops'}}}}
    Shop: {description: ok, content: {application/json: {schema: {$ref: '#/components/schemas/Shop'}}}}
    Items: {description: ok, content: {application/json: {schema: {$ref: '#/components/schemas/Items'}}}}
    Item: {description: ok, content: {application/json: {schema: {$ref: '#/components/schemas/Item'}}}}
  schemas:
    Shops: {type: array, items: {$ref: '#/components/schemas/Shop'}}
    Shop: {type: object, properties: {id: {type: string}, name: {type: string}}}
    Items: {type: array, items: {$ref: '#/components/schemas/Item'}}
    Item:
      type: object
      properties:
        id: {type: string}
        name: {type: string}
        _links: {type: object, properties: {self: {type: object, properties: {href: {type: string, format: uri}}}}}
"""


def test_a_record_that_is_only_made_up_links_to_itself(serve):
    """One that the document does not let the mock refuse, in a shop that nobody knows."""
    seed_collections = serve(SHELVES)

    made_up = seed_collections.get("/shops/7/items/9")

    assert made_up.status_code == 200
    assert made_up.json()["id"] == "9"
    assert made_up.json()["_links"]["self"]["href"] == "http://127.0.0.1:4010/shops/7/items/9"
