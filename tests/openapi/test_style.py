"""Every style x explode of every place, read back as primitives, arrays and objects."""

from __future__ import annotations

import pytest

from mockserver.json_text import Malformed
from mockserver.openapi.model.style import ABSENT, ParameterStyle, deserializers
from mockserver.openapi.model.text_pairs import cookies_of, pairs_of
from mockserver.openapi.schema.schema_view import SchemaView

TEXT = {"type": "string"}
NUMBER = {"type": "integer"}
COLORS = {"type": "array", "items": {"type": "string"}}
NUMBERS = {"type": "array", "items": {"type": "integer"}}
RGB = {"type": "object", "properties": {"R": NUMBER, "G": NUMBER, "name": TEXT}}
FREE = {"type": "object", "additionalProperties": NUMBER}

BLUE, THREE, LIST, ONE = "blue", 3, ["blue", "black"], ["blue"]
NONE: list[str] = []
OBJECT = {"R": 100, "G": 200}

TABLE = [
    # place, style, explode, schema, what is sent, what it is
    ("path", "simple", False, TEXT, "blue", BLUE),
    ("path", "simple", False, NUMBER, "3", THREE),
    ("path", "simple", False, COLORS, "blue,black", LIST),
    ("path", "simple", False, COLORS, "blue", ONE),
    ("path", "simple", False, RGB, "R,100,G,200", OBJECT),
    ("path", "simple", True, TEXT, "blue", BLUE),
    ("path", "simple", True, COLORS, "blue,black", LIST),
    ("path", "simple", True, RGB, "R=100,G=200", OBJECT),
    ("path", "label", False, TEXT, ".blue", BLUE),
    ("path", "label", False, TEXT, ".", ""),
    ("path", "label", False, NUMBER, ".3", THREE),
    ("path", "label", False, COLORS, ".blue,black", LIST),
    ("path", "label", False, COLORS, ".", NONE),
    ("path", "label", False, RGB, ".R,100,G,200", OBJECT),
    ("path", "label", True, TEXT, ".blue", BLUE),
    ("path", "label", True, COLORS, ".blue.black", LIST),
    ("path", "label", True, RGB, ".R=100.G=200", OBJECT),
    ("path", "matrix", False, TEXT, ";c=blue", BLUE),
    ("path", "matrix", False, TEXT, ";c", ""),
    ("path", "matrix", False, NUMBER, ";c=3", THREE),
    ("path", "matrix", False, COLORS, ";c=blue,black", LIST),
    ("path", "matrix", False, COLORS, ";c", NONE),
    ("path", "matrix", False, RGB, ";c=R,100,G,200", OBJECT),
    ("path", "matrix", True, TEXT, ";c=blue", BLUE),
    ("path", "matrix", True, COLORS, ";c=blue;c=black", LIST),
    ("path", "matrix", True, COLORS, ";c=blue", ONE),
    ("path", "matrix", True, RGB, ";R=100;G=200", OBJECT),
    ("header", "simple", False, TEXT, "blue, black", "blue, black"),
    ("header", "simple", False, NUMBER, "3", THREE),
    ("header", "simple", False, COLORS, "blue, black", LIST),
    ("header", "simple", False, COLORS, "", NONE),
    ("header", "simple", False, RGB, "R,100,G,200", OBJECT),
    ("header", "simple", True, COLORS, "blue,black", LIST),
    ("header", "simple", True, RGB, "R=100,G=200", OBJECT),
    ("query", "form", False, TEXT, "c=blue", BLUE),
    ("query", "form", False, TEXT, "c=blue%2Cblack", "blue,black"),
    ("query", "form", False, NUMBER, "c=3", THREE),
    ("query", "form", False, COLORS, "c=blue,black", LIST),
    ("query", "form", False, COLORS, "c=blue%2Cblack", LIST),
    ("query", "form", False, COLORS, "c=bl%2Cue,black", ["bl,ue", "black"]),
    ("query", "form", False, COLORS, "c=", NONE),
    ("query", "form", False, COLORS, "c=blue", ONE),
    ("query", "form", False, NUMBERS, "c=1,2", [1, 2]),
    ("query", "form", False, RGB, "c=R,100,G,200", OBJECT),
    ("query", "form", True, TEXT, "c=blue", BLUE),
    ("query", "form", True, TEXT, "c=black&c=blue", BLUE),
    ("query", "form", True, COLORS, "c=blue&c=black", LIST),
    ("query", "form", True, COLORS, "c=blue,black", ["blue,black"]),
    ("query", "form", True, COLORS, "c=", [""]),
    ("query", "form", True, NUMBERS, "c=1&c=2", [1, 2]),
    ("query", "form", True, RGB, "R=100&G=200&other=1", OBJECT),
    ("query", "form", True, FREE, "R=100&G=200", OBJECT),
    ("query", "spaceDelimited", False, COLORS, "c=blue%20black", LIST),
    ("query", "spaceDelimited", False, COLORS, "c=blue+black", LIST),
    ("query", "spaceDelimited", False, COLORS, "c=blue", ONE),
    ("query", "spaceDelimited", False, RGB, "c=R%20100%20G%20200", OBJECT),
    ("query", "spaceDelimited", True, COLORS, "c=blue&c=black", LIST),
    ("query", "pipeDelimited", False, COLORS, "c=blue|black", LIST),
    ("query", "pipeDelimited", False, COLORS, "c=blue%7Cblack", LIST),
    ("query", "pipeDelimited", False, RGB, "c=R|100|G|200", OBJECT),
    ("query", "pipeDelimited", True, COLORS, "c=blue&c=black", LIST),
    ("query", "deepObject", True, RGB, "c[R]=100&c[G]=200", OBJECT),
    ("query", "deepObject", True, RGB, "c%5BR%5D=100&c%5BG%5D=200", OBJECT),
    ("query", "deepObject", False, RGB, "c[R]=100&c[G]=200", OBJECT),
    ("query", "deepObject", True, FREE, "c[x]=1", {"x": 1}),
    ("query", "deepObject", True, COLORS, "c[]=blue&c[]=black", LIST),
    ("query", "deepObject", True, COLORS, "c[1]=black&c[0]=blue", LIST),
    ("cookie", "form", False, TEXT, "c=blue", BLUE),
    ("cookie", "form", False, TEXT, "c=a%20b", "a b"),
    ("cookie", "form", False, TEXT, "c=a+b", "a+b"),
    ("cookie", "form", False, TEXT, 'a=1; c="blue"; z=2', BLUE),
    ("cookie", "form", False, NUMBER, "c=3", THREE),
    ("cookie", "form", False, COLORS, "c=blue,black", LIST),
    ("cookie", "form", False, RGB, "c=R,100,G,200", OBJECT),
    ("cookie", "form", True, TEXT, "c=blue", BLUE),
    ("cookie", "form", True, COLORS, "c=blue&c=black", LIST),
    ("cookie", "form", True, COLORS, "c=blue; c=black", LIST),
    ("cookie", "form", True, RGB, "R=100&G=200", OBJECT),
    ("cookie", "form", True, RGB, "R=100; G=200", OBJECT),
    ("cookie", "cookie", False, COLORS, "c=blue,black", LIST),
    ("cookie", "cookie", True, TEXT, "c=a%20b", "a%20b"),
    ("cookie", "cookie", True, COLORS, "c=blue; c=black", LIST),
    ("cookie", "cookie", True, RGB, "R=100; G=200", OBJECT),
]  # fmt: skip


