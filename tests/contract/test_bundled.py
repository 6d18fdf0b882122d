"""Schemathesis over the bundled APIs: every check, every phase, through `mockserver check` and a real port.

One check differs, for one API: Vivoldi documents that it refuses invalid data at HTTP 200 with a `code` other than 0.
Its `negative_data_rejection` gives way to a check that looks into that envelope as well:
`mockserver/contract/checking/envelope_check.py`.
"""

import re
import subprocess
import sys

import pytest

PHASES = ("Examples", "Coverage", "Fuzzing", "Stateful")
REQUESTS = re.compile(r"operations, ([\d,]+) requests, nothing found")

# Enough examples per operation for at least 300 requests to an API; chance is fixed, so that a failure comes back.
EXAMPLES = {"xqr": 10, "botsubscription": 10, "vivoldi": 10, "spotzee": 10}


@pytest.mark.parametrize("api", EXAMPLES)
def test_the_mock_keeps_its_document(api):
    """Schemathesis sends at least 300 requests to the API and finds nothing, the stateful phase included."""
    command = [sys.executable, "-m", "mockserver", "check", api, "--"]
    options = ["--max-examples", str(EXAMPLES[api]), "--seed", "1", "--no-color", "--suppress-health-check", "all"]

    done = subprocess.run([*command, *options], capture_output=True, text=True, timeout=600, check=False)

    found = REQUESTS.search(done.stdout)
    assert done.returncode == 0, done.stdout[-6000:] + done.stderr[-2000:]
    assert found, done.stdout[-3000:]
    assert int(found[1].replace(",", "")) >= 300
    assert [phase for phase in PHASES if f"{phase} (in " not in done.stdout] == []
