"""What real documents do now and then, and what is answered all the same."""

import pytest

SECRETS = """
openapi: 3.1.0
info: {title: Zoo, version: "1"}
paths:
  /devices:
    get:
      responses:
        "200":
          description: All.
          headers:
            Link: {schema: {type: string, pattern: '^<.*>; rel="current"$'}}
            X-Total-Count: {schema: {type: integer}}
            Content-Length: {required: true, schema: {type: integer, example: 7}}
          content: {application/json: {schema: {type: array, items: {$ref: "#/components/schemas/Device"}}}}
    post:
      requestBody: {content: {application/json: {schema: {$ref: "#/components/schemas/Device"}}}}
      responses:
        "201": {description: Made., content: {application/json: {schema: {$ref: "#/components/schemas/Device"}}}}
  /devices/{id}:
    get:
      parameters: [{name: id, in: path, required: true, schema: {type: string, pattern: "^d-"}}]
      responses:
        "200":
          description: One.
          headers: {ETag: {schema: {type: string}}}
          content: {application/json: {schema: {$ref: "#/components/schemas/Device"}}}
        "404": {description: None.}
    delete:
      parameters: [{name: id, in: path, required: true, schema: {type: string}}]
      responses: {"204": {description: Gone.}}
components:
  schemas:
    Device:
      type: object
      properties:
        id: {type: string, readOnly: true, pattern: "^d-", example: d-1}
        number: {type: integer}
        push:
          type: object
          properties:
            kind: {type: string}
            token: {type: string, writeOnly: true}
            keys:
              type: array
              items: {type: object, properties: {name: {type: string}, key: {type: string, writeOnly: true}}}
"""


def test_what_is_only_for_requests_comes_back_from_no_depth(serve):
    """Not from objects in a record, and not from objects in its lists."""
    client = serve(SECRETS)
    push = {"kind": "a", "token": "t0ken", "keys": [{"name": "b", "key": "s3cret"}]}

    made = client.post("/zoo/devices", json={"push": push}).json()

    assert made["push"] == {"kind": "a", "keys": [{"name": "b"}]}
    assert client.get(f"/zoo/devices/{made['id']}").json() == made


def test_a_header_is_not_sent_that_may_not_say_it(serve):
    """A page's `Link` where its pattern knows only another relation; how long the answer is only the server says."""
    client = serve(SECRETS)

    answer = client.get("/zoo/devices")

    assert "link" not in answer.headers
    assert "mock-violation" not in answer.headers
    assert answer.headers["x-total-count"] == str(len(answer.json()))
    assert answer.headers["content-length"] == str(len(answer.content))


def test_numbers_beyond_64_bits_are_kept_and_tagged(serve):
    """Exactly, where the document sets no bound."""
    client = serve(SECRETS)
    sent = {"content": b'{"number": 36893488147419103232}', "headers": {"Content-Type": "application/json"}}
    made = client.post("/zoo/devices", **sent).json()

    read = client.get(f"/zoo/devices/{made['id']}")

    assert read.json()["number"] == 36893488147419103232
    assert read.headers["etag"].startswith('"')


def test_where_the_path_is_wrong_nothing_is_there(serve):
    """A document that declares no answer to an invalid request often has one to an unknown path."""
    client = serve(SECRETS)

    answer = client.get("/zoo/devices/x-1")

    assert (answer.status_code, answer.content) == (404, b"")


SHARED = """
openapi: 3.1.0
info: {title: Zoo, version: "1"}
paths:
  /houses/{house}/animals:
    parameters: [{name: house, in: path, required: true, schema: {type: string}}]
    get:
      responses: {"200": {description: All., content: {application/json: {schema: {type: array, items: &animal
        {type: object, properties: {id: {type: integer}, name: {type: string}}}}}}}}
    post:
      requestBody: {content: {application/json: {schema: {type: object, properties: {name: {type: string}}}}}}
      responses: {"201": {description: Made., content: {application/json: {schema: *animal}}}}
  /houses/{house}/animals/{id}:
    parameters:
      - {name: house, in: path, required: true, schema: {type: string}}
      - {name: id, in: path, required: true, schema: {type: integer}}
    get: {responses: {"200": {description: One., content: {application/json: {schema: *animal}}}}}
    delete: {responses: {"204": {description: Gone.}}}
  /houses:
    get:
      responses: {"200": {description: All., content: {application/json: {schema: {type: array, items: &house
        {type: object, properties: {name: {type: string}}}}}}}}
    post:
      requestBody: {content: {application/json: {schema: *house}}}
      responses: {"201": {description: Made., content: {application/json: {schema: *house}}}}
  /houses/{name}:
    parameters: [{name: name, in: path, required: true, schema: {type: string}}]
    get: {responses: {"200": {description: One., content: {application/json: {schema: *house}}}}}
    delete: {responses: {"204": {description: Gone.}}}
"""


