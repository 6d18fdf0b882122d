"""Answers in other media types than JSON are held against their schemas as well."""

from __future__ import annotations

import gzip
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import httpx
import pytest

from tests.proxy.conftest import RawUpstream, RunningProxy, Script, Talk, answering, proxying

DOCUMENT = """
openapi: 3.2.0
info: {title: media, version: "1"}
paths:
  /it:
    get:
      operationId: readIt
      responses:
        "200":
          description: It.
          content:
            application/xml: {schema: {$ref: "#/components/schemas/It"}}
            application/x-www-form-urlencoded: {schema: {$ref: "#/components/schemas/It"}}
            application/yaml: {schema: {$ref: "#/components/schemas/It"}}
            multipart/form-data: {schema: {$ref: "#/components/schemas/It"}}
            multipart/x-mixed-replace: {schema: {$ref: "#/components/schemas/It"}}
            application/x-ndjson: {itemSchema: {$ref: "#/components/schemas/It"}}
            application/jsonl: {schema: {$ref: "#/components/schemas/It"}}
            text/plain: {schema: {type: integer}}
            multipart/mixed: {schema: {type: string}}
            multipart/byteranges: {schema: {type: string, format: binary}}
components:
  schemas:
    It:
      type: object
      xml: {name: it}
      required: [id]
      properties: {id: {type: integer}, tags: {type: array, items: {type: string}, xml: {wrapped: true}}}
"""
PARTS = b'--b\r\nContent-Disposition: form-data; name="id"\r\n\r\n%b\r\n--b--\r\n'
GOOD: dict[str, bytes] = {
    "application/xml": b"<it><id>7</id><tags><tags>a</tags></tags></it>",
    "application/x-www-form-urlencoded": b"id=7&tags=a&tags=b",
    "application/yaml": b"id: 7\ntags: [a]\n",
    "multipart/form-data; boundary=b": PARTS % b"7",
    "application/x-ndjson": b'{"id": 7}\n{"id": 8}\n',
    "application/jsonl": b'{"id": 7}\n{"id": 8}\n',
    "text/plain": b"42",
    "multipart/mixed; boundary=b": PARTS % b"7",
    "multipart/byteranges; boundary=b": b"--b\r\nContent-Range: bytes 0-0/9\r\n\r\n\xff\r\n--b--\r\n",
    "application/xml; charset=iso-8859-1": b"<it><id>7</id><tags><tags>\xe9</tags></tags></it>",
}
BAD: dict[str, tuple[bytes, str]] = {
    "application/xml": (b"<it><id>x</id></it>", "response/id: expected an integer, got a string"),
    "application/x-www-form-urlencoded": (b"tags=a", "response/id: is required"),
    "application/yaml": (b"id: x\n", "response/id: expected an integer, got a string"),
    "multipart/form-data; boundary=b": (PARTS % b"x", "response/id: expected an integer, got a string"),
    "text/plain": (b"x", "response: expected an integer, got a string"),
    "text/xml": (b"<it/>", "response: text/xml is not declared"),
    "application/xml ": (b"<it><id>7</id>", "response: the body is no XML: "),
}

Begin = Callable[..., RunningProxy]


@pytest.fixture
def begin(tmp_path: Path) -> Iterator[Begin]:
    """Starts a proxy of the document in front of an upstream with this script."""
    (tmp_path / "media.yaml").write_text(DOCUMENT)
    opened: list[object] = []

    def start(script: Script, **options: bool) -> RunningProxy:
        upstream = RawUpstream(script)
        running = proxying(tmp_path / "media.yaml", upstream.root, **options)
        opened.extend((upstream.end, running))
        return running.__enter__()

    yield start
    end, running = opened
    running.__exit__(None, None, None)  # type: ignore[attr-defined]
    end()  # type: ignore[operator]


@pytest.mark.parametrize("media_type", GOOD)
def test_what_keeps_its_schema_passes_in_silence(begin: Begin, media_type: str) -> None:
    """Also in a content coding, and with --errors."""
    lines = b"Content-Type: " + media_type.encode(), b"Content-Encoding: gzip"
    proxy = begin(answering(gzip.compress(GOOD[media_type]), *lines), errors=True)

    answer = httpx.get(f"{proxy.root}/it")

    assert (answer.status_code, answer.content) == (200, GOOD[media_type])
    assert "Mock-Violation" not in answer.headers
    assert (proxy.journal[0].broken, proxy.journal[0].assumptions) == ((), ())


