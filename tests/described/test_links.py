"""Links inside of records lead to these records on the mock."""

from __future__ import annotations

SHELF = """
openapi: 3.0.3
info: {title: Shelf, version: "1"}
paths:
  /books:
    get:
      responses:
        "200":
          description: All.
          content: {application/json: {schema: {type: array, items: {$ref: "#/components/schemas/Book"}}}}
    post:
      requestBody: {content: {application/json: {schema: {$ref: "#/components/schemas/BookIn"}}}}
      responses:
        "201":
          description: Made.
          content: {application/json: {schema: {$ref: "#/components/schemas/Book"}}}
  /books/{id}:
    get:
      parameters: [{name: id, in: path, required: true, schema: {type: integer}}]
      responses:
        "200":
          description: One.
          content: {application/json: {schema: {$ref: "#/components/schemas/Book"}}}
  /marks:
    get:
      responses:
        "200":
          description: All.
          content: {application/json: {schema: {type: array, items: {$ref: "#/components/schemas/Mark"}}}}
    post:
      requestBody: {content: {application/json: {schema: {$ref: "#/components/schemas/Mark"}}}}
      responses:
        "201":
          description: Made.
          content: {application/json: {schema: {$ref: "#/components/schemas/Mark"}}}
  /marks/{id}:
    get:
      parameters: [{name: id, in: path, required: true, schema: {type: string}}]
      responses:
        "200":
          description: One.
          content:
            application/json:
              schema:
                type: object
                required: [data, links]
                properties:
                  data: {$ref: "#/components/schemas/Mark"}
                  links: {type: object, required: [self], properties: {self: {type: string, format: uri}}}
components:
  schemas:
    BookIn: {type: object, required: [title], properties: {title: {type: string}}}
    Book:
      type: object
      required: [id, title, url, links]
      properties:
        id: {type: integer}
        title: {type: string}
        url: {type: string, format: uri}
        self: {type: string, example: /books/7}
        links:
          type: array
          items: {type: object, required: [rel, href], properties: {rel: {type: string}, href: {type: string}}}
    Mark:
      type: object
      required: [id, url]
      properties:
        id: {type: string, readOnly: true}
        url: {type: string, format: uri}
        _links:
          type: object
          properties: {self: {type: object, properties: {href: {type: string}}}}
"""


def test_links_that_only_the_server_writes_lead_to_the_record(serve):
    """A new record's `url`, `self` and entry of `links` are its address; as a path where the example is one."""
    client = serve(SHELF)

    made = client.post("/books", json={"title": "Emma"}).json()

    assert made["url"] == "http://127.0.0.1:4010/books/4"
    assert made["self"] == "/books/4"
    assert made["links"] == [{"rel": "self", "href": "http://127.0.0.1:4010/books/4"}]
    assert client.get(made["url"]).json() == made


def test_listed_records_link_to_themselves(serve):
    """Each record of a list links to its own address."""
    client = serve(SHELF)

    listed = client.get("/books").json()

    assert [book["url"] for book in listed] == [f"http://127.0.0.1:4010/books/{number}" for number in (1, 2, 3)]


def test_an_address_that_a_client_writes_is_content(serve):
    """A bookmark's own `url` stays, while the link beside it leads to the bookmark."""
    client = serve(SHELF)

    made = client.post("/marks", json={"url": "https://example.org/a"}).json()

    assert made["url"] == "https://example.org/a"
    assert made["_links"]["self"]["href"] == f"http://127.0.0.1:4010/marks/{made['id']}"


def test_links_that_were_sent_stay(serve):
    """What a client itself says under `_links` is kept."""
    client = serve(SHELF)
    sent = {"url": "https://example.org/a", "_links": {"self": {"href": "https://example.org/b"}}}

    made = client.post("/marks", json=sent).json()

    assert made["_links"] == {"self": {"href": "https://example.org/b"}}


def test_links_beside_a_record_lead_to_it(serve):
    """An answer that wraps its record says the record's address in its own `links`."""
    client = serve(SHELF)
    made = client.post("/marks", json={"url": "https://example.org/a"}).json()

    read = client.get(f"/marks/{made['id']}").json()

    assert read["links"]["self"] == f"http://127.0.0.1:4010/marks/{made['id']}"
    assert read["data"]["url"] == "https://example.org/a"
