"""Worlds in a SQLite file, over restarts and kills of real processes."""

import json
import signal
import subprocess
import sys
from contextlib import contextmanager
from pathlib import Path

import httpx
import pytest

from tests.conftest import free_port, wait_for
from tests.receiver import Answer

ROOT = Path(__file__).parent.parent.parent


@contextmanager
def served(*arguments, port):
    """`mockserver serve` with these arguments, until the end of the block, which may have ended it."""
    process = subprocess.Popen(
        [sys.executable, "-m", "mockserver", "serve", *arguments, "--port", str(port)],
        cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True,
    )  # fmt: skip
    try:
        wait_for(f"http://127.0.0.1:{port}/__admin/health", process)
        with httpx.Client(base_url=f"http://127.0.0.1:{port}") as client:
            yield process, client
    finally:
        if process.poll() is None:
            process.kill()
        process.communicate()


def exported(client):
    """All that is in the default world; the offset of a frozen clock follows the machine's."""
    found = client.get("/__admin/worlds/default/export").json()
    return {**found, "clock": found["clock"]["frozen"]}


@pytest.mark.parametrize("ending", [signal.SIGKILL, signal.SIGTERM], ids=["killed", "ended"])
def test_worlds_are_there_again_after_a_restart(document, tmp_path, ending):
    """Records, ids, the journal, the clock, faults, snapshots, other worlds."""
    arguments = (str(document), "--seeds", "0", "--store", f"sqlite:{tmp_path / 'worlds.db'}")
    port = free_port()
    with served(*arguments, port=port) as (process, client):
        for title in "abc":
            assert client.post("/tasks/tasks", json={"title": title}).status_code == 201
        client.delete("/tasks/tasks/2")
        client.post("/~other/tasks/tasks", json={"title": "elsewhere"})
        client.post("/__admin/worlds/default/snapshots", json={"name": "kept"})
        client.post("/__admin/clock/freeze", json={"at": "2030-01-01T00:00:00Z"})
        client.post("/__admin/faults", json={"operation": "getTask", "status": 503})
        before = exported(client)
        process.send_signal(ending)
        process.wait(20)

    with served(*arguments, port=free_port()) as (_, client):
        after = exported(client)
        numbers = [one["id"] for one in client.get("/__admin/requests").json()["requests"]]
        titles = [task["title"] for task in client.get("/tasks/tasks").json()]
        failed = client.get("/tasks/tasks/1").status_code
        made = client.post("/tasks/tasks", json={"title": "d"}).json()
        elsewhere = [task["title"] for task in client.get("/~other/tasks/tasks").json()]
        snapshots = client.get("/__admin/snapshots").json()["snapshots"]

    assert after == before
    assert numbers == [4, 3, 2, 1]
    assert (titles, failed, made["id"]) == (["a", "c"], 503, 4)
    assert (elsewhere, snapshots) == (["elsewhere"], [{"name": "kept"}])


def test_a_second_server_on_the_file_is_refused(document, tmp_path):
    """With the file and the process that has it, and exit status 2."""
    arguments = (str(document), "--store", f"sqlite:{tmp_path / 'worlds.db'}")
    with served(*arguments, port=free_port()) as (process, _):
        second = subprocess.run(
            [sys.executable, "-m", "mockserver", "serve", *arguments, "--port", "0"],
            cwd=ROOT, capture_output=True, text=True, timeout=60, check=False,
        )  # fmt: skip

    who = f"by process {process.pid}" if sys.platform.startswith("linux") else "elsewhere"
    assert second.returncode == 2
    assert f"{tmp_path / 'worlds.db'} is in use {who}" in second.stderr


def test_a_webhook_that_was_on_its_way_is_sent_after_a_restart(tmp_path, receiver):
    """By a server to which nobody has sent a request yet; its receiver may have had it before."""
    receiver.script(Answer(held=True))
    arguments = ("xqr", "--store", f"sqlite:{tmp_path / 'worlds.db'}")
    key = {"Authorization": "Bearer xqr_pk_a1b2c3d4." + "x" * 64}
    with served(*arguments, port=free_port()) as (process, client):
        hook = {"url": receiver.url, "events": ["link.created"]}
        assert client.post("/xqr/api/v1/webhooks", json=hook, headers=key).status_code == 201
        link = client.post("/xqr/api/v1/links", json={"url": "https://example.com"}, headers=key)
        assert link.status_code == 201, link.text
        receiver.wait(1)
        process.kill()
        process.wait(20)

    with served(*arguments, port=free_port()):
        receiver.wait(2)

    first, second = receiver.requests
    assert first.body == second.body
    assert first.headers["X-XQR-Delivery"] == second.headers["X-XQR-Delivery"] != ""
    assert json.loads(first.body)["event"] == "link.created"


def test_writers_that_are_killed_200_times_lose_nothing(document, tmp_path):
    """Every answered write is there, none is half there, none is there twice."""
    stores = [f"sqlite:{tmp_path / f'w{number}.db'}" for number in range(4)]

    done = subprocess.run(
        [
            sys.executable, "-m", "tests.replica.killed_writers", str(document), "200", "300", "20261128", *stores,
        ],
        cwd=ROOT, capture_output=True, text=True, timeout=360, check=False,
    )  # fmt: skip

    assert done.returncode == 0, done.stderr[-3000:]
    seen = json.loads(done.stdout.splitlines()[-1])
    assert (seen["rounds"], seen["wrong"]) == (200, [])
    assert seen["answered"] > 200


def test_the_start_tells_where_worlds_are_kept_and_how_many_are_there(document, tmp_path):
    """Before the line that says how to end it."""
    file = tmp_path / "worlds.db"
    said = []
    for _ in range(2):
        port = free_port()
        with served(str(document), "--store", f"sqlite:{file}", "--fail", "*=503", "--delay", "1", port=port) as (
            process,
            client,
        ):
            client.post("/~other/tasks/tasks", json={"title": "a"})
            process.send_signal(signal.SIGTERM)
            said.append(process.communicate(timeout=20)[0].splitlines())

    assert f"Worlds are kept in sqlite:{file}, durability normal; 0 are there already." in said[0]
    assert f"Worlds are kept in sqlite:{file}, durability normal; 1 is there already." in said[1]
    unmet = "--delay and --fail meet only worlds that begin from now on, or are reset."
    assert [unmet in lines for lines in said] == [False, True]
