"""Servers as they are operated: readiness and draining of real processes, with a real Redis."""

import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

import httpx
import pytest

from tests.conftest import free_port, wait_for

PETS = str(Path(__file__).parent.parent.parent / "examples" / "pets.yaml")
DOG = {"name": "Bello", "species": "dog"}


@contextmanager
def _served(*options: str) -> Iterator[tuple[str, subprocess.Popen[str]]]:
    port = free_port()
    command = [sys.executable, "-m", "mockserver", "serve", PETS, "--port", str(port), *options]
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True)
    try:
        wait_for(f"http://127.0.0.1:{port}/__admin/health", process)
        yield f"http://127.0.0.1:{port}", process
    finally:
        process.kill()
        process.communicate(timeout=10)


@pytest.fixture
def serves() -> Iterator[Callable[..., tuple[str, subprocess.Popen[str]]]]:
    """Starts servers with options; gives the address and the process."""
    with ExitStack() as stack:
        yield lambda *options: stack.enter_context(_served(*options))


def _until(is_so: Callable[[], bool], seconds: float = 10) -> bool:
    deadline = time.monotonic() + seconds
    while not (found := is_so()) and time.monotonic() < deadline:
        time.sleep(0.05)
    return found


def test_a_server_is_ready_as_long_as_its_redis_answers(serves, redis_of_its_own):
    """Its health is its own; once Redis is back it is ready by itself."""
    root, _ = serves("--store", redis_of_its_own.url)
    before = httpx.get(f"{root}/__admin/ready")
    redis_of_its_own.kill()

    began = time.monotonic()
    away = httpx.get(f"{root}/__admin/ready")
    took = time.monotonic() - began
    healthy = httpx.get(f"{root}/__admin/health")
    redis_of_its_own.start()

    assert (before.status_code, before.json()["store"]["kind"], before.json()["store"]["losses"]) == (200, "redis", [])
    assert 0 < before.json()["store"]["latencyMs"] < 500
    assert (away.status_code, int(away.headers["Retry-After"]) >= 1) == (503, True)
    assert took < 2
    assert healthy.status_code == 200
    assert _until(lambda: httpx.get(f"{root}/__admin/ready").status_code == 200)


def test_the_store_in_a_file_is_told(serves, tmp_path):
    """Its readiness is that of the file."""
    root, _ = serves("--store", f"sqlite:{tmp_path / 'worlds.db'}")

    answer = httpx.get(f"{root}/__admin/ready")

    assert (answer.status_code, answer.json()["store"]["kind"]) == (200, "sqlite")


def test_a_draining_server_serves_on_and_is_not_ready(serves):
    """At once after SIGTERM; then it ends in good order."""
    root, process = serves("--drain-seconds", "4")
    before = httpx.get(f"{root}/__admin/ready").status_code

    process.send_signal(signal.SIGTERM)
    began = time.monotonic()
    became_unready = _until(lambda: httpx.get(f"{root}/__admin/ready").status_code == 503, 3)
    unready_after = time.monotonic() - began
    served = httpx.post(f"{root}/pets", json=DOG)
    healthy = httpx.get(f"{root}/__admin/health")
    code = process.wait(timeout=10)
    ended_after = time.monotonic() - began

    assert (before, became_unready) == (200, True)
    assert unready_after < 1.5
    assert (served.status_code, healthy.status_code) == (201, 200)
    assert code == 0
    assert 3.9 < ended_after < 9


def test_a_second_signal_ends_a_draining_server_at_once(serves):
    """Whoever does not want to wait presses Ctrl-C again."""
    _, process = serves("--drain-seconds", "60")
    process.send_signal(signal.SIGINT)
    time.sleep(0.5)
    went_on = process.poll() is None

    process.send_signal(signal.SIGINT)

    assert went_on
    assert process.wait(timeout=3) == -signal.SIGINT


def test_open_requests_are_finished_after_a_drain(serves):
    """A request that began in the last moment has its answer."""
    root, process = serves("--drain-seconds", "0.5", "--delay", "1500")
    answers: list[int] = []
    asker = threading.Thread(target=lambda: answers.append(httpx.get(f"{root}/pets", timeout=10).status_code))

    asker.start()
    time.sleep(0.3)
    process.send_signal(signal.SIGTERM)
    asker.join(10)

    assert answers == [200]
    assert process.wait(timeout=10) == 0
