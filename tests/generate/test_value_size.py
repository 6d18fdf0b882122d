"""What a schema requires beyond all measure is made as far as the bound goes, and said."""

from time import process_time

import pytest

from mockserver.generate import MOST_PARTS, Generator, Impossible, SeedKey
from mockserver.openapi.schema.validator import Schemas

HUGE = 1_000_000_000
SECONDS = 3.0
"""Of the processor, on a slow machine; what is not bounded takes minutes."""


def nested(schema, levels, count):
    """Arrays of arrays, each of so many items."""
    for _ in range(levels):
        schema = {"type": "array", "minItems": count, "items": schema}
    return schema


def fan(ways, levels):
    """Components of which each requires several of the next one."""
    named = {f"p{number}": number for number in range(ways)}
    return {
        f"S{level}": {
            "type": "object",
            "required": [*named],
            "properties": {name: {"$ref": f"#/components/schemas/S{level + 1}"} for name in named},
        }
        for level in range(levels)
    } | {f"S{levels}": {"type": "string"}}


def parts(value):
    """The members, items and stretches of 50 characters of a value."""
    if isinstance(value, dict):
        return 1 + sum(map(parts, value.values()))
    if isinstance(value, list):
        return 1 + sum(map(parts, value))
    return 1 + (len(value) // 50 if isinstance(value, str) else 0)


@pytest.mark.parametrize(
    "schema",
    [
        {"type": "array", "minItems": HUGE, "items": {"type": "integer"}},
        {"type": "array", "minItems": 1e300},
        {"type": "array", "contains": {"type": "integer"}, "minContains": HUGE},
        {"type": "array", "uniqueItems": True, "minItems": 5_000, "items": {"enum": [*range(6_000)]}},
        {"type": "object", "minProperties": HUGE},
        {"type": "object", "required": [f"p{number}" for number in range(20_000)]},
        {"type": "string", "minLength": HUGE},
        {"type": "array", "minItems": 1_000, "items": {"type": "string", "minLength": 15_000, "pattern": "^[a-z]+$"}},
        nested({"type": "integer"}, 3, 1_000),
        nested({"type": "integer"}, 30, 50),
        {"$ref": "#/components/schemas/S0"},
    ],
    ids=["items", "float", "contains", "unique", "properties", "required", "length", "texts", "cube", "deep", "fan"],
)
def test_a_value_is_bounded_and_says_what_it_lacks(schema):
    """In its size and its time, as an example and as a fake."""
    generator = Generator(Schemas({"made": schema, "components": {"schemas": fan(2, 30)}}))
    began = process_time()

    example = generator.made("/made")
    fake = generator.value("/made", SeedKey(1, "x"))

    assert process_time() - began < SECONDS
    assert max(parts(example.value), parts(fake)) <= 1.5 * MOST_PARTS
    assert example.shortened
    assert generator.shortened["/made"]


@pytest.mark.parametrize(
    "schema",
    [
        {"type": "array", "minItems": 1_500, "items": {"type": "integer"}},
        {"type": "string", "minLength": 20_000},
        {"type": "object", "minProperties": 500},
        {"type": "object", "properties": {f"p{number}": {"type": "string"} for number in range(20_000)}},
        {"type": "string", "enum": [f"v{number}" for number in range(50_000)]},
        {
            "allOf": [
                {"enum": [f"v{number}" for number in range(10_000)]},
                {"enum": [f"v{number}" for number in range(9_999, 20_000)]},
            ]
        },
        {"type": "object", "properties": {"a": {"type": "array", "minItems": HUGE}, "b": {"type": "integer"}}},
        {"oneOf": [{"type": "array", "minItems": HUGE}, {"type": "integer"}]},
        {"anyOf": [{"required": [f"p{n}"], "properties": {f"p{n}": {"const": n}}} for n in range(3_000)]},
    ],
    ids=[
        "items",
        "length",
        "properties",
        "optional",
        "enum",
        "enums",
        "left out",
        "other",
        "alternatives",
    ],
)
def test_what_is_large_but_possible_is_whole(schema):
    """Within the bound, or by what need not be there."""
    generator = Generator(Schemas({"made": schema}))
    began = process_time()

    values = [generator.example("/made"), generator.value("/made", SeedKey(1, "x"))]

    assert process_time() - began < SECONDS
    assert all(map(Schemas({"made": schema}).validator("/made").accepts, values))
    assert generator.shortened == {}


def test_a_pattern_of_a_million_characters_is_refused_in_time():
    """By a text that is no match, or by an error; never by a text of that length."""
    generator = Generator(Schemas({"made": {"type": "string", "pattern": "^((a{100}){100}){200}$"}}))

    try:
        value = generator.example("/made")
    except Impossible:
        value = ""

    assert len(value) < 100


def test_alternatives_that_all_accept_the_same_are_told_in_time():
    """Whatever is changed about a value, several of them fit it."""
    animal = {"type": "object", "required": ["kind"], "properties": {"kind": {"type": "string"}}}
    schemas = Schemas({"oneOf": [animal] * 150})
    began = process_time()

    with pytest.raises(Impossible):
        Generator(schemas).value("", SeedKey(0, "animals"))

    assert process_time() - began < SECONDS
