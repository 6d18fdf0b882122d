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
    """The environment that a runner gives, with the command of this checkout installed."""
    install(tmp_path, f'#!/bin/sh\nPYTHONPATH={ROOT} exec {sys.executable} -m mockserver "$@"\n')
    files = {name: str(tmp_path / name) for name in ("GITHUB_OUTPUT", "GITHUB_STEP_SUMMARY")}
    return {
        **os.environ,
        **files,
        "RUNNER_TEMP": str(tmp_path / "temp"),
        "GITHUB_ACTION_PATH": str(ROOT),
        "PATH": f"{Path(sys.executable).parent}:{os.environ['PATH']}",
    }


def install(folder: Path, text: str) -> None:
    """The text is the command, where the first step of the action installs it."""
    command = folder / "temp" / "mockserver" / "bin" / "mockserver"
    command.parent.mkdir(parents=True, exist_ok=True)
    command.write_text(text)
    command.chmod(0o755)


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


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ({"wait": "1m"}, "wait: expected a whole number of seconds"),
        ({"strict": "yes"}, "strict: expected true or false"),
        ({"document": ""}, "document: expected a file, a folder or the name of a bundled API"),
        ({"document": "--help"}, "document: expected a file, a folder or the name of a bundled API"),
    ],
)
def test_an_input_that_cannot_be_is_an_error(runner, given, said):
    """Nothing is checked then."""
    done = run("Check", runner, {"document": "none.yaml", "url": "http://127.0.0.1:1", **given})

    assert (done.returncode, done.stdout) == (2, f"::error::{said}\n")
    assert Path(runner["GITHUB_OUTPUT"]).read_text() == "exit-code=2\n"


TOLD = f"""#!{sys.executable}
import json, os, sys
print("::set-output name=exit-code::0")
print(json.dumps([sys.argv[1:], os.environ.get("MOCKSERVER_HEADERS")]))
"""
ODD = 'it\'s $(touch made) `touch made` "quoted"; touch made #'


@pytest.mark.parametrize("url", ["http://127.0.0.1:1/[v1]{a,b}", ""])
def test_inputs_are_handed_over_as_they_are(runner, tmp_path, url):
    """None is a command, and headers for a server stand on no command line; what the check prints is no command for the
    runner either.
    """
    install(tmp_path, TOLD)
    headers = f"Authorization: Bearer {ODD}\n  \nX-Key: a  b\n"
    given = {
        "document": f"{ODD}.yaml",
        "baseline": ODD,
        "seed": ODD,
        "arguments": f"--checks\n{ODD}",
        "name": "../a\nb=c",
    }

    done = run("Check", runner, {**given, "url": url, "headers": headers, "wait": "0"})

    *_, stop, command, told, go_on = done.stdout.splitlines()
    arguments, environment = json.loads(told)
    lines = [line for line in headers.splitlines() if line.strip()]
    assert arguments[:2] == ["check", f"{ODD}.yaml"]
    assert arguments[-2:] == (["--checks", ODD])
    assert [arguments[arguments.index(name) + 1] for name in ("--baseline", "--seed")] == [ODD, ODD]
    assert ([*(environment or "").splitlines()] == ["", *lines]) is bool(url)
    assert [arguments[at + 1] for at, text in enumerate(arguments) if text == "--header"] == ([] if url else lines)
    assert (command, stop) == ("::set-output name=exit-code::0", f"::stop-commands::{go_on.strip(':')}")
    assert len(go_on) == 36
    assert [line.split("=")[0] for line in Path(runner["GITHUB_OUTPUT"]).read_text().splitlines()] == [
        "exit-code",
        "reports",
    ]
    assert not (tmp_path / "made").exists()


