"""What clients see of single records, at three replicas on one Redis, could have happened one after the other."""

import random
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, closing
from functools import partial
from itertools import count

import pytest

from mockserver.replica.answering_store import NOTHING_DONE, UNSURE
from tests.fault_proxy import FaultProxy
from tests.replica.linearizable import NEVER, Operation, linearization
from tests.replica.replica_processes import Connection, replicas

REPLICAS = 3
CLIENTS = 6
KEYS = 8
REQUESTS = 150
"""Of each client, that are answered."""

PATIENCE = 5.0
"""Seconds after which a client waits no longer; whether the request is done it does not know then."""

DOCUMENT = """
openapi: 3.1.0
info: {title: Registers, version: "1"}
paths:
  /registers:
    post:
      operationId: createRegister
      requestBody:
        required: true
        content: {application/json: {schema: {$ref: "#/components/schemas/Register"}}}
      responses:
        "201": {description: made, content: {application/json: {schema: {$ref: "#/components/schemas/Register"}}}}
        "409": {description: there is one}
  /registers/{id}:
    parameters: [{name: id, in: path, required: true, schema: {type: string}}]
    get:
      operationId: getRegister
      responses:
        "200": {description: one, content: {application/json: {schema: {$ref: "#/components/schemas/Register"}}}}
        "404": {description: none}
    put:
      operationId: putRegister
      requestBody:
        required: true
        content: {application/json: {schema: {$ref: "#/components/schemas/Register"}}}
      responses:
        "200": {description: replaced, content: {application/json: {schema: {$ref: "#/components/schemas/Register"}}}}
        "201": {description: made, content: {application/json: {schema: {$ref: "#/components/schemas/Register"}}}}
    patch:
      operationId: patchRegister
      requestBody:
        required: true
        content: {application/json: {schema: {type: object, properties: {right: {type: integer}}}}}
      responses:
        "200": {description: changed, content: {application/json: {schema: {$ref: "#/components/schemas/Register"}}}}
        "404": {description: none}
    delete:
      operationId: deleteRegister
      responses: {"204": {description: gone}, "404": {description: none}}
components:
  schemas:
    Register:
      type: object
      required: [id, left, right]
      properties: {id: {type: string}, left: {type: integer}, right: {type: integer}}
"""


def apply(state, request):
    """What one register answers: its status, and both of its numbers; None: there is none."""
    method, number = request
    match method, state:
        case "POST", None:
            return (201, (number, number)), (number, number)
        case "PUT", _:
            return (201 if state is None else 200, (number, number)), (number, number)
        case "POST", _:
            return (409, None), state
        case _, None:
            return (404, None), None
        case "PATCH", (left, _):
            return (200, (left, number)), (left, number)
        case "DELETE", _:
            return (204, None), None
    return (200, state), state


@pytest.fixture
def opened(redis_of_its_own, tmp_path):
    """The networks and the ports of three replicas, each a process."""
    document = tmp_path / "registers.yaml"
    document.write_text(DOCUMENT, encoding="utf-8")
    arguments = (str(document), "--seeds", "0")
    with ExitStack() as ends:
        networks = [ends.enter_context(FaultProxy(redis_of_its_own.port)) for _ in range(REPLICAS)]
        yield networks, ends.enter_context(replicas([network.url for network in networks], *arguments))


def send(connection, world, key, method, number):
    """Sends one request; `LOOK` reads over the control API, which leaves no trace, and so is no commit.

    Status and numbers of the answer; None: nobody knows whether it was done; False: it was not.
    """
    path, body = f"/~{world}/registers/registers", None
    if method == "LOOK":
        method, path = "GET", f"/~{world}/__admin/state/registers/registers"
    if method != "POST":
        path += f"/{key}"
    if method in ("POST", "PUT"):
        body = {"id": key, "left": number, "right": number}
    elif method == "PATCH":
        body = {"right": number}
    try:
        answer = connection.send(method, path, body)
    except TimeoutError:
        return None
    if answer.status == 503:
        assert answer.headers["Retry-After"] == "1"
        assert answer.value["detail"].endswith((NOTHING_DONE, UNSURE))
        return False if answer.value["detail"].endswith(NOTHING_DONE) else None
    return answer.status, (answer.value["left"], answer.value["right"]) if answer.status in (200, 201) else None


