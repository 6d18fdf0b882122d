"""Related records are included, stand in the place of their ids, and are read and set at their own addresses."""

from __future__ import annotations

ALBUMS = """
openapi: 3.0.3
info: {title: Albums, version: "1"}
paths:
  /artists:
    get: {responses: {"200": {description: x, content: {application/json: {schema: {type: object, properties: {data: {type: array, items: {$ref: "#/components/schemas/Artist"}}}}}}}}}
    post:
      requestBody: {content: {application/json: {schema: {type: object, properties: {data: {$ref: "#/components/schemas/Artist"}}}}}}
      responses: {"201": {$ref: "#/components/responses/Artist"}}
  /artists/{id}:
    parameters: [&id {name: id, in: path, required: true, schema: {type: string}}]
    get: {responses: {"200": {$ref: "#/components/responses/Artist"}, "404": {description: None.}}}
  /albums:
    get:
      parameters:
        - {name: include, in: query, schema: {type: string}}
        - {name: "filter[artist]", in: query, schema: {type: string}}
      responses: {"200": {description: x, content: {application/json: {schema: {type: object, properties: {data: {type: array, items: {$ref: "#/components/schemas/Album"}}, included: {type: array, items: {$ref: "#/components/schemas/Artist"}}}}}}}}
    post:
      requestBody: {content: {application/json: {schema: {type: object, properties: {data: {$ref: "#/components/schemas/Album"}}}}}}
      responses: {"201": {$ref: "#/components/responses/Album"}, "404": {description: No such artist.}}
  /albums/{id}:
    parameters: [*id]
    get:
      parameters: [{name: include, in: query, schema: {type: string}}]
      responses: {"200": {$ref: "#/components/responses/Album"}, "404": {description: None.}}
  /albums/{id}/artist:
    parameters: [*id]
    get: {responses: {"200": {$ref: "#/components/responses/Artist"}, "404": {description: None.}}}
  /albums/{id}/relationships/artist:
    parameters: [*id]
    get: {responses: {"200": {description: x, content: {application/json: {schema: {$ref: "#/components/schemas/Linkage"}}}}}}
    patch:
      requestBody: {content: {application/json: {schema: {$ref: "#/components/schemas/Linkage"}}}}
      responses: {"204": {description: Done.}, "404": {description: None.}}
components:
  responses:
    Artist: {description: x, content: {application/json: {schema: {type: object, properties: {data: {$ref: "#/components/schemas/Artist"}}}}}}
    Album: {description: x, content: {application/json: {schema: {type: object, properties: {data: {$ref: "#/components/schemas/Album"}, included: {type: array, items: {$ref: "#/components/schemas/Artist"}}}}}}}
  schemas:
    Linkage: {type: object, properties: {data: {type: object, required: [type, id], properties: {type: {type: string}, id: {type: string}}}}}
    Artist:
      type: object
      required: [type]
      properties:
        type: {type: string, enum: [artists]}
        id: {type: string}
        attributes: {type: object, properties: {name: {type: string}}}
    Album:
      type: object
      required: [type]
      properties:
        type: {type: string, enum: [albums]}
        id: {type: string}
        attributes: {type: object, properties: {title: {type: string}}}
        relationships: {type: object, properties: {artist: {$ref: "#/components/schemas/Linkage"}}}
"""  # noqa: E501


def _made(client):
    """Two artists, and an album of the first."""
    artists = [
        client.post("/artists", json={"data": {"type": "artists", "attributes": {"name": name}}}).json()["data"]
        for name in ("Ann", "Bob")
    ]
    related = {"artist": {"data": {"type": "artists", "id": artists[0]["id"]}}}
    body = {"data": {"type": "albums", "attributes": {"title": "One"}, "relationships": related}}
    return artists, client.post("/albums", json=body).json()["data"]["id"]


def test_what_is_asked_for_is_included(serve):
    """The artist of the album, or those of all albums of a list; and none unasked."""
    client = serve(ALBUMS)
    artists, album = _made(client)

    one = client.get(f"/albums/{album}", params={"include": "artist"}).json()
    plain = client.get(f"/albums/{album}").json()
    listed = client.get("/albums", params={"include": "artist"}).json()

    assert one["included"] == [artists[0]]
    assert "included" not in plain
    named = {each["relationships"]["artist"]["data"]["id"] for each in listed["data"]}
    assert {each["id"] for each in listed["included"]} == named


