"""Stubs over the wire, in WireMock's shapes: answers of a test's own in front of the mock's."""

from urllib.parse import quote

import pytest

LINKS = "/api/v1/links"
EMPTY = {"data": [], "meta": {"request_id": "r", "rate_limit": {"limit": 1, "remaining": 1, "reset": 1}}}
HELLO = {"request": {"method": "GET", "urlPath": "/hello/you"}, "response": {"status": 200, "body": "hi"}}


def listed(xqr):
    """A whole answer of the operation, as the document has it."""
    return {**xqr.get(LINKS).json(), "data": []}


def test_a_stub_answers_in_the_place_of_the_mock(control, xqr):
    """To a known caller, with an answer that keeps the document."""
    answer = listed(xqr)
    added = control.post(
        "/mappings", json={"request": {"method": "GET", "urlPath": LINKS}, "response": {"jsonBody": answer}}
    )

    seen = xqr.get(LINKS)

    assert (added.status_code, added.json()["uuid"]) == (201, added.json()["id"])
    assert (seen.status_code, seen.json()) == (200, answer)
    assert f"xqr.stub={added.json()['id']}" in seen.headers["Mock-Assumption"]
    assert control.get("/requests").json()["requests"][0]["answeredBy"] == "stub"


def test_stubs_are_listed_with_their_counts(control, server, world):
    """Where that is asked for: the requests that a stub was for, and those that it answered."""
    control.post("/mappings", json={**HELLO, "check": False, "times": 3})
    with server.client(f"/~{world}") as client:
        client.get("/hello/you")
        client.get("/hello/you")

    [counted] = control.get("/mappings", params={"counts": "true"}).json()["mappings"]
    [plain] = control.get("/mappings").json()["mappings"]

    assert (counted["seen"], counted["used"]) == (2, 2)
    assert {"seen", "used"}.isdisjoint(plain)


def test_a_stub_that_breaks_the_document_is_refused(control):
    """With what breaks it, and the way around."""
    answer = control.post(
        "/mappings", json={"request": {"method": "GET", "urlPath": LINKS}, "response": {"body": "hi"}}
    )

    assert answer.status_code == 422
    assert answer.json()["detail"] == (
        "listLinks may not answer so: response: expected an object, got a string. Mend the answer, or say "
        '"check": false where the client is to see it all the same.'
    )


@pytest.mark.parametrize("unchecked", [{"check": False}, {"metadata": {"mockserver": {"check": False}}}])
def test_an_unchecked_stub_answers_whoever_calls(control, anonymous, unchecked):
    """Whatever the document says."""
    control.post("/mappings", json={"request": {"urlPath": LINKS}, "response": {"jsonBody": 7}, **unchecked})

    answer = anonymous("xqr").get(LINKS)

    assert (answer.status_code, answer.json()) == (200, 7)
    assert "Mock-Violation" not in answer.headers


def test_a_checked_stub_does_not_answer_who_breaks_the_document(control, anonymous, xqr):
    """A 401 is the mock's, and so is a 400."""
    control.post("/mappings", json={"request": {"urlPath": LINKS}, "response": {"jsonBody": listed(xqr)}})

    assert anonymous("xqr").get(LINKS).status_code == 401
    assert xqr.get(LINKS, params={"limit": "many"}).status_code == 400


def test_a_path_that_no_operation_has_is_answered_and_marked(control, server, world):
    """As users of WireMock expect it."""
    added = control.post("/mappings", json=HELLO)

    with server.client(f"/~{world}") as client:
        seen = client.get("/hello/you")

    assert added.headers["Mock-Assumption"].startswith("stub=no operation of what is served takes this request")
    assert (seen.status_code, seen.text) == (200, "hi")


def body(**matcher):
    """A pattern of one body matcher."""
    return {"bodyPatterns": [matcher]}


