"""Every test is of one lane."""

import subprocess
import sys
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from tests.lanes import LANES, LONG, PLACES, REST, _long_first

ROOT = Path(__file__).parent.parent.parent


@pytest.mark.parametrize(("place", "lane"), PLACES.items())
def test_a_place_of_a_lane_exists(place, lane):
    """It was not moved away from its lane."""
    assert (ROOT / "tests" / place).exists()
    assert lane in LANES


@pytest.mark.parametrize("place", LONG)
def test_a_test_that_takes_long_exists(place):
    """It was not renamed away from its place at the beginning of a run."""
    file, _, name = place.partition("::")

    assert f"def {name}" in (ROOT / "tests" / file).read_text()


@pytest.mark.parametrize("workers", [1, 2, 3])
def test_each_worker_begins_with_long_tests(workers):
    """All tests are there, in as many stretches as there are workers; each of the stretches begins with a long one."""
    names = [f"tests/test_short.py::test_{number}" for number in range(94)]
    names[40:40] = [f"tests/{place}" for place in LONG[:6]]
    items: list[Any] = [SimpleNamespace(nodeid=name) for name in names]

    ordered = [item.nodeid for item in _long_first(items, workers)]

    heads = [len(names) * number // workers for number in range(workers)]
    assert sorted(ordered) == sorted(names)
    assert [ordered[head] for head in heads] == [f"tests/{place}" for place in LONG[:workers]]


@pytest.mark.parametrize("file", ["Makefile", "tests/README.md"])
def test_lanes_are_told(file):
    """Whoever reads how tests are run reads of each lane."""
    text = (ROOT / file).read_text()

    assert [lane for lane in [*LANES, REST] if lane not in text] == []


def run(*arguments: str) -> subprocess.CompletedProcess[str]:
    """pytest, ended; what it printed."""
    command = [sys.executable, "-m", "pytest", "-p", "no:cacheprovider", "-q", *arguments]
    return subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=120, check=False)


def test_a_run_of_a_lane_says_what_it_left_out():
    """And how to run that; what is asked over a port as well as in this process is in it over the port alone."""
    said = run("--collect-only", "--lane=wire", "tests/control/test_apis.py").stdout

    assert ("[port" in said, "[process" in said) == (True, False)
    assert "left out: make verify LANE=fast " in said


def test_a_test_is_of_one_lane(request):
    """Each of those that run now."""
    marks = {
        item.nodeid: [mark.name for mark in item.iter_markers() if mark.name in LANES] for item in request.session.items
    }

    assert {name: lanes for name, lanes in marks.items() if len(lanes) != 1} == {}
