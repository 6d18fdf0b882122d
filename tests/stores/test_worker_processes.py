"""`mockserver serve --workers N`: several processes on one port are one mock, with a real Redis."""

import os
import re
import signal
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import Path

import httpx
import pytest
from prometheus_client.parser import text_string_to_metric_families

from tests.conftest import free_port, wait_for

ROOT = Path(__file__).parent.parent.parent
PETS = "examples/pets.yaml"
DOG = {"name": "Bello", "species": "dog"}


def _command(port: int, *options: str) -> list[str]:
    return [sys.executable, "-m", "mockserver", "serve", PETS, "--port", str(port), *options]


class Served:
    """A server of several workers, and what it says on standard error."""

    def __init__(self, said: Path, *options: str) -> None:
        self.port = free_port()
        self.root = f"http://127.0.0.1:{self.port}"
        self._said = said
        with said.open("w") as errors:
            self.process = subprocess.Popen(
                _command(self.port, *options), cwd=ROOT, stdout=subprocess.PIPE, stderr=errors, text=True
            )
        wait_for(f"{self.root}/__admin/health", self.process)
        assert until(lambda: "workers serve" in self.said)

    @property
    def said(self) -> str:
        return self._said.read_text()

    @property
    def workers(self) -> list[int]:
        """The processes, by what the system knows."""
        own = self.process.pid
        return [int(pid) for pid in Path(f"/proc/{own}/task/{own}/children").read_text().split()]

    def create(self) -> str:
        """Over a connection of its own, which any worker may have."""
        answer = httpx.post(f"{self.root}/pets", json=DOG, timeout=20)
        assert answer.status_code == 201
        return str(answer.json()["id"])

    def close(self) -> None:
        self.process.terminate()
        with suppress(subprocess.TimeoutExpired):
            self.process.communicate(timeout=20)
        self.process.kill()


def until(is_so: Callable[[], bool], seconds: float = 30) -> bool:
    """Whether it became so in time."""
    deadline = time.monotonic() + seconds
    while not (found := is_so()) and time.monotonic() < deadline:
        time.sleep(0.05)
    return found


