"""The examples for other languages, containers and workflows do what they show, against a mock on a port."""

import fcntl
import json
import os
import shutil
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml

from mockserver.server import running
from tests.conftest import free_port, wait_for
from tests.support import chromium

ROOT = Path(__file__).parent.parent.parent
EXAMPLES = ROOT / "examples"
TOKEN = "for-tests-only"


@pytest.fixture(scope="module")
def orders() -> Iterator[str]:
    """The address of a mock of examples/orders.yaml."""
    with running(EXAMPLES / "orders.yaml") as mock:
        yield mock.root


@pytest.fixture(scope="session")
def javascript(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A copy of examples/javascript with its packages, made once for all processes of the run."""
    if shutil.which("npm") is None:
        pytest.skip("npm is not installed")
    shared = tmp_path_factory.getbasetemp().parent / "javascript-of-examples"
    shared.mkdir(exist_ok=True)
    folder = shared / "examples" / "javascript"
    with (shared / "lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not (shared / "done").exists():
            shutil.copytree(EXAMPLES / "javascript", folder, ignore=shutil.ignore_patterns("node_modules", "build"))
            shutil.copy(EXAMPLES / "orders.yaml", shared / "examples")
            said = run(["npm", "install", "--no-audit", "--no-fund", "--ignore-scripts", "--loglevel=error"], folder)
            assert (folder / "node_modules" / "openapi-fetch").is_dir(), said
            (shared / "done").touch()
    return folder


def run(command: list[str], folder: Path, **env: str) -> str:
    """What the command printed; its failure is the test's."""
    path = f"{Path(sys.executable).parent}:{os.environ['PATH']}"
    done = subprocess.run(
        command,
        cwd=folder,
        env={**os.environ, "PATH": path, **env},
        capture_output=True,
        text=True,
        timeout=240,
        check=False,
    )
    assert done.returncode == 0, done.stdout[-4000:] + done.stderr[-2000:]
    return done.stdout


@pytest.mark.parametrize(("script", "tests"), [("test", 5), ("test:typed", 2), ("test:container", 1)])
def test_tests_in_javascript_pass(javascript, orders, script, tests):
    """With fetch alone, with a generated client, and with what a container would be."""
    said = run(["npm", "run", "--silent", script], javascript, MOCKSERVER_URL=orders)

    assert f"\n# pass {tests}\n" in said


def test_a_page_in_a_browser_calls_across_origins(javascript, orders):
    """The page comes from another port than the mock."""
    said = run(["npm", "run", "--silent", "test:browser"], javascript, MOCKSERVER_URL=orders, CHROMIUM=chromium())

    assert "\n# pass 2\n" in said


def test_a_pytest_suite_uses_a_mock_beside_it(orders):
    """The one that would start a container itself."""
    command = [sys.executable, "-m", "pytest", "-q", "-p", "no:randomly", "examples/containers"]

    said = run(command, ROOT, MOCKSERVER_URL=orders)

    assert "2 passed" in said


def test_a_service_of_a_workflow_answers_the_bundled_suite():
    """The steps of the job, against a mock that wants the token of the workflow."""
    job = workflow()["service"]
    given = {"MOCKSERVER_ADMIN_TOKEN": TOKEN}

    with running(admin_token=TOKEN) as mock:
        said = [run(["bash", "-ec", step], ROOT, MOCKSERVER_URL=mock.root, **given) for step in steps(job)]

    assert job["services"]["mockserver"]["env"] == given
    assert job["env"].items() >= given.items()
    assert len(said) == 1


def test_a_process_of_a_workflow_answers_the_suite_of_a_document(tmp_path):
    """All steps but the installation, on another port."""
    port = free_port()
    shown = [step for step in steps(workflow()["process"]) if not step.startswith("pip install")]
    elsewhere = {"orders.yaml >": f"orders.yaml --port {port} >", "mockserver.log": f"{tmp_path}/log"}
    script = "\n".join(["trap 'kill $(jobs -p)' EXIT", *shown])
    for written, meant in elsewhere.items():
        script = script.replace(written, meant)

    said = run(["bash", "-ec", script], ROOT, MOCKSERVER_URL=f"http://127.0.0.1:{port}")

    assert "\n# pass 5\n" in said


def workflow() -> dict[str, Any]:
    """The jobs of the workflow."""
    jobs: dict[str, Any] = yaml.safe_load((EXAMPLES / "ci" / "github-actions.yml").read_text())["jobs"]
    return jobs


def steps(job: dict[str, Any]) -> list[str]:
    """What the job runs, if nothing failed."""
    return [step["run"] for step in job["steps"] if "run" in step and "if" not in step]


def test_the_image_listens_where_its_environment_says_and_is_asked_there():
    """Its entry point and its health check, run here as an engine of containers would."""
    lines = (ROOT / "Dockerfile").read_text().replace("\\\n", " ").splitlines()
    entry = json.loads(next(line for line in lines if line.startswith("ENTRYPOINT")).partition(" ")[2])
    check = json.loads(next(line for line in lines if line.startswith("HEALTHCHECK")).partition("CMD ")[2])
    port = str(free_port())
    env = {**os.environ, "PATH": f"{Path(sys.executable).parent}:{os.environ['PATH']}", "PORT": port}

    process = subprocess.Popen([*entry, "xqr"], env=env, stdout=subprocess.PIPE, text=True)
    try:
        wait_for(f"http://127.0.0.1:{port}/__admin/health", process)
        healthy = subprocess.run(check, env=env, check=False).returncode
        process.send_signal(signal.SIGTERM)
        said, _ = process.communicate(timeout=20)
    finally:
        process.kill()

    assert (healthy, process.returncode) == (0, 0)
    assert f":{port}/xqr/api" in said
    assert "spotzee" not in said
