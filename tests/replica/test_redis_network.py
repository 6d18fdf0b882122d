"""Replicas on one Redis, over networks that fail and while Redis is killed: nothing is lost or doubled."""

import json
import random
import subprocess
import sys
import threading
import time
from contextlib import ExitStack, closing, suppress
from pathlib import Path

import pytest

from mockserver.replica.answering_store import NOTHING_DONE
from mockserver.stores.redis.redis_store import open_redis_store
from tests.fault_proxy import FaultProxy

ROOT = Path(__file__).parent.parent.parent
REPLICAS = 3
CLIENTS = 6
MADE = 30
"""Tasks that each client makes, however often it has to ask."""


class Outcomes:
    """What the clients were told of the tasks that they made, by title."""

    def __init__(self):
        self.made, self.refused, self.unsure = {}, set(), set()

    def create(self, node, title):
        """Whether it was made; otherwise a client waits a little, and goes on with another."""
        answer = node.client.post("/tasks/tasks", json={"title": title})
        if answer.status_code == 201:
            self.made[title] = answer.json()["id"]
            return True
        assert (answer.status_code, answer.headers["Retry-After"]) == (503, "1"), answer.text
        (self.refused if NOTHING_DONE in answer.text else self.unsure).add(title)
        time.sleep(0.02)
        return False


@pytest.fixture
def trio(redis_of_its_own, node):
    """Three replicas, each over a network of its own."""
    with ExitStack() as opened:
        networks = [opened.enter_context(FaultProxy(redis_of_its_own.port)) for _ in range(REPLICAS)]
        stores = [opened.enter_context(closing(open_redis_store(network.url))) for network in networks]
        yield networks, [node(store) for store in stores]


def at_once(nodes, outcomes, spoil):
    """Each client makes its tasks, turn by turn at the replicas, while `spoil` is called again and again."""
    is_over = threading.Event()
    deadline = time.monotonic() + 90

    def work(number):
        made = turn = 0
        while made < MADE and time.monotonic() < deadline:
            made += outcomes.create(nodes[(number + turn) % REPLICAS], f"{number}.{turn}")
            turn += 1

    def trouble():
        while not is_over.is_set():
            spoil()

    clients = [threading.Thread(target=work, args=(number,)) for number in range(CLIENTS)]
    spoiler = threading.Thread(target=trouble)
    for thread in (*clients, spoiler):
        thread.start()
    for thread in clients:
        thread.join(120)
    is_over.set()
    spoiler.join(30)


def settled(nodes):
    """The tasks and the journal as each replica has them, once all of them answer again."""
    deadline = time.monotonic() + 20
    for node in nodes:
        while node.client.get("/tasks/tasks").status_code != 200:
            assert time.monotonic() < deadline
            time.sleep(0.05)
    tasks = [node.client.get("/tasks/tasks").json() for node in nodes]
    journals = [node.journal() for node in nodes]
    return tasks, journals


def check(nodes, outcomes):
    """What every replica has is what the clients were told."""
    tasks, journals = settled(nodes)
    titles = [task["title"] for task in tasks[0]]
    ids = {task["title"]: task["id"] for task in tasks[0]}

    assert tasks[0] == tasks[1] == tasks[2]
    assert len({*titles}) == len(titles)
    assert len({*ids.values()}) == len(ids)
    assert {title: ids.get(title) for title in outcomes.made} == outcomes.made
    assert outcomes.refused & ids.keys() == set()
    assert ids.keys() <= outcomes.made.keys() | outcomes.unsure
    assert len(outcomes.made) == CLIENTS * MADE
    assert journals[0] == journals[1] == journals[2]
    numbers = [number for number, _, _ in journals[0]]
    assert numbers == sorted({*numbers})
    assert [operation for _, operation, status in journals[0] if status == 201].count("createTask") == len(titles)


@pytest.mark.parametrize("seed", [1, 2])
def test_replicas_over_failing_networks_keep_what_they_acknowledged(trio, seed):
    """Connections are cut, answers are lost and delayed, one network hangs for a while: each task that a client was
    told of is there once, none that was told to be not done is, and every replica has the same order.
    """
    networks, nodes = trio
    chance, outcomes = random.Random(seed), Outcomes()

    def spoil():
        network = chance.choice(networks)
        fault = chance.randrange(5)
        if fault == 0:
            network.cut()
        elif fault in (1, 2):
            network.lose_answers(chance.randrange(1, 4))
        elif fault == 3:
            network.delay = chance.choice([0.0, 0.0, 0.02, 0.1])
        else:
            network.is_hanging = True
            time.sleep(chance.uniform(0.05, 1.0))
            network.is_hanging = False
        time.sleep(chance.uniform(0.01, 0.1))

    at_once(nodes, outcomes, spoil)
    for network in networks:
        network.delay = 0.0
        network.lose_answers(0)

    check(nodes, outcomes)
    assert sum(network.lost for network in networks) > 5


def test_replicas_keep_what_they_acknowledged_while_redis_is_killed(trio, redis_of_its_own):
    """Again and again, and started again: its log has all that was told to be done."""
    _, nodes = trio
    chance, outcomes = random.Random(3), Outcomes()

    def spoil():
        time.sleep(chance.uniform(0.1, 0.5))
        redis_of_its_own.kill()
        time.sleep(chance.choice([0.0, 0.1, 1.2]))
        redis_of_its_own.start()

    at_once(nodes, outcomes, spoil)

    check(nodes, outcomes)


def test_writers_on_a_redis_that_are_killed_200_times_lose_nothing(redis_of_its_own, document):
    """And Redis is killed meanwhile, too: every answered write is there, none is half there, none is there twice."""
    prefixes = [f"writers{number}" for number in range(4)]
    stores = [f"{redis_of_its_own.url}?prefix={prefix}" for prefix in prefixes]
    command = [sys.executable, "-m", "tests.replica.killed_writers", str(document), "200", "300", "20261128", *stores]
    begun = [f"{{{prefix}}}:commits:default" for prefix in prefixes]
    chance, kills = random.Random(4), 0
    with subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, text=True) as writers:
        with redis_of_its_own.client() as asked:
            while writers.poll() is None and asked.exists(*begun) < len(begun):
                time.sleep(0.05)
        while writers.poll() is None:
            with suppress(subprocess.TimeoutExpired):
                writers.wait(chance.uniform(0.2, 1.0))
            redis_of_its_own.restart()
            kills += 1
        printed = writers.stdout.read() if writers.stdout else ""

    seen = json.loads(printed.splitlines()[-1])
    assert (writers.returncode, seen["rounds"], seen["wrong"]) == (0, 200, [])
    assert seen["answered"] > 200
    assert kills > 10
