"""A check that is stopped."""

import os
import signal
import subprocess
import sys
import time
from pathlib import Path
from threading import Timer, get_ident

import pytest

from mockserver.contract.checking import run
from mockserver.contract.checking.started_process import INTERRUPTED, started_process

ROOT = Path(__file__).parents[2]
TOOL = """
import time
from mockserver.contract.checking.started_process import take_interrupts
take_interrupts()
time.sleep(30)
"""


def test_a_signal_to_the_check_alone_stops_the_tool(monkeypatch):
    """A job of a script has no terminal that sends it to both."""
    monkeypatch.setattr(run, "STOPPING", 0.1)
    monkeypatch.setattr(os, "tcgetpgrp", lambda _: -1)
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    timer = Timer(0.5, os.kill, (os.getpid(), signal.SIGINT))
    timer.start()

    try:
        code = run.tool_exit_code([sys.executable, "-c", TOOL])
    finally:
        timer.cancel()
        signal.signal(signal.SIGINT, before)

    assert code == INTERRUPTED


def test_a_signal_that_comes_before_the_start_is_over_leaves_no_process_behind(monkeypatch):
    """It is taken when whatever was started is sure to be ended."""
    born = []
    start = subprocess.Popen

    def interrupted_start(*arguments, **options):
        born.append(start(*arguments, **options))
        signal.pthread_kill(get_ident(), signal.SIGINT)
        return born[0]

    monkeypatch.setattr(subprocess, "Popen", interrupted_start)
    before = signal.signal(signal.SIGINT, signal.default_int_handler)

    try:
        with pytest.raises(KeyboardInterrupt), started_process([sys.executable, "-c", TOOL]):
            raise AssertionError("the block was entered")
    finally:
        signal.signal(signal.SIGINT, before)

    assert [process.returncode for process in born] == [-signal.SIGTERM]


def started_by(process: int) -> list[str]:
    """The command lines of the processes that this one started and that have not ended."""
    children = Path(f"/proc/{process}/task/{process}/children").read_text().split()
    return [Path(f"/proc/{child}/cmdline").read_text().replace("\0", " ") for child in children]


@pytest.mark.skipif(not Path("/proc/self/task").exists(), reason="only /proc tells which processes there are")
@pytest.mark.parametrize("awaited", ["mockserver serve", "schemathesis_tool"])
def test_a_check_that_is_stopped_while_its_processes_start_ends_with_one_line(tmp_path, awaited):
    """Ctrl-C of a terminal reaches all of them, while they import what they need."""
    command = [sys.executable, "-m", "mockserver", "check", "xqr", "--phases", "examples"]
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    with subprocess.Popen(
        command, cwd=tmp_path, env=environment, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True,
        start_new_session=True,
    ) as running:  # fmt: skip
        until = time.monotonic() + 60
        while not any(awaited in line for line in started_by(running.pid)) and time.monotonic() < until:
            time.sleep(0.02)
        os.killpg(running.pid, signal.SIGINT)

        said, _ = running.communicate(timeout=60)

    assert running.returncode == 2
    assert [line for line in said.splitlines() if line.strip()] in (
        ["mockserver: stopped before the check had ended"],
        ["mockserver: xqr: stopped before the first request"],
    )


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux ends the children of a process that is killed")
def test_a_process_whose_parent_is_killed_ends(tmp_path):
    """No mock goes on listening, and no requests go on to a server, when a check was killed."""
    module = "mockserver.contract.checking.started_process"
    script = (
        f"import sys; from {module} import started_process\n"
        "with started_process([sys.executable, '-c', 'import time; time.sleep(60)']) as process:\n"
        "    print(process.pid, flush=True)\n"
        "    process.wait()\n"
    )
    with subprocess.Popen(
        [sys.executable, "-c", script], env={**os.environ, "PYTHONPATH": str(ROOT)}, stdout=subprocess.PIPE, text=True
    ) as running:
        assert running.stdout is not None
        child = Path("/proc") / running.stdout.readline().strip()
        running.kill()

    until = time.monotonic() + 20
    while child.exists() and "\nState:\tZ" not in (child / "status").read_text() and time.monotonic() < until:
        time.sleep(0.02)
    assert not child.exists() or "\nState:\tZ" in (child / "status").read_text()
