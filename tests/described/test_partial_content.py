"""Range requests: a part of an answer's bytes, where the document declares 206."""

from __future__ import annotations

import pytest

FILES = """
openapi: 3.0.3
info: {title: Files, version: "1"}
paths:
  /digits:
    get:
      responses:
        "200":
          description: All.
          headers: {Accept-Ranges: {schema: {type: string}}, ETag: {schema: {type: string}, example: '"v1"'}}
          content: {text/plain: {schema: {type: string}, example: "0123456789"}}
        "206":
          description: A part.
          headers: {Content-Range: {schema: {type: string}}}
          content: {text/plain: {schema: {type: string}}}
        "416": {description: No such part., content: {application/json: {example: {error: range}}}}
  /whole:
    get:
      responses:
        "200":
          description: All.
          headers: {Accept-Ranges: {schema: {type: string}}}
          content: {text/plain: {schema: {type: string}, example: "0123456789"}}
"""


@pytest.mark.parametrize(
    ("asked", "body", "told"),
    [
        ("bytes=2-4", b"234", "bytes 2-4/10"),
        ("bytes=7-", b"789", "bytes 7-9/10"),
        ("bytes=-3", b"789", "bytes 7-9/10"),
        ("bytes=-30", b"0123456789", "bytes 0-9/10"),
        ("bytes=8-900", b"89", "bytes 8-9/10"),
    ],
)
def test_a_part_is_answered(serve, asked, body, told):
    """With its place among all bytes."""
    client = serve(FILES)

    answer = client.get("/zoo/digits", headers={"Range": asked})

    assert (answer.status_code, answer.content, answer.headers["content-range"]) == (206, body, told)
    assert answer.headers["content-type"] == "text/plain"
    assert answer.headers["accept-ranges"] == "bytes"
    assert "mock-violation" not in answer.headers


@pytest.mark.parametrize("asked", ["bytes=10-", "bytes=-0"])
def test_a_part_that_is_not_there_is_refused(serve, asked):
    """As the document declares it, with the number of bytes that there are."""
    client = serve(FILES)

    answer = client.get("/zoo/digits", headers={"Range": asked})

    assert answer.status_code == 416
    assert answer.json() == {"error": f"The Range is '{asked}', and there are 10 bytes."}
    assert answer.headers["content-range"] == "bytes */10"


@pytest.mark.parametrize("asked", ["bytes=4-2", "bytes=0-1,3-4", "lines=1-2", "2-4"])
def test_a_range_that_is_not_understood_is_ignored(serve, asked):
    """All is answered, as HTTP allows."""
    client = serve(FILES)

    answer = client.get("/zoo/digits", headers={"Range": asked})

    assert (answer.status_code, answer.content) == (200, b"0123456789")


@pytest.mark.parametrize(("version", "status"), [('"v1"', 206), ('"v0"', 200), ("Thu, 01 Jan 1970 00:00:00 GMT", 200)])
def test_a_part_is_of_the_version_that_was_named(serve, version, status):
    """Another version is answered whole."""
    client = serve(FILES)

    answer = client.get("/zoo/digits", headers={"Range": "bytes=0-0", "If-Range": version})

    assert answer.status_code == status


def test_where_no_part_is_declared_there_is_none(serve):
    """And the header that a document declares without an example says so."""
    client = serve(FILES)

    answer = client.get("/zoo/whole", headers={"Range": "bytes=2-4"})

    assert (answer.status_code, answer.content) == (200, b"0123456789")
    assert answer.headers["accept-ranges"] == "none"
