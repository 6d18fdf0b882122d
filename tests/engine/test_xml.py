"""XML as values and values as XML."""

from __future__ import annotations

import pytest

from mockserver.engine.body.xml import read, write
from mockserver.json_text import Malformed
from mockserver.openapi.schema.schema_view import SchemaView

TEXT, NUMBER = {"type": "string"}, {"type": "integer"}
HEAD = '<?xml version="1.0" encoding="UTF-8"?>\n'
COMPONENTS = {
    "Animal": {"type": "object", "properties": {"id": {**NUMBER, "xml": {"attribute": True}}, "name": TEXT}},
    "Zoo": {"type": "object", "properties": {"animals": {"type": "array", "items": {"$ref": "Animal"}}}},
}


def resolve(node, at):
    """References are names of components here."""
    name = node.get("$ref") if isinstance(node, dict) else None
    return (COMPONENTS[name], f"/components/schemas/{name}") if name else (node, at)


def kind_of(schema):
    """The kind of the schema."""
    return SchemaView(resolve, schema, "/schema")


CASES = [
    ({"$ref": "Animal"}, {"id": 7, "name": "Leo & Co"}, '<Animal id="7"><name>Leo &amp; Co</name></Animal>'),
    (
        {"$ref": "Zoo"},
        {"animals": [{"id": 1, "name": "a"}, {"id": 2, "name": "b"}]},
        '<Zoo><animals id="1"><name>a</name></animals><animals id="2"><name>b</name></animals></Zoo>',
    ),
    ({"type": "array", "items": {"$ref": "Animal"}}, [{"id": 1}], '<root><Animal id="1"/></root>'),
    (
        {"type": "array", "xml": {"name": "animals", "wrapped": True}, "items": {**TEXT, "xml": {"name": "animal"}}},
        ["a", "b"],
        "<animals><animal>a</animal><animal>b</animal></animals>",
    ),
    (
        {"properties": {"a": {"type": "array", "items": TEXT, "xml": {"wrapped": True}}}, "xml": {"name": "x"}},
        {"a": ["1", "2"]},
        "<x><a><a>1</a><a>2</a></a></x>",
    ),
    (
        {"properties": {"a": {"type": "array", "items": {**TEXT, "xml": {"name": "i"}}}}, "xml": {"name": "x"}},
        {"a": ["1", "2"]},
        "<x><i>1</i><i>2</i></x>",
    ),
    (
        {
            "xml": {"name": "x", "namespace": "urn:x", "prefix": "p"},
            "properties": {"a": {**TEXT, "xml": {"namespace": "urn:a", "prefix": "q"}}},
        },
        {"a": "1"},
        '<p:x xmlns:p="urn:x"><q:a xmlns:q="urn:a">1</q:a></p:x>',
    ),
    (
        {
            "xml": {"name": "x"},
            "properties": {
                "a": {**NUMBER, "xml": {"nodeType": "attribute"}},
                "b": {**TEXT, "xml": {"nodeType": "text"}},
            },
        },
        {"a": 1, "b": "<&>"},
        '<x a="1">&lt;&amp;&gt;</x>',
    ),
    (
        {"xml": {"name": "x"}, "properties": {"a": {"type": ["boolean", "null"]}, "b": {"type": "number"}}},
        {"a": True, "b": 1.5},
        "<x><a>true</a><b>1.5</b></x>",
    ),
    (
        {"xml": {"name": "x"}, "additionalProperties": {"type": "integer"}},
        {"a": 1, "b": 2},
        "<x><a>1</a><b>2</b></x>",
    ),
    ({**NUMBER, "xml": {"name": "x"}}, 7, "<x>7</x>"),
    (
        {"type": "array", "xml": {"name": "x"}, "items": {"type": "array", "items": NUMBER, "xml": {"name": "row"}}},
        [[1, 2], [3]],
        "<x><row><row>1</row><row>2</row></row><row><row>3</row></row></x>",
    ),
]


@pytest.mark.parametrize(("schema", "value", "text"), CASES)
def test_a_value_is_written_by_the_xml_objects(schema, value, text):
    """Names, attributes, wrapped arrays, namespaces, node types."""
    assert write(value, kind_of(schema)).decode() == HEAD + text


@pytest.mark.parametrize(("schema", "value", "text"), CASES)
def test_what_was_written_is_read_back(schema, value, text):
    """As the same value."""
    assert read(text.encode(), kind_of(schema)) == value


@pytest.mark.parametrize(
    ("value", "text"),
    [
        ({"not a name": 1, "2nd": 2}, "<root><not_a_name>1</not_a_name><_2nd>2</_2nd></root>"),
        ({"a": "\x00\x1fb"}, "<root><a>b</a></root>"),
        ({"a": None, "b": []}, "<root><a/></root>"),
        ({"a": [1, {"b": 2}]}, "<root><a>1</a><a><b>2</b></a></root>"),
        ([], "<root/>"),
    ],
)
def test_what_xml_has_no_place_for_is_written_as_near_as_can_be(value, text):
    """It is well-formed in any case."""
    assert write(value, kind_of({})).decode() == HEAD + text


def test_nil_is_null():
    """As XML Schema has it."""
    nil = b'<a xmlns:i="http://www.w3.org/2001/XMLSchema-instance"><b i:nil="true"/></a>'

    assert read(nil, kind_of({"properties": {"b": {"type": ["string", "null"]}}})) == {"b": None}


@pytest.mark.parametrize("content", [b"", b"\x00", b"<a", b"<a>\xff</a>", b'<?xml version="1.0" encoding="nope"?><a/>'])
def test_what_is_no_xml_is_malformed(content):
    """Whatever it is."""
    with pytest.raises(Malformed):
        read(content, kind_of({}))


def test_an_attribute_keeps_its_line_breaks():
    """And its quotes."""
    schema = {"xml": {"name": "x"}, "properties": {"a": {**TEXT, "xml": {"attribute": True}}}}
    value = {"a": "\"one\"\n\t'two' & <three>"}

    assert read(write(value, kind_of(schema)), kind_of(schema)) == value


SPACED = {
    "xml": {"name": "x", "namespace": "urn:x"},
    "properties": {"a": {**TEXT, "xml": {"namespace": "urn:a"}}, "b": TEXT},
}


@pytest.mark.parametrize(
    ("content", "why"),
    [
        (b"<x/>", "its root is in the namespace none; expected urn:x"),
        (b'<x xmlns="urn:y"/>', "its root is in the namespace urn:y; expected urn:x"),
    ],
)
def test_a_root_in_another_namespace_is_none(content, why):
    """However it is called."""
    with pytest.raises(Malformed, match=why):
        read(content, kind_of(SPACED))


def test_an_element_in_another_namespace_is_another():
    """It keeps its namespace; where none is declared any is right."""
    content = b'<x xmlns="urn:x" xmlns:a="urn:a"><a>wrong</a><a:a>right</a:a><b>any</b></x>'

    assert read(content, kind_of(SPACED)) == {"{urn:x}a": "wrong", "a": "right", "b": "any"}
