"""The ids of records are taken by the paths to these records, those of the first records included."""

import json

import httpx
import pytest

KINDS = {
    "a number that is text of six digits in the path": (
        {"type": "integer"},
        {"type": "string", "pattern": "^[0-9]{6}$"},
    ),
    "text that is a number in the path": ({"type": "string"}, {"type": "integer", "minimum": 1000}),
    "text of digits": ({"type": "string", "pattern": "^[0-9]{4}$"}, {"type": "integer"}),
    "a number with bounds": ({"type": "integer"}, {"type": "integer", "minimum": 40, "maximum": 60}),
    "a number above a bound": ({"type": "integer", "exclusiveMinimum": 99}, {"type": "integer"}),
    "a UUID in the path alone": ({"type": "string"}, {"type": "string", "format": "uuid"}),
    "a UUID without dashes": (
        {"type": "string", "example": "3f2504e0-4f89-11d3-9a0c-0305e82c3301"},
        {"type": "string", "pattern": "^[0-9a-f]{32}$"},
    ),
    "a prefix": ({"type": "string"}, {"type": "string", "pattern": "^cus_[a-z0-9]{8}$"}),
    "a short text": ({"type": "string"}, {"type": "string", "maxLength": 4}),
    "an address of the network": ({"type": "string"}, {"type": "string", "format": "ipv6"}),
    "an example that the other schema refuses": (
        {"type": "string", "example": "Some Order"},
        {"type": "string", "pattern": "^ord-[0-9]+$"},
    ),
    "a length beside a pattern of the other": (
        {"allOf": [{"type": "string"}, {"minLength": 20}]},
        {"type": "string", "pattern": "^[a-z0-9]*$"},
    ),
    "digits of a length": ({"type": "string", "minLength": 14}, {"type": "string", "pattern": "^[0-9]+$"}),
    "a list of texts in the path": ({"type": "string"}, {"type": "array", "items": {"type": "string"}}),
    "an example with a slash": ({"type": "string", "example": "eu/1"}, {"type": "string"}),
}


def document(in_record: object, in_path: object, *, below: object = None, example: object = None) -> str:
    """A document with one collection; below its records is another where `below` is the id's schema in that path."""
    order = {
        "type": "object",
        "required": ["id", "note"],
        "properties": {"id": in_record, "note": {"type": "string"}},
    }
    body = {"content": {"application/json": {"schema": {"type": "object", "properties": {"note": {"type": "string"}}}}}}
    one = {"description": "One.", "content": {"application/json": {"schema": order}}}
    some = {"schema": {"type": "array", "items": order}, **({"example": example} if example is not None else {})}
    identified = {"name": "orderId", "in": "path", "required": True, "schema": in_path}
    paths = {
        "/orders": {
            "get": {"responses": {"200": {"description": "All.", "content": {"application/json": some}}}},
            "post": {"requestBody": body, "responses": {"201": {**one, "headers": {"Location": {"schema": {}}}}}},
        },
        "/orders/{orderId}": {
            "parameters": [identified],
            "get": {"responses": {"200": one, "404": {"description": "None."}}},
        },
    }
    if below is not None:
        paths["/orders/{orderId}/lines"] = {
            "parameters": [{**identified, "schema": below}],
            "get": {"responses": {"200": {"description": "All.", "content": {"application/json": some}}}},
            "post": {"requestBody": body, "responses": {"201": one}},
        }
    return json.dumps({"openapi": "3.1.0", "info": {"title": "Orders", "version": "1"}, "paths": paths})


def statuses(client: httpx.Client, ids: list[object], below: str = "") -> list[int]:
    """What each of the records, or what is below it, is answered with."""
    return [client.get(f"/zoo/orders/{record_id}{below}").status_code for record_id in ids]


