"""The row that a request walks: what happens when it ends early, goes wrong, or breaks a promise."""

import json
import logging
import re
import threading

import pytest

from mockserver.engine.api import Api
from mockserver.engine.service import Service, Settings
from mockserver.messages import Response
from mockserver.problem import Unusable
from tests.engine.todo import API, HANDLERS, SPEC, serve

STRICT = Settings(errors=True)


# A handler that says no, and one that fails


def test_a_problem_takes_back_what_the_handler_wrote(todo):
    """The answer is the API's own, and nothing of the half-done work is left."""
    answer = todo.client.get("/trouble/problem")

    assert (answer.status_code, answer.json()) == (409, {"code": "busy", "detail": "Not today."})
    assert [task["id"] for task in todo.tasks] == [1, 2, 3]


def test_a_crash_takes_back_what_the_handler_wrote(todo, caplog):
    """It is a 500 in the API's own words."""
    caplog.set_level(logging.CRITICAL)

    answer = todo.client.get("/trouble/crash")

    assert (answer.status_code, answer.json()["code"]) == (500, "internal")
    assert [task["id"] for task in todo.tasks] == [1, 2, 3]


def test_a_crash_says_where_the_handler_failed(todo, caplog):
    """File, line and exception stand in the answer and in the log; the traceback in the log alone."""
    answer = todo.client.get("/trouble/crash")

    said = r"tests/engine/todo\.py:\d+, in make_trouble: RuntimeError: the shelf fell down"
    assert re.fullmatch(said, answer.json()["detail"])
    assert re.search(f"/v1/trouble/crash: {said}\nTraceback", caplog.text)


def test_what_cannot_be_written_as_json_is_said(caplog):
    """With the operation whose handler returned it."""
    caplog.set_level(logging.CRITICAL)
    todo = serve(handlers={**HANDLERS, "listTasks": lambda _call, _state: {"tasks": {1, 2}, "read": 1}})

    answer = todo.client.get("/tasks")

    assert answer.json()["detail"].startswith("The handler of listTasks returned what cannot be written as JSON: ")


def test_a_body_alone_is_answered_with_the_success_that_is_declared():
    """A handler that creates returns the record; the document says 201."""
    made = {"id": 7, "title": "Wax", "done": False}
    todo = serve(handlers={**HANDLERS, "createTask": lambda _call, _state: made})

    answer = todo.client.post("/tasks", json={"title": "Wax"})

    assert (answer.status_code, answer.json()) == (201, made)


def test_a_request_that_breaks_its_schema_has_the_status_of_the_api():
    """And its violations, as every API's."""
    todo = serve(invalid_status=400)

    answer = todo.client.get("/tasks?limit=0")

    assert (answer.status_code, answer.json()["code"]) == (400, "invalid")


def test_without_a_renderer_a_problem_is_problem_json():
    """With title, status, detail and what was wrong."""
    todo = serve(render=None)

    answer = todo.client.get("/tasks?limit=0")

    assert answer.headers["Content-Type"] == "application/problem+json"
    assert (answer.json()["title"], answer.json()["validation"][0]["location"]) == (
        "Unprocessable Entity",
        ["query", "limit"],
    )


def test_after_a_crash_the_next_request_is_fine(todo, caplog):
    """The world is free and whole."""
    caplog.set_level(logging.CRITICAL)
    todo.client.get("/trouble/crash")

    answer = todo.client.post("/tasks", json={"title": "Wax"})

    assert (answer.status_code, answer.json()["id"]) == (201, 4)


def test_a_half_done_bulk_update_leaves_no_trace(todo):
    """One unknown task among known ones: a 404, and all stay as they were."""
    answer = todo.client.patch("/tasks/bulk", json={"ids": [1, 3, 9], "done": True})

    assert (answer.status_code, [task["done"] for task in todo.tasks]) == (404, [False, True, False])


