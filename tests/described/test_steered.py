"""A user's own document under the control API: stubs, faults, records and verification, over the wire."""

import re

import pytest

from mockserver.problem import Unusable

NOTES = """
openapi: 3.0.3
info: {title: Notes, version: "1"}
servers: [{url: http://localhost/v1}]
paths:
  /notes:
    get:
      operationId: listNotes
      parameters: [{name: pinned, in: query, schema: {type: boolean}}]
      responses:
        "200":
          description: ok
          content: {application/json: {schema: {type: array, items: {$ref: '#/components/schemas/Note'}}}}
    post:
      operationId: addNote
      requestBody: {content: {application/json: {schema: {$ref: '#/components/schemas/Note'}}}}
      responses: {"201": {description: ok, content: {application/json: {schema: {$ref: '#/components/schemas/Note'}}}}}
  /notes/{note}:
    get:
      operationId: getNote
      parameters: [{name: note, in: path, required: true, schema: {type: integer}}]
      responses:
        "200":
          description: ok
          content: {application/json: {schema: {$ref: '#/components/schemas/Note'}, example: {id: 7, text: hi}}}
        "404": {description: none}
components:
  schemas:
    Note: {type: object, required: [id, text], properties: {id: {type: integer}, text: {type: string}}}
"""


def stub(body, **more):
    """A stub for the list, whose answer has this JSON body."""
    return {"request": {"method": "get", "urlPath": "/v1/notes"}, "response": {"jsonBody": body}, **more}


@pytest.mark.parametrize(
    ("body", "sent"), [([], b"[]"), ({}, b"{}"), (0, b"0"), (False, b"false"), ("", b'""'), (None, b"null")]
)
def test_an_empty_json_body_of_a_stub_is_a_body(serve, body, sent):
    """Whatever JSON value it is, with its media type."""
    client = serve(NOTES)

    added = client.post("/__admin/mappings", json=stub(body, check=False))
    seen = client.get("/v1/notes")

    assert (added.status_code, seen.status_code) == (201, 200)
    assert (seen.content, seen.headers["Content-Type"]) == (sent, "application/json")


def test_an_empty_list_is_a_stub_and_a_next_answer_that_keep_the_document(serve):
    """Where the document declares a list."""
    client = serve(NOTES)

    stubbed = client.post("/__admin/mappings", json=stub([], times=1))
    seen = client.get("/v1/notes")
    asked = client.post("/__admin/next", json={"operation": "listNotes", "body": []})
    following = client.get("/v1/notes")

    assert (stubbed.status_code, asked.status_code) == (201, 201)
    assert (seen.content, following.content) == (b"[]", b"[]")
    assert "Mock-Violation" not in seen.headers
    assert "Mock-Violation" not in following.headers


@pytest.mark.parametrize("given", [{}, {"mappings": []}, {"mappings": None}, {"name": "all"}])
def test_a_mapping_without_request_and_response_is_refused(serve, given):
    """It would answer every request with nothing."""
    client = serve(NOTES)

    answer = client.post("/__admin/mappings", json=given)

    assert answer.status_code == 422
    assert "has neither a request nor a response" in answer.json()["detail"]
    assert client.get("/__admin/mappings").json()["meta"] == {"total": 0}


@pytest.mark.parametrize("method", ["get", "Get", "GET"])
def test_a_method_is_written_in_any_case(serve, method):
    """In faults, next answers and criteria as in stubs."""
    client = serve(NOTES)
    client.post("/__admin/faults", json={"method": method, "path": "/notes", "status": 503, "times": 1})
    client.post("/__admin/faults", json={"operation": f"{method} /notes", "status": 502, "times": 1})
    client.post("/__admin/next", json={"method": method, "path": "/notes", "body": []})

    seen = [client.get("/v1/notes") for _ in range(3)]

    assert [answer.status_code for answer in seen] == [503, 502, 200]
    assert seen[2].json() == []
    assert client.post("/__admin/requests/count", json={"method": method}).json() == {"count": 3}


@pytest.mark.parametrize("path", ["/notes", "/v1/notes", "/zoo/v1/notes", "/not*", "/**"])
def test_a_path_means_the_same_to_a_fault_and_to_verification(serve, path):
    """As the client wrote it, below the name of the API, or as its document has it."""
    client = serve(NOTES)
    client.post("/__admin/faults", json={"path": path, "status": 503})

    failed = client.get("/zoo/v1/notes").status_code
    found = client.post("/__admin/verify", json={"request": {"path": path}, "count": {"exactly": 1}})

    assert (failed, found.status_code) == (503, 200)
    assert client.get("/__admin/requests", params={"path": path}).json()["meta"]["total"] == 1


