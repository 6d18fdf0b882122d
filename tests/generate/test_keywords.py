"""Every keyword of JSON Schema 2020-12: what is made keeps it, plain and believable."""

import json
from typing import Any

import pytest

from mockserver.generate import Generator, Impossible, SeedKey
from mockserver.openapi.schema.explanation import explainer
from mockserver.openapi.schema.validator import DOCUMENT, Schemas

LONG = "x" * 90
TREE = {"type": "object", "properties": {"kids": {"type": "array", "items": {"$ref": "#/components/schemas/Tree"}}}}
PET = {
    "type": "object",
    "required": ["kind"],
    "discriminator": {
        "propertyName": "kind",
        "mapping": {"cat": "#/components/schemas/Cat", "dog": "#/components/schemas/Dog"},
    },
    "properties": {"kind": {"type": "string"}},
}
COMPONENTS = {
    "Tree": TREE,
    "Chain": {"type": "object", "required": ["next"], "properties": {"next": {"$ref": "#/components/schemas/Chain"}}},
    "Ends": {
        "type": "object",
        "required": ["next"],
        "properties": {"next": {"oneOf": [{"$ref": "#/components/schemas/Ends"}, {"type": "null"}]}},
    },
    "Pet": PET,
    "Cat": {
        "allOf": [{"$ref": "#/components/schemas/Pet"}, {"required": ["lives"], "properties": {"lives": {"const": 9}}}]
    },
    "Dog": {
        "allOf": [
            {"$ref": "#/components/schemas/Pet"},
            {"required": ["tail"], "properties": {"tail": {"type": "boolean"}}},
        ]
    },
}


def ref(name: str) -> dict[str, Any]:
    """A reference to a component."""
    return {"$ref": f"#/components/schemas/{name}"}


def synthesizer(schema, direction="response") -> Generator:
    """What makes values of one schema, at `/schema`, beside the components."""
    return Generator(Schemas({"schema": schema, "components": {"schemas": COMPONENTS}}), direction)


def wrong(schema, value) -> list[str]:
    """What the other library, which had no part in the making, has against the value."""
    schemas = Schemas({"schema": schema, "components": {"schemas": COMPONENTS}})
    judge = explainer({"$ref": f"{DOCUMENT}#/schema"}, schemas.explaining_registry)
    return [error.message for error in judge.iter_errors(value)]


