"""What a request costs does not depend on how many records there are: counted in calls, never in seconds."""

from __future__ import annotations

import json
import sys
from itertools import count
from types import FrameType

import pytest

from mockserver.engine.steps.match import Router

INTEGER, TEXT = {"type": "integer"}, {"type": "string"}
MEMBERS = {"name": TEXT, "owner_id": INTEGER}
ITEM = {"type": "object", "required": ["id", "name"], "properties": {"id": {**INTEGER, "readOnly": True}, **MEMBERS}}
FEW, MANY = 30, 600
SLACK = 1.2


def api(paging: tuple[str, ...]) -> str:
    """A document of items, paged by these parameters."""
    one = {"description": "One.", "content": {"application/json": {"schema": {"$ref": "#/components/schemas/Item"}}}}
    body = {"content": {"application/json": {"schema": {"type": "object", "properties": MEMBERS}}}}
    schema = {"type": "array", "items": {"$ref": "#/components/schemas/Item"}}
    page = {"description": "A page.", "content": {"application/json": {"schema": schema}}}
    query = [{"in": "query", "name": name, "schema": TEXT if name == "cursor" else INTEGER} for name in paging]
    none = {"404": {"description": "None."}}
    operations = {
        "get": {"responses": {"200": one, **none}},
        "patch": {"requestBody": body, "responses": {"200": one, **none}},
        "put": {"requestBody": body, "responses": {"200": one, **none}},
        "delete": {"responses": {"204": {"description": "Gone."}, **none}},
    }
    at = [{"name": "id", "in": "path", "required": True, "schema": INTEGER}]
    paths = {
        "/items": {
            "get": {"parameters": query, "responses": {"200": page}},
            "post": {"requestBody": body, "responses": {"201": one}},
        },
        "/items/{id}": {"parameters": at, **operations},
    }
    document = {"openapi": "3.1.0", "info": {"title": "Items", "version": "1"}, "paths": paths}
    return json.dumps({**document, "components": {"schemas": {"Item": ITEM}}})


def calls(client, method: str, path: str, body: object = None) -> int:
    """How many functions are called to answer."""
    made = 0

    def note(_frame: object, event: str, _argument: object) -> None:
        nonlocal made
        made += event in ("call", "c_call")

    sys.setprofile(note)
    try:
        answer = client.request(method, path, json=body)
    finally:
        sys.setprofile(None)
    assert answer.status_code < 300, answer.text
    return made


def asked(client, method: str, path: str, body: object = None) -> list[str]:
    """Who asks compiled schemas whether a value fits."""
    who: list[str] = []

    def note(frame: FrameType, event: str, argument: object) -> None:
        if event == "c_call" and getattr(argument, "__name__", "") == "is_valid":
            who.append(frame.f_code.co_qualname)

    sys.setprofile(note)
    try:
        client.request(method, path, json=body)
    finally:
        sys.setprofile(None)
    return who


def fill(client, numbers, many: int) -> None:
    """There are so many items; every tenth is of the owner with the number of the first of them."""
    for _ in range(many):
        number = next(numbers)
        assert client.post("/items", json={"name": "n", "owner_id": number // 10}).status_code == 201


ASKED = [
    (("limit", "offset"), "GET", "/items?limit=20"),
    (("limit", "offset"), "GET", "/items?limit=20&offset=5"),
    (("limit", "page"), "GET", "/items?limit=5&page=2"),
    (("limit", "cursor"), "GET", "/items?limit=5"),
    (("limit", "cursor"), "GET", "/items?limit=5&cursor=4"),
    (("limit", "owner_id"), "GET", "/items?owner_id=1"),
    (("limit", "id"), "GET", "/items?id=7"),
    ((), "GET", "/items/5"),
    ((), "PATCH", "/items/5"),
    ((), "PUT", "/items/5"),
    ((), "POST", "/items"),
    ((), "DELETE", "/items/{}"),
]


@pytest.mark.parametrize(("paging", "method", "path"), ASKED)
def test_a_request_costs_the_same_among_few_and_among_many(serve, paging, method, path):
    """A page, what one owner has, or one record that is made, read, changed, put or deleted.

    One is written before each measurement: what nobody wrote to since it was last asked for costs less.
    """
    client, numbers, gone = serve(api(paging)), count(), count(6)
    body = {"name": "new", "owner_id": 1} if method in ("POST", "PUT", "PATCH") else None
    fill(client, numbers, FEW)
    calls(client, method, path.format(next(gone)), body)
    fill(client, numbers, 1)

    few = calls(client, method, path.format(next(gone)), body)
    fill(client, numbers, MANY)
    calls(client, method, path.format(next(gone)), body)
    fill(client, numbers, 1)
    many = calls(client, method, path.format(next(gone)), body)

    assert many <= few * SLACK


@pytest.mark.parametrize(
    ("method", "path", "body", "times"),
    [
        ("GET", "/items/1", None, 1),
        ("GET", "/items?limit=2", None, 2),
        ("PATCH", "/items/1", {"name": "new"}, 2),
    ],
)
def test_each_value_is_held_against_its_schema_once(serve, method, path, body, times):
    """The body that was sent, and the answer; the path was found good before."""
    client = serve(api(("limit",)))
    client.request(method, path, json=body)
    client.patch("/items/1", json={"owner_id": 7})

    assert len(asked(client, method, path, body)) == times


@pytest.mark.parametrize(("method", "body", "times"), [("GET", None, 2), ("PATCH", {"name": "new"}, 3)])
def test_a_path_that_was_never_sent_is_held_against_its_schema_too(serve, method, body, times):
    """The parameter, the body that was sent, and the answer."""
    client = serve(api(()))
    client.request(method, "/items/1", json=body)

    assert len(asked(client, method, "/items/2", body)) == times


def test_a_path_is_looked_up_once(serve, monkeypatch):
    """Whether or not a client leaves out what the document's server begins with."""
    found, seek = [], Router.seek

    def counted(router, method, path):
        at = seek(router, method, path)
        found.extend([at[0].id] if isinstance(at, tuple) else [])
        return at

    monkeypatch.setattr(Router, "seek", counted)
    client = serve(api(()).replace('"paths"', '"servers": [{"url": "/shop/v1"}], "paths"'))
    found.clear()
    bare, whole = client.get("/items"), client.get("/shop/v1/items")

    assert (bare.status_code, whole.status_code, len(found)) == (200, 200, 2)
