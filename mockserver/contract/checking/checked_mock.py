"""Starts a mock for a check and ends it afterwards."""

from __future__ import annotations

import subprocess
import sys
import time
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from urllib.error import URLError

from mockserver.contract.checking.secrets import secrets_of
from mockserver.contract.checking.started_process import started_process
from mockserver.contract.replay.answer_heads import opener
from mockserver.engine.service import Service
from mockserver.json_text import encode
from mockserver.problem import Unusable
from mockserver.server import free_port


@contextmanager
def started(arguments: Sequence[str], given: bytes = b"") -> Iterator[str]:
    """The address of a mock started with these arguments of `serve` and with `given` on standard input; it counts but
    does not enforce rate limits, does not take Ctrl-C, and ends with the block.
    """
    port = free_port("127.0.0.1")
    command = ["serve", *arguments, "--port", str(port), "--limits", "off"]
    line = [sys.executable, "-m", "mockserver", *command]
    # Ctrl-C ends the check, which ends the mock.
    with started_process(line, stdin=subprocess.PIPE, stdout=subprocess.DEVNULL) as process:
        if process.stdin is not None:
            process.stdin.write(given)
            process.stdin.close()
        root = f"http://127.0.0.1:{port}"
        _wait_for(f"{root}/__admin/health", process)
        yield root


def _wait_for(url: str, process: subprocess.Popen[bytes]) -> None:
    for _ in range(400):
        if process.poll() is not None:
            raise Unusable(f"the mock to be checked ended at once, with exit code {process.returncode}")
        try:
            with opener(url).open(url, timeout=5):
                return
        except (URLError, OSError):
            time.sleep(0.05)
    raise Unusable(f"the mock to be checked did not answer at {url} within 20 seconds")


def known(services: Iterable[Service], folder: Path) -> tuple[str, ...]:
    """The options for a mock that accepts the secrets of samples, which are written into a file."""
    secrets = {secret for service in services for secret in secrets_of(service).values()}
    if not secrets:
        return ()
    credentials = folder / "credentials.json"
    credentials.write_bytes(encode(dict.fromkeys(sorted(secrets))))
    return "--security", "check", "--credentials", str(credentials)
