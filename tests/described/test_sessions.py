"""What login begins, logout ends."""

import pytest

from tests.support import bearer

BANK = """
openapi: 3.1.0
info: {title: Bank, version: "1"}
security: [{bearer: []}]
paths:
  /auth/login:
    post:
      operationId: login
      security: []
      requestBody:
        content:
          application/json:
            schema: {type: object, properties: {email: {type: string}, password: {type: string}}}
      responses:
        "200":
          description: In.
          content:
            application/json:
              schema:
                type: object
                required: [access_token]
                properties: {access_token: {type: string}, token_type: {type: string, const: bearer}}
EXAMPLE
  /auth/logout: {post: {operationId: logout, responses: {"204": {description: Out.}, "401": {description: No.}}}}
  /accounts:
    get:
      operationId: list
      responses:
        "200":
          description: All.
          content:
            application/json: {schema: {type: array, items: {$ref: "#/components/schemas/Account"}}}
        "401": {description: No.}
  /accounts/{id}:
    get:
      operationId: read
      parameters: [{name: id, in: path, required: true, schema: {type: integer}}]
      responses:
        "200":
          description: One.
          content: {application/json: {schema: {$ref: "#/components/schemas/Account"}}}
components:
  securitySchemes: {bearer: {type: http, scheme: bearer}}
  schemas:
    Account: {type: object, required: [id], properties: {id: {type: integer}, name: {type: string}}}
"""
NO_EXAMPLE = BANK.replace("EXAMPLE\n", "")
EXAMPLE = BANK.replace(
    "EXAMPLE", "              example: {access_token: eyJhbGci.eyJzdWIi.c2lnbmVk, token_type: bearer}"
)
LOGIN = {"email": "ada@example.com", "password": "secret"}


def log_in(client, **headers):
    """A token that the mock gives out."""
    return client.post("/zoo/auth/login", json=LOGIN, headers=headers).json()["access_token"]


@pytest.mark.parametrize("document", [NO_EXAMPLE, EXAMPLE])
def test_a_token_is_refused_once_it_was_logged_out(serve, document):
    """Logout ends the token of its caller; that of another login goes on."""
    client = serve(document)
    one, other = log_in(client), log_in(client)

    before = client.get("/zoo/accounts", headers=bearer(one))
    logout = client.post("/zoo/auth/logout", headers=bearer(one))
    after = client.get("/zoo/accounts", headers=bearer(one))
    others = client.get("/zoo/accounts", headers=bearer(other))

    assert one != other
    assert [before.status_code, logout.status_code, after.status_code, others.status_code] == [200, 204, 401, 200]
    assert 'error="invalid_token"' in after.headers["WWW-Authenticate"]
    assert "not-remembered" not in logout.headers.get("Mock-Assumption", "")


def test_a_token_of_elsewhere_is_taken_after_logout_too(serve):
    """A token that the mock did not give out has nothing that ends, and logout says that it remembered nothing."""
    client = serve(EXAMPLE)

    logout = client.post("/zoo/auth/logout", headers=bearer("from-elsewhere"))
    after = client.get("/zoo/accounts", headers=bearer("from-elsewhere"))

    assert after.status_code == 200
    assert "not-remembered" in logout.headers["Mock-Assumption"]


def test_a_logout_counts_in_its_own_world(serve):
    """What is logged out in one world is not in another."""
    client = serve(EXAMPLE)
    here, there = log_in(client, **{"Mock-World": "here"}), log_in(client, **{"Mock-World": "there"})

    client.post("/zoo/auth/logout", headers={**bearer(here), "Mock-World": "here"})
    answers = [client.get("/zoo/accounts", headers={**bearer(here), "Mock-World": w}) for w in ("here", "there")]

    assert here == there
    assert [answer.status_code for answer in answers] == [401, 200]


ME = """
openapi: 3.1.0
info: {title: Me, version: "1"}
security: [{bearer: []}]
paths:
  /me: {get: {responses: {"200": {description: It is me.}, "401": {description: No.}}}}
  LOGIN:
    post:
      security: []
      responses: {"201": {description: In., content: {application/json: {schema: SCHEMA}}}}
LOGOUT
components:
  securitySchemes: {bearer: {type: http, scheme: bearer}}
"""
NESTED = (
    "{type: object, properties: {data: {type: object, properties: {attributes: {type: object, "
    "properties: {token: {type: string}}}}}}}"
)


@pytest.mark.parametrize(
    ("login", "schema", "logout", "token"),
    [
        ("/session", NESTED, ("delete", "/session"), lambda body: body["data"]["attributes"]["token"]),
        ("/auth/sign_in", "{type: string}", ("delete", "/auth/sign_out"), lambda body: body),
        ("/login", "{type: object, properties: {jwt: {type: string}}}", ("get", "/logout"), lambda body: body["jwt"]),
    ],
)
def test_a_token_is_found_wherever_the_login_answers_it(serve, login, schema, logout, token):
    """Two objects deep, or as the whole answer; and a logout may be a GET."""
    method, path = logout
    document = ME.replace("SCHEMA", schema).replace("LOGIN", login)
    out = f'{method}: {{responses: {{"204": {{description: Out.}}}}}}'
    client = serve(document.replace("LOGOUT", f"    {out}" if path == login else f"  {path}: {{{out}}}"))
    headers = bearer(token(client.post(login).json()))

    before = client.get("/me", headers=headers)
    client.request(method.upper(), path, headers=headers)

    assert before.status_code == 200
    assert client.get("/me", headers=headers).status_code == 401


SESSIONS = """
openapi: 3.1.0
info: {title: Sessions, version: "1"}
security: [{bearer: []}]
paths:
  /sessions:
    post:
      security: []
      requestBody: {content: {application/json: {schema: {type: object, properties: {user: {type: string}}}}}}
      responses:
        "201":
          description: In.
          content: {application/json: {schema: &session {$ref: "#/components/schemas/Session"}}}
  /sessions/{id}:
    parameters: [{name: id, in: path, required: true, schema: {type: integer}}]
    get:
      responses:
        "200": {description: One., content: {application/json: {schema: *session}}}
        "401": &no {description: No.}
    delete: {responses: {"204": {description: Out.}, "401": *no}}
components:
  securitySchemes: {bearer: {type: http, scheme: bearer}}
  schemas:
    Session: {type: object, properties: {id: {type: integer}, token: {type: string}, user: {type: string}}}
"""


def test_a_session_that_is_a_record_has_a_token_until_it_is_deleted(serve):
    """Nobody sends the token, so the server makes it; another session goes on."""
    client = serve(SESSIONS)
    one, other = (client.post("/sessions", json={"user": user}).json() for user in ("ann", "max"))
    path = f"/sessions/{other['id']}"

    assert client.get(path, headers=bearer(one["token"])).status_code == 200
    client.delete(f"/sessions/{one['id']}", headers=bearer(one["token"]))

    assert client.get(path, headers=bearer(one["token"])).status_code == 401
    assert client.get(path, headers=bearer(other["token"])).json()["token"] == other["token"]
