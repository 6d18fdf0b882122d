from __future__ import annotations

import gc
import json
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mockserver.json_pointer import escaped
from mockserver.openapi.source import source, yaml12
from mockserver.openapi.source.source import parse, read
from mockserver.problem import Unusable


def value_of(text: str):
    """The value of a YAML document."""
    return parse(text.encode(), "api.yaml").value


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("no", "no"),
        ("Yes", "Yes"),
        ("on", "on"),
        ("y", "y"),
        ("true", True),
        ("FALSE", False),
        ("null", None),
        ("~", None),
        ("'null'", "null"),
        ("2024-01-31", "2024-01-31"),
        ("2024-01-31T10:00:00Z", "2024-01-31T10:00:00Z"),
        ("12:30", "12:30"),
        ("1_000", "1_000"),
        ("0777", 777),
        ("0o777", 511),
        ("0xFf", 255),
        ("0b11", "0b11"),
        ("-0", 0),
        ("+12", 12),
        ("18446744073709551617", 18446744073709551617),
        ("1.", 1.0),
        (".5", 0.5),
        ("1e3", 1000.0),
        ("-1.5E-2", -0.015),
        ("1.2.3", "1.2.3"),
        (".", "."),
        ("-", [None]),
        ("'12'", "12"),
        ('"12"', "12"),
        ("=", "="),
        ("!!str 12", "12"),
        ("! 12", "12"),
        ("!!int '12'", 12),
        ("!!float 3", 3.0),
        ("!!null ''", None),
        ("|\n  a\n  b\n", "a\nb\n"),
        (">-\n  a\n  b\n", "a b"),
        ("'\u00e9\U0001f600'", "é😀"),
    ],
)
def test_a_scalar_is_what_the_core_schema_of_yaml_1_2_says(text, value):
    """Only null, true, false, integers and floats are not text."""
    document = f"key: {text}" if text != "-" else "key:\n-"

    seen = value_of(document)["key"]

    assert (seen, type(seen)) == (value, type(value))


def test_keys_are_names():
    """Status codes and words that look like other types keep their text."""
    text = "200: a\n1.0: b\nno: c\nnull: d\ntrue: e\n0x1F: f\n2024-01-31: g\n"

    assert list(value_of(text)) == ["200", "1.0", "no", "null", "true", "0x1F", "2024-01-31"]


def test_the_shapes_of_real_documents_are_read():
    """Comments, anchors, flow in block, folded text, quoted keys and Windows line ends are ordinary."""
    text = """\
# made by hand
---
openapi: 3.1.0
info: {title: 'It''s', version: "1.0", x-tags: [a, 'b', 3]}
paths:
  '/a/{id}': &item
    description: >-
      two
      lines
    responses: {200: {description: ok}, default: {description: other}}
  /b: *item
"""

    document = value_of(text.replace("\n", "\r\n"))

    assert document["info"] == {"title": "It's", "version": "1.0", "x-tags": ["a", "b", 3]}
    assert document["paths"]["/b"] == {
        "description": "two lines",
        "responses": {"200": {"description": "ok"}, "default": {"description": "other"}},
    }


def test_merge_keys_take_in_what_is_not_there():
    """A member of its own wins over a merged one, the first merged mapping over the second."""
    text = "a: &a {x: 1, y: 1}\nb: &b {y: 2, z: 2}\nc:\n  z: 3\n  <<: [*a, *b]\nd:\n  '<<': 4\n"

    document = value_of(text)

    assert document["c"] == {"x": 1, "y": 1, "z": 3}
    assert document["d"] == {"<<": 4}


@pytest.mark.parametrize(
    "text", ["\ufeffa: 1", '\ufeff{"a": 1}', ' \n{"a": 1}\n', "{a: 1}", "{'a': 1,}", "---\na: 1\n...\n"]
)
def test_marks_before_and_around_the_document_are_no_part_of_it(text):
    """A byte order mark, blanks, document marks, and YAML that begins as JSON does."""
    assert value_of(text) == {"a": 1}


