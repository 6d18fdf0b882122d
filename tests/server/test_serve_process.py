"""The process of `mockserver serve`: how it begins and ends where the machine is short of something."""

import os
import resource
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import httpx
import pytest

from tests.conftest import free_port, wait_for

PETS = str(Path(__file__).parent.parent.parent / "examples" / "pets.yaml")
SLOW_HEAD = b"POST /pets HTTP/1.1\r\nHost: localhost\r\nContent-Length: 99\r\n\r\n{"


@contextmanager
def _serving(port: int, **options: object) -> Iterator[subprocess.Popen[str]]:
    command = [sys.executable, "-m", "mockserver", "serve", PETS, "--port", str(port)]
    given = {"stdout": subprocess.DEVNULL, "stderr": subprocess.PIPE, "text": True, **options}
    process = subprocess.Popen(command, **given)  # type: ignore[call-overload]
    try:
        yield process
    finally:
        process.kill()
        process.communicate(timeout=10)


def _limited(kind: int, most: int) -> Callable[[], None]:
    return lambda: resource.setrlimit(kind, (most, most))


def _said(process: subprocess.Popen[str]) -> str:
    assert process.stderr is not None
    return process.stderr.read()


def _health(port: int) -> str:
    return f"http://127.0.0.1:{port}/__admin/health"


@pytest.mark.parametrize("second", [signal.SIGTERM, signal.SIGINT])
def test_a_second_signal_ends_at_once(second):
    """The first waits for what is open."""
    port = free_port()
    with _serving(port) as process, socket.socket() as client:
        wait_for(_health(port), process)
        client.connect(("127.0.0.1", port))
        client.sendall(SLOW_HEAD)
        time.sleep(0.3)

        process.send_signal(signal.SIGTERM)
        time.sleep(0.3)
        went_on = process.poll() is None
        process.send_signal(second)

        assert went_on
        assert process.wait(timeout=2) == -second


def test_a_signal_that_is_ignored_stays_so():
    """As nohup has it."""
    port = free_port()
    with _serving(port, preexec_fn=lambda: signal.signal(signal.SIGHUP, signal.SIG_IGN)) as process:
        wait_for(_health(port), process)

        process.send_signal(signal.SIGHUP)
        time.sleep(0.3)

        assert httpx.get(_health(port)).status_code == 200
        process.terminate()
        assert process.wait(timeout=10) == 0


def test_of_two_servers_that_start_together_one_serves():
    """The other says so and ends with 2."""
    port = free_port()
    with _serving(port) as one, _serving(port) as other:
        deadline = time.monotonic() + 30
        while one.poll() is None and other.poll() is None and time.monotonic() < deadline:
            time.sleep(0.05)
        ended, serving = (one, other) if one.poll() is not None else (other, one)

        assert ended.returncode == 2
        assert f"cannot listen on 127.0.0.1 port {port}" in _said(ended)
        wait_for(_health(port), serving)


def test_a_full_standard_output_is_told_and_served_through():
    """Nobody can read the addresses, but they answer."""
    port = free_port()
    with Path("/dev/full").open("w") as full, _serving(port, stdout=full) as process:
        wait_for(_health(port), process)
        process.terminate()

        assert process.wait(timeout=10) == 0
        assert "standard output cannot be written (No space left on device)" in _said(process)


def test_closed_standard_files_are_no_sockets():
    """What would be written to them would go to a client."""
    port = free_port()
    with _serving(port, stdout=None, stderr=None, preexec_fn=lambda: os.closerange(0, 3)) as process:
        wait_for(_health(port), process)
        process.terminate()

        assert process.wait(timeout=10) == 0


def test_few_open_files_are_enough_for_one_client_after_another():
    """Those that found none are closed."""
    port = free_port()
    with _serving(port, preexec_fn=_limited(resource.RLIMIT_NOFILE, 16)) as process:
        wait_for(_health(port), process)
        crowd = [socket.create_connection(("127.0.0.1", port)) for _ in range(30)]
        for client in crowd:
            client.close()
        time.sleep(0.5)

        assert httpx.get(f"http://127.0.0.1:{port}/pets").status_code == 200


def test_a_large_body_without_memory_for_it_is_a_503():
    """And the process goes on."""
    port = free_port()
    with _serving(port) as process:
        wait_for(_health(port), process)
        used = int(Path(f"/proc/{process.pid}/statm").read_text().split()[0]) * resource.getpagesize()
        most = used + 120 * 1024 * 1024
        resource.prlimit(process.pid, resource.RLIMIT_AS, (most, most))
        body = b'{"name":"' + b"x" * 10_000_000 + b'"}'

        answer = httpx.post(f"http://127.0.0.1:{port}/pets", content=body, headers={"Content-Type": "application/json"})

        assert answer.status_code == 503
        assert "memory" in answer.json()["detail"]
        assert httpx.get(f"http://127.0.0.1:{port}/pets").status_code == 200


def test_death_by_a_native_fault_is_told():
    """With the place, and by its signal."""
    port = free_port()
    with _serving(port) as process:
        wait_for(_health(port), process)

        process.send_signal(signal.SIGSEGV)

        assert process.wait(timeout=10) == -signal.SIGSEGV
        assert "Segmentation fault" in _said(process)
