"""What the fuzzers share: how long they search, and a server that has to survive them."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import httpx
import pytest

from tests.conftest import free_port, wait_for
from tests.fuzz.fuzzing import Budget

DOCUMENTS = Path(__file__).parent / "documents"


@pytest.fixture(scope="session")
def budget() -> Budget:
    """`FUZZ_SECONDS` and `FUZZ_SEED`: by default a change is tried with the inputs of the change before it."""
    seconds = os.environ.get("FUZZ_SECONDS")
    return Budget(float(seconds or SECONDS), int(os.environ.get("FUZZ_SEED") or 0), is_short=not seconds)


SECONDS = 40.0
"""The most that an ordinary run gives each search."""


@dataclass
class Victim:
    """`mockserver serve` with what it printed: a traceback there is a find, whatever was answered."""

    port: int
    log: Path
    process: subprocess.Popen[str]

    @property
    def root(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def is_well(self) -> None:
        """Raises AssertionError for a server that has ended, hangs, or failed inside."""
        assert self.process.poll() is None, self.log.read_text()
        assert httpx.get(self.root + "/__admin/health", timeout=10).status_code == 200
        assert "Traceback" not in (said := self.log.read_text(errors="replace")), said


@pytest.fixture(scope="module")
def victim(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Victim]:
    """Serves the document of bodies on a port of its own."""
    port, log = free_port(), tmp_path_factory.mktemp("victim") / "log"
    command = [sys.executable, "-u", "-m", "mockserver", "serve", str(DOCUMENTS / "bodies.yaml"), "--port", str(port)]
    with log.open("w") as file:
        process = subprocess.Popen([*command, "--limits", "off", "--log", "off"], stdout=file, stderr=file, text=True)
    try:
        wait_for(f"http://127.0.0.1:{port}/__admin/health", process)
        yield Victim(port, log, process)
    finally:
        process.terminate()
        process.wait(timeout=20)
