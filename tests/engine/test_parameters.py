"""Parameters of a document's operations, from the wire to values that keep their schemas."""

from __future__ import annotations

import pytest

from mockserver.engine.call import Call
from mockserver.messages import Request
from mockserver.problem import Problem
from tests.engine.reading import Headers, admit, contract, refused

TEXT, NUMBER = {"type": "string"}, {"type": "integer"}
RGB = {"type": "object", "required": ["R"], "properties": {"R": NUMBER, "G": NUMBER}, "additionalProperties": False}


def operation(place, schema=None, name="c", **more):
    """An operation with one parameter."""
    described = {} if "content" in more else {"schema": schema}
    required = {"required": True} if place == "path" else {}
    node = {"name": name, "in": place, **described, **required, **more}
    return contract({"parameters": [node]}, path="/things/{c}" if place == "path" else "/things")


@pytest.mark.parametrize(
    ("schema", "more", "query", "value"),
    [
        ({"type": "array", "items": NUMBER}, {"explode": False}, "c=1,2", [1, 2]),
        (RGB, {"style": "deepObject"}, "c[R]=1", {"R": 1}),
        ({"anyOf": [RGB, NUMBER]}, {"style": "deepObject"}, "c[R]=1", {"R": 1}),
        ({"anyOf": [RGB, NUMBER]}, {"style": "deepObject"}, "c=7", 7),
        (RGB, {}, "R=1&G=2", {"R": 1, "G": 2}),
        ({"type": ["integer", "null"]}, {}, "c=null", None),
        ({"oneOf": [{"type": "integer", "maximum": 9}, TEXT]}, {}, "c=70", "70"),
        ({"anyOf": [{"type": "array", "items": NUMBER}, {"enum": ["all"]}]}, {}, "c=all", "all"),
        ({"anyOf": [{"type": "array", "items": NUMBER}, {"enum": ["all"]}]}, {}, "c=1&c=2", [1, 2]),
        ({"anyOf": [{"type": "array", "items": NUMBER}, {"enum": ["all"]}]}, {}, "c=1", [1]),
        (NUMBER, {"allowEmptyValue": True}, "c=", ""),
        (NUMBER, {"allowEmptyValue": True}, "c", ""),
        (NUMBER, {"allowEmptyValue": True}, "c=3", 3),
        (TEXT, {"allowReserved": True}, "c=/a?b=c+d", "/a?b=c+d"),
        ({**NUMBER, "default": 5}, {}, "", 5),
        ({"$ref": "#/components/schemas/Missing"}, {}, "c=x", "x"),
        ({"type": "string", "pattern": "["}, {}, "c=x", "x"),
        (None, {"content": {"application/json": {"schema": RGB}}}, "c=%7B%22R%22%3A1%7D", {"R": 1}),
        (None, {"content": {"application/json": {}}}, "c=[1,2]", [1, 2]),
        (None, {"content": {"text/plain": {"schema": NUMBER}}}, "c=3", 3),
    ],
)
def test_a_query_parameter_is_read(schema, more, query, value):
    """In every way that it can be declared."""
    call = admit(operation("query", schema, **more), query=query)

    assert call.query == {"c": value}


@pytest.mark.parametrize(
    ("schema", "more", "query", "violation"),
    [
        (NUMBER, {}, "c=", "query/c: expected an integer, got a string"),
        (NUMBER, {"required": True}, "d=1", "query/c: is required"),
        (RGB, {"required": True}, "d=1", "query/c: is required"),
        (RGB, {}, "G=1", "query/c/R: is required"),
        (RGB, {"style": "deepObject"}, "c[R]=x", "query/c/R: expected an integer, got a string"),
        (
            {"type": "array", "items": NUMBER},
            {"explode": False},
            "c=1,x",
            "query/c/1: expected an integer, got a string",
        ),
        (
            {"type": "array", "minItems": 1, "items": NUMBER},
            {"explode": False},
            "c=",
            "query/c: expected at least 1 item, got 0",
        ),
        (
            None,
            {"content": {"application/json": {"schema": RGB}}},
            "c=%7B",
            "query/c: it ended while parsing an object at line 1 column 1",
        ),
        (None, {"content": {"application/json": {"schema": RGB}}}, "c=%7B%7D", "query/c/R: is required"),
    ],
)
def test_a_bad_query_parameter_is_refused(schema, more, query, violation):
    """By its place."""
    assert refused(operation("query", schema, **more), query=query) == (422, [violation])


def test_a_pointer_escapes_what_is_in_a_name():
    """As JSON Pointer has it."""
    status, [violation] = refused(operation("query", NUMBER, name="a/b~c"), query="a/b~c=x")

    assert (status, violation) == (422, "query/a~1b~0c: expected an integer, got a string")


