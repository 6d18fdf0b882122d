"""What login begins, logout ends."""

import pytest

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


def bearer(token):
    """The header that shows the token."""
    return {"Authorization": f"Bearer {token}"}


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
