"""Documents of every version as one dialect: OpenAPI 3.1 with JSON Schema 2020-12."""

import copy
import json
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mockserver.json_pointer import pointer_of
from mockserver.openapi.normalize.document_normalizer import normalize_document, objects
from mockserver.openapi.normalize.normalizer import Diagnostic
from mockserver.openapi.schema.validator import Schemas
from mockserver.openapi.source.pointer import tokens_of
from mockserver.problem import Unusable

INFO = {"title": "Zoo", "version": "1"}


def sound(document: dict[str, Any]) -> dict[str, Any]:
    """The document of 3.0 in the dialect."""
    made: dict[str, Any] = normalize_document({"openapi": "3.0.3", "info": INFO, "paths": {}, **document}).document
    return made


def schema_of(schema: object, version: str = "3.0.3") -> object:
    """One schema in the dialect."""
    document = {"openapi": version, "info": INFO, "paths": {}, "components": {"schemas": {"A": schema, "B": {}}}}
    return normalize_document(document).document["components"]["schemas"]["A"]


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ({"type": "string", "nullable": True}, {"type": ["string", "null"]}),
        ({"type": "string", "nullable": False}, {"type": "string"}),
        ({"type": "string", "nullable": True, "enum": ["a"]}, {"type": ["string", "null"], "enum": ["a", None]}),
        ({"enum": ["a"], "nullable": True}, {"enum": ["a", None]}),
        ({"nullable": True}, {}),
        (
            {"$ref": "#/components/schemas/B", "nullable": True, "description": "d"},
            {"description": "d", "anyOf": [{"$ref": "#/components/schemas/B"}, {"type": "null"}]},
        ),
        (
            {"allOf": [{"type": "string"}], "nullable": True, "readOnly": True},
            {"readOnly": True, "anyOf": [{"allOf": [{"type": "string"}]}, {"type": "null"}]},
        ),
        ({"minimum": 1, "exclusiveMinimum": True}, {"exclusiveMinimum": 1}),
        ({"maximum": 9, "exclusiveMaximum": False}, {"maximum": 9}),
        ({"exclusiveMaximum": True}, {}),
        (
            {"$ref": "#/components/schemas/B", "maxLength": 3, "title": "t"},
            {"$ref": "#/components/schemas/B", "title": "t"},
        ),
        ({"type": "array", "items": [{"type": "string"}]}, {"type": "array", "prefixItems": [{"type": "string"}]}),
        ({"items": [{}], "additionalItems": False}, {"prefixItems": [{}], "items": False}),
        (
            {"dependencies": {"a": ["b"], "c": {"minProperties": 2}, "d": 7}, "dependentRequired": {"e": ["f"]}},
            {"dependentRequired": {"a": ["b"], "e": ["f"]}, "dependentSchemas": {"c": {"minProperties": 2}}},
        ),
        (
            {"properties": {"nullable": {"type": "string", "nullable": True}}},
            {"properties": {"nullable": {"type": ["string", "null"]}}},
        ),
        (
            {"example": {"nullable": True}, "default": {"$ref": "x"}},
            {"example": {"nullable": True}, "default": {"$ref": "x"}},
        ),
    ],
)
def test_a_schema_of_3_0_says_the_same_in_2020_12(old, new):
    """What is data in it is no schema and stays as it was."""
    assert schema_of(old) == new


@pytest.mark.parametrize(
    "schema", [{"type": "string", "nullable": True}, {"$ref": "#/components/schemas/B", "maxLength": 3}]
)
def test_a_schema_of_3_1_stays_as_it_is(schema):
    """`nullable` means nothing there, and what stands beside a `$ref` counts."""
    assert schema_of(schema, "3.1.0") == schema


