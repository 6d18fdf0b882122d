"""Whatever bytes come over a connection: it is answered or closed, others are served, and only what arrived is kept."""

from __future__ import annotations

import json
import re
import socket
from collections import Counter
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

import httpx
import pytest
from hypothesis import strategies as st

from tests.fuzz.conftest import Victim
from tests.fuzz.fuzzing import HOSTILE_BYTES, Edit, edits, finds, mutated_bytes, search

HEAD = b"POST /things HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n"
FIRST, SECOND = b'{"name": "first"}', b'{"name": "second"}'
CHUNKED = HEAD + b"Transfer-Encoding: chunked\r\n\r\n"
WHOLE = CHUNKED + b"11\r\n" + FIRST + b"\r\n0\r\n\r\n"
ABSOLUTE = HEAD.replace(b" /things", b" http://localhost/things")
SAMPLES = [
    HEAD + b"Content-Length: 17\r\n\r\n" + FIRST,
    WHOLE,
    CHUNKED + b"5\r\n" + FIRST[:5] + b"\r\nc;a=b\r\n" + FIRST[5:] + b"\r\n0\r\nX: y\r\n\r\n",
    HEAD + b"Expect: 100-continue\r\nContent-Length: 17\r\n\r\n" + FIRST,
    HEAD + b"Content-Length: 17\r\n\r\n" + FIRST + HEAD + b"Content-Length: 18\r\nConnection: close\r\n\r\n" + SECOND,
    WHOLE + HEAD + b"Content-Length: 18\r\n\r\n" + SECOND,
    ABSOLUTE + b"Content-Length: 17\r\n\r\n" + FIRST,
]
PIECES = [
    b"\r\n", b"\r\n\r\n", b"\n", b"\r", b"\x00", b"\xff", b" ", b"\t", b":", b";", b",", b"0\r\n\r\n", b"11\r\n",
    b"0x11\r\n", b"+11\r\n", b"-1\r\n", b"8000000000000000\r\n", b"ffffffffffffffffff\r\n", b"0011\r\n",
    b"Transfer-Encoding: chunked\r\n", b"Transfer-Encoding: gzip, chunked\r\n", b"Transfer-Encoding: identity\r\n",
    b"Transfer-Encoding : chunked\r\n", b"Content-Length: 17\r\n", b"Content-Length: 3\r\n",
    b"Content-Length: 17, 17\r\n", b"Content-Length: +17\r\n", b"Content-Length: 99999999999999999999\r\n",
    b"Content-Length: -1\r\n", b"Host: other\r\n", b"Connection: close\r\n",
    b"Connection: keep-alive, Upgrade\r\nUpgrade: h2c\r\n", b"Expect: 100-continue\r\n", b"Expect: the best\r\n",
    b"X:" + b"x" * 70_000 + b"\r\n", b" folded\r\n", b"Content-Encoding: gzip\r\n", b"HTTP/1.0", b"HTTP/0.9",
    b"HTTP/2.0", b"GET / HTTP/1.1\r\nHost: a\r\n\r\n", b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", FIRST, *HOSTILE_BYTES,
]  # fmt: skip
STATUS = re.compile(rb"HTTP/1\.1 (\d{3}) ")
NOT_SPOKEN = {501, 505}
"""Statuses above 499 that say what is wrong with the request."""


def announced(sent: bytes) -> Counter[str]:
    """The bodies that arrived as their heads announced, by a second reader that takes any head: how often each."""
    found = Counter[str]()
    while split := re.match(rb"[\r\n]*(.+?)\r?\n\r?\n", sent, re.DOTALL):
        sent = sent[split.end() :]
        lengths = {*re.findall(rb"(?im)^content-length\s*:\s*(\S+)\s*$", split[1])}
        is_chunked = re.search(rb"(?im)^transfer-encoding\s*:.*chunked\s*$", split[1]) is not None
        if not is_chunked and (len(lengths) > 1 or any(not length.isdigit() for length in lengths)):
            break
        body = _chunked(sent) if is_chunked else _counted(sent, int(max(lengths, default=b"0")))
        if body is None:
            break
        content, sent = body
        found[_text(content)] += 1
    return found


def _counted(sent: bytes, size: int) -> tuple[bytes, bytes] | None:
    """A body of so many bytes, and what follows; None: not all of it arrived."""
    return (sent[:size], sent[size:]) if len(sent) >= size else None