def test_a_connection_that_ends_before_an_answer_is_shown_without_one(serve):
    """In the journal, in the archive and in verification: no status was sent."""
    client = serve(NOTES)
    client.post("/__admin/faults", json={"connection": "reset"})

    with pytest.raises(ConnectionResetError):
        client.get("/v1/notes")

    shown = client.get("/__admin/requests").json()["requests"][0]["response"]
    assert (shown["status"], shown["fault"], shown["body"], shown["headers"]) == (0, "reset", "", {})
    archived = client.get("/__admin/requests.har").json()["log"]["entries"][0]["response"]
    assert (archived["status"], archived["_error"], archived["content"]["text"]) == (0, "reset", "")
    counts = [client.post("/__admin/requests/count", json={"status": status}).json()["count"] for status in (503, 0)]
    assert counts == [0, 1]


def test_a_fault_that_finds_nothing_to_break_says_so(serve):
    """In the header and in the journal, in the place of what it should have done."""
    client = serve(NOTES)
    client.post("/__admin/faults", json={"break": "missing", "pointer": "/nope"})

    answer = client.get("/v1/notes/7")

    assert (answer.status_code, answer.json()) == (200, {"id": 7, "text": "hi"})
    told = "zoo.fault=breaks nothing: this answer has no member at the pointer"
    assert told in answer.headers["Mock-Assumption"]
    assert told in client.get("/__admin/requests").json()["requests"][0]["assumptions"]


def test_no_seeds_are_no_records(serve):
    """Not even those of the document's examples; without the option there is one."""
    some, none = serve(NOTES), serve(NOTES, seeds=0)
    told = serve(NOTES.replace("operationId: listNotes", "operationId: listNotes\n      x-mock-seeds: 0"))

    lists = [client.get("/v1/notes").json() for client in (some, none, told)]

    assert {"id": 7, "text": "hi"} in lists[0]
    assert lists[1:] == [[], []]
    assert none.get("/v1/notes/7").status_code == 404


NESTED = """
openapi: 3.0.3
info: {title: Orders, version: "1"}
paths:
  /orders:
    get:
      operationId: listOrders
      responses:
        "200": {description: ok, content: {application/json: {schema: {type: array, items: {$ref: '#/components/schemas/Order'}}}}}
    post:
      operationId: addOrder
      requestBody: {content: {application/json: {schema: {$ref: '#/components/schemas/Order'}}}}
      responses: {"201": {description: ok, content: {application/json: {schema: {$ref: '#/components/schemas/Order'}}}}}
  /orders/{order_id}:
    get:
      operationId: getOrder
      parameters: [{name: order_id, in: path, required: true, schema: {type: integer}}]
      responses: {"200": {description: ok, content: {application/json: {schema: {$ref: '#/components/schemas/Order'}}}}}
  /orders/{order_id}/lines:
    parameters: [{name: order_id, in: path, required: true, schema: {type: integer}}]
    get:
      operationId: listLines
      responses:
        "200": {description: ok, content: {application/json: {schema: {type: array, items: {$ref: '#/components/schemas/Line'}}}}}
    post:
      operationId: addLine
      requestBody: {content: {application/json: {schema: {type: object, properties: {item: {type: string}}}}}}
      responses: {"201": {description: ok, content: {application/json: {schema: {$ref: '#/components/schemas/Line'}}}}}
  /orders/{order_id}/lines/{line_id}:
    get:
      operationId: getLine
      parameters:
        - {name: order_id, in: path, required: true, schema: {type: integer}}
        - {name: line_id, in: path, required: true, schema: {type: string}}
      responses:
        "200": {description: ok, content: {application/json: {schema: {$ref: '#/components/schemas/Line'}}}}
        "404": {description: none}
components:
  schemas:
    Order: {type: object, required: [id], properties: {id: {type: integer}, title: {type: string}}}
    Line:
      type: object
      required: [id, order_id, item]
      properties: {id: {type: string}, order_id: {type: integer}, item: {type: string}}
"""  # noqa: E501
LINES = "/__admin/state/zoo/lines"


def test_records_below_another_are_written_and_read_as_their_users_see_them(serve):
    """By their own id, with the member that names the record above."""
    client = serve(NESTED, seeds=0)
    client.post("/__admin/state/zoo/orders", json={"id": 4, "title": "tea"})

    inserted = client.post(LINES, json={"id": "a", "order_id": 4, "item": "cup"})
    put = client.put(f"{LINES}/b", json={"order_id": 4, "item": "pot"})
    patched = client.patch(f"{LINES}/a", json={"item": "mug"})

    assert (inserted.status_code, inserted.json()) == (201, {"id": "a", "order_id": 4, "item": "cup"})
    assert (put.status_code, put.json()) == (201, {"id": "b", "order_id": 4, "item": "pot"})
    assert (patched.status_code, patched.json()) == (200, {"id": "a", "order_id": 4, "item": "mug"})
    assert client.get("/orders/4/lines").json() == [patched.json(), put.json()]
    assert client.get("/orders/4/lines/b").json() == put.json()
    assert client.get(LINES).json()["records"] == [patched.json(), put.json()]
    assert client.get(f"{LINES}/b").json() == put.json()
    assert [one["idMember"] for one in client.get("/__admin/state/zoo").json()["collections"]] == ["id", "id"]
    assert client.delete(f"{LINES}/b").status_code == 204
    assert client.get("/orders/4/lines").json() == [patched.json()]