def kind_of(schema):
    """The kind of a schema without references."""
    return SchemaView(lambda node, at: (node, at), schema, "/schema")


def given(place, text):
    """What was sent, as it is handed over for each place."""
    if place == "query":
        return pairs_of(text)
    return cookies_of(text) if place == "cookie" else {"c": text}


def read(place, style, explode, schema, text, **more):
    """What the first way to read it says."""
    return deserializers(ParameterStyle("c", place, style, explode, **more), kind_of(schema))[0](given(place, text))


@pytest.mark.parametrize(("place", "style", "explode", "schema", "text", "value"), TABLE)
def test_each_style_is_read_back(place, style, explode, schema, text, value):
    """As the value that the tables of OpenAPI and RFC 6570 write so."""
    assert read(place, style, explode, schema, text) == value


@pytest.mark.parametrize(("place", "style"), [("query", "form"), ("query", "deepObject"), ("cookie", "form")])
@pytest.mark.parametrize("explode", [True, False])
@pytest.mark.parametrize("schema", [TEXT, COLORS, RGB])
def test_what_is_not_there_is_absent(place, style, explode, schema):
    """Whatever it would be."""
    assert read(place, style, explode, schema, "d=1") is ABSENT


@pytest.mark.parametrize(
    ("style", "explode", "schema", "text"),
    [
        ("label", False, TEXT, "blue"),
        ("label", True, COLORS, "blue.black"),
        ("matrix", False, TEXT, "c=blue"),
        ("matrix", False, TEXT, ";d=blue"),
        ("matrix", True, RGB, "R=100"),
    ],
)
def test_a_path_in_another_style_is_malformed(style, explode, schema, text):
    """What stands in front is part of the style."""
    with pytest.raises(Malformed, match="does not begin with"):
        read("path", style, explode, schema, text)


