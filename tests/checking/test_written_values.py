"""When a value that is read is not the one that was written: not where a server rightly normalizes it."""

import pytest

from mockserver.contract.checking.checks.written_values import is_cut_at_start, lost


@pytest.mark.parametrize(
    ("sent", "read"),
    [
        (True, False),
        (7, 8),
        (1.5, 2.5),
        ("open", "closed"),
        ("2026-01-01T00:00:00Z", "2025-01-01T00:00:00Z"),
        ({"a": {"b": 1}}, {"a": {"b": 2}, "c": 3}),
        (["a", "b"], ["a"]),
        ([{"n": 1}], [{"n": 2}]),
    ],
)
def test_another_value_is_lost(sent, read):
    """Of the same kind, and neither shortened nor spelt otherwise."""
    assert lost(sent, read)


@pytest.mark.parametrize(
    ("sent", "read"),
    [
        (7, 7.0),
        (19.999, 20.0),
        ("  Max ", "max"),
        ("a&b", "a&amp;b"),
        ("4111111111111111", "************1111"),
        ("A long description", "A long des…"),
        ("logo.png", "https://cdn.example/logo.png"),
        ("2026-01-01T01:00:00+01:00", "2026-01-01T00:00:00Z"),
        ("10.0", "10.00"),
        ("<b>x</b>", "x"),
        ("a\x00b", "ab"),
        ("7", {"id": 7}),
        (["b", "A"], ["a", "b"]),
        ({"version": 1, "name": "x"}, {"version": 2, "name": "x"}),
        (None, "default"),
    ],
)
def test_what_a_server_may_normalize_is_not_lost(sent, read):
    """Space and case, markup, masks, cuts, addresses, offsets of time, order, and members that servers set."""
    assert not lost(sent, read)


@pytest.mark.parametrize(
    ("listed", "read", "is_cut"),
    [
        ("4930123", "+4930123", True),
        ("ucy …", "Lucy Liu", True),
        ("Lucy …", "Lucy Liu", False),
        ("Lucy", "lucy", False),
        ("Lucy", "Ann", False),
        ("logo.png", "https://cdn.example/logo.png", False),
        ("ann@example.com", "Ann <ann@example.com>", False),
        ("", "Lucy", False),
    ],
)
def test_a_text_without_its_beginning_is_not_shortened(listed, read, is_cut):
    """Cuts are at the end; what an address, a quotation or markup has around a text is no part of it."""
    assert is_cut_at_start(listed, read) is is_cut