@pytest.mark.parametrize(
    ("part", "broken"),
    [
        ("headers", {"headers": lambda _call: 1 / 0}),
        ("render", {"render": lambda _problem, _call: 1 / 0}),
        ("request id", {"request_id": lambda _state: 1 / 0}),
        ("body", {"handlers": {**HANDLERS, "listTasks": lambda _call, _state: {"tasks": {1, 2}, "read": 1}}}),
        ("digits", {"handlers": {**HANDLERS, "listTasks": lambda _call, _state: {"tasks": 10**5000, "read": 1}}}),
        ("surrogate", {"handlers": {**HANDLERS, "listTasks": lambda _call, _state: {"tasks": "\ud800", "read": 1}}}),
        ("text", {"handlers": {**HANDLERS, "listTasks": lambda _call, _state: Response(200, {1: object()})}}),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_whatever_fails_the_client_gets_an_answer(caplog, part, broken):
    """A 500, also where the API's own words are what fails."""
    caplog.set_level(logging.CRITICAL)
    todo = serve(**broken)

    answer = todo.client.get("/tasks?limit=0" if part == "render" else "/tasks")

    assert answer.status_code == 500
    assert answer.headers["Content-Type"] in ("application/json", "application/problem+json")


# Broken promises


@pytest.mark.parametrize(
    ("kind", "header"),
    [
        ("none", None),
        ("next", None),
        ("nothing", None),
        ("status", "1; response: status 202 is not declared; declared are 200, 204, 4XX"),
        ("body", '2; response: Additional properties are not allowed ("extra" was unexpected); declared: ok'),
        ("no-body", "1; response: a body is declared, and none was sent"),
        ("no-header", "1; response/Tasks-Open: the header Tasks-Open is required"),
        ("bad-header", "2; response/Tasks-Open: the header Tasks-Open may not be '-1'"),
        ("media-type", "1; response: application/xml is not declared; declared: application/json"),
        ("unprintable", "1; response/ok: expected a boolean, got a string"),
    ],
)
def test_a_broken_promise_stands_in_a_header(todo, kind, header):
    """How many, and the first of them; the answer itself is sent as it is."""
    answer = todo.client.get(f"/trouble/{kind}")

    assert answer.status_code in (200, 202, 204)
    seen = answer.headers.get("Mock-Violation")
    assert (seen or "").replace("'extra'", '"extra"') == (header or "")


def test_a_broken_promise_stands_in_the_journal(todo):
    """All of it."""
    todo.client.get("/trouble/body")

    assert sorted(violation.keyword for violation in todo.last.broken) == ["additionalProperties", "type"]


@pytest.mark.parametrize("kind", ["status", "body", "no-body", "no-header", "bad-header", "media-type"])
def test_with_errors_a_broken_promise_is_a_500(kind):
    """Rendered the API's way, with every violation."""
    todo = serve(STRICT)

    answer = todo.client.get(f"/trouble/{kind}")

    assert (answer.status_code, answer.json()["code"], todo.last.answered_by) == (
        500,
        "broken-promise",
        "broken-promise",
    )
    assert [str(violation) for violation in todo.last.broken] == answer.json()["violations"]


@pytest.mark.parametrize("kind", ["none", "next", "nothing", "problem"])
def test_with_errors_a_kept_promise_is_left_alone(kind):
    """Also a refusal that is declared."""
    todo = serve(STRICT)

    answer = todo.client.get(f"/trouble/{kind}")

    assert (answer.status_code < 500, "Mock-Violation" in answer.headers) == (True, False)


# Assumptions


def test_assumptions_relied_on_stand_in_a_header(todo):
    """Each once, in the order in which they were asked, with its option."""
    answer = todo.client.get("/trouble/assume")

    assert answer.headers["Mock-Assumption"] == "todo.weekend=on, todo.holiday=on"


def test_a_switched_assumption_shows_its_option():
    """The header says what holds, not what is the default."""
    todo = serve(Settings(assume={"holiday": "off"}))

    answer = todo.client.get("/trouble/assume")

    assert answer.headers["Mock-Assumption"] == "todo.weekend=on, todo.holiday=off"


def test_without_assumptions_there_is_no_header(todo):
    """Only where there is something to say."""
    answer = todo.client.get("/tasks")

    assert ("Mock-Assumption" in answer.headers, "Mock-Violation" in answer.headers) == (False, False)


@pytest.mark.parametrize(
    ("assume", "message"),
    [
        ({"weather": "on"}, "todo has no assumption 'weather'; it has holiday, "),
        ({"weekend": "perhaps"}, "todo.weekend has no option 'perhaps'; it has on, off"),
    ],
)
def test_an_assumption_that_cannot_be_switched_so_is_refused(assume, message):
    """The message names what there is."""
    with pytest.raises(Unusable, match=message):
        serve(Settings(assume=assume))


# Values


@pytest.mark.parametrize(
    "text",
    [
        "9007199254740993",
        "18446744073709551616",
        "-9223372036854775809",
        "1" * 100,
        "[" + "7" * 4000 + "]",
        "0.1",
        "-0.0",
        "1e-7",
    ],
)
def test_a_number_comes_back_as_it_was_sent(todo, text):
    """Integers of any size are exact."""
    answer = todo.client.post("/echo", content=text, headers={"Content-Type": "application/json"})

    assert answer.status_code == 200
    assert json.loads(answer.content) == json.loads(text)


def test_a_big_integer_is_kept_exactly(todo):
    """What was remembered is what is read."""
    weight = 2**80 + 1
    made = todo.client.post("/tasks", json={"title": "Move the mountain", "weight": weight})

    answer = todo.client.get(made.headers["Location"])

    assert answer.json()["weight"] == weight


@pytest.mark.parametrize("digits", [4300, 4301, 20_000])
def test_a_number_too_long_to_be_exact_is_refused(todo, digits):
    """Or it comes back; it is never the end of the request."""
    answer = todo.client.post("/echo", content="7" * digits, headers={"Content-Type": "application/json"})

    assert answer.status_code == (200 if digits <= 4300 else 400)


def test_a_text_comes_back_as_it_was_sent(todo):
    """Of any script."""
    text = "Grüße, 日本語, \U0001f600, \u0000, \u2028"

    answer = todo.client.post("/echo", json=text)

    assert answer.json() == text


def test_a_body_of_bytes_is_sent_as_it_is(todo):
    """With the Content-Type that stands first."""
    answer = todo.client.get("/trouble/bytes")

    assert (answer.content, answer.headers["Content-Type"]) == (b"plain", "text/plain")


def test_an_answer_without_a_body_has_no_content_type(todo):
    """There is nothing that could have one."""
    answer = todo.client.delete("/tasks/1")

    assert (answer.status_code, answer.content, "Content-Type" in answer.headers) == (204, b"", False)


# The journal


@pytest.mark.parametrize(
    ("method", "path", "operation", "status", "answered_by"),
    [
        ("GET", "/tasks", "listTasks", 200, "handler"),
        ("GET", "/tasks/9", "getTask", 404, "not-found"),
        ("GET", "/tasks?limit=0", "listTasks", 422, "invalid"),
        ("GET", "/nothing", "", 404, "no-operation"),
        ("PUT", "/tasks", "", 405, "no-method"),
        ("GET", "/trouble/problem", "makeTrouble", 409, "busy"),
    ],
)
def test_every_request_is_one_line_of_the_journal(todo, method, path, operation, status, answered_by):
    """With the operation it named, its status, and who answered."""
    todo.client.request(method, path)

    assert len(todo.world.journal) == 1
    assert (todo.last.operation, todo.last.status, todo.last.answered_by) == (operation, status, answered_by)


def test_the_journal_keeps_what_was_wrong_with_a_request(todo):
    """The violations that the client was told."""
    todo.client.get("/tasks?limit=0&done=1")

    assert [violation.pointer for violation in todo.last.violations] == ["/limit", "/done"]


def test_the_journal_is_in_world_time(todo):
    """The clock of the world, not of the machine."""
    todo.world.clock.freeze(1_000)

    todo.client.get("/tasks")

    assert todo.last.at == 1_000


# Loose ends


@pytest.mark.parametrize(
    ("handlers", "message"),
    [
        ({**HANDLERS, "fly": HANDLERS["echo"]}, r"todo has handlers for \['fly'\], which are no operations"),
        ({name: HANDLERS[name] for name in HANDLERS if name != "echo"}, r"todo has no handlers for \['echo'\]"),
    ],
)
def test_handlers_and_operations_have_to_fit(handlers, message):
    """A handler without an operation, and an operation without a handler, are refused at load."""
    api = Api("todo", handlers, API.collections, API.render)

    with pytest.raises(Unusable, match=message):
        Service(api, SPEC, Settings())


def test_threads_that_come_at_once_meet_one_world():
    """Eight first requests of a new world each find what the others wrote."""
    todo = serve()
    together = threading.Barrier(8)

    def create():
        together.wait()
        todo.client.post("/tasks", json={"title": "Wax"}, headers={"Mock-World": "new"})

    threads = [threading.Thread(target=create) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    answer = todo.client.get("/tasks", headers={"Mock-World": "new"})
    assert [task["id"] for task in answer.json()["tasks"]] == [1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11]
