"""Kills a process that writes to worlds in a store, again and again, and looks what is there: run as a program.

    python -m tests.replica.killed_writers DOCUMENT ROUNDS SECONDS SEED STORE...

The rounds are shared among the stores, which are written to at the same time. Each round forks a writer, kills it
(signal 9) at a random instant, opens the store and holds it against what the writer was answered. Where the store does
not answer, a writer goes on with another task. The last line is a JSON object that says what was seen.
"""

from __future__ import annotations

import json
import os
import random
import signal
import sys
import time
from collections.abc import Callable, Mapping
from concurrent.futures import ProcessPoolExecutor
from contextlib import closing
from functools import partial
from multiprocessing import get_context
from select import select
from typing import Any, NamedTuple

import httpx

from mockserver.problem import Problem
from mockserver.replica import known_world
from mockserver.server import Mock, Options, create_mock
from mockserver.state.world import World

EARLY = 0.25
"""The share of writers that are killed by their age, perhaps before they have opened the store."""

OLDEST = 0.3
"""Seconds that one of these lives, at most."""

LINES = 60
"""Lines that another one writes before it is killed, at most: the instant is amid its writes on any machine."""

LAST_STEP = 0.01
"""Seconds from the last of these lines to the kill, at most."""

PATIENCE = 5.0
"""Seconds in which the lines have to come; a store that does not answer holds them up."""


def opened(document: str, store: str) -> Mock:
    """A mock of the document, whose worlds are in the store."""
    return create_mock(Options(apis=(document,), seeds=0, store=store, journal=200))


def write(document: str, store: str, number: int, answers: int) -> None:
    """Creates tasks, and counts in the title of the first one; each answer is told as a line, after it has come."""
    mock = opened(document, store)
    with httpx.Client(transport=httpx.WSGITransport(app=mock.app), base_url="http://127.0.0.1:4010") as client:
        for turn in range(100_000):
            title = f"{number}.{turn}"
            os.write(answers, f"ask {title}\n".encode())
            made = client.post("/tasks/tasks", json={"title": title})
            if made.status_code == 503:
                continue
            os.write(answers, f"made {title} {made.json()['id']}\n".encode())
            os.write(answers, f"ask count {title}\n".encode())
            put = client.put("/tasks/tasks/1", json={"title": f"count {title}"})
            if put.status_code == 503:
                continue
            assert put.status_code == 200, put.text
            os.write(answers, f"counted count {title}\n".encode())


def killed_after(document: str, store: str, number: int, lines: int, seconds: float) -> list[str]:
    """The lines of a writer that was killed so long after so many of them."""
    reading, writing = os.pipe()
    child = os.fork()
    if child == 0:
        try:
            write(document, store, number, writing)
        finally:
            os._exit(9)
    os.close(writing)
    told = _lines(reading, lines)
    time.sleep(seconds)
    os.kill(child, signal.SIGKILL)
    _, status = os.waitpid(child, 0)
    assert os.WIFSIGNALED(status), f"the writer ended by itself: {status}"
    with os.fdopen(reading, "rb") as rest:
        return (told + rest.read()).decode().splitlines()


def _lines(reading: int, lines: int) -> bytes:
    """What is written there, up to so many lines, as far as it comes in time."""
    told, ends = b"", time.monotonic() + PATIENCE
    while told.count(b"\n") < lines and select([reading], [], [], max(0.0, ends - time.monotonic()))[0]:
        part = os.read(reading, 65_536)
        if not part:
            break
        told += part
    return told


class Expected:
    """What writers were answered: ids by title, and what the first task may be called now."""

    def __init__(self) -> None:
        self.made: dict[str, int] = {}
        self.unanswered: set[str] = set()
        self.counts: set[str] = {"first"}

    def note(self, lines: list[str]) -> None:
        for line in lines:
            word, rest = line.split(" ", 1)
            if word == "made":
                title, number = rest.split()
                self.made[title] = int(number)
                self.unanswered.discard(title)
            elif word == "counted":
                self.counts = {rest}
            elif rest.startswith("count "):
                self.counts.add(rest)
            else:
                self.unanswered.add(rest)

    def wrong(self, mock: Mock) -> list[str]:
        """What is otherwise in the world: lost, twice, half, or never asked for."""
        world = mock.worlds["default"]
        records = _patiently(lambda: world.run(partial(_records, world)))
        titles = {record["title"]: record["id"] for record in records[1:]}
        found = [f"lost: {title}" for title, number in self.made.items() if titles.get(title) != number]
        found += [f"never asked for: {title}" for title in titles if title not in self.made.keys() | self.unanswered]
        if len(titles) != len(records) - 1:
            found.append("twice: a title")
        if [record["id"] for record in records] != [*range(1, len(records) + 1)]:
            found.append("ids with gaps")
        if records[0]["title"] not in self.counts:
            found.append(f"the count is {records[0]['title']!r}, not one of {sorted(self.counts)}")
        self.counts = {records[0]["title"]}
        return found + _half(mock, titles)


