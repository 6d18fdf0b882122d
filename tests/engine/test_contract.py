"""What a request has to keep (`validate_request`), and what an answer has to keep (`check`)."""

import json

import pytest

from mockserver.engine.service import Settings
from mockserver.engine.steps.validate import RequestValidator
from mockserver.messages import Response
from tests.engine.todo import MEDIA, SPEC, serve

# Parameters


@pytest.mark.parametrize(
    ("query", "read"),
    [
        ("", {"limit": 20}),
        ("limit=5", {"limit": 5}),
        ("done=true", {"limit": 20, "done": True}),
        ("done=false", {"limit": 20, "done": False}),
        ("tag=a", {"limit": 20, "tag": ["a"]}),
        ("tag=a&tag=b%2Cc", {"limit": 20, "tag": ["a", "b,c"]}),
        ("tag=", {"limit": 20, "tag": [""]}),
        ("ids=1,2,3", {"limit": 20, "ids": [1, 2, 3]}),
        ("ids=1%2C2", {"limit": 20, "ids": [1, 2]}),
        ("ratio=1.5", {"limit": 20, "ratio": 1.5}),
        ("ratio=1e3", {"limit": 20, "ratio": 1000.0}),
        ("ratio=7", {"limit": 20, "ratio": 7}),
        ("tag=gr%C3%BC%C3%9Fe+x", {"limit": 20, "tag": ["grüße x"]}),
        ("unknown=1&&=&x", {"limit": 20}),
        ("limi%74=5", {"limit": 5}),
    ],
)
def test_a_query_is_read_by_its_document(todo, query, read):
    """Values have the types of their schemas, and defaults where nothing was given."""
    answer = todo.client.get(f"/tasks?{query}")

    assert answer.json()["read"] == read


@pytest.mark.parametrize("header", ["X-Trace", "x-trace", "X-TRACE"])
def test_a_header_is_read_in_any_case(todo, header):
    """As the type of its schema."""
    answer = todo.client.get("/tasks", headers={header: "7"})

    assert answer.json()["read"]["X-Trace"] == 7


@pytest.mark.parametrize(
    ("query", "violation"),
    [
        ("limit=0", "query/limit: 0 is less than 1"),
        ("limit=101", "query/limit: 101 is more than 100"),
        ("limit=ten", "query/limit: expected an integer, got a string"),
        ("limit=5&limit=6", "query/limit: is given 2 times; it takes one value"),
        ("limit=", "query/limit: expected an integer, got a string"),
        ("limit=1.0", "query/limit: expected an integer, got a string"),
        ("limit=01", "query/limit: expected an integer, got a string"),
        ("limit=%D9%A1", "query/limit: expected an integer, got a string"),
        ("limit=1_0", "query/limit: expected an integer, got a string"),
        ("limit=+1", "query/limit: expected an integer, got a string"),
        ("done=1", "query/done: expected a boolean, got a string"),
        ("done=True", "query/done: expected a boolean, got a string"),
        ("tag=a&tag=b&tag=c", "query/tag: expected at most 2 items, got 3"),
        ("ids=1,x", "query/ids/1: expected an integer, got a string"),
        ("ratio=NaN", "query/ratio: expected a number, got a string"),
        ("ratio=Infinity", "query/ratio: expected a number, got a string"),
        ("ratio=1e999", "query/ratio: expected a number, got a string"),
    ],
)
def test_a_bad_parameter_is_refused_by_name(todo, query, violation):
    """The message says what was seen and what was expected."""
    answer = todo.client.get(f"/tasks?{query}")

    assert (answer.status_code, answer.json()["violations"]) == (422, [violation])


@pytest.mark.parametrize(
    ("task", "status"),
    [("1", 200), ("99", 404), ("0", 422), ("-1", 422), ("one", 422), ("1.0", 422), ("9" * 30, 404), ("9" * 5000, 422)],
)
def test_a_path_parameter_has_its_type_too(todo, task, status):
    """What is no number in range is no task's number."""
    answer = todo.client.get(f"/tasks/{task}")

    assert answer.status_code == status


def test_all_violations_are_told_at_once(todo):
    """Of the path, the query, the headers and the body."""
    answer = todo.client.put("/tasks/0/due?zone=x", json={"due": "tomorrow"})

    assert (answer.status_code, answer.json()["violations"]) == (
        422,
        [
            "path/task-id: 0 is less than 1",
            "query/zone: expected at least 3 characters, got 1",
            "header/X-Reason: is required",
            'body/due: "tomorrow" is no date',
        ],
    )


def test_a_missing_parameter_is_told_without_a_query(todo):
    """Nothing given is something missing."""
    answer = todo.client.put("/tasks/1/due", headers={"X-Reason": "rain"})

    assert answer.json()["violations"] == ["query/zone: is required"]


