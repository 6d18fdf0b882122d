"""Documents of many schemas, each of which is compiled by itself."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mockserver.openapi.schema.validator import MANY_SCHEMAS, Schemas

FILLING = {f"Filling{number}": {"type": "string"} for number in range(MANY_SCHEMAS)}
SCHEMAS: dict[str, Any] = {
    "Tree": {
        "type": "object",
        "required": ["name"],
        "properties": {
            "name": {"$ref": "#/components/schemas/Name"},
            "children": {"type": "array", "items": {"$ref": "#/components/schemas/Tree"}},
            "kind": {"oneOf": [{"$ref": "#/components/schemas/Name"}, {"$ref": "#/components/schemas/Sizes"}]},
            "not": {"not": {"$ref": "#/components/schemas/Name"}},
        },
        "additionalProperties": False,
    },
    "Name": {"type": "string", "minLength": 2},
    "Sizes": {"type": "array", "items": {"type": "integer"}, "uniqueItems": True, "example": [{"$ref": "#/nowhere"}]},
    "Base": {"properties": {"name": {"$ref": "#/components/schemas/Name"}}},
    "Closed": {"allOf": [{"$ref": "#/components/schemas/Base"}], "unevaluatedProperties": False},
    "Open": {"anyOf": [{"$ref": "#/components/schemas/Closed"}, {"$ref": "#/components/schemas/Sizes"}]},
}
LARGE = Schemas({"components": {"schemas": SCHEMAS | FILLING}})
NAMES = st.sampled_from(["name", "children", "kind", "not", "other"])
VALUES = st.recursive(
    st.sampled_from(["", "ab", "abc", 1, 2, None, True]),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(NAMES, inner, max_size=3),
    max_leaves=8,
)


@given(name=st.sampled_from([*SCHEMAS]), value=VALUES)
def test_a_schema_by_itself_says_what_it_says_as_a_whole(name, value):
    """Whatever the value."""
    validator = LARGE.validator(f"/components/schemas/{name}")

    assert LARGE.is_large
    assert validator.accepts(value) is LARGE.whole(validator.pointer)(value)


@pytest.mark.parametrize(
    ("name", "value", "violations"),
    [
        ("Tree", {"name": "ab", "children": [{"name": "a"}]}, ["/children/0/name"]),
        ("Tree", {"name": "ab", "kind": [1, 1]}, ["/kind"]),
        ("Closed", {"name": "ab", "more": 1}, [""]),
    ],
)
def test_what_is_wrong_is_explained_as_ever(name, value, violations):
    """With the place inside the value."""
    found = LARGE.validator(f"/components/schemas/{name}").violations(value, "body")

    assert [violation.pointer for violation in found] == violations


def test_what_looks_back_is_compiled_as_a_whole():
    """`unevaluatedProperties` asks what the schemas that it refers to have seen."""
    assert LARGE.part("/components/schemas/Closed") is None
    assert LARGE.part("/components/schemas/Open") is not None
