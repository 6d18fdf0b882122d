"""Schemathesis over an API of a user's own."""

import subprocess
import sys
from pathlib import Path

import pytest

TASKLY = Path(__file__).parent.parent.parent / "examples" / "taskly"


@pytest.mark.parametrize("name", ["pets.yaml", "orders.yaml"])
def test_the_documents_of_the_examples_are_kept(name):
    """Nothing is found in the mock of either."""
    command = [sys.executable, "-m", "mockserver", "check", str(TASKLY.parent / name), "--max-examples", "3"]

    done = subprocess.run([*command, "--seed", "1"], capture_output=True, text=True, timeout=300, check=False)

    assert done.returncode == 0, done.stdout[-6000:] + done.stderr[-2000:]
    assert "nothing found" in done.stdout


def test_the_example_keeps_its_document():
    """With its own guard, envelope and handlers: nothing is found, and nothing has to be set apart."""
    command = [sys.executable, "-m", "mockserver", "check", str(TASKLY), "--strict", "--"]
    options = ["--max-examples", "10", "--seed", "1", "--no-color", "--suppress-health-check", "all"]

    done = subprocess.run([*command, *options], capture_output=True, text=True, timeout=600, check=False)

    assert done.returncode == 0, done.stdout[-6000:] + done.stderr[-2000:]
    assert "refuses with" not in done.stdout
    assert "8 selected / 8 total" in done.stdout
