"""A server that nobody here wrote, LoopBack's example of a to-do list, is compared with the mock of its document."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path
from urllib.request import urlopen

import pytest

from mockserver.contract.compare.compare_options import CompareOptions
from mockserver.contract.compare.compare_run import CompareResult, compare
from tests.conftest import free_port, wait_for

TODO = "@loopback/example-todo@6.0.0"


@pytest.fixture(scope="module")
def todo(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[str, Path]]:
    """The address of the server with its four to-dos, and the document that it serves; skipped without a registry."""
    npm, node = shutil.which("npm"), shutil.which("node")
    if npm is None or node is None:
        pytest.skip("npm and node, with which the server is installed and run, are not here")
    folder = tmp_path_factory.mktemp("todo")
    command = (npm, "install", "--no-audit", "--no-fund", "--prefix", str(folder), TODO)
    done = subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False, timeout=300)
    if done.returncode:
        pytest.skip(f"{TODO} could not be installed, perhaps without a network: {done.stderr[-300:]}")
    package = folder / "node_modules/@loopback/example-todo"
    shutil.copytree(package / "data", folder / "data")
    port = free_port()
    environment = {**os.environ, "HOST": "127.0.0.1", "PORT": str(port)}
    process = subprocess.Popen([node, str(package / "dist/index.js")], cwd=folder, env=environment, text=True)
    try:
        wait_for(f"http://127.0.0.1:{port}/openapi.json", process)
        document = folder / "todo.json"
        document.write_bytes(_read(f"http://127.0.0.1:{port}/openapi.json"))
        yield f"http://127.0.0.1:{port}", document
    finally:
        process.terminate()
        process.wait(timeout=20)


def _read(url: str) -> bytes:
    with urlopen(url, timeout=10) as answer:
        content: bytes = answer.read()
        return content


def _statuses(result: CompareResult) -> set[tuple[str, str]]:
    keys = (key for found in result.found for key in found.divergence.keys)
    return {(key.operation, key.statuses) for key in keys if key.kind == "status"}


def test_reads_show_what_the_document_does_not_declare(todo: tuple[str, Path]) -> None:
    """A filter that is none is 400 and not 422; the overlay that declares it makes the mock the same."""
    url, document = todo

    result = compare(CompareOptions(str(document), url))

    proposed = [proposal for found in result.found for proposal in found.proposals]
    assert _statuses(result) == {("TodoController.find", "422 400"), ("TodoController.findById", "200 404")}
    assert {(proposal.kind, proposal.is_tried) for proposal in proposed} == {("overlay", True)}


def test_writes_are_told_in_short_sequences_and_leave_the_records_alone(todo: tuple[str, Path]) -> None:
    """A blank title is refused, an address cannot be looked up; the four to-dos are what they were."""
    url, document = todo
    before = json.loads(_read(f"{url}/todos"))

    result = compare(CompareOptions(str(document), url, writes=True, sequences=20))

    assert {("TodoController.create", "200 500"), ("TodoController.create", "200 422")} <= _statuses(result)
    assert max(len(found.divergence.sequence.steps) for found in result.found) <= 3
    assert result.left_out == ["TodoController.updateAll"]
    assert json.loads(_read(f"{url}/todos")) == before
    assert len(before) == 4