SCHEMAS = [
    # any value
    {},
    True,
    {"type": "null"},
    {"type": "boolean"},
    {"type": ["string", "null"]},
    {"type": ["null", "array"]},
    {"enum": [3, "a", None]},
    {"enum": ["a", 4], "type": "integer"},
    {"const": {"a": [1, {"b": None}]}},
    {"const": None},
    {"enum": [1, 2, 3], "not": {"enum": [1, 2]}},
    {"enum": [[1], [2]], "not": {"const": [1]}},
    {"type": "array", "minItems": 4, "uniqueItems": True, "items": {"type": "string", "pattern": "^x-"}},
    {
        "type": "array",
        "minItems": 4,
        "uniqueItems": True,
        "items": {"type": "string", "pattern": "-y$", "maxLength": 6},
    },
    {"type": "object", "minProperties": 3, "propertyNames": {"pattern": "^x-"}, "additionalProperties": True},
    {
        "prefixItems": [{"const": 1}],
        "contains": {"type": "string"},
        "unevaluatedItems": False,
        "minItems": 3,
        "type": "array",
    },
    # numbers
    {"type": "integer", "minimum": 7},
    {"type": "integer", "maximum": -7},
    {"type": "number", "exclusiveMinimum": 0},
    {"type": "integer", "exclusiveMinimum": 4, "exclusiveMaximum": 6},
    {"type": "number", "minimum": 1e300},
    {"type": "number", "exclusiveMinimum": 0.1, "exclusiveMaximum": 0.2},
    {"type": "integer", "multipleOf": 7, "minimum": 1},
    {"type": "number", "multipleOf": 0.01, "minimum": 0.005},
    {"type": "number", "multipleOf": 0.1, "minimum": 0.25},
    {"allOf": [{"multipleOf": 4}, {"multipleOf": 6}], "type": "integer", "minimum": 1},
    {"type": "integer", "minimum": 2**63},
    {"type": "number", "not": {"type": "integer"}},
    {"type": "integer", "not": {"const": 0}},
    {"minimum": 3},
    {"type": "integer", "minimum": 0.5, "maximum": 1.5},
    {"type": "number", "multipleOf": 2.5, "exclusiveMinimum": 2.5},
    {"type": "boolean", "not": {"const": True}},
    {"type": "integer", "format": "int32", "minimum": 2147483647},
    # strings
    {"type": "string", "minLength": 40},
    {"type": "string", "maxLength": 2},
    {"type": "string", "maxLength": 0},
    {"type": "string", "minLength": 3, "maxLength": 3},
    {"type": "string", "pattern": "^[A-Z]{2}[0-9]{4}$"},
    {"type": "string", "pattern": "^(?=.*[A-Z])(?=.*[a-z])(?=.*\\d)[A-Za-z\\d]{8,}$"},
    {"type": "string", "pattern": "\\S"},
    {"type": "string", "pattern": "^arn:(?=[^:]+:fsx:\\d{12}:)((|[a-z0-9].*(?<!-)):){3}(?!/).{0,9}$"},
    {"type": "string", "pattern": "^[a-z]+(-[a-z]+)*$", "minLength": 30, "maxLength": 31},
    {"pattern": "^a{3}b?$"},
    {"type": "string", "pattern": "^\\p{Lu}\\p{L}*$"},
    {"type": "string", "pattern": "^(a|b)\\1$"},
    {"type": "string", "pattern": "^$"},
    {"type": "string", "pattern": "^[^a-z]+$"},
    {"type": "string", "pattern": "^(?:\\+|00)[1-9]\\d{6,13}$"},
    {"type": "string", "pattern": "^\\u00e9\\x41[\\w.-]+$"},
    {"type": "string", "pattern": "x", "minLength": 50},
    {"allOf": [{"pattern": "^a"}, {"pattern": "z$"}], "type": "string"},
    {"type": "string", "pattern": "^(?!string).*$"},
    {"type": "string", "format": "date-time", "pattern": "Z$"},
    {"type": "string", "format": "email", "maxLength": 8},
    {"type": "string", "format": "uri", "minLength": 70},
    {"type": "string", "format": "email", "minLength": 100},
    {"type": "string", "format": "hostname", "minLength": 80},
    {"type": "string", "format": "uri", "maxLength": 5},
    {"type": "string", "format": "no such format"},
    {"type": "string", "not": {"enum": ["string"]}},
    {"type": "string", "not": {"pattern": "^s"}},
    {"type": "string", "not": {"minLength": 1}},
    *(
        {"type": "string", "format": name}
        for name in (
            "date-time",
            "date",
            "time",
            "duration",
            "email",
            "idn-email",
            "hostname",
            "idn-hostname",
            "ipv4",
            "ipv6",
            "uri",
            "uri-reference",
            "iri",
            "iri-reference",
            "uuid",
            "uri-template",
            "json-pointer",
            "relative-json-pointer",
            "regex",
            "byte",
            "binary",
            "password",
            "int64",
            "double",
        )
    ),
    # arrays
    {"type": "array"},
    {"type": "array", "items": {"type": "integer"}, "minItems": 4},
    {"type": "array", "maxItems": 0},
    {"type": "array", "items": {"enum": [1, 2, 3]}, "uniqueItems": True, "minItems": 3},
    {"type": "array", "items": False},
    {"type": "array", "items": {"type": "string"}, "uniqueItems": True, "minItems": 5},
    {
        "type": "array",
        "items": {"type": "object", "properties": {"a": {"type": "integer"}}},
        "uniqueItems": True,
        "minItems": 3,
    },
    {"type": "array", "prefixItems": [{"const": 1}, {"type": "string"}], "items": False, "minItems": 2},
    {"type": "array", "prefixItems": [{"const": 1}], "items": {"type": "boolean"}, "minItems": 3},
    {"type": "array", "contains": {"const": 5}},
    {"type": "array", "contains": {"type": "string"}, "minContains": 2},
    {
        "type": "array",
        "items": {"type": "integer"},
        "contains": {"minimum": 5},
        "minContains": 2,
        "maxContains": 2,
        "minItems": 4,
    },
    {
        "type": "array",
        "contains": {"const": 1},
        "minContains": 0,
        "maxContains": 0,
        "minItems": 1,
        "items": {"type": "integer"},
    },
    {"type": "array", "prefixItems": [{"const": 1}], "unevaluatedItems": False, "minItems": 1},
    {"type": "array", "prefixItems": [{"const": 1}], "unevaluatedItems": {"type": "string"}, "minItems": 2},
    {"type": "array", "not": {"minItems": 1}},
    {"type": "array", "items": {"type": "string"}, "uniqueItems": True, "maxItems": 1},
    # objects
    {"type": "object", "required": ["a", "b"]},
    {"type": "object", "properties": {"a": False, "b": {"type": "string"}}},
    {"type": "object", "properties": {"a": {"type": "integer"}}, "required": ["a"], "additionalProperties": False},
    {"type": "object", "additionalProperties": {"type": "integer"}, "minProperties": 3},
    {"type": "object", "maxProperties": 0},
    {"type": "object", "additionalProperties": {"type": "integer"}, "required": ["n"]},
    {"type": "object", "properties": {"a": {}, "b": {}, "c": {}}, "maxProperties": 2, "required": ["c"]},
    {"type": "object", "patternProperties": {"^x-": {"type": "integer"}}, "required": ["x-a"], "minProperties": 2},
    {
        "type": "object",
        "patternProperties": {"^[a-z]{2}$": {"type": "string"}},
        "additionalProperties": False,
        "minProperties": 3,
    },
    {
        "type": "object",
        "propertyNames": {"pattern": "^[A-Z]{3}$"},
        "additionalProperties": {"type": "string"},
        "minProperties": 2,
    },
    {
        "type": "object",
        "propertyNames": {"enum": ["a", "b"]},
        "minProperties": 2,
        "additionalProperties": {"type": "integer"},
    },
    {"type": "object", "properties": {"a": {}, "b": {}}, "dependentRequired": {"a": ["b", "c"]}},
    {"type": "object", "properties": {"a": {}}, "dependentRequired": {"a": ["b"]}, "maxProperties": 1},
    {"type": "object", "properties": {"a": {"type": "string"}}, "dependentSchemas": {"a": {"required": ["z"]}}},
    {"type": "object", "properties": {"a": {}}, "dependentSchemas": {"a": False}},
    {
        "allOf": [{"properties": {"a": {"type": "string"}}}],
        "type": "object",
        "required": ["a"],
        "unevaluatedProperties": False,
    },
    {"type": "object", "unevaluatedProperties": {"type": "integer"}, "minProperties": 2},
    {"type": "object", "not": {"required": ["a"]}, "properties": {"a": {}, "b": {}}},
    {
        "type": "object",
        "not": {"anyOf": [{"required": ["a"]}, {"required": ["b"]}]},
        "properties": {"a": {}, "b": {}, "c": {}},
    },
    {"type": "object", "not": {"required": ["a", "b"]}, "properties": {"a": {}, "b": {}}, "required": ["a"]},
    # alternatives
    {"allOf": [{"type": "string", "minLength": 2}, {"maxLength": 2}]},
    {"allOf": [{"type": "number"}, {"type": "integer"}]},
    {
        "allOf": [{"properties": {"a": {"minimum": 3}}}, {"properties": {"a": {"maximum": 3}}}],
        "type": "object",
        "required": ["a"],
    },
    {"anyOf": [{"type": "null"}, {"type": "string", "minLength": 3}]},
    {"anyOf": [False, {"const": 3}]},
    {"type": "integer", "anyOf": [{"minimum": 5, "maximum": 4}, {"minimum": 9}]},
    {"oneOf": [{"type": "number"}, {"type": "integer"}]},
    {"oneOf": [{"type": "string"}, {"enum": ["string", "b"]}]},
    {"oneOf": [{"type": "string"}, {"type": "string", "format": "uri"}]},
    {"oneOf": [{"multipleOf": 3}, {"multipleOf": 5}], "type": "integer"},
    {"oneOf": [{"required": ["a"]}, {"required": ["b"]}], "type": "object", "properties": {"a": {}, "b": {}}},
    {"oneOf": [{"properties": {"a": {"type": "string"}}}, {"properties": {"b": {"type": "string"}}}], "type": "object"},
    {
        "oneOf": [
            {"properties": {"a": {"type": "string"}}},
            {"properties": {"b": {"type": "string"}}},
            {"required": ["c"]},
        ],
        "type": "object",
    },
    {"oneOf": [{"type": "array", "items": {"type": "string"}}, {"type": "array", "items": {"type": "integer"}}]},
    {"oneOf": [{"type": "object"}, {"type": "object", "required": ["a"]}], "properties": {"a": {}}},
    {"oneOf": [{"minLength": 3}, {"maxLength": 5}], "type": "string"},
    {"oneOf": [True, {"type": "string"}]},
    {"not": {"type": "object"}},
    {"not": {"not": {"const": 3}}},
    {"not": {"type": ["string", "object", "array"]}},
    {"not": False},
    {"type": "string", "if": {"pattern": "^s"}, "then": {"minLength": 10}},
    {"if": True, "then": {"const": 4}},
    {"type": "integer", "if": {"minimum": 0}, "then": {"minimum": 10}, "else": {"maximum": -10}},
    {
        "type": "object",
        "properties": {"k": {"enum": ["a", "b"]}},
        "required": ["k"],
        "if": {"properties": {"k": {"const": "a"}}},
        "then": {"required": ["x"]},
        "else": {"required": ["y"]},
    },
    {"if": False, "then": False, "else": {"const": 4}},
    # references and recursion
    ref("Tree"),
    ref("Ends"),
    ref("Pet"),
    ref("Cat"),
    {"type": "array", "items": ref("Tree"), "minItems": 1},
    {"oneOf": [ref("Cat"), ref("Dog")]},
    {"oneOf": [ref("Cat"), ref("Dog")], "discriminator": PET["discriminator"]},
    {"type": "object", "properties": {"chain": ref("Chain"), "a": {"type": "string"}}},
    {"type": "array", "items": ref("Chain")},
    {"anyOf": [ref("Chain"), {"type": "integer"}]},
    {**ref("Tree"), "required": ["kids"]},
]


