"""The wheel holds all that serving needs."""

import json
import os
import subprocess
import sys
from pathlib import Path
from urllib.request import Request, urlopen
from zipfile import ZipFile

from tests.conftest import free_port, wait_for

ROOT = Path(__file__).parent.parent
CREDENTIAL = "Bearer xqr_pk_a1b2c3d4." + "x" * 64
SUMMER = "d47f2e1a-8c3b-4a5d-9e6f-1234567890ab"


def run(*command: object, cwd: Path) -> str:
    """What the command printed; its failure is the test's."""
    done = subprocess.run(
        [str(part) for part in command], cwd=cwd, capture_output=True, text=True, timeout=300, check=False
    )
    assert done.returncode == 0, done.stdout[-2000:] + done.stderr[-2000:]
    return done.stdout


def test_the_wheel_serves_from_an_empty_environment_elsewhere(tmp_path):
    """Built, installed where there is no checkout, and started: the bundled APIs answer with their fixtures."""
    env = {name: value for name, value in os.environ.items() if not name.startswith(("PYTHON", "VIRTUAL_ENV"))}
    run(
        sys.executable,
        "-m",
        "pip",
        "wheel",
        "-q",
        "--no-deps",
        "--no-build-isolation",
        "-w",
        tmp_path,
        ROOT,
        cwd=tmp_path,
    )
    wheel = next(tmp_path.glob("mockserver-*.whl"))
    files = {Path(name).name: name for name in ZipFile(wheel).namelist()}
    assert {"py.typed", "__init__.pyi", "pytest_plugin.py"} <= files.keys()
    assert b"[pytest11]\nmockserver = mockserver.pytest_plugin" in ZipFile(wheel).read(files["entry_points.txt"])
    run(sys.executable, "-m", "venv", tmp_path / "venv", cwd=tmp_path)
    python = tmp_path / "venv" / "bin" / "python"
    pip = [python, "-m", "pip", "install", "-q", "--disable-pip-version-check"]
    run(*pip, "--require-hashes", "-r", ROOT / "constraints" / "serve.txt", cwd=tmp_path)
    run(*pip, "--no-deps", wheel, cwd=tmp_path)

    port = free_port()
    command = [tmp_path / "venv" / "bin" / "mockserver", "serve", "--port", str(port)]
    process = subprocess.Popen(command, cwd=tmp_path, stdout=subprocess.PIPE, text=True, env=env)
    try:
        wait_for(f"http://127.0.0.1:{port}/__admin/health", process)
        request = Request(f"http://127.0.0.1:{port}/xqr/api/v1/links/{SUMMER}", headers={"Authorization": CREDENTIAL})
        with urlopen(request, timeout=10) as response:
            link = json.load(response)["data"]
    finally:
        process.terminate()
        process.communicate(timeout=20)

    assert link["short_code"] == "summer24"


def test_serving_installs_nothing_that_only_checking_needs():
    """Schemathesis, Hypothesis and pytest are no requirement of the server."""
    pinned = (ROOT / "constraints" / "serve.txt").read_text()

    names = {line.partition("==")[0] for line in pinned.splitlines() if "==" in line}

    assert not names & {"schemathesis", "hypothesis", "pytest", "httpx"}
