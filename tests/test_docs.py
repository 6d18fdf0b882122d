"""What the documents show is what happens: their examples run in order, against a server of their own."""

import os
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from sybil import Document, Example, Sybil
from sybil.evaluators.python import PythonEvaluator
from sybil.parsers.markdown import CodeBlockParser

from mockserver.vendors import APIS
from tests.conftest import free_port, wait_for

ROOT = Path(__file__).parent.parent
DOCUMENTS = sorted(
    path.relative_to(ROOT).as_posix()
    for pattern in ("*.md", "docs/*.md", "*/README.md", "mockserver/*/README.md")
    for path in ROOT.glob(pattern)
    if path.name not in ("your-own-api.md", "pytest.md")  # test_your_own_api.py and testing/test_pages.py follow them
    and ("```python" in path.read_text() or "```console" in path.read_text())
)
SHOWN = "http://127.0.0.1:4010"


class Shell:
    """One shell session for the console blocks of a document: `$ ` begins a command, `> ` continues it."""

    def __init__(self) -> None:
        self._env = {**os.environ, "PATH": f"{Path(sys.executable).parent}:{os.environ['PATH']}"}
        self._before = ""

    def replay(self, example: Example) -> None:
        """Each command prints what the block shows; `…` stands for anything."""
        for command, shown in commands(example.parsed):
            printed = self._run(command)
            assert re.fullmatch(pattern(shown), printed.replace("\r", "").strip(), re.DOTALL), (
                f"$ {command}\nprinted:\n{printed}\nshown:\n{shown}"
            )
            if command.startswith("export "):
                self._before += command + "\n"

    def _run(self, command: str) -> str:
        done = subprocess.run(
            ["bash", "-c", self._before + command],
            capture_output=True,
            text=True,
            env=self._env,
            timeout=60,
            check=False,
            cwd=ROOT,
        )
        return done.stdout


def commands(block: str) -> Iterator[tuple[str, str]]:
    """The commands of a console block, each with the output that the block shows."""
    for part in re.split(r"^\$ ", block, flags=re.MULTILINE)[1:]:
        lines = part.splitlines()
        last = next(number for number, line in enumerate(lines) if not line.endswith("\\"))
        command = "\n".join(line.removeprefix("> ") for line in lines[: last + 1])
        yield command, "\n".join(lines[last + 1 :]).strip()


def pattern(shown: str) -> str:
    """An expression that matches what is shown."""
    return ".*".join(re.escape(part) for part in shown.split("…"))


@pytest.fixture
def root() -> Iterator[str]:
    """The address of a server that only this document has talked to."""
    port = free_port()
    served = [*APIS, str(ROOT / "examples" / "pets.yaml")]
    process = subprocess.Popen(
        [sys.executable, "-m", "mockserver", "serve", *served, "--port", str(port)], stdout=subprocess.PIPE, text=True
    )
    try:
        wait_for(f"http://127.0.0.1:{port}/__admin/health", process)
        yield f"http://127.0.0.1:{port}"
    finally:
        process.terminate()
        process.communicate(timeout=20)


@pytest.mark.parametrize("name", DOCUMENTS)
def test_the_examples_of_a_document_do_what_it_shows(name, root, tmp_path):
    """Every console block prints what stands below it, every Python block runs."""
    copy = tmp_path / "document.md"
    copy.write_text((ROOT / name).read_text().replace(SHOWN, root))
    parsers = [CodeBlockParser("console", Shell().replay), CodeBlockParser("python", PythonEvaluator())]
    document: Document = Sybil(parsers).parse(copy)

    examples = list(document.examples())
    for example in examples:
        example.evaluate()

    assert examples, f"{name} has no examples"


def test_the_readme_is_among_them():
    """The README's own examples are executed."""
    assert "README.md" in DOCUMENTS
