"""The table of bounds in ARCHITECTURE.md says what the code says."""

from __future__ import annotations

import re
from importlib import import_module
from pathlib import Path
from typing import NamedTuple

import pytest

ARCHITECTURE = Path(__file__).parent.parent.parent / "ARCHITECTURE.md"
UNITS = {
    "": 1,
    "Ki": 1024,
    "KiB": 1024,
    "Mi": 1024**2,
    "MiB": 1024**2,
    "GiB": 1024**3,
    "minutes": 60,
    "hours": 3600,
    "MB": 10**6,
}
NUMBER = re.compile(r"(?<![\w.])(\d[\d,]*(?:\.\d+)?)(?:\s(Ki|KiB|Mi|MiB|GiB|MB|minutes|hours)\b)?")


class Bound(NamedTuple):
    """A row: what is bounded, the numbers of its second cell, and module and name of each constant of its third."""

    what: str
    numbers: frozenset[float]
    constants: tuple[tuple[str, str], ...]
    answer: str


def _constants(cell: str) -> tuple[tuple[str, str], ...]:
    """`engine/body/`: `form.py` `MOST_FIELDS` is MOST_FIELDS of mockserver.engine.body.form."""
    folder, module, found = "", "", []
    for part in re.findall(r"`([^`]+)`", cell):
        if part.endswith("/"):
            folder = part
        elif part.endswith(".py"):
            whole = part if "/" in part else folder + part
            module = "mockserver." + whole.removesuffix(".py").replace("/", ".")
        elif re.fullmatch(r"_?[A-Z][A-Z0-9_]*", part):
            found.append((module, part))
    return tuple(found)


def _bounds() -> list[Bound]:
    section = ARCHITECTURE.read_text().partition("\n## Bounds\n")[2].partition("\n## ")[0]
    rows = [line.strip("| ").split(" | ") for line in section.splitlines() if line.startswith("|")][2:]
    return [
        Bound(
            what,
            frozenset(float(number.replace(",", "")) * UNITS[unit] for number, unit in NUMBER.findall(bound)),
            _constants(where),
            answer,
        )
        for what, bound, where, answer in rows
    ]


BOUNDS = _bounds()


@pytest.mark.parametrize("bound", BOUNDS, ids=lambda bound: bound.what[:60])
def test_a_bound_is_as_the_table_says(bound):
    """Each row names the constants that set it, and each of them has one of its numbers."""
    values = {name: getattr(import_module(module), name) for module, name in bound.constants}

    assert values, "the row names no constant"
    assert {name: value for name, value in values.items() if float(value) not in bound.numbers} == {}
    assert bound.answer


def test_there_are_bounds():
    """The table was found."""
    assert len(BOUNDS) > 20
