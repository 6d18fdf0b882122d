"""What is seen of the values of a schema without one."""

from __future__ import annotations

import pytest

from mockserver.openapi.schema.schema_view import ANY, SchemaView
from mockserver.problem import Unusable

COMPONENTS = {
    "Name": {"type": "string"},
    "Tree": {"type": "object", "properties": {"name": {"$ref": "Name"}, "left": {"$ref": "Tree"}}},
    "Loop": {"allOf": [{"$ref": "Loop"}, {"type": "object"}]},
}


def resolve(node, at):
    """References are names of components here."""
    name = node.get("$ref") if isinstance(node, dict) else None
    if name is None:
        return node, at
    if name not in COMPONENTS:
        raise Unusable("leads nowhere")
    return COMPONENTS[name], f"/components/schemas/{name}"


def kind_of(schema):
    """The kind of the schema."""
    return SchemaView(resolve, schema, "/schema")


@pytest.mark.parametrize(
    ("schema", "types"),
    [
        ({}, ANY),
        (True, ANY),
        ({"type": "string"}, {"string"}),
        ({"type": "number"}, {"number", "integer"}),
        ({"type": ["string", "null"]}, {"string", "null"}),
        ({"$ref": "Name"}, {"string"}),
        ({"$ref": "Nothing"}, ANY),
        ({"$ref": "Loop"}, {"object"}),
        ({"allOf": [{"type": ["string", "integer"]}, {"type": "integer"}]}, {"integer"}),
        ({"allOf": [{"type": "string"}, {"type": "integer"}]}, ANY),
        ({"oneOf": [{"type": "string"}, {"type": "boolean"}]}, {"string", "boolean"}),
        ({"type": "integer", "oneOf": [{"minimum": 1}, {"maximum": 0}]}, {"integer"}),
        ({"oneOf": []}, ANY),
        ({"enum": [1, "a", None, 1.5, True]}, {"integer", "string", "null", "number", "boolean"}),
        ({"const": [1]}, {"array"}),
        ({"properties": {}}, {"object"}),
        ({"items": {}}, {"array"}),
        ({"type": "unheard-of"}, ANY),
    ],
)
def test_the_types_that_are_possible(schema, types):
    """From all that holds for a value; all of them where nothing is said, or nonsense."""
    assert kind_of(schema).types == types


def test_a_schema_that_refers_to_itself_has_an_end():
    """Its members are looked at when they are asked for."""
    tree = kind_of({"$ref": "Tree"})

    assert tree.properties["left"].properties["left"].properties["name"].types == {"string"}


@pytest.mark.parametrize(
    ("schema", "names"),
    [
        ({"allOf": [{"$ref": "Tree"}, {"properties": {"size": {}}}]}, ["name", "left", "size"]),
        ({"oneOf": [{"properties": {"a": {}}}, {"properties": {"b": {}}}]}, ["a", "b"]),
        ({"if": {}, "then": {"properties": {"a": {}}}, "else": {"properties": {"b": {}}}}, ["a", "b"]),
    ],
)
def test_members_are_those_of_all_its_parts(schema, names):
    """Of each that holds, or may."""
    assert sorted(kind_of(schema).properties) == sorted(names)


@pytest.mark.parametrize(
    ("schema", "is_free"),
    [
        ({"type": "object"}, True),
        ({"type": "object", "properties": {"a": {}}}, False),
        ({"type": "object", "properties": {"a": {}}, "additionalProperties": True}, True),
        ({"type": "object", "additionalProperties": False}, False),
        ({"type": "object", "additionalProperties": {"not": {}}}, False),
    ],
)
def test_an_object_may_be_free(schema, is_free):
    """Where any name may be its member's."""
    assert kind_of(schema).is_free is is_free


@pytest.mark.parametrize(
    ("schema", "name"), [({"$ref": "Tree"}, "Tree"), ({"type": "object"}, ""), ({"$ref": "X"}, "")]
)
def test_a_component_has_a_name(schema, name):
    """That it is referred to by."""
    assert kind_of(schema).name == name
