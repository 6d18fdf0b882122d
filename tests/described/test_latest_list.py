"""A list that is asked for again is answered as before only while nothing was written."""

from __future__ import annotations

from collections.abc import Callable

import httpx
import pytest

from tests.described.conftest import Serve

ZOO = """
openapi: 3.1.0
info: {title: Zoo, version: "1"}
paths:
  /pets:
    get:
      parameters:
      - {name: limit, in: query, schema: {type: integer, default: 50}}
      - {name: offset, in: query, schema: {type: integer, default: 0}}
      - {name: name, in: query, schema: {type: string}}
      responses:
        "200":
          description: All.
          content: {application/json: {schema: {$ref: "#/components/schemas/Pets"}}}
    post:
      requestBody: {required: true, content: {application/json: {schema: {$ref: "#/components/schemas/Pet"}}}}
      responses:
        "201": {description: Made., content: {application/json: {schema: {$ref: "#/components/schemas/Pet"}}}}
  /pets/{petId}:
    parameters: [{name: petId, in: path, required: true, schema: {type: integer}}]
    get:
      responses:
        "200": {description: One., content: {application/json: {schema: {$ref: "#/components/schemas/Pet"}}}}
    patch:
      requestBody: {content: {application/json: {schema: {type: object, properties: {name: {type: string}}}}}}
      responses:
        "200": {description: Changed., content: {application/json: {schema: {$ref: "#/components/schemas/Pet"}}}}
    delete: {responses: {"204": {description: Gone.}}}
components:
  schemas:
    Pets:
      type: object
      required: [data, total, next]
      properties:
        data: {type: array, items: {$ref: "#/components/schemas/Pet"}}
        total: {type: integer}
        next: {type: [string, "null"], format: uri}
    Pet:
      type: object
      required: [id, name]
      properties: {id: {type: integer, readOnly: true}, name: {type: string}}
"""


def _names(client: httpx.Client, query: str = "", world: str = "") -> list[str]:
    return [pet["name"] for pet in client.get(f"{world}/pets{query}").json()["data"]]


@pytest.fixture
def zoo(serve: Serve) -> httpx.Client:
    """An API with the pets Ann and Bob, whose list was asked for twice."""
    client = serve(ZOO, seeds=0)
    client.post("/pets", json={"name": "Ann"})
    client.post("/pets", json={"name": "Bob"})
    assert _names(client) == _names(client) == ["Ann", "Bob"]
    return client


@pytest.mark.parametrize(
    ("write", "expected"),
    [
        (lambda zoo: zoo.post("/pets", json={"name": "Cid"}), ["Ann", "Bob", "Cid"]),
        (lambda zoo: zoo.patch("/pets/1", json={"name": "Zoe"}), ["Zoe", "Bob"]),
        (lambda zoo: zoo.delete("/pets/1"), ["Bob"]),
        (lambda zoo: zoo.put("/__admin/state/zoo/pets/2", json={"name": "Eve"}), ["Ann", "Eve"]),
        (lambda zoo: zoo.delete("/__admin/state/zoo/pets/2"), ["Ann"]),
        (lambda zoo: zoo.post("/__admin/reset"), []),
    ],
)
def test_a_list_shows_each_write(zoo: httpx.Client, write: Callable[[httpx.Client], httpx.Response], expected: object):
    """By a client of the API and by the control API."""
    assert write(zoo).is_success

    seen = [_names(zoo), _names(zoo)]

    assert seen == [expected, expected]


def test_a_list_is_that_of_its_world(zoo: httpx.Client):
    """A fork begins with the same pets, and a snapshot brings them back."""
    zoo.post("/__admin/worlds", json={"name": "other", "from": {"world": "default"}})
    zoo.post("/__admin/worlds/default/snapshots", json={"name": "two"})
    in_other = _names(zoo, world="/~other")
    zoo.delete("/pets/1")

    seen = [_names(zoo, world="/~other"), _names(zoo)]
    zoo.post("/__admin/worlds/default/restore", json={"snapshot": "two"})

    assert in_other == ["Ann", "Bob"]
    assert seen == [["Ann", "Bob"], ["Bob"]]
    assert _names(zoo) == ["Ann", "Bob"]


def test_a_list_is_that_of_its_query(zoo: httpx.Client):
    """Each of several that are asked for in turn."""
    queries = ("?limit=1", "?name=Bob", "", "?limit=1", "?name=Bob", "")

    seen = [_names(zoo, query) for query in queries]

    assert seen == [["Ann"], ["Bob"], ["Ann", "Bob"]] * 2


def test_what_a_list_notes_is_noted_each_time(zoo: httpx.Client):
    """A parameter that selects nothing is told with every answer."""
    answers = [zoo.get("/pets?colour=blue") for _ in range(3)]

    noted = [answer.headers.get("Mock-Assumption", "") for answer in answers]

    assert ["colour" in note for note in noted] == [True, True, True]


def test_links_of_a_list_lead_to_the_host_that_was_asked(zoo: httpx.Client):
    """Two clients that know the mock by different names are each led on under theirs."""
    hosts = ("a.test:80", "b.test:81", "a.test:80")

    links = [zoo.get("/pets?limit=1", headers={"Host": host}).json()["next"] for host in hosts]

    assert [link.partition("/pets")[0] for link in links] == [f"http://{host}" for host in hosts]