JSON = '{"a": {"b": [1, 2, "x"]}, "c": "Straße"}'
PATTERNS = [
    ({"method": "ANY"}, True),
    ({"method": "GET"}, False),
    ({"url": "/t?q=1&q=2&e="}, True),
    ({"url": "/t"}, False),
    ({"urlPattern": r"/t\?q=\d.*"}, True),
    ({"urlPattern": "/t"}, False),
    ({"urlPathPattern": "/[a-z]"}, True),
    ({"urlPathPattern": "/"}, False),
    ({"urlPathTemplate": "/{name}"}, True),
    ({"urlPathTemplate": "/{name}", "pathParameters": {"name": {"equalTo": "t"}}}, True),
    ({"urlPathTemplate": "/{name}", "pathParameters": {"name": {"equalTo": "u"}}}, False),
    ({"queryParameters": {"q": {"equalTo": "2"}}}, True),
    ({"queryParameters": {"q": {"hasExactly": [{"equalTo": "1"}, {"equalTo": "2"}]}}}, True),
    ({"queryParameters": {"q": {"hasExactly": [{"equalTo": "1"}]}}}, False),
    ({"queryParameters": {"q": {"includes": [{"equalTo": "1"}]}}}, True),
    ({"queryParameters": {"z": {"absent": True}}}, True),
    ({"queryParameters": {"e": {"absent": True}}}, False),
    ({"headers": {"x-case": {"equalTo": "ABC", "caseInsensitive": True}}}, True),
    ({"headers": {"X-Case": {"equalTo": "ABC"}}}, False),
    ({"headers": {"X-Case": {"contains": "bc"}}}, True),
    ({"headers": {"X-Case": {"doesNotContain": "bc"}}}, False),
    ({"headers": {"X-Case": {"matches": "a.c"}}}, True),
    ({"headers": {"X-Case": {"matches": "b"}}}, False),
    ({"headers": {"X-Case": {"doesNotMatch": "b"}}}, True),
    ({"headers": {"X-Case": {"and": [{"contains": "a"}, {"contains": "c"}]}}}, True),
    ({"headers": {"X-Case": {"or": [{"contains": "x"}, {"contains": "c"}]}}}, True),
    ({"headers": {"X-Case": {"not": {"contains": "a"}}}}, False),
    ({"cookies": {"k": {"equalTo": "v"}}}, True),
    ({"cookies": {"k": {"equalTo": "w"}}}, False),
    ({"basicAuthCredentials": {"username": "u", "password": "p"}}, True),
    ({"basicAuthCredentials": {"username": "u", "password": "q"}}, False),
    (body(contains="Straße"), True),
    (body(equalToJson='{"c": "Straße", "a": {"b": [1, 2, "x"]}}'), True),
    (body(equalToJson={"c": "Straße"}), False),
    (body(equalToJson={"c": "Straße"}, ignoreExtraElements=True), True),
    (body(equalToJson={"a": {"b": ["x", 2, 1]}, "c": "Straße"}), False),
    (body(equalToJson={"a": {"b": ["x", 2, 1]}, "c": "Straße"}, ignoreArrayOrder=True), True),
    (body(equalToJson={"a": {"b": ["x"]}}, ignoreArrayOrder=True, ignoreExtraElements=True), True),
    (body(equalToJson={"a": "${json-unit.ignore}", "c": "${json-unit.any-string}"}), True),
    (body(matchesJsonPath="$.a.b[?@ == 'x']"), True),
    (body(matchesJsonPath="$.a.z"), False),
    (body(matchesJsonPath={"expression": "$.c", "contains": "raß"}), True),
    (body(matchesJsonPath={"expression": "$.a.b[0]", "equalTo": "1"}), True),
    (body(matchesJsonPath={"expression": "$.z", "absent": True}), True),
    (body(matchesJsonPath={"expression": "$.a.b", "equalToJson": [1, 2, "x"]}), True),
    (body(equalToXml="<a/>"), False),
]


