"""Three replicas on one Redis, and many clients at once: nothing is lost or done twice, and there is one order."""

import json
from collections import defaultdict
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, closing
from functools import partial
from typing import NamedTuple

import pytest

from tests.redis_server import RedisServer
from tests.replica.replica_processes import Connection, replicas

REPLICAS = 3
CLIENTS = 32
REQUESTS = 10_000
ROUND = 5_000
"""Requests that the journal of one world has room for."""

DOCUMENT = """
openapi: 3.1.0
info: {title: Counters, version: "1"}
paths:
  /counters:
    post:
      operationId: createCounter
      requestBody:
        required: true
        content: {application/json: {schema: {$ref: "#/components/schemas/Counter"}}}
      responses:
        "201":
          description: made
          content: {application/json: {schema: {$ref: "#/components/schemas/Counter"}}}
  /counters/{id}:
    parameters: [{name: id, in: path, required: true, schema: {type: integer}}]
    get:
      operationId: getCounter
      responses:
        "200":
          description: one
          content: {application/json: {schema: {$ref: "#/components/schemas/Counter"}}}
  /counters/{id}/increments:
    parameters: [{name: id, in: path, required: true, schema: {type: integer}}]
    post:
      operationId: increment
      responses:
        "200":
          description: one more
          content: {application/json: {schema: {$ref: "#/components/schemas/Counter"}}}
components:
  schemas:
    Counter:
      type: object
      required: [count]
      properties:
        id: {type: integer, readOnly: true}
        count: {type: integer}
"""

HANDLERS = '''
"""Reads a counter, and writes it with one more."""


def increment(call, state):
    counter = state["counters"].get(call.path["id"])
    return state["counters"].update(counter["id"], {"count": counter["count"] + 1})


HANDLERS = {"increment": increment}
'''


@pytest.fixture(scope="module")
def ports(tmp_path_factory):
    """Three replicas of the API, each a process."""
    tmp_path = tmp_path_factory.mktemp("three")
    document, handlers, folder = tmp_path / "counters.yaml", tmp_path / "handlers.py", tmp_path / "redis"
    document.write_text(DOCUMENT, encoding="utf-8")
    handlers.write_text(HANDLERS, encoding="utf-8")
    folder.mkdir()
    redis = RedisServer(folder)
    arguments = (str(document), "--handlers", str(handlers), "--seeds", "0", "--journal", str(REQUESTS))
    with replicas([redis.url] * REPLICAS, *arguments) as ports:
        yield ports
    redis.stop()


class Answered:
    """What the clients were answered in one world, and how many of each kind came before."""

    def __init__(self, increments=0, made=1):
        self.increments_before, self.made_before = increments, made
        self.counts = defaultdict(list)
        self.ids = []

    def note(self, client, turn, value):
        if turn % 2:
            self.counts[client].append(value["count"])
        else:
            self.ids.append(value["id"])

    @property
    def increments(self):
        """The counts that there have to be, each once."""
        new = sum(map(len, self.counts.values()))
        return [*range(self.increments_before + 1, self.increments_before + new + 1)]

    @property
    def made(self):
        """The ids that there have to be, each once."""
        return [*range(self.made_before + 1, self.made_before + len(self.ids) + 1)]


