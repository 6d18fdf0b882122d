"""Mocks on a store that was used before, by a mock of another document or with other options."""

import logging
import time
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from mockserver.server import Options
from mockserver.server.mock import renew
from mockserver.stores.memory_store import MemoryStore, SharedMemory
from tests.replica.conftest import Node

Open = Callable[..., Node]


@pytest.fixture
def changed(node: Open, document: Path, shared: SharedMemory):
    """`changed(old, new)`: a mock on the store, whose document has this text now in the place of that."""

    def opened(*changes: tuple[str, str], **options: object) -> Node:
        text = document.read_text(encoding="utf-8")
        for old, new in changes:
            assert old in text
            text = text.replace(old, new)
        document.write_text(text, encoding="utf-8")
        return node(MemoryStore(shared), **options)

    return opened


TEXT_ID = ("id: {type: integer, readOnly: true}", "id: {type: string, readOnly: true}")
TEXT_PATH = ("required: true, schema: {type: integer}}", "required: true, schema: {type: string}}")
UUID_ID = ("id: {type: integer, readOnly: true}", "id: {type: string, format: uuid, readOnly: true}")
UUID_PATH = ("required: true, schema: {type: integer}}", "required: true, schema: {type: string, format: uuid}}")
SHORT = ("title: {type: string}", "title: {type: string, maxLength: 3}")


def test_records_are_found_by_ids_that_became_texts(node, changed, shared):
    """As other values are converted, without loss; written, deleted and listed as such."""
    first = node(MemoryStore(shared))
    for title in ("a", "b", "c"):
        first.create(title)

    one = changed(TEXT_ID, TEXT_PATH)
    listed = one.client.get("/tasks/tasks").json()
    read = one.client.get("/tasks/tasks/2").json()
    one.client.put("/tasks/tasks/2", json={"title": "changed"})
    one.client.delete("/tasks/tasks/3")
    again = node(MemoryStore(shared)).client.get("/tasks/tasks").json()

    assert listed == [{"id": "1", "title": "a"}, {"id": "2", "title": "b"}, {"id": "3", "title": "c"}]
    assert read == {"id": "2", "title": "b"}
    assert again == [{"id": "1", "title": "a"}, {"id": "2", "title": "changed"}]


def test_records_whose_ids_cannot_be_are_told_and_kept(node, changed, shared, caplog):
    """They are in no list, since nobody could ask for them; once the ids fit again they are there again."""
    first = node(MemoryStore(shared))
    first.create("a")
    first.create("b")

    one = changed(UUID_ID, UUID_PATH)
    listed = one.client.get("/tasks/tasks").json()
    findings = one.client.get("/__admin/worlds/default").json()["findings"]
    one.create("new")
    back = changed(UUID_ID[::-1], UUID_PATH[::-1])

    told = (
        "2 records of tasks tasks cannot have their ids under the present document: kept, and neither listed nor "
        "found until it allows that again"
    )
    assert listed == []
    assert findings == [told]
    assert f"the world default: {told}." in caplog.messages
    assert back.titles()[:2] == ["a", "b"]
    assert back.client.get("/tasks/tasks/2").json() == {"id": 2, "title": "b"}


def test_every_record_that_is_listed_is_found(node, changed, shared):
    """Whatever of the document has changed, and among records that came since."""
    first = node(MemoryStore(shared))
    first.create("a")

    one = changed(UUID_ID, UUID_PATH, ("title: {type: string}", "title: {type: integer}"))
    made = one.client.post("/tasks/tasks", json={"title": 5})
    statuses = [one.client.get(f"/tasks/tasks/{task['id']}").status_code for task in one.client.get("/tasks").json()]

    assert made.status_code == 201
    assert statuses == [200]


def test_values_that_do_not_fit_are_told(node, changed, shared, caplog):
    """How many records, of which collection, and which members; answers note it, as ever."""
    first = node(MemoryStore(shared))
    for title in ("long enough", "abc", "also long"):
        first.create(title)

    one = changed(SHORT)
    answer = one.client.get("/tasks/tasks/1")
    findings = one.client.get("/__admin/worlds/default").json()["findings"]

    told = (
        "2 records of tasks tasks do not fit the present document (/title): kept as written, and answers that have "
        "to show something else say `replaced-values`"
    )
    assert "tasks.replaced-values" in answer.headers["Mock-Assumption"]
    assert findings == [told]
    assert f"the world default: {told}." in caplog.messages


