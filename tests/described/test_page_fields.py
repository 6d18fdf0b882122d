"""Fields of an envelope that describe its page: one that does not fit takes no other away."""

from __future__ import annotations

DOCUMENT = """
openapi: 3.0.3
info: {title: Shop, version: "1"}
paths:
  /goods:
    get:
      parameters:
        - {name: limit, in: query, schema: {type: integer, minimum: 1}}
        - {name: page, in: query, schema: {type: integer, minimum: 1}}
      responses:
        "200":
          description: A page.
          content:
            application/json:
              schema:
                type: object
                properties:
                  meta:
                    type: object
                    properties:
                      url: {type: string, format: uri}
                      next_page_url: {type: string, format: uri, nullable: true}
                  results: {type: array, items: {$ref: "#/components/schemas/Thing"}}
  /goods/{id}:
    parameters: [{name: id, in: path, required: true, schema: {type: integer}}]
    get: {responses: {"200": {description: One., content: {application/json: {schema: {
      $ref: "#/components/schemas/Thing"}}}}}}
  /users:
    get:
      parameters:
        - {name: maxResults, in: query, schema: {type: integer, minimum: 1}}
        - {name: nextToken, in: query, schema: {type: string}}
      responses:
        "200":
          description: A page.
          content:
            application/json:
              schema:
                type: object
                properties:
                  maxResults: {type: integer, minimum: 5, maximum: 100}
                  nextToken: {type: string}
                  users: {type: array, items: {$ref: "#/components/schemas/Thing"}}
  /users/{id}:
    parameters: [{name: id, in: path, required: true, schema: {type: integer}}]
    get: {responses: {"200": {description: One., content: {application/json: {schema: {
      $ref: "#/components/schemas/Thing"}}}}}}
components:
  schemas:
    Thing: {type: object, required: [id], properties: {id: {type: integer}, name: {type: string}}}
"""


def test_an_address_in_another_object_than_the_list_keeps_no_link_away(serve):
    """`meta.url` beside `meta.next_page_url`, as Twilio has them."""
    client = serve(DOCUMENT)

    page = client.get("/goods?limit=2").json()

    assert page["meta"]["next_page_url"].endswith("/goods?limit=2&page=2")
    assert client.get(page["meta"]["next_page_url"]).json()["meta"]["next_page_url"] is None


def test_a_page_that_is_smaller_than_its_field_allows_ends_all_the_same(serve):
    """The size is left as it is, and the last page has no token."""
    client = serve(DOCUMENT)

    first = client.get("/users?maxResults=2").json()
    last = client.get("/users", params={"maxResults": 2, "nextToken": first["nextToken"]}).json()

    assert [len(first["users"]), len(last["users"]), "nextToken" in last] == [2, 1, False]
