"""Forms, read as their schemas and encodings have them."""

from __future__ import annotations

import pytest

from tests.engine.reading import PET, TEXT, admit, body, contract, refused

FORM = "application/x-www-form-urlencoded"


@pytest.mark.parametrize(
    ("sent", "value"),
    [
        ("name=Leo", {"name": "Leo"}),
        ("name=Leo+the+l%C3%B6we&age=3&tame=true", {"name": "Leo the löwe", "age": 3, "tame": True}),
        ("name=Leo&tags=a&tags=b%2Cc", {"name": "Leo", "tags": ["a", "b,c"]}),
        ("name=Leo&tags=a", {"name": "Leo", "tags": ["a"]}),
        ("name=Ann&name=Leo", {"name": "Leo"}),
        ("name=Leo&owner=%7B%22id%22%3A7%7D", {"name": "Leo", "owner": {"id": 7}}),
        ("name=Leo&owner%5Bid%5D=7&owner[name]=Kim", {"name": "Leo", "owner": {"id": 7, "name": "Kim"}}),
        ("name=Leo&owner.id=7", {"name": "Leo", "owner": {"id": 7}}),
        ("name=Leo&other=1", {"name": "Leo", "other": "1"}),
        ("name=Leo&a[b]=1", {"name": "Leo", "a[b]": "1"}),
        ("name", {"name": ""}),
    ],
)
def test_a_form_is_read_by_its_schema(sent, value):
    """Each field has the type of its member."""
    assert admit(contract(body(FORM, PET)), sent, FORM).body == value


@pytest.mark.parametrize(
    ("encoding", "sent", "value"),
    [
        ({"tags": {"style": "form", "explode": False}}, "tags=a,b", {"tags": ["a", "b"]}),
        ({"tags": {"style": "spaceDelimited", "explode": False}}, "tags=a+b", {"tags": ["a", "b"]}),
        ({"tags": {"style": "pipeDelimited", "explode": False}}, "tags=a%7Cb", {"tags": ["a", "b"]}),
        ({"tags": {"style": "deepObject", "explode": True}}, "tags[]=a&tags[]=b", {"tags": ["a", "b"]}),
        ({"owner": {"style": "deepObject", "explode": True}}, "owner[id]=7", {"owner": {"id": 7}}),
        ({"owner": {"style": "form", "explode": True}}, "id=7", {"owner": {"id": 7}}),
        ({"owner": {"style": "form", "explode": False}}, "owner=id,7", {"owner": {"id": 7}}),
        ({"owner": {"contentType": "application/json"}}, "owner=%7B%22id%22:7%7D", {"owner": {"id": 7}}),
        ({"name": {"allowReserved": True}}, "name=a+b/c", {"name": "a+b/c"}),
        ({"owner": {"style": "form", "explode": True}}, "other=7", {"other": "7"}),
    ],
)
def test_a_form_is_read_by_its_encoding(encoding, sent, value):
    """Style, explode, allowReserved and contentType of each member."""
    operation = contract(body(FORM, {**PET, "required": []}, encoding=encoding))

    assert admit(operation, sent, FORM).body == value


@pytest.mark.parametrize(
    ("sent", "value"),
    [
        ("fee=365", {"fee": 365}),
        ("fee=", {"fee": ""}),
        ("fee[gte]=3", {"fee": {"gte": 3}}),
        ("tags=a&tags=b", {"tags": ["a", "b"]}),
    ],
)
def test_brackets_are_for_objects_alone(sent, value):
    """What may be an object and something else stands without them where it is something else."""
    fee = {
        "anyOf": [{"type": "object", "properties": {"gte": {"type": "integer"}}}, {"type": "integer"}, {"enum": [""]}]
    }
    schema = {"type": "object", "properties": {"fee": fee, "tags": {"type": "array", "items": {"type": "string"}}}}
    deep = {"style": "deepObject", "explode": True}
    operation = contract(body(FORM, schema, encoding={"fee": deep, "tags": deep}))

    found = admit(operation, sent, FORM).body

    assert found == value


def test_an_empty_form_is_a_form():
    """Where nothing in it is required."""
    assert admit(contract(body(FORM, {"type": "object"})), b"", FORM).body == {}


def test_a_member_that_may_be_two_things_is_the_one_that_fits():
    """A number is tried before text."""
    schema = {"type": "object", "properties": {"id": {"oneOf": [{"type": "integer", "maximum": 9}, TEXT]}}}
    operation = contract(body(FORM, schema))

    assert [admit(operation, f"id={text}", FORM).body["id"] for text in ("7", "70", "x")] == [7, "70", "x"]


@pytest.mark.parametrize(
    ("sent", "violations"),
    [
        ("", ["body/name: is required"]),
        ("name=Leo&age=old", ["body/age: expected an integer, got a string"]),
        ("name=Leo&owner[id]=x", ["body/owner/id: expected an integer, got a string"]),
        ("name=Leo&owner=x", ["body/owner: expected an object, got a string"]),
        ("name=Leo&about=%7B", ["body/about: expected an object, got a string"]),
    ],
)
def test_a_form_keeps_its_schema(sent, violations):
    """Everything by its place."""
    schema = {**PET, "properties": {**PET["properties"], "about": {"type": "object"}}}
    operation = contract(body(FORM, schema, encoding={"about": {"contentType": "application/json"}}))

    assert refused(operation, sent, FORM) == (422, violations)


def test_forbidden_fields_are_refused():
    """Those that the schema has no place for."""
    operation = contract(body(FORM, {**PET, "additionalProperties": False}))

    status, [violation] = refused(operation, "name=Leo&wings=2", FORM)

    assert (status, "wings" in violation) == (422, True)
