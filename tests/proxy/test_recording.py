"""What `--record` writes, and that a mock replays it."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import httpx
import pytest

from mockserver.problem import Unusable
from mockserver.proxy.recording.session_replay import ReplayOutcome
from mockserver.server import running
from tests.proxy.conftest import PETS, RawUpstream, RunningProxy, Talk, as_json, proxying

Session = list[tuple[str, str, Any]]
SESSION: Session = [
    ("GET", "/v1/pets", None),
    ("GET", "/v1/pets/12", None),
    ("POST", "/v1/pets", {"name": "Rex", "tag": "dog"}),
    ("POST", "/v1/pets", {"name": "Rex", "tag": "dog"}),
    ("GET", "/v1/pets/712", None),
    ("GET", "/v1/pets", None),
    ("DELETE", "/v1/pets/12", None),
    ("GET", "/v1/pets/12", None),
    ("GET", "/v1/pets/5000", None),
    ("POST", "/v1/pets", {"name": ""}),
    ("POST", "/v1/pets", {"tag": "dog"}),
    ("GET", "/v1/pets/712", None),
]


class Shelter:
    """A server of pets, whose ids are no row of numbers, and which refuses pets without a name by 409."""

    def __init__(self) -> None:
        self.pets = {12: {"id": 12, "name": "Max"}, 5: {"id": 5, "name": "Mia", "tag": "cat"}}
        self._ids = iter((712, 713, 9001))

    def __call__(self, talk: Talk) -> None:
        status, body = self.answer(talk)
        as_json(b"" if body is None else json.dumps(body).encode(), b"%d Some" % status)(talk)

    def answer(self, talk: Talk) -> tuple[int, Any]:
        method, path = talk.line.decode().split(" ")[:2]
        own = re.fullmatch(r"/v1/pets/(\d+)", path)
        if own is None and method == "GET":
            return 200, [*self.pets.values()]
        if own is None:
            sent = json.loads(talk.body)
            if not sent.get("name"):
                return (409, {"error": "a pet has a name"}) if "name" in sent else (400, {"error": "name is missing"})
            number = next(self._ids)
            self.pets[number] = {"id": number, **sent}
            return 201, self.pets[number]
        number = int(own[1])
        if number not in self.pets:
            return 404, {"error": "no such pet"}
        if method == "DELETE":
            del self.pets[number]
            return 204, None
        return 200, self.pets[number]


def _played(root: str, session: Session, headers: dict[str, str] | None = None) -> list[tuple[int, Any]]:
    with httpx.Client(base_url=root, headers=headers, timeout=30) as client:
        answers = [client.request(method, path, json=body) for method, path, body in session]
    return [(one.status_code, one.json() if one.content else None) for one in answers]


def _recorded(folder: Path, script: Callable[[Talk], None], session: Session, **options: Any) -> list[tuple[int, Any]]:
    upstream = RawUpstream(script)
    try:
        with proxying(PETS, upstream.root, record=str(folder)) as proxy:
            return _played(proxy.root, session, **options)
    finally:
        upstream.end()


def test_a_recorded_session_replays(tmp_path):
    """The same requests have the same statuses and bodies: ids, what was made and deleted, refusals. The text of a 404
    is the mock's own, where the same request was answered otherwise before.
    """
    seen = _recorded(tmp_path / "seen", Shelter(), SESSION)

    with running(tmp_path / "seen") as mock:
        replayed = _played(mock.root, SESSION)

    assert [status for status, _ in seen] == [200, 200, 201, 201, 200, 200, 204, 404, 404, 409, 400, 200]
    assert [status for status, _ in replayed] == [status for status, _ in seen]
    assert [body for status, body in replayed if status != 404] == [body for status, body in seen if status != 404]


def test_what_was_deleted_was_there(tmp_path):
    """Though nobody had read it."""
    session: Session = [("DELETE", "/v1/pets/5", None), ("DELETE", "/v1/pets/5", None)]

    seen = _recorded(tmp_path / "seen", Shelter(), session)
    with running(tmp_path / "seen") as mock:
        replayed = _played(mock.root, session)

    assert [status for status, _ in seen] == [204, 404]
    assert [status for status, _ in replayed] == [204, 404]


def test_the_overlay_alone_answers_what_the_document_did_not_declare(tmp_path):
    """For who has the document already."""
    _recorded(tmp_path / "seen", Shelter(), SESSION)

    with running(PETS, overlays=[tmp_path / "seen" / "overlay.yaml"]) as mock:
        answer = httpx.post(f"{mock.root}/v1/pets", json={"name": ""})

    assert (answer.status_code, answer.json()) == (409, {"error": "a pet has a name"})


def test_secrets_are_not_written(tmp_path):
    """Neither those of headers nor those of bodies; a masked request is still known again."""

    def script(talk: Talk) -> None:
        as_json(b'{"id": 7, "name": "Max", "api_key": "k3y-0123456789abcdef"}', b"201 Created")(talk)

    session = [("POST", "/v1/pets", {"name": "Max", "password": "hunter2hunter2"})]
    _recorded(tmp_path / "seen", script, session, headers={"Authorization": "Bearer t0k3n-0123456789abcdef"})

    written = "".join(file.read_text() for file in (tmp_path / "seen").iterdir())
    with running(tmp_path / "seen") as mock:
        replayed = _played(mock.root, session)

    for secret in ("hunter2hunter2", "k3y-0123456789abcdef", "t0k3n-0123456789abcdef"):
        assert secret not in written
    assert (replayed[0][0], replayed[0][1]["id"]) == (201, 7)


def test_nothing_is_recorded_of_answers_that_are_not_the_upstreams(tmp_path):
    """Failures of the upstream leave no example."""

    def script(talk: Talk) -> None:
        talk.send(b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: 900\r\n\r\n{}")
        talk.close()

    seen = _recorded(tmp_path / "seen", script, [("GET", "/v1/pets/1", None)])

    assert seen[0][0] == 502
    assert "recorded-" not in (tmp_path / "seen" / "overlay.yaml").read_text()
    assert json.loads((tmp_path / "seen" / "records.yaml").read_text()) == {}


def test_a_folder_with_other_files_is_not_written_into(tmp_path):
    """What is there was made by somebody."""
    (tmp_path / "openapi.yaml").write_text("mine")

    with (
        pytest.raises(Unusable, match="files that were not recorded"),
        proxying(PETS, "http://127.0.0.1:9", record=str(tmp_path)),
    ):
        pass
    assert (tmp_path / "openapi.yaml").read_text() == "mine"


def test_a_recording_of_a_server_that_breaks_its_document_has_no_errors(tmp_path):
    """What it took and gave is still there, as a warning."""

    def script(talk: Talk) -> None:
        as_json(b'{"id": "seven", "name": 7}', b"201 Created")(talk)

    _recorded(tmp_path / "seen", script, [("POST", "/v1/pets", {"name": 7}), ("GET", "/v1/pets?limit=x", None)])

    command = [sys.executable, "-m", "mockserver", "lint", str(tmp_path / "seen")]
    done = subprocess.run(command, capture_output=True, text=True, check=False, timeout=60)

    assert done.returncode == 0
    assert "warning: breaks its schema: /id: expected an integer, got a string" in done.stdout + done.stderr
    assert "error: " not in done.stdout + done.stderr


def test_what_cannot_be_replayed_is_listed_without_secrets(tmp_path):
    """Also a session whose every exchange broke the document; a session that kept it has no such list."""
    script, secret = as_json(b'{"id": 7, "name": "Max", "token": 5}', b"200 OK"), "t0k3n-0123456789abcdef"
    requests: Session = [("POST", "/v1/pets", {"name": "Max"})] * 2 + [("GET", f"/v1/none?token={secret}", None)]

    _recorded(tmp_path / "broken", script, requests)
    _recorded(tmp_path / "kept", Shelter(), SESSION[:3])

    written = [json.loads((tmp_path / name / "openapi.yaml").read_text()) for name in ("broken", "kept")]
    assert [(one["request"], one["status"], one["times"]) for one in written[0]["x-not-replayed"]] == [
        ("POST /pets", 200, 2), ("GET /v1/none", 200, 1),
    ]  # fmt: skip
    assert "x-not-replayed" not in written[1]
    assert secret not in (tmp_path / "broken" / "overlay.yaml").read_text()


def _outcome(proxy: RunningProxy) -> ReplayOutcome:
    """What the replay at the end has shown."""
    assert proxy.parts.recorder is not None
    assert proxy.parts.recorder.outcome is not None
    return proxy.parts.recorder.outcome


class Filing(Shelter):
    """A shelter that lists by a filter of its own."""

    def answer(self, talk: Talk) -> tuple[int, Any]:
        target = talk.line.decode().split(" ")[1]
        if "filter=" in target:
            return 200, [pet for pet in self.pets.values() if pet.get("tag") == "cat"]
        return super().answer(talk)


FILED: Session = [
    ("GET", "/v1/pets", None),
    ("GET", "/v1/pets?filter=tag+is+cat", None),
    ("GET", "/v1/pets?filter=tag+is+cat", None),
    ("POST", "/v1/pets", {"name": "Rex", "password": "hunter2hunter2"}),
    ("GET", "/v1/pets/712", None),
    ("DELETE", "/v1/pets/712", None),
    ("GET", "/v1/pets/712", None),
]


def test_the_end_of_a_recording_says_what_a_mock_of_it_answers_otherwise(tmp_path):
    """It plays the session again: also what kept the document is listed, and what is refused alike is not."""
    upstream = RawUpstream(Filing())
    with proxying(PETS, upstream.root, record=str(tmp_path / "seen")) as proxy:
        seen = _played(proxy.root, FILED)
    upstream.end()
    with running(tmp_path / "seen") as mock:
        replayed = _played(mock.root, FILED)

    outcome = _outcome(proxy)
    unlike = [number for number, (one, other) in enumerate(zip(seen, replayed, strict=True)) if one != other]
    listed = json.loads((tmp_path / "seen" / "openapi.yaml").read_text())["x-not-replayed"]
    assert (outcome.seen, outcome.played, len(outcome.differing)) == (7, 7, 2)
    assert unlike == [1, 2, 6]  # The text of a 404 is the mock's own.
    assert [(one["request"], one["times"]) for one in listed] == [("GET /pets", 2)]
    assert listed[0]["because"].startswith("the mock's body differs at /0/id")
    assert "hunter2" not in json.dumps(listed)


def test_worlds_and_long_sessions_are_played_again(tmp_path, monkeypatch):
    """Each exchange in its world; those beyond the bound are counted, and told where they broke the document."""
    monkeypatch.setattr("mockserver.proxy.recording.session_replay.MOST_REPLAYED", 3)
    upstream = RawUpstream(Shelter())
    with proxying(PETS, upstream.root, record=str(tmp_path / "seen")) as proxy:
        for path in ("/~one/v1/pets/12", "/~two/v1/pets", "/v1/pets/5", "/v1/pets?limit=none"):
            httpx.get(f"{proxy.root}{path}").raise_for_status()
    upstream.end()

    outcome = _outcome(proxy)
    assert (outcome.seen, outcome.played, outcome.differing) == (4, 3, ())
    [listed] = json.loads((tmp_path / "seen" / "openapi.yaml").read_text())["x-not-replayed"]
    assert listed["because"].startswith("query/limit: ")


@pytest.mark.parametrize(
    "overlay",
    ['{"overlay": "1.0.0", "info": {"title": "Mine", "version": "1"}, "actions": []}', "overlay: 1.0.0\n", "[]"],
)
def test_an_overlay_that_was_not_recorded_is_not_replaced(tmp_path, overlay):
    """Though it has the name of one that was."""
    (tmp_path / "overlay.yaml").write_text(overlay)

    with (
        pytest.raises(Unusable, match=r"files that were not recorded \(overlay.yaml\)"),
        proxying(PETS, "http://127.0.0.1:9", record=str(tmp_path)),
    ):
        pass
    assert (tmp_path / "overlay.yaml").read_text() == overlay


def test_other_files_beside_a_recording_are_told(tmp_path):
    """A recording into which somebody put files of their own is not written anew."""
    with proxying(PETS, "http://127.0.0.1:9", record=str(tmp_path)):
        pass
    (tmp_path / "01-case.yaml").write_text("mine")

    with (
        pytest.raises(Unusable, match=r"files that were not recorded \(01-case.yaml\)"),
        proxying(PETS, "http://127.0.0.1:9", record=str(tmp_path)),
    ):
        pass


def test_two_proxies_do_not_record_into_one_folder(tmp_path):
    """The second is refused, and the folder is free again after the first."""
    upstream = "http://127.0.0.1:9"

    with (
        proxying(PETS, upstream, record=str(tmp_path)),
        pytest.raises(Unusable, match="another proxy records into it"),
        proxying(PETS, upstream, record=str(tmp_path)),
    ):
        pass
    with proxying(PETS, upstream, record=str(tmp_path)):
        names = {file.name for file in tmp_path.iterdir()}

    assert names == {"overlay.yaml", "openapi.yaml", "records.yaml"}


def test_what_a_killed_proxy_left_half_written_goes_away(tmp_path):
    """It does not make the folder one of other files."""
    (tmp_path / ".mockserver-unfinished.0123456789abcdef").write_text('{"overlay"')

    with proxying(PETS, "http://127.0.0.1:9", record=str(tmp_path)):
        names = {file.name for file in tmp_path.iterdir()}

    assert names == {"overlay.yaml", "openapi.yaml", "records.yaml"}


def test_bodies_that_wait_to_be_recorded_are_bounded(tmp_path, monkeypatch, caplog):
    """Those beyond are left out, and the log says how many."""
    monkeypatch.setattr("mockserver.proxy.recording.recorder.MOST_WAITING_BYTES", 3)
    upstream = RawUpstream(as_json(b"[]"))

    with proxying(PETS, upstream.root, record=str(tmp_path)) as proxy:
        for _ in range(3):
            httpx.get(f"{proxy.root}/v1/pets")
    upstream.end()

    assert "exchanges came too fast to be recorded" in caplog.text
