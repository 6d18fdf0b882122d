"""A served mock whose Redis is slow, away, full or read-only: requests are told within a second, and it goes on."""

import os
import signal
import time
from contextlib import closing, contextmanager

import pytest

from mockserver.replica.answering_store import NOTHING_DONE, UNSURE
from tests.replica.replica_processes import Connection, replicas

WITHIN = 1.0
BACK_WITHIN = 10.0


@pytest.fixture
def ports(redis_of_its_own, document):
    """Those of two replicas."""
    with replicas([redis_of_its_own.url] * 2, str(document), "--seeds", "0") as ports:
        yield ports


@contextmanager
def hanging(redis):
    """It answers nobody, and does what it was asked once it goes on."""
    os.kill(redis.pid, signal.SIGSTOP)
    yield
    os.kill(redis.pid, signal.SIGCONT)


@contextmanager
def away(redis):
    """It has ended in good order."""
    redis.stop()
    yield
    redis.start()


@contextmanager
def killed(redis):
    """It has crashed."""
    redis.kill()
    yield
    redis.start()


@contextmanager
def full(redis):
    """It has no room, and removes nothing."""
    with redis.client() as admin:
        admin.config_set("maxmemory-policy", "noeviction")
        admin.config_set("maxmemory", "1")
        yield
        admin.config_set("maxmemory", "0")


@contextmanager
def read_only(redis):
    """It is a replica of another."""
    with redis.client() as admin:
        admin.execute_command("REPLICAOF", "127.0.0.1", "1")
        yield
        admin.execute_command("REPLICAOF", "NO", "ONE")


def test_requests_in_trouble_are_answered_and_done_once_or_never(redis_of_its_own, ports):
    """With 503 and Retry-After, each within a second; afterwards all goes on by itself, and what was refused is not
    there.
    """
    for trouble in (hanging, away, killed, full, read_only):
        check(redis_of_its_own, ports, trouble)


def check(redis, ports, trouble):
    """In a world of its own."""
    path = f"/~{trouble.__name__}/tasks/tasks"
    with closing(Connection(ports[0])) as one, closing(Connection(ports[1])) as other:
        assert one.send("POST", path, {"title": "before"}).status == 201
        assert other.send("GET", f"{path}/1").status == 200

        with trouble(redis):
            refused = [asked(one, "POST", path, {"title": f"refused {number}"}) for number in range(5)]
            refused += [asked(other, "GET", path), asked(other, "POST", f"/~{trouble.__name__}/__admin/reset")]
            health = one.send("GET", "/__admin/health").status
        made, tries = made_at_last(one, path)
        tasks = [read_at_last(connection, path) for connection in (one, other)]

    assert [(status, retry, kind) for status, retry, kind, _, _ in refused] == [
        (503, "1", "application/problem+json")
    ] * len(refused)
    assert max(seconds for *_, seconds in refused) < WITHIN
    assert health == 200
    assert tasks[0] == tasks[1]
    titles = [task["title"] for task in tasks[0]]
    unsure = {f"refused {number}" for number, one in enumerate(refused[:5]) if one[3].endswith(UNSURE)}
    unsure |= {title for title, detail in tries if detail.endswith(UNSURE)}
    assert len({*titles}) == len(titles)
    assert {*titles} - unsure == {"before", made}
    assert [task["id"] for task in tasks[0]] == [*range(1, len(tasks[0]) + 1)]


def asked(connection, *request):
    """Status, Retry-After, content type and detail of the answer, and the seconds until it came."""
    began = time.monotonic()
    answer = connection.send(*request)
    seconds = time.monotonic() - began
    value = answer.value if isinstance(answer.value, dict) else {}
    assert answer.status != 503 or value["detail"].endswith((NOTHING_DONE, UNSURE))
    headers = answer.headers
    return answer.status, headers["Retry-After"], headers["Content-Type"], value.get("detail", ""), seconds


def made_at_last(connection, path):
    """Asks until a task is made, each time for another one. Its title, and those refused until then with the detail."""
    deadline = time.monotonic() + BACK_WITHIN
    refused: list[tuple[str, str]] = []
    while True:
        title = f"after {len(refused)}"
        answer = connection.send("POST", path, {"title": title})
        if answer.status == 201:
            return title, refused
        assert time.monotonic() < deadline, answer
        refused.append((title, answer.value["detail"]))
        time.sleep(0.05)


def read_at_last(connection, path):
    """The tasks, once this replica answers."""
    deadline = time.monotonic() + BACK_WITHIN
    while (answer := connection.send("GET", path)).status != 200:
        assert time.monotonic() < deadline, answer
        time.sleep(0.05)
    return answer.value