def test_what_is_not_served_is_among_the_findings(node, document, shared):
    """Of a document that has another name now."""
    node(MemoryStore(shared)).create("a")
    renamed = document.rename(document.with_name("jobs.yaml"))

    one = node(MemoryStore(shared), apis=(str(renamed),))
    findings = one.client.get("/__admin/worlds/default").json()["findings"]

    assert findings == ["1 record of tasks tasks, which is not served now, is kept"]


def test_worlds_are_read_at_the_start_after_a_change(node, changed, shared, caplog):
    """So that what does not fit is told before anybody asks."""
    node(MemoryStore(shared)).create("long enough", "alice")
    one = changed(SHORT)

    one.mock.worlds.keeper.begin(one.mock.worlds)

    told = "the world alice: 1 record of tasks tasks does not fit the present document (/title)"
    assert _until(lambda: any(line.startswith(told) for line in caplog.messages))


def _until(is_so: Callable[[], bool]) -> bool:
    deadline = time.monotonic() + 10
    while not (found := is_so()) and time.monotonic() < deadline:
        time.sleep(0.02)
    return found


def test_nothing_is_told_where_nothing_changed(node, shared, caplog):
    """Also of records that never fitted what answers show."""
    node(MemoryStore(shared)).create("a")

    again = node(MemoryStore(shared))
    ready = again.client.get("/__admin/ready").json()
    findings = again.client.get("/__admin/worlds/default").json()["findings"]

    assert (ready["store"]["notices"], findings) == ([], [])
    assert [line for line in caplog.messages if "store" in line or "world" in line] == []


def test_other_options_than_before_are_told(node, shared, caplog):
    """At the start, and as long as the mock runs."""
    node(MemoryStore(shared), seed=0)

    one = node(MemoryStore(shared), seed=7)

    notice = "Before this mock, the store was used with other settings: --seed was 0 and is 7."
    assert one.client.get("/__admin/ready").json()["store"]["notices"] == [notice]
    assert any(line.startswith(notice) for line in caplog.messages)


def test_another_document_than_before_is_told(node, changed, shared):
    """By the name of the API."""
    node(MemoryStore(shared))

    one = changed(SHORT)

    [notice] = one.client.get("/__admin/ready").json()["store"]["notices"]
    assert notice == (
        "Before this mock, the store was used with other settings: tasks has another document, other first records or "
        "other assumptions."
    )


def test_a_mock_is_told_of_one_with_other_options_that_starts_later(node, shared, caplog):
    """Once it hears of it, with the first request that is kept."""
    caplog.set_level(logging.WARNING)
    one = node(MemoryStore(shared), seed=1)
    node(MemoryStore(shared), seed=2)

    one.create("a")

    notice = "Another mock uses this store with other settings: --seed is 1 here and 2 there."
    assert one.client.get("/__admin/ready").json()["store"]["notices"] == [notice]
    assert any(line.startswith(notice) for line in caplog.messages)


def test_a_document_that_changes_while_it_is_served(node, document, shared, caplog):
    """With `--watch`: what is kept is fitted to it from the next request on, as at a start."""
    one = node(MemoryStore(shared))
    for title in ("a", "long enough"):
        one.create(title)
    text = document.read_text(encoding="utf-8")
    for old, new in (TEXT_ID, TEXT_PATH, SHORT):
        text = text.replace(old, new)
    document.write_text(text, encoding="utf-8")

    renew(replace(one.mock, replica=one.mock.worlds.keeper), "tasks", Options(apis=(str(document),), seeds=0))
    listed = one.client.get("/tasks/tasks").json()
    read = one.client.get("/tasks/tasks/1").json()
    made = one.client.post("/tasks/tasks", json={"title": "new"}).json()

    assert [task["id"] for task in listed] == ["1", "2"]
    assert read == {"id": "1", "title": "a"}
    assert made == {"id": "task-1", "title": "new"}
    assert any("1 record of tasks tasks does not fit the present document (/title)" in line for line in caplog.messages)
    assert [entry[1] for entry in one.journal()] == ["createTask", "createTask", "listTasks", "getTask", "createTask"]


def test_mocks_of_different_apis_share_a_store_without_a_word(node, document, shared):
    """Each has its own, and the options in common."""
    other = document.with_name("jobs.yaml")
    other.write_text(document.read_text(encoding="utf-8"), encoding="utf-8")
    one = node(MemoryStore(shared))

    two = node(MemoryStore(shared), apis=(str(other),))
    one.create("a")

    assert [each.client.get("/__admin/ready").json()["store"]["notices"] for each in (one, two)] == [[], []]
