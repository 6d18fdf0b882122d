"""The user that registering and logging in told of is the one that `/me` shows."""

import pytest

from tests.support import bearer

USER = """
    User:
      type: object
      required: [id, email]
      properties: {id: {type: integer}, email: {type: string, format: email}, name: {type: string}}
"""
CLUB = (
    """
openapi: 3.0.3
info: {title: Club, version: "1"}
security: [{bearer: []}]
paths:
  /auth/register:
    post:
      security: []
      requestBody: {content: {application/json: {schema: {$ref: "#/components/schemas/Login"}}}}
      responses: {"201": {$ref: "#/components/responses/In"}}
  /auth/login:
    post:
      security: []
      requestBody: {content: {application/json: {schema: {$ref: "#/components/schemas/Login"}}}}
      responses: {"200": {$ref: "#/components/responses/In"}}
  ME:
    get: {responses: {"200": {$ref: "#/components/responses/User"}}}
    patch:
      requestBody: {content: {application/json: {schema: {type: object, properties: {name: {type: string}}}}}}
      responses: {"200": {$ref: "#/components/responses/User"}}
  PEOPLE
components:
  securitySchemes: {bearer: {type: http, scheme: bearer}}
  responses:
    User: {description: One., content: {application/json: {schema: {$ref: "#/components/schemas/User"}}}}
    In:
      description: In.
      content:
        application/json:
          schema:
            type: object
            required: [token, user]
            properties: {token: {type: string}, user: {$ref: "#/components/schemas/User"}}
  schemas:
    Login:
      type: object
      properties: {email: {type: string}, password: {type: string}, name: {type: string}}
"""
    + USER
)
PEOPLE = """/users:
    get:
      responses:
        "200":
          description: All.
          content: {application/json: {schema: {type: array, items: {$ref: "#/components/schemas/User"}}}}
  /users/{id}:
    parameters: [{name: id, in: path, required: true, schema: {type: integer}}]
    get: {responses: {"200": {$ref: "#/components/responses/User"}, "404": {description: None.}}}
"""
BLOG = """
openapi: 3.0.3
info: {title: Blog, version: "1"}
paths:
  /users:
    post:
      requestBody: {content: {application/json: {schema: {$ref: "#/components/schemas/Sent"}}}}
      responses: {"201": {$ref: "#/components/responses/User"}}
  /users/login:
    post:
      requestBody: {content: {application/json: {schema: {$ref: "#/components/schemas/Sent"}}}}
      responses: {"200": {$ref: "#/components/responses/User"}}
  /user:
    get: {security: [{token: []}], responses: {"200": {$ref: "#/components/responses/User"}}}
components:
  securitySchemes: {token: {type: apiKey, in: header, name: Authorization}}
  responses:
    User:
      description: One.
      content:
        application/json:
          schema: {type: object, required: [user], properties: {user: {$ref: "#/components/schemas/User"}}}
  schemas:
    Sent:
      type: object
      properties:
        user: {type: object, properties: {username: {type: string}, email: {type: string}, password: {type: string}}}
    User:
      type: object
      required: [email, token, username]
      properties: {email: {type: string}, token: {type: string}, username: {type: string}, bio: {type: string}}
"""


@pytest.mark.parametrize("path", ["/me", "/user", "/users/me", "/whoami", "/api/v1/profile"])
@pytest.mark.parametrize("people", ["", PEOPLE])
def test_each_token_shows_the_user_that_it_was_given_to(serve, path, people):
    """Also after another has logged in, and as that user was changed since."""
    club = serve(CLUB.replace("ME", path).replace("PEOPLE", people))
    ada = club.post("/auth/register", json={"email": "ada@example.com", "password": "x", "name": "Ada"}).json()
    bob = club.post("/auth/login", json={"email": "bob@example.com", "password": "x"}).json()

    changed = club.patch(path, json={"name": "Ada L."}, headers=bearer(ada["token"])).json()
    again = club.post("/auth/login", json={"email": "ada@example.com", "password": "x"}).json()
    shown = [club.get(path, headers=bearer(each["token"])).json() for each in (ada, bob, again)]

    assert ada["user"]["name"] == "Ada"
    assert shown[0] == shown[2] == again["user"] == changed == {**ada["user"], "name": "Ada L."}
    assert (shown[1], shown[1]["email"]) == (bob["user"], "bob@example.com")
    assert len({ada["token"], bob["token"], again["token"]}) == 3


