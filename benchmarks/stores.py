"""Worlds in memory, in SQLite and in Redis: asked in one process and in several, on worlds of their own and on one."""

from __future__ import annotations

import shutil
import socket
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from http.client import HTTPConnection
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from benchmarks.asks import API, asks_of, read_records
from benchmarks.client import drive
from benchmarks.failure import Failed
from benchmarks.load import Ask, Drive
from benchmarks.process import Cores, Running, Subject, free_port, processor_seconds, run, verify

REPLICAS = (1, 2, 4)
PACE = 150
"""Requests a second to each process, where CPU is to spare."""
PACED_SECONDS = 5
MOST_REFUSED = 0.01
"""The part of the requests that may be answered 503, where the machine is so busy that a store takes too long."""

SERVE = (sys.executable, "-m", "mockserver", "serve", API, "--limits", "off", "--port", "{port}")


@dataclass(frozen=True, slots=True)
class Setting:
    """So many processes on a store (arguments of `serve`), on a world of its own each, or all on one."""

    name: str
    store: Sequence[str]
    processes: int = 1
    is_one_world: bool = False

    def subjects(self) -> list[Subject]:
        """The processes."""
        numbers = [0 if self.is_one_world else number for number in range(self.processes)]
        return [
            Subject(self.name, [*SERVE, *self.store], f"/~{_world(self.name)}{number}/{API}/api", remembers=True)
            for number in numbers
        ]


@dataclass(frozen=True, slots=True)
class StoreBench:
    """How to measure: on which cores, with which client, so many rounds of so many seconds."""

    cores: Cores
    drive: Drive
    rounds: int
    seconds: int

    def measure(self) -> list[dict[str, Any]]:
        """A row for each request and setting, the best round; those with a Redis are left out where there is none.
        Raises Failed.
        """
        asks = asks_of(read_records()[0])[:2]
        with TemporaryDirectory(prefix="mockserver-bench-") as folder, ExitStack() as stack:
            file = f"sqlite:{folder}/worlds.db"
            full = ("--store", f"sqlite:{folder}/full.db", "--durability", "full")
            settings = [Setting("memory", ()), Setting("SQLite", ("--store", file)), Setting("SQLite, full", full)]
            redis = stack.enter_context(_redis(Path(folder))) if shutil.which("redis-server") else None
            if redis is not None:
                store = ("--store", f"redis://127.0.0.1:{redis.port}")
                settings += [Setting(f"Redis, {count}", store, count) for count in REPLICAS]
                settings += [Setting(f"Redis, {count}, one world", store, count, True) for count in REPLICAS[1:]]
            return [row for setting in settings for row in self._rows(setting, asks, redis)]

    def _rows(self, setting: Setting, asks: Sequence[Ask], redis: _Redis | None) -> Iterator[dict[str, Any]]:
        with ExitStack() as stack:
            running = [stack.enter_context(run(subject, asks[0], self.cores)) for subject in setting.subjects()]
            for ask in asks:
                for each in running:
                    verify(each, ask)
                    self.drive(each.port, each.subject.place(ask), 1)
                rounds = [self._together(running, ask, redis) for _ in range(self.rounds)]
                alone = _alone(running[0], ask, self.seconds)
                best = max(rounds, key=lambda each: float(each["rate"]))
                paced = min(_paced(running, ask) for _ in range(self.rounds))
                yield {"request": ask.name, "setting": setting.name, **best, **alone, "paced": paced}

    def _together(self, running: Sequence[Running], ask: Ask, redis: _Redis | None) -> dict[str, Any]:
        """One round of all processes at once."""
        before, spent = [processor_seconds(each.pid) or 0.0 for each in running], redis.spent() if redis else 0.0
        with ThreadPoolExecutor(len(running)) as threads:
            done = [*threads.map(lambda each: self.drive(each.port, each.subject.place(ask), self.seconds), running)]
        after = [processor_seconds(each.pid) or 0.0 for each in running]
        requests = sum(each.requests for each in done)
        failures = sum(each.failures for each in done)
        if not requests or failures > requests * MOST_REFUSED:
            raise Failed(f"{running[0].subject.name} failed {failures} of {requests} requests of {ask.name!r}")
        return {
            "refused": failures,
            "rate": sum(each.rate for each in done),
            "p50": max(each.p50 for each in done),
            "p99": max(each.p99 for each in done),
            "cpu": (sum(after) - sum(before)) * 1e6 / requests,
            "redis": (redis.spent() - spent) / requests if redis is not None else 0.0,
        }


