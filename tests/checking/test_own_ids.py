"""A valid body that is sent to a record has the id of that record, where it has one."""

import json
from types import SimpleNamespace
from typing import Any

import pytest
from schemathesis import GenerationMode

from mockserver.contract.checking.checks.checked_api import CheckedApi
from mockserver.contract.checking.own_ids import give_own_id
from mockserver.openapi.model.document import load

NOTE = {"type": "object", "properties": {"id": {"type": "integer"}, "text": {"type": "string"}}}
ARTICLE: dict[str, Any] = {
    "type": "object",
    "required": ["data"],
    "properties": {
        "data": {
            "type": "object",
            "required": ["type", "id"],
            "properties": {
                "type": {"const": "articles"},
                "id": {"type": "string"},
                "attributes": {"type": "object", "properties": {"title": {"type": "string"}}},
            },
        }
    },
}

NOTES = {"type": "array", "items": NOTE}
ARTICLES = {
    "type": "object",
    "properties": {"data": {"type": "array", "items": ARTICLE["properties"]["data"]}},
}


def crud(name, id_type, record, method, items):
    """The operations of a collection."""
    media = {"content": {"application/json": {"schema": record}}}
    answer = {"responses": {"200": {"description": "One.", **media}}}
    listed = {"content": {"application/json": {"schema": items}}}
    return {
        f"/{name}": {"get": {"responses": {"200": {"description": "All.", **listed}}}},
        f"/{name}/{{id}}": {
            "parameters": [{"name": "id", "in": "path", "required": True, "schema": {"type": id_type}}],
            "get": answer,
            method: {"requestBody": media, **answer},
        },
    }


@pytest.mark.parametrize(
    ("method", "path", "own", "body", "mode", "expected"),
    [
        ("put", "/notes/{id}", 7, {"id": 3, "text": "a"}, "POSITIVE", {"id": 7, "text": "a"}),
        ("put", "/notes/{id}", "7", {"id": 3, "text": "a"}, "POSITIVE", {"id": 7, "text": "a"}),
        ("put", "/notes/{id}", 7, {"text": "a"}, "POSITIVE", {"text": "a"}),
        ("put", "/notes/{id}", 7, {"id": 3, "text": "a"}, "NEGATIVE", {"id": 3, "text": "a"}),
        ("put", "/notes/{id}", "seven", {"id": 3, "text": "a"}, "POSITIVE", {"id": 3, "text": "a"}),
        (
            "patch",
            "/articles/{id}",
            "7",
            {"data": {"type": "articles", "id": "0"}},
            "POSITIVE",
            {"data": {"type": "articles", "id": "7"}},
        ),
    ],
)
def test_the_id_in_a_body_is_that_of_the_path(tmp_path, method, path, own, body, mode, expected):
    """Where the document accepts it there; a body without one stays so, and one that is to be refused."""
    file = tmp_path / "things.json"
    paths = {**crud("notes", "integer", NOTE, "put", NOTES), **crud("articles", "string", ARTICLE, "patch", ARTICLES)}
    file.write_text(json.dumps({"openapi": "3.1.0", "info": {"title": "T", "version": "1"}, "paths": paths}))
    meta = SimpleNamespace(generation=SimpleNamespace(mode=GenerationMode[mode]))
    operation = SimpleNamespace(method=method, path=path)
    case: Any = SimpleNamespace(
        operation=operation, meta=meta, body=body, media_type="application/json", path_parameters={"id": own}
    )

    give_own_id(CheckedApi(load(file, "things")), case)

    assert case.body == expected