def _chunked(sent: bytes) -> tuple[bytes, bytes] | None:
    """A body in chunks with its trailers, and what follows; None: not all of it arrived, or it is wrong."""
    content = b""
    while line := re.match(rb"([0-9A-Fa-f]{1,15})[ \t]*(;[^\r\n]*)?\r\n", sent):
        size, sent = int(line[1], 16), sent[line.end() :]
        if not size:
            end = re.match(rb"([^\r\n:]+:[^\r\n]*\r\n)*\r\n", sent)
            return (content, sent[end.end() :]) if end else None
        if sent[size : size + 2] != b"\r\n":
            return None
        content, sent = content + sent[:size], sent[size + 2 :]
    return None


def _text(body: bytes) -> str:
    """The same text for a body and for the record that it made."""
    try:
        value = json.loads(body)
    except ValueError:
        return ""
    return (
        json.dumps({name: value[name] for name in value if name != "id"}, sort_keys=True)
        if isinstance(value, dict)
        else ""
    )


class Attack:
    """Sends bytes in a world of their own, and knows which records they left there."""

    def __init__(self, victim: Victim) -> None:
        self._victim = victim
        self._client = httpx.Client(base_url=victim.root, timeout=20)

    def close(self) -> None:
        self._client.close()

    def __call__(self, sent: bytes, parts: int = 1) -> list[int]:
        """The statuses of what was answered. Raises AssertionError for what no server may do."""
        before = self._kept()
        answer = self._exchange(sent, parts)
        statuses = [int(found) for found in STATUS.findall(answer)]
        assert not answer or answer.startswith(b"HTTP/1.1 "), answer[:200]
        assert b"Traceback" not in answer
        assert [status for status in statuses if status >= 500 and status not in NOT_SPOKEN] == [], answer
        kept, arrived = self._kept() - before, announced(sent)
        assert kept.total() <= arrived.total(), f"{kept} was kept, though only {arrived} arrived"
        assert not ({text for text in kept if "name" in text} - arrived.keys()), f"{kept} was kept of {arrived}"
        assert self._client.get("/__admin/health").status_code == 200
        return statuses

    def _exchange(self, sent: bytes, parts: int) -> bytes:
        answer = b""
        with socket.create_connection(("127.0.0.1", self._victim.port), timeout=20) as connection:
            connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            with suppress(OSError):
                size = len(sent) // parts + 1
                for start in range(0, len(sent), size):
                    connection.sendall(sent[start : start + size])
                connection.shutdown(socket.SHUT_WR)
            with suppress(OSError):
                while part := connection.recv(65536):
                    answer += part
        return answer

    def _kept(self) -> Counter[str]:
        records = self._client.get("/__admin/state/bodies/things", params={"limit": 1000}).json()["records"]
        if len(records) > 500:
            self._client.post("/__admin/reset")
            return self._kept()
        return Counter(_text(json.dumps(record).encode()) for record in records)


@pytest.fixture
def attack(victim: Victim) -> Iterator[Attack]:
    """Sends bytes; afterwards the server is well and said nothing of a failure."""
    made = Attack(victim)
    yield made
    made.close()
    victim.is_well()


@pytest.mark.parametrize("sent", SAMPLES)
def test_the_requests_that_are_mutated_are_taken(attack, sent):
    """Else nothing but the refusal would be tried."""
    assert {*attack(sent)} <= {100, 201}


@pytest.mark.parametrize("find", finds("sockets"), ids=lambda path: path.stem)
def test_bytes_found_before(attack, find: Path):
    """Each was once applied though it had not arrived, or hung or killed the server."""
    for parts in (1, 3):
        attack(find.read_bytes(), parts)


def test_mutated_framing(budget, attack, figures):
    """Heads, lengths, chunks, what follows; in one piece or in several."""

    def check(change: tuple[bytes, list[Edit], int]) -> None:
        sample, todo, parts = change
        statuses = attack(mutated_bytes(sample, todo, PIECES), parts)
        figures.count(refused=not statuses or max(statuses) >= 400)

    search(budget, st.tuples(st.sampled_from(SAMPLES), edits(4), st.integers(1, 3)), check, batches=20)