@pytest.mark.parametrize(
    ("style", "explode", "schema", "text", "value"),
    [
        ("simple", False, {"type": "array", "items": NUMBER}, "1,2", [1, 2]),
        ("label", False, NUMBER, ".3", 3),
        ("matrix", True, RGB, ";R=1;G=2", {"R": 1, "G": 2}),
    ],
)
def test_a_path_parameter_is_read(style, explode, schema, text, value):
    """In its style."""
    reading = operation("path", schema, style=style, explode=explode)
    call = Call(Request("POST", f"/things/{text}", "", Headers(), b"", ""), {}, 0.0, "")
    call.path = {"c": text}

    reading.validate_request(call)

    assert call.path == {"c": value}


def test_a_path_in_another_style_is_refused():
    """It says what is missing."""
    reading = operation("path", NUMBER, style="label")
    call = Call(Request("POST", "/things/3", "", Headers(), b"", ""), {}, 0.0, "")
    call.path = {"c": "3"}

    with pytest.raises(Problem) as refusal:
        reading.validate_request(call)

    assert [*map(str, refusal.value.violations)] == ["path/c: does not begin with '.', as its style has it"]


@pytest.mark.parametrize(
    ("cookie", "schema", "more", "value"),
    [
        ("c=3", NUMBER, {}, 3),
        ("a=1; c=a%20b", TEXT, {}, "a b"),
        ("c=a%20b", TEXT, {"style": "cookie"}, "a%20b"),
        ("R=1; G=2", RGB, {}, {"R": 1, "G": 2}),
    ],
)
def test_a_cookie_is_read(cookie, schema, more, value):
    """By its style."""
    assert admit(operation("cookie", schema, **more), Cookie=cookie).cookie == {"c": value}


def test_a_missing_cookie_is_told():
    """Where it is required."""
    assert refused(operation("cookie", TEXT, required=True), Cookie="d=1") == (422, ["cookie/c: is required"])


@pytest.mark.parametrize("name", ["Accept", "content-type", "AUTHORIZATION"])
def test_some_headers_are_no_parameters(name):
    """The document speaks of them elsewhere."""
    assert admit(operation("header", NUMBER, name=name, required=True)).header == {}


def test_a_header_of_several_values_is_read():
    """As an array."""
    reading = operation("header", {"type": "array", "items": NUMBER}, name="X-Ids")

    assert admit(reading, **{"x-ids": "1, 2"}).header == {"X-Ids": [1, 2]}


@pytest.mark.parametrize(
    ("content", "query", "value"),
    [
        ({"application/x-www-form-urlencoded": {"schema": RGB}}, "R=1&G=2", {"R": 1, "G": 2}),
        ({"application/json": {"schema": RGB}}, "%7B%22R%22%3A1%7D", {"R": 1}),
        ({"text/plain": {"schema": TEXT}}, "a%20b", "a b"),
    ],
)
def test_a_whole_query_is_one_value(content, query, value):
    """`in: querystring` of OpenAPI 3.2."""
    call = admit(operation("querystring", name="all", content=content), query=query)

    assert call.query == {"all": value}


@pytest.mark.parametrize(
    ("place", "collection", "sent"),
    [
        ("query", "tsv", {"query": "c=1%092"}),
        ("query", "tsv", {"query": "c=1\t2"}),
        ("header", "tsv", {"c": "1\t2"}),
        ("header", "ssv", {"c": "1 2"}),
        ("header", "pipes", {"c": "1 | 2"}),
    ],
)
def test_a_list_is_split_where_swagger_has_it(place, collection, sent):
    """Where no style of OpenAPI 3 is that of its `collectionFormat`."""
    reading = operation(place, {"type": "array", "items": NUMBER}, explode=False, **{"x-collectionFormat": collection})

    assert getattr(admit(reading, **sent), place) == {"c": [1, 2]}


def test_a_whole_query_has_nothing_that_its_schema_forbids():
    """There is no other parameter that it could be."""
    content = {"application/x-www-form-urlencoded": {"schema": RGB}}

    status, [violation] = refused(operation("querystring", name="all", content=content), query="R=1&Z=2")

    assert (status, "'Z' was unexpected" in violation) == (422, True)


def test_a_whole_query_keeps_its_schema():
    """As any parameter does."""
    content = {"application/x-www-form-urlencoded": {"schema": RGB}}

    assert refused(operation("querystring", name="all", content=content), query="R=x") == (
        422,
        ["query/R: expected an integer, got a string"],
    )


def test_an_exploded_object_and_others_share_a_query():
    """Each takes its own names."""
    reading = contract(
        {
            "parameters": [
                {"name": "filter", "in": "query", "schema": {"type": "object", "additionalProperties": NUMBER}},
                {"name": "limit", "in": "query", "schema": NUMBER},
            ]
        }
    )

    assert admit(reading, query="age=3&limit=5").query == {"filter": {"age": 3}, "limit": 5}
