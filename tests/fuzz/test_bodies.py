"""Whatever is sent as a body over a port is answered at once, and never by a failure of the mock."""

from __future__ import annotations

import http.client
import json
import time
from contextlib import suppress
from pathlib import Path

import pytest
from hypothesis import strategies as st

from tests.fuzz.conftest import Victim
from tests.fuzz.fuzzing import Edit, edits, finds, mutated_bytes, search

SECONDS = 5.0
"""For a body of a few hundred bytes, on a machine that is busy with other tests."""

MULTIPART = (
    b'--cut\r\nContent-Disposition: form-data; name="name"\r\n\r\nA\r\n'
    b'--cut\r\nContent-Disposition: form-data; name="tree"\r\nContent-Type: application/json\r\n\r\n{"value": 1}\r\n'
    b"--cut\r\nContent-Disposition: form-data; name=\"file\"; filename*=UTF-8''%C3%A4.png\r\nContent-Type: image/png"
    b"\r\n\r\n\x89PNG\r\n--cut--\r\n"
)
THING = (
    b'{"name": "A", "size": 1.5, "at": "2026-01-01T00:00:00Z", "tags": ["a", "b"], "tree": {"left": {"value": null}}}'
)
FORM = b"name=A&size=1.5&at=2026-01-01T00%3A00%3A00Z&tags=a&tags=b&tree[x]=x&tree[value]=1&kind=a&password=secret"
XML = (
    b'<?xml version="1.0" encoding="UTF-8"?><t:thing xmlns:t="urn:thing"><name>A &amp; B</name><size>1</size><tags>'
    b'<tags>a</tags><tags>b</tags></tags><tree><left><value/></left></tree><kind x="true"/></t:thing>'
)
YAML = (
    b'name: A\nsize: 1.5\nat: 2026-01-01T00:00:00Z\ntags: [a, "b"]\ntree: &t\n  left: {value: null}\nkind: {x: true}\n'
)
MIXED = b"--cut\r\nContent-Type: application/json\r\n\r\n" + THING + b"\r\n--cut--\r\n"
JSON_PATCH = (
    b'[{"op": "add", "path": "/tags", "value": ["c"]}, {"op": "copy", "from": "/tags/0", "path": "/name"},'
    b' {"op": "test", "path": "/tags/0", "value": "c"}]'
)
SAMPLES: list[tuple[str, str, bytes]] = [
    ("POST", "application/json", THING),
    ("POST", "application/json; charset=utf-8", b'{"kind": {"x": true}, "tree": {"more": [{}, {"a": "b"}]}}'),
    ("POST", "application/x-www-form-urlencoded", FORM),
    ("POST", "multipart/form-data; boundary=cut", MULTIPART),
    ("POST", "multipart/mixed; boundary=cut", MIXED),
    ("POST", "application/xml", XML),
    ("POST", "application/yaml", YAML),
    ("POST", "application/x-ndjson", THING + b'\n{"name": "B"}\n\n'),
    ("POST", "application/json-seq", b"\x1e" + THING + b'\n\x1e{"name": "B"}\n'),
    ("POST", "text/plain; charset=latin-1", b"gr\xfc\xdfe"),
    ("POST", "application/octet-stream", b"\x00\x01"),
    ("PATCH", "application/merge-patch+json", b'{"name": "B", "tree": {"value": null}, "tags": ["c"]}'),
    ("PATCH", "application/json-patch+json", JSON_PATCH),
]

Sent = tuple[str, bytes, bytes]


class Sender:
    """One client with one connection, as long as that is kept."""

    def __init__(self, victim: Victim) -> None:
        self._victim = victim
        self._connection = http.client.HTTPConnection("127.0.0.1", victim.port, timeout=20)

    def close(self) -> None:
        self._connection.close()

    def __call__(self, method: str, content_type: bytes, body: bytes) -> int:
        """The status of the answer, which came in time and tells nothing of the inside."""
        path = "/things" if method == "POST" else "/things/1"
        began = time.monotonic()
        answer = self._ask(method, path, body, {"Content-Type": content_type})
        told = answer.read()
        assert time.monotonic() - began < SECONDS, f"{time.monotonic() - began:.1f} s"
        assert answer.status < 500, told
        assert b"Traceback" not in told, told
        return answer.status

    def _ask(self, method: str, path: str, body: bytes, headers: dict[str, bytes]) -> http.client.HTTPResponse:
        for _ in range(2):
            with suppress(http.client.RemoteDisconnected, ConnectionError):
                self._connection.request(method, path, body, headers)
                return self._connection.getresponse()
            self._connection.close()
        raise AssertionError("the server closed the connection twice without an answer")


@pytest.fixture
def send(victim: Victim):
    """Sends a body; afterwards the server is well and said nothing of a failure."""
    sender = Sender(victim)
    yield sender
    sender.close()
    victim.is_well()


def test_the_bodies_that_are_mutated_are_taken(send):
    """Else nothing but the first look at them would be tried."""
    statuses = [send(method, kind.encode(), body) for method, kind, body in SAMPLES]

    assert [status for status in statuses if status >= 400] == []


@pytest.mark.parametrize("find", finds("bodies"), ids=lambda path: path.stem)
def test_bodies_found_before(send, find: Path):
    """Each once hung, ended or failed a reader. A line of JSON says how it is sent; the rest is the body."""
    head, _, body = find.read_bytes().partition(b"\n")
    told = json.loads(head)

    assert send(told["method"], told["content_type"].encode("latin-1"), body) < 500


def test_mutated_bodies(budget, victim, send, figures):
    """Of each media type: other bytes under the same name, and the same bytes under a slightly other name."""
    samples = st.sampled_from(SAMPLES)

    def check(change: tuple[tuple[str, str, bytes], list[Edit], list[Edit]]) -> None:
        (method, kind, body), todo, more = change
        name = mutated_bytes(kind.encode(), more).translate(None, b"\r\n\x00")
        figures.count(refused=send(method, name, mutated_bytes(body, todo)) >= 400)

    search(budget, st.tuples(samples, edits(5), st.just([]) | st.just([]) | edits(1)), check, batches=100)