def _alone(running: Running, ask: Ask, seconds: int) -> dict[str, float]:
    """Milliseconds of one client that has the server for itself."""
    placed = running.subject.place(ask)
    lines = [f"{placed.method} {placed.path} HTTP/1.1", "Host: 127.0.0.1"]
    lines += [f"{name}: {value}" for name, value in placed.headers.items()]
    sent = [
        "\r\n".join([*lines, f"Content-Length: {len(body)}", "", ""]).encode() + body
        for body in placed.bodies or (b"",)
    ]
    took, failures = drive(running.port, sent, 1, seconds)
    if failures > len(took) * MOST_REFUSED or not took:
        raise Failed(f"{running.subject.name} failed {failures} of {ask.name!r} with one client")
    took.sort()
    return {"alone50": took[len(took) // 2] * 1e3, "alone99": took[len(took) * 99 // 100] * 1e3}


def _paced(running: Sequence[Running], ask: Ask) -> float:
    """Microseconds of CPU a request, where each process is asked PACE times a second by a client of its own."""
    before = [processor_seconds(each.pid) or 0.0 for each in running]
    with ThreadPoolExecutor(len(running)) as threads:
        sent = [*threads.map(lambda each: _ask_at_pace(each, ask), running)]
    after = [processor_seconds(each.pid) or 0.0 for each in running]
    return (sum(after) - sum(before)) * 1e6 / sum(sent)


def _ask_at_pace(running: Running, ask: Ask) -> int:
    """Sends requests for PACED_SECONDS on one connection, and returns how many. Raises Failed."""
    placed = running.subject.place(ask)
    connection, began, sent = HTTPConnection("127.0.0.1", running.port, timeout=10), time.perf_counter(), 0
    while (passed := time.perf_counter() - began) < PACED_SECONDS:
        time.sleep(max(0.0, sent / PACE - passed))
        body = placed.bodies[sent % len(placed.bodies)] if placed.bodies else None
        connection.request(placed.method, placed.path, body, {**placed.headers})
        answer = connection.getresponse()
        answer.read()
        if answer.status not in (ask.status, 503):
            raise Failed(f"{running.subject.name} answers {ask.name!r} with {answer.status}, expected {ask.status}")
        sent += 1
    connection.close()
    return sent


@dataclass(frozen=True, slots=True)
class _Redis:
    port: int

    def spent(self) -> float:
        """Microseconds that it spent with commands, as it says itself (`INFO commandstats`)."""
        with (
            socket.create_connection(("127.0.0.1", self.port), timeout=5) as connection,
            connection.makefile("rb") as said,
        ):
            connection.sendall(b"INFO commandstats\r\n")
            size = int(said.readline()[1:])
            lines = said.read(size).decode().splitlines()
        # What a script calls is counted by itself too.
        return sum(int(line.partition("usec=")[2].split(",")[0]) for line in lines if "cmdstat_eval" in line)


@contextmanager
def _redis(folder: Path) -> Iterator[_Redis]:
    """A Redis that keeps what it acknowledges, until the end of the block."""
    port = free_port()
    command = ["redis-server", "--port", str(port), "--dir", str(folder), "--save", "", "--appendonly", "yes"]
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL)
    try:
        redis = _Redis(port)
        for _ in range(100):
            try:
                redis.spent()
                break
            except OSError:
                time.sleep(0.1)
        yield redis
    finally:
        process.terminate()
        process.wait(10)


def _world(name: str) -> str:
    return "bench-" + "".join(letter for letter in name if letter.isalnum())


def stores_table(rows: Sequence[dict[str, Any]], how: str) -> str:
    """The rows beside those of memory, and how many processes one Redis carries."""
    memory = {row["request"]: row for row in rows if row["setting"] == "memory"}
    lines = [
        how,
        "",
        _LINE.format(*_COLUMNS),
    ]
    for row in rows:
        ratio = row["rate"] / memory[row["request"]]["rate"]
        lines.append(
            _LINE.format(
                row["request"], row["setting"], f"{row['rate']:,.0f}", f"{ratio:.2f}", f"{row['p50']:.2f}",
                f"{row['p99']:.2f}", f"{row['cpu']:.0f}", f"{row['redis']:.0f}" if row["redis"] else "",
                f"{row['alone50']:.2f}", f"{row['alone99']:.2f}", f"{row['paced']:.0f}", row["refused"] or "",
            )
        )  # fmt: skip
    carried = [row["cpu"] / row["redis"] for row in rows if row["setting"] == "Redis, 1" and row["redis"]]
    if carried:
        lines += ["", f"By CPU, one Redis carries {min(carried):.0f} such processes that are busy all the time."]
    elif not any(row["redis"] for row in rows):
        lines += ["", "Redis was left out: there is no redis-server on this machine."]
    return "\n".join([*lines, "", _LEGEND])


_LINE = "{:<13} {:<22} {:>8} {:>10} {:>7} {:>8} {:>6} {:>6} {:>7} {:>7} {:>6} {:>4}"
_COLUMNS = ("request", "worlds in", "req/s", "of memory", "p50", "p99", "CPU", "Redis", "1: p50", "p99", "paced", "503")
_LEGEND = (
    "Milliseconds of 16 connections to each process, and of one connection alone (1:); microseconds of CPU a request\n"
    "of the mocks and, by its own count (INFO commandstats), of Redis; of the mocks where each is asked "
    f"{PACE} times a\nsecond (paced); requests refused. All mocks share one core."
)
