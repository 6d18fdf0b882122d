"""Pages in a browser that call the mocked API."""

import pytest

from mockserver.engine.service import Settings
from tests.engine.todo import serve

LOCAL = {"Origin": "http://localhost:3000"}
FOREIGN = {"Origin": "https://pages.example"}
ASKED = {"Access-Control-Request-Method": "PATCH", "Access-Control-Request-Headers": "authorization, x-trace"}


def test_a_page_of_this_machine_may_call(todo):
    """Its browser is told so with each answer, refusals included."""
    answers = [todo.client.get(path, headers=LOCAL) for path in ("/tasks", "/nothing")]

    assert [answer.headers["Access-Control-Allow-Origin"] for answer in answers] == ["http://localhost:3000"] * 2
    assert [answer.headers["Vary"] for answer in answers] == ["Origin"] * 2


def test_a_browser_may_ask_before_it_sends(todo):
    """The preflight is answered without a credential, for the method and the headers that it names."""
    answer = todo.client.options("/tasks", headers={**LOCAL, **ASKED, "Authorization": ""})

    assert (answer.status_code, answer.content) == (204, b"")
    assert answer.headers["Access-Control-Allow-Methods"] == "PATCH"
    assert answer.headers["Access-Control-Allow-Headers"] == "authorization, x-trace"
    assert todo.last.answered_by == "preflight"


def test_a_page_from_elsewhere_is_not_told(todo):
    """So that no page of the web drives the mock."""
    answer = todo.client.get("/tasks", headers=FOREIGN)
    asked = todo.client.options("/tasks", headers={**FOREIGN, **ASKED})

    assert "Access-Control-Allow-Origin" not in answer.headers
    assert asked.status_code == 405
    assert "Pages of https://pages.example may call with `mockserver serve --cors any`." in asked.text


@pytest.mark.parametrize(("pages", "allowed"), [("any", "https://pages.example"), ("off", None)])
def test_it_can_be_opened_and_closed(pages, allowed):
    """`--cors any` and `--cors off`."""
    todo = serve(Settings(cors=pages))

    assert todo.client.get("/tasks", headers=FOREIGN).headers.get("Access-Control-Allow-Origin") == allowed


@pytest.mark.parametrize("headers", [{}, LOCAL])
def test_an_options_that_is_no_preflight_is_as_any_request(todo, headers):
    """A method that the path does not take."""
    assert todo.client.options("/tasks", headers=headers).status_code == 405


def test_without_an_origin_nothing_is_added(todo):
    """Other clients never see any of it."""
    headers = todo.client.get("/tasks").headers

    assert not [name for name in headers if name.startswith("access-control") or name == "vary"]


@pytest.mark.parametrize("origin", ["null", "http://[", "nonsense", "http://localhost.example"])
def test_a_strange_origin_is_no_page_of_this_machine(todo, origin):
    """And crashes nothing."""
    answer = todo.client.get("/tasks", headers={"Origin": origin})

    assert answer.status_code == 200
    assert "Access-Control-Allow-Origin" not in answer.headers
