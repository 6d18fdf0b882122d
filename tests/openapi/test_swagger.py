"""Documents of OpenAPI 2.0, read as those of 3.1."""

from typing import Any

import pytest

from mockserver.openapi.normalize.document_normalizer import normalize_document

INFO = {"title": "Zoo", "version": "1"}


def read(operation: dict[str, Any], **document: Any) -> dict[str, Any]:
    """`POST /a` in the dialect."""
    source = {"swagger": "2.0", "info": INFO, "paths": {"/a": {"post": operation}}, **document}
    made: dict[str, Any] = normalize_document(source).document["paths"]["/a"]["post"]
    return made


@pytest.mark.parametrize(
    ("members", "urls"),
    [
        (
            {"host": "zoo.example", "basePath": "/v1/", "schemes": ["https", "http"]},
            ["https://zoo.example/v1", "http://zoo.example/v1"],
        ),
        ({"host": "zoo.example:81"}, ["https://zoo.example:81"]),
        ({"basePath": "v1"}, ["/v1"]),
        ({}, ["/"]),
    ],
)
def test_host_base_path_and_schemes_are_servers(members, urls):
    """Without a host, the path alone."""
    document = normalize_document({"swagger": "2.0", "info": INFO, "paths": {}, **members}).document

    assert [server["url"] for server in document["servers"]] == urls


@pytest.mark.parametrize(
    ("place", "collection", "style", "explode"),
    [
        ("query", "csv", "form", False),
        ("query", "ssv", "spaceDelimited", False),
        ("query", "pipes", "pipeDelimited", False),
        ("query", "multi", "form", True),
        ("path", "csv", "simple", False),
        ("header", "csv", "simple", False),
    ],
)
def test_a_collection_format_is_a_style(place, collection, style, explode):
    """A list that says nothing is written with commas; its items are a schema."""
    parameter = {
        "name": "p",
        "in": place,
        "required": True,
        "type": "array",
        "items": {"type": "integer"},
    }

    made = read({"parameters": [{**parameter, "collectionFormat": collection}]})["parameters"]

    assert made == [
        {
            "name": "p",
            "in": place,
            "required": True,
            "style": style,
            "explode": explode,
            "schema": {"type": "array", "items": {"type": "integer"}},
        }
    ]


@pytest.mark.parametrize(
    ("place", "collection"), [("query", "tsv"), ("path", "ssv"), ("path", "tsv"), ("header", "pipes")]
)
def test_a_collection_format_that_is_no_style_keeps_its_name(place, collection):
    """OpenAPI 3 has no tabs, and bars only in a query."""
    parameter = {"name": "p", "in": place, "required": True, "type": "array", "items": {}}

    [made] = read({"parameters": [{**parameter, "collectionFormat": collection}]})["parameters"]

    assert (made["x-collectionFormat"], made["explode"]) == (collection, False)


def test_a_body_parameter_is_the_body_in_every_media_type_consumed():
    """The operation's own list counts before the document's."""
    parameter = {"name": "b", "in": "body", "required": True, "schema": {"$ref": "#/definitions/A"}}

    made = read(
        {"parameters": [parameter], "consumes": ["application/json", "text/json"]},
        consumes=["application/xml"],
        definitions={"A": {"type": "object"}},
    )

    media = {"schema": {"$ref": "#/components/schemas/A"}}
    assert made["requestBody"] == {"required": True, "content": {"application/json": media, "text/json": media}}


@pytest.mark.parametrize(
    ("field", "media_type", "schema"),
    [
        ({"type": "string", "default": "x"}, "application/x-www-form-urlencoded", {"type": "string", "default": "x"}),
        ({"type": "file"}, "multipart/form-data", {"type": "string", "format": "binary"}),
    ],
)
def test_fields_of_a_form_are_members_of_the_body(field, media_type, schema):
    """A file is sent in parts."""
    made = read({"parameters": [{"name": "f", "in": "formData", "required": True, **field}]})

    form = {"type": "object", "properties": {"f": schema}, "required": ["f"]}
    assert made["requestBody"] == {"content": {media_type: {"schema": form}}, "required": True}


