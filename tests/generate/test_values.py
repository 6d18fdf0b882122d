"""From a schema to the value that is made of it, plain and by name: one schema a row."""

from typing import Any

import pytest

from mockserver.generate import Generator
from mockserver.openapi.schema.validator import Schemas

COMPONENTS: dict[str, Any] = {
    "Name": {"type": "string", "minLength": 1, "example": "Rex"},
    "Tree": {"type": "object", "required": ["label"], "properties": {
        "label": {"type": "string"}, "kids": {"type": "array", "items": {"$ref": "#/components/schemas/Tree"}}}},
    "Base": {"type": "object", "required": ["id"], "properties": {"id": {"type": "integer"}}},
}  # fmt: skip


def ref(name: str) -> dict[str, str]:
    """A reference to a component."""
    return {"$ref": f"#/components/schemas/{name}"}


def of(**properties: Any) -> dict[str, Any]:
    """An object that requires all of its members."""
    return {"type": "object", "required": [*properties], "properties": properties}


ROWS: dict[str, tuple[Any, Any]] = {
    # numbers
    "a number": ({"type": "number"}, 0),
    "above": ({"type": "integer", "exclusiveMinimum": 4}, 5),
    "below": ({"type": "integer", "exclusiveMaximum": -4}, -5),
    "between": ({"type": "number", "minimum": 0.25, "maximum": 0.5}, 0.3),
    "a multiple": ({"type": "integer", "multipleOf": 7, "minimum": 8}, 14),
    "the only multiple": ({"type": "integer", "multipleOf": 10, "minimum": 1, "maximum": 19}, 10),
    "not zero": ({"type": "integer", "not": {"const": 0}}, 98),
    # texts
    "a date": ({"type": "string", "format": "date"}, "2026-01-15"),
    "a uuid": ({"type": "string", "format": "uuid"}, "3fa85f64-5717-4562-b3fc-2c963f66afa6"),
    "an address": ({"type": "string", "format": "uri"}, "https://example.com/"),
    "a mail address": ({"type": "string", "format": "email"}, "user@example.com"),
    "an unknown format": ({"type": "string", "format": "colour"}, "string"),
    "a pattern": ({"type": "string", "pattern": "^[A-Z]{3}-[0-9]{2}$"}, "RBX-49"),
    "a pattern with a choice": ({"type": "string", "pattern": "^(on|off)$"}, "off"),
    "a short text": ({"type": "string", "maxLength": 0}, ""),
    # lists
    "a list of at least two": ({"type": "array", "items": {"type": "integer"}, "minItems": 2}, [0, 0]),
    "a list of different ones": (
        {"type": "array", "items": {"type": "integer"}, "minItems": 3, "uniqueItems": True},
        [0, 174, 789],
    ),
    "a list of none": ({"type": "array", "items": {"type": "integer"}, "maxItems": 0}, []),
    "a tuple": ({"type": "array", "prefixItems": [{"const": "a"}, {"type": "integer"}], "minItems": 2}, ["a", 0]),
    "a list of all choices": (
        {"type": "array", "items": {"enum": ["a", "b"]}, "minItems": 2, "uniqueItems": True},
        ["a", "b"],
    ),
    # objects
    "members that are required": (of(a={"type": "integer"}, b={"type": "boolean"}), {"a": 0, "b": True}),
    "an object in an object": (of(a=of(b={"const": 1})), {"a": {"b": 1}}),
    "a map with a least size": (
        {"type": "object", "additionalProperties": {"type": "integer"}, "minProperties": 2},
        {"property1": 0, "property2": 0},
    ),
    "a closed object": ({"type": "object", "additionalProperties": False}, {}),
    "a member that depends on another": (
        {**of(card={"const": "1"}), "dependentRequired": {"card": ["cvc"]}},
        {"card": "1", "cvc": "string"},
    ),
    # references and alternatives
    "a reference": (ref("Name"), "Rex"),
    "an example beside a reference": ({**ref("Name"), "example": "Max"}, "Max"),
    "two parts": ({"allOf": [ref("Base"), of(name=ref("Name"))]}, {"id": 0, "name": "Rex"}),
    "the first alternative": ({"oneOf": [{"type": "integer"}, {"type": "string"}]}, 0),
    "an alternative beside a member": (
        {**of(a={"const": 1}), "anyOf": [of(b={"const": 2}), of(c={"const": 3})]},
        {"a": 1, "b": 2},
    ),
    "a condition that holds": (
        {**of(kind={"const": "cat"}), "if": of(kind={"const": "cat"}), "then": of(lives={"const": 9})},
        {"kind": "cat", "lives": 9},
    ),
    "a tree": (ref("Tree"), {"label": "string", "kids": []}),
    # what the document has is taken before what could be made
    "a default beside a choice": ({"enum": [1, 2, 3], "default": 2}, 2),
    "an example of the wrong type": ({"type": "integer", "example": "many"}, 0),
    "an example of a part": (of(a=ref("Name"), b={"type": "integer", "default": 4}), {"a": "Rex", "b": 4}),
}


@pytest.mark.parametrize(("schema", "value"), ROWS.values(), ids=ROWS)
def test_a_schema_has_its_plain_value(schema, value):
    """The same each time, without chance."""
    schemas = Schemas({"schema": schema, "components": {"schemas": COMPONENTS}})

    assert Generator(schemas, "response").example("/schema") == value
