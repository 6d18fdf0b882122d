"""Plain values come from the document, believable ones from chance; both know where they are going."""

import re
import threading
from typing import Any

import pytest

from mockserver.generate import Generator, Impossible, SeedKey
from mockserver.generate.random_stream import EPOCH
from mockserver.openapi.schema.validator import Schemas


def synthesizer(schema, direction="response", **components) -> Generator:
    """What makes values of one schema, at `/schema`."""
    return Generator(Schemas({"schema": schema, "components": {"schemas": components}}), direction)


def fields(**properties) -> dict[str, Any]:
    """An object's schema."""
    return {"type": "object", "properties": properties}


TEXT = {"type": "string"}


@pytest.mark.parametrize(
    ("schema", "value"),
    [
        (TEXT, "string"),
        ({"type": "integer"}, 0),
        ({"type": "boolean"}, True),
        ({"type": "array", "items": TEXT}, ["string"]),
        ({}, {}),
        ({"type": ["null", "string"]}, "string"),
        ({"type": "string", "format": "date-time"}, "2026-01-15T09:30:00Z"),
        ({"type": "string", "format": "byte"}, "c3RyaW5n"),
        ({"type": "string", "contentEncoding": "base64"}, "c3RyaW5n"),
        ({"type": "string", "maxLength": 3}, "str"),
        ({"type": "string", "minLength": 9}, "string st"),
        ({"type": "number", "minimum": 2.5}, 3),
        ({"type": "integer", "maximum": -3}, -3),
        ({"type": "string", "example": "a"}, "a"),
        ({"type": "string", "examples": ["b", "c"]}, "b"),
        ({"type": "string", "default": "d"}, "d"),
        ({"type": "string", "example": "a", "default": "d"}, "a"),
        ({"enum": ["x", "y"]}, "x"),
        ({"enum": ["x", "y"], "default": "y"}, "y"),
        ({"enum": [None, "y"]}, "y"),
        ({"const": 4}, 4),
        ({"contains": False}, {}),
        ({"anyOf": [{"type": "null"}, {"type": "integer", "example": 7}]}, 7),
        ({"oneOf": [{"type": "null"}, {"type": "integer", "example": 7}]}, 7),
        (fields(a={"example": 1}, b=TEXT), {"a": 1, "b": "string"}),
        ({**fields(a={"example": 1}, b=TEXT), "example": {"b": "whole"}}, {"b": "whole"}),
        ({"type": "object", "required": ["n"]}, {"n": "string"}),
        ({"type": "object", "additionalProperties": {"type": "integer"}}, {"property1": 0}),
        (
            {"allOf": [{**fields(a=TEXT), "example": {"a": "1"}}, {**fields(b=TEXT), "required": ["b"]}]},
            {"a": "1", "b": "string"},
        ),
        (
            {"allOf": [{"example": {"a": "1"}}, {"example": {"b": "2"}}], "required": ["a", "b"], "type": "object"},
            {"a": "1", "b": "2"},
        ),
    ],
)
def test_a_plain_value_is_the_documents(schema, value):
    """Its examples first, then what the keywords say, then what is simplest."""
    assert synthesizer(schema).example("/schema") == value


@pytest.mark.parametrize(
    ("schema", "value", "pointers"),
    [
        ({"type": "string", "maxLength": 2, "example": "abc"}, "st", ["/schema"]),
        ({"type": "string", "format": "email", "default": "nobody"}, "user@example.com", ["/schema"]),
        ({"type": "integer", "example": "7"}, 0, ["/schema"]),
        (fields(a={"type": "integer", "minimum": 1, "example": 0}), {"a": 1}, ["/schema/properties/a"]),
        (
            {**fields(a=TEXT, b={"type": "integer"}), "example": {"a": "kept", "b": "no number"}},
            {"a": "kept", "b": 0},
            ["/schema"],
        ),
        ({"type": "array", "items": {"type": "integer"}, "example": [4, "x"]}, [4, 0], ["/schema"]),
    ],
)
def test_an_example_that_breaks_its_schema_is_not_used(schema, value, pointers):
    """What is sound of it is; which one was refused is told."""
    made = synthesizer(schema).made("/schema")

    assert made.value == value
    assert [refused.place for refused in made.refused] == pointers
    assert all(refused.message for refused in made.refused)


