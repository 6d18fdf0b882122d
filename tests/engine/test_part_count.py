"""A body of very many parts is refused by their number, before it costs anything; others are read as ever."""

import json
import time

import pytest

from mockserver.engine.body.part_count import MOST_BODY_PARTS
from mockserver.problem import Problem
from tests.engine.reading import admit, contract

SECONDS = 2.0
"""Of the processor; what is not bounded takes more."""
MEDIA = ("application/json", "application/xml", "application/x-ndjson", "application/yaml",
         "application/x-www-form-urlencoded", "multipart/form-data", "text/plain")  # fmt: skip
OPERATION = contract({"requestBody": {"content": {name: {"schema": {"type": ["object", "array"]}} for name in MEDIA}}})

KEYS = b"{" + b",".join(b'"%d":1' % number for number in range(700_000)) + b"}"
PARTS = b"".join(b'--cut\r\nContent-Disposition: form-data; name="a%d"\r\n\r\n1\r\n' % n for n in range(100_000))
ALIASED = b"a: &a [" + b"1," * 1000 + b"1]\n" + b"".join(b"k%d: *a\n" % number for number in range(3_000))


@pytest.mark.parametrize(
    ("content", "media_type", "status", "message"),
    [
        (KEYS, "application/json", 413, "has about 1,399,999 names, members and items; at most 300,000 are read."),
        (b"[" + b"1," * 4_000_000 + b"1]", "application/json", 413, "at most 300,000 are read"),
        (b"[" + b'"a,b",' * 1_500_000 + b'"c"]', "application/json", 413, "has about 1,500,000 names"),
        (b"[1,2]\n" * 1_000_000, "application/x-ndjson", 413, "at most 300,000 are read"),
        (b"{}\n" * 1_000_000, "application/x-ndjson", 413, "at most 300,000 are read"),
        (b"1\n" * 400_000, "application/x-ndjson", 413, "about 400,000 names, members and items; at most"),
        (b"\x1e1" * 400_000, "application/x-ndjson", 413, "about 400,000 names, members and items; at most"),
        (b"<a>" + b"<b/>" * 1_000_000 + b"</a>", "application/xml", 413, "1,000,002 tags and attributes; at most"),
        (b"<a>" + b'<b c="1" d="2"/>' * 500_000 + b"</a>", "application/xml", 413, "tags and attributes; at most"),
        (b"&".join(b"a%d=1" % n for n in range(1_000_000)), MEDIA[4], 400, "more than 10,000 fields"),
        (b"a=[" + b"1%2C" * 2_000_000 + b"1]", MEDIA[4], 413, "at most 300,000 are read"),
        (PARTS + b"--cut--\r\n", "multipart/form-data; boundary=cut", 400, "more than 1,000 parts"),
        (ALIASED, "application/yaml", 413, "has more than 300,000 members and items; at most 300,000 are read."),
        (b"[" + b"1," * 4_000_000 + b"1]", "text/plain", 413, "at most 300,000 are read"),
    ],
    ids=["keys", "items", "texts", "lines", "empty lines", "numbers", "sequence", "tags", "attributes", "fields",
         "commas", "parts", "aliases", "text"],
)  # fmt: skip
def test_a_body_of_very_many_parts_is_refused_by_their_number(content, media_type, status, message):
    """In time, with what was seen and what is taken."""
    began = time.process_time()

    with pytest.raises(Problem) as raised:
        admit(OPERATION, content, media_type)

    assert time.process_time() - began < SECONDS
    assert raised.value.status == status
    assert message in raised.value.detail


@pytest.mark.parametrize(
    "value",
    [
        {"text": "a,b:c," * 1_000_000},
        {"text": 'a\\",:"b\n' * 500_000},
        [*range(200_000)],
        [{"a": number, "b": "x, y: z" * 10} for number in range(40_000)],
    ],
    ids=["commas", "quotes", "items", "objects"],
)
def test_a_large_body_of_fewer_parts_is_read(value):
    """Commas and colons in texts do not count."""
    content = json.dumps(value).encode()

    call = admit(OPERATION, content, "application/json")

    assert len(content) > MOST_BODY_PARTS
    assert call.body == value
