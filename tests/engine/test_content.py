"""Bodies of every media type, read as their schemas have them."""

from __future__ import annotations

import pytest

from tests.engine.reading import FLAG, NUMBER, PET, TEXT, admit, body, contract, refused

FORM = "application/x-www-form-urlencoded"


# By media type


@pytest.mark.parametrize(
    ("declared", "sent", "status"),
    [
        ("", "text/plain", 200),
        ("application/json", "application/json", 200),
        ("application/json", "Application/JSON; charset=utf-8", 200),
        ("application/json", "application/vnd.api+json", 415),
        ("application/json; version=1", "application/json", 200),
        ("application/json; version=1", "application/json;version=1", 200),
        ("application/*", "application/json", 200),
        ("*/*", "application/json", 200),
        ("*/*", "", 200),
        ("application/octet-stream", "", 200),
        ("application/vnd.api+json", "application/vnd.api+json", 200),
        ("application/vnd.api+json", "application/json", 415),
        ("text/*", "text/csv", 200),
        ("text/*", "application/json", 415),
        ("application/json", "", 415),
        ("application/json", "nonsense", 415),
    ],
)
def test_a_media_type_is_taken_as_declared(declared, sent, status):
    """Itself, with parameters or without, or within a range; what says nothing of itself is octets."""
    operation = contract({"requestBody": {"content": {declared: {}}}})

    said = 200 if status == 200 else refused(operation, b"{}", sent)[0]
    if status == 200:
        admit(operation, b"{}", sent)

    assert said == status


def test_a_415_says_what_is_taken():
    """All of it."""
    operation = contract({"requestBody": {"content": {"application/json": {}, "text/*": {}}}})

    assert refused(operation, b"<a/>", "application/xml") == (
        415,
        ["The body has Content-Type 'application/xml'; expected application/json, text/*."],
    )


@pytest.mark.parametrize(
    ("declared", "schema", "sent", "content", "value"),
    [
        ("application/problem+json", {}, "application/problem+json", b'{"a": 1}', {"a": 1}),
        ("text/plain", TEXT, "text/plain", b"Gr\xc3\xbc\xc3\x9fe", "Grüße"),
        ("text/plain", TEXT, "text/plain; charset=latin-1", b"Gr\xfc\xdfe", "Grüße"),
        ("text/plain", TEXT, 'text/plain; charset="UTF-16"', "Grüße".encode("utf-16"), "Grüße"),
        ("text/plain", NUMBER, "text/plain", b"42", 42),
        ("text/plain", TEXT, "text/plain", b"", ""),
        ("application/octet-stream", {}, "application/octet-stream", b"\x00\xff", "\x00\xff"),
        ("image/png", {"type": "string", "format": "binary"}, "image/png", b"\x89PNG", "\x89PNG"),
        ("application/graphql", TEXT, "application/graphql", "{ä}".encode(), "{ä}"),
        ("application/vnd.thing", {"type": "object"}, "application/vnd.thing", b'{"a": 1}', {"a": 1}),
        ("application/jsonl", {"type": "array"}, "application/jsonl", b'{"a":1}\n\n[2]\n', [{"a": 1}, [2]]),
        ("application/json-seq", {"type": "array"}, "application/json-seq", b"\x1e1\n\x1e2\n", [1, 2]),
    ],
)
def test_a_body_is_read_by_its_media_type(declared, schema, sent, content, value):
    """As text, octets, JSON, or JSON line by line."""
    assert admit(contract(body(declared, schema)), content, sent).body == value


@pytest.mark.parametrize(
    ("declared", "sent", "content", "said"),
    [
        ("application/json", "application/json", b"{", "The body is no JSON: it ended while parsing"),
        ("text/plain", "text/plain; charset=klingon", b"x", "The body is no text: the charset 'klingon' is not known."),
        ("text/plain", "text/plain; charset=rot13", b"x", "The body is no text: the charset 'rot13' is not known."),
        ("text/plain", "text/plain", b"\xff", "The body is no text: its bytes are not in the charset utf-8."),
        (FORM, FORM, b"a=\xff", "The body is no form: its bytes are not in the charset utf-8."),
        (
            "application/jsonl",
            "application/jsonl",
            b"1\n{\n",
            "The body is no sequence of JSON values: in line 2 it ended",
        ),
        ("application/json", "application/json", b"", "A body is required, and none was sent."),
    ],
)
def test_what_cannot_be_read_is_a_400(declared, sent, content, said):
    """Which says why."""
    status, [detail] = refused(contract(body(declared, {})), content, sent)

    assert status == 400
    assert detail.startswith(said)


@pytest.mark.parametrize("keyword", ["itemSchema", "schema"])
def test_each_item_of_a_sequence_keeps_its_schema(keyword):
    """That of `itemSchema` (OpenAPI 3.2); before that there was `schema` alone."""
    operation = contract({"requestBody": {"content": {"application/jsonl": {keyword: PET}}}})

    assert refused(operation, '{"name":"Leo"}\n{"age":"x"}\n', "application/jsonl") == (
        422,
        ["body/1/age: expected an integer, got a string", "body/1/name: is required"],
    )


