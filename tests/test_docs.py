"""What the documents show is what happens: their examples run in order, against a server of their own."""

import os
import re
import shlex
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import click
import pytest
import yaml
from sybil import Document, Example, Sybil
from sybil.evaluators.python import PythonEvaluator
from sybil.parsers.markdown import CodeBlockParser

from mockserver.cli import main
from mockserver.control.application import DOCUMENT
from mockserver.vendors import APIS
from tests.conftest import free_port, started

ROOT = Path(__file__).parent.parent
FOLLOWED = {"docs/your-own-api.md": "test_your_own_api.py", "docs/pytest.md": "testing/test_pages.py"}
"""Pages whose examples build on one another: the test below `tests` that goes through each of them whole."""
PAGES = sorted(
    path.relative_to(ROOT).as_posix()
    for pattern in ("*.md", "docs/*.md", "*/README.md", "*/*/README.md", "*/*/*/README.md")
    for path in ROOT.glob(pattern)
    if not path.relative_to(ROOT).as_posix().startswith((".", "build/")) and "node_modules" not in path.parts
)
SHOWN = "http://127.0.0.1:4010"
OUTPUT = "text"
"""The language of blocks that show what is printed, and nothing to do."""
FENCE = re.compile(
    r"^(?P<reason> *<!-- not executed: [^\n]{10,} -->\n+)?(?P<indent> *)```(?P<language>[\w+-]*)(?P<rest>[^\n]*)\n"
    r"(?P<text>.*?)^(?P=indent)```$",
    re.MULTILINE | re.DOTALL,
)
EXECUTED = ("console", "python")
INDENTED = re.compile(r"^\n((?: {4}[^\n]*\n)+)", re.MULTILINE)
COMMANDS = ("mockserver ", "make ", "docker ", "curl ", "python -m ")
TARGET = re.compile(r"^(?: {4}|\$ )make ([a-z-]+)", re.MULTILINE)
CONTROL_ADDRESS = re.compile(r"\b(GET|POST|PUT|PATCH|DELETE) (?:/~[\w-]+)?/__admin(/[\w{}/.-]*[\w}])?")
COMMAND_LINE = re.compile(r"^(?: {4}|\$ )(mockserver [^\n]*)$", re.MULTILINE)
DOCUMENTS = [
    name
    for name in PAGES
    if name not in FOLLOWED
    and any(b["language"] in EXECUTED and not b["reason"] for b in FENCE.finditer((ROOT / name).read_text()))
]


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
    with started([sys.executable, "-m", "mockserver", "serve", *served, "--port", str(port)], port) as address:
        yield address


@pytest.mark.parametrize("name", DOCUMENTS)
def test_the_examples_of_a_document_do_what_it_shows(name, root, tmp_path):
    """Every console block prints what stands below it, every Python block runs."""
    copy = tmp_path / "document.md"
    copy.write_text((ROOT / name).read_text().replace(SHOWN, root))
    copy.write_text(FENCE.sub(without_what_is_not_executed, copy.read_text()))
    parsers = [CodeBlockParser("console", Shell().replay), CodeBlockParser("python", PythonEvaluator())]
    document: Document = Sybil(parsers).parse(copy)

    examples = list(document.examples())
    for example in examples:
        example.evaluate()

    assert len(examples) == number_of_executed(name) > 0


def without_what_is_not_executed(block: re.Match[str]) -> str:
    """A block as it stands; as many empty lines, where a reason before it says that it is not executed."""
    return "\n" * block[0].count("\n") if block["reason"] else block[0]


def number_of_executed(name: str) -> int:
    """The blocks of a page that are to be executed."""
    blocks = FENCE.finditer((ROOT / name).read_text())
    return sum(block["language"] in EXECUTED and not block["reason"] for block in blocks)


@pytest.mark.parametrize("name", PAGES)
def test_each_block_is_executed_or_says_why_not(name):
    """A block of another language than these, and one that cannot run here, has its reason before it."""
    text = (ROOT / name).read_text()
    blocks = [*FENCE.finditer(text)]

    unmarked = [
        f"```{block['language']}{block['rest']}"
        for block in blocks
        if block["language"] not in {*EXECUTED, OUTPUT} and not block["reason"] and name not in FOLLOWED
    ]

    assert unmarked == []
    assert 2 * len(blocks) == len(re.findall(r"^ *```", text, re.MULTILINE))


@pytest.mark.parametrize("name", PAGES)
def test_a_block_without_a_fence_lists_commands_alone(name):
    """Whose options are looked at below; what they print, and files, are in blocks that say what they are."""
    text = FENCE.sub("", (ROOT / name).read_text())

    blocks = [block for block in INDENTED.findall(text) if not block.lstrip().startswith(("- ", "* "))]

    lines = [line for block in blocks for line in re.sub(r"\\\n\s*", "", block).splitlines()]
    assert [line for line in lines if not line.strip().startswith(COMMANDS)] == []


@pytest.mark.parametrize("name", sorted(FOLLOWED))
def test_a_page_that_is_followed_has_a_test_that_names_it(name):
    """Pages that are executed elsewhere are really read there."""
    test = (ROOT / "tests" / FOLLOWED[name]).read_text()

    assert f'"{Path(name).name}"' in test


@pytest.mark.parametrize("name", [name for name in PAGES if COMMAND_LINE.search((ROOT / name).read_text())])
def test_command_lines_have_the_options_that_they_show(name):
    """Also those that only stand in a listing: the command is there and has each of the options."""
    lines = COMMAND_LINE.findall((ROOT / name).read_text())

    wrong = [f"{line}: {why}" for line in lines if (why := mistake(line))]

    assert wrong == []


def test_each_make_that_a_page_shows_is_a_target():
    """As it is written there."""
    shown = {target for name in PAGES for target in TARGET.findall((ROOT / name).read_text())}

    targets = {*re.findall(r"^([a-z-]+):", (ROOT / "Makefile").read_text(), re.MULTILINE)}

    assert ({"serve", "test", "release"} <= shown, shown - targets) == (True, set())


def test_each_address_of_the_control_api_that_a_page_names_is_there():
    """With that method, as its document has it."""
    known = [
        (method.upper(), re.sub(r"\\\{[^}]*\\\}", "[^/]+", re.escape(path)))
        for path, item in yaml.safe_load(DOCUMENT.read_text())["paths"].items()
        for method in item
    ]

    named = {
        (name, found[1], found[2] or "/")
        for name in PAGES
        for found in CONTROL_ADDRESS.finditer((ROOT / name).read_text())
    }

    lost = [
        (name, method, path)
        for name, method, path in named
        if not any(method == its and re.fullmatch(form, path) for its, form in known)
    ]
    assert ("docs/faults.md", "DELETE", "/faults") in named
    assert lost == []


def mistake(line: str) -> str:
    """Why the command line cannot be typed; empty where it can. Its values are not looked at."""
    words = shlex.split(re.split(r"\s(?:\||>|<|&)", line.rstrip("\\"))[0], comments=True)
    if len(words) < 2 or words[1].startswith("-"):
        return ""
    command = main.commands.get(words[1])
    if command is None:
        return "no such command"
    try:
        command.make_parser(click.Context(command)).parse_args(words[2:])
    except click.UsageError as error:
        return error.format_message()
    return ""


def test_the_readme_is_among_them():
    """The README's own examples are executed."""
    assert "README.md" in DOCUMENTS