@pytest.mark.parametrize(
    ("place", "style", "explode", "text"),
    [
        ("query", "form", False, "c=R,100,G"),
        ("path", "simple", True, "R,100"),
        ("path", "simple", False, "R,100,G"),
        ("header", "simple", True, "R=100,G"),
    ],
)
def test_what_is_written_as_no_object_stays_text(place, style, explode, text):
    """For the validator to refuse."""
    assert isinstance(read(place, style, explode, RGB, text), str)


@pytest.mark.parametrize(("reserved", "value"), [(True, "a+b/c?d=e f"), (False, "a b/c?d=e f")])
def test_reserved_characters_may_be_let_through(reserved, value):
    """Then a plus is a plus."""
    assert read("query", "form", True, TEXT, "c=a+b/c?d=e%20f", reserved=reserved) == value


def test_an_exploded_object_leaves_other_parameters_alone():
    """Free members are those that nobody else is called."""
    value = read("query", "form", True, FREE, "R=100&limit=5&__code=404", others=frozenset({"limit"}))

    assert value == {"R": 100}


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("c[a][b]=1", {"a": {"b": 1}}),
        ("c[a][b]=1&c[a][c]=x", {"a": {"b": 1, "c": "x"}}),
        ("c[list]=1&c[list]=2", {"list": [1, 2]}),
        ("c[list][]=1&c[list][]=2", {"list": [1, 2]}),
        ("c[list][1]=2&c[list][0]=1", {"list": [1, 2]}),
        ("c[things][0][b]=1&c[things][1][b]=2", {"things": [{"b": 1}, {"b": 2}]}),
        ("c[a]=1&c[a][b]=2", {"a": {"b": 2}}),
        ("c[a", None),
        ("c]a[=1", None),
        ("c[a]x=1", None),
    ],
)
def test_brackets_may_be_nested(text, value):
    """As far as clients do; what is no such name is another parameter's."""
    inner = {"type": "object", "properties": {"b": NUMBER, "c": TEXT}}
    schema = {
        "type": "object",
        "properties": {"a": inner, "list": NUMBERS, "things": {"type": "array", "items": inner}},
    }

    found = read("query", "deepObject", True, schema, text)

    assert found == (ABSENT if value is None else value)


def ways(schema, text, explode=True):
    """Every way to read the text."""
    style = ParameterStyle("c", "query", "form", explode)
    return [deserialize(pairs_of(text)) for deserialize in deserializers(style, kind_of(schema))]


@pytest.mark.parametrize(
    ("schema", "text", "value"),
    [
        ({"type": ["integer", "null"]}, "c=3", 3),
        ({"type": ["integer", "null"]}, "c=null", None),
        ({"type": ["integer", "null"]}, "c=", None),
        ({"type": ["string", "null"]}, "c=null", "null"),
        ({"oneOf": [{"type": "integer"}, {"type": "boolean"}]}, "c=true", True),
        ({"anyOf": [{"type": "integer"}, {"type": "string"}]}, "c=3", 3),
        ({"allOf": [{"type": ["integer", "string"]}, {"type": "integer"}]}, "c=3", 3),
        ({"enum": [1, 2, "auto"]}, "c=2", 2),
        ({"enum": [1, 2, "auto"]}, "c=auto", "auto"),
        ({"const": True}, "c=true", True),
        ({"type": "number"}, "c=1.50", 1.5),
        ({"type": "number"}, "c=1e999", "1e999"),
        ({"type": "integer"}, "c=007", "007"),
        ({}, "c=3", "3"),
        ({"items": {"type": "integer"}}, "c=3", [3]),
        ({"properties": {"c": {"type": "integer"}}}, "c=3", {"c": 3}),
        ({"type": "array", "items": {"type": "object"}}, 'c={"a":1}', [{"a": 1}]),
        ({"type": "array", "items": {"type": "object"}}, "c={x", ["{x"]),
        ({"oneOf": [TEXT, COLORS]}, "c=blue", "blue"),
        ({"oneOf": [TEXT, COLORS]}, "c=blue&c=black", ["blue", "black"]),
    ],
)
def test_text_is_read_by_the_types_that_are_possible(schema, text, value):
    """The likeliest first."""
    assert next(found for found in ways(schema, text) if found is not ABSENT) == value


@pytest.mark.parametrize(
    ("schema", "text", "value"),
    [
        ({"type": ["integer", "string"]}, "c=3", "3"),
        ({"type": "array", "items": {"type": ["integer", "string"]}}, "c=3", ["3"]),
        ({"oneOf": [TEXT, COLORS]}, "c=blue", ["blue"]),
    ],
)
def test_the_other_types_are_not_forgotten(schema, text, value):
    """Where the first reading does not fit, another may."""
    assert value in ways(schema, text)
