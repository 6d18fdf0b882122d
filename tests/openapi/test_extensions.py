"""The extensions of the mock: what is looked at is what is read, and what is written about it."""

import re
from pathlib import Path

import mockserver
from mockserver.openapi.model.document import load
from mockserver.openapi.normalize import extensions
from mockserver.openapi.normalize.extensions import EXTENSIONS
from mockserver.resources.detect.decisions import ROLES

RESOURCES = Path(mockserver.__file__).parent / "resources"


def test_the_roles_that_may_be_given_are_those_that_there_are():
    """In the order in which they are told."""
    assert [*ROLES] == [*extensions.ROLES]


def test_every_key_is_read_and_no_other():
    """What the room of resources asks an operation or a schema for stands in the table."""
    source = "".join(file.read_text() for file in RESOURCES.rglob("*.py"))

    asked = {f"x-mock-{name}" for name in re.findall(r'\.extension\("([\w-]+)"\)', source)}
    named = {*re.findall(r'"(x-mock-[\w-]+)"', source)}
    assert asked | named == EXTENSIONS.keys()


def test_every_key_is_described():
    """In the table of the room that reads it."""
    described = re.findall(r"^\| `(x-mock-[\w-]+)` \|", (RESOURCES / "README.md").read_text(), re.MULTILINE)

    assert described == [*EXTENSIONS]


def test_a_key_that_cannot_be_used_is_not_there_to_be_read(tmp_path):
    """What is noted is left out, so that nothing goes by it."""
    file = tmp_path / "zoo.yaml"
    file.write_text(
        'openapi: 3.1.0\ninfo: {title: Zoo, version: "1"}\npaths:\n  /a:\n    x-mock-seeds: lots\n'
        '    get: {x-mock-role: lst, x-mock-delay: 5, responses: {"200": {description: Fine.}}}\n'
    )

    item = load(file, "zoo").document["paths"]["/a"]

    assert "x-mock-seeds" not in item
    assert [name for name in item["get"] if name.startswith("x-")] == ["x-mock-delay"]