@pytest.mark.parametrize("errors", [False, True])
@pytest.mark.parametrize("media_type", BAD)
def test_what_breaks_its_schema_is_told(begin: Begin, media_type: str, errors: bool) -> None:
    """In the header, or by a 502."""
    content, said = BAD[media_type]
    proxy = begin(answering(content, b"Content-Type: " + media_type.strip().encode()), errors=errors)

    answer = httpx.get(f"{proxy.root}/it")

    assert said in answer.headers["Mock-Violation"]
    assert (answer.status_code, answer.content == content) == ((502, False) if errors else (200, True))


@pytest.mark.parametrize(
    ("media_type", "content", "said"),
    [
        ("application/xml", b"<!DOCTYPE it><it><id>x</id></it>", "it has a document"),
        ("application/yaml", b"# long\n" * 40_000, "The YAML has 280 000 bytes"),
        ("text/plain", b"4\xff", "its bytes are not"),
        ("application/xml", "<!DOCTYPE it><it><id>x</id></it>".encode("utf-16"), "it has a document"),
        ("application/xml", b"<it><id>" + b"<a>" * 150 + b"</a>" * 150 + b"</id></it>", "nested deeper than"),
        ("application/xml; charset=nosuch", b"<it><id>7</id></it>", "unknown encoding"),
        ("application/yaml; charset=nosuch", b"id: 7\n", "the charset 'nosuch' is not known"),
        (
            "multipart/form-data; boundary=b",
            (PARTS % b"7").replace(b"--b--", (PARTS % b"7")[:-7] * 1_000 + b"--b--"),
            "it has more",
        ),
    ],
)
def test_what_is_not_read_passes_and_is_told(begin: Begin, media_type: str, content: bytes, said: str) -> None:
    """Nobody knows whether it keeps its schema."""
    proxy = begin(answering(content, b"Content-Type: " + media_type.encode()), errors=True)

    answer = httpx.get(f"{proxy.root}/it")

    assert (answer.status_code, answer.content, "Mock-Violation" in answer.headers) == (200, content, False)
    assert f"its body was not looked at: {said}" in proxy.journal[0].assumptions[0]


def test_pictures_without_end_are_passed_on_as_they_come(begin: Begin) -> None:
    """They are held against their media type alone, also with --errors."""

    def script(talk: Talk) -> None:
        head = b"Content-Type: multipart/x-mixed-replace; boundary=b\r\nTransfer-Encoding: chunked"
        talk.send(b"HTTP/1.1 200 OK\r\n" + head + b"\r\n\r\n5\r\n--b\r\n\r\n")
        is_read.wait(5)
        talk.close()

    is_read = threading.Event()
    proxy = begin(script, errors=True)

    with httpx.stream("GET", f"{proxy.root}/it") as answer:
        first = next(answer.iter_raw())
        is_read.set()

    assert first == b"--b\r\n"


@pytest.mark.parametrize("media_type", ["application/x-ndjson", "application/jsonl"])
def test_lines_are_passed_on_as_they_come(begin: Begin, media_type: str) -> None:
    """They may have no end; what is wrong with one is told in the journal, with its number."""

    def script(talk: Talk) -> None:
        talk.send(
            b"HTTP/1.1 200 OK\r\nContent-Type: " + media_type.encode() + b"\r\nTransfer-Encoding: chunked\r\n\r\n"
        )
        talk.send(b'a\r\n{"id": 7}\n\r\n')
        moments.append(time.monotonic())
        time.sleep(0.4)
        talk.send(b'c\r\n{"id": "x"}\n\r\n0\r\n\r\n')

    moments: list[float] = []
    proxy = begin(script, errors=True)

    with httpx.stream("GET", f"{proxy.root}/it") as answer:
        lines = answer.iter_lines()
        first = next(lines)
        waited = time.monotonic() - moments[0]
        rest = [*lines]

    assert (answer.status_code, first, rest) == (200, '{"id": 7}', ['{"id": "x"}'])
    assert waited < 0.4
    assert list(map(str, proxy.journal[0].broken)) == ["response/1/id: expected an integer, got a string"]
