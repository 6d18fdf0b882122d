"""The control API is described by a document like any other, and checked like any other."""

import os
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest

from tests.conftest import free_port, wait_for

TOKEN = "for-tests-only"
BEARER = {"Authorization": f"Bearer {TOKEN}"}
CONFIG = """
# Whether a record may be written is said by the document of its API, which the control API's own cannot repeat: it
# knows a record as an object. So these three may refuse what their document alone allows.
[[operations]]
include-operation-id = ["insertRecord", "putRecord", "patchRecord"]
checks.positive_data_acceptance.expected-statuses = ["2xx", "401", "403", "404", "409", "422"]

# Nor does it say which members of a fault or of a pattern go together, or what a regular expression is.
[[operations]]
include-operation-id = ["addFault", "putFault", "addMapping", "putMapping", "importMappings", "findMappings",
  "removeMappings", "removeMapping", "addNextAnswer", "putScenarioState"]
checks.positive_data_acceptance.expected-statuses = ["2xx", "401", "403", "404", "409", "422"]

# Nor can a document say that a moment in text lies between 1970 and 9000, or how much time is left until then.
[[operations]]
include-operation-id = ["freezeClock", "advanceClock"]
checks.positive_data_acceptance.expected-statuses = ["2xx", "401", "403", "422"]

# Nor which worlds, snapshots and credentials there are, or which records an export may have.
[[operations]]
include-operation-id = ["createWorld", "forkWorld", "bindCredentials", "importWorld"]
checks.positive_data_acceptance.expected-statuses = ["2xx", "400", "401", "403", "404", "409", "422", "503"]

# A stream lasts as long as it is asked to, and a verification waits so long; tests/control does both.
[[operations]]
include-operation-id = ["streamRequests"]
parameters = { seconds = 0 }

[[operations]]
include-operation-id = ["verifyRequests"]
parameters = { within = 0 }

# Nor which options an assumption has: that depends on which one it is.
[[operations]]
include-operation-id = ["chooseAssumption"]
checks.positive_data_acceptance.expected-statuses = ["2xx", "401", "403", "404", "409", "422"]

# Nor which matchers there are, and that a pattern has one address: that is WireMock's to say.
[[operations]]
include-operation-id = ["findRequests", "countRequests", "removeRequests", "nearMissesOfPattern", "verifyRequests"]
checks.positive_data_acceptance.expected-statuses = ["2xx", "401", "403", "409", "422", "503"]
"""


@pytest.fixture
def guarded() -> Iterator[str]:
    """The address of a server that wants a token, after some requests to its API."""
    root = f"http://127.0.0.1:{free_port()}"
    command = [sys.executable, "-m", "mockserver", "serve", "xqr", "--port", root.rpartition(":")[2]]
    environment = {**os.environ, "PYTHONUNBUFFERED": "1", "MOCKSERVER_ADMIN_TOKEN": TOKEN}
    process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, env=environment)
    try:
        wait_for(root + "/__admin/health", process)
        yield root
    finally:
        process.terminate()
        process.communicate(timeout=20)


def test_schemathesis_finds_nothing(guarded: str, tmp_path: Path) -> None:
    """All checks, all phases, positive and negative, with a token that is enforced and a journal that has entries."""
    api = httpx.get(f"{guarded}/~checked/__admin/apis", headers=BEARER).json()["apis"][0]
    for path in ("/v1/links", "/v1/links?limit=x", "/v1/nowhere") * 3:
        httpx.get(api["baseUrl"] + path, headers={api["credential"]["header"]: api["credential"]["value"]})
    (tmp_path / "schemathesis.toml").write_text(CONFIG)
    document = f"{guarded}/~checked/__admin/openapi.json"
    token = ["--header", f"Authorization: Bearer {TOKEN}"]
    whole = ["--checks", "all", "--phases", "examples,coverage,fuzzing,stateful", "--mode", "all"]

    checked = subprocess.run(
        [sys.executable, "-m", "schemathesis.cli", "run", document, *token, *whole, "--seed", "1", "-n", "20"],
        cwd=tmp_path,
        capture_output=True,
        text=True,
        check=False,
        timeout=300,
        env={**os.environ, "NO_COLOR": "1"},
    )

    found = re.search(r"(\d+) generated, (\d+) passed", checked.stdout)
    assert checked.returncode == 0, checked.stdout + checked.stderr
    assert found is not None
    assert int(found[1]) == int(found[2]) >= 300