@pytest.mark.parametrize(("pattern", "matches"), PATTERNS)
def test_a_stub_is_for_requests_that_match_its_pattern(control, server, world, pattern, matches):
    """In WireMock's words."""
    added = control.post("/mappings", json={"request": pattern, "response": {"status": 204}, "check": False})

    with server.client(f"/~{world}", {"X-Case": "abc", "Cookie": "j=1; k=v"}) as client:
        seen = client.post("/t?q=1&q=2&e=", content=JSON.encode(), auth=("u", "p"))

    assert added.status_code == 201, added.text
    assert (seen.status_code == 204) is matches


def test_xml_is_compared_as_xml(control, server, world):
    """Space and the order of attributes do not matter."""
    pattern = {"bodyPatterns": [{"equalToXml": "<a x='1' y='2'> <b>c</b></a>"}]}
    control.post("/mappings", json={"request": pattern, "response": {"status": 204}, "check": False})

    with server.client(f"/~{world}") as client:
        seen = [client.post("/t", content=text).status_code for text in ('<a y="2" x="1"><b>c</b></a>', "<a/>", "no")]

    assert seen == [204, 404, 404]


def answers(client, path, times):
    """The texts of so many answers."""
    return [client.get(path).text for _ in range(times)]


def test_the_lowest_priority_answers_and_then_the_newest(control, server, world):
    """Whenever they were added."""
    for text, priority in (("old", 5), ("new", 5), ("last", 9)):
        stub = {"request": {"urlPath": "/a/b"}, "response": {"body": text}, "priority": priority}
        control.post("/mappings", json=stub)

    with server.client(f"/~{world}") as client:
        assert answers(client, "/a/b", 2) == ["new", "new"]
        control.post("/mappings", json={**HELLO, "request": {"urlPath": "/a/b"}, "priority": 1, "times": 1})
        assert answers(client, "/a/b", 2) == ["hi", "new"]
    priorities = [mapping["priority"] for mapping in control.get("/mappings").json()["mappings"]]
    assert priorities == [5, 5, 9]


def test_a_scenario_goes_from_state_to_state(control, server, world):
    """And is moved by hand."""
    request, scenario = {"urlPath": "/todo/list"}, {"scenarioName": "todo"}
    first = {"requiredScenarioState": "Started", "newScenarioState": "added", "response": {"body": "none"}}
    second = {"requiredScenarioState": "added", "response": {"body": "one"}}
    for part in (first, second):
        control.post("/mappings", json={"request": request, **scenario, **part})

    with server.client(f"/~{world}") as client:
        assert answers(client, "/todo/list", 3) == ["none", "one", "one"]
        control.put("/scenarios/todo/state", json={"state": "Started"})
        assert answers(client, "/todo/list", 2) == ["none", "one"]
        control.post("/scenarios/reset")
        assert answers(client, "/todo/list", 1) == ["none"]
    assert control.get("/scenarios").json()["scenarios"] == [
        {"id": "todo", "name": "todo", "state": "added", "possibleStates": ["Started", "added"]}
    ]
    assert control.put("/scenarios/todo/state", json={"state": "done"}).status_code == 422
    assert control.put("/scenarios/nothing/state", json={}).status_code == 404


def test_a_stub_is_read_replaced_and_deleted(control):
    """By its id, which may be given."""
    id = "3F2B8C1E-5d6a-4f0e-9a3b-7c1d2e3f4a5b"
    control.post("/mappings", json={"id": id, **HELLO, "name": "hello"})

    read = control.get(f"/mappings/{id}")
    put = control.put(f"/mappings/{id}", json={**HELLO, "priority": 2})
    deleted = control.delete(f"/mappings/{id}")

    assert (read.json()["name"], read.json()["request"]) == ("hello", HELLO["request"])
    assert (put.json()["id"], put.json()["priority"]) == (id.lower(), 2)
    assert (deleted.status_code, deleted.json()) == (200, {})
    assert [control.request(method, f"/mappings/{id}").status_code for method in ("GET", "DELETE")] == [404, 404]
    assert control.put(f"/mappings/{id}", json=HELLO).status_code == 404