def test_what_was_made_below_an_unknown_parent_is_read_back(serve):
    """Where the document has no way to say that there is no such parent."""
    client = serve(SHARED)
    made = client.post("/zoo/houses/far/animals", json={"name": "Ann"}).json()

    first, second = (client.get(f"/zoo/houses/far/animals/{made['id']}").json() for _ in range(2))

    assert made["name"] == "Ann"
    assert (first, second) == (made, made)


ALTERNATIVES = """
openapi: 3.1.0
info: {title: Zoo, version: "1"}
paths:
  /animals:
    get: {responses: {"200": {description: All., content: {application/json: {schema: &all
      {type: array, items: {$ref: "#/components/schemas/Animal"}}}}}}}
    post:
      requestBody: {content: {application/json: {schema: {type: object, properties: {name: {type: string}}}}}}
      responses: {"201": {description: Made., content: {application/json: {schema: &animal
        {$ref: "#/components/schemas/Animal"}}}}}
  /animals/{animal}:
    parameters:
      - {name: animal, in: path, required: true, schema: {anyOf: [{type: integer}, {type: string, minLength: 9}]}}
    get:
      responses: {"200": {description: One., content: {application/json: {schema: {anyOf: [*animal, &gone
        {$ref: "#/components/schemas/Gone"}]}}}}}
    delete: {responses: {"200": {description: Gone., content: {application/json: {schema: *gone}}}}}
  /keepers:
    post:
      requestBody: {content: {application/json: {schema: {type: object, properties: {text: {type: string}}}}}}
      responses: {"200": {description: Some., content: {application/json: {schema: {type: array, items: &keeper
        {$ref: "#/components/schemas/Keeper"}}}}}}
  /keepers/{id}:
    parameters: [{name: id, in: path, required: true, schema: {type: integer}}]
    get:
      responses:
        "200": {description: One., content: {application/json: {schema: *keeper}}}
        "404": {description: None.}
    delete: {responses: {"204": {description: Gone.}, "404": {description: None.}}}
components:
  schemas:
    Animal:
      type: object
      required: [id, name]
      properties: {id: {type: integer}, name: {type: string}, age: {type: integer}}
    Keeper: {type: object, required: [id], properties: {id: {type: integer}, born: {type: string}}}
    Gone: {type: object, required: [id, deleted], properties: {id: {type: integer}, deleted: {const: true}}}
"""


def test_a_new_record_is_none_that_is_gone(serve):
    """Where reading one may also answer that it was deleted."""
    client = serve(ALTERNATIVES)
    made = client.post("/zoo/animals", json={"name": "Ann"}).json()

    read = client.get(f"/zoo/animals/{made['id']}").json()

    assert (read, "deleted" in read) == (made, False)


def test_a_path_that_takes_numbers_and_text_takes_the_id(serve):
    """Which is the record's `id`, though its `name` is of one of the types."""
    client = serve(ALTERNATIVES)
    made = client.post("/zoo/animals", json={"name": "Ann"}).json()

    client.delete(f"/zoo/animals/{made['id']}")

    assert client.get(f"/zoo/animals/{made['id']}").status_code == 404


def test_a_post_that_answers_records_and_takes_none_finds_them(serve):
    """What it answers can be read, one by one."""
    client = serve(ALTERNATIVES)

    found = client.post("/zoo/keepers", json={"text": "a"}).json()

    assert found
    assert [client.get(f"/zoo/keepers/{keeper['id']}").json() for keeper in found] == found


BOUNDS = """
openapi: 3.0.3
info: {title: Zoo, version: "1"}
paths:
  /animals/{number}:
    get:
      parameters:
        - {name: number, in: path, required: true, schema: {type: integer, format: int32}}
        - {name: heavy, in: query, schema: {type: integer, format: int64}}
        - {name: version, in: header, required: true, schema: {type: string, default: "1"}}
      responses: {"200": {description: One.}, "400": {description: No.}}
"""


@pytest.mark.parametrize(
    ("asked", "headers", "status"),
    [
        ("2147483647?heavy=9223372036854775807", {"version": "1"}, 200),
        ("-2147483648?heavy=-9223372036854775808", {"version": "1"}, 200),
        ("2147483648", {"version": "1"}, 400),
        ("-2147483649", {"version": "1"}, 400),
        ("1?heavy=9223372036854775808", {"version": "1"}, 400),
        ("1", {}, 400),
    ],
)
def test_whole_numbers_have_the_bounds_of_their_format(serve, asked, headers, status):
    """And a default does not stand in for what is required."""
    client = serve(BOUNDS)

    answer = client.get(f"/zoo/animals/{asked}", headers=headers)

    assert answer.status_code == status
