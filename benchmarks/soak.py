"""The memory of a server under long mixed load over many worlds: at the end, beside that after the first third."""

from __future__ import annotations

import json
import sys
import threading
import time
from collections.abc import Iterator
from dataclasses import replace
from http.client import HTTPConnection
from itertools import cycle, islice
from statistics import mean

from benchmarks.asks import asks_of, read_records
from benchmarks.failure import Failed
from benchmarks.load import Ask
from benchmarks.measure import MOCK
from benchmarks.process import Cores, Running, memory, run

WORLDS = 24
CLIENTS = 8
MOST_GROWTH = 0.10
"""The share by which the memory may grow after the first third."""

_PAUSE = 0.5
_LONG = "x" * 100_000
_JOURNAL = "300"
"""Exchanges of a world; its journal is full soon, as it would be after a longer time."""


def soak(seconds: int) -> str:
    """The figures of a soak of so many seconds, in words. Raises Failed where the memory grows."""
    records, _ = read_records()
    asks = asks_of(records)
    subject = replace(MOCK, command=[*MOCK.command, "--journal", _JOURNAL])
    ended = threading.Event()
    counts = [0] * CLIENTS
    with run(subject, asks[0], Cores(None, None)) as running:
        mixed = _mixed(running, asks)
        threads = [threading.Thread(target=_ask, args=(running, mixed, ended, counts, n)) for n in range(CLIENTS)]
        for thread in threads:
            thread.start()
        try:
            readings = [*_read(running, seconds)]
        finally:
            ended.set()
            for thread in threads:
                thread.join()
    return _judged(readings, sum(counts), seconds)


def _read(running: Running, seconds: int) -> Iterator[float]:
    """Megabytes of the server, every half a second."""
    for _ in range(int(seconds / _PAUSE)):
        time.sleep(_PAUSE)
        held = memory(running.pid)
        if held is None:
            raise Failed("a soak needs /proc to read the memory of the server")
        yield held.rss


def _judged(readings: list[float], asked: int, seconds: int) -> str:
    third, tenth = len(readings) // 3, max(1, len(readings) // 10)
    before, after = mean(readings[third : third + tenth]), mean(readings[-tenth:])
    growth = after / before - 1
    said = (
        f"{asked:,} requests in {seconds} s over {WORLDS} worlds by {CLIENTS} clients: {before:.0f} MB after the first "
        f"third, {after:.0f} MB at the end ({growth:+.1%})"
    )
    if growth > MOST_GROWTH:
        raise Failed(f"{said}; at most {MOST_GROWTH:+.0%} is taken")
    return said


def _ask(running: Running, mixed: list[Ask], ended: threading.Event, counts: list[int], client: int) -> None:
    """Sends all kinds of requests to all worlds in turns, on one connection."""
    connection = HTTPConnection("127.0.0.1", running.port, timeout=30)
    try:
        for number, ask in enumerate(cycle(mixed)):
            if ended.is_set():
                return
            world = f"/~soak{(number * CLIENTS + client) % WORLDS}"
            body = ask.bodies[number % len(ask.bodies)] if ask.bodies else None
            connection.request(ask.method, world + ask.path, body, {**ask.headers})
            connection.getresponse().read()
            counts[client] += 1
    except OSError as error:
        print(f"a client of the soak ended: {error}", file=sys.stderr)
    finally:
        connection.close()


def _mixed(running: Running, asks: list[Ask]) -> list[Ask]:
    """Reads, writes, mistakes, and records over the control API; nothing that adds records."""
    read, few, _ = (running.subject.place(ask) for ask in asks)
    path = f"/__admin/state/xqr/links/{read.path.rpartition('/')[2]}"
    status, _, record = running.send(Ask("read", "GET", path, {}))
    if status != 200:
        raise Failed(f"GET {path} was answered with {status}: {record[:300]!r}")
    wrong = json.dumps({"enabled": 1, "ids": [_LONG]}).encode()
    return [
        *islice(cycle((read, few)), 12),
        replace(few, name="wrong", bodies=(wrong,)),
        Ask("nothing", "GET", "/xqr/nothing", {}),
        Ask("put", "PUT", path, {"Content-Type": "application/json"}, (record,)),
    ]
