"""`docs/your-own-api.md` builds `examples/taskly` step by step, and each step does what it shows."""

from __future__ import annotations

import ast
import os
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

import pytest

from tests.conftest import free_port, wait_for
from tests.test_docs import commands, pattern

ROOT = Path(__file__).parent.parent
GUIDE = ROOT / "docs" / "your-own-api.md"
EXAMPLE = ROOT / "examples" / "taskly"
SHOWN = "127.0.0.1:4010"
MOST_LINES = 100


class Block(NamedTuple):
    """A fenced block: its language, the file that it is a part of, if any, and its text."""

    language: str
    file: str
    text: str


def blocks() -> Iterator[Block]:
    """The blocks of the guide, in order."""
    for found in re.finditer(r"^```(\w+)(?: (\S+))?\n(.*?)^```$", GUIDE.read_text(), re.MULTILINE | re.DOTALL):
        yield Block(found[1], found[2] or "", found[3])


class Reader:
    """Does what the guide says, in a folder of its own: writes files, changes them, serves, asks."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._port = 0
        self._server: subprocess.Popen[str] | None = None
        self._env = {**os.environ, "PATH": f"{Path(sys.executable).parent}:{os.environ['PATH']}"}
        self._env["PYTHONPATH"] = str(ROOT)

    def follow(self, block: Block) -> None:
        """One block of the guide."""
        file = self._folder / block.file
        if block.language == "yaml":
            file.write_text(block.text)
        elif block.file:
            file.write_text(merged(file.read_text() if file.exists() else "", block.text))
        elif block.language == "python":
            subprocess.run([sys.executable, "-c", block.text], cwd=self._folder, env=self._env, check=True, timeout=60)
        else:
            for command, shown in commands(block.text):
                self._do(command, shown)

    def end(self) -> None:
        """Nobody serves any more."""
        if self._server is not None:
            self._server.terminate()
            self._server.communicate(timeout=20)
            self._server = None

    def _do(self, command: str, shown: str) -> None:
        printed = self._serve(command) if command.startswith("mockserver serve") else self._run(command)
        assert re.fullmatch(pattern(shown), printed.replace("\r", "").strip(), re.DOTALL), (
            f"$ {command}\nprinted:\n{printed}\nshown:\n{shown}"
        )

    def _serve(self, command: str) -> str:
        """What the server says once it is there."""
        self.end()
        self._port = free_port()
        line = [sys.executable, "-m", "mockserver", *command.split()[1:], "--port", str(self._port)]
        self._server = subprocess.Popen(line, cwd=self._folder, env=self._env, stdout=subprocess.PIPE, text=True)
        wait_for(f"http://127.0.0.1:{self._port}/__admin/health", self._server)
        assert self._server.stdout is not None
        return self._server.stdout.readline() + "…"

    def _run(self, command: str) -> str:
        asked = command.replace(SHOWN, f"127.0.0.1:{self._port}").replace(
            "mockserver ", f"{sys.executable} -m mockserver "
        )
        done = subprocess.run(
            ["bash", "-c", asked],
            cwd=self._folder,
            env=self._env,
            capture_output=True,
            text=True,
            timeout=60,
            check=False,
        )
        return done.stdout + done.stderr


def merged(before: str, added: str) -> str:
    """The module with these statements: each takes the place of the one of its name, or stands before HANDLERS."""
    if not before:
        return added
    body = ast.parse(before).body
    for statement in ast.parse(added).body:
        known = [name_of(old) for old in body]
        name = name_of(statement)
        if name in known:
            at = known.index(name)
            old = body[at]
            if isinstance(old, ast.ImportFrom) and isinstance(statement, ast.ImportFrom):
                old.names = sorted([*old.names, *statement.names], key=lambda alias: alias.name)
            else:
                body[at] = statement
        else:
            body.insert(known.index("HANDLERS") if "HANDLERS" in known else len(body), statement)
    return ast.unparse(ast.Module(body, []))


def name_of(statement: ast.stmt) -> str:
    """What a statement of a module defines."""
    if isinstance(statement, ast.ImportFrom):
        return f"from {statement.module}"
    if isinstance(statement, ast.Assign):
        return ast.unparse(statement.targets[0])
    return getattr(statement, "name", ast.unparse(statement))


@pytest.fixture
def reader(tmp_path) -> Iterator[Reader]:
    """Somebody who has nothing but the guide."""
    somebody = Reader(tmp_path)
    yield somebody
    somebody.end()


def test_each_step_of_the_guide_does_what_it_shows(reader, tmp_path):
    """And in the end the folder is the example."""
    steps = [*blocks()]

    for step in steps:
        reader.follow(step)

    assert {step.file for step in steps if step.file} == {f"taskly/{file.name}" for file in EXAMPLE.glob("*.*")}
    for file in EXAMPLE.glob("*.yaml"):
        assert (tmp_path / "taskly" / file.name).read_text() == file.read_text()
    assert statements(tmp_path / "taskly" / "api.py") == statements(EXAMPLE / "api.py")


def statements(file: Path) -> dict[str, str]:
    """The statements of a module by name, however they are ordered and laid out."""
    return {name_of(one): ast.dump(one) for one in ast.parse(file.read_text()).body}


def test_the_example_is_short():
    """One document, one file of records, and little Python."""
    assert len((EXAMPLE / "api.py").read_text().splitlines()) <= MOST_LINES