def test_persistent_stubs_survive_a_reset_of_the_stubs(control):
    """And no deletion of all."""
    for persistent in (True, False):
        control.post("/mappings", json={**HELLO, "persistent": persistent})

    control.post("/mappings/reset")
    kept = control.get("/mappings").json()
    control.delete("/mappings")

    assert (kept["meta"], [one["persistent"] for one in kept["mappings"]]) == ({"total": 1}, [True])
    assert control.get("/mappings").json() == {"mappings": [], "meta": {"total": 0}}


def test_stubs_are_found_and_removed_by_their_metadata(control):
    """With any matcher."""
    for suite in ("orders", "pets"):
        control.post("/mappings", json={**HELLO, "metadata": {"suite": suite}})
    orders = {"matchesJsonPath": {"expression": "$.suite", "equalTo": "orders"}}

    found = control.post("/mappings/find-by-metadata", json=orders).json()
    removed = control.post("/mappings/remove-by-metadata", json=orders).json()

    assert [one["metadata"]["suite"] for one in found["mappings"]] == ["orders"]
    assert removed == found
    assert [one["metadata"]["suite"] for one in control.get("/mappings").json()["mappings"]] == ["pets"]


def test_stubs_are_imported(control):
    """In the place of those with the same ids, or of all."""
    id = "3f2b8c1e-5d6a-4f0e-9a3b-7c1d2e3f4a5b"
    control.post("/mappings", json={**HELLO, "name": "other"})
    control.post("/mappings", json={**HELLO, "id": id, "name": "before"})

    def names(**options):
        control.post("/mappings/import", json={"mappings": [{**HELLO, "id": id, "name": "after"}], **options})
        return [one["name"] for one in control.get("/mappings").json()["mappings"]]

    assert names(importOptions={"duplicatePolicy": "IGNORE"}) == ["before", "other"]
    assert names() == ["after", "other"]
    assert names(importOptions={"deleteAllNotInImport": True}) == ["after"]


def test_stubs_are_saved_and_those_told_that_answered_nothing(control, server, world):
    """And one is removed by its request alone."""
    other = {**HELLO, "request": {"urlPath": "/other/path"}}
    for stub in (HELLO, other):
        control.post("/mappings", json=stub)
    control.post("/mappings/save")
    control.post("/mappings/reset")
    with server.client(f"/~{world}") as client:
        client.get("/hello/you")

    unused = control.get("/mappings/unmatched").json()["mappings"]
    removed, missing = (control.post("/mappings/remove", json={"request": HELLO["request"]}) for _ in range(2))

    assert [one["request"] for one in unused] == [other["request"]]
    assert (removed.status_code, missing.status_code) == (200, 404)
    assert [one["request"] for one in control.get("/mappings").json()["mappings"]] == [other["request"]]


REFUSED = [
    ({"request": {"urlPath": "/a", "hostname": "x"}}, "/request", "Additional properties are not allowed"),
    ({"response": {"bodyFileName": "a"}}, "/response/bodyFileName", "files are not read over the control API"),
    ({"response": {"transformers": ["response-template"]}}, "/response/transformers", "templating is left out"),
    ({"response": {"body": "{{request.path}}"}}, "/response/body", "templating is left out"),
    ({"response": {"body": "a", "jsonBody": 1}}, "/response", "has jsonBody and body"),
    ({"response": {"status": 99}}, "/response/status", "expected a status from 200 to 599"),
    ({"response": {"fault": "NO"}}, "/response/fault", "expected one of CONNECTION_RESET_BY_PEER"),
    ({"response": {"headers": {"A": "b\nc"}}}, "/response/headers/A", "expected a header's name with a text"),
    ({"newScenarioState": "b"}, "/scenarioName", "a state is one of a scenario"),
    ({"id": "7"}, "/id", "is no uuid"),
    ({"recordedBy": "x"}, "/recordedBy", "'recordedBy' is not known here"),
    (
        {"request": {"bodyPatterns": [{"matchesJsonPath": "a b"}]}},
        "/request/bodyPatterns/0/matchesJsonPath",
        "JSONPath",
    ),
]


