"""Operations on several records do what their paths and bodies say, and their answers tell what was done."""

import pytest


@pytest.fixture
def bulk(serve):
    """Four todos: 1 and 2 are open, 3 and 4 are done."""
    mock = serve("bulk")
    mock("PUT", "/todos", [{"id": n, "title": f"t{n}", "status": "open" if n < 3 else "done"} for n in (1, 2, 3, 4)])
    return mock


def ids(mock):
    """The ids of what there is."""
    return [todo["id"] for todo in mock("GET", "/todos")[1]]


def test_those_of_the_ids_are_deleted(bulk):
    """The answer counts them and names those that are not there."""
    answer = bulk("DELETE", "/todos?ids=1,3,9")

    assert answer == (200, {"deleted": 2, "ids": [1, 3], "notFound": [9]})
    assert ids(bulk) == [2, 4]


def test_those_that_the_filters_ask_for_are_deleted(bulk):
    """As the list would be filtered."""
    answer = bulk("DELETE", "/todos?status=open")

    assert answer == (200, {"deleted": 2, "ids": [1, 2], "notFound": []})
    assert ids(bulk) == [3, 4]


def test_all_are_deleted_where_nothing_is_asked_for(bulk):
    """DELETE means what stands at the path."""
    assert bulk("DELETE", "/todos") == (200, {"deleted": 4, "ids": [1, 2, 3, 4], "notFound": []})
    assert ids(bulk) == []


def test_nothing_is_deleted_where_one_is_missing_and_the_answer_cannot_tell(bulk):
    """The declared 404 says it, and the others stay."""
    statuses = [bulk("DELETE", "/todos/bulk", [1, 9])[0], bulk("DELETE", "/todos/bulk", [2])[0]]

    assert statuses == [404, 204]
    assert ids(bulk) == [1, 3, 4]


def test_those_in_a_state_are_deleted(bulk):
    """`DELETE /todos/done`."""
    status, _ = bulk("DELETE", "/todos/done")

    assert status == 204
    assert ids(bulk) == [1, 2]


def test_those_that_are_like_the_body_are_deleted(bulk):
    """A body that is no list of ids says what those have that are to go."""
    for content in ("heart", "rocket", "heart"):
        bulk("POST", "/todos/1/reactions", {"content": content})

    status, _ = bulk("DELETE", "/todos/1/reactions", {"content": "heart"})

    left = [reaction["content"] for reaction in bulk("GET", "/todos/1/reactions")[1]]
    assert (status, "heart" in left, "rocket" in left) == (204, False, True)


def test_changes_are_laid_over_those_of_the_ids(bulk):
    """`{ids, changes}`."""
    answer = bulk("PATCH", "/todos", {"ids": [1, 3], "changes": {"title": "same"}})

    changed = [{"id": 1, "title": "same", "status": "open"}, {"id": 3, "title": "same", "status": "done"}]
    assert answer == (200, {"updated": 2, "todos": changed})
    assert [todo["title"] for todo in bulk("GET", "/todos")[1]] == ["same", "t2", "same", "t4"]


def test_each_is_changed_by_its_own_id(bulk):
    """`[{id, …}]`; each has a result."""
    status, results = bulk("PATCH", "/todos/bulk", [{"id": 1, "title": "one"}, {"id": 9, "title": "nine"}])

    assert status == 200
    assert results == [
        {"id": 1, "success": True},
        {"id": 9, "success": False, "message": "There is no 9 in todos."},
    ]
    assert bulk("GET", "/todos/1")[1] == {"id": 1, "title": "one", "status": "open"}


def test_a_list_that_is_put_replaces_all(bulk):
    """What was not sent is gone, and ids are kept as they were sent."""
    answer = bulk("PUT", "/todos", [{"id": 2, "title": "two"}, {"id": 8, "title": "eight"}])

    assert answer == (200, [{"id": 2, "title": "two"}, {"id": 8, "title": "eight"}])
    assert ids(bulk) == [2, 8]
    assert bulk("GET", "/todos/1")[0] == 404


def test_several_are_made_with_a_result_for_each(bulk):
    """One that is there already stops no other."""
    sent = [{"title": "new"}, {"id": 4, "title": "again"}, {"id": 77, "title": "mine"}]

    status, answer = bulk("POST", "/todos/bulk", {"items": sent})

    assert status == 207
    assert answer == {
        "created": 2,
        "failed": 1,
        "results": [
            {"index": 0, "status": 201, "id": 5},
            {"index": 1, "status": 409, "id": 4, "error": "todos has 4 already."},
            {"index": 2, "status": 201, "id": 77},
        ],
    }
    assert bulk("GET", "/todos/77")[1] == {"id": 77, "title": "mine"}


@pytest.mark.parametrize(
    ("path", "body", "shown"),
    [
        ("/bulk/todos", [{"title": "a"}, {"title": "b"}], lambda answer: answer),
        (
            "/todos:batchCreate",
            {"requests": [{"todo": {"title": "a"}}, {"todo": {"title": "b"}}]},
            lambda answer: answer["todos"],
        ),
    ],
)
def test_several_are_made_wherever_the_path_stands(bulk, path, body, shown):
    """In a list of their own, or each inside a request."""
    _, answer = bulk("POST", path, body)

    assert [(todo["id"], todo["title"]) for todo in shown(answer)] == [(5, "a"), (6, "b")]
    assert ids(bulk) == [1, 2, 3, 4, 5, 6]


def test_those_that_are_there_are_changed_and_others_made(bulk):
    """An upsert keeps the ids that it was given."""
    status, _ = bulk("PUT", "/todos/sync", [{"id": 1, "title": "one"}, {"id": 50, "title": "fifty"}])

    assert status == 200
    assert [(todo["id"], todo["title"]) for todo in bulk("GET", "/todos")[1]] == [
        (1, "one"), (2, "t2"), (3, "t3"), (4, "t4"), (50, "fifty"),
    ]  # fmt: skip


def test_a_batch_makes_changes_and_deletes(bulk):
    """Each member of its body lists records, and so does each of its answer."""
    sent = {"create": [{"title": "new"}], "update": [{"id": 1, "title": "one"}], "delete": [2]}

    status, answer = bulk("POST", "/todos/batch", sent)

    assert status == 200
    assert {name: [todo["id"] for todo in todos] for name, todos in answer.items()} == {
        "create": [5], "update": [1], "delete": [2],
    }  # fmt: skip
    assert ids(bulk) == [1, 3, 4, 5]


def test_an_action_is_done_to_several(bulk):
    """To those of the ids, or to all."""
    archived = bulk("POST", "/todos/archive", {"todoIds": [1, 2]})
    done = bulk("POST", "/todos/mark-all-done")

    assert (archived, done) == ((204, None), (200, {"count": 4}))
    assert [todo.get("archived") for todo in bulk("GET", "/todos")[1]] == [True, True, None, None]
    assert {todo["status"] for todo in bulk("GET", "/todos")[1]} == {"done"}
