"""Examples of requests and responses that have one name belong together."""

import pytest

PAIRS = """
openapi: 3.1.0
info: {title: Pairs, version: "1"}
paths:
  /quotes:
    post:
      operationId: quote
      parameters:
        - name: mode
          in: query
          schema: {type: string}
          examples: {slow: {value: calm}}
      requestBody:
        content:
          application/json:
            schema: {type: object, required: [weight], properties: {weight: {type: number}, note: {type: string}}}
            examples:
              light: {value: {weight: 1}}
              heavy: {$ref: "#/components/examples/Heavy"}
              slow: {value: {weight: 1}}
              tooHeavy: {value: {weight: 999}}
              nothing: {value: {}}
      responses:
        "200":
          description: A price.
          content:
            application/json:
              schema: {type: object, required: [price], properties: {price: {type: number}, weight: {type: number}}}
              examples:
                light: {value: {price: 3}}
                heavy: {value: {price: 30, weight: 11}}
                slow: {value: {price: 2}}
        "422":
          description: No price.
          content:
            application/json:
              schema: {type: object, properties: {reason: {type: string}}}
              examples:
                tooHeavy: {value: {reason: too heavy}}
                nothing: {value: {reason: say the weight}}
  /users/{id}:
    parameters:
      - name: id
        in: path
        required: true
        schema: {type: integer}
        examples: {ada: {value: 1}, bob: {value: 2}, notFound: {value: 99}, wrong: {value: abc}}
    get:
      operationId: getUser
      responses:
        "200":
          description: A user.
          content:
            application/json:
              schema: {$ref: "#/components/schemas/User"}
              examples: {ada: {value: {id: 1, name: Ada}}, bob: {value: {id: 2, name: Bob}}}
        "404":
          description: None.
          content:
            application/json:
              schema: {type: object, properties: {error: {type: string}}}
              examples: {other: {value: {error: other}}, notFound: {value: {error: no such user}}}
        "400":
          description: Wrong.
          content:
            application/json:
              schema: {type: object, properties: {error: {type: string}}}
              examples: {other: {value: {error: other}}, wrong: {value: {error: that is no id}}}
    put:
      operationId: putUser
      requestBody: {content: {application/json: {schema: {$ref: "#/components/schemas/User"}}}}
      responses:
        "200": {description: Kept., content: {application/json: {schema: {$ref: "#/components/schemas/User"}}}}
  /users:
    get:
      operationId: listUsers
      responses:
        "200":
          description: Users.
          content: {application/json: {schema: {type: array, items: {$ref: "#/components/schemas/User"}}}}
    post:
      operationId: createUser
      requestBody:
        content:
          application/json:
            schema: {$ref: "#/components/schemas/User"}
            examples: {eve: {value: {name: Eve}}, taken: {value: {name: Ada}}}
      responses:
        "201":
          description: Made.
          content:
            application/json:
              schema: {$ref: "#/components/schemas/User"}
              examples: {eve: {value: {id: 7, name: Eve of the example}}}
        "409":
          description: Taken.
          content: {application/json: {schema: {type: object}, examples: {taken: {value: {error: name is taken}}}}}
components:
  examples: {Heavy: {value: {weight: 11, note: piano}}}
  schemas: {User: {type: object, required: [name], properties: {id: {type: integer}, name: {type: string}}}}
"""


@pytest.mark.parametrize("state", [False, True])
@pytest.mark.parametrize(
    ("query", "sent", "status", "body"),
    [
        ("", {"weight": 1}, 200, {"price": 3}),
        ("", {"note": "piano", "weight": 11.0}, 200, {"price": 30, "weight": 11}),
        ("?mode=calm", {"weight": 1}, 200, {"price": 2}),
        ("", {"weight": 999}, 422, {"reason": "too heavy"}),
        ("", {}, 422, {"reason": "say the weight"}),
    ],
)
def test_a_request_that_is_an_example_has_the_answer_of_its_name(serve, state, query, sent, status, body):
    """Its status too, and where the example breaks the schema of requests; of two names the one that asks for more."""
    pairs = serve(PAIRS, state=state)

    answer = pairs.post(f"/quotes{query}", json=sent)

    assert (answer.status_code, answer.json()) == (status, body)


@pytest.mark.parametrize(
    ("number", "status", "body"),
    [
        ("1", 200, {"id": 1, "name": "Ada"}),
        ("2", 200, {"id": 2, "name": "Bob"}),
        ("99", 404, {"error": "no such user"}),
        ("abc", 400, {"error": "that is no id"}),
    ],
)
@pytest.mark.parametrize("state", [False, True])
def test_parameters_name_an_example_too(serve, state, number, status, body):
    """That of a path leads to the answer of its name."""
    pairs = serve(PAIRS, state=state)

    answer = pairs.get(f"/users/{number}")

    assert (answer.status_code, answer.json()) == (status, body)


def test_a_request_that_is_no_example_is_answered_as_ever(serve):
    """With the first example that fits."""
    pairs = serve(PAIRS, state=False)

    assert pairs.post("/quotes", json={"weight": 5}).json() == {"price": 3}
    assert pairs.get("/users/3").json() == {"id": 1, "name": "Ada"}


def test_what_a_client_prefers_goes_before_the_example(serve):
    """By name, by status, or faked."""
    pairs = serve(PAIRS, state=False)

    by_name = pairs.post("/quotes", json={"weight": 1}, headers={"Prefer": "example=heavy"})
    by_status = pairs.get("/users/99", headers={"Prefer": "code=200"})

    assert by_name.json() == {"price": 30, "weight": 11}
    assert by_status.json() == {"id": 1, "name": "Ada"}
    assert pairs.get("/users/99", headers={"Prefer": "dynamic=true"}).status_code == 200


def test_what_is_remembered_goes_before_the_example(serve):
    """A record is what was sent, whichever example it is; a failure of the document still happens."""
    pairs = serve(PAIRS)

    made = pairs.post("/users", json={"name": "Eve"})
    taken = pairs.post("/users", json={"name": "Ada"})
    pairs.put("/users/1", json={"name": "Augusta"})

    assert (made.status_code, made.json()["name"]) == (201, "Eve")
    assert pairs.get(f"/users/{made.json()['id']}").json() == made.json()
    assert (taken.status_code, taken.json()) == (409, {"error": "name is taken"})
    assert "Ada" not in [user["name"] for user in pairs.get("/users").json()]
    assert pairs.get("/users/1").json()["name"] == "Augusta"


ALONE = """
openapi: 3.0.3
info: {title: Alone, version: "1"}
paths:
  /players/{tag}:
    get:
      parameters:
        - name: tag
          in: path
          required: true
          schema: {type: string}
          examples: {notFound: {value: nobody}, found: {value: kim}}
      responses:
        "200":
          description: A player.
          content:
            application/json:
              schema: {type: object, properties: {tag: {type: string}, level: {type: integer}}}
              examples: {found: {value: {tag: kim, level: 9}}}
        default:
          description: Trouble.
          content:
            application/json:
              schema: {type: object, properties: {status: {type: integer}}}
              examples: {notFound: {value: {status: 404}}}
"""


@pytest.mark.parametrize("state", [False, True])
def test_the_example_of_the_default_response_says_its_status(serve, state):
    """What would otherwise be made up, the document says not to be there."""
    alone = serve(ALONE, state=state)

    missing, found = alone.get("/players/nobody"), alone.get("/players/kim")

    assert (missing.status_code, missing.json()) == (404, {"status": 404})
    assert (found.status_code, found.json()) == (200, {"tag": "kim", "level": 9})
