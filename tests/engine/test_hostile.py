"""No request is bad enough to make reading it fail otherwise than with a Problem."""

from __future__ import annotations

import random
from contextlib import suppress

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mockserver.problem import Problem
from tests.engine.reading import admit, contract

ANYTHING = {
    "oneOf": [{"type": "string"}, {"type": "array", "items": {}}, {"type": "object", "additionalProperties": True}]
}
TREE = {"$ref": "#/components/schemas/Tree"}
COMPONENTS = {
    "schemas": {
        "Tree": {
            "type": "object",
            "properties": {
                "name": {"type": ["string", "null"], "pattern": "^[a-z]*$"},
                "size": {"anyOf": [{"type": "integer"}, {"type": "number"}]},
                "left": TREE,
                "more": {"type": "array", "items": TREE},
                "any": ANYTHING,
            },
        }
    }
}
MEDIA = [
    "application/json",
    "application/x-www-form-urlencoded",
    "multipart/form-data",
    "multipart/mixed",
    "text/plain",
    "application/xml",
    "application/jsonl",
    "application/octet-stream",
    "image/png",
]
PLACES = [
    ("query", "form"),
    ("query", "spaceDelimited"),
    ("query", "pipeDelimited"),
    ("query", "deepObject"),
    ("cookie", "form"),
    ("cookie", "cookie"),
    ("header", "simple"),
]
OPERATION = contract(
    {
        "parameters": [
            *(
                {"name": f"{style}{explode}{n}", "in": place, "style": style, "explode": explode, "schema": schema}
                for place, style in PLACES
                for explode in (True, False)
                for n, schema in enumerate([TREE, ANYTHING, {"type": "array", "items": TREE}])
            ),
            {"name": "json", "in": "query", "content": {"application/json": {"schema": TREE}}},
        ],
        "requestBody": {
            "content": {
                name: {
                    "schema": TREE,
                    "encoding": {"left": {"style": "deepObject"}, "more": {"contentType": "text/xml"}},
                }
                for name in MEDIA
            }
        },
    },
    COMPONENTS,
)
PARTS = (
    b'--cut\r\nContent-Disposition: form-data; name="left"\r\nContent-Type: application/json\r\n\r\n{"size": 1}\r\n'
    b'--cut\r\nContent-Disposition: form-data; name="more"; filename="\xc3\xa4"\r\nContent-Type: text/xml\r\n\r\n<a/>'
    b"\r\n--cut--\r\n"
)
SEEDS = [
    b'{"name": "a", "left": {"size": 1}, "more": [{}]}',
    b"name=a&size=1&left[left][name]=b&more[0][size]=2&any[]=x&left.name=c&more=%7B%22size%22:1%7D",
    PARTS,
    b'<?xml version="1.0"?><tree name="a"><left><size>1</size></left><more/><more><any><x/></any></more></tree>',
    b"deepObjectTrue0[left][name]=a&formTrue1=1&json=%7B%7D&formFalse0=name,a,size,1&pipeDelimitedFalse2=a|b",
]


def held(content: bytes, media_type: str, query: str, text: str) -> None:
    """Reads a request; a Problem is as good as a call."""
    headers = {"Cookie": text, "simpleTrue0": text, "simpleFalse2": text}
    with suppress(Problem):
        admit(OPERATION, content, media_type, query, **headers)


@settings(max_examples=150, deadline=None)
@given(
    content=st.binary(max_size=200),
    media_type=st.sampled_from(MEDIA),
    tail=st.sampled_from(["", "; boundary=cut", "; charset=utf-16", '; boundary="', "; charset=\x00"]),
    text=st.text(st.characters(codec="latin-1"), max_size=100),
)
def test_any_bytes_are_read_or_refused(content, media_type, tail, text):
    """In the body, the query, the headers and the cookies."""
    held(content, media_type + tail, text, text)


@pytest.mark.parametrize("media_type", MEDIA)
@pytest.mark.parametrize("seed", range(3))
def test_broken_requests_are_read_or_refused(media_type, seed):
    """Good ones with bytes left out, doubled and changed."""
    chance = random.Random(seed)
    for _ in range(60):
        content = bytearray(chance.choice(SEEDS))
        for _ in range(chance.randrange(1, 6)):
            at = chance.randrange(len(content) + 1)
            cut = content[at : at + chance.randrange(1, 20)]
            content[at : at + chance.choice([0, len(cut)])] = chance.choice(
                [b"", cut * 2, bytes([chance.randrange(256)])]
            )
        text = bytes(content).decode("latin-1")
        held(bytes(content), f"{media_type}; boundary=cut", text, text)


@pytest.mark.parametrize(
    ("content", "media_type"),
    [
        (b'{"left":' * 5000, "application/json"),
        (b"left" + b"[left]" * 5000 + b"=1", "application/x-www-form-urlencoded"),
        (b"left" + b".left" * 5000 + b"=1", "application/x-www-form-urlencoded"),
        (b"&".join(b"more[%d][name]=a" % number for number in range(5000)), "application/x-www-form-urlencoded"),
        (b"<left>" * 5000, "application/xml"),
        (b"<left>" * 90 + b"</left>" * 90, "application/xml"),
        (b"<tree " + b" ".join(b'a%d=""' % number for number in range(5000)) + b"/>", "application/xml"),
        (b"--cut\r\n" * 5000, "multipart/form-data; boundary=cut"),
        (b"--cut\r\n" + b"a: b\r\n" * 5000, "multipart/form-data; boundary=cut"),
        (b"\r\n--cu" * 5000, "multipart/form-data; boundary=cut"),
        (b"[" * 5000, "application/jsonl"),
    ],
)
def test_large_and_deep_ones_too(content, media_type):
    """In a moment."""
    held(content, media_type, content[:8000].decode("latin-1"), "")
