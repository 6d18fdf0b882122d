"""A list below a record of which records of another collection belong to it."""

from __future__ import annotations

TEAMS = """
openapi: 3.0.3
info: {title: Teams, version: "1"}
paths:
  /users:
    get: {responses: {"200": {description: x, content: {application/json: {schema: {type: array, items: {$ref: "#/components/schemas/User"}}}}}}}
    post:
      requestBody: {content: {application/json: {schema: {$ref: "#/components/schemas/UserIn"}}}}
      responses: {"201": {description: x, content: {application/json: {schema: {$ref: "#/components/schemas/User"}}}}}
  /users/{id}:
    parameters: [{name: id, in: path, required: true, schema: {type: integer}}]
    get: {responses: {"200": {description: x, content: {application/json: {schema: {$ref: "#/components/schemas/User"}}}}, "404": {description: None.}}}
    delete: {responses: {"204": {description: Gone.}, "404": {description: None.}}}
  /teams:
    get: {responses: {"200": {description: x, content: {application/json: {schema: {type: array, items: {$ref: "#/components/schemas/Team"}}}}}}}
  /teams/{id}:
    parameters: [{name: id, in: path, required: true, schema: {type: integer}}]
    get: {responses: {"200": {description: x, content: {application/json: {schema: {$ref: "#/components/schemas/Team"}}}}, "404": {description: None.}}}
    delete: {responses: {"204": {description: Gone.}}}
  /teams/{id}/members:
    parameters: [{name: id, in: path, required: true, schema: {type: integer}}]
    get: {responses: {"200": {description: x, content: {application/json: {schema: {type: array, items: {$ref: "#/components/schemas/User"}}}}}, "404": {description: None.}}}
    post:
      requestBody: {content: {application/json: {schema: {type: object, properties: {userId: {type: integer}}}}}}
      responses: {"201": {description: x, content: {application/json: {schema: {$ref: "#/components/schemas/User"}}}}, "404": {description: None.}}
  /teams/{id}/members/{userId}:
    parameters:
    - {name: id, in: path, required: true, schema: {type: integer}}
    - {name: userId, in: path, required: true, schema: {type: integer}}
    put: {responses: {"204": {description: Added.}, "404": {description: None.}}}
    delete: {responses: {"204": {description: Gone.}, "404": {description: None.}}}
components:
  schemas:
    UserIn: {type: object, required: [name], properties: {name: {type: string}}}
    User: {type: object, required: [id, name], properties: {id: {type: integer}, name: {type: string}, email: {type: string}}}
    Team: {type: object, required: [id, title], properties: {id: {type: integer}, title: {type: string}}}
"""  # noqa: E501


def test_first_members_are_users(serve):
    """Each first member of a team is the user that its own address shows."""
    client = serve(TEAMS)

    members = client.get("/teams/1/members").json()

    assert len(members) == 2
    assert [client.get(f"/users/{member['id']}").json() for member in members] == members


def test_a_user_is_added_by_the_id(serve):
    """Who adds a user by the id finds the user there, and no second one among the users."""
    client = serve(TEAMS)
    users = len(client.get("/users").json())
    one, two = (client.post("/users", json={"name": name}).json() for name in ("Ann", "Bob"))

    posted = client.post("/teams/1/members", json={"userId": one["id"]})
    put = client.put(f"/teams/1/members/{two['id']}")
    members = client.get("/teams/1/members").json()

    assert (posted.status_code, posted.json(), put.status_code) == (201, one, 204)
    assert members[-2:] == [one, two]
    assert len(client.get("/users").json()) == users + 2
    assert one not in client.get("/teams/2/members").json()


def test_who_leaves_a_team_stays_a_user(serve):
    """A member that is taken away is a user still, and a user that is taken away is no member."""
    client = serve(TEAMS)
    one, two = (client.post("/users", json={"name": name}).json() for name in ("Ann", "Bob"))
    for user in (one, two):
        client.post("/teams/1/members", json={"userId": user["id"]})

    left = client.delete(f"/teams/1/members/{one['id']}").status_code
    client.delete(f"/users/{two['id']}")
    members = client.get("/teams/1/members").json()

    assert left == 204
    assert one not in members
    assert two not in members
    assert client.get(f"/users/{one['id']}").json() == one


def test_nobody_is_added_who_is_no_user(serve):
    """An id that no user has is refused, and so is a team that is not there."""
    client = serve(TEAMS)

    answers = [
        client.post("/teams/1/members", json={"userId": 999}),
        client.put("/teams/1/members/999"),
        client.post("/teams/99/members", json={"userId": 1}),
    ]

    assert [answer.status_code for answer in answers] == [404, 404, 404]
    assert len(client.get("/teams/1/members").json()) == 2
