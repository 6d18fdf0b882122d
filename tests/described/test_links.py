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


NEWS = """
openapi: 3.0.3
info: {title: News, version: "1"}
servers: [{url: /v1}]
paths:
  /people:
    get: {responses: {"200": {description: x, content: {application/json: {schema: {type: array, items: {$ref: "#/components/schemas/Person"}}}}}}}
  /people/{id}:
    parameters: [{name: id, in: path, required: true, schema: {type: integer}}]
    get: {responses: {"200": {description: x, content: {application/json: {schema: {$ref: "#/components/schemas/Person"}}}}, "404": {description: None.}}}
  /notes:
    get: {responses: {"200": {description: x, content: {application/json: {schema: {type: array, items: {$ref: "#/components/schemas/Note"}}}}}}}
    post:
      requestBody: {content: {application/json: {schema: {type: object, properties: {personId: {type: integer}}}}}}
      responses: {"201": {description: x, content: {application/json: {schema: {$ref: "#/components/schemas/Note"}}}}}
  /notes/{id}:
    parameters: [{name: id, in: path, required: true, schema: {type: integer}}]
    get: {responses: {"200": {description: x, content: {application/json: {schema: {$ref: "#/components/schemas/Note"}}}}}}
  /articles:
    get: {responses: {"200": {description: x, content: {application/json: {schema: {type: object, properties: {data: {type: array, items: {$ref: "#/components/schemas/Article"}}}}}}}}}
  /articles/{id}:
    parameters: [{name: id, in: path, required: true, schema: {type: integer}}]
    get: {responses: {"200": {description: x, content: {application/json: {schema: {type: object, properties: {data: {$ref: "#/components/schemas/Article"}}}}}}}}
components:
  schemas:
    Person: {type: object, required: [id, name], properties: {id: {type: integer}, name: {type: string}}}
    Note:
      type: object
      required: [id, personId, personUrl, websiteUrl, _links]
      properties:
        id: {type: integer}
        personId: {type: integer}
        personUrl: {type: string, format: uri}
        websiteUrl: {type: string, format: uri}
        _links:
          type: object
          required: [self, person]
          properties:
            self: {type: object, required: [href], properties: {href: {type: string}}}
            person: {type: object, required: [href], properties: {href: {type: string, example: /v1/people/9}}}
    Article:
      type: object
      required: [id, type, relationships]
      properties:
        id: {type: integer}
        type: {type: string, enum: [articles]}
        relationships:
          type: object
          required: [person]
          properties:
            person:
              type: object
              required: [data, links]
              properties:
                data: {type: object, required: [id, type], properties: {id: {type: integer}, type: {type: string, enum: [people]}}}
                links: {type: object, required: [related], properties: {related: {type: string, format: uri}}}
"""  # noqa: E501


def test_links_to_another_record_lead_to_the_one_that_is_named(serve):
    """`personUrl` and `_links.person` of a new note and of a listed one are the addresses of their persons."""
    client = serve(NEWS)

    made = client.post("/v1/notes", json={"personId": 2}).json()
    listed = client.get("/v1/notes").json()[-1]

    assert made["personUrl"] == "http://127.0.0.1:4010/v1/people/2"
    assert made["_links"]["person"]["href"] == "/v1/people/2"
    assert made["_links"]["self"]["href"] == f"http://127.0.0.1:4010/v1/notes/{made['id']}"
    assert "people" not in made["websiteUrl"]
    assert listed == made
    assert client.get(made["personUrl"]).json()["id"] == 2


def test_related_links_of_json_api_lead_to_the_one_that_is_named(serve):
    """`relationships.person.links.related` of an article is the address of the person that its `data` names."""
    client = serve(NEWS)

    listed = client.get("/v1/articles").json()["data"][1]
    read = client.get(f"/v1/articles/{listed['id']}").json()["data"]

    number = read["relationships"]["person"]["data"]["id"]
    assert number in [person["id"] for person in client.get("/v1/people").json()]
    assert read["relationships"]["person"]["links"]["related"] == f"http://127.0.0.1:4010/v1/people/{number}"
    assert listed == read


TEAMS = """
openapi: 3.0.3
info: {title: Teams, version: "1"}
paths:
  /teams/{team}/rooms:
    parameters: [{name: team, in: path, required: true, schema: {type: string}}]
    get:
      responses:
        "200":
          description: All.
          content: {application/json: {schema: {type: array, items: {$ref: "#/components/schemas/Room"}}}}
  /teams/{team}/rooms/{id}:
    parameters:
      - {name: team, in: path, required: true, schema: {type: string}}
      - {name: id, in: path, required: true, schema: {type: integer}}
    get: &one
      responses:
        "200": {description: One., content: {application/json: {schema: {$ref: "#/components/schemas/Room"}}}}
        "404": {description: None.}
    delete: *one
components:
  schemas:
    Room:
      type: object
      required: [id, status, selfLink]
      properties:
        id: {type: integer}
        status: {type: string, enum: [READY, DELETED]}
        selfLink: {type: string, format: uri, readOnly: true}
"""


def test_what_was_deleted_is_answered_with_its_last_state_and_its_own_link(serve):
    """Below a record, too, where the path alone names it."""
    client = serve(TEAMS)

    gone = client.delete("/teams/red/rooms/1")

    assert gone.json() == {
        "id": 1,
        "status": "DELETED",
        "selfLink": "http://127.0.0.1:4010/teams/red/rooms/1",
    }
    assert client.get("/teams/red/rooms/1").status_code == 404
