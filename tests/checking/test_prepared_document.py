"""What is written into a document before Schemathesis reads it: values that a server shows, and links."""

import json
from pathlib import Path
from typing import Any

import pytest

from mockserver.contract.checking.checks.checked_api import MISSING, CheckedApi, id_in_location
from mockserver.contract.checking.preparation.exemplified_document import dictionaries, exemplified, given_values
from mockserver.contract.checking.preparation.inferred_links import with_links
from mockserver.contract.checking.preparation.known_values import known_values
from mockserver.contract.checking.preparation.selected_links import with_links_among
from mockserver.openapi.model.document import Resolver, load

OBJECT = {"type": "object", "properties": {"id": {"type": "integer"}, "kind": {"type": "string"}}}
ID = {"in": "path", "required": True, "schema": {"type": "integer"}}


def answered(status, schema=None, **others):
    """The responses of an operation."""
    content = {"content": {"application/json": {"schema": schema}}} if schema else {}
    return {status: {"description": "Done.", **content, **others}, "404": {"description": "No."}}


SHOPS: dict[str, Any] = {
    "openapi": "3.1.0",
    "info": {"title": "Shops", "version": "1"},
    "paths": {
        "/shops": {
            "get": {
                "parameters": [{"name": "kind", "in": "query", "schema": {"type": "string"}}],
                "responses": answered("200", {"type": "array", "items": OBJECT}),
            },
            "post": {
                "requestBody": {"content": {"application/json": {"schema": OBJECT}}},
                "responses": answered("201", OBJECT),
            },
        },
        "/shops/{shop}": {"parameters": [{"name": "shop", **ID}], "get": {"responses": answered("200", OBJECT)}},
        "/shops/{shop}/items": {
            "parameters": [{"name": "shop", **ID}],
            "get": {"responses": answered("200", {"type": "array", "items": OBJECT})},
        },
        "/shops/{shop}/items/{item}": {
            "parameters": [{"name": "shop", **ID}, {"name": "item", **ID}],
            "get": {"responses": answered("200", OBJECT)},
            "delete": {"responses": answered("204")},
        },
    },
}
ANSWERS = {
    "/shops": [{"id": 4, "kind": "small"}, {"id": 5, "kind": "large"}],
    "/shops/4/items": [{"id": 41, "kind": "x"}],
}


@pytest.fixture
def api(tmp_path: Path) -> CheckedApi:
    """The plan of the document."""
    file = tmp_path / "shops.json"
    file.write_text(json.dumps(SHOPS))
    return CheckedApi(load(file, "shops"))


def prepared(api):
    """The document with what the answers show, and the configuration."""
    asked = []

    def fetch(path, _query):
        asked.append(path)
        return ANSWERS.get(path, MISSING)

    known = known_values(api, fetch, lambda one: one.path)
    given = {operation: given_values(operation, known) for operation in api.spec.operations}
    document = exemplified(api.spec.document, Resolver(api.spec.document), given, lambda one: one.path)
    return document, dictionaries(given, lambda one: one.path), asked


def examples(document, path, method):
    """The examples of each parameter."""
    return {
        parameter["name"]: [one["value"] for one in parameter.get("examples", {}).values()]
        for parameter in document["paths"][path][method]["parameters"]
    }


def test_ids_of_lists_become_examples_of_paths(api):
    """Those of one parent go together; each list is asked once, with GET alone."""
    document, _, asked = prepared(api)

    assert asked == ["/shops", "/shops/4/items"]
    assert examples(document, "/shops/{shop}", "get") == {"shop": [4, 5]}
    assert examples(document, "/shops/{shop}/items/{item}", "delete") == {"shop": [4], "item": [41]}


def test_values_of_listed_records_become_examples_of_filters(api):
    """Of parameters that ask for a member."""
    document, _, _ = prepared(api)

    assert examples(document, "/shops", "get") == {"kind": ["small", "large"]}