def is_there(pid: int) -> bool:
    """Whether there is such a process, which is no zombie."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except FileNotFoundError:
        return False


@pytest.fixture
def store(redis_server, redis_prefix) -> tuple[str, ...]:
    """The options of a store that nobody else has."""
    return "--store", redis_server.url, "--store-prefix", redis_prefix


@pytest.fixture
def serves(store, tmp_path) -> Iterator[Callable[..., Served]]:
    """Starts servers of three workers."""
    started: list[Served] = []

    def serve(*options: str) -> Served:
        started.append(Served(tmp_path / f"said{len(started)}", "--workers", "3", *store, *options))
        return started[-1]

    yield serve
    for served in started:
        served.close()


def test_three_workers_are_one_mock(serves):
    """What one is told the others answer with, no id is given twice, and requests are spread over all of them."""
    served = serves()

    ids = [served.create() for _ in range(40)]
    totals = [httpx.get(f"{served.root}/pets", timeout=30).json()["total"] for _ in range(10)]
    times = [cpu_time(pid) for pid in served.workers]

    assert len({*ids}) == 40
    assert {*totals} == {43}
    assert len(served.workers) == 3
    assert min(times) > 0
    assert served.process.poll() is None


def cpu_time(pid: int) -> int:
    """Ticks that the process has used."""
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return int(fields[11]) + int(fields[12])


def test_the_addresses_are_told_once(serves):
    """By the first worker, for all; the processes are told once all serve."""
    served = serves()
    served.close()

    assert served.process.returncode == 0
    assert served.process.stdout is not None
    assert len(re.findall(r"^3 workers serve, the processes \d+, \d+, \d+\.$", served.said, re.MULTILINE)) == 1


def test_a_worker_that_is_killed_is_started_again(serves):
    """A line says so; what it had acknowledged is there, and no request is refused meanwhile."""
    served = serves()
    before = [served.create() for _ in range(10)]
    killed = served.workers[1]

    os.kill(killed, signal.SIGKILL)
    after = [served.create() for _ in range(20)]
    came_back = until(lambda: len(served.workers) == 3 and killed not in served.workers)
    listed = {pet["id"] for pet in httpx.get(f"{served.root}/pets", params={"limit": 100}, timeout=30).json()["items"]}

    assert came_back
    assert {*before, *after} <= {str(pet) for pet in listed}
    assert len(listed) == 33
    assert re.search(
        rf"^Worker \d \(process {killed}\) was ended by SIGKILL; it is started again in 0\.1 s\.$",
        served.said,
        re.MULTILINE,
    )
    assert served.said.count("it is started again") == 1


def test_a_worker_that_a_signal_without_a_name_ends_is_started_again(serves):
    """Most real-time signals have none, and are told by their numbers."""
    served = serves()
    killed, nameless = served.workers[1], signal.SIGRTMIN + 1

    os.kill(killed, nameless)
    came_back = until(lambda: len(served.workers) == 3 and killed not in served.workers)

    assert came_back
    assert f"(process {killed}) was ended by signal {int(nameless)}; it is started again" in served.said


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_all_workers_end_with_the_server(serves, number):
    """In good order, also where a terminal sends the signal to all of them; the port is free then."""
    served = serves()
    workers = served.workers
    if number == signal.SIGINT:
        for worker in workers:
            os.kill(worker, number)

    served.process.send_signal(number)
    code = served.process.wait(timeout=20)

    assert code == 0
    assert [pid for pid in workers if is_there(pid)] == []
    with pytest.raises(httpx.ConnectError):
        httpx.get(f"{served.root}/__admin/health", timeout=30)


def test_workers_drain_as_one_process_does(serves):
    """Not ready at once, and serving until the time is over."""
    served = serves("--drain-seconds", "8")
    [ready_before] = {httpx.get(f"{served.root}/__admin/ready", timeout=30).status_code for _ in range(9)}

    served.process.send_signal(signal.SIGTERM)
    began = time.monotonic()
    time.sleep(0.5)
    answers = Counter(httpx.get(f"{served.root}/__admin/ready", timeout=30).status_code for _ in range(9))
    created = served.create()
    code = served.process.wait(timeout=20)

    assert ready_before == 200
    assert answers == {503: 9}
    assert created
    assert code == 0
    assert time.monotonic() - began > 7.9


def test_no_worker_outlives_a_server_that_was_killed(serves):
    """Nobody would watch them any more."""
    served = serves()
    workers = served.workers

    served.process.kill()
    served.process.wait()

    assert until(lambda: not any(map(is_there, workers)), 15)


def test_a_second_signal_ends_all_at_once(serves):
    """Whatever they still wait for."""
    served = serves("--drain-seconds", "60")
    workers = served.workers
    served.process.send_signal(signal.SIGTERM)
    time.sleep(0.5)
    went_on = served.process.poll() is None

    served.process.send_signal(signal.SIGTERM)

    assert went_on
    assert served.process.wait(timeout=3) == -signal.SIGTERM
    assert until(lambda: not any(map(is_there, workers)), 5)


def test_the_control_api_ends_the_whole_server(serves):
    """Not the one worker that was asked, which would be started again."""
    served = serves("--allow-shutdown")

    answer = httpx.post(f"{served.root}/__admin/shutdown", timeout=30)

    assert answer.status_code == 200
    assert served.process.wait(timeout=20) == 0


def _refused(*options: str, port: int | None = None) -> tuple[int, str]:
    ended = subprocess.run(
        _command(free_port() if port is None else port, "--workers", "2", *options),
        cwd=ROOT, capture_output=True, text=True, check=False, timeout=60, stdin=subprocess.DEVNULL,
    )  # fmt: skip
    return ended.returncode, ended.stderr


@pytest.mark.parametrize(
    ("options", "said"),
    [
        ((), "worlds in memory are of one process, so each worker would remember something else"),
        (("--store", "sqlite:worlds.db"), "the file of a SQLite store belongs to one process"),
        (("--store", "redis://localhost", "--watch"), "two of them might answer by two documents"),
        (("--store", "redis://localhost", "--live-port", "4999"), "--live-port is of one process"),
        (("--store", "redis://localhost", "-"), "standard input can be read by one process alone"),
    ],
)
def test_what_several_workers_cannot_do_is_refused_with_its_reason(options, said):
    """Before anything is read."""
    code, error = _refused(*options)

    assert code == 2
    assert error.startswith("mockserver: --workers 2: ")
    assert said in error


def test_a_port_that_is_taken_is_refused(serves, store):
    """Although sockets of one port could be shared: with a server of one worker as with one of several."""
    served = serves()

    code, error = _refused(*store, port=served.port)

    assert code == 2
    assert "Address already in use" in error


def test_what_keeps_the_workers_from_serving_is_told_once(store):
    """The server ends with the exit code that one worker alone would have."""
    code, error = _refused(*store, "--handlers", "nowhere.py")

    assert code == 2
    assert error == "mockserver: --handlers nowhere.py: 'nowhere.py' is no file\n"


def test_each_scrape_has_the_numbers_of_all_workers(serves):
    """Whichever worker is asked; and their counters do not fall when one is started again."""
    served = serves()
    for _ in range(30):
        served.create()

    before = created(served)
    killed = served.workers[1]
    os.kill(killed, signal.SIGKILL)
    assert until(lambda: len(served.workers) == 3 and killed not in served.workers)
    for _ in range(10):
        served.create()
    again = [created(served) for _ in range(4)]

    assert sorted(before) == ["1", "2", "3"]
    assert sum(before.values()) == 30
    assert {sum(counts.values()) for counts in again} == {40}


def created(served: Served) -> dict[str, float]:
    """How many pets each worker created, as one of them tells."""
    text = httpx.get(f"{served.root}/__admin/metrics", timeout=30).text
    [family] = [one for one in text_string_to_metric_families(text) if one.name == "mockserver_requests"]
    return {
        sample.labels["worker"]: sample.value
        for sample in family.samples
        if (sample.labels["operation"], sample.labels["status"]) == ("addPet", "201")
    }
