"""Documents that are read again when they change."""

from __future__ import annotations

import itertools
import os
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import httpx
import pytest

from mockserver.server import Options, create_mock
from mockserver.server.mock import Mock, renew
from mockserver.server.watch import Watch
from tests.conftest import free_port, wait_for


def changed(file: Path, text: str) -> None:
    """The file has this text, and a time of its own."""
    before = file.stat().st_mtime_ns
    file.write_text(text)
    os.utime(file, ns=(before + 1_000_000, before + 1_000_000))


class Reading:
    """What reads anew, and says each time which files there are."""

    def __init__(self, answers: Iterator[tuple[Path, ...]]) -> None:
        self._answers = answers
        self.times = 0

    def __call__(self) -> tuple[Path, ...]:
        self.times += 1
        return next(self._answers)


@pytest.fixture
def files(tmp_path) -> tuple[Path, Path]:
    """Two files."""
    for name in ("one", "two"):
        (tmp_path / name).write_text(name)
    return tmp_path / "one", tmp_path / "two"


def test_a_change_counts_once_the_file_stays_as_it_is(files):
    """A file that is still being written is waited for."""
    reading = Reading(itertools.repeat(files[:1]))
    watch = Watch(files[:1], reading)

    for text in ("o", "on", "on", "on"):
        if files[0].read_text() != text:
            changed(files[0], text)
        watch.look()

    assert reading.times == 1


def test_the_files_that_are_watched_are_those_of_the_last_reading(files):
    """A document may refer to other files than before; one that could not be read is watched on."""
    reading = Reading(iter([files, (), ()]))
    watch = Watch(files[:1], reading)

    for file, text in ((files[0], "a"), (files[1], "b"), (files[0], "c")):
        changed(file, text)
        watch.look()
        watch.look()

    assert reading.times == 3


def test_that_a_file_is_gone_is_no_change_by_itself(files, caplog):
    """What was read of it is served on, and it is named; a change of another file counts, and so does its return."""
    reading = Reading(itertools.repeat(files))
    watch = Watch(files, reading)

    files[1].unlink()
    for _ in range(3):
        watch.look()
    alone, said = reading.times, caplog.text
    for change in (lambda: changed(files[0], "another"), lambda: files[1].write_text("back")):
        change()
        watch.look()
        watch.look()

    assert (alone, reading.times) == (0, 2)
    assert f"{files[1]}: gone" in said


def test_a_file_may_vanish_and_come_back(files):
    """As editors do it that write a new file in the place of the old one."""
    reading = Reading(itertools.repeat(files[:1]))
    watch = Watch(files[:1], reading)

    files[0].unlink()
    watch.look()
    files[0].write_text("another")
    watch.look()
    watch.look()

    assert reading.times == 1


ZOO = """
openapi: 3.1.0
info: {title: Zoo, version: "1"}
paths:
  /PATH:
    get:
      responses: {"200": {description: Fine., content: {application/json: {example: EXAMPLE, schema: {}}}}}
"""


def zoo(path: str, example: str) -> str:
    """A document with one path."""
    return ZOO.replace("PATH", path).replace("EXAMPLE", example)


@pytest.fixture
def served(tmp_path) -> Iterator[tuple[str, Path]]:
    """The address of a zoo served with `--watch`, and its file."""
    file, port = tmp_path / "zoo.yaml", free_port()
    file.write_text(zoo("animals", "one"))
    command = [sys.executable, "-m", "mockserver", "serve", str(file), "--watch", "--port", str(port)]
    with (tmp_path / "log").open("w") as log:
        process = subprocess.Popen(command, stdout=log, stderr=log, text=True)
    try:
        wait_for(f"http://127.0.0.1:{port}/__admin/health", process)
        yield f"http://127.0.0.1:{port}", file
    finally:
        process.terminate()
        process.wait(timeout=20)