def test_the_action_is_what_github_takes():
    """Inputs and outputs are described, scripts have a shell, no input is written into a script, and other actions are
    taken by their commit, as organisations may ask for.
    """
    scripts = [step for step in ACTION["runs"]["steps"] if "run" in step]

    assert ACTION["runs"]["using"] == "composite"
    assert all(each["description"] for each in (*ACTION["inputs"].values(), *ACTION["outputs"].values()))
    assert [step["name"] for step in scripts if step["shell"] != "bash" or "${{" in step["run"]] == []
    assert len(scripts) == 3
    used = [step["uses"] for step in ACTION["runs"]["steps"] if "uses" in step]
    assert [re.sub(r"@[0-9a-f]{40}$", "", each) for each in used] == ["actions/upload-artifact"]


def test_later_steps_of_the_job_have_the_python_that_they_had():
    """The environment that the action is installed into is on no path."""
    assert "GITHUB_PATH" not in (ROOT / "action.yml").read_text()


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

    def do_GET(self) -> None:
        if self.path == "/user":
            self.answer({"login": "ada"} if self.is_person else {"message": "no user"}, 200 if self.is_person else 403)
        else:
            self.answer(self.comments)

    def do_POST(self) -> None:
        user = {"type": "User", "login": "ada"} if self.is_person else {"type": "Bot", "login": "github-actions[bot]"}
        self.comments.append({"id": len(self.comments) + 1, "user": user, **self.given()})
        self.answer(self.comments[-1])

    def do_PATCH(self) -> None:
        changed = self.comments[int(self.path.rpartition("/")[2]) - 1]
        changed.update(self.given())
        self.answer(changed)

    def given(self) -> Any:
        return json.loads(self.rfile.read(int(self.headers["Content-Length"])))

    @property
    def is_person(self) -> bool:
        return self.headers["Authorization"] == "Bearer of-ada"

    def answer(self, value: object, status: int = 200) -> None:
        self.send_response(status if self.is_person or self.headers["Authorization"] == "Bearer t0ken" else 401)
        self.end_headers()
        self.wfile.write(json.dumps(value).encode())

    def log_message(self, *_: object) -> None:
        """Nothing."""


@pytest.fixture
def github() -> Iterator[tuple[str, type[GitHub]]]:
    """The address of the API, and what is there."""
    state = type("State", (GitHub,), {"comments": [{"id": 1, "user": None, "body": "Nice!"}]})
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


@pytest.mark.parametrize("token", ["t0ken", "of-ada"])
def test_the_summary_is_one_comment_that_later_runs_change(runner, github, tmp_path, token):
    """Of a job or of a person; a check of another name has a comment of its own; those of others stay."""
    url, state = github
    copied = {"id": 2, "user": {"type": "User", "login": "eve"}, "body": "<!-- mockserver check: mockserver-check -->"}
    state.comments.append(copied)
    for text in ("first", "second"):
        (tmp_path / "summary.md").write_text(text)
        assert comment(runner, url, **{"github-token": token}).returncode == 0
    comment(runner, url, name="mock--->check", **{"github-token": token})

    bodies = [each["body"].splitlines()[-1] for each in state.comments]
    assert bodies == ["Nice!", copied["body"], "second", "second"]
    assert state.comments[-1]["body"].startswith("<!-- mockserver check: mock->check -->\n")


def test_an_answer_that_is_not_github_s_is_a_warning(runner, tmp_path):
    """As of a proxy in between."""
    (tmp_path / "summary.md").write_text("text")

    with tracking() as url:
        done = comment(runner, url + "/..")

    assert done.returncode == 0
    assert done.stdout.startswith("::warning::The check could not be commented on the pull request: ")


def test_a_comment_that_is_not_allowed_is_a_warning(runner, github, tmp_path):
    """As for the pull request of a fork."""
    (tmp_path / "summary.md").write_text("text")

    done = comment(runner, github[0], **{"github-token": "none"})

    assert done.returncode == 0
    assert done.stdout.startswith(
        "::warning::The check could not be commented on the pull request: GitHub answers 401."
    )
