"""The generated fixtures are what their generators make, and the server reads them beside those written by hand."""

import json

import pytest

from tools.fixtures.__main__ import main
from tools.fixtures.writing import GENERATORS, generated, target, text


@pytest.mark.parametrize("api", GENERATORS)
def test_a_generator_makes_its_file(api):
    """Byte for byte, so that whoever changes one of the two changes both."""
    made = generated(api)

    assert made == target(api).read_text(encoding="utf-8")


def test_every_generated_file_has_a_generator():
    """No file is left behind by a generator that is gone."""
    files = sorted(file.name.removesuffix(".generated.json") for file in target("any").parent.glob("*.generated.json"))

    assert files == sorted(GENERATORS)


def test_each_record_has_a_line():
    """A collection begins a line, and so does each of its records."""
    written = text({"links": [{"id": 1, "name": "Café"}, {"id": 2}], "keys": [{"key": "k"}]})

    assert written == '{\n"links": [\n{"id": 1, "name": "Café"},\n{"id": 2}\n],\n"keys": [\n{"key": "k"}\n]\n}\n'
    assert json.loads(written)["links"][1] == {"id": 2}


def test_an_api_without_a_generator_is_told(capsys):
    """The command says which there are, and writes nothing."""
    status = main(["nobody"])

    assert status == 2
    assert "'nobody' has no generator" in capsys.readouterr().err
