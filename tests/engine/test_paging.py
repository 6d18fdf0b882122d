"""A page beside a cursor is what a list read from there would hold."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mockserver.engine.answers.pages import Sheet, numbered_page, page_at, page_beside, read_cursor, write_cursor

NUMBERS = st.lists(st.integers(0, 30), unique=True, max_size=12)


def page(numbers, cursor=None, limit=3, **ways):
    """A page of numbers, each its own rank."""
    return page_beside(None if cursor is None else (cursor,), numbers, lambda number: (number,), limit, **ways)


@pytest.mark.parametrize(
    ("cursor", "ways", "expected"),
    [
        (None, {}, ([1, 2, 3], True, False)),
        (3, {}, ([4, 5, 6], False, False)),
        (6, {}, ([7], False, True)),
        (7, {}, ([], False, True)),
        (4, {"backwards": True}, ([1, 2, 3], True, False)),
        (7, {"backwards": True}, ([4, 5, 6], False, False)),
        (None, {"backwards": True}, ([5, 6, 7], False, True)),
        (None, {"descending": True}, ([7, 6, 5], True, False)),
        (5, {"descending": True}, ([4, 3, 2], False, False)),
        (4, {"descending": True, "backwards": True}, ([7, 6, 5], True, False)),
    ],
)
def test_a_page_lies_beside_its_cursor(cursor, ways, expected):
    """Forwards it follows the cursor, backwards it precedes it, and it knows the ends of the list."""
    found = page([5, 1, 7, 3, 2, 6, 4], cursor, **ways)

    assert found == expected


@pytest.mark.parametrize(("cursor", "expected"), [(4, [6, 8]), (9, []), (0, [2, 6, 8])])
def test_a_cursor_holds_its_place_when_its_entry_is_gone(cursor, expected):
    """No entry needs to have the rank that the cursor names."""
    found = page([2, 6, 8], cursor)

    assert found.entries == expected


def test_a_negative_limit_is_none():
    """All that lies beyond the cursor is one page."""
    found = page(range(50), 9, -1)

    assert found == (list(range(10, 50)), False, True)


@given(NUMBERS, st.integers(1, 5), st.booleans())
def test_a_walk_meets_every_entry_once_and_finds_the_way_back(numbers, limit, descending):
    """Page after page, forwards and then back, the list is read whole."""
    ordered = sorted(numbers, reverse=descending)
    there: list[int] = []
    back: list[int] = []

    found = page(numbers, None, limit, descending=descending)
    there += found.entries
    while not found.is_last:
        found = page(numbers, there[-1], limit, descending=descending)
        there += found.entries
    while not found.is_first:
        found = page(numbers, found.entries[0], limit, descending=descending, backwards=True)
        back = found.entries + back

    assert there == ordered
    assert there[: len(back)] == back


@given(st.integers(-(2**70), 2**70))
def test_a_cursor_is_read_as_it_was_written(number):
    """Any value of JSON survives, numbers of any size among them."""
    value = {"id": number}

    text = write_cursor(value)

    assert read_cursor(text) == value
    assert "=" not in text


@pytest.mark.parametrize("text", ["x", "not-a-cursor", "é", "eyJ", "====", "eyJpZCI6NaN9"])
def test_what_is_no_cursor_is_nothing(text):
    """Text that nobody wrote is read as None."""
    assert read_cursor(text) is None


@pytest.mark.parametrize(
    ("limit", "offset", "expected"),
    [
        (2, 0, ([1, 2], 5, 2, 0)),
        (2, 4, ([5], 5, 2, 4)),
        (2, 5, ([], 5, 2, 5)),
        (4, 10**30, ([], 5, 4, 10**30)),
        (5, 0, ([1, 2, 3, 4], 5, 4, 0)),
        (0, 1, ([2], 5, 1, 1)),
        (-3, -1, ([1], 5, 1, 0)),
    ],
)
def test_a_page_is_cut_out_by_number(limit, offset, expected):
    """So many behind so many; out of range the nearest value in range holds, here 1 to 4 and 0 upwards."""
    found = page_at([1, 2, 3, 4, 5], limit, offset, most=4)

    assert found == expected


@pytest.mark.parametrize(
    ("number", "entries", "last", "following"),
    [(1, [1, 2], 3, 2), (2, [3, 4], 3, 3), (3, [5], 3, None), (4, [], 3, None), (10**30, [], 3, None)],
)
def test_a_page_has_a_number(number, entries, last, following):
    """Two a page are three pages of five entries; beyond the last there is an empty one with its own number."""
    sheet = numbered_page([1, 2, 3, 4, 5], number, 2)

    assert (sheet.entries, sheet.number, sheet.last, sheet.total, sheet.next) == (entries, number, last, 5, following)


def test_nothing_has_one_page():
    """It is empty."""
    sheet: Sheet[int] = numbered_page([], 1, 30)

    assert (sheet.entries, sheet.last, sheet.total, sheet.next) == ([], 1, 0, None)
