"""Nothing of one world is ever seen in another, and the same run gives the same bytes."""

from __future__ import annotations

import http.client
import json
import os
import random
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from mockserver.server import Options, load_services
from mockserver.vendors import APIS
from tests.conftest import free_port, wait_for

ROOT = Path(__file__).parent.parent
DOCUMENTS = ROOT / "tests" / "fuzz" / "documents"
WORLDS, CALLS, PROCESSES = 50, 200, 4
REQUESTS = 500


@contextmanager
def serving(*arguments: str, **environment: str) -> Iterator[int]:
    """`mockserver serve` with these arguments; its port."""
    port = free_port()
    command = [sys.executable, "-m", "mockserver", "serve", *arguments, "--port", str(port), "--log", "off"]
    process = subprocess.Popen(
        command, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True, env={**os.environ, **environment}
    )
    try:
        wait_for(f"http://127.0.0.1:{port}/__admin/health", process)
        yield port
    finally:
        process.terminate()
        process.communicate(timeout=20)


def test_fifty_worlds_see_nothing_of_each_other(figures):
    """200 requests in each, from several processes at once: no foreign record, id, exchange, fault or limit, of which
    the vendor's ten requests a second are seen where time stands still.
    """
    worlds = [f"iso-{number}x" if number % 2 else f"iso-{number}" for number in range(WORLDS)]
    with serving("xqr", str(DOCUMENTS / "bodies.yaml")) as port:
        command = [sys.executable, "-m", "tests.isolation_client", str(port), str(CALLS)]
        clients = [
            subprocess.Popen([*command, *worlds[first::PROCESSES]], cwd=ROOT, stdout=subprocess.PIPE, text=True)
            for first in range(PROCESSES)
        ]
        told = [json.loads(client.communicate(timeout=300)[0]) for client in clients]

    figures.count(sum(one["sent"] for one in told))
    assert [seen for one in told for seen in one["foreign"]] == []
    assert {allowed for one in told for allowed in one["allowed"]} == {10}
    assert sum(one["sent"] for one in told) >= WORLDS * CALLS


def requests_of_a_run() -> list[tuple[str, str, bytes | None, dict[str, str]]]:
    """The same requests each time: all operations of all that is served, with bodies that fit and that do not."""
    chance = random.Random(5)
    services = load_services(Options(apis=SERVED))
    bodies = [
        b'{"name": "a", "title": "a", "text": "a"}',
        b'{"name": 1}',
        b"[]",
        b"{",
        b'{"ids": ["x"], "enabled": true}',
    ]
    found: list[tuple[str, str, bytes | None, dict[str, str]]] = []
    for _ in range(REQUESTS):
        service = services[chance.choice(sorted(services))]
        operation = chance.choice(service.spec.operations)
        path = operation.path
        while "{" in path:
            path = path.partition("{")[0] + chance.choice("1279") + path.partition("}")[2]
        headers = {"Host": "127.0.0.1:4010", "Content-Type": "application/json"}
        if service.name in APIS and chance.random() < 0.9:
            headers |= dict([APIS[service.name].credential])
        sends = operation.method not in {"GET", "HEAD", "DELETE"}
        query = chance.choice(["", "", "?limit=3", "?page=1", "?limit=x"])
        url = f"/{service.name}{service.spec.base_path}{path}{query}"
        found.append((operation.method, url, chance.choice(bodies) if sends else None, headers))
    return found


SERVED = (*APIS, *(str(DOCUMENTS / f"{name}.yaml") for name in ("swagger", "oas30", "oas31", "oas32", "bodies")))


def run(hash_seed: str) -> list[object]:
    """All answers of a server that was just started: status, headers but the date, body."""
    answers: list[object] = []
    with serving(*SERVED, "--seed", "7", "--dynamic", PYTHONHASHSEED=hash_seed) as port:
        connection = http.client.HTTPConnection("127.0.0.1", port, timeout=60)
        for method, url, body, headers in [
            ("POST", "/__admin/clock/freeze", b'{"at": "2026-03-20T09:00:00Z"}', {"Content-Type": "application/json"}),
            *requests_of_a_run(),
            ("GET", "/__admin/state/bodies/things?limit=100", None, {}),
        ]:
            connection.request(method, url, body, headers)
            answer = connection.getresponse()
            shown = [(name, value) for name, value in answer.getheaders() if name.lower() != "date"]
            answers.append((method, url, answer.status, shown, answer.read()))
        connection.close()
    return answers[1:]  # How far the clock was put off depends on when it was.


def test_the_same_run_gives_the_same_bytes(figures):
    """Same seed, frozen clock, same requests; three starts, each with another order of Python's sets."""
    first, *others = (run(hash_seed) for hash_seed in ("0", "1", "4242"))

    figures.count(3 * len(first))
    assert len(first) == REQUESTS + 1
    for other in others:
        assert [(one, two) for one, two in zip(first, other, strict=True) if one != two] == []
