"""Schemathesis over the bundled APIs: every check, every phase, through `mockserver check` and a real port.

One check differs, for one API: Vivoldi documents that it refuses invalid data at HTTP 200 with a `code` other than 0.
Its `negative_data_rejection` gives way to a check that looks into that envelope as well:
`mockserver/contract/checking/envelope_check.py`.
"""

import json
import subprocess
import sys

import pytest

PHASES = ("Examples", "Coverage", "Fuzzing", "Stateful")

# Enough examples per operation for at least 300 cases an API; chance is fixed, so that a failure comes back.
EXAMPLES = {"xqr": 10, "botsubscription": 10, "vivoldi": 10, "spotzee": 10}


@pytest.mark.parametrize("api", EXAMPLES)
def test_the_mock_keeps_its_document(api, tmp_path):
    """At least 300 cases are generated for the API, and nothing is found, the stateful phase included."""
    report = tmp_path / "report.json"
    command = [sys.executable, "-m", "mockserver", "check", api, "--report", f"json={report}", "--"]
    options = ["--max-examples", str(EXAMPLES[api]), "--seed", "1", "--no-color", "--suppress-health-check", "all"]

    done = subprocess.run([*command, *options], capture_output=True, text=True, timeout=600, check=False)

    assert done.returncode == 0, done.stdout[-6000:] + done.stderr[-2000:]
    told = json.loads(report.read_text())
    run = told["apis"][0]
    assert (told["summary"], run["findings"], run["complete"]) == ("nothing found", [], True)
    assert run["generated"] >= 300
    assert [phase for phase in PHASES if f"{phase} (in " not in done.stdout] == []
