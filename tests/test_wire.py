"""JSON is read exactly, or not at all."""

import json
import math

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mockserver.json_text import Malformed, read_json


def nested(depth: int, opening: str, closing: str) -> bytes:
    """So many levels of the same pair, around nothing."""
    return (opening * depth + closing * depth).encode()


def in_turns(depth: int) -> bytes:
    """Arrays in objects in arrays, `depth` levels."""
    text = "0"
    for level in range(depth):
        text = f"[{text}]" if level % 2 else f'{{"a":{text}}}'
    return text.encode()


@pytest.mark.parametrize(
    "content",
    [
        b"NaN",
        b"[Infinity]",
        b'{"a": -Infinity}',
        b"1e999",
        b"-1e999",
        b"1E+400",
        b'{"a": {"b": [1, 1e999]}}',
        b"9" * 400 + b".5",
        b"-" + b"9" * 400 + b".0",
        b'{"a": 1, "a": 1}',
        b'[{"b": {"a": 1, "c": 2, "a": 3}}]',
        b'{"a": 1, "\\u0061": 2}',
        b'"\\ud800"',
        b'"\\udc00\\ud800"',
        b'{"\\udfff": 1}',
        b'"\\ud800\\u0041"',
        b'"\xff"',
        b'"\xc3"',
        b'"\xed\xa0\x80"',
        b'"\xc0\xaf"',
        b'"\xf5\x80\x80\x80"',
        b"\xff\xfe1\x00",
        b'{"a": 1} x',
        b"1 2",
        b"[1],",
        b"",
        b"  \n",
        b"\x00",
        b"nul",
        b"True",
        b"'a'",
        b"{a: 1}",
        b'{"a" 1}',
        b'{"a": 1,}',
        b"[1,]",
        b"[1",
        b"]",
        b"01",
        b"+1",
        b".5",
        b"1.",
        b"0x10",
        b"1_000",
        b'"\t"',
        b'"\\x41"',
        b'"open',
        b"// comment\n1",
    ],
)
def test_what_is_no_exact_json_is_malformed(content):
    """Whatever another reader would let pass, round, or choose from."""
    with pytest.raises(Malformed):
        read_json(content)


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"", "it ended while parsing a value at line 1 column 0"),
        (b'{"a":\n', "it ended while parsing a value at line 2 column 0"),
        (b'{"a": 1, "a": 2}', 'detected duplicate key "a" at line 1 column 14'),
        (b"[1e999]", "a number is too large to be represented"),
        (b"[" * 101 + b"]" * 101, "nested deeper than 100 levels"),
        (b"[" * 100_000, "nested deeper than 100 levels"),
        ("{}".encode("utf-16"), "its bytes are UTF-16; JSON is sent in UTF-8 (RFC 8259, 8.1)"),
        ("{}".encode("utf-32-be"), "its bytes are UTF-32; JSON is sent in UTF-8 (RFC 8259, 8.1)"),
        (b"\0\xd8[", "expected value at line 1 column 1"),
    ],
)
def test_a_message_says_what_is_wrong_and_where(content, message):
    """In words that fit behind a colon."""
    with pytest.raises(Malformed) as caught:
        read_json(content)

    assert str(caught.value) == message


@pytest.mark.parametrize(
    ("content", "value"),
    [
        (b"null", None),
        (b" \t\r\n true ", True),
        (b"-0", 0),
        (b"1.0", 1.0),
        (b"1e3", 1000.0),
        (b"5e-324", 5e-324),
        (b"1.7976931348623157e308", 1.7976931348623157e308),
        (b'"\\ud83d\\ude00"', "\U0001f600"),
        (b'"\\u0000\\/\\n"', "\0/\n"),
        ('"Grüße"'.encode(), "Grüße"),
        (b'{"": {"": []}}', {"": {"": []}}),
        (b'[{"a": 1}, {"a": 2}]', [{"a": 1}, {"a": 2}]),
    ],
)
def test_json_is_read(content, value):
    """As RFC 8259 has it."""
    assert read_json(content) == value


@pytest.mark.parametrize(
    "number",
    [2**53 + 1, 2**63, 2**64, 2**64 + 1, -(2**63) - 1, 10**100, int("7" * 4300)],
    ids=lambda n: f"{n:.1e}" if n < 10**99 else "huge",
)
def test_an_integer_of_any_size_is_exact(number):
    """No digit is lost."""
    value = read_json(json.dumps(number).encode())

    assert (type(value), value) == (int, number)


@pytest.mark.parametrize(
    "content",
    [nested(100, "[", "]"), nested(99, '{"a":', "}").replace(b":}", b":1}"), in_turns(100)],
    ids=["arrays", "objects", "in turns"],
)
def test_a_hundred_levels_are_read(content):
    """Of arrays, of objects, of both."""
    assert read_json(content) == json.loads(content)


@pytest.mark.parametrize(
    "content",
    [
        nested(101, "[", "]"),
        nested(101, '{"a":', "}").replace(b":}", b":1}"),
        in_turns(101),
        in_turns(150),
        in_turns(250),
    ],
    ids=["arrays", "objects", "in turns", "150", "250"],
)
def test_one_level_more_is_malformed(content):
    """Of arrays, of objects, of both."""
    with pytest.raises(Malformed, match="nested deeper than 100 levels"):
        read_json(content)


@pytest.mark.parametrize(
    "content",
    [b'"' + b"[" * 5000 + b'"', b'{"' + b"{" * 5000 + b'": ["' + b"]" * 5000 + b'"]}', b"[" + b"[]," * 500 + b"[]]"],
    ids=["text", "names", "siblings"],
)
def test_only_what_is_nested_counts(content):
    """Neither brackets in strings nor many brackets side by side."""
    assert read_json(content) == json.loads(content)


NUMBERS = st.integers() | st.floats(allow_nan=False, allow_infinity=False)
VALUES = st.recursive(
    st.none() | st.booleans() | NUMBERS | st.text(st.characters(exclude_categories=["Cs"])),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(st.characters(exclude_categories=["Cs"])), inner),
    max_leaves=30,
)


@settings(deadline=None)
@given(VALUES, st.booleans(), st.sampled_from([None, 2]))
def test_whatever_the_standard_library_writes_is_read_the_same(value, ascii_only, indent):
    """Escaped or not, in one line or in many; also the sign of zero, and which numbers are integers."""
    content = json.dumps(value, ensure_ascii=ascii_only, indent=indent).encode()

    read = read_json(content)

    assert repr(read) == repr(value)


@settings(deadline=None)
@given(st.binary(max_size=40))
def test_any_bytes_are_a_value_or_malformed(content):
    """Never another error, and never a value that JSON does not have."""
    try:
        value = read_json(content)
    except Malformed:
        return

    assert not isinstance(value, float) or math.isfinite(value)
