"""Public clients of WireMock run their own examples against the mock; they are installed into a folder that goes."""

import json
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from mockserver.server import Options, running

HERE = Path(__file__).parent
PYTHON_CLIENT, NODE_CLIENTS = "wiremock==2.7.0", ("wiremock-captain@3.6.0", "wiremock-rest-client@1.11.0")


@pytest.fixture
def root() -> Iterator[str]:
    """A mock of greetings on a port."""
    with running(Options(apis=(str(HERE / "greetings.yaml"),))) as mock:
        yield mock.root


def install(*command: str, folder: Path) -> None:
    """Runs what installs a client; skips the test where the registry cannot be reached."""
    done = subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False, timeout=240)
    if done.returncode:
        pytest.skip(f"{' '.join(command[:3])} … failed, perhaps without a network: {done.stderr[-300:]}")


def run(*command: str, folder: Path) -> dict[str, object]:
    """What the client's examples print."""
    done = subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False, timeout=120)
    assert done.returncode == 0, done.stdout + done.stderr
    printed: dict[str, object] = json.loads(done.stdout.splitlines()[-1])
    return printed


def test_the_python_client_of_wiremock_runs_its_examples(root: str, tmp_path: Path) -> None:
    """Mappings, requests, near misses, settings and scenarios: nothing is missing, and every shape is read."""
    install(sys.executable, "-m", "venv", str(tmp_path / "venv"), folder=tmp_path)
    python = str(tmp_path / "venv/bin/python")
    install(python, "-m", "pip", "install", "-q", PYTHON_CLIENT, folder=tmp_path)

    seen = run(python, str(HERE / "wiremock_python.py"), root, folder=tmp_path)

    assert seen == {
        "mappings": [True],
        "mapping": "/hello",
        "updated": 1,
        "hello": "hi",
        "nowhere": 404,
        "received": [["GET", "/helo", 404], ["GET", "/hello", 200]],
        "total": 2,
        "request": "/hello",
        "count": 1,
        "found": ["/hello"],
        "unmatched": ["/helo"],
        "unmatched near": "GET",
        "near operation": "/greetings/hello",
        "near request": ["/hello", 0.5],
        "settings": True,
        "scenarios": True,
        "reset mappings": True,
        "left": 0,
        "deleted": True,
        "all deleted": True,
        "journal": True,
    }


def test_the_node_clients_of_wiremock_run_their_examples(root: str, tmp_path: Path) -> None:
    """wiremock-captain and wiremock-rest-client."""
    npm, node = shutil.which("npm"), shutil.which("node")
    if npm is None or node is None:
        pytest.skip("npm and node, with which the clients are installed and run, are not here")
    install(npm, "install", "--no-audit", "--no-fund", "--prefix", str(tmp_path), *NODE_CLIENTS, folder=tmp_path)
    shutil.copy(HERE / "wiremock_captain.cjs", tmp_path)

    seen = run(node, str(tmp_path / "wiremock_captain.cjs"), root, folder=tmp_path)

    assert seen == {
        "captain": {
            "mapped": True,
            "mappings": 1,
            "answer": {"goodbye": "world"},
            "body": {"hello": "world"},
            "all": 2,
            "unmatched": ["/nowhere"],
            "scenarios": [],
            "hello": "hi",
            "calls": 1,
            "left": 0,
        },
        "restClient": {
            "answer": {"hello": "world"},
            "mapping": True,
            "url": "/api/helloworld",
            "request": "/api/helloworld",
            "count": 1,
            "found": 1,
            "unmatched": 0,
            "misses": 0,
            "removed": 1,
        },
    }
