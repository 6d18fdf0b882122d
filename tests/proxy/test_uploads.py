"""Bodies of requests that are too large to be held against the document."""

from __future__ import annotations

import hashlib
import io
import socket
import tempfile
from collections.abc import Iterator
from typing import Any

import httpx
import pytest

from mockserver.proxy.kept_requests import KeptRequests
from tests.proxy.conftest import as_json, raw_exchange

MIB = 1024 * 1024
LARGE = 12 * MIB
PET = b'{"id": 1, "name": "Max"}'
SAID = "the request was not looked at: its body has more than 10 485 760 bytes"


def _parts(size: int) -> Iterator[bytes]:
    for number in range(size // 65536):
        yield number.to_bytes(4, "big") * 16384


def _digest(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()


@pytest.mark.parametrize(
    ("framing", "options"),
    [({"Content-Length": str(LARGE)}, {}), ({}, {"errors": True}), ({"Expect": "100-continue"}, {})],
)
def test_a_large_body_is_forwarded_and_not_looked_at(proxied, framing: dict[str, str], options: dict[str, Any]) -> None:
    """Byte by byte, with its length, also with --errors; the journal says that nobody looked at it."""
    proxy, upstream = proxied(as_json(PET, b"201 Created"), **options)

    answer = httpx.post(f"{proxy.root}/v1/pets", content=_parts(LARGE), headers=framing, timeout=60)

    [talk], [exchange] = upstream.talks, proxy.journal
    assert (answer.status_code, answer.content) == (201, PET)
    assert "Mock-Violation" not in answer.headers
    assert b"Content-Length: %d" % LARGE in talk.head.split(b"\r\n")
    assert _digest(talk.body) == _digest(b"".join(_parts(LARGE)))
    assert (exchange.assumptions, exchange.request.body) == ((f"pets.upstream={SAID}",), b"")


def test_the_next_request_is_answered_on_the_same_connections(proxied) -> None:
    """Both sides are read to the end of the body, and a connection that was closed meanwhile gets it once more."""
    proxy, upstream = proxied(as_json(PET))

    with httpx.Client(base_url=proxy.root, timeout=60) as client:
        client.get("/v1/pets/1")
        upstream.talks[0].connection.shutdown(socket.SHUT_RDWR)
        answers = [client.put("/v1/none", content=_parts(LARGE)), client.get("/v1/pets/1")]

    assert [one.content for one in answers] == [PET, PET]
    assert [len(talk.body) for talk in upstream.talks] == [0, LARGE, 0]


def test_bodies_beyond_what_is_forwarded_are_refused(proxied, monkeypatch: pytest.MonkeyPatch) -> None:
    """Announced or not, and where there is no room for them; the upstream is not asked."""
    monkeypatch.setattr(KeptRequests, "most", 11 * MIB)
    proxy, upstream = proxied(as_json(PET))
    head = b"POST /v1/pets HTTP/1.1\r\nHost: a\r\nExpect: 100-continue\r\nContent-Length: %d\r\n\r\n" % LARGE

    announced = raw_exchange(proxy.port, head)
    streamed = httpx.post(f"{proxy.root}/v1/pets", content=_parts(LARGE), timeout=60)
    monkeypatch.setattr(tempfile, "TemporaryFile", _no_room)
    unkept = httpx.post(f"{proxy.root}/v1/pets", content=_parts(LARGE - 2 * MIB + 65536), timeout=60)

    assert announced.startswith(b"HTTP/1.1 413 ")
    assert (streamed.status_code, "more than 11534336 bytes" in streamed.text) == (413, True)
    assert (unkept.status_code, "could not be kept in a temporary file: No space left" in unkept.text) == (507, True)
    assert upstream.talks == []


def test_a_disk_that_is_full_at_the_end_of_a_body_is_told(proxied, monkeypatch) -> None:
    """What was written last is not there: the upstream is not asked with a length that never comes."""
    proxy, upstream = proxied(as_json(PET))

    class Full(io.BytesIO):
        def flush(self) -> None:
            raise OSError(28, "No space left on device")

    monkeypatch.setattr(tempfile, "TemporaryFile", Full)
    unkept = httpx.post(f"{proxy.root}/v1/pets", content=_parts(LARGE), timeout=60)

    assert (unkept.status_code, "could not be kept in a temporary file: No space left" in unkept.text) == (507, True)
    assert upstream.talks == []


def _no_room(**_options: Any) -> None:
    raise OSError(28, "No space left on device")


def test_the_control_api_and_the_mock_take_no_uploads(proxied) -> None:
    """They have their own bound, which holds here as well."""
    proxy, _ = proxied(as_json(b"{}", b"501 Not Implemented"), fallback=frozenset({501}))

    control = httpx.post(f"{proxy.root}/__admin/mappings", content=_parts(LARGE), timeout=60)
    instead = httpx.post(f"{proxy.root}/v1/pets", content=_parts(LARGE), timeout=60)

    assert (control.status_code, instead.status_code) == (413, 400)  # The document declares 400.
    assert "10485760 bytes" in instead.json()["error"]
    assert "pets.fallback=" in instead.headers["Mock-Assumption"]
