"""Replicas as processes of their own on one Redis, and clients of them that cost little."""

from __future__ import annotations

import http.client
import json
import subprocess
import sys
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any, NamedTuple

from tests.conftest import free_port, wait_for

ROOT = Path(__file__).parent.parent.parent


class Answer(NamedTuple):
    """What a replica answered; `value` is its body, if that is JSON."""

    status: int
    value: Any
    headers: http.client.HTTPMessage


class Connection:
    """Sends JSON to one replica, over one connection after the other. Not for two threads at once."""

    def __init__(self, port: int, seconds: float = 60.0) -> None:
        self._http = http.client.HTTPConnection("127.0.0.1", port, timeout=seconds)

    def send(self, method: str, path: str, body: object = None) -> Answer:
        content = None if body is None else json.dumps(body)
        headers = {} if body is None else {"Content-Type": "application/json"}
        try:
            self._http.request(method, path, content, headers)
            answer = self._http.getresponse()
            text = answer.read()
        except BaseException:
            self._http.close()
            raise
        is_json = "json" in answer.headers.get("Content-Type", "")
        return Answer(answer.status, json.loads(text) if text and is_json else None, answer.headers)

    def close(self) -> None:
        self._http.close()


@contextmanager
def replicas(stores: Sequence[str], *arguments: str) -> Iterator[list[int]]:
    """The ports of one `mockserver serve` with these arguments for each address of a store, until the block ends."""
    ports = [free_port() for _ in stores]
    with ExitStack() as ends:
        processes = []
        for store, port in zip(stores, ports, strict=True):
            command = [sys.executable, "-m", "mockserver", "serve", *arguments, "--store", store, "--port", str(port)]
            process = subprocess.Popen(
                command, cwd=ROOT, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, text=True
            )
            processes.append(process)
            ends.callback(_end, process)
        for process, port in zip(processes, ports, strict=True):
            wait_for(f"http://127.0.0.1:{port}/__admin/health", process)
        yield ports


def _end(process: subprocess.Popen[str]) -> None:
    process.kill()
    process.wait(20)