def _patiently(read: Callable[[], list[Mapping[str, Any]]]) -> list[Mapping[str, Any]]:
    """What is read, once the store answers."""
    for _ in range(200):
        try:
            return read()
        except Problem as problem:
            if problem.status != 503:
                raise
            time.sleep(0.05)
    raise TimeoutError("the store did not answer")


def _records(world: World) -> list[Mapping[str, Any]]:
    return [*world.of("tasks")["tasks"].list()]


def _half(mock: Mock, titles: Mapping[str, int]) -> list[str]:
    """Exchanges without their records, or numbered with gaps: a commit has both, or neither."""
    exchanges = [*mock.worlds["default"].journal]
    numbers = [exchange.id for exchange in exchanges]
    found = [] if numbers == [*range(numbers[0], numbers[0] + len(numbers))] else ["a journal with gaps"]
    made = [json.loads(exchange.content) for exchange in exchanges if exchange.operation == "createTask"]
    found += [f"half: {one['title']}" for one in made if titles.get(one["title"], one["id"]) != one["id"]]
    if made and made[-1]["id"] != len(titles) + 1:
        found.append("a record without its exchange")
    return found


class Seen(NamedTuple):
    """What was seen of a store: rounds, answered writes, writers that were killed before their first request, and what
    was found to be wrong.
    """

    rounds: int
    answered: int
    before: int
    wrong: list[str]


def kill_writers(document: str, rounds: int, seconds: float, seed: str, store: str) -> Seen:
    """Runs so many rounds, or those that the seconds allow."""
    known_world.SNAPSHOT_COMMITS = 40
    rng, expected = random.Random(seed), Expected()
    wrong: list[str] = []
    ends, done, killed_early = time.monotonic() + seconds, 0, 0
    mock = opened(document, store)
    with httpx.Client(transport=httpx.WSGITransport(app=mock.app), base_url="http://127.0.0.1:4010") as client:
        client.post("/tasks/tasks", json={"title": "first"})
    _close(mock)
    while done < rounds and time.monotonic() < ends and not wrong:
        is_early = rng.random() < EARLY
        after = (0, rng.uniform(0.0, OLDEST)) if is_early else (rng.randint(1, LINES), rng.uniform(0.0, LAST_STEP))
        lines = killed_after(document, store, done, *after)
        expected.note(lines)
        killed_early += not lines
        with closing(_Opened(opened(document, store))) as again:
            wrong = expected.wrong(again.mock)
        done += 1
    return Seen(done, len(expected.made), killed_early, wrong[:20])


def main(document: str, rounds: str, seconds: str, seed: str, *stores: str) -> None:
    """Runs the rounds, the stores' shares of them at once, and prints the sums."""
    share = int(rounds) // len(stores)
    with ProcessPoolExecutor(len(stores), get_context("fork")) as processes:
        runs = [
            processes.submit(kill_writers, document, share, float(seconds), f"{seed}.{number}", store)
            for number, store in enumerate(stores)
        ]
        seen = [run.result() for run in runs]
    rounds_done, answered, before, wrong = zip(*seen, strict=True)
    told = Seen(sum(rounds_done), sum(answered), sum(before), [found for one in wrong for found in one])
    sys.stdout.write(json.dumps(told._asdict()) + "\n")


class _Opened:
    """A mock that is closed with its store."""

    def __init__(self, mock: Mock) -> None:
        self.mock = mock

    def close(self) -> None:
        _close(self.mock)


def _close(mock: Mock) -> None:
    assert mock.replica is not None
    mock.replica.store.close()


if __name__ == "__main__":
    main(*sys.argv[1:])