def test_who_registered_is_one_of_the_users(serve):
    """With an id of their own, and as `/me` has changed them."""
    club = serve(CLUB.replace("ME", "/me").replace("PEOPLE", PEOPLE))
    ada = club.post("/auth/register", json={"email": "ada@example.com", "password": "x", "name": "Ada"}).json()

    club.patch("/me", json={"name": "Ada L."}, headers=bearer(ada["token"]))
    found = club.get(f"/users/{ada['user']['id']}", headers=bearer(ada["token"])).json()

    assert found == {"id": ada["user"]["id"], "email": "ada@example.com", "name": "Ada L."}


def test_a_first_user_who_logs_in_is_that_one(serve):
    """By the address that `/users` shows."""
    club = serve(CLUB.replace("ME", "/me").replace("PEOPLE", PEOPLE))
    first = club.get("/users", headers=bearer("any")).json()[0]

    token = club.post("/auth/login", json={"email": first["email"], "password": "x"}).json()["token"]

    assert club.get("/me", headers=bearer(token)).json() == first


def test_a_token_of_elsewhere_shows_the_user_of_the_document(serve):
    """Nobody was told of by it."""
    club = serve(CLUB.replace("ME", "/me").replace("PEOPLE", ""))
    before = club.get("/me", headers=bearer("elsewhere")).json()
    club.post("/auth/register", json={"email": "ada@example.com", "password": "x"})

    assert club.get("/me", headers=bearer("elsewhere")).json() == before


def test_who_is_made_with_a_password_and_answered_with_a_token_is_logged_in(serve):
    """In envelopes, and by another scheme than `Bearer`."""
    blog = serve(BLOG)
    sent = {"user": {"username": "ada", "email": "ada@example.com", "password": "x"}}
    made = blog.post("/users", json=sent).json()["user"]
    known = blog.post("/users/login", json=sent).json()["user"]

    shown = [blog.get("/user", headers={"Authorization": f"Token {each['token']}"}).json() for each in (made, known)]

    assert [(one["user"]["username"], one["user"]["email"]) for one in shown] == [("ada", "ada@example.com")] * 2
    assert "password" not in shown[0]["user"]


FORUM = """
openapi: 3.0.3
info: {title: Forum, version: "1"}
paths:
  /register:
    post:
      requestBody: {content: {application/json: {schema: {$ref: "#/components/schemas/Person"}}}}
      responses:
        "201": {description: Made., content: {application/json: {schema: {$ref: "#/components/schemas/Person"}}}}
        "409": {description: There is one.}
  /login:
    post:
      requestBody: {content: {application/json: {schema: {$ref: "#/components/schemas/Person"}}}}
      responses:
        "200":
          description: In.
          content:
            application/json: {schema: {type: object, required: [token], properties: {token: {type: string}}}}
  /me:
    get:
      security: [{bearer: []}]
      responses:
        "200": {description: Me., content: {application/json: {schema: {$ref: "#/components/schemas/Person"}}}}
  PEOPLE
components:
  securitySchemes: {bearer: {type: http, scheme: bearer}}
  schemas:
    Person:
      type: object
      properties:
        username: {type: string}
        email: {type: string}
        password: {type: string, writeOnly: true}
    User:
      type: object
      required: [id]
      properties: {id: {type: integer}, username: {type: string}, email: {type: string}}
"""


def test_who_registered_logs_in_by_either_name(serve):
    """The email was sent with the registration alone."""
    client = serve(FORUM.replace("PEOPLE", ""))
    client.post("/zoo/register", json={"username": "ann", "email": "ann@example.com", "password": "x"})

    token = client.post("/zoo/login", json={"username": "ann", "password": "x"}).json()["token"]

    assert client.get("/zoo/me", headers=bearer(token)).json() == {"username": "ann", "email": "ann@example.com"}


@pytest.mark.parametrize("people", ["", PEOPLE], ids=["no list", "a list"])
@pytest.mark.parametrize("again", [{"username": "Ann"}, {"username": "bob", "email": "ann@example.com"}])
def test_nobody_registers_twice_where_that_is_a_declared_conflict(serve, people, again):
    """Under the one name or the other."""
    client = serve(FORUM.replace("PEOPLE", people))
    first = client.post("/zoo/register", json={"username": "ann", "email": "ann@example.com", "password": "x"})

    second = client.post("/zoo/register", json={**again, "password": "y"})
    other = client.post("/zoo/register", json={"username": "cid", "email": "cid@example.com", "password": "z"})

    assert (first.status_code, second.status_code, other.status_code) == (201, 409, 201)
    assert "mock-assumption" not in second.headers
