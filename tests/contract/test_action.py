"""action.yml, the action of this repository: its shell steps are run as GitHub would run them."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from socket import socket
from threading import Thread
from time import monotonic
from typing import Any, ClassVar

import pytest
import yaml

from tests.contract.broken_app import DOCUMENT, KEY, tracking

ROOT = Path(__file__).parents[2]
ACTION = yaml.safe_load((ROOT / "action.yml").read_text())
STEPS = {step["name"]: step for step in ACTION["runs"]["steps"]}
CHEAP = "--operation\ncreateTicket\n--phases\nexamples,coverage"


@pytest.fixture
def runner(tmp_path: Path) -> dict[str, str]:
    """The environment that a runner gives, with the command of this checkout on its path."""
    command = tmp_path / "bin" / "mockserver"
    command.parent.mkdir()
    command.write_text(f'#!/bin/sh\nPYTHONPATH={ROOT} exec {sys.executable} -m mockserver "$@"\n')
    command.chmod(0o755)
    files = {name: str(tmp_path / name) for name in ("GITHUB_OUTPUT", "GITHUB_STEP_SUMMARY", "GITHUB_PATH")}
    return {
        **os.environ,
        **files,
        "RUNNER_TEMP": str(tmp_path / "temp"),
        "GITHUB_ACTION_PATH": str(ROOT),
        "PATH": f"{command.parent}:{Path(sys.executable).parent}:{os.environ['PATH']}",
    }


def run(name: str, runner: dict[str, str], values: dict[str, str]) -> subprocess.CompletedProcess[str]:
    """A step with these inputs and other values of its expressions, ended."""
    inputs = {key: str(each.get("default", "")) for key, each in ACTION["inputs"].items()}
    variables = {key: expanded(str(text), inputs | values) for key, text in STEPS[name].get("env", {}).items()}
    return subprocess.run(
        ["bash", "--noprofile", "--norc", "-e", "-o", "pipefail", "-c", STEPS[name]["run"]],
        env={**runner, **variables},
        cwd=Path(runner["GITHUB_OUTPUT"]).parent,
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )


def expanded(text: str, inputs: dict[str, str]) -> str:
    """The text with the values of `${{ inputs.name }}`; other expressions go by their whole text."""
    return re.sub(r"\$\{\{ (?:inputs\.)?([^ ]+) \}\}", lambda found: inputs[found[1]], text)


@pytest.mark.parametrize(("bug", "code"), [("wrong-type", 1), ("", 0)])
def test_a_server_is_checked(runner, bug, code):
    """The exit code is that of the check, and the summary is that of the job; all reports are there."""
    with tracking(*filter(None, [bug])) as url:
        given = {"document": str(DOCUMENT), "url": url, "headers": f"X-Api-Key: {KEY}", "seed": "1"}
        done = run("Check", runner, {**given, "arguments": CHEAP})

    outputs = dict(line.split("=", 1) for line in Path(runner["GITHUB_OUTPUT"]).read_text().splitlines())
    summary = Path(runner["GITHUB_STEP_SUMMARY"]).read_text()
    assert done.returncode == code, done.stdout[-3000:] + done.stderr
    assert outputs["exit-code"] == str(code)
    assert ("Response violates schema" in summary) is bool(bug), summary[:2000]
    assert {file.name for file in Path(outputs["reports"]).iterdir()} == {
        "summary.md",
        "report.html",
        "report.json",
        "junit.xml",
    }
    assert KEY not in summary


def test_what_cannot_be_checked_is_an_exit_code_of_its_own(runner):
    """Nobody answers at the address; nothing of an input is a command."""
    done = run("Check", runner, {"document": "$(touch made).yaml", "url": "http://127.0.0.1:1", "wait": "1"})

    assert done.returncode == 2
    assert "::warning::Nobody answered at the url after 1 seconds; `wait` is 1." in done.stdout
    assert "exit-code=2" in Path(runner["GITHUB_OUTPUT"]).read_text()
    assert not (Path(runner["GITHUB_OUTPUT"]).parent / "made").exists()


def test_the_wait_is_in_seconds_by_the_clock(runner):
    """A server that takes connections and says nothing does not make a try longer than what is left of it."""
    with socket() as silent:
        silent.bind(("127.0.0.1", 0))
        silent.listen()
        begun = monotonic()
        done = run(
            "Check",
            runner,
            {"document": "none.yaml", "url": f"http://127.0.0.1:{silent.getsockname()[1]}", "wait": "2"},
        )

    assert "::warning::Nobody answered at the url after" in done.stdout
    assert monotonic() - begun < 15


def test_a_wait_that_is_no_number_is_an_error(runner):
    """Nothing is checked then."""
    done = run("Check", runner, {"document": "none.yaml", "url": "http://127.0.0.1:1", "wait": "1m"})

    assert (done.returncode, done.stdout) == (2, "::error::wait: expected a whole number of seconds\n")


def test_the_action_is_what_github_takes():
    """Inputs and outputs are described, scripts have a shell, and no input is written into a script."""
    scripts = [step for step in ACTION["runs"]["steps"] if "run" in step]

    assert ACTION["runs"]["using"] == "composite"
    assert all(each["description"] for each in (*ACTION["inputs"].values(), *ACTION["outputs"].values()))
    assert [step["name"] for step in scripts if step["shell"] != "bash" or "${{" in step["run"]] == []
    assert len(scripts) == 3


@pytest.mark.parametrize("job", ["server", "mock"])
def test_the_example_uses_inputs_that_there_are(job):
    """Those of examples/ci/check.yml."""
    workflow = yaml.safe_load((ROOT / "examples" / "ci" / "check.yml").read_text())
    [given] = [step["with"] for step in workflow["jobs"][job]["steps"] if "mockserver" in step.get("uses", "")]

    assert given.keys() <= ACTION["inputs"].keys()
    assert {name for name, each in ACTION["inputs"].items() if each.get("required")} <= given.keys()


class GitHub(BaseHTTPRequestHandler):
    """The comments of one pull request, as GitHub's API has them."""

    comments: ClassVar[list[dict[str, Any]]]
    status = 200

    def do_GET(self) -> None:
        self.answer(self.comments)

    def do_POST(self) -> None:
        self.comments.append({"id": len(self.comments) + 1, "user": {"type": "Bot"}, **self.given()})
        self.answer(self.comments[-1])

    def do_PATCH(self) -> None:
        changed = self.comments[int(self.path.rpartition("/")[2]) - 1]
        changed.update(self.given())
        self.answer(changed)

    def given(self) -> Any:
        return json.loads(self.rfile.read(int(self.headers["Content-Length"])))

    def answer(self, value: object) -> None:
        self.send_response(self.status if self.headers["Authorization"] == "Bearer t0ken" else 401)
        self.end_headers()
        self.wfile.write(json.dumps(value).encode())

    def log_message(self, *_: object) -> None:
        """Nothing."""


