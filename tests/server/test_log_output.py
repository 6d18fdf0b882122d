"""The log: one message a record whatever is in it, and nobody waits for whoever reads it."""

from __future__ import annotations

import logging
import os
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest

from mockserver.server import log_output
from mockserver.server.log_output import LogOutput
from tests.conftest import free_port, wait_for

DOCUMENT = """
openapi: 3.1.0
info: {title: Shop, version: "1"}
components: {securitySchemes: {key: {type: apiKey, in: query, name: k}}}
paths:
  /price/{name}:
    get: {operationId: getPrice, responses: {"200": {description: A price.}}}
"""
HANDLERS = """
def get(call, state):
    raise KeyError(call.path["name"] + call.request.query)
HANDLERS = {"getPrice": get}
"""


class Pipe:
    """A pipe that is read when a test says so."""

    def __init__(self) -> None:
        self.reading, self.writing = os.pipe()
        self.output = LogOutput(self.writing)

    def log(self, text: str, *given: object) -> None:
        self.output.handle(logging.makeLogRecord({"name": "m", "levelname": "ERROR", "msg": text, "args": given}))

    def read(self) -> str:
        self.output.flush()
        os.set_blocking(self.reading, False)
        read = b""
        while True:
            try:
                part = os.read(self.reading, 1 << 20)
            except BlockingIOError:
                if not self.output.is_busy:
                    return read.decode()
                time.sleep(0.01)
            else:
                read += part


@pytest.fixture
def pipe() -> Iterator[Pipe]:
    """A log that goes into a pipe."""
    opened = Pipe()
    yield opened
    opened.read()


ODD = {
    "line ends": ("a\r\nERROR mockserver: forged", "ERROR m: a\\r\n    ERROR mockserver: forged\n"),
    "escape": ("\x1b[2J\x1b]0;title\x07", "ERROR m: \\x1b[2J\\x1b]0;title\\x07\n"),
    "C1": ("\x9b31m\x85next", "ERROR m: \\x9b31m\\x85next\n"),
    "direction": ("a\u202egpj.exe\u2066\u2069", "ERROR m: a\\u202egpj.exe\\u2066\\u2069\n"),
    "line separators": ("a\u2028b\u2029c\x0b\x0c", "ERROR m: a\\u2028b\\u2029c\\x0b\\x0c\n"),
    "hidden": ("a\u200bb\ufeff\U000e0041", "ERROR m: a\\u200bb\\ufeff\\U000e0041\n"),
    "surrogate": ("a\ud800b", "ERROR m: a\\ud800b\n"),
    "letters": ("Zoë \u4e2d \U0001f600 100%", "ERROR m: Zoë \u4e2d \U0001f600 100%\n"),
}


@pytest.mark.parametrize(("text", "expected"), ODD.values(), ids=ODD)
def test_no_text_steers_the_terminal_or_forges_a_message(pipe, text, expected):
    """Each message begins at the margin, and nothing else does."""
    pipe.log("%s", text)

    assert pipe.read() == expected


def test_a_log_that_nobody_reads_holds_up_nobody(pipe, monkeypatch):
    """What does not fit is dropped and counted, and the rest is told with their number once somebody reads."""
    monkeypatch.setattr(log_output, "MOST_WAITING", 50)
    began = time.monotonic()

    for number in range(500):
        pipe.log("%s %s", number, "x" * 10_000)

    took, told = time.monotonic() - began, pipe.read().splitlines()
    dropped = 500 - (len(told) - 1)
    assert took < 5
    assert told[-1] == f"WARNING mockserver: {dropped} messages were dropped, since nobody read the log fast enough"
    assert (dropped > 300, told[0][:11], told[1][:11]) == (True, "ERROR m: 0 ", "ERROR m: 1 ")


def test_a_record_that_cannot_be_formatted_is_dropped(pipe):
    """And does not fail the one who logs."""
    pipe.log("%d", "no number")
    pipe.log("next")

    assert pipe.read() == (
        "ERROR m: next\nWARNING mockserver: 1 message was dropped, since nobody read the log fast enough\n"
    )


@pytest.fixture
def failing(tmp_path: Path) -> Iterator[tuple[str, subprocess.Popen[bytes]]]:
    """A server whose handler fails, and whose log nobody reads."""
    (tmp_path / "shop.yaml").write_text(DOCUMENT)
    (tmp_path / "mine.py").write_text(HANDLERS)
    port = free_port()
    command = [sys.executable, "-m", "mockserver", "serve", str(tmp_path / "shop.yaml"), "-p", str(port)]
    with subprocess.Popen(
        [*command, "--handlers", str(tmp_path / "mine.py")], stdout=subprocess.DEVNULL, stderr=subprocess.PIPE
    ) as process:
        root = f"http://127.0.0.1:{port}"
        wait_for(root + "/__admin/health", process)  # type: ignore[arg-type]
        yield root, process
        process.terminate()
        process.communicate(timeout=20)


def test_requests_fail_as_fast_when_nobody_reads_the_log(failing):
    """The pipe holds some eighty of them; the mock answers on, in this world and in others."""
    root, process = failing
    secret = "S3cr3t-hunter2"
    with httpx.Client(base_url=root, timeout=10) as client:
        answers = {client.get(f"/price/a%1B[31m%0AERROR%20x?k={secret}").status_code for _ in range(300)}

    process.terminate()
    log = process.communicate(timeout=20)[1].decode()
    assert answers == {500}
    assert ("KeyError" in log, secret in log, "\x1b" in log) == (True, False, False)
    assert {line.partition(" ")[0] for line in log.splitlines() if line[:1] != " "} == {"ERROR"}