@pytest.mark.parametrize(
    ("schema", "kept", "message"),
    [
        ({"type": "int"}, {}, "'int' is no type"),
        ({"type": "String"}, {"type": "string"}, "'string' is"),
        ({"type": []}, {}, "no types"),
        ({"type": "file"}, {"type": "string", "format": "binary"}, "no type since OpenAPI 3.0"),
        ({"required": True}, {}, "expected a list of names"),
        ({"required": ["a", "a", 3]}, {"required": ["a"]}, "a name twice"),
        ({"enum": []}, {}, "nothing fits"),
        ({"allOf": []}, {}, "an empty list"),
        ({"oneOf": {"type": "string"}}, {"oneOf": [{"type": "string"}]}, "got one schema"),
        ({"pattern": "["}, {}, "no regular expression"),
        ({"patternProperties": {"[": {}, "a": {}}}, {"patternProperties": {"a": {}}}, "no regular expression"),
        ({"multipleOf": 0}, {}, "more than 0"),
        ({"minLength": "3"}, {"minLength": 3}, "leave out the quotes"),
        ({"minLength": -1}, {}, "from 0 up"),
        ({"exclusiveMinimum": True}, {}, "the bound itself since OpenAPI 3.1"),
        ({"properties": {"a": None, "b": {}}}, {"properties": {"b": {}}}, "expected a schema, got nothing"),
        ({"properties": []}, {}, "expected a mapping"),
        ({"$ref": "#"}, {}, "the document itself"),
        ({"$ref": "#/components/schemas/C"}, {}, "leads nowhere"),
        ({"$ref": "#/info/title"}, {}, "leads to a text"),
        ({"$ref": "https://a.example/b"}, {}, "leads out of the document"),
        ({"$ref": 3}, {}, "expected a reference"),
    ],
)
def test_a_keyword_that_no_validator_takes_is_left_out_and_noted(schema, kept, message):
    """The rest of the schema counts."""
    document = {"openapi": "3.1.0", "info": INFO, "components": {"schemas": {"A": {"title": "A", **schema}}}}

    normalized = normalize_document(document)

    assert normalized.document["components"]["schemas"]["A"] == {"title": "A", **kept}
    assert [diagnostic for diagnostic in normalized.diagnostics if message in diagnostic.message]


@pytest.mark.parametrize(
    ("schemas", "kept"),
    [
        ({"A": {"$ref": "#/components/schemas/A"}}, {"A": {}}),
        (
            {
                "Cat": {"allOf": [{"$ref": "#/components/schemas/Pet"}, {"required": ["claws"]}]},
                "Pet": {"required": ["name"], "oneOf": [{"$ref": "#/components/schemas/Cat"}]},
            },
            {
                "Cat": {"allOf": [{"required": ["name"]}, {"required": ["claws"]}]},
                "Pet": {"required": ["name"], "oneOf": [{"$ref": "#/components/schemas/Cat"}]},
            },
        ),
    ],
)
def test_a_circle_of_schemas_for_the_same_value_is_cut(schemas, kept):
    """A base that lists its kinds is not asked for again by a kind that builds on it."""
    normalized = normalize_document({"openapi": "3.1.0", "info": INFO, "components": {"schemas": schemas}})

    assert normalized.document["components"]["schemas"] == kept
    assert [diagnostic.severity for diagnostic in normalized.diagnostics] == ["warning"]


def test_a_circle_through_members_is_ordinary():
    """A tree has children, which are trees."""
    tree = {"properties": {"children": {"items": {"$ref": "#/components/schemas/A"}}}}

    assert schema_of(tree) == tree


def test_a_reference_to_what_is_no_component_leads_to_a_schema_of_the_dialect():
    """Wherever it stands."""
    schemas = {"A": {"$ref": "#/x-parts/Name"}}
    document = sound({"components": {"schemas": schemas}, "x-parts": {"Name": {"type": "string", "nullable": True}}})

    assert document["x-parts"]["Name"] == {"type": ["string", "null"]}


def test_a_reference_into_a_schema_that_reads_otherwise_still_leads_to_its_part():
    """The part is lifted out of it."""
    schemas = {
        "A": {"nullable": True, "allOf": [{"type": "object", "properties": {"b": {"type": "string"}}}]},
        "B": {"$ref": "#/components/schemas/A/allOf/0/properties/b"},
    }

    document = sound({"components": {"schemas": schemas}})

    assert document["components"]["schemas"]["B"] == {"$ref": "#/x-mock-lifted/0"}
    assert document["x-mock-lifted"]["0"] == {"type": "string"}


def test_a_reference_through_another_leads_straight_to_its_target():
    """No validator follows a pointer through a `$ref`."""
    schemas = {
        "A": {"$ref": "#/components/schemas/B"},
        "B": {"properties": {"c": {}}},
        "C": {"$ref": "#/components/schemas/A/properties/c"},
    }

    document = sound({"components": {"schemas": schemas}})

    assert document["components"]["schemas"]["C"] == {"$ref": "#/components/schemas/B/properties/c"}


OPERATION = {"responses": {"200": {"description": "ok"}}}


