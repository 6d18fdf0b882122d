"""What a document's answers and requests are on the wire, of a server as its users start it."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest

from tests.conftest import free_port, wait_for

HERE = Path(__file__).parent
YAML, FORM = "application/yaml", "application/x-www-form-urlencoded"


@pytest.fixture(scope="module")
def root() -> Iterator[str]:
    """The address of the document beside this file."""
    port = free_port()
    command = [sys.executable, "-m", "mockserver", "serve", str(HERE / "wire.yaml"), "--port", str(port)]
    process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True, env={**os.environ, "PYTHONUNBUFFERED": "1"})
    address = f"http://127.0.0.1:{port}"
    try:
        wait_for(f"{address}/__admin/health", process)
        yield address
    finally:
        process.terminate()
        process.communicate(timeout=20)


@pytest.fixture
def api(root: str) -> Iterator[httpx.Client]:
    """A client of it; whatever the test did, it did to a world that begins anew."""
    with httpx.Client(base_url=root, timeout=30) as client:
        client.post("/__admin/reset")
        yield client


# Written


@pytest.mark.parametrize(
    ("path", "content"),
    [
        ("/events/items", b'data: {"n":0}\n\n' * 3),
        ("/events/typed", b"event: tick\nid: 7\nretry: 100\ndata: one\ndata: two\n\ndata: [1]\n\n"),
        ("/events/whole", b'data: {"n":1}\n\n'),
        ("/events/list", b'data: {"n":1}\n\ndata: plain\n\n'),
        ("/events/text", b"data: string\n\n"),
        ("/events/written", b": hello\n\ndata: 1\n\n"),
    ],
)
def test_events_are_sent_as_such(api: httpx.Client, path: str, content: bytes) -> None:
    """One for each item, with what it says as JSON; an item with an event's own fields is the event; a stream that is
    written out stays as it is.
    """
    answer = api.get(path)

    assert (answer.status_code, answer.headers["Content-Type"], answer.content) == (200, "text/event-stream", content)
    assert "Mock-Violation" not in answer.headers


@pytest.mark.parametrize(
    ("media_type", "content"),
    [
        (YAML, b"name: 'no'\nversion: \"1e3\"\nsize: 7\ntags:\n- \"0o7\"\n- ''\n- null\n"),
        ("text/yaml", b"name: as it is\n"),
        ("application/x-yaml", b"name: string\n"),
        ("application/vnd.a+yaml", b"name: string\n"),
        ("application/jsonl", b'{"n":0}\n' * 3),
        ("application/x-ndjson", b'{"n":1}\n'),
        ("application/json-seq", b'\x1e{"n":1}\n\x1enull\n'),
    ],
)
def test_an_answer_is_in_the_media_type_that_was_asked_for(api: httpx.Client, media_type: str, content: bytes) -> None:
    """YAML that 1.1 and 1.2 read alike; a line for each item, marked in a sequence of JSON texts."""
    answer = api.get("/written", headers={"Accept": media_type})

    assert (answer.headers["Content-Type"], answer.content) == (media_type, content)
    assert "Mock-Violation" not in answer.headers


@pytest.mark.parametrize(
    ("path", "sent", "says"),
    [
        ("/snowman", "application/json", None),
        ("/snowmen", "application/json", "1; response: application/json is not declared; declared: ?/*"),
        ("/sound", "audio/mpeg", None),
    ],
)
def test_a_media_type_that_no_header_can_name_breaks_nothing(
    api: httpx.Client, path: str, sent: str, says: str | None
) -> None:
    """Another that is declared is sent, else JSON, and why."""
    answer = api.get(path)

    assert (answer.status_code, answer.headers["Content-Type"]) == (200, sent)
    assert answer.headers.get("Mock-Violation") == says


# Read


@pytest.mark.parametrize(
    ("content", "status", "says"),
    [
        ("name: n\nsize: 7\n", 201, ""),
        ('{"name": "n"}', 201, ""),
        ("a: &x {name: n}\n<<: *x\n", 201, ""),
        ("size: 7\n", 422, "body/name: is required"),
        ("name: 7\n", 422, "body/name: expected a string, got an integer"),
        ("name: no\nsize: !!python/name:os.system x\n", 400, "line 2: has the tag"),
        ("name: [", 400, "The body is no YAML: line 2: while parsing a flow node"),
        ("name: n\nname: m\n", 400, "a mapping in it has a key twice"),
        ("- " * 300 + "a", 400, "is nested more than 200 deep"),
        ("--- a\n--- b\n", 400, "a second document begins here"),
        ("", 400, "A body is required"),
        ("a" * 300_000, 413, "The YAML has 300,000 bytes; at most 262,144 are read."),
    ],
)
def test_a_body_of_yaml_is_read(api: httpx.Client, content: str, status: int, says: str) -> None:
    """As YAML 1.2 has it, within limits; and held against its schema like any other."""
    answer = api.post("/notes", content=content.encode(), headers={"Content-Type": YAML, "Accept": "application/json"})

    assert answer.status_code == status
    assert says in answer.json().get("detail", "")


def test_what_was_sent_as_yaml_is_remembered(api: httpx.Client) -> None:
    """And read as JSON or as YAML."""
    made = api.post("/notes", content=b"name: Zo\xc3\xab\nsize: 7\n", headers={"Content-Type": "text/yaml"})

    path = made.headers["Location"]
    read, listed = api.get(path, headers={"Accept": YAML}), api.get("/notes")

    assert {**made.json(), "name": "Zoë", "size": 7} == made.json() == listed.json()[-1]
    assert read.content == f"id: {made.json()['id']}\nname: Zoë\nsize: 7\ndone: false\n".encode()


@pytest.mark.parametrize(
    ("fields", "status"),
    [(10_000, 201), (10_001, 400), (300_000, 400)],
)
def test_a_form_has_no_more_fields_than_can_be_read(api: httpx.Client, fields: int, status: int) -> None:
    """What costs seconds is refused before it is looked at."""
    content = "&".join(["name=n", *(f"x{number}=1" for number in range(fields - 1))])

    answer = api.post("/notes", content=content, headers={"Content-Type": FORM})

    assert answer.status_code == status
    if status == 400:
        assert answer.json()["detail"] == "The body is no form: it has more than 10,000 fields, the most that are read."


# Remembered


@pytest.mark.parametrize(("length", "is_told"), [(200, True), (9000, False)])
def test_only_an_address_that_can_be_asked_for_is_a_location(api: httpx.Client, length: int, is_told: bool) -> None:
    """An id that its client chose may be longer than any server takes."""
    made = api.post("/tags", json={"slug": "s" * length})

    assert (made.status_code, len(made.json()["slug"])) == (201, length)
    assert ("Location" in made.headers) is is_told


def test_headers_say_what_is_remembered(api: httpx.Client) -> None:
    """Those that are about the record or the page; the others are made of their schemas."""
    made = api.post("/notes", json={"name": "n"})
    first = api.get("/notes", params={"page": 1, "per_page": 2})
    last = api.get("/notes", params={"page": 2, "per_page": 2})

    assert api.get(made.headers["Location"]).json() == made.json()
    assert api.get(made.headers["Location"]).headers["ETag"] == made.headers["ETag"]
    names = ("X-Total-Count", "X-Page", "X-Per-Page", "X-Total-Pages", "X-Next-Page", "X-RateLimit-Limit")
    assert [first.headers[name] for name in names] == ["4", "1", "2", "2", "2", "60"]
    assert [last.headers[name] for name in names] == ["4", "2", "2", "2", "", "60"]
    assert 'rel="next"' in first.headers["Link"]
    assert all("Mock-Violation" not in answer.headers for answer in (made, first, last))


def test_an_action_sets_what_it_is_called_otherwise(api: httpx.Client) -> None:
    """`complete` makes a note `done`, and `reopen` takes that back."""
    path = api.post("/notes", json={"name": "n"}).headers["Location"]
    seen = []

    for action in ("complete", "reopen"):
        answer = api.post(f"{path}/{action}")
        seen.append((answer.status_code, api.get(path).json()["done"]))

    assert seen == [(200, True), (200, False)]


def test_the_methods_of_a_path_are_told_with_head(api: httpx.Client) -> None:
    """Which is answered wherever GET is."""
    wrong = api.put("/notes")

    assert (wrong.status_code, wrong.headers["Allow"]) == (405, "GET, HEAD, POST")
    assert api.head("/notes").status_code == 200


# Preferred


@pytest.mark.parametrize(
    ("path", "code", "body"),
    [
        ("/errors", 404, {"title": "Not Found", "status": 404, "detail": "No such thing.", "code": "not-found"}),
        ("/errors", 500, {"error": {"code": 500, "message": "Internal Server Error", "at": "string"}}),
        ("/errors", 420, {"status": 420, "message": "Status 420"}),
        ("/errors", 409, {"status": 400, "message": "An example."}),
        ("/errors", 400, {"status": "error", "code": 10042}),
        ("/errors", 200, {"status": 0, "message": "string"}),
    ],
)
def test_an_error_that_is_preferred_says_its_status(api: httpx.Client, path: str, code: int, body: object) -> None:
    """Where its schema has a place for it and nothing better; an example stays as it is."""
    answer = api.get(path, headers={"Prefer": f"code={code}"})

    assert (answer.status_code, json.loads(answer.content)) == (code, body)