# Bodies


def test_a_body_that_need_not_be_there_may_be_missing(todo):
    """The handler sees None."""
    answer = todo.client.put("/tasks/1/due?zone=UTC", headers={"X-Reason": "rain"})

    assert (answer.status_code, answer.json()["body"]) == (200, None)


def test_a_body_that_has_to_be_there_has_to_be_there(todo):
    """No body is a 400."""
    answer = todo.client.post("/tasks", headers={"Content-Type": "application/json"})

    assert (answer.status_code, answer.json()["detail"]) == (400, "A body is required, and none was sent.")


@pytest.mark.parametrize(
    ("body", "violations"),
    [
        ({}, ["body/title: is required"]),
        ({"title": ""}, ["body/title: expected at least 1 character, got 0"]),
        (
            {"title": 7, "done": "yes"},
            ["body/done: expected a boolean, got a string", "body/title: expected a string, got an integer"],
        ),
        ({"title": "x", "tags": ["a", None]}, ["body/tags/1: expected a string, got null"]),
        ({"title": "x", "tags": "a"}, ["body/tags: expected an array, got a string"]),
        ([], ["body: expected an object, got an array"]),
        (None, ["body: expected an object, got null"]),
    ],
)
def test_a_body_that_breaks_its_schema_is_refused(todo, body, violations):
    """Every violation by its place, and nothing is changed."""
    answer = todo.client.post("/tasks", content=json.dumps(body), headers={"Content-Type": "application/json"})

    assert (answer.status_code, answer.json()["violations"], len(todo.tasks)) == (422, violations, 3)


def test_violations_stand_in_the_order_of_an_array(todo):
    """The tenth item after the second."""
    ids = [0, "a", 2, 3, 4, 5, 6, 7, 8, 9, "b"]

    answer = todo.client.patch("/tasks/bulk", json={"ids": ids, "done": True})

    assert answer.json()["violations"] == [
        "body/ids/1: expected an integer, got a string",
        "body/ids/10: expected an integer, got a string",
    ]


@pytest.mark.parametrize("content", [b"{", b'{"title": NaN}', b'{"title": "a", "title": "b"}', b"\xff", b"[" * 100_000])
def test_a_body_that_is_no_json_is_a_400(todo, content):
    """And nothing is changed."""
    answer = todo.client.post("/tasks", content=content, headers={"Content-Type": "application/json"})

    assert (answer.status_code, answer.json()["code"], len(todo.tasks)) == (400, "malformed", 3)


@pytest.mark.parametrize(
    "media_type",
    [
        "application/json",
        "application/json; charset=utf-8",
        "Application/JSON",
        "application/json ;v=1",
        "application/merge-patch+json",
    ],
)
def test_a_declared_media_type_is_taken(todo, media_type):
    """Whatever its case and its parameters."""
    answer = todo.client.post("/tasks", content=b'{"title": "Wax"}', headers={"Content-Type": media_type})

    assert answer.status_code == 201


@pytest.mark.parametrize(
    ("headers", "seen"),
    [
        ({"Content-Type": "text/plain"}, "Content-Type 'text/plain'"),
        ({"Content-Type": "application/jsonx"}, "Content-Type 'application/jsonx'"),
        ({"Content-Type": "multipart/form-data; boundary=x"}, "Content-Type 'multipart/form-data'"),
        ({}, "no Content-Type"),
    ],
)
def test_any_other_media_type_is_a_415(todo, headers, seen):
    """The message says which are taken."""
    answer = todo.client.post("/tasks", content=b'{"title": "Wax"}', headers=headers)

    detail = f"The body has {seen}; expected application/json, application/merge-patch+json."
    assert (answer.status_code, answer.json()["detail"]) == (415, detail)


@pytest.mark.parametrize(("option", "status"), [("refuse", 415), ("ignore", 201)])
def test_the_media_type_may_be_assumed_not_to_matter(option, status):
    """Then the body is read as JSON, and the answer names the assumption."""
    todo = serve(any_media_type="media", assumptions=(MEDIA,), settings=Settings(assume={"media": option}))

    answer = todo.client.post("/tasks", content=b'{"title": "Wax"}', headers={"Content-Type": "text/plain"})

    assert (answer.status_code, answer.headers["Mock-Assumption"]) == (status, f"todo.media={option}")


# Answers

TROUBLE = RequestValidator(SPEC.operation("makeTrouble"), "")
TASK = RequestValidator(SPEC.operation("getTask"), "")
JSON = ("Content-Type", "application/json")
PROBLEM = ("Content-Type", "application/problem+json")
OPEN = ("Tasks-Open", "2")


def broken(contract, status, body, *headers):
    """What is wrong with this answer."""
    return [str(violation) for violation in contract.check(Response(status, body), headers)]


