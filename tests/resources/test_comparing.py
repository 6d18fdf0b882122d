"""A member's value beside the one that was asked for."""

import pytest

from mockserver.resources.detect.names import COMPARISONS
from mockserver.resources.query.comparing import IN_WORDS, OPERATORS


@pytest.mark.parametrize(
    ("test", "value", "wanted", "passes"),
    [
        ("equal", True, "true", True),
        ("equal", 5, "5", True),
        ("equal", ["a", "b"], ["b", "c"], True),
        ("equal", {"id": 7, "x": 1}, "7", True),
        ("equal", {"x": 7}, "7", False),
        ("equal", 12345678901234567891, "12345678901234567891", True),
        ("equal", 12345678901234567891, "12345678901234567890", False),
        ("other", 5, "5", False),
        ("in", "b", "a, b", True),
        ("in", 3, [1, 2], False),
        ("none", 3, [1, 2], True),
        ("gte", 5, "5", True),
        ("gt", 5, 5, False),
        ("lte", "4.50", "4.6", True),
        ("lt", -1, "0", True),
        ("gte", None, 0, False),
        ("gte", True, 0, True),
        ("gte", "n/a", 0, True),
        ("gte", 5, "soon", True),
        ("gte", 5, "2026-01-01", True),
        ("gt", "2026-01-01T23:00:00Z", "2026-01-01", False),
        ("gte", "2026-01-01", "2026-01-01T05:00:00Z", True),
        ("lt", "2026-01-01T01:00:00+02:00", "2026-01-01T00:00:00", True),
        ("lte", "Mon, 16 Aug 2010 03:45:01 +0000", "2010-08-16", True),
        ("gte", 10**400, "1.5", True),
        ("part", "Elm Row", "ROW", True),
        ("part", ["Elm", "Oak"], "oa", True),
        ("part", 5, "5", False),
        ("start", "Elm Row", "elm", True),
        ("start", "Elm Row", "row", False),
    ],
    ids=lambda part: str(part)[:40],
)
def test_values_compare(test, value, wanted, passes):
    """As numbers, as times or as texts."""
    assert OPERATORS[test](value, wanted) is passes


def test_each_comparison_has_its_words():
    """And each word its comparison."""
    assert OPERATORS.keys() == IN_WORDS.keys() == set(COMPARISONS.values())
