"""Answers and requests in other media types than JSON, over the wire."""

import pytest

ZOO = """
openapi: 3.1.0
info: {title: Zoo, version: "1"}
servers: [{url: "https://zoo.example"}]
paths:
  /animal:
    get:
      operationId: getAnimal
      responses:
        "200":
          description: An animal.
          content:
            application/json: {schema: {$ref: "#/components/schemas/Animal"}, example: {id: 7, name: Leo, tags: [a, b]}}
            application/xml: {schema: {$ref: "#/components/schemas/Animal"}, example: {id: 7, name: Leo, tags: [a, b]}}
            text/xml: {schema: {$ref: "#/components/schemas/Animal"}, example: "<lion/>"}
            application/x-www-form-urlencoded:
              schema: {$ref: "#/components/schemas/Animal"}
              example: {id: 7, name: Leo & Co, tags: [a, b], owner: {id: 1}}
            application/x-ndjson: {schema: {type: array}, example: [{id: 7}, {id: 8}]}
            image/png: {schema: {type: string, format: binary}, example: "\\x89PNG"}
            text/plain: {schema: {type: string}, example: Löwe}
    put:
      operationId: putAnimal
      requestBody:
        required: true
        content:
          application/xml: {schema: {$ref: "#/components/schemas/Animal"}}
          multipart/form-data: {schema: {$ref: "#/components/schemas/Animal"}}
      responses:
        "204": {description: Kept.}
        "415":
          description: No.
          content: {application/json: {schema: {type: object, properties: {detail: {type: string}}}}}
components:
  schemas:
    Animal:
      type: object
      required: [name]
      properties:
        id: {type: integer, xml: {attribute: true}}
        name: {type: string}
        tags: {type: array, items: {type: string, xml: {name: tag}}, xml: {wrapped: true}}
        owner: {type: object}
"""
XML = b'<?xml version="1.0" encoding="UTF-8"?>\n'


@pytest.fixture
def zoo(serve):
    """A zoo that remembers nothing."""
    return serve(ZOO, state=False)


@pytest.mark.parametrize(
    ("accept", "content"),
    [
        ("application/xml", XML + b'<Animal id="7"><name>Leo</name><tags><tag>a</tag><tag>b</tag></tags></Animal>'),
        ("text/xml", b"<lion/>"),
        ("application/x-www-form-urlencoded", b"id=7&name=Leo+%26+Co&tags=a&tags=b&owner=%7B%22id%22%3A1%7D"),
        ("application/x-ndjson", b'{"id":7}\n{"id":8}\n'),
        ("image/png", b"\x89PNG"),
        ("text/plain", "Löwe".encode()),
    ],
)
def test_an_answer_is_written_in_its_media_type(zoo, accept, content):
    """By the schema, or as the example has it."""
    answer = zoo.get("/animal", headers={"Accept": accept})

    assert (answer.headers["Content-Type"], answer.content) == (accept, content)
    assert "Mock-Violation" not in answer.headers


@pytest.mark.parametrize(
    ("sent", "status"),
    [
        ({"content": b"<Animal id='7'><name>Leo</name></Animal>", "headers": {"Content-Type": "application/xml"}}, 204),
        ({"content": b"<Animal id='x'><name>Leo</name></Animal>", "headers": {"Content-Type": "application/xml"}}, 422),
        ({"content": b"<Animal", "headers": {"Content-Type": "application/xml"}}, 400),
        ({"files": {"name": (None, "Leo"), "id": (None, "7")}}, 204),
        ({"files": {"name": (None, "Leo"), "id": (None, "x")}}, 422),
        ({"json": {"name": "Leo"}}, 415),
    ],
)
def test_a_request_is_read_in_its_media_type(zoo, sent, status):
    """And refused where it cannot be, or breaks its schema."""
    assert zoo.put("/animal", **sent).status_code == status


def test_a_415_is_said_in_the_documents_own_words(zoo):
    """With all that is taken."""
    answer = zoo.put("/animal", json={"name": "Leo"})

    assert answer.json() == {
        "detail": "The body has Content-Type 'application/json'; expected application/xml, multipart/form-data."
    }
