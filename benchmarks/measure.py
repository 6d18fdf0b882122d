"""What needs running servers: requests beside bare functions, start and memory, worst answers."""

from __future__ import annotations

import sys
from collections.abc import Mapping, Sequence
from contextlib import ExitStack
from dataclasses import asdict, dataclass, replace
from statistics import median
from typing import Any

from benchmarks.asks import PREFIX, insert
from benchmarks.failure import Failed
from benchmarks.load import Ask, Drive, Round
from benchmarks.process import Cores, Running, Subject, memory, processor_seconds, run, verify

MOCK = Subject(
    "mockserver",
    [sys.executable, "-m", "mockserver", "serve", "xqr", "--limits", "off", "--port", "{port}"],
    PREFIX,
    remembers=True,
    has_control=True,
)
FROZEN = replace(MOCK, name="gc.freeze() on", command=[part for part in MOCK.command if part != "xqr"])
UNFROZEN = replace(
    MOCK, name="gc.freeze() off", command=[sys.executable, "-m", "benchmarks.launch", "unfrozen", "{port}"]
)
WSGI = Subject("bare WSGI", [sys.executable, "-m", "benchmarks.launch", "wsgi", "{port}"], PREFIX)
BARE_SERVER = Subject("bare server", [sys.executable, "-m", "benchmarks.launch", "server", "{port}"], PREFIX)
FLASK = Subject("bare Flask", [sys.executable, "-m", "benchmarks.launch", "flask", "{port}"], PREFIX)
STARTS = 5


@dataclass(frozen=True, slots=True)
class Bench:
    """How to measure: on which cores, with which client, how many rounds of how many seconds each, asking what."""

    cores: Cores
    drive: Drive
    rounds: int
    seconds: int
    asks: Sequence[Ask]
    added: Sequence[Mapping[str, Any]]

    def compare(self, subjects: Sequence[Subject]) -> list[dict[str, Any]]:
        """One row per request and subject: the best round, and the worst answer of all rounds. Raises Failed.

        The subjects take turns, so that what else the machine does meets all of them.
        """
        with ExitStack() as stack:
            running = [stack.enter_context(run(subject, self.asks[0], self.cores)) for subject in subjects]
            for each in running:
                self.prepare(each)
            rounds = self._take_turns(running)
        return [
            {"request": ask.name, "subject": each.subject.name, **_summary(rounds[ask.name, each.subject.name])}
            for ask in self.asks
            for each in running
        ]

    def prepare(self, running: Running) -> None:
        """The subject knows the links, answers every request rightly and is warm."""
        if running.subject.has_control:
            insert(running, self.added)
        for ask in self.asks:
            verify(running, ask)
            self.load(running, ask, running.subject.warm_up)

    def load(self, running: Running, ask: Ask, seconds: int) -> tuple[Round, float | None]:
        """One round, every request of it answered, and the processor's microseconds per request. Raises Failed."""
        before = processor_seconds(running.pid)
        done = self.drive(running.port, running.subject.place(ask), seconds)
        after = processor_seconds(running.pid)
        if done.failures or not done.requests:
            raise Failed(f"{running.subject.name} failed {done.failures} requests of {ask.name!r}")
        if before is None or after is None:
            return done, None
        return done, (after - before) * 1e6 / done.requests

    def _take_turns(self, running: Sequence[Running]) -> dict[tuple[str, str], list[tuple[Round, float | None]]]:
        rounds: dict[tuple[str, str], list[tuple[Round, float | None]]] = {}
        for _ in range(self.rounds):
            for ask in self.asks:
                for each in running:
                    done = self.load(each, ask, self.seconds)
                    rounds.setdefault((ask.name, each.subject.name), []).append(done)
        for each in running:
            for ask in self.asks:
                verify(each, ask)
        return rounds

    def start(self) -> dict[str, Any]:
        """Seconds from the start of the process to the first 200 with all APIs, those of the processor among them, and
        megabytes then and after a load.

        One start goes before, which compiles the modules.
        """
        took, spent = [], []
        for _ in range(STARTS + 1):
            with run(FROZEN, self.asks[0], self.cores) as running:
                took.append(running.started_in)
                spent.append(processor_seconds(running.pid))
                fresh = memory(running.pid)
        with run(FROZEN, self.asks[0], self.cores) as running:
            self.prepare(running)
            for ask in self.asks:
                self.load(running, ask, self.seconds)
            loaded = memory(running.pid)
        return {
            "seconds": median(took[1:]),
            "cpu": min((each for each in spent[1:] if each is not None), default=None),
            "fresh": fresh and asdict(fresh),
            "loaded": loaded and asdict(loaded),
        }


def _summary(rounds: Sequence[tuple[Round, float | None]]) -> dict[str, float | None]:
    best = max((done for done, _ in rounds), key=lambda done: done.rate)
    return {
        "rate": best.rate,
        "p50": best.p50,
        "p99": best.p99,
        "worst": max(done.worst for done, _ in rounds),
        "cpu": min((cpu for _, cpu in rounds if cpu is not None), default=None),
    }