@pytest.mark.parametrize(
    ("body", "headers"),
    [
        ({"ok": True}, (JSON, OPEN)),
        ({"ok": True}, (JSON, OPEN, ("Tasks-Next", "2026-01-31"))),
        ({"ok": True}, (JSON, OPEN, ("Undeclared", "x"), ("Set-Cookie", "a"), ("Set-Cookie", "b"))),
        ({"ok": True}, (JSON, ("tasks-open", "2"))),
    ],
)
def test_an_answer_that_keeps_its_promise_is_silent(body, headers):
    """Headers that nobody declared may be there, and their case is free."""
    assert broken(TROUBLE, 200, body, *headers) == []


@pytest.mark.parametrize(
    ("status", "body", "headers", "violations"),
    [
        (202, {"ok": True}, (JSON, OPEN), ["response: status 202 is not declared; declared are 200, 204, 4XX"]),
        (500, {}, (JSON,), ["response: status 500 is not declared; declared are 200, 204, 4XX"]),
        (200, {"ok": True}, (JSON,), ["response/Tasks-Open: the header Tasks-Open is required"]),
        (
            200,
            {"ok": True},
            (JSON, ("Tasks-Open", "-1")),
            ["response/Tasks-Open: the header Tasks-Open may not be '-1'"],
        ),
        (200, {"ok": True}, (JSON, ("Tasks-Open", "²")), ["response/Tasks-Open: the header Tasks-Open may not be '²'"]),
        (
            200,
            {"ok": True},
            (JSON, OPEN, ("Tasks-Next", "soon")),
            ["response/Tasks-Next: the header Tasks-Next may not be 'soon'"],
        ),
        (200, {"ok": 1}, (JSON, OPEN), ["response/ok: expected a boolean, got an integer"]),
        (200, {}, (JSON, OPEN), ["response/ok: is required"]),
        (200, None, (OPEN,), ["response: a body is declared, and none was sent"]),
        (
            200,
            {"ok": True},
            (("Content-Type", "application/xml"), OPEN),
            ["response: application/xml is not declared; declared: application/json"],
        ),
        (204, {"ok": True}, (JSON,), ["response: application/json is not declared; declared: no body"]),
        (404, {"code": 1, "detail": "x"}, (PROBLEM,), ["response/code: expected a string, got an integer"]),
    ],
)
def test_an_answer_that_breaks_its_promise_is_told(status, body, headers, violations):
    """By its place in the answer."""
    assert broken(TROUBLE, status, body, *headers) == violations


@pytest.mark.parametrize(
    ("contract", "status"), [(TROUBLE, 400), (TROUBLE, 499), (TASK, 404), (TASK, 503), (TASK, 302)]
)
def test_a_range_and_a_default_declare_a_status(contract, status):
    """Every 4XX of the one operation, and whatever is not 200 of the other."""
    assert broken(contract, status, {"code": "x", "detail": "y"}, PROBLEM) == []


def test_the_status_itself_beats_the_default():
    """A 200 is held to what is declared for 200."""
    assert broken(TASK, 200, {"code": "x", "detail": "y"}, JSON) != []


def test_no_body_where_none_is_declared_is_silent():
    """A 204 says nothing."""
    assert broken(TROUBLE, 204, None) == []


def test_more_than_one_promise_can_be_broken():
    """Headers first, then the body."""
    found = broken(TROUBLE, 200, {"ok": 1}, JSON, ("Tasks-Open", "many"))

    assert found == [
        "response/Tasks-Open: the header Tasks-Open may not be 'many'",
        "response/ok: expected a boolean, got an integer",
    ]


# Paths at another server, pages, forms


@pytest.mark.parametrize("address", ["/todo/share/home", "/share/home"])
def test_a_path_stands_below_its_own_server(todo, address):
    """Not below that of the document; what is no JSON is held to its media type alone."""
    answer = todo.client.get(f"http://127.0.0.1{address}", headers={"Authorization": ""})

    assert (answer.status_code, answer.text, answer.headers["Content-Type"]) == (
        200,
        "<p>home",
        "text/html; charset=utf-8",
    )
    assert todo.last.broken == ()


def test_the_host_of_a_path_leads_to_it(todo):
    """As that of the document leads to the other paths."""
    answer = todo.client.get("http://todo.example/share/home")

    assert answer.status_code == 200


def test_a_form_is_read(todo):
    """As its fields by name, the last of those given twice."""
    answer = todo.client.post("http://127.0.0.1/share/home", data={"name": ["Ann", "Böb & Co"]})

    assert answer.json() == {"name": "Böb & Co"}


def test_a_form_keeps_its_schema(todo):
    """As any body does."""
    answer = todo.client.post("http://127.0.0.1/share/home", data={"nam": "Ann"})

    assert answer.json()["violations"] == ["body/name: is required"]
