"""Values as bytes are read as they were, whatever a record, a key or an exchange may have."""

from __future__ import annotations

import math
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mockserver.codec.packed import UnreadableCommit, packed, unpacked
from mockserver.state.records.record import freeze

TEXTS = st.text(st.characters(), max_size=8)
VALUES: st.SearchStrategy[Any] = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | TEXTS | st.binary(max_size=8),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(TEXTS, inner, max_size=4),
    max_leaves=12,
)


@settings(max_examples=200, deadline=None)
@given(value=VALUES)
def test_a_value_is_read_as_it_was(value: Any):
    """Of each type, which for a number is not told by equality."""
    read = unpacked(packed(value))

    assert (read, repr(read)) == (value, repr(value))


@settings(max_examples=50, deadline=None)
@given(value=VALUES)
def test_a_record_is_read_as_it_was(value: Any):
    """Records and their arrays are written like any object and array."""
    assert unpacked(packed(freeze({"value": value}))) == {"value": value}


@pytest.mark.parametrize(
    "value",
    [
        2**63, 2**64, -(2**63) - 1, 10**5_000, -(10**5_000), "\ud800", {"\udfff": ["\ud800"]},
        {"a": 2**70, "\ud800": 1}, -0.0, float("inf"), b"\xff\x00", {"nested": [[[2**65]]]},
    ],
    ids=lambda value: type(value).__name__,
)  # fmt: skip
def test_what_messagepack_does_not_have_is_read_too(value: Any):
    """Integers of any size, and texts that are no valid Unicode, also as names."""
    read = unpacked(packed(value))

    assert (read, type(read)) == (value, type(value))


def test_a_number_that_is_none_stays_so():
    """NaN is not equal to itself."""
    assert math.isnan(unpacked(packed([float("nan")]))[0])


@pytest.mark.parametrize("content", [b"", b"\xc1", packed([1])[:-1], packed(1) + b"\x00", b"\xc7\x01\x63\x00"])
def test_other_bytes_are_refused(content: bytes):
    """Half a value, two of them, an extension that nobody knows."""
    with pytest.raises(UnreadableCommit):
        unpacked(content)


def test_an_object_of_the_program_is_refused():
    """Nothing is written that could not be read."""
    with pytest.raises(TypeError, match="object is no value that can be kept"):
        packed([object()])
