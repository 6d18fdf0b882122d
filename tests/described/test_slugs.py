"""The slug of a new record follows from its title."""

BLOG = """
openapi: 3.0.3
info: {title: Blog, version: "1"}
paths:
  /KIND:
    get: {responses: {"200": {description: All., content: {application/json: {schema: {type: array, items: RECORD}}}}}}
    post:
      requestBody:
        content: {application/json: {schema: {type: object, required: [title], properties: {title: {type: string}}}}}
      responses:
        "201": {description: Made., content: {application/json: {schema: RECORD}}}
        "409": {description: There is one.}
  /KIND/{KEY}:
    parameters: [{name: KEY, in: path, required: true, schema: {type: string}}]
    get:
      responses:
        "200": {description: One., content: {application/json: {schema: RECORD}}}
        "404": {description: None.}
components:
  schemas:
    Record:
      type: object
      required: [id, slug, title]
      properties: {id: {type: string, readOnly: true}, slug: {type: string, readOnly: true}, title: {type: string}}
"""


def document(kind, key):
    """A collection whose records are told apart by this member."""
    return BLOG.replace("KIND", kind).replace("KEY", key).replace("RECORD", '{$ref: "#/components/schemas/Record"}')


def test_a_slug_that_is_an_id_leads_to_the_record(serve):
    """And a second record of the title has another one."""
    blog = serve(document("articles", "slug"))

    first, second = (blog.post("/articles", json={"title": "Über Tee & Co."}).json() for _ in range(2))

    assert first["slug"] == "uber-tee-co"
    assert second["slug"] != first["slug"]
    assert blog.get("/articles/uber-tee-co").json()["title"] == "Über Tee & Co."


def test_a_slug_beside_an_id_differs_from_those_that_there_are(serve):
    """By the id."""
    blog = serve(document("pages", "id"))

    first, second = (blog.post("/pages", json={"title": "Green Tea"}).json() for _ in range(2))

    assert (first["slug"], second["slug"]) == ("green-tea", f"green-tea-{second['id']}")