def test_parameters_of_the_path_that_are_a_body_go_to_its_operations():
    """One that has its own body keeps that."""
    shared = {"name": "b", "in": "body", "schema": {"type": "string"}}
    own = {"name": "c", "in": "body", "schema": {"type": "integer"}}
    item = {
        "parameters": [shared, {"name": "q", "in": "query", "type": "string"}],
        "put": {},
        "post": {"parameters": [own]},
    }

    made = normalize_document({"swagger": "2.0", "info": INFO, "paths": {"/a": item}}).document["paths"]["/a"]

    assert made["parameters"] == [{"name": "q", "in": "query", "schema": {"type": "string"}}]
    assert made["put"]["requestBody"]["content"]["application/json"]["schema"] == {"type": "string"}
    assert made["post"]["requestBody"]["content"]["application/json"]["schema"] == {"type": "integer"}


def test_a_response_has_its_schema_examples_and_headers_by_media_type():
    """Of the media types that are produced."""
    response = {
        "description": "ok",
        "schema": {"type": "integer"},
        "examples": {"application/json": 3},
        "headers": {"X-N": {"type": "integer", "description": "n"}},
    }

    made = read({"responses": {"200": response}}, produces=["application/json", "text/plain"])["responses"]["200"]

    assert made == {
        "description": "ok",
        "content": {
            "application/json": {"schema": {"type": "integer"}, "example": 3},
            "text/plain": {"schema": {"type": "integer"}},
        },
        "headers": {"X-N": {"description": "n", "schema": {"type": "integer"}}},
    }


def test_a_file_that_is_answered_is_bytes():
    """Of any kind, where the document names none."""
    made = read({"responses": {"200": {"description": "ok", "schema": {"type": "file"}}}})["responses"]["200"]

    assert made["content"] == {"application/octet-stream": {"schema": {"type": "string", "format": "binary"}}}


def test_references_lead_to_where_things_have_moved():
    """Also those that lead deep into an operation."""
    old = "#/paths/~1a/get/responses/200/schema/properties/n"
    paths = {
        "/a": {
            "get": {"responses": {"200": {"description": "ok", "schema": {"properties": {"n": {"type": "integer"}}}}}}
        },
        "/b": {
            "get": {
                "parameters": [{"$ref": "#/parameters/P"}],
                "responses": {"200": {"description": "ok", "schema": {"$ref": old}}},
            }
        },
    }
    parameters = {"P": {"name": "p", "in": "query", "type": "string"}}

    made = normalize_document({"swagger": "2.0", "info": INFO, "paths": paths, "parameters": parameters}).document

    deep = "#/paths/~1a/get/responses/200/content/application~1json/schema/properties/n"
    operation = made["paths"]["/b"]["get"]
    assert operation["responses"]["200"]["content"]["application/json"]["schema"] == {"$ref": deep}
    assert operation["parameters"] == [{"name": "p", "in": "query", "schema": {"type": "string"}}]
    assert made["components"]["parameters"]["P"] == operation["parameters"][0]


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ({"type": "basic"}, {"type": "http", "scheme": "basic"}),
        ({"type": "apiKey", "in": "query", "name": "k"}, {"type": "apiKey", "in": "query", "name": "k"}),
        (
            {"type": "oauth2", "flow": "accessCode", "authorizationUrl": "a", "tokenUrl": "t", "scopes": {"r": "read"}},
            {
                "type": "oauth2",
                "flows": {"authorizationCode": {"authorizationUrl": "a", "tokenUrl": "t", "scopes": {"r": "read"}}},
            },
        ),
    ],
)
def test_security_is_asked_for_as_before(old, new):
    """Basic is a scheme of HTTP, flows are named anew."""
    document = {"swagger": "2.0", "info": INFO, "paths": {}, "securityDefinitions": {"s": old}}

    assert normalize_document(document).document["components"]["securitySchemes"] == {"s": new}


def test_a_flaw_has_the_pointer_of_the_document_as_it_was_written():
    """Not of where the part stands now."""
    parameter = {"name": "b", "in": "body", "schema": {"properties": {"n": {"type": "int"}}}}
    document = {
        "swagger": "2.0",
        "info": INFO,
        "paths": {"/a": {"put": {"parameters": [parameter], "responses": {"200": {}}}}},
    }

    diagnostics = normalize_document(document).diagnostics

    assert [diagnostic.pointer for diagnostic in diagnostics] == [
        "/paths/~1a/put/parameters/0/schema/properties/n/type"
    ]