@pytest.mark.parametrize(
    ("text", "line", "says"),
    [
        (b"", 0, "is empty"),
        (b"# nothing\n", 0, "is empty"),
        ("a: 1".encode("utf-16"), 0, "UTF-16"),
        ("a: 1".encode("utf-16-le"), 0, "UTF-16"),
        ("a: 1".encode("utf-32"), 0, "UTF-16 or UTF-32"),
        (b"a: 1\nb: \xff\n", 2, "not UTF-8: byte 0xFF"),
        (b"a: 1\nb: \x07\n", 2, "U+0007"),
        (b"a: 1\n---\nb: 2\n", 2, "second document"),
        (b"a:\n\tb: 1\n", 2, "use spaces"),
        (b"a: [1\nb: 2\n", 2, "is not YAML"),
        (b"a: 1\n b: 2\n", 2, "is not YAML"),
        (b"a: .inf\n", 1, "no number in JSON"),
        (b"a: 1\nb: -.INF\n", 2, "no number in JSON"),
        (b"a: .nan\n", 1, "no number in JSON"),
        (b"a: 1e999\n", 1, "no number in JSON"),
        (b"a: " + b"9" * 5000, 1, "5000 digits"),
        (b"a: 0x" + b"f" * 5000, 1, "5002 digits"),
        (b"a: !!python/object/apply:os.system [id]\n", 1, "only YAML's own types"),
        (b"a: !!binary aGk=\n", 1, "!!binary"),
        (b"a: !!timestamp 2024-01-31\n", 1, "!!timestamp"),
        (b"a: !!set {b, c}\n", 1, "!!set"),
        (b"a: !mine 1\n", 1, "!mine"),
        (b"!mine a: 1\n", 1, "!mine"),
        (b"a: !!int x\n", 1, "not what its tag"),
        (b"a: !!int true\n", 1, "not what its tag"),
        (b"a: !!map [b]\n", 1, "!!map"),
        (b"%TAG ! tag:x,2000:\n---\na: 1\n", 0, "%TAG"),
        (b"a: *b\n", 1, "stands for nothing"),
        (b"a: &a [*a]\n", 1, "part of"),
        (b"a: &a {b: {c: *a}}\n", 1, "part of"),
        (b"[a]: 1\nb: 2\n", 1, "is not JSON"),
        (b"? [a]\n: 1\n", 1, "expected a name"),
        (b"a: 1\n<<: 3\n", 2, "takes in mappings"),
        (b'{"a": 1,\n "b": ]}', 2, "is not JSON: expected value (column 7). It is not YAML either."),
        (b'{"a": 1}\n{"b": 2}', 2, "is not JSON: trailing"),
        (b'{"a": \n"\\ud800"}', 2, "is not JSON"),
        (b'{"a":\n NaN}', 2, "NaN and Infinity"),
        (b'{"a":\n -Infinity}', 2, "NaN and Infinity"),
        (b'{"a":\n [1e999]}', 2, "too large"),
        (b'{"a":\n -1.5E+400 }', 2, "too large"),
        (b'{"a": 1' + b"0" * 400 + b".5}", 1, "too large"),
        (b'{"a": "\x01"}', 1, "is not JSON"),
    ],
)
def test_what_cannot_be_used_is_refused_where_it_stands(text, line, says):
    """The message names the document, the line where there is one, and what is wrong."""
    with pytest.raises(Unusable) as refused:
        parse(text, "api.yaml")

    assert says in refused.value.message
    assert refused.value.where == (f"api.yaml:{line}" if line else "api.yaml")


def test_numbers_and_words_that_only_look_too_large_are_fine():
    """A long integer is exact, the largest float is a float, and text is text."""
    text = '{"a": 1' + "0" * 400 + ', "b": 1.7976931348623157E+308, "c": "v1.2e999, x", "d": "0e999"}'

    assert parse(text.encode(), "api.json").value == {
        "a": 10**400,
        "b": 1.7976931348623157e308,
        "c": "v1.2e999, x",
        "d": "0e999",
    }