PATTERNS = [
    ("email", r"[a-z'.]+@example\.(com|org|net)"),
    ("user_email", r"[a-z'.]+@example\.(com|org|net)"),
    ("first_name", r"[A-Z][a-z]+"),
    ("lastName", r"[A-Z][A-Za-z']+"),
    ("city", r"[A-Z][A-Za-z ]+"),
    ("iban", r"[A-Z]{2}\d{2}[A-Z0-9]+"),
    ("price", r"\d+\.\d{2}"),
    ("createdAt", r"202[45]-\d\d-\d\dT\d\d:\d\d:\d\dZ"),
    ("expires_at", r"202[67]-\d\d-\d\dT\d\d:\d\d:\d\dZ"),
    ("url", r"https://example\.com/\S+"),
    ("imageUrl", r"https://images\.example\.com/\S+\.png"),
    ("uuid", r"[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}"),
    ("phone", r"\+1\d{10}"),
    ("countryCode", r"[A-Z]{2}"),
    ("currency", r"[A-Z]{3}"),
    ("latitude", r"-?\d+\.\d{6}"),
    ("ip", r"\d+\.\d+\.\d+\.\d+"),
    ("zip", r"\d{5}"),
    ("emails", r"[a-z'.]+@example\.(com|org|net)"),
]


@pytest.mark.parametrize(("name", "pattern"), PATTERNS)
def test_a_believable_text_suits_its_name(name, pattern):
    """However the name is written."""
    made = synthesizer({**fields(**{name: TEXT}), "required": [name]})

    values = [made.value("/schema", SeedKey(seed))[name] for seed in range(8)]

    assert [value for value in values if not re.fullmatch(pattern, value)] == []
    assert len(set(values)) > 1


@pytest.mark.parametrize(
    ("name", "kind", "low", "high"),
    [
        ("price", "number", 1, 500),
        ("latitude", "number", -90, 90),
        ("age", "integer", 18, 90),
        ("month", "integer", 1, 12),
        ("totalCount", "integer", 1, 100),
        ("created_at", "integer", EPOCH - 700 * 86400, EPOCH - 40 * 86400),
        ("id", "integer", 1, 1_000_000),
        ("whatever", "integer", 0, 1000),
    ],
)
def test_a_believable_number_suits_its_name(name, kind, low, high):
    """Within what such a thing usually is."""
    made = synthesizer(fields(**{name: {"type": kind}}))

    values = [made.value("/schema", SeedKey(seed))[name] for seed in range(20)]

    assert [value for value in values if not low <= value <= high] == []
    assert len(set(values)) > 3


def test_the_bounds_win_over_the_name():
    """A price may be as high as its schema says it is."""
    made = synthesizer(fields(price={"type": "integer", "minimum": 100_000, "maximum": 100_001}))

    values = {made.value("/schema", SeedKey(seed))["price"] for seed in range(20)}

    assert values == {100_000, 100_001}


def test_the_same_stream_makes_the_same_value():
    """Whatever was asked before, and by whom."""
    schema = fields(
        name=TEXT, email=TEXT, tags={"type": "array", "items": TEXT}, at={"type": "string", "format": "date"}
    )
    first, second = synthesizer(schema), synthesizer(schema)

    wanted = first.value("/schema", SeedKey(7, "GET /users 1"))
    for seed in range(5):
        second.value("/schema", SeedKey(seed, "another"))

    assert second.value("/schema", SeedKey(7, "GET /users 1")) == wanted
    assert second.value("/schema", SeedKey(8, "GET /users 1")) != wanted
    assert second.value("/schema", SeedKey(7, "GET /users 2")) != wanted


def test_a_member_has_its_own_chance():
    """What a schema gains beside it leaves it as it was."""
    small = synthesizer(fields(name=TEXT)).value("/schema", SeedKey(3))
    large = synthesizer(fields(city=TEXT, name=TEXT, age={"type": "integer"})).value("/schema", SeedKey(3))

    assert large["name"] == small["name"]


def test_threads_do_not_disturb_each_other():
    """Faker has one generator; each value still comes from its own stream."""
    made = synthesizer(fields(**dict.fromkeys(("name", "city", "iban", "email", "company", "street"), TEXT)))
    wanted = [made.value("/schema", SeedKey(seed)) for seed in range(20)]
    found: list[list[Any]] = [[] for _ in range(4)]

    def work(values):
        values += [made.value("/schema", SeedKey(seed)) for seed in range(20)]

    threads = [threading.Thread(target=work, args=(values,)) for values in found]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert found == [wanted] * 4


