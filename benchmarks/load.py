"""What is asked of every subject, and how fast it answers: wrk where it can be had, else a client of ours."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory

from benchmarks.client import drive
from benchmarks.failure import Failed

CONNECTIONS = 16
REPLAY = Path(__file__).with_name("replay.lua")


@dataclass(frozen=True, slots=True)
class Ask:
    """One kind of request. Its `bodies` are sent in turn; without any it is sent without a body.

    `expected` is what a subject that remembers answers in `data.updated`; None where nothing is counted. `status` is
    that of its answer, beside the 200 of a subject that answers all alike.
    """

    name: str
    method: str
    path: str
    headers: Mapping[str, str]
    bodies: tuple[bytes, ...] = ()
    expected: int | None = None
    status: int = 200


@dataclass(frozen=True, slots=True)
class Round:
    """One short load: requests per second; milliseconds of the median, the 99th percentile and the worst answer.

    `failures` counts what was not answered, or with something other than a 2xx or 3xx.
    """

    requests: int
    rate: float
    p50: float
    p99: float
    worst: float
    failures: int


Drive = Callable[[int, Ask, int], Round]
"""Takes a port, what to ask of it, and for how many seconds."""


def find_driver() -> tuple[Drive, str]:
    """The load generator, and what to say about it."""
    if not shutil.which("wrk"):
        _install_wrk()
    if shutil.which("wrk"):
        return drive_with_wrk, "wrk"
    note = "a Python client of ours, since wrk could not be had: it is itself the limit of the fast rows"
    return drive_with_client, note


def drive_with_wrk(port: int, ask: Ask, seconds: int) -> Round:
    """One thread of wrk over 16 connections."""
    with TemporaryDirectory(prefix="mockserver-bench-") as folder:
        files = [Path(folder, f"{number}.json") for number in range(len(ask.bodies))]
        for file, body in zip(files, ask.bodies, strict=True):
            file.write_bytes(body)
        command = ["wrk", "--threads=1", f"--connections={CONNECTIONS}", f"--duration={seconds}s", "--timeout=5s"]
        for name, value in ask.headers.items():
            command += ["--header", f"{name}: {value}"]
        command += [f"--script={REPLAY}", f"http://127.0.0.1:{port}{ask.path}", "--", ask.method, *map(str, files)]
        ended = subprocess.run(command, capture_output=True, text=True, timeout=seconds + 20, check=False)
    _, found, line = ended.stdout.rpartition("RESULT ")
    if ended.returncode or not found:
        raise Failed(f"wrk ended with {ended.returncode}: {ended.stderr or ended.stdout}")
    seen = json.loads(line)
    return Round(
        requests=seen["requests"],
        rate=seen["requests"] / seen["microseconds"] * 1e6,
        p50=seen["p50"] / 1e3,
        p99=seen["p99"] / 1e3,
        worst=seen["worst"] / 1e3,
        failures=seen["failures"],
    )


def drive_with_client(port: int, ask: Ask, seconds: int) -> Round:
    """The same with what the standard library has."""
    requests = [_on_the_wire(ask, body) for body in ask.bodies or (b"",)]
    took, failures = drive(port, requests, CONNECTIONS, seconds)
    if not took:
        raise Failed(f"{ask.name}: not one answer in {seconds} s")
    took.sort()
    return Round(
        requests=len(took),
        rate=len(took) / seconds,
        p50=took[len(took) // 2] * 1e3,
        p99=took[len(took) * 99 // 100] * 1e3,
        worst=took[-1] * 1e3,
        failures=failures,
    )


def _on_the_wire(ask: Ask, body: bytes) -> bytes:
    headers = {"Host": "127.0.0.1", **ask.headers}
    if body:
        headers["Content-Length"] = str(len(body))
    lines = [f"{ask.method} {ask.path} HTTP/1.1", *(f"{name}: {value}" for name, value in headers.items())]
    return "\r\n".join([*lines, "", ""]).encode() + body


def _install_wrk() -> None:
    """The program is there, if this is a Debian where packages may be installed."""
    if not shutil.which("apt-get") or os.geteuid() != 0:
        return
    print("wrk is missing; installing the Debian package")
    quiet = {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}
    try:
        for command in (["apt-get", "update", "-qq"], ["apt-get", "install", "-y", "-qq", "wrk"]):
            subprocess.run(command, env=quiet, capture_output=True, timeout=180, check=False)
    except subprocess.TimeoutExpired:
        print("the package did not come in 180 s")
