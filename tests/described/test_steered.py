"""A user's own document under the control API: stubs, faults, records and verification, over the wire."""

import pytest

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