@pytest.mark.parametrize("kind", KINDS)
def test_every_id_is_read_at_its_own_address(serve, kind):
    """Those of the first records, and those of new ones, which are also read at `Location`."""
    client = serve(document(*KINDS[kind]))

    made = [client.post("/zoo/orders", json={"note": "new"}) for _ in range(3)]

    new = [answer.json()["id"] for answer in made]
    ids = [order["id"] for order in client.get("/zoo/orders").json()]
    assert [answer.status_code for answer in made] == [201, 201, 201]
    assert len({*ids}) == len(ids) == 6
    assert ids[3:] == new
    assert statuses(client, ids) == [200] * 6
    assert [client.get(f"/zoo/orders/{record_id}").json()["id"] for record_id in ids] == ids
    assert [client.get(answer.headers["Location"]).json() for answer in made] == [answer.json() for answer in made]


def test_the_only_id_in_a_record_is_the_one_in_its_path(serve):
    """`placeId` at `/spots/{id}`, where no client sends it; what names another collection's records is none."""
    spot = {
        "type": "object",
        "required": ["placeId", "note"],
        "properties": {"placeId": {"type": "string"}, "note": {"type": "string"}},
    }
    served = json.loads(document({"type": "string"}, {"type": "string"}).replace("orders", "spots"))
    for path, method, status in (("/spots", "post", "201"), ("/spots/{orderId}", "get", "200")):
        served["paths"][path][method]["responses"][status]["content"]["application/json"]["schema"] = spot
    listed = served["paths"]["/spots"]["get"]["responses"]["200"]["content"]["application/json"]
    listed["schema"]["items"] = spot
    client = serve(json.dumps(served).replace("orderId", "id"))

    made = client.post("/zoo/spots", json={"note": "new"})

    spots = client.get("/zoo/spots").json()
    assert made.json() in spots
    assert [client.get(f"/zoo/spots/{one['placeId']}").json() for one in spots] == spots


def test_ids_that_are_listed_one_by_one_are_given_until_there_are_none(serve):
    """A schema of the path that lists all ids allows no others."""
    client = serve(document({"type": "string"}, {"enum": ["red", "green", "blue", "black"]}))

    made = [client.post("/zoo/orders", json={"note": "new"}) for _ in range(2)]

    ids = [order["id"] for order in client.get("/zoo/orders").json()]
    assert [answer.status_code for answer in made] == [201, 409]
    assert {*ids} == {"red", "green", "blue", "black"}
    assert statuses(client, ids) == [200] * 4


def test_paths_below_a_record_take_its_id_too(serve):
    """Where one path says that the id is text and another that it is a number."""
    client = serve(document({"type": "string"}, {"type": "string"}, below={"type": "integer"}))

    made = client.post("/zoo/orders", json={"note": "new"}).json()["id"]

    ids = [order["id"] for order in client.get("/zoo/orders").json()]
    assert made in ids
    assert statuses(client, ids, "/lines") == [200] * 4


def test_an_example_whose_id_no_path_takes_has_another(serve):
    """The rest of the example is shown as it is; an example that fits stays whole."""
    example = [{"id": "eu/1", "note": "from the document"}, {"id": "ord-7", "note": "also"}]
    client = serve(document({"type": "string"}, {"type": "string", "pattern": "^ord-[0-9]+$"}, example=example))

    orders = client.get("/zoo/orders").json()

    assert {order["note"] for order in orders} == {"from the document", "also"}
    assert {"id": "ord-7", "note": "also"} in orders
    assert statuses(client, [order["id"] for order in orders]) == [200, 200]


