"""Parameters that a document does not declare, where records are deleted."""

SHOP = """
openapi: 3.1.0
info: {title: Shop, version: "1"}
paths:
  /items:
    get:
      responses:
        "200":
          description: All.
          content: {application/json: {schema: {type: array, items: {$ref: "#/components/schemas/Item"}}}}
    delete:
      parameters: [{name: state, in: query, schema: {type: string}}]
      responses: {"204": {description: Gone.}}
  /items/{id}:
    get:
      parameters: [{name: id, in: path, required: true, schema: {type: integer}}]
      responses:
        "200": {description: One., content: {application/json: {schema: {$ref: "#/components/schemas/Item"}}}}
components:
  schemas:
    Item: {type: object, required: [id, state], properties: {id: {type: integer}, state: {type: string}}}
"""


def test_a_parameter_that_is_not_declared_is_noted_where_all_is_deleted(serve):
    """The answer names the parameter that chose nothing."""
    client = serve(SHOP)

    unknown = client.delete("/zoo/items", params={"stat": "open"})
    left = client.get("/zoo/items").json()

    assert unknown.status_code == 204
    assert left == []
    assert unknown.headers["Mock-Assumption"] == (
        "zoo.ignored-parameters=not declared and so no filter of what was deleted: stat"
    )


def test_a_declared_parameter_is_not_noted(serve):
    """A filter of the document chooses, and there is nothing to tell."""
    client = serve(SHOP)

    declared = client.delete("/zoo/items", params={"state": "nowhere"})
    left = client.get("/zoo/items").json()

    assert declared.status_code == 204
    assert left
    assert "Mock-Assumption" not in declared.headers
