"""A record is shown as far as the answer's schema allows, whatever it does not allow."""

DOCUMENT = """
openapi: 3.1.0
info: {title: Zoo, version: "1"}
paths:
  /animals:
    post:
      requestBody: {content: {application/json: {schema: {type: object, properties: {
        name: {type: string}, fields: {type: object, additionalProperties: {type: string}}}}}}}
      responses: {"201": {description: Made., content: {application/json: {schema: &animal
        {type: object, additionalProperties: false, properties: {
          id: {type: [string, "null"]}, name: {type: [string, "null"]},
          fields: {type: [object, "null"], additionalProperties: {type: object, properties: {
            amount: {type: integer}}}}}}}}}}
  /animals/{id}:
    parameters: [{name: id, in: path, required: true, schema: {type: string}}]
    get:
      responses:
        "200": {description: One., content: {application/json: {schema: *animal}}}
        "404": {description: None.}
"""


def test_one_member_that_cannot_be_shown_takes_no_other_away(serve):
    """The name stays beside fields that the answer has as objects, and the answer says what it leaves out."""
    client = serve(DOCUMENT)

    made = client.post("/zoo/animals", json={"name": "Rex", "fields": {"colour": "red"}})

    assert made.json() == {"id": "animal-4", "name": "Rex", "fields": {}}
    assert "/fields/colour" in made.headers["Mock-Assumption"]
    assert client.get("/zoo/animals/animal-4").json() == made.json()