@pytest.mark.parametrize(("given", "pointer", "message"), REFUSED)
def test_what_a_stub_cannot_be_is_refused(control, given, pointer, message):
    """Nothing that was asked for is ignored."""
    answer = control.post("/mappings", json={"check": False, **given})

    assert answer.status_code == 422
    assert message in answer.json()["detail"]
    assert [violation["pointer"] for violation in answer.json()["violations"]] == [pointer]


def test_a_hostile_text_does_not_hold_up_an_expression(control, server, world):
    """Backtracking has an end."""
    pattern = {"headers": {"X-Case": {"matches": "(a|a)*b|(a*)*c"}}}
    control.post("/mappings", json={"request": pattern, "response": {"status": 204}, "check": False})

    with server.client(f"/~{world}", {"X-Case": "a" * 5000}) as client:
        assert client.get("/t").status_code == 404


def test_a_scenario_has_any_name(control):
    """Slashes too, as in all that clients name."""
    name = "an {order}/1?"
    stub = {"request": {"urlPath": "/x"}, "response": {"status": 204}, "scenarioName": name, "newScenarioState": "paid"}
    control.post("/mappings", json=stub)

    answer = control.put(f"/scenarios/{quote(name, safe='')}/state", json={"state": "paid"})

    assert answer.status_code == 200
    assert control.get("/scenarios").json()["scenarios"][0]["state"] == "paid"


# Next answers


def test_an_operation_has_its_next_answer_from_a_test(control, xqr):
    """An error as the API says it, then the documented example, then what the mock answers."""
    control.post("/next", json={"api": "xqr", "operation": "listLinks", "status": 403})
    control.post("/next", json={"api": "xqr", "method": "GET", "path": "/v1/links", "headers": {"X-Mine": "1"}})

    refused, example, usual = (xqr.get(LINKS) for _ in range(3))

    assert (refused.status_code, refused.json()["error"]["code"]) == (403, "INSUFFICIENT_SCOPE")
    assert (example.status_code, example.headers["X-Mine"]) == (200, "1")
    assert len(usual.json()["data"]) > len(example.json()["data"]) > 0
    assert control.get("/next").json() == {"answers": []}


def test_a_next_answer_may_have_a_body_of_its_own(control, xqr):
    """Which keeps the document, or is not checked."""
    body = listed(xqr)

    wrong = control.post("/next", json={"api": "xqr", "operation": "listLinks", "body": {"data": 1}})
    right = control.post("/next", json={"api": "xqr", "operation": "listLinks", "body": body})
    unchecked = control.post(
        "/next", json={"api": "xqr", "operation": "listLinks", "body": 1, "check": False, "times": 2}
    )

    assert [one.status_code for one in (wrong, right, unchecked)] == [422, 201, 201]
    assert [xqr.get(LINKS).json() for _ in range(2)] == [body, 1]
    assert control.get("/next").json()["answers"] == [
        {"api": "xqr", "operation": "listLinks", "body": 1, "check": False, "times": 2, "used": 1}
    ]
    assert control.delete("/next").status_code == 204


LIST = {"api": "xqr", "operation": "listLinks"}
NEXT_REFUSED = [
    {},
    {"operation": "listLinks"},
    {"operation": "listLinks", "api": "spotzee"},
    {**LIST, "method": "GET", "path": "/v1/links"},
    {"operation": "nothing"},
    {"method": "GET"},
    {**LIST, "example": "nothing"},
    {**LIST, "body": 1, "example": "a"},
]


@pytest.mark.parametrize("given", NEXT_REFUSED)
def test_a_next_answer_that_cannot_be_is_refused(control, given):
    """With a reason."""
    assert control.post("/next", json=given).status_code == 422


@pytest.mark.parametrize("body", [[], {}, 0, False, ""])
def test_a_next_answer_that_waits_shows_its_body(control, body):
    """Also one that says nothing."""
    control.post("/next", json={"api": "xqr", "operation": "listLinks", "body": body, "check": False})

    [waiting] = control.get("/next").json()["answers"]

    assert waiting["body"] == body