def at_once(ports, requests, answered):
    """So many requests: each client goes round the replicas and the worlds, and increments the first counter and makes
    others by turns. What is answered goes to the world's entry of `answered`; what is refused is returned.
    """
    worlds = [*answered]
    refused = []

    def work(client):
        with ExitStack() as opened:
            connections = [opened.enter_context(closing(Connection(port))) for port in ports]
            for turn in range(requests // CLIENTS + (client < requests % CLIENTS)):
                world = worlds[(client + turn // 2 * CLIENTS) % len(worlds)]
                path, body = ("1/increments", None) if turn % 2 else ("", {"count": 0})
                answer = connections[(client + turn) % REPLICAS].send("POST", path_of(world, path), body)
                if answer.status == (200 if turn % 2 else 201):
                    answered[world].note(client, turn, answer.value)
                else:
                    refused.append(answer)

    in_threads([partial(work, client) for client in range(CLIENTS)])
    return refused


def in_threads(works):
    """Each in a thread of its own; what one of them raises is raised."""
    with ThreadPoolExecutor(len(works)) as pool:
        return [future.result() for future in [pool.submit(work) for work in works]]


def path_of(world, path=""):
    """The path of an operation."""
    return f"/~{world}/counters/counters" + (f"/{path}" if path else "")


def begun(ports, worlds):
    """Makes the first counter of each world, and begins its journal behind that."""
    with closing(Connection(ports[0])) as connection:
        for world in worlds:
            assert connection.send("POST", path_of(world), {"count": 0}).value["id"] == 1
            forget(connection, world)


def forget(connection, world):
    """The world's journal is empty."""
    assert connection.send("DELETE", f"/~{world}/__admin/requests").status == 204


class Seen(NamedTuple):
    """What one replica has of a world: the first counter, the journal (number, operation, status, id and count of each
    exchange, oldest first), and how many requests of each operation it counts.
    """

    value: int
    journal: list[tuple[int, str, int, int, int]]
    counted: list[int]


def seen_by(connection, world):
    """What this replica has of the world."""
    count = connection.send("GET", path_of(world, "1")).value["count"]
    found = connection.send("GET", f"/~{world}/__admin/requests?method=POST").value["requests"]
    asked = [{"operation": operation} for operation in ("increment", "createCounter")]
    counted = [connection.send("POST", f"/~{world}/__admin/requests/count", one).value["count"] for one in asked]
    return Seen(count, [line_of(entry) for entry in reversed(found)], counted)


def line_of(entry):
    """One exchange."""
    value = json.loads(entry["response"]["body"])
    return entry["id"], entry["operation"], entry["response"]["status"], value["id"], value["count"]


def seen_from_all(ports, worlds):
    """What each replica has of each of the worlds."""

    def look(port):
        with closing(Connection(port)) as connection:
            return [seen_by(connection, world) for world in worlds]

    return [*zip(*in_threads([partial(look, port) for port in ports]), strict=True)]


def check(seen, answered):
    """What every replica has of a world is what the clients were answered, in one order."""
    one, other, third = seen
    counts = [count for counts in answered.counts.values() for count in counts]
    numbers = [number for number, *_ in one.journal]

    assert one == other == third
    assert one.value == answered.increments[-1]
    assert sorted(counts) == answered.increments
    assert all(counts == sorted(counts) for counts in answered.counts.values())
    assert sorted(answered.ids) == answered.made
    assert one.counted == [len(answered.increments), len(answered.made)]
    assert [count for _, kind, _, _, count in one.journal if kind == "increment"] == answered.increments
    assert [id for _, kind, _, id, _ in one.journal if kind == "createCounter"] == answered.made
    assert {(kind, status) for _, kind, status, *_ in one.journal} == {("increment", 200), ("createCounter", 201)}
    assert numbers == [*range(numbers[0], numbers[0] + len(answered.increments) + len(answered.made))]


def test_ten_thousand_requests_in_one_world(ports):
    """Each increment counts once, each record has an id of its own, and each replica tells of all in the same order."""
    begun(ports, ["one"])

    first = Answered()
    refused = at_once(ports, ROUND, {"one": first})
    [after_first] = seen_from_all(ports, ["one"])
    with closing(Connection(ports[1])) as connection:
        forget(connection, "one")
    second = Answered(first.increments[-1], first.made[-1])
    refused += at_once(ports, REQUESTS - ROUND, {"one": second})
    [after_second] = seen_from_all(ports, ["one"])

    assert refused == []
    check(after_first, first)
    check(after_second, second)
    assert second.increments[-1] + second.made[-1] - 1 == REQUESTS


def test_ten_thousand_requests_over_two_hundred_worlds(ports):
    """In each of them the same."""
    answered = {f"w{number}": Answered() for number in range(200)}
    begun(ports, answered)

    refused = at_once(ports, REQUESTS, answered)
    seen = seen_from_all(ports, answered)

    assert refused == []
    for of_world, of_clients in zip(seen, answered.values(), strict=True):
        check(of_world, of_clients)
    assert sum(len(one.increments) + len(one.made) for one in answered.values()) == REQUESTS
