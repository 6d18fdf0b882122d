"""Writes that declare a body and come without one."""

import pytest

THINGS = """
openapi: 3.1.0
info: {title: Things, version: "1"}
paths:
  /things:
    post: &write
      requestBody: {content: {application/json: {schema: &thing {$ref: "#/components/schemas/Thing"}}}}
      responses: {"200": &one {description: One., content: {application/json: {schema: *thing}}}}
  /things/{id}:
    parameters: [{name: id, in: path, required: true, schema: {type: integer}}]
    get: {responses: {"200": *one}}
    put: *write
    patch: *write
components:
  schemas:
    Thing: {type: object, properties: {id: {type: integer, readOnly: true}, name: {type: string}}}
"""


@pytest.mark.parametrize("method", ["PUT", "PATCH"])
def test_a_record_stays_as_it_was_where_no_body_says_otherwise(serve, method):
    """And the answer notes that none was sent."""
    client = serve(THINGS)
    made = client.post("/things", json={"name": "Lamp"}).json()

    answer = client.request(method, f"/things/{made['id']}")

    assert answer.headers["Mock-Assumption"].startswith("zoo.missing-body=")
    assert client.get(f"/things/{made['id']}").json() == made


def test_a_record_that_is_made_of_nothing_says_so(serve):
    """It has what a server adds."""
    answer = serve(THINGS).post("/things")

    assert answer.headers["Mock-Assumption"].startswith("zoo.missing-body=")
    assert answer.json() == {"id": 4}