def test_a_record_below_another_says_where_it_stands(serve):
    """Else it is refused, as is one that would move, and an id that several have."""
    client = serve(NESTED, seeds=0)
    for order in (4, 5):
        client.post(LINES, json={"id": "a", "order_id": order, "item": "cup"})
    client.post(LINES, json={"id": "b", "order_id": 4, "item": "cup"})

    alone = client.post(LINES, json={"id": "c", "item": "cup"})
    moved = client.patch(f"{LINES}/b", json={"order_id": 5})
    shared = client.get(f"{LINES}/a")

    assert alone.status_code == 422
    assert "has no 'order_id', which says where it stands in /orders/{order_id}/lines" in alone.json()["detail"]
    assert moved.status_code == 422
    assert (shared.status_code, shared.json()["detail"]) == (
        404,
        "2 records of lines have the id 'a'; their addresses end in 4/a, 5/a.",
    )
    assert client.get(f"{LINES}/5/a").json() == {"id": "a", "order_id": 5, "item": "cup"}


def test_a_difference_shows_no_records_of_the_mock_itself(serve):
    """What was deleted is there as its users knew it, and the mock's own notes are not."""
    client = serve(NESTED, seeds=0)
    client.post("/orders", json={"id": 4, "title": "tea"})
    client.post("/orders/4/lines", json={"item": "cup"})

    changed = client.get("/__admin/worlds/default/diff").json()
    unknown = client.get("/__admin/state/zoo/nothing").json()["detail"]

    assert changed["counts"] == {"created": 2, "changed": 0, "deleted": 0}
    assert [*changed["apis"]["zoo"]] == ["orders", "lines"]
    assert [*changed["apis"]["zoo"]["lines"]["created"][0]] == ["id", "order_id", "item"]
    assert unknown == "zoo has no collection 'nothing'; it has orders, lines."


@pytest.mark.parametrize(
    ("path", "is_known"), [("/note", False), ("/notes/7", True), ("/v1/no*", True), ("/v2/*", False), ("/**", True)]
)
def test_a_fault_whose_path_no_operation_has_says_that_it_strikes_nothing(serve, path, is_known):
    """A header of the answer that adds it."""
    client = serve(NOTES)

    added = client.post("/__admin/faults", json={"path": path, "status": 503})

    assert added.status_code == 201
    assert ("Mock-Assumption" in added.headers) is not is_known


@pytest.mark.parametrize("fail", ["GET /note=503", "POST /notes/7=503", "GET /v2/*=reset"])
def test_a_failure_of_the_command_line_that_strikes_nothing_is_refused(serve, fail):
    """As is one of an operation that is not there."""
    with pytest.raises(Unusable, match=re.escape(f"no operation of what is served takes {fail.partition('=')[0]!r}")):
        serve(NOTES, fail=(fail,))


def test_the_nearest_operations_are_named(serve):
    """In the place of all that there are."""
    client = serve(NOTES)

    answer = client.post("/__admin/faults", json={"operation": "listNote", "status": 503})

    assert answer.json()["violations"][0]["message"].startswith(
        "'listNote' is no operation of what is served; the nearest: listNotes"
    )


def test_the_address_of_a_request_has_its_world(serve):
    """In the journal and in the archive."""
    client = serve(NOTES)
    client.get("/~blue/v1/notes?pinned=true")

    request = client.get("/~blue/__admin/requests").json()["requests"][0]["request"]
    archived = client.get("/~blue/__admin/requests.har").json()["log"]["entries"][0]["request"]

    assert (request["url"], request["absoluteUrl"]) == (
        "/v1/notes?pinned=true",
        "http://127.0.0.1:4010/~blue/v1/notes?pinned=true",
    )
    assert archived["url"] == request["absoluteUrl"]


def test_verification_says_how_many_requests_a_full_journal_has_dropped(serve):
    """They may have been the ones that are missed."""
    client = serve(NOTES, journal=1)
    for _ in range(3):
        client.get("/v1/notes")

    answer = client.post("/__admin/verify", json={"request": {}, "count": {"exactly": 3}})

    told = "expected 3 requests, there is 1; the journal was full and has dropped the 2 requests before these"
    assert answer.json()["detail"] == f"Not verified: {told}."


def test_a_query_parameter_that_is_not_declared_is_noted(serve):
    """A typo selects nothing, and the list says so."""
    client = serve(NOTES)

    answer = client.get("/v1/notes?pined=true")

    assert "zoo.ignored-parameters=not declared: pined" in answer.headers["Mock-Assumption"]


@pytest.mark.parametrize(
    ("duration", "offset"), [("3d", 259_200.0), ("1h 30m", 5_400.0), ("250ms", 0.25), ("P1DT2H", 93_600.0)]
)
def test_time_is_moved_by_a_duration_as_people_write_it(serve, duration, offset):
    """As in Python, or in ISO 8601."""
    client = serve(NOTES)

    moved = client.post("/__admin/clock/advance", json={"duration": duration})

    assert (moved.status_code, moved.json()["offset"]) == (200, offset)
