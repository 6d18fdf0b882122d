"""A schema that requires more than anybody can read is answered with less, and the answer says so."""

import json

import pytest

from mockserver.openapi.lint import lint

TAGS = {"type": "array", "minItems": 1_000_000_000, "items": {"type": "integer"}}


def pet(**properties):
    """A pet with an id and these members, of which the tags are required."""
    members = {"id": {"type": "string"}, "tags": TAGS, **properties}
    return {"type": "object", "required": ["id", "tags"], "properties": members}


PET = pet()


def document(schema):
    """Pets that are listed, read and created."""
    one = {"application/json": {"schema": {"$ref": "#/components/schemas/Pet"}}}
    pets = {"application/json": {"schema": {"type": "array", "items": {"$ref": "#/components/schemas/Pet"}}}}
    shown = {"200": {"description": "It.", "content": one}}
    named = {"name": "petId", "in": "path", "required": True, "schema": {"type": "string"}}
    return {
        "openapi": "3.1.0",
        "info": {"title": "Pets", "version": "1"},
        "paths": {
            "/pets": {
                "get": {"responses": {"200": {"description": "They.", "content": pets}}},
                "post": {"requestBody": {"content": one}, "responses": {"201": {"description": "It.", "content": one}}},
            },
            "/pets/{petId}": {"parameters": [named], "get": {"responses": shown}},
            "/sample": {"get": {"responses": shown}},
        },
        "components": {"schemas": {"Pet": schema}},
    }


def bodies(value):
    """The members, items and characters of a value, roughly."""
    if isinstance(value, (dict, list)):
        return 1 + sum(map(bodies, value.values() if isinstance(value, dict) else value))
    return 1


@pytest.mark.parametrize("path", ["/pets", "/pets/first", "/sample", "/sample?__dynamic=true"])
def test_an_answer_is_smaller_than_its_schema_requires_and_says_so(serve, path):
    """Of records, lists of them, and examples; the document is broken, which is said too."""
    with serve(json.dumps(document(PET))) as client:
        answer = client.get(path)

        assert answer.status_code == 200
        assert ".shortened-values=" in answer.headers["Mock-Assumption"]
        assert "replaced-values" not in answer.headers["Mock-Assumption"]
        assert "Mock-Violation" in answer.headers
        assert bodies(answer.json()) <= 7_000


def test_an_ordinary_answer_says_nothing_of_sizes(serve):
    """Of a document whose schemas require little."""
    small = pet(tags={"type": "array", "minItems": 3, "items": {}})

    with serve(json.dumps(document(small))) as client:
        answers = [client.get("/pets"), client.get("/pets/1"), client.get("/sample")]

    assert [answer.status_code for answer in answers] == [200, 200, 200]
    assert not any("shortened-values" in answer.headers.get("Mock-Assumption", "") for answer in answers)


def test_lint_says_which_schema_requires_too_much(tmp_path):
    """Once, at the schema itself, not at what refers to it; also what only multiplies to too much."""
    rows = {"type": "array", "minItems": 100, "items": {"type": "array", "minItems": 100, "items": {}}}
    file = tmp_path / "pets.json"
    file.write_text(json.dumps(document(pet(rows=rows))))

    found = [(finding.pointer, finding.message) for finding in lint(file)]

    assert [pointer for pointer, _ in found] == [
        "/components/schemas/Pet/properties/rows",
        "/components/schemas/Pet/properties/tags",
    ]
    assert found[1][1].startswith("its smallest value has about 1,000,000,001 members")


def test_a_record_of_very_many_members_is_kept_whole(serve):
    """Those that the mock does not look at one by one are remembered as they were sent."""
    names = [f"p{number}" for number in range(5_000)]
    schema = {
        "type": "object",
        "required": ["id"],
        "properties": {"id": {"type": "string"}} | {name: {"type": "integer"} for name in names},
    }
    sent = {"id": "mine", **{name: number for number, name in enumerate(names)}}

    with serve(json.dumps(document(schema))) as client:
        created = client.post("/pets", json=sent)
        read = client.get("/pets/mine")

    assert (created.status_code, created.json()) == (201, sent)
    assert (read.status_code, read.json()) == (200, sent)


EQUAL = {"oneOf": [{"type": "integer"}, {"type": "integer", "title": "Size"}]}


@pytest.mark.parametrize(
    ("member", "kind"),
    [
        (EQUAL, int),
        ({"type": "integer", "minimum": 5, "maximum": 2}, int),
        ({"type": "string", "pattern": "^a$", "minLength": 5}, str),
        ({"type": "array", "minItems": 2, "uniqueItems": True, "items": {"const": 1}}, list),
        ({"type": "object", "required": ["x"], "additionalProperties": False}, dict),
        ({"$ref": "#/components/schemas/Pet"}, dict),
    ],
)
@pytest.mark.parametrize("path", ["/pets", "/pets/first", "/sample", "/sample?__dynamic=true"])
def test_a_schema_that_nothing_fits_is_answered_with_the_nearest_value(serve, path, member, kind):
    """With the members that it names, of their types; the answer says that it breaks its schema."""
    pets = {"type": "object", "required": ["id", "odd"], "properties": {"id": {"type": "string"}, "odd": member}}

    with serve(json.dumps(document(pets))) as client:
        answer = client.get(path)
        body = answer.json()

    assert answer.status_code == 200
    assert isinstance((body[0] if path == "/pets" else body)["odd"], kind)
    assert "Mock-Violation" in answer.headers


@pytest.mark.parametrize("schema", [False, {"not": {}}, {"allOf": [{"type": "string"}, {"type": "object"}]}])
def test_an_impossible_schema_is_answered_all_the_same(serve, schema):
    """With an empty object, since nothing is said of it, and why."""
    with serve(json.dumps(document(schema))) as client:
        answers = [client.get(path) for path in ("/pets/first", "/sample", "/sample?__dynamic=true")]

    assert [(answer.status_code, answer.json()) for answer in answers] == [(200, {})] * 3
    assert all("zoo.unfit-values=no value was found" in answer.headers["Mock-Assumption"] for answer in answers)