@pytest.mark.parametrize(
    ("broken", "kept", "message"),
    [
        ({"parameters": [{"in": "query"}]}, {"parameters": []}, "without a name"),
        ({"parameters": [{"name": "a", "in": "body"}]}, {"parameters": []}, "`requestBody` since"),
        ({"parameters": {"a": 1}}, {}, "expected a list"),
        ({"parameters": None}, {}, "stands for nothing"),
        ({"parameters": [{"$ref": "#/components/parameters/None"}]}, {"parameters": []}, "leads nowhere"),
        (
            {"parameters": [{"name": "a", "in": "query"}]},
            {"parameters": [{"name": "a", "in": "query", "schema": {}}]},
            "neither `schema` nor `content`",
        ),
        (
            {"parameters": [{"name": "a", "in": "path", "schema": True}]},
            {"parameters": [{"name": "a", "in": "path", "schema": {}, "required": True}]},
            "must have `required: true`",
        ),
        ({"requestBody": {"description": "d"}}, {}, "without `content`"),
        ({"requestBody": []}, {}, "expected a request body, got a list"),
        ({"security": [{"nobody": []}]}, {"security": [{}]}, "none of components/securitySchemes"),
        ({"deprecated": "true"}, {"deprecated": True}, "leave out the quotes"),
        ({"summary": ["a"]}, {}, "expected a text"),
        ({"responses": {"4xx": {}, "ok": {}}}, {"responses": {"4XX": {}}}, "'ok' is no status"),
        ({"responses": {"200": 1}}, {"responses": {}}, "expected a response, got a number"),
    ],
)
def test_a_part_of_an_operation_that_cannot_be_used_is_left_out_and_noted(broken, kept, message):
    """The operation beside it stays as it is."""
    paths = {"/a": {"get": {**OPERATION, **broken}, "post": OPERATION}, "/b": []}
    document = {"openapi": "3.1.0", "info": INFO, "paths": paths}

    normalized = normalize_document(document)

    intact = {name: value for name, value in OPERATION.items() if name not in broken}
    assert normalized.document["paths"] == {"/a": {"get": {**intact, **kept}, "post": OPERATION}}
    assert [diagnostic for diagnostic in normalized.diagnostics if message in diagnostic.message]


def test_an_operation_id_that_is_taken_is_given_up():
    """The second operation is called by method and path."""
    document = sound(
        {"paths": {"/a": {"get": {**OPERATION, "operationId": "a"}, "put": {**OPERATION, "operationId": "a"}}}}
    )

    assert [document["paths"]["/a"][method].get("operationId") for method in ("get", "put")] == ["a", None]


def test_a_path_item_that_refers_to_another_keeps_its_own_members():
    """They count before those of the other."""
    shared = {"get": OPERATION, "summary": "shared"}
    paths = {"/a": {"$ref": "#/components/pathItems/A", "summary": "own"}, "/b": {"$ref": "#/components/pathItems/A"}}
    document = {"openapi": "3.1.0", "info": INFO, "paths": paths, "components": {"pathItems": {"A": shared}}}

    assert normalize_document(document).document["paths"]["/a"] == {"get": OPERATION, "summary": "own"}


def test_a_document_of_3_2_keeps_what_3_2_adds():
    """QUERY, other methods, the whole query as one parameter, media types by name, items of a stream."""
    media = {"itemSchema": {"type": "integer"}}
    get = {
        **OPERATION,
        "parameters": [{"name": "q", "in": "querystring", "content": {"application/json": {"schema": {}}}}],
    }
    answer = {"responses": {"200": {"description": "ok", "content": {"a/b": {"$ref": "#/components/mediaTypes/M"}}}}}
    document = {
        "openapi": "3.2.0",
        "info": INFO,
        "components": {"mediaTypes": {"M": media}},
        "paths": {"/a": {"query": answer, "additionalOperations": {"COPY": OPERATION}, "get": get}},
    }

    item = normalize_document(document).document["paths"]["/a"]

    assert item["query"]["responses"]["200"]["content"] == {"a/b": media}
    assert (item["additionalOperations"], item["get"]) == ({"COPY": OPERATION}, get)


@pytest.mark.parametrize(
    ("document", "message"),
    [
        ({"openapi": "4.0.0"}, "`openapi: 4.0.0` is not read; expected OpenAPI 2.0, 3.0, 3.1 or 3.2"),
        ({"swagger": "1.2"}, "`swagger: 1.2` is not read"),
        ({"asyncapi": "2.0.0"}, "neither `openapi` nor `swagger`"),
    ],
)
def test_what_is_no_openapi_document_is_refused(document, message):
    """By what was seen and what was expected."""
    with pytest.raises(Unusable, match=message):
        normalize_document(document)