HOSTILE = {
    "flow sequences": "'[' * 25_000",
    "more flow sequences": "'[' * 1_000_000",
    "flow mappings": "'{a: ' * 100_000",
    "both by turns": "'a: ' + '[{a: ' * 100_000",
    "block sequences": "'- ' * 1_000_000",
    "complex keys": "'? ' * 1_000_000",
    "block mappings": "''.join(' ' * depth + 'a:\\n' for depth in range(3_000))",
    "JSON": "'{\"a\":' * 100_000",
    "JSON, closed": "'[' * 100_000 + ']' * 100_000",
    "deep after a doubled key": "'{\"a\": 1, \"a\": ' + '[' * 100_000 + ']' * 100_000 + '}'",
    "aliases of aliases": (
        "'a0: &a0 [x, x]\\n' + ''.join(f'a{n}: &a{n} [{(f\"*a{n - 1}, \" * 9)[:-2]}]\\n' for n in range(1, 40))"
    ),
    "aliases in depth": "'a0: &a0 [x]\\n' + ''.join(f'a{n}: &a{n} [*a{n - 1}]\\n' for n in range(1, 5_000))",
    "merges of merges": (
        "'a0: &a0 {x0: 1}\\n' + "
        "''.join(f'a{n}: &a{n} {{<<: [*a{n - 1}, *a{n - 1}], x{n}: 1}}\\n' for n in range(1, 100))"
    ),
    "tag directives": "''.join(f'%TAG !t{n}! x\\n' for n in range(500_000)) + '--- a\\n'",
    "directives": "'%FOO x\\n' * 100_000 + '--- a\\n'",
    "a key without end": "'a' * 2_000_000 + ': 1'",
    "quotes": "'\"' * 100_001",
}


@pytest.mark.parametrize("text", HOSTILE.values(), ids=HOSTILE)
def test_a_hostile_document_is_refused_quickly(text):
    """In a process of its own, as a crash in C would take this one along."""
    program = f"""
from mockserver.problem import Unusable
from mockserver.openapi.source.source import parse
text = ({text}).encode()
try:
    parse(text, "hostile")
except Unusable:
    print("refused")
"""

    done = subprocess.run(
        [sys.executable, "-c", program],
        capture_output=True,
        text=True,
        timeout=60,
        cwd=Path(__file__).parents[2],
        check=False,
    )

    assert (done.returncode, done.stdout, done.stderr) == (0, "refused\n", "")


@pytest.mark.parametrize(
    "nest", [lambda n: "[" * n + "1" + "]" * n, lambda n: "- " * n + "a", lambda n: '{"a":' * n + "1" + "}" * n]
)
def test_depth_ends_at_the_same_level_in_each_notation(nest):
    """200 levels are read, 201 are not; documents that people write have up to 35."""
    parse(nest(yaml12.MAX_DEPTH).encode(), "deep")

    with pytest.raises(Unusable, match="nested more than 200 deep"):
        parse(nest(yaml12.MAX_DEPTH + 1).encode(), "deep")


def test_size_and_number_of_values_are_limited(monkeypatch):
    """A document too large is refused before, one with too many values while it is read."""
    monkeypatch.setattr(source, "MAX_BYTES", 100)
    monkeypatch.setattr(source, "MAX_VALUES", 20)
    monkeypatch.setattr(yaml12, "MAX_EVENTS", 20)

    with pytest.raises(Unusable, match="larger than"):
        parse(b"a" * 101, "large")
    with pytest.raises(Unusable, match="more than 20"):
        parse(b"- a\n" * 20, "many")
    with pytest.raises(Unusable, match="more than 20"):
        parse(b"[" + b"1," * 20 + b"1]", "many")


def test_the_collector_runs_again_afterwards():
    """Also after a refusal; and where it did not run before, it still does not."""
    with pytest.raises(Unusable):
        parse(b"a: [", "broken")
    after_refusal = gc.isenabled()

    gc.disable()
    parse(b"a: 1", "fine")
    after_rest = gc.isenabled()
    gc.enable()

    assert (after_refusal, after_rest) == (True, False)