def test_a_related_record_has_an_address(serve):
    """`/albums/{id}/artist` is the artist that the album names."""
    client = serve(ALBUMS)
    artists, album = _made(client)

    assert client.get(f"/albums/{album}/artist").json() == {"data": artists[0]}
    assert client.get("/albums/none/artist").status_code == 404


def test_a_relationship_is_read_and_set(serve):
    """At `/relationships/artist`, to an artist that is there."""
    client = serve(ALBUMS)
    artists, album = _made(client)
    path = f"/albums/{album}/relationships/artist"

    before = client.get(path).json()
    done = client.patch(path, json={"data": {"type": "artists", "id": artists[1]["id"]}})
    found = client.get("/albums", params={"filter[artist]": artists[1]["id"]}).json()["data"]

    assert before == {"data": {"type": "artists", "id": artists[0]["id"]}}
    assert done.status_code == 204
    assert client.get(f"/albums/{album}/artist").json() == {"data": artists[1]}
    assert [each["id"] for each in found] == [album]


PAY = """
openapi: 3.0.3
info: {title: Pay, version: "1"}
paths:
  /customers:
    get: {responses: {"200": {description: x, content: {application/json: {schema: {type: array, items: {$ref: "#/components/schemas/Customer"}}}}}}}
  /customers/{customer}:
    parameters: [{name: customer, in: path, required: true, schema: {type: string}}]
    get: {responses: {"200": {description: x, content: {application/json: {schema: {$ref: "#/components/schemas/Customer"}}}}}}
  /charges:
    get:
      parameters: [{name: expand, in: query, schema: {type: array, items: {type: string}}}]
      responses: {"200": {description: x, content: {application/json: {schema: {type: object, properties: {data: {type: array, items: {$ref: "#/components/schemas/Charge"}}}}}}}}
  /charges/summary:
    get:
      responses:
        "200":
          description: x
          content:
            application/json:
              schema:
                type: object
                properties:
                  total_charges: {type: integer}
                  paid: {type: integer}
                  total_amount: {type: integer}
                  average_amount: {type: number}
                  max_amount: {type: integer}
                  by_status: {type: object, additionalProperties: {type: integer}}
  /charges/{charge}:
    parameters: [{name: charge, in: path, required: true, schema: {type: string}}]
    get:
      parameters: [{name: "expand[]", in: query, schema: {type: array, items: {type: string}}}]
      responses: {"200": {description: x, content: {application/json: {schema: {$ref: "#/components/schemas/Charge"}}}}, "404": {description: None.}}
    patch:
      requestBody: {content: {application/json: {schema: {type: object, properties: {amount: {type: integer}, status: {type: string}}}}}}
      responses: {"200": {description: x, content: {application/json: {schema: {$ref: "#/components/schemas/Charge"}}}}}
components:
  schemas:
    Customer: {type: object, required: [id], properties: {id: {type: string}, name: {type: string}}}
    Charge:
      type: object
      required: [id, amount, status, customer]
      properties:
        id: {type: string}
        amount: {type: integer}
        status: {type: string, enum: [open, paid]}
        customer: {anyOf: [{type: string}, {$ref: "#/components/schemas/Customer"}]}
"""  # noqa: E501


def test_ids_are_expanded_where_that_is_asked_for(serve):
    """`expand[]=customer` shows the customer in the place of the id, in one charge and in each of a list."""
    client = serve(PAY)
    charge = client.get("/charges").json()["data"][0]
    customer = client.get(f"/customers/{charge['customer']}").json()

    one = client.get(f"/charges/{charge['id']}", params={"expand[]": "customer"}).json()
    listed = client.get("/charges", params={"expand[]": "data.customer"}).json()["data"]

    assert one == {**charge, "customer": customer}
    assert listed[0] == one


def test_statistics_tell_the_truth(serve):
    """How many there are, in all and by their state, and what they come to."""
    client = serve(PAY)
    ids = [charge["id"] for charge in client.get("/charges").json()["data"]]
    for name, amount, status in zip(ids, (10, 20, 60), ("paid", "open", "paid"), strict=True):
        client.patch(f"/charges/{name}", json={"amount": amount, "status": status})

    told = client.get("/charges/summary").json()

    assert told == {
        "total_charges": 3,
        "paid": 2,
        "total_amount": 90,
        "average_amount": 30,
        "max_amount": 60,
        "by_status": {"paid": 2, "open": 1},
    }