def test_nothing_of_a_sound_document_is_copied():
    """And nothing of it is noted."""
    paths = {"/a": {"get": OPERATION}}
    schemas = {"A": {"type": "string"}}
    document = {"openapi": "3.1.0", "info": INFO, "paths": paths, "components": {"schemas": schemas}}

    normalized = normalize_document(document)

    assert normalized.document["paths"] is paths
    assert normalized.document["components"]["schemas"] is schemas
    assert normalized.diagnostics == ()


def test_a_flaw_says_where():
    """By the pointer in the document as it was given."""
    document = {"openapi": "3.1.0", "info": INFO, "paths": {"/a/{b}": {"get": {**OPERATION, "deprecated": 1}}}}

    assert normalize_document(document).diagnostics == (
        Diagnostic("/paths/~1a~1{b}/get/deprecated", "expected true or false, got a number", "error"),
    )


JUNK: list[Any] = [
    None,
    True,
    0,
    -1,
    "",
    "x",
    "#",
    [],
    {},
    [[]],
    [{}],
    {"$ref": "#"},
    {"$ref": 3},
    {"$ref": "#/components"},
    ["a", "a"],
]
WHOLE = {
    "openapi": "3.0.3",
    "info": INFO,
    "servers": [{"url": "/v1"}],
    "security": [{"key": []}],
    "paths": {
        "/a/{id}": {
            "parameters": [
                {"name": "id", "in": "path", "required": True, "schema": {"type": "string", "pattern": "a"}}
            ],
            "post": {
                "operationId": "a",
                "requestBody": {"content": {"a/b": {"schema": {"$ref": "#/components/schemas/A"}}}},
                "responses": {"200": {"$ref": "#/components/responses/R"}},
            },
        }
    },
    "components": {
        "securitySchemes": {"key": {"type": "apiKey", "in": "header", "name": "K"}},
        "responses": {"R": {"description": "r", "headers": {"H": {"schema": {"type": "integer", "minimum": 0}}}}},
        "schemas": {
            "A": {
                "type": "object",
                "required": ["b"],
                "properties": {"b": {"type": "array", "items": {"nullable": True}}},
            },
            "C": {
                "allOf": [{"$ref": "#/components/schemas/A"}],
                "nullable": True,
                "exclusiveMinimum": True,
                "minimum": 1,
            },
        },
    },
}
SWAGGER = {
    "swagger": "2.0",
    "info": INFO,
    "host": "a.example",
    "basePath": "/v1",
    "consumes": ["application/json"],
    "paths": {
        "/a": {
            "parameters": [{"$ref": "#/parameters/P"}],
            "post": {
                "parameters": [{"name": "b", "in": "body", "schema": {"$ref": "#/definitions/A"}}],
                "responses": {
                    "200": {"description": "r", "schema": {"type": "file"}, "headers": {"H": {"type": "string"}}}
                },
            },
            "put": {"parameters": [{"name": "f", "in": "formData", "type": "array", "items": {"type": "string"}}]},
        }
    },
    "parameters": {
        "P": {"name": "p", "in": "query", "type": "array", "items": {"type": "string"}, "collectionFormat": "csv"}
    },
    "definitions": {"A": {"type": "object", "discriminator": "k", "properties": {"k": {"type": "string"}}}},
    "securityDefinitions": {"o": {"type": "oauth2", "flow": "implicit", "scopes": {}}},
}


def _places(node: object) -> list[tuple[Any, Any]]:
    children = node.items() if isinstance(node, dict) else enumerate(node) if isinstance(node, list) else ()
    return [place for key, child in children for place in ((node, key), *_places(child))]


@settings(max_examples=150, deadline=None)
@given(st.data())
def test_whatever_is_broken_in_a_document_the_rest_of_it_can_be_compiled(data):
    """Every schema that is left has a validator, and the document given is as it was."""
    document = copy.deepcopy(data.draw(st.sampled_from([WHOLE, SWAGGER])))
    for _ in range(data.draw(st.integers(1, 4))):
        places = _places(document)
        holder, key = places[data.draw(st.integers(0, len(places) - 1))]
        holder[key] = copy.deepcopy(data.draw(st.sampled_from(JUNK)))
    given_as = json.dumps(document)

    try:
        kept = normalize_document(document).document
    except Unusable:
        return
    finally:
        assert json.dumps(document) == given_as

    schemas = Schemas(kept)
    for shape, _, location in objects(kept):
        if shape.name == "a schema":
            schemas.validator(pointer_of(tokens_of(location))).accepts(1)