def test_values_by_chance_are_often_known_ones(api):
    """By dictionaries in the configuration of Schemathesis: both values of a path in nine of ten."""
    _, configuration, _ = prepared(api)

    assert 'include-name = "DELETE /shops/{shop}/items/{item}"' in configuration
    assert '"path.item" = { dictionary = "known3", probability = 0.949 }' in configuration
    assert "[dictionaries.known3]\nvalues = [41]" in configuration


def test_what_creates_a_record_leads_to_what_reads_it(api):
    """By the id in its answer."""
    document = with_links(api.spec.document, Resolver(api.spec.document), api, lambda one: one.path)

    links = document["paths"]["/shops"]["post"]["responses"]["201"]["links"]
    assert links == {
        "read GET /shops/{shop}": {
            "operationRef": "#/paths/~1shops~1{shop}/get",
            "parameters": {"shop": "$response.body#/id"},
        }
    }


def test_a_put_that_may_create_leads_to_what_is_at_its_path_and_below_it(tmp_path):
    """By the values of its own path."""
    item = {"parameters": [{"name": "shop", **ID}], "get": {"responses": answered("200", OBJECT)}}
    body = {"requestBody": {"content": {"application/json": {"schema": OBJECT}}}}
    put = {**body, "responses": {**answered("201", OBJECT), **answered("204")}}
    report = {"parameters": [{"name": "shop", **ID}], "post": {"responses": answered("202")}}
    paths = {"/shops": SHOPS["paths"]["/shops"], "/shops/{shop}": {**item, "put": put}, "/shops/{shop}/report": report}
    file = tmp_path / "shops.json"
    file.write_text(json.dumps({**SHOPS, "paths": paths}))
    api = CheckedApi(load(file, "shops"))

    document = with_links(api.spec.document, Resolver(api.spec.document), api, lambda one: one.path)

    responses = document["paths"]["/shops/{shop}"]["put"]["responses"]
    links = {
        status: [link["operationRef"] for link in responses[status]["links"].values()] for status in ("201", "204")
    }
    assert links["201"] == links["204"] == ["#/paths/~1shops~1{shop}/get", "#/paths/~1shops~1{shop}~1report/post"]
    assert responses["204"]["links"]["below GET /shops/{shop}"]["parameters"] == {"shop": "$request.path.shop"}


@pytest.mark.parametrize(
    ("location", "expected"),
    [
        ("/shops/4", "4"),
        ("https://shop.example/v1/shops/a%20b", "a b"),
        ("/other/4", MISSING),
        ("/shops/", MISSING),
    ],
)
def test_an_id_is_read_off_the_location(location, expected):
    """Where it is an address of records."""
    assert id_in_location(location, "/shops/{shop}") == expected


def linked(labels):
    """The names of the links that each answer of a document has, with those among these operations alone."""
    document = {
        "paths": {
            "/a": {"post": {"operationId": "make", "responses": {"201": {"$ref": "#/components/responses/Made"}}}},
            "/a/{id}": {
                "parameters": [],
                "get": {"operationId": "read", "responses": {"200": {"description": "It."}}},
                "delete": {"responses": {"204": {"description": "Gone.", "links": {"made": {"operationId": "make"}}}}},
            },
        },
        "components": {
            "responses": {
                "Made": {
                    "links": {
                        "read": {"operationId": "read"},
                        "drop": {"operationRef": "#/paths/~1a~1%7Bid%7D/delete"},
                        "away": {"operationRef": "other.yaml#/paths/~1b/get"},
                    }
                }
            }
        },
    }
    found = with_links_among(document, labels)["paths"]
    answers = [found["/a"]["post"]["responses"]["201"], found["/a/{id}"]["delete"]["responses"]["204"]]
    return [[*answer.get("links", {})] for answer in answers]


@pytest.mark.parametrize(
    ("labels", "links"),
    [
        (["POST /a"], [[], []]),
        (["GET /a/{id}"], [[], []]),
        (["POST /a", "GET /a/{id}"], [["read"], []]),
        (["POST /a", "DELETE /a/{id}"], [["drop"], ["made"]]),
    ],
)
def test_links_that_no_sequence_of_the_asked_operations_follows_are_left_out(labels, links):
    """Schemathesis takes it for an error where it can follow none of the links that a document has."""
    assert linked(labels) == links