SECRET = {
    "type": "object",
    "properties": {
        "id": {"type": "integer", "readOnly": True},
        "password": {"type": "string", "writeOnly": True},
        "name": TEXT,
    },
}


@pytest.mark.parametrize(("direction", "names"), [("response", ["id", "name"]), ("request", ["password", "name"])])
def test_a_message_has_what_belongs_into_its_direction(direction, names):
    """`readOnly` members are not sent, `writeOnly` ones do not come back, not in examples either."""
    exampled = {**SECRET, "example": {"id": 4, "password": "x", "name": "Ada"}}
    nested = fields(user=exampled)

    assert [*synthesizer(SECRET, direction).example("/schema")] == names
    assert [*synthesizer(SECRET, direction).value("/schema")] == names
    assert synthesizer(exampled, direction).example("/schema")["name"] == "Ada"
    assert [*synthesizer(exampled, direction).example("/schema")] == names
    assert [*synthesizer(nested, direction).example("/schema")["user"]] == names


PET = {
    "type": "object",
    "required": ["kind"],
    "properties": {"kind": TEXT},
    "discriminator": {
        "propertyName": "kind",
        "mapping": {"c": "#/components/schemas/Cat", "d": "#/components/schemas/Dog"},
    },
}
KINDS = {
    "Pet": PET,
    "Cat": {"allOf": [{"$ref": "#/components/schemas/Pet"}, {**fields(lives={"const": 9}), "required": ["lives"]}]},
    "Dog": {"allOf": [{"$ref": "#/components/schemas/Pet"}, {**fields(tail={"const": True}), "required": ["tail"]}]},
}
CHOICE = {"oneOf": [{"$ref": "#/components/schemas/Dog"}, {"$ref": "#/components/schemas/Cat"}]}


@pytest.mark.parametrize(
    ("schema", "value"),
    [
        ({"$ref": "#/components/schemas/Cat"}, {"kind": "c", "lives": 9}),
        ({"$ref": "#/components/schemas/Pet"}, {"kind": "c", "lives": 9}),
        ({**CHOICE, "discriminator": PET["discriminator"]}, {"kind": "d", "tail": True}),
        (CHOICE, {"kind": "d", "tail": True}),
        ({**CHOICE, "discriminator": {"propertyName": "kind"}}, {"kind": "Dog", "tail": True}),
    ],
)
def test_a_discriminator_names_what_is_there(schema, value):
    """By the mapping, else by the component's name."""
    assert synthesizer(schema, **KINDS).example("/schema") == value


def test_a_tree_ends():
    """What contains itself does so once, or as often as it has to."""
    person = fields(
        name=TEXT,
        boss={"$ref": "#/components/schemas/Person"},
        team={"type": "array", "items": {"$ref": "#/components/schemas/Person"}},
    )
    made = synthesizer({"$ref": "#/components/schemas/Person"}, Person=person)

    assert made.example("/schema") == {"name": "string", "team": []}


def test_a_large_tree_is_kept_small():
    """Twenty schemas, each with all others in it."""
    names = [f"S{number}" for number in range(20)]
    every = {name: {"$ref": f"#/components/schemas/{name}"} for name in names}
    made = synthesizer(
        {"$ref": "#/components/schemas/S0"}, **{name: fields(id={"type": "integer"}, **every) for name in names}
    )

    assert str(made.example("/schema")).count("id") < 1000
    assert str(made.value("/schema")).count("id") < 1000


def test_what_is_made_is_the_callers_own():
    """To change it changes nothing else."""
    made = synthesizer({"type": "array", "items": fields(a=TEXT), "example": [{"a": "x"}]})

    made.example("/schema")[0]["a"] = "changed"
    made.value("/schema")

    assert made.example("/schema") == [{"a": "x"}]


def test_impossible_says_where():
    """In the document, and what was demanded."""
    schema = {**fields(code={"type": "string", "format": "ipv4", "pattern": "^x"}), "required": ["code"]}

    with pytest.raises(Impossible) as raised:
        synthesizer(schema).example("/schema")

    assert raised.value.pointer == "/schema/properties/code"
    assert str(raised.value) == "/schema/properties/code: no text was found that keeps format ipv4 and pattern ^x"


def test_what_need_not_be_is_left_out_if_it_cannot_be():
    """A member without any value, an array without possible items."""
    bad = {"type": "string", "format": "ipv4", "pattern": "^x"}
    made = synthesizer(fields(a=bad, b={"type": "array", "items": bad}, c=TEXT))

    assert made.example("/schema") == {"b": [], "c": "string"}