def until(holds: Callable[[], bool]) -> None:
    """It holds within some seconds."""
    deadline = time.monotonic() + 10
    while not holds():
        assert time.monotonic() < deadline, "it did not come true in time"
        time.sleep(0.05)


def test_an_edit_is_served_and_a_broken_one_is_not(served):
    """The log says what happened; the journal goes on."""
    root, file = served
    log = file.with_name("log")
    before = httpx.get(f"{root}/animals").json()

    changed(file, zoo("animals", "two"))
    until(lambda: httpx.get(f"{root}/animals").json() == "two")
    changed(file, "openapi: [")
    until(lambda: "zoo is served as it was before: " in log.read_text())

    assert before == "one"
    assert httpx.get(f"{root}/animals").json() == "two"
    assert "zoo was read again" in log.read_text()
    assert len(httpx.get(f"{root}/__admin/requests").json()["requests"]) >= 3


SHOP = """
openapi: 3.1.0
info: {title: Shop, version: "1"}
paths: {COLLECTIONS}
"""
COLLECTION = """
  /NAME:
    get:
      responses:
        "200": {description: All., content: {application/json: {schema: {$ref: "#/components/schemas/Things"}}}}
    post:
      requestBody: {required: true, content: {application/json: {schema: {$ref: "#/components/schemas/Thing"}}}}
      responses:
        "201": {description: It., content: {application/json: {schema: {$ref: "#/components/schemas/Thing"}}}}
  /NAME/{id}:
    get:
      parameters: [{name: id, in: path, required: true, schema: {type: integer}}]
      responses:
        "200": {description: It., content: {application/json: {schema: {$ref: "#/components/schemas/Thing"}}}}
        "404": {description: Nothing.}
"""
SCHEMAS = """
components:
  schemas:
    Thing:
      type: object
      required: [id, name]
      properties: {id: {type: integer, readOnly: true}, name: {type: string}}
      example: EXAMPLE
    Things: {type: array, items: {$ref: "#/components/schemas/Thing"}}
"""


def shop(*names: str, example: str = "{id: 1, name: first}") -> str:
    """A document with a collection for each name."""
    paths = "".join(COLLECTION.replace("NAME", name) for name in names)
    return SHOP.replace(" {COLLECTIONS}", paths) + SCHEMAS.replace("EXAMPLE", example)


def bolts(folder: Path) -> tuple[Path, Options, Mock, httpx.Client]:
    """A shop of bolts: its file, how it is served, the mock and a client of it."""
    file = folder / "shop.yaml"
    file.write_text(shop("bolts"))
    options = Options(apis=(str(file),))
    mock = create_mock(options)
    client = httpx.Client(transport=httpx.WSGITransport(app=mock.app), base_url="http://127.0.0.1:4010")
    return file, options, mock, client


def test_what_was_remembered_survives_an_edit(tmp_path):
    """A collection that is new is there, and where nothing was written worlds follow the document."""
    file, options, mock, client = bolts(tmp_path)
    made = client.post("/bolts", json={"name": "mine"}).json()
    seen = client.get("/~other/bolts").json()

    file.write_text(shop("bolts", "nuts", example="{id: 1, name: second}"))
    renew(mock, "shop", options)

    assert seen[0]["name"] == "first"
    assert client.get(f"/bolts/{made['id']}").json() == made
    assert client.get("/nuts").json()[0]["name"] == "second"
    assert client.get("/~other/bolts").json()[0]["name"] == "second"


def test_what_was_remembered_survives_an_edit_after_a_fork_too(tmp_path):
    """A fork shares the records of its origin, which does not make them those that it began with."""
    _, options, mock, client = bolts(tmp_path)
    made = client.post("/bolts", json={"name": "mine"}).json()
    forked = mock.worlds["default"].fork("forked")

    before = mock.worlds.fixtures["shop"]
    renew(mock, "shop", options)
    forked.renew("shop", before, mock.worlds.fixtures["shop"])

    assert client.get(f"/bolts/{made['id']}").json() == made
    assert made in forked.of("shop")["bolts"].list()