def test_the_name_tells_records_apart_whose_id_is_an_address(serve):
    """An id such as `/subscriptions/1/orders/2` is no part of a path."""
    order = """{type: object, required: [id, name], properties: {
        id: {type: string, readOnly: true, description: Fully qualified resource ID.}, name: {type: string}}}"""
    client = serve(f"""
        openapi: 3.1.0
        info: {{title: Orders, version: "1"}}
        paths:
          /orders:
            get: {{responses: {{"200": {{description: All., content: {{application/json: {{schema: {{
              type: array, items: {order}}}}}}}}}}}}}
          /orders/{{orderId}}:
            parameters: [{{name: orderId, in: path, required: true, schema: {{type: string}}}}]
            get: &one
              responses:
                "200": {{description: One., content: {{application/json: {{schema: {order}}}}}}}
                "404": {{description: None.}}
            put:
              requestBody: {{content: {{application/json: {{schema: {{type: object}}}}}}}}
              responses: {{"200": {{description: One., content: {{application/json: {{schema: {order}}}}}}}}}
    """)

    client.put("/zoo/orders/first", json={})

    assert client.get("/zoo/orders/first").json()["name"] == "first"
    assert "first" in [listed["name"] for listed in client.get("/zoo/orders").json()]


def test_an_answer_that_is_about_something_else_is_not_the_record(serve):
    """PUT that answers an invitation adds a member all the same, who is read and listed by the name in the path."""
    client = serve("""
        openapi: 3.1.0
        info: {title: Clubs, version: "1"}
        paths:
          /members:
            get: {responses: {"200": {description: All., content: {application/json: {schema: {type: array, items: {
              type: object, required: [id, login], properties: {id: {type: integer}, login: {type: string},
                avatar: {type: string}, admin: {type: boolean}}}}}}}}}
          /members/{username}:
            parameters: [{name: username, in: path, required: true, schema: {type: string}}]
            get: {responses: {"204": {description: A member.}, "404": {description: None.}}}
            put: {responses: {"201": {description: Invited., content: {application/json: {schema: {type: object,
              required: [id, invitee], properties: {id: {type: integer}, invitee: {type: string},
                expires: {type: string}, inviter: {type: string}}}}}}, "204": {description: Was one.}}}
            delete: {responses: {"204": {description: Gone.}}}
    """)

    client.put("/zoo/members/ann")

    assert client.get("/zoo/members/ann").status_code == 204
    assert "ann" in [member["login"] for member in client.get("/zoo/members").json()]
    assert client.delete("/zoo/members/ann").status_code == 204
    assert client.get("/zoo/members/ann").status_code == 404


PROJECTS = """
openapi: 3.1.0
info: {title: Projects, version: "1"}
paths:
  /spaces/{space}/projects:
    parameters: [{name: space, in: path, required: true, schema: {type: string}}]
    post:
      requestBody: {content: {application/json: {schema: {type: object, properties: {
        key: {type: string}, url: {type: string}, metadata: {type: object, properties: {space: {type: string}}}}}}}}
      responses: {"201": &one {description: It., content: {application/json: {schema: {
        type: object, required: [key], properties: {
          key: {type: string, readOnly: true}, url: {type: string, readOnly: true},
          metadata: {type: object, properties: {space: {type: string}}}}}}}}}
  /spaces/{space}/projects/{key}:
    parameters:
      - {name: space, in: path, required: true, schema: {type: string}}
      - {name: key, in: path, required: true, schema: {type: string}}
    get: {responses: {"200": *one, "404": {description: None.}}}
"""


def test_what_a_body_declares_may_be_written_though_answers_call_it_read_only(serve):
    """The key that tells records apart, and an address that would otherwise be the record's own."""
    client = serve(PROJECTS)
    sent = {"key": "ABC", "url": "https://example.com/about", "metadata": {"space": "red"}}

    made = client.post("/spaces/red/projects", json=sent)

    assert (made.status_code, made.json()) == (201, sent)
    assert client.get("/spaces/red/projects/ABC").json() == sent
    assert "Mock-Assumption" not in made.headers


def test_a_body_that_says_another_scope_than_its_path_is_told_so(serve):
    """The record stands where the path says."""
    client = serve(PROJECTS)

    made = client.post("/spaces/red/projects", json={"key": "ABC", "metadata": {"space": "blue"}})

    assert made.json() == {"key": "ABC", "metadata": {"space": "red"}}
    told = "the path or the server says what tells records apart: /metadata/space"
    assert made.headers["Mock-Assumption"] == f"zoo.replaced-values={told}"
