"""A list is that of its collection, however its answer is described."""

from __future__ import annotations

import json

import pytest

from mockserver.json_text import Json

TEXT, INTEGER, PET = {"type": "string"}, {"type": "integer"}, {"$ref": "#/components/schemas/Pet"}
PETS: Json = {"type": "array", "items": PET}
FAILED: Json = {"type": "object", "required": ["error"], "properties": {"error": TEXT}}


def held(**members: Json) -> Json:
    """An object with these members."""
    return {"type": "object", "properties": members}


def api(media: Json) -> str:
    """A document of pets, whose list is answered as this media type says."""
    one = {"description": "One.", "content": {"application/json": {"schema": PET}}}
    listed = {"description": "All.", "content": {"application/json": media}}
    made = {"requestBody": {"content": {"application/json": {"schema": PET}}}, "responses": {"201": one}}
    at = [{"name": "id", "in": "path", "required": True, "schema": INTEGER}]
    paths = {
        "/pets": {"get": {"responses": {"200": listed}}, "post": made},
        "/pets/{id}": {"parameters": at, "get": {"responses": {"200": one, "404": {"description": "None."}}}},
    }
    schemas = {
        "Pet": {**held(id=INTEGER, name=TEXT, kind=TEXT), "required": ["id", "name"]},
        "Paged": held(total=INTEGER),
        "Generic": held(data={"type": "array", "items": {}}, total=INTEGER),
        "Result": held(success={"type": "boolean"}, result={"type": "object"}),
    }
    document = {"openapi": "3.1.0", "info": {"title": "Pets", "version": "1"}, "paths": paths}
    return json.dumps({**document, "components": {"schemas": schemas}})


ZED = {"id": 77, "name": "Zed", "kind": "owl"}


@pytest.mark.parametrize(
    ("schema", "members"),
    [
        ({"allOf": [held(pets=PETS), {"$ref": "#/components/schemas/Paged"}]}, ("pets",)),
        ({"allOf": [{"$ref": "#/components/schemas/Paged"}, held(pets=PETS)]}, ("pets",)),
        ({"allOf": [{"$ref": "#/components/schemas/Generic"}, held(data=PETS)]}, ("data",)),
        ({"allOf": [held(data=PETS), {"$ref": "#/components/schemas/Generic"}]}, ("data",)),
        ({"allOf": [{"$ref": "#/components/schemas/Result"}, held(result=held(items=PETS))]}, ("result", "items")),
        ({"oneOf": [FAILED, PETS]}, ()),
        ({"oneOf": [FAILED, {**held(pets=PETS), "required": ["pets"]}]}, ("pets",)),
        (held(response=held(body=held(data=PETS))), ("response", "body", "data")),
    ],
)
def test_a_list_stands_where_the_schema_has_it(serve, schema, members):
    """By `allOf` in any order, in a union beside a failure, deep inside."""
    client = serve(api({"schema": schema}))

    client.post("/pets", json=ZED)

    found = client.get("/pets").json()
    for name in members:
        found = found[name]
    assert found[-1] == ZED


@pytest.mark.parametrize(
    ("item", "shown"),
    [
        (held(pet=PET), {"pet": ZED}),
        (held(resource=held(pet=PET)), {"resource": {"pet": ZED}}),
        (held(node=PET, cursor=TEXT), {"node": ZED, "cursor": "77"}),
        (held(id=TEXT, attributes=PET), {"id": "77", "attributes": ZED}),
    ],
)
def test_an_item_may_be_a_wrapper_of_its_record(serve, item, shown):
    """One or two members deep, with the id and the cursor beside it."""
    client = serve(api({"schema": {"type": "array", "items": item}}))

    client.post("/pets", json=ZED)

    assert client.get("/pets").json()[-1] == shown


@pytest.mark.parametrize("named", [False, True])
@pytest.mark.parametrize("envelope", [False, True])
def test_an_example_without_a_schema_is_the_envelope_of_the_records(serve, envelope, named):
    """The records of the example are the first ones, and its numbers tell the truth."""
    pets = [{"id": 1, "name": "Rex", "kind": "dog"}, {"id": 2, "name": "Tom", "kind": "cat"}]
    example: Json = {"data": {"pets": pets}, "total": 2, "note": "x"} if envelope else pets
    client = serve(api({"examples": {"one": {"value": example}}} if named else {"example": example}))

    client.post("/pets", json=ZED)

    now = [*pets, ZED]
    assert client.get("/pets").json() == ({"data": {"pets": now}, "total": 3, "note": "x"} if envelope else now)
    assert client.get("/pets/2").json() == pets[1]
