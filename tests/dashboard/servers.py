"""Servers of their own for tests of the page."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator

from tests.conftest import Server, free_port, wait_for


def served(*arguments: str) -> Iterator[Server]:
    """`mockserver serve` on a free port, with these arguments."""
    port = free_port()
    command = [sys.executable, "-m", "mockserver", "serve", *arguments, "--port", str(port)]
    process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True, env={**os.environ, "PYTHONUNBUFFERED": "1"})
    try:
        wait_for(f"http://127.0.0.1:{port}/__admin/health", process)
        yield Server(f"http://127.0.0.1:{port}")
    finally:
        process.terminate()
        process.communicate(timeout=20)
