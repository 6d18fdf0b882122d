"""Multipart bodies, read as their schemas and encodings have them."""

from __future__ import annotations

import pytest

from tests.engine.reading import NUMBER, PET, admit, body, contract, refused

MIXED = "multipart/form-data; boundary=cut"


def parts(*each: tuple[str, bytes] | tuple[str, bytes, str], boundary: str = "cut") -> bytes:
    """A multipart body: (Content-Disposition parameters, content, further headers)."""
    lines = b""
    for disposition, content, *headers in each:
        lines += f"--{boundary}\r\n".encode()
        if disposition:
            lines += f"Content-Disposition: form-data; {disposition}\r\n".encode()
        lines += "".join(f"{header}\r\n" for header in headers).encode() + b"\r\n" + content + b"\r\n"
    return lines + f"--{boundary}--\r\n".encode()


UPLOAD = {
    "type": "object",
    "required": ["file"],
    "properties": {
        **PET["properties"],
        "file": {"type": "string", "format": "binary"},
        "photos": {"type": "array", "maxItems": 2, "items": {"type": "string", "format": "binary"}},
    },
}
FILE = ('name="file"; filename="a.png"', b"\x89PNG\r\n\x00--cut", "Content-Type: image/png")


@pytest.mark.parametrize(
    ("sent", "value"),
    [
        ([], {}),
        ([('name="name"', "Löwe".encode())], {"name": "Löwe"}),
        ([('name="age"', b"3"), ('name="tame"', b"false")], {"age": 3, "tame": False}),
        ([('name="tags"', b"a"), ('name="tags"', b"b,c")], {"tags": ["a", "b,c"]}),
        ([('name="tags"', b'["a"]', "Content-Type: application/json")], {"tags": ["a"]}),
        ([('name="owner"', b'{"id": 7}', "Content-Type: application/json")], {"owner": {"id": 7}}),
        ([('name="owner"', b'{"id": 7}')], {"owner": {"id": 7}}),
        ([('name="owner"', b"<o><id>7</id></o>", "Content-Type: application/xml")], {"owner": {"id": 7}}),
        (
            [('name="photos"; filename="1"', b"\x01"), ('name="photos"; filename="2"', b"\x02")],
            {"photos": ["\x01", "\x02"]},
        ),
        ([('name="other"', b"x")], {"other": "x"}),
    ],
)
def test_parts_are_read_by_the_schema(sent, value):
    """Files as binary strings, arrays as repeated parts, structures as JSON or XML."""
    found = admit(contract(body("multipart/form-data", UPLOAD)), parts(FILE, *sent), MIXED).body

    assert found == {"file": "\x89PNG\r\n\x00--cut", **value}


@pytest.mark.parametrize(
    ("encoding", "part", "violations"),
    [
        ({"contentType": "image/png, image/jpeg"}, FILE, []),
        ({"contentType": "image/*"}, FILE, []),
        ({"contentType": "text/csv"}, FILE, ["body/file: the part is image/png; expected text/csv"]),
        (
            {"headers": {"X-Hash": {"required": True, "schema": NUMBER}}},
            FILE,
            ["body/file: the part's header X-Hash is required"],
        ),
        ({"headers": {"X-Hash": {"schema": NUMBER}}}, (*FILE, "X-Hash: 7"), []),
        (
            {"headers": {"X-Hash": {"schema": NUMBER}}},
            (*FILE, "X-Hash: seven"),
            ["body/file: the part's header X-Hash may not be 'seven'"],
        ),
    ],
)
def test_a_part_keeps_its_encoding(encoding, part, violations):
    """Its media type and its headers."""
    operation = contract(body("multipart/form-data", UPLOAD, encoding={"file": encoding}))

    if violations:
        assert refused(operation, parts(part), MIXED) == (422, violations)
    else:
        assert "file" in admit(operation, parts(part), MIXED).body


def test_a_part_may_be_written_in_a_style():
    """Where its encoding has one."""
    operation = contract(body("multipart/form-data", UPLOAD, encoding={"tags": {"style": "form", "explode": False}}))

    assert admit(operation, parts(FILE, ('name="tags"', b"a,b")), MIXED).body["tags"] == ["a", "b"]


@pytest.mark.parametrize(
    ("sent", "violations"),
    [
        ([('name="age"', b"3")], ["body/file: is required"]),
        ([FILE, ('name="age"', b"x")], ["body/age: expected an integer, got a string"]),
        ([FILE, *[('name="photos"; filename="1"', b"x")] * 3], ["body/photos: expected at most 2 items, got 3"]),
        (
            [FILE, ('name="owner"', b"{", "Content-Type: application/json")],
            ["body/owner: the part is no application/json: it ended while parsing an object at line 1 column 1"],
        ),
    ],
)
def test_parts_keep_their_schema(sent, violations):
    """Each by its name."""
    assert refused(contract(body("multipart/form-data", UPLOAD)), parts(*sent), MIXED) == (422, violations)


def test_parts_without_names_are_items():
    """`multipart/mixed` with an array."""
    operation = contract(body("multipart/mixed", {"type": "array", "items": {}}))
    sent = parts(("", b'{"a": 1}', "Content-Type: application/json"), ("", b"text", "Content-Type: text/plain"))

    assert admit(operation, sent, "multipart/mixed; boundary=cut").body == [{"a": 1}, "text"]


def test_parts_without_names_are_members_in_their_order():
    """`multipart/related` with an object."""
    schema = {"type": "object", "properties": {"about": {"type": "object"}, "file": {"type": "string"}}}
    sent = parts(("", b'{"a": 1}', "Content-Type: application/json"), ("", b"\xff", "Content-Type: image/png"))

    found = admit(contract(body("multipart/related", schema)), sent, "multipart/related; boundary=cut").body

    assert found == {"about": {"a": 1}, "file": "\xff"}


@pytest.mark.parametrize(
    ("content", "media_type", "said"),
    [
        (parts(FILE), "multipart/form-data", "its Content-Type names no boundary"),
        (parts(FILE), "multipart/form-data; boundary=", "its Content-Type names no boundary"),
        (parts(FILE)[:-8], MIXED, "unexpected end of multipart stream"),
        (parts(FILE, boundary="other"), MIXED, "unexpected byte in front of first boundary"),
        (b"--cut\r\nno header\r\n\r\n\r\n--cut--", MIXED, "malformed segment header"),
        (b"--cut\r\n\xff: x\r\n\r\n\r\n--cut--", MIXED, "segment header failed to decode"),
        (b"x", MIXED, "unexpected end of multipart stream"),
        (parts(*[FILE] * 1001), MIXED, "it has more than 1,000 parts, the most that are read"),
    ],
)
def test_a_body_that_is_not_in_parts_is_a_400(content, media_type, said):
    """Cut short, of another boundary, of too many parts."""
    status, [detail] = refused(contract(body("multipart/form-data", UPLOAD)), content, media_type)

    assert status == 400
    assert detail.startswith(f"The body is no multipart body: {said}")