@pytest.mark.parametrize("schema", SCHEMAS, ids=str)
def test_a_plain_value_keeps_its_schema(schema):
    """As another library sees it, one keyword after the other."""
    value = synthesizer(schema).example("/schema")

    assert wrong(schema, value) == []


@pytest.mark.parametrize("schema", SCHEMAS, ids=str)
def test_a_believable_value_keeps_its_schema(schema):
    """For every seed."""
    made = synthesizer(schema)

    values = [made.value("/schema", SeedKey(seed, "key")) for seed in range(4)]

    assert [error for value in values for error in wrong(schema, value)] == []


@pytest.mark.parametrize(
    ("schema", "reason"),
    [
        (False, "nothing is valid"),
        ({"allOf": [{"type": "string"}, {"type": "integer"}]}, "demand different types"),
        ({"type": "string", "enum": [1]}, "no member of its `enum`"),
        ({"not": {}}, "everything is forbidden"),
        ({"type": "integer", "minimum": 2, "maximum": 1}, "no number lies between"),
        ({"type": "string", "minLength": 2, "maxLength": 1}, "minLength 2"),
        ({"type": "string", "format": "uuid", "maxLength": 9}, "format uuid and 0 to 9 characters"),
        ({"type": "string", "pattern": "^a$", "minLength": 2}, r"pattern \^a\$"),
        ({"type": "array", "minItems": 2, "maxItems": 1}, "minItems 2"),
        ({"type": "array", "items": {"enum": [1, 2]}, "uniqueItems": True, "minItems": 3}, "no 3 items were found"),
        ({"type": "object", "required": ["a"], "properties": {"a": False}}, "without end|nothing is valid"),
        ({"oneOf": [{"type": "string"}, {"type": "string", "title": "Other"}]}, "fits"),
        (ref("Chain"), "without end"),
        ({"type": "object", "required": ["chain"], "properties": {"chain": ref("Chain")}}, "without end"),
    ],
    ids=str,
)
def test_what_cannot_be_is_said(schema, reason):
    """By the place and a reason, in both manners."""
    made = synthesizer(schema)

    with pytest.raises(Impossible, match=reason) as plain:
        made.example("/schema")
    with pytest.raises(Impossible, match=reason):
        made.value("/schema")

    assert plain.value.pointer.startswith(("/schema", "/components/schemas"))


@pytest.mark.parametrize("media_type", ["application/json", "application/vnd.zoo+json; charset=utf-8"])
def test_a_text_of_json_says_what_its_content_is_to_be(media_type):
    """Plain and believable; of another media type nothing is known."""
    content = {"type": "object", "required": ["on"], "properties": {"on": {"type": "boolean"}, "tree": ref("Tree")}}
    schema = {"type": "string", "contentMediaType": media_type, "contentSchema": content}
    make = synthesizer(schema)

    for text in (make.example("/schema"), make.value("/schema", SeedKey(1, "x"))):
        assert wrong(content, json.loads(text)) == []
    assert synthesizer({**schema, "contentMediaType": "text/csv"}).example("/schema") == "string"


def test_a_text_too_short_for_its_content_is_impossible():
    """Said instead of something wrong."""
    content = {"type": "object", "required": ["on"], "properties": {"on": {"type": "boolean"}}}

    with pytest.raises(Impossible, match="characters"):
        synthesizer(
            {"type": "string", "maxLength": 3, "contentMediaType": "application/json", "contentSchema": content}
        ).example("/schema")