def test_of_a_sequence_the_first_hundred_violations_are_told():
    """As of one value."""
    operation = contract({"requestBody": {"content": {"application/jsonl": {"itemSchema": PET}}}})

    status, told = refused(operation, b"{}\n" * 1000, "application/jsonl")

    assert status == 422
    assert (len(told), told[0], told[-1]) == (100, "body/0/name: is required", "body/99/name: is required")


def test_a_body_and_parameters_are_told_together():
    """All that is wrong with a request at once."""
    operation = contract(
        {
            **body(FORM, PET),
            "parameters": [
                {"name": "limit", "in": "query", "schema": NUMBER},
                {"name": "sid", "in": "cookie", "required": True, "schema": TEXT},
            ],
        }
    )

    assert refused(operation, "age=x", FORM, query="limit=x") == (
        422,
        [
            "query/limit: expected an integer, got a string",
            "cookie/sid: is required",
            "body/age: expected an integer, got a string",
            "body/name: is required",
        ],
    )


# XML


ANIMAL = {
    "type": "object",
    "required": ["name"],
    "xml": {"name": "animal"},
    "properties": {
        "id": {**NUMBER, "xml": {"attribute": True}},
        "name": {**TEXT, "xml": {"name": "called"}},
        "tame": FLAG,
        "tags": {"type": "array", "items": TEXT},
        "foods": {"type": "array", "items": {**TEXT, "xml": {"name": "food"}}, "xml": {"wrapped": True}},
        "note": {**TEXT, "xml": {"namespace": "urn:notes", "prefix": "n"}},
    },
}


@pytest.mark.parametrize(
    ("sent", "value"),
    [
        ("<animal><called>Leo</called></animal>", {"name": "Leo"}),
        ('<animal id="7"><called>Leo</called><tame>true</tame></animal>', {"id": 7, "name": "Leo", "tame": True}),
        ("<animal><called>L</called><tags>a</tags><tags>b</tags></animal>", {"name": "L", "tags": ["a", "b"]}),
        (
            "<animal><called>L</called><foods><food>a</food><food>b</food></foods></animal>",
            {"name": "L", "foods": ["a", "b"]},
        ),
        ("<animal><called>L</called><foods/></animal>", {"name": "L", "foods": []}),
        (
            '<animal><called>L</called><x:note xmlns:x="urn:notes">Hi</x:note><note>No</note></animal>',
            {"name": "L", "note": "Hi"},
        ),
        (
            "<animal><called>L &amp; <![CDATA[<K>]]></called><wings>2</wings></animal>",
            {"name": "L & <K>", "wings": "2"},
        ),
        ('<?xml version="1.0" encoding="latin-1"?><animal><called>L\xf6</called></animal>', {"name": "Lö"}),
    ],
)
def test_xml_is_read_by_the_xml_objects(sent, value):
    """Names, attributes, wrapped arrays and namespaces."""
    found = admit(contract(body("application/xml", ANIMAL)), sent.encode("latin-1"), "application/xml")

    assert found.body == value


BOMB = '<!DOCTYPE a [<!ENTITY b "' + "x" * 100 + '">]><animal><called>&b;</called></animal>'
THIEF = '<!DOCTYPE a [<!ENTITY b SYSTEM "file:///etc/passwd">]><animal><called>&b;</called></animal>'


@pytest.mark.parametrize(
    ("sent", "status", "said"),
    [
        ("<animal><called>Leo</called>", 400, "The body is no XML: no element found"),
        ("Leo", 400, "The body is no XML: syntax error"),
        (BOMB, 400, "The body is no XML: it has a document type definition"),
        (THIEF, 400, "The body is no XML: it has a document type definition"),
        ("<a>" * 5000 + "</a>" * 5000, 400, "The body is no XML: nested deeper than 100 levels"),
        ("<pet/>", 400, "The body is no XML: its root is <pet>; expected <animal>"),
        ("<animal/>", 422, "body/name: is required"),
        ("<animal><called>L</called><tame>maybe</tame></animal>", 422, "body/tame: expected a boolean, got a string"),
    ],
)
def test_xml_that_is_not_as_declared_is_refused(sent, status, said):
    """And nothing of it is ever looked up or blown up."""
    found, [message, *_] = refused(contract(body("application/xml", ANIMAL)), sent, "application/xml")

    assert (found, message[: len(said)]) == (status, said)


@pytest.mark.parametrize(
    ("media_type", "said"), [(FORM, ["body/name: is required"]), (f"{FORM}; charset=utf-8", ["body/name: is required"])]
)
def test_no_bytes_under_the_type_of_a_form_are_an_empty_form(media_type, said):
    """Also where the body need not be there at all."""
    operation = contract({"requestBody": {"content": {FORM: {"schema": PET}}}})

    assert refused(operation, b"", media_type) == (422, said)


def test_no_bytes_of_no_type_are_no_body():
    """Which is fine where none is required."""
    operation = contract({"requestBody": {"content": {FORM: {"schema": PET}}}})

    assert admit(operation, b"").body is None
