"""A store that does not answer: requests are told so, nothing is half done, and it goes on by itself."""

import threading
import time

import httpx
import pytest

from mockserver.replica.replica import Replica
from mockserver.server import Options, create_mock
from mockserver.stores.memory_store import MemoryStore
from mockserver.stores.world_store import StoreUnavailable
from tests.receiver import Answer


class Failing(MemoryStore):
    """A store that can be away, or loses the answers to appends."""

    def __init__(self, shared):
        super().__init__(shared)
        self.is_away = self.loses_answers = False

    def append(self, commit):
        self._refuse()
        answer = super().append(commit)
        if self.loses_answers:
            raise StoreUnavailable("The store did not answer in time.", 2.0)
        return answer

    def since(self, world, version):
        self._refuse()
        return super().since(world, version)

    def drop(self, world, version):
        self._refuse()
        return super().drop(world, version)

    def names(self):
        self._refuse()
        return super().names()

    def _refuse(self):
        if self.is_away:
            raise StoreUnavailable("The store is away.", 2.0)


@pytest.fixture
def store(shared):
    """The store of the first mock."""
    return Failing(shared)


@pytest.fixture
def mock(node, store):
    """A mock whose store can be away, with one task in it."""
    mock = node(store)
    mock.create("a")
    return mock


def test_a_request_is_answered_with_503_and_when_to_ask_again(mock, store):
    """As problem+json. The answer to what was sent may be all that is missing; what was not sent was not done."""
    store.is_away = True
    unsure = "The store is away. It is not known whether the request was done; look, or ask again."

    written = mock.client.post("/tasks/tasks", json={"title": "b"})
    read = mock.client.get("/tasks/tasks")

    assert (written.status_code, written.headers["retry-after"]) == (503, "2")
    assert written.headers["content-type"] == "application/problem+json"
    assert written.json() == {
        "type": "about:blank",
        "title": "Service Unavailable",
        "status": 503,
        "detail": unsure,
    }
    assert read.status_code == 503
    assert read.json()["detail"] == "The store is away. Nothing was done; ask again."


def test_what_was_refused_is_not_there_later(mock, store):
    """Not the record, not its number, not an exchange in the journal."""
    store.is_away = True
    mock.client.post("/tasks/tasks", json={"title": "b"})
    mock.client.get("/tasks/nothing")
    store.is_away = False

    made = mock.create("c")

    assert made == 2
    assert mock.titles() == ["a", "c"]
    assert [entry[0] for entry in mock.journal()] == [1, 2, 3]


def test_the_control_api_is_answered_with_503_too(mock, store):
    """Whatever reads or changes the world."""
    store.is_away = True

    answers = [
        mock.client.get("/__admin/requests"),
        mock.client.post("/__admin/reset"),
        mock.client.get("/__admin/worlds"),
        mock.client.delete("/__admin/worlds/other"),
        mock.client.post("/__admin/clock/advance", json={"seconds": 5}),
    ]

    assert {(answer.status_code, answer.headers.get("retry-after")) for answer in answers} == {(503, "2")}


@pytest.mark.parametrize(
    "path",
    ["", "page/views/state.js", "page/page.css", "docs", "apis/tasks/docs", "version", "page/viewer/swagger-ui.css"],
)
def test_what_has_nothing_of_a_world_is_answered_without_the_store(mock, store, path):
    """The page, which tells then that the store is away, the viewer of documents, and the version."""
    store.is_away = True

    plain = mock.client.get(f"/__admin/{path}", headers={"Accept": "text/html"})
    in_world = mock.client.get(f"/~other/__admin/{path}", headers={"Accept": "text/html"})

    assert (plain.status_code, in_world.status_code) == (200, 200)


@pytest.mark.parametrize("world", ["", "/~other"])
def test_an_agent_reads_that_the_store_is_away(mock, store, world):
    """As an error of the tool that it used; which tools there are is told all the same."""
    store.is_away = True
    accept = {"Accept": "application/json"}
    use = {"name": "list_records", "arguments": {"api": "tasks", "collection": "tasks"}}

    listed, used = (
        mock.client.post(f"{world}/__admin/mcp", json={"jsonrpc": "2.0", "id": 1, **one}, headers=accept).json()[
            "result"
        ]
        for one in ({"method": "tools/list"}, {"method": "tools/call", "params": use})
    )

    assert len(listed["tools"]) == 40
    assert used["isError"] is True
    assert used["content"][0]["text"] == "503 Service Unavailable: The store is away. Nothing was done; ask again."


def test_a_path_that_leads_nowhere_is_told_of_the_store_too(node, store, tmp_path, document):
    """It would be recorded, and cannot be."""
    mock = node(store)
    store.is_away = True

    answer = mock.client.get("/nowhere/at/all", headers={"Host": "example.com"})

    assert answer.status_code in (404, 503)


