"""`mockserver proxy` as its users start it."""

from __future__ import annotations

import json
import os
import signal
import socket
import subprocess
import sys
from pathlib import Path

import httpx
import pytest

from mockserver.proxy.upstream_address import upstream_address
from tests.conftest import free_port, wait_for
from tests.proxy.conftest import PETS, RawUpstream, as_json


def _refused(*arguments: str) -> str:
    command = [sys.executable, "-m", "mockserver", "proxy", *arguments]
    done = subprocess.run(command, capture_output=True, text=True, check=False, timeout=60)
    assert done.returncode == 2
    return done.stderr


@pytest.mark.parametrize("ending", [signal.SIGTERM, signal.SIGINT])
def test_it_forwards_records_and_ends_when_it_is_told_to(tmp_path: Path, ending: signal.Signals) -> None:
    """What was recorded is written before it ends, with 0."""
    port, folder = free_port(), tmp_path / "seen"
    upstream = RawUpstream(as_json(b'{"id": 12, "name": "Max"}'))
    command = [sys.executable, "-m", "mockserver", "proxy", str(PETS), upstream.root, "-p", str(port)]
    process = subprocess.Popen(
        [*command, "--record", str(folder), "--log", "text"],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        env={**os.environ, "PYTHONUNBUFFERED": "1"},
    )
    try:
        wait_for(f"http://127.0.0.1:{port}/__admin/health", process)
        answer = httpx.get(f"http://127.0.0.1:{port}/v1/pets/12")
        process.send_signal(ending)
        said, logged = process.communicate(timeout=20)
    finally:
        process.kill()
        process.communicate()
        upstream.end()

    assert answer.json() == {"id": 12, "name": "Max"}
    assert f"forwards http://127.0.0.1:{port} to {upstream.root}" in said
    assert process.returncode == 0
    assert "Traceback" not in logged
    assert json.loads((folder / "records.yaml").read_text()) == {"pets": [{"id": 12, "name": "Max"}]}


def test_an_upstream_that_is_the_proxy_is_refused() -> None:
    """Its requests would go round for ever."""
    port = free_port()

    said = _refused(str(PETS), f"http://localhost:{port}/v1", "-p", str(port))

    assert "is this proxy itself; listen on another port with --port" in said


def test_statuses_that_say_nothing_of_an_operation_are_no_fallback() -> None:
    """Such as 500."""
    said = _refused(str(PETS), "http://127.0.0.1:1", "--fallback", "404,500")

    assert "'500' says of no operation that it is lacking; expected 404, 405, 501" in said


def test_a_mistake_in_the_arguments_is_told_before_a_port_that_is_taken(tmp_path: Path) -> None:
    """It is there on every port."""
    (tmp_path / "notes.txt").write_text("mine")

    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = str(taken.getsockname()[1])
        document = _refused("nowhere.yaml", "http://127.0.0.1:1", "-p", port)
        folder = _refused(str(PETS), "http://127.0.0.1:1", "-p", port, "--record", str(tmp_path))
        busy = _refused(str(PETS), "http://127.0.0.1:1", "-p", port)

    assert "nowhere.yaml" in document
    assert "files that were not recorded (notes.txt)" in folder
    assert f"port {port}" in busy


def _served(folder: Path, port: int) -> list[str]:
    """The lines on standard error with which a mock of a recorded session begins."""
    command = [sys.executable, "-m", "mockserver", "serve", str(folder), "-p", str(port)]
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True)
    try:
        wait_for(f"http://127.0.0.1:{port}/__admin/health", process)
        process.send_signal(signal.SIGTERM)
        return process.communicate(timeout=20)[1].splitlines()
    finally:
        process.kill()
        process.communicate()


def test_a_recording_ends_with_what_it_cannot_replay(tmp_path: Path) -> None:
    """An upstream that is not there yet is told at the start, and the proxy starts all the same."""
    port, idle = free_port(), free_port()
    upstream = RawUpstream(as_json(b'{"id": "12"}', b"202 Accepted"))
    base = [sys.executable, "-m", "mockserver", "proxy", str(PETS)]
    told = []
    try:
        for address, folder in ((upstream.root, "seen"), (f"http://127.0.0.1:{idle}", "empty")):
            command = [*base, address, "-p", str(port), "--record", str(tmp_path / folder)]
            process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
            try:
                wait_for(f"http://127.0.0.1:{port}/__admin/health", process)
                for path in ("/v1/pets/12", "/v1/cats", "/v1/pets/13"):
                    httpx.get(f"http://127.0.0.1:{port}{path}")
                process.send_signal(signal.SIGTERM)
                told.append(process.communicate(timeout=20))
            finally:
                process.kill()
                process.communicate()
        served, silent = _served(tmp_path / "seen", port), _served(tmp_path / "empty", port)
    finally:
        upstream.end()

    (said, warned), (_, dead) = told
    undeclared = "response: status 202 is not declared; declared are 200, 404"
    assert served == [
        "seen: 3 exchanges are not replayed as recorded:",
        f"seen:   GET /pets/{{petId}} answered 202: the mock answers 404; {undeclared} (2 times)",
        "seen:   GET /v1/cats answered 202: the mock answers 404; path: No operation has the path /v1/cats",
    ]
    assert silent == []
    assert f"Try: curl http://127.0.0.1:{port}/v1/pets\n" in said
    assert "3 exchanges recorded; 0 replay as seen, 3 do not: `mockserver serve " in warned
    assert "does not answer yet" not in warned
    assert f"the upstream http://127.0.0.1:{idle} does not answer yet: connection refused" in dead
    assert "exchanges recorded" not in dead


@pytest.mark.parametrize("host", ["a..b", "nowhere.invalid", "127.0.0.1:1"])
def test_why_an_upstream_is_not_reached_is_said_in_words(host: str) -> None:
    """Also where its name is none."""
    reason = upstream_address(f"http://{host}").unreachable(3)

    assert reason


def test_a_document_that_cannot_be_used_is_told() -> None:
    """As `serve` does."""
    assert "nowhere.yaml" in _refused("nowhere.yaml", "http://127.0.0.1:1", "-p", "0")