def client(ports, world, number):
    """What one client did, by key. Each request goes to a replica and a register by chance, and writes a number of its
    own.
    """
    chance, done = random.Random(number), 0
    histories: list[list[Operation]] = [[] for _ in range(KEYS)]
    deadline = time.monotonic() + 90
    with ExitStack() as opened:
        connections = [opened.enter_context(closing(Connection(port, PATIENCE))) for port in ports]
        for turn in count():
            if done == REQUESTS or time.monotonic() > deadline:
                break
            key = chance.randrange(KEYS)
            method = chance.choice(["GET", "LOOK", "PUT", "PATCH", "PATCH", "POST", "DELETE"])
            request = (method, number * 1_000_000 + turn if method in ("PUT", "PATCH", "POST") else None)
            if ask(histories[key], chance.choice(connections), world, key, request):
                done += 1
            else:
                time.sleep(0.02)
    return histories


def ask(history, connection, world, key, request):
    """Sends one request, and says whether it was done; the history has it unless it was not."""
    asked = time.monotonic()
    answer = send(connection, world, f"k{key}", *request)
    if answer is None:
        history.append(Operation(asked, NEVER, request))
    elif answer:
        history.append(Operation(asked, time.monotonic(), request, answer))
    return bool(answer)


def recorded(ports, world):
    """The history of each register."""
    with ThreadPoolExecutor(CLIENTS) as pool:
        all_of_them = [*pool.map(partial(client, ports, world), range(1, CLIENTS + 1))]
    return [[one for histories in all_of_them for one in histories[key]] for key in range(KEYS)]


def read_at_the_end(ports, world, histories):
    """Every replica is asked for each register, until it answers."""
    deadline = time.monotonic() + 20
    for port in ports:
        with closing(Connection(port, PATIENCE)) as connection:
            for key, history in enumerate(histories):
                while not ask(history, connection, world, key, ("GET", None)):
                    assert time.monotonic() < deadline
                    time.sleep(0.05)


def unexplained(histories):
    """Of each register, the answers that fit into no order."""
    return [linearization(history, None, apply).left for history in histories]


def answered(histories):
    """The number of requests whose outcome is known."""
    return sum(one.is_known for history in histories for one in history)


def test_registers_at_three_replicas(opened):
    """Whatever a client sees, at whichever replica, is what was there between its request and its answer."""
    _, ports = opened

    histories = recorded(ports, "quiet")
    read_at_the_end(ports, "quiet", histories)

    assert unexplained(histories) == [()] * KEYS
    assert answered(histories) == sum(map(len, histories)) == CLIENTS * REQUESTS + REPLICAS * KEYS


def test_registers_over_networks_that_fail(opened):
    """What a client was told to be not done was not; what nobody knows is done once, at any time, or never."""
    networks, ports = opened
    is_over = threading.Event()
    spoiler = threading.Thread(target=spoil, args=(networks, random.Random(5), is_over))
    spoiler.start()

    histories = recorded(ports, "spoiled")
    is_over.set()
    spoiler.join()
    read_at_the_end(ports, "spoiled", histories)

    assert unexplained(histories) == [()] * KEYS
    assert answered(histories) == CLIENTS * REQUESTS + REPLICAS * KEYS
    assert sum(map(len, histories)) > answered(histories)
    assert min(network.lost for network in networks) > 0


def spoil(networks, chance, is_over):
    """Cuts connections, loses answers, delays them, and has one network hang for a while, until it is over."""
    while not is_over.wait(chance.uniform(0.01, 0.1)):
        network = chance.choice(networks)
        match chance.randrange(5):
            case 0:
                network.cut()
            case 1 | 2:
                network.lose_answers(chance.randrange(1, 12))
            case 3:
                network.delay = chance.choice([0.0, 0.0, 0.02, 0.1])
            case _:
                network.is_hanging = True
                is_over.wait(chance.uniform(0.05, 1.2))
                network.is_hanging = False
    for network in networks:
        network.delay = 0.0
        network.lose_answers(0)