def test_an_answer_that_was_lost_is_no_second_commit(mock, store, node, shared):
    """The client is told that it is not known; the record is there once, for all."""
    other = node(MemoryStore(shared))
    store.loses_answers = True
    lost = mock.client.post("/tasks/tasks", json={"title": "b"})
    store.loses_answers = False

    assert lost.status_code == 503
    assert mock.titles() == other.titles() == ["a", "b"]
    assert (mock.create("c"), other.create("d")) == (3, 4)


def test_an_api_says_it_in_its_own_words(shared):
    """With the envelope of its errors."""
    store = Failing(shared)
    mock = create_mock(Options(apis=("xqr",)))
    Replica(store).keep(mock.worlds, mock.services)
    store.is_away = True

    with httpx.Client(transport=httpx.WSGITransport(app=mock.app), base_url="http://127.0.0.1:4010") as client:
        answer = client.get("/xqr/api/v1/links")

    assert (answer.status_code, answer.headers["retry-after"]) == (503, "2")
    assert answer.json()["error"]["message"] == "The store is away. Nothing was done; ask again."


def test_a_world_that_cannot_be_read_is_told_and_found_again(mock, store, node, shared):
    """Such as one that another version has written; once it can be read, all of it is there."""
    other = node(MemoryStore(shared))
    other.create("b")
    row = shared.rows["default"]
    version = row.version
    written, row.contents[version] = row.contents[version], b"\xc1 nothing that is written"

    refused = mock.client.get("/tasks/tasks")
    row.contents[version] = written

    assert (refused.status_code, refused.headers.get("retry-after")) == (503, None)
    assert refused.json()["detail"].startswith("The world default cannot be read from the store: ")
    assert mock.titles() == ["a", "b"]
    assert mock.create("c") == 3
    assert other.titles() == ["a", "b", "c"]
    assert [entry[0] for entry in mock.journal()] == [entry[0] for entry in other.journal()]


def test_control_requests_that_a_store_cannot_answer_are_counted(mock, store):
    """By their operation, as those that it could answer."""
    store.is_away = True
    refused = mock.client.get("/__admin/worlds")
    store.is_away = False

    counted = mock.client.get("/__admin/metrics").text

    assert (refused.status_code, refused.headers["retry-after"]) == (503, "2")
    assert refused.json()["detail"] == "The store is away. Nothing was done; ask again."
    assert 'mockserver_control_requests_total{operation="listWorlds",status="503"} 1' in counted


def test_webhooks_wait_for_a_store_that_is_away(shared, receiver):
    """One that was sent is written down when the store is back, and is not sent again."""
    store = Failing(shared)
    mock = create_mock(Options(apis=("xqr",)))
    Replica(store).keep(mock.worlds, mock.services)
    key = {"Authorization": "Bearer xqr_pk_a1b2c3d4." + "x" * 64}
    receiver.script(Answer(held=True))
    with httpx.Client(transport=httpx.WSGITransport(app=mock.app), base_url="http://127.0.0.1:4010") as client:
        hook = {"url": receiver.url, "events": ["link.created"]}
        client.post("/xqr/api/v1/webhooks", json=hook, headers=key)
        client.post("/xqr/api/v1/links", json={"url": "https://example.com"}, headers=key)
        receiver.wait(1)
        store.is_away = True
        receiver.release()
        threading.Event().wait(0.3)
        store.is_away = False
        settled = client.post("/__admin/outbox/settle", json={"timeout": 20}).json()
        client.post("/xqr/api/v1/links", json={"url": "https://example.com/2"}, headers=key)
        receiver.wait(2)
        states = client.post("/__admin/outbox/settle", json={"timeout": 20}).json()

    assert settled == states == {"settled": True, "left": []}
    assert len(receiver.requests) == 2


def test_unused_worlds_are_deleted_once_the_store_answers_again(mock, store):
    """The look at them that it did not answer was not the last one."""
    mock.client.post("/__admin/worlds", json={"name": "unused", "expire": 0.2})
    store.is_away = True
    time.sleep(0.5)
    was_there = mock.mock.worlds.known("unused") is not None
    store.is_away = False
    mock.mock.worlds.on_expiring()
    last = time.monotonic() + 20

    while mock.mock.worlds.known("unused") is not None and time.monotonic() < last:
        time.sleep(0.05)

    assert was_there
    assert mock.mock.worlds.known("unused") is None


def test_a_store_that_lost_its_commits_is_logged_once(mock, shared, caplog):
    """The mock goes on with the fixtures."""
    mock.create("a", world="other")
    shared.rows.clear()

    titles = mock.titles(), mock.titles("other")
    mock.create("b")

    said = [record.getMessage() for record in caplog.records if "lost" in record.getMessage()]
    assert titles == ([], [])
    assert said[0] == (
        "the store has lost commits: it has version 0 of the world default, not 1; the mock goes on with it"
    )
    assert len(said) == 1


def test_a_world_that_another_mock_deleted_is_no_loss(node, mock, shared, caplog):
    """Where the store has others."""
    other = node(MemoryStore(shared))
    mock.create("a", world="gone")
    other.client.delete("/__admin/worlds/gone")

    assert mock.titles("gone") == []

    assert not [record for record in caplog.records if "lost" in record.getMessage()]