DOUBLED = {
    "yaml": "a: 1\nb:\n  - c/d: 1\n    e: 2\n    c/d: 3\na: 4\n",
    "json": '{"a": 1,\n"b":\n[\n{"c/d": 1, "e": 2,\n"c\\u002fd": 3}],\n"a": 4}',
}


@pytest.mark.parametrize("text", DOUBLED.values(), ids=DOUBLED)
def test_doubled_keys_are_found_and_the_last_counts(text):
    """Each finding has the line of the second, and the pointer to it."""
    doubled = parse(text.encode(), "api")

    assert doubled.value == {"a": 4, "b": [{"c/d": 3, "e": 2}]}
    assert [(finding.line, finding.pointer) for finding in doubled.findings] == [(5, "/b/0/c~1d"), (6, "/a")]
    assert str(doubled.findings[1]) == "api:6: the key 'a' stands here twice; the last counts. (#/a)"


@pytest.mark.parametrize("text", DOUBLED.values(), ids=DOUBLED)
def test_strict_reading_refuses_doubled_keys(text):
    """The first of them is named."""
    with pytest.raises(Unusable) as refused:
        parse(text.encode(), "api", strict=True)

    assert refused.value.where == "api:5"


def test_a_number_and_its_text_are_the_same_key():
    """`200` and `'200'` double each other; two merge keys do not."""
    found = parse(b"a: &a {x: 1}\nb:\n  200: 1\n  '200': 2\nc:\n  <<: *a\n  <<: *a\n", "api").findings

    assert [finding.pointer for finding in found] == ["/b/200"]


@pytest.mark.parametrize(
    "text",
    [
        "a: # one\n  - b\n  - c/d: |\n      x\n      y\n    e~f: {g: [h, i]}\n",
        '{"a":\n["b",\n{"c/d": "x\\n\\"{[,",\n"x": "}",\n\n"e~f": {"g": ["h", "i"]}}]}',
    ],
)
def test_every_place_has_its_line(text):
    """A pointer that leads nowhere has the line of the last step that is there."""
    document = parse(text.encode(), "api")

    lines = document.lines(["", "/a", "/a/0", "/a/1/c~1d", "/a/1/e~0f/g/1", "/a/1/e~0f/nowhere/0", "/b"])

    assert list(lines.values()) == [1, 1, 2, 3, 6, 6, 1]
    assert document.line("/a/1/e~0f") == 6


def test_a_file_is_read_under_its_own_name(tmp_path):
    """The path as it was given is what messages call it."""
    path = tmp_path / "api.yaml"
    path.write_text("a: 1\n")

    seen = read(path)

    assert (seen.name, seen.path, seen.value, seen.is_json) == (str(path), path, {"a": 1}, False)


@pytest.mark.parametrize("name", ["missing.yaml", "", "nul\0"])
def test_a_file_that_cannot_be_read_is_unusable(tmp_path, name):
    """A missing file, a folder, an impossible name."""
    with pytest.raises(Unusable, match="cannot be read"):
        read(tmp_path / name)


def test_prose_is_its_text():
    """Some documents keep a description in a Markdown file."""
    assert parse(b"# Hello: [", "api/hello.md").value == "# Hello: ["


printable = st.text(
    st.characters(codec="utf-8", exclude_categories=["Cs", "Cc", "Cn"], exclude_characters="\ufeff\u2028\u2029")
)
documents = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | printable,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(printable, inner, max_size=4),
    max_leaves=20,
)


@settings(deadline=None)
@given(st.dictionaries(printable, documents, max_size=4), st.sampled_from([None, 1, 4]))
def test_json_is_the_same_value_read_as_yaml(document, indent):
    """YAML contains JSON, so both ways of reading lead to one value, of the same types, and to the same lines."""
    text = json.dumps(document, indent=indent, ensure_ascii=False).encode()

    as_json, (as_yaml, doubled) = parse(text, "api"), yaml12.load(text, "api")

    assert as_json.is_json
    assert repr(as_json.value) == repr(as_yaml) == repr(document)
    assert not doubled
    pointers = [f"/{escaped(name)}" for name in document]
    assert as_json.lines(pointers) == replace(as_json, is_json=False).lines(pointers)
