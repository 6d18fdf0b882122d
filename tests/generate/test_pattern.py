"""A pattern is read as ECMA-262 reads it, and its texts are as long as they should be."""

import time

import jsonschema_rs
import pytest

from mockserver.generate.random_stream import SeedKey, Substream
from mockserver.generate.texts.pattern import Unreadable, write
from mockserver.generate.texts.pattern_reader import read

PATTERNS = [
    "^[a-z]{3,8}$",
    "^a*$",
    "^(a|bb|ccc)+$",
    r"^\d{4}-\d{2}$",
    r"^[\w.-]+@[\w-]+\.[a-z]{2,}$",
    "^[^a-z]{2}$",
    r"^\S+$",
    r"^\/a\-b$",
    "^(?:x|y)z?$",
    r"^(?<year>\d{4})$",
    r"^(a+)-\1$",
    "^[A-Fa-f0-9]{24}$",
    r"^\p{Lu}\p{Ll}+$",
    r"^\P{L}+$",
    r"^\x41\u0042$",
    r"^\u{1F600}$",
    "^[]a]$",
    "^[a-]+$",
    r"^[\d-]+$",
    "(?i)^abc$",
    "^a{2}$",
    r"^(HTTPS?|#\{protocol\})$",
    "^a{2,}$",
    r"^\{a\}$",
    "^.{5}$",
    r"^[+-]?\d+(\.\d+)?$",
    "a|b",
    "",
    "^$",
    r"^[ -~]+$",
    r"^\w+(\s\w+)*$",
    r"^#[0-9a-f]{6}$",
    r"^\t\n$",
    "^[^\\s]+$",
    "^(a(b(c)?)?)?$",
    "^x*?y+?$",
    r"\bword\b",
]


@pytest.mark.parametrize("pattern", PATTERNS)
def test_a_text_has_a_match(pattern):
    """Of whatever length is asked for, of usual characters and of rare ones."""
    accepts = jsonschema_rs.validator_for({"pattern": pattern}).is_valid
    part, rng = read(pattern), Substream(SeedKey(1))

    texts = [write(part, length, rng, wild=wild) for length in (0, 5, 30) for wild in (False, True) for _ in range(4)]

    assert [text for text in texts if not accepts(text)] == []


@pytest.mark.parametrize(
    ("pattern", "length"),
    [("^[a-z]*$", 17), ("^a{3,9}b{0,9}$", 14), ("^([a-z]{2}-?)+$", 20), ("^(x|[a-z]+)$", 9), ("^.+@.+$", 40)],
)
def test_a_text_is_as_long_as_it_should_be(pattern, length):
    """Where the pattern lets it."""
    texts = [write(read(pattern), length, Substream(SeedKey(seed)), wild=False) for seed in range(10)]

    assert {len(text) for text in texts} == {length}


@pytest.mark.parametrize("pattern", ["(", "a)", "[a", r"\u00", "a{9,2}", "(?<a", "a{999999999}", "(" * 200 + ")" * 200])
def test_what_is_no_pattern_is_refused(pattern):
    """Nor what nobody could want a text of."""
    with pytest.raises(Unreadable):
        read(pattern)


@pytest.mark.parametrize("pattern", ["((a?){9999}){9999}", "((){9999}){9999}", "(((a|b)?){5000}){5000}"])
def test_a_hostile_pattern_costs_little(pattern):
    """It is given up."""
    start = time.thread_time()

    with pytest.raises(Unreadable, match="no end"):
        write(read(pattern), 10, Substream(SeedKey(1)))

    assert time.thread_time() - start < 2
