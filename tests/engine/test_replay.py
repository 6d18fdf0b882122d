"""Idempotency keys: the same request under the same key is answered once and for all."""

from dataclasses import replace

import pytest

from mockserver.engine.api import CollectionSpec
from mockserver.engine.assumptions import Assumption
from mockserver.engine.steps.idempotency import Idempotency
from tests.engine.todo import API, Todo, serve

REPLAY = Idempotency("Idempotency-Key", ttl=60, replayed=("Idempotent-Replayed", "true"), longest=20)
WAX = {"title": "Wax"}


@pytest.fixture
def todo() -> Todo:
    """The to-do list with idempotency keys, its clock standing still."""
    served = serve(replay=REPLAY)
    served.world.clock.freeze(1_000)
    return served


def post(todo: Todo, key: str, body: object = WAX, path: str = "/tasks", **headers: str):
    """One task is asked for, under this key."""
    return todo.client.post(path, json=body, headers={"Idempotency-Key": key, **headers})


def test_a_request_sent_twice_is_done_once(todo):
    """The second answer is the first one, and says that it is."""
    first, second = post(todo, "k1"), post(todo, "k1")

    assert (second.status_code, second.json(), second.headers["Location"]) == (201, first.json(), "/tasks/4")
    assert [answer.headers.get("Idempotent-Replayed") for answer in (first, second)] == [None, "true"]
    assert len(todo.tasks) == 4


def test_the_journal_tells_a_replay(todo):
    """Who reads it sees that no handler was asked."""
    post(todo, "k1")
    post(todo, "k1")

    assert [exchange.answered_by for exchange in todo.world.journal] == ["handler", "replay"]


def test_another_key_is_another_request(todo):
    """Two tasks of the same title."""
    post(todo, "k1")
    post(todo, "k2")

    assert [task["title"] for task in todo.tasks][3:] == ["Wax", "Wax"]


def test_without_a_key_nothing_is_remembered(todo):
    """Two tasks of the same title."""
    todo.client.post("/tasks", json=WAX)
    todo.client.post("/tasks", json=WAX)

    assert len(todo.tasks) == 5


@pytest.mark.parametrize(
    "other",
    [{"body": {"title": "Oil"}}, {"path": "/tasks?x=1"}],
    ids=["body", "query"],
)
def test_a_key_that_was_used_for_another_request_is_a_409(todo, other):
    """And nothing is done."""
    post(todo, "k1")

    answer = post(todo, "k1", **other)

    assert (answer.status_code, answer.json()["code"], len(todo.tasks)) == (409, "idempotency-key-mismatch", 4)


def test_a_key_belongs_to_who_sent_it(todo):
    """Bob's key of the same name is another one."""
    post(todo, "k1")

    answer = post(todo, "k1", Authorization="Bearer bob-1")

    assert (answer.json()["id"], "Idempotent-Replayed" in answer.headers) == (5, False)


@pytest.mark.parametrize("key", ["", "   ", "k" * 21])
def test_a_key_that_is_none_is_a_400(todo, key):
    """Empty or too long."""
    answer = post(todo, key)

    assert (answer.status_code, answer.json()["code"], len(todo.tasks)) == (400, "idempotency-key-invalid", 3)


@pytest.mark.parametrize(("seconds", "tasks"), [(59.9, 4), (60, 5)])
def test_an_answer_is_kept_for_its_time(todo, seconds, tasks):
    """In world time; afterwards the key is new."""
    post(todo, "k1")

    todo.world.clock.advance(seconds)
    post(todo, "k1")

    assert len(todo.tasks) == tasks


def test_a_refusal_is_kept_as_well(todo):
    """What was wrong stays wrong, and is answered with the same words."""
    first, second = post(todo, "k1", {}), post(todo, "k1", {})

    assert (first.status_code, second.status_code, second.json()) == (422, 422, first.json())
    assert second.headers["Idempotent-Replayed"] == "true"


def test_a_refusal_at_the_gate_is_not_kept(todo):
    """Nobody was known yet, so the key was not looked at."""
    post(todo, "k1", Authorization="Bearer guess")

    answer = post(todo, "k1")

    assert (answer.status_code, "Idempotent-Replayed" in answer.headers) == (201, False)


def test_a_failure_of_the_server_is_not_kept():
    """Who tries again may succeed."""

    def fail(_call, _state):
        raise RuntimeError

    todo = serve(replay=REPLAY, handlers={**serve().door.services["todo"].api.handlers, "createTask": fail})
    answers = [post(todo, "k1"), post(todo, "k1")]

    assert [answer.status_code for answer in answers] == [500, 500]
    assert [answer.headers.get("Idempotent-Replayed") for answer in answers] == [None, None]


def test_a_method_that_changes_nothing_takes_no_key(todo):
    """A GET is idempotent by itself."""
    todo.client.get("/tasks", headers={"Idempotency-Key": "k1"})
    todo.client.post("/tasks", json=WAX)

    answer = todo.client.get("/tasks", headers={"Idempotency-Key": "k1"})

    assert len(answer.json()["tasks"]) == 4


def test_expired_answers_are_forgotten(todo):
    """They take no room."""
    post(todo, "k1")
    todo.world.clock.advance(60)

    post(todo, "k2")

    assert [key for _, key in todo.world.of("todo").replies] == ["k2"]


def test_worlds_have_their_own_keys(todo):
    """What one world does no other sees."""
    post(todo, "k1")

    answer = post(todo, "k1", **{"Mock-World": "two"})

    assert "Idempotent-Replayed" not in answer.headers


# Requests that still run, and what the same request is


def test_a_key_whose_first_request_still_runs_is_a_409():
    """With the time after which to ask again; for who sent it alone, and until the record is gone."""
    todo = serve(
        replay=replace(REPLAY, running="running"), collections={**API.collections, "running": CollectionSpec("key")}
    )
    running = todo.world.of("todo")["running"]
    running.insert({"key": "k1", "caller": "ann-1"})

    refused, other = post(todo, "k1"), post(todo, "k1", Authorization="Bearer bob-1")
    running.delete("k1")

    assert (refused.status_code, refused.json()["code"], refused.headers["Retry-After"]) == (
        409,
        "idempotency-in-progress",
        "1",
    )
    assert (other.status_code, post(todo, "k1").status_code) == (201, 201)


@pytest.mark.parametrize(("option", "seen"), [("request", [409, 409]), ("body", [201, 409])])
def test_the_same_body_elsewhere_may_be_the_same_request(option, seen):
    """Where only bodies are compared, the answer of the first is given at another address too; another body is none."""
    scope = Assumption("scope", "What is the same?", {"request": "All.", "body": "The body."}, option, "Ask.")
    todo = serve(replay=replace(REPLAY, compared="scope"), assumptions=(*API.assumptions, scope))
    post(todo, "k1")

    elsewhere = post(todo, "k1", path="/tasks?x=1"), post(todo, "k1", {"title": "Oil"})

    assert [answer.status_code for answer in elsewhere] == seen
