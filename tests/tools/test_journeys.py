"""The journeys judge what a mock answers: here one that is right, and answers that are not."""

import json

import pytest

from mockserver.openapi.model.document import load
from mockserver.resources.detect.schema_shape import SchemaPlace
from tools.corpus.journeys.comparing import Comparison
from tools.corpus.journeys.going import journeys_of, report

PET = {
    "type": "object",
    "required": ["id", "name"],
    "properties": {
        "id": {"type": "integer", "readOnly": True},
        "name": {"type": "string", "minLength": 3},
        "tags": {"type": "array", "items": {"type": "object", "properties": {"label": {"type": "string"}}}},
        "secret": {"type": "string", "writeOnly": True},
        "age": {"type": "integer"},
    },
}
ONE = {"description": "one", "content": {"application/json": {"schema": {"$ref": "#/components/schemas/Pet"}}}}
MANY = {"type": "array", "items": {"$ref": "#/components/schemas/Pet"}}
BODY = {"content": {"application/json": {"schema": {"$ref": "#/components/schemas/Pet"}}}}
ID = {"name": "petId", "in": "path", "required": True, "schema": {"type": "integer"}}
DOCUMENT = {
    "openapi": "3.1.0",
    "info": {"title": "pets", "version": "1"},
    "paths": {
        "/pets": {
            "get": {
                "parameters": [{"name": "limit", "in": "query", "schema": {"type": "integer"}}],
                "responses": {"200": {"description": "all", "content": {"application/json": {"schema": MANY}}}},
            },
            "post": {"requestBody": BODY, "responses": {"201": ONE}},
        },
        "/pets/{petId}": {
            "parameters": [ID],
            "get": {"responses": {"200": ONE, "404": {"description": "none"}}},
            "put": {"requestBody": BODY, "responses": {"200": ONE}},
            "delete": {"responses": {"204": {"description": "gone"}}},
        },
    },
    "components": {"schemas": {"Pet": PET}},
}


@pytest.fixture
def document(tmp_path):
    """The file of a document with one collection."""
    file = tmp_path / "pets.json"
    file.write_text(json.dumps(DOCUMENT))
    return file


def test_a_document_with_one_collection_is_gone_through_whole(document):
    """Each step that it has operations for is tried and kept."""
    gone = journeys_of(document, "pets")

    assert gone.tally.misses == []
    assert set(gone.tally.tried) == {
        *("list", "read listed", "create", "create again", "read", "id shown", "find"),
        *("change", "read changed", "delete", "gone"),
    }
    assert "collections  1, and 0 not gone through" in report([gone])


@pytest.mark.parametrize(
    ("shown", "found"),
    [
        ({"name": "Rex", "tags": [{"label": "a", "id": 1}], "age": 3, "born": "today"}, []),
        ({"name": "Rex", "tags": [{"label": "a"}], "age": "3"}, []),
        ({"name": "Rex", "tags": [{"label": "a"}]}, [("/age", "is absent")]),
        ({"name": "Rex", "tags": [{"label": "b"}], "age": 3}, [("/tags/0/label", "is another value")]),
        ({"name": "Rex", "tags": [], "age": 3}, [("/tags", "is another value")]),
    ],
)
def test_what_was_sent_is_compared_with_what_is_shown(document, shown, found):
    """Members may be added and types be neighbours; what is only for requests may be left out."""
    comparison = Comparison(load(document, "pets"))
    sent = {"name": "Rex", "tags": [{"label": "a"}], "age": 3, "secret": "s"}
    place = SchemaPlace(PET, "/components/schemas/Pet")

    different = [*comparison.differences(sent, {"id": 1, **shown}, [place], noted=False)]

    assert different == found


@pytest.mark.parametrize(("noted", "found"), [(True, []), (False, ["cannot be shown, and is replaced without a note"])])
def test_what_cannot_be_shown_is_to_be_noted(document, noted, found):
    """A value that breaks the answer's schema may be another one, where the answer says so."""
    comparison = Comparison(load(document, "pets"))
    place = SchemaPlace(PET, "/components/schemas/Pet")

    different = [*comparison.differences({"name": "Al"}, {"id": 1, "name": "Rex"}, [place], noted=noted)]

    assert [difference.why for difference in different] == found
