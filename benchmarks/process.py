"""Servers as processes: started on their own core, asked until they answer, weighed, and ended by their id."""

from __future__ import annotations

import http.client
import json
import os
import signal
import socket
import subprocess
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, replace
from pathlib import Path
from tempfile import TemporaryFile

from benchmarks.failure import Failed
from benchmarks.load import Ask


@dataclass(frozen=True, slots=True)
class Cores:
    """The core of the servers and the core of the client; None where there are no two to be had."""

    server: int | None
    client: int | None

    def __str__(self) -> str:
        if self.server is None:
            return "server and client not pinned, since there are no two cores to pin them to"
        return f"server pinned to core {self.server}, client to core {self.client}"


def find_cores() -> Cores:
    """Two of the cores that this process may use. From here on it uses but the client's."""
    if not hasattr(os, "sched_setaffinity"):
        return Cores(None, None)
    cores = sorted(os.sched_getaffinity(0))
    if len(cores) < 2:
        return Cores(None, None)
    os.sched_setaffinity(0, {cores[1]})
    return Cores(cores[0], cores[1])


@dataclass(frozen=True, slots=True)
class Subject:
    """A server that can be started: its command, in which `{port}` stands for the port, and what its paths begin with.

    `remembers` says that the answers of an update count what was updated, `has_control` that records can be given to it
    over the mock's control API. For `warm_up` seconds each request is sent before it counts, `patience` seconds the
    subject may take to start.
    """

    name: str
    command: Sequence[str]
    prefix: str = ""
    remembers: bool = False
    has_control: bool = False
    warm_up: int = 1
    patience: float = 30.0

    def place(self, ask: Ask) -> Ask:
        """The request at the path where this subject has it."""
        return replace(ask, path=self.prefix + ask.path)


@dataclass(frozen=True, slots=True)
class Running:
    """A subject that answers: where, as which process, and after how many seconds it first did."""

    subject: Subject
    port: int
    pid: int
    started_in: float

    def send(self, ask: Ask) -> tuple[int, Mapping[str, str], bytes]:
        """Status, headers by lower-case name, and body of one answer, on a connection of its own."""
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=10)
        try:
            body = ask.bodies[0] if ask.bodies else None
            connection.request(ask.method, ask.path, body, {**ask.headers})
            answer = connection.getresponse()
            return answer.status, {name.lower(): value for name, value in answer.getheaders()}, answer.read()
        finally:
            connection.close()


@contextmanager
def run(subject: Subject, first: Ask, cores: Cores) -> Iterator[Running]:
    """The subject answers `first` with 200; afterwards its process has ended. Raises Failed."""
    port = free_port()
    command = [part.replace("{port}", str(port)) for part in subject.command]
    with TemporaryFile("w+") as said:
        with _on_core_of_servers(cores):
            began = time.perf_counter()
            process = subprocess.Popen(
                command, stdin=subprocess.DEVNULL, stdout=said, stderr=subprocess.STDOUT, env=_environment()
            )
        try:
            try:
                _wait(subject, first, port, process)
            except Failed as failed:
                said.seek(0)
                raise Failed(f"{failed}\n{said.read()[-4000:]}") from None
            yield Running(subject, port, process.pid, time.perf_counter() - began)
        finally:
            _end(process)


def _environment() -> dict[str, str]:
    """As a user's machine has it: compiled modules are kept from one start to the next."""
    return {name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"}


def verify(running: Running, ask: Ask) -> None:
    """One answer has the status that it must, and says what it must. Raises Failed."""
    status, headers, body = running.send(running.subject.place(ask))
    name = running.subject.name
    if status not in (200, ask.status):
        raise Failed(f"{name} answers {ask.name!r} with {status}, expected {ask.status}: {body[:500]!r}")
    if "mock-violation" in headers:
        raise Failed(f"{name} answers {ask.name!r} against its document: {headers['mock-violation']}")
    if running.subject.remembers and ask.expected is not None:
        updated = json.loads(body)["data"]["updated"]
        if updated != ask.expected:
            raise Failed(f"{name} updated {updated} links in {ask.name!r}, expected {ask.expected}")


def free_port() -> int:
    """A port of the loopback that nobody listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


@dataclass(frozen=True, slots=True)
class Memory:
    """Megabytes (10^6 bytes) of a process and all below it.

    A page that two processes share counts half for each in `pss`, and twice in `rss`.
    """

    pss: float
    rss: float
    processes: int


def memory(pid: int) -> Memory | None:
    """What the process and all below it hold now; None where there is no /proc to say it."""
    if not _PROC:
        return None
    pids = _tree(pid)
    pages = [_rollup(each) for each in pids]
    return Memory(sum(page["Pss"] for page in pages), sum(page["Rss"] for page in pages), len(pids))


def processor_seconds(pid: int) -> float | None:
    """What the process and all below it have spent of the processor's time; None where there is no /proc to say it."""
    if not _PROC:
        return None
    return sum(map(_ticks, _tree(pid))) / os.sysconf("SC_CLK_TCK")


def _ticks(pid: int) -> int:
    """In user mode and in the kernel, all threads; the program's name, which may hold spaces, stands in parentheses."""
    fields = Path(f"/proc/{pid}/stat").read_text(encoding="utf-8").rpartition(")")[2].split()
    return int(fields[11]) + int(fields[12])


def _rollup(pid: int) -> dict[str, float]:
    """Megabytes by kind."""
    lines = Path(f"/proc/{pid}/smaps_rollup").read_text(encoding="ascii").splitlines()[1:]
    return {kind: int(rest.split()[0]) * 1024 / 1e6 for kind, _, rest in (line.partition(":") for line in lines)}


def _tree(pid: int) -> list[int]:
    children = " ".join(file.read_text() for file in Path(f"/proc/{pid}/task").glob("*/children")).split()
    return [pid, *(below for child in children for below in _tree(int(child)))]


@contextmanager
def _on_core_of_servers(cores: Cores) -> Iterator[None]:
    """Processes that are started meanwhile run on the core of the servers."""
    if cores.server is None or cores.client is None:
        yield
        return
    os.sched_setaffinity(0, {cores.server})
    try:
        yield
    finally:
        os.sched_setaffinity(0, {cores.client})


def _wait(subject: Subject, first: Ask, port: int, process: subprocess.Popen[bytes]) -> None:
    waiting = Running(subject, port, process.pid, 0)
    deadline = time.monotonic() + subject.patience
    seen = "nothing"
    while time.monotonic() < deadline:
        if process.poll() is not None:
            raise Failed(f"{subject.name} ended with {process.returncode}:")
        try:
            status, _, body = waiting.send(subject.place(first))
        except (OSError, http.client.HTTPException):
            time.sleep(0.002)
            continue
        if status == 200:
            return
        seen = f"{status} {body[:300]!r}"
        time.sleep(0.02)
    raise Failed(f"{subject.name} did not answer {first.name!r} with 200 in {subject.patience:.0f} s; seen: {seen}")


def _end(process: subprocess.Popen[bytes]) -> None:
    """The process has ended, and what it had started with it."""
    if process.poll() is not None:
        return
    pids = _tree(process.pid) if _PROC else [process.pid]
    process.terminate()
    try:
        process.wait(timeout=10)
    except subprocess.TimeoutExpired:
        for pid in reversed(pids):
            with suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)
        process.wait(timeout=10)


_PROC = Path("/proc/self/smaps_rollup").exists()
