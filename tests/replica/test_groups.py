"""Requests that arrive at once at a mock whose worlds are in a file: they are kept together, before any is answered."""

import json
import random
import signal
import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing, suppress
from pathlib import Path

import pytest

from mockserver.server import Options
from mockserver.server.in_process import running
from tests.conftest import free_port, wait_for
from tests.replica.replica_processes import Connection

ROOT = Path(__file__).parent.parent.parent
ROUNDS, CLIENTS = 6, 8


@pytest.fixture
def mock(document, tmp_path):
    """A mock that is served on a port, with one task in its file."""
    options = Options(apis=(str(document),), seeds=0, store=f"sqlite:{tmp_path / 'worlds.db'}")
    with running(options) as served:
        with closing(connected(served)) as client:
            for title in "abc":  # The first requests are answered in threads, each by itself.
                assert client.send("POST", "/tasks/tasks", {"title": title}).status == 201
        yield served


def connected(served):
    """A client of the mock."""
    return Connection(int(served.root.rpartition(":")[2]))


def at_once(served, work):
    """What this gives for each of several clients with their numbers, all at the same time."""
    with ThreadPoolExecutor(CLIENTS) as threads:
        return [*threads.map(lambda number: _with_client(served, work, number), range(CLIENTS))]


def _with_client(served, work, number):
    with closing(connected(served)) as client:
        return work(client, number)


def kept(served):
    """The titles of the tasks as the file has them, in the world of a mock that reads it anew."""
    with closing(connected(served)) as client:
        return [task["title"] for task in client.send("GET", "/tasks/tasks").value]


def test_what_many_clients_create_at_once_has_one_order(mock):
    """No id is given twice, none is left out, and each is that of the title that was sent."""

    def create(client, number):
        made = [client.send("POST", "/tasks/tasks", {"title": f"{number}.{turn}"}) for turn in range(25)]
        return [(answer.value["id"], answer.value["title"]) for answer in made]

    made = dict(entry for entries in at_once(mock, create) for entry in entries)

    assert 0 < mock.mock.replica.store.counts.asked["group"] < CLIENTS * 25
    assert sorted(made) == [*range(4, 4 + CLIENTS * 25)]
    assert kept(mock) == ["a", "b", "c", *(made[number] for number in sorted(made))]


def test_requests_whose_group_cannot_be_kept_are_503_and_were_not_done(mock):
    """All of them, and the mock goes on with what is in the file."""
    store = vars(mock.mock.replica.store)["_store"]
    ask = vars(store)["_connection"].execute
    before = kept(mock)
    ask("PRAGMA query_only = on")

    def create(client, number):
        return client.send("POST", "/tasks/tasks", {"title": f"lost {number}"})

    refused = at_once(mock, create)
    ask("PRAGMA query_only = off")
    seen = kept(mock)
    made = at_once(mock, create)

    assert {answer.status for answer in refused} == {503}
    assert {answer.headers["Retry-After"] for answer in refused} == {"1"}
    assert refused[0].value["detail"].endswith("attempt to write a readonly database. Nothing was done; ask again.")
    assert seen == before == ["a", "b", "c"]
    assert sorted(answer.value["id"] for answer in made) == [*range(4, 4 + CLIENTS)]


def test_requests_whose_group_fails_otherwise_are_answered_too(mock, monkeypatch):
    """By 500, and nobody waits for ever; what a thread answered was kept by itself."""
    store = vars(mock.mock.replica.store)["_store"]

    def fail():
        raise RuntimeError("out of order")

    with monkeypatch.context() as broken:
        broken.setattr(store, "end_group", fail)
        failed = at_once(mock, lambda client, number: client.send("POST", "/tasks/tasks", {"title": f"{number}"}))
    made = at_once(mock, lambda client, number: client.send("POST", "/tasks/tasks", {"title": f"made {number}"}))

    assert {500} <= {answer.status for answer in failed} <= {201, 500}
    assert {answer.status for answer in made} == {201}


def write(port, number, made):
    """Creates tasks until the mock is gone; each answer is noted once it is there."""
    with closing(Connection(port, 5.0)) as client, suppress(OSError, EOFError, Exception):
        for turn in range(100_000):
            answer = client.send("POST", "/tasks/tasks", {"title": f"{number}.{turn}"})
            made[answer.value["title"]] = answer.value["id"]


def test_a_mock_that_is_killed_amid_many_clients_loses_nothing_that_it_answered(document, tmp_path):
    """In each of several rounds: with their ids, none twice, and no exchange without its record."""
    chance = random.Random(20261128)
    made: dict[str, int] = {}
    arguments = (str(document), "--seeds", "0", "--store", f"sqlite:{tmp_path / 'worlds.db'}")
    for turn in range(ROUNDS):
        port = free_port()
        process = subprocess.Popen(
            [sys.executable, "-m", "mockserver", "serve", *arguments, "--port", str(port)],
            cwd=ROOT, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, text=True,
        )  # fmt: skip
        try:
            wait_for(f"http://127.0.0.1:{port}/__admin/health", process)
            with ThreadPoolExecutor(CLIENTS) as threads:
                for number in range(CLIENTS):
                    threads.submit(write, port, f"{turn}.{number}", made)
                time.sleep(chance.uniform(0.3, 1.0))
                process.send_signal(signal.SIGKILL)
        finally:
            process.kill()
            process.wait()

    options = Options(apis=(str(document),), seeds=0, store=f"sqlite:{tmp_path / 'worlds.db'}")
    with running(options) as served, closing(connected(served)) as client:
        tasks = client.send("GET", "/tasks/tasks").value
        last = [*served.mock.worlds["default"].journal][:-1]
    there = {task["title"]: task["id"] for task in tasks}

    assert len(made) > ROUNDS * CLIENTS
    assert {title: there.get(title) for title in made} == made
    assert [task["id"] for task in tasks] == [*range(1, len(tasks) + 1)]
    assert len(there) == len(tasks)
    assert json.loads(last[-1].content)["id"] == len(tasks)