@pytest.fixture
def github() -> Iterator[tuple[str, type[GitHub]]]:
    """The address of the API, and what is there."""
    state = type("State", (GitHub,), {"comments": [{"id": 1, "user": {"type": "User"}, "body": "Nice!"}]})
    server = ThreadingHTTPServer(("127.0.0.1", 0), state)
    thread = Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}", state
    server.shutdown()
    thread.join()
    server.server_close()


def comment(runner: dict[str, str], url: str, **inputs: str) -> subprocess.CompletedProcess[str]:
    """The step that comments."""
    values = {
        "github-token": "t0ken",
        "github.event.pull_request.number": "7",
        "steps.check.outputs.reports": str(Path(runner["GITHUB_OUTPUT"]).parent),
    }
    environ = {**runner, "GITHUB_API_URL": url, "GITHUB_REPOSITORY": "octo/shop"}
    return run("Comment on the pull request", environ, {**values, **inputs})


def test_the_summary_is_one_comment_that_later_runs_change(runner, github, tmp_path):
    """A check of another name has a comment of its own; those of others stay."""
    url, state = github
    for text in ("first", "second"):
        (tmp_path / "summary.md").write_text(text)
        assert comment(runner, url).returncode == 0
    comment(runner, url, name="mock-check")

    assert [each["body"].splitlines()[-1] for each in state.comments] == ["Nice!", "second", "second"]


def test_a_comment_that_is_not_allowed_is_a_warning(runner, github, tmp_path):
    """As for the pull request of a fork."""
    (tmp_path / "summary.md").write_text("text")

    done = comment(runner, github[0], **{"github-token": "none"})

    assert done.returncode == 0
    assert done.stdout.startswith(
        "::warning::The check could not be commented on the pull request: GitHub answers 401."
    )
