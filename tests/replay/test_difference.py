"""Answers of two servers, aligned and compared."""

import json
from dataclasses import replace
from pathlib import Path

import pytest

from mockserver.contract.replay.alignment import Alignment
from mockserver.contract.replay.difference import Difference, DifferenceKind, DifferenceRules, differences
from mockserver.contract.replay.planned_request import PlannedRequest
from mockserver.contract.replay.player import PlayedAnswer, RequestAsSent
from mockserver.json_pointer import MISSING
from mockserver.openapi.model.document import load

DOCUMENT = """
openapi: 3.1.0
info: {title: Pets, version: "1"}
paths:
  /pets:
    post:
      operationId: createPet
      responses:
        "201":
          description: made
          headers: {X-Kind: {schema: {type: string}}}
          content:
            application/json:
              schema:
                oneOf:
                  - {type: object, required: [bark], properties: {bark: {type: string}}}
                  - {type: object, required: [purr], properties: {purr: {type: string}}}
"""


def answer(body, status=200, **headers):
    """An answer with this JSON body; MISSING: without one."""
    pairs = tuple((name.replace("_", "-"), value) for name, value in headers.items())
    content = b"" if body is MISSING else json.dumps(body).encode()
    kind = () if body is MISSING else (("Content-Type", "application/json"),)
    return PlayedAnswer(RequestAsSent("GET"), status, (*kind, *pairs), content)


def compared(left, right, alignment=None, *, by_value=True, collection="pets"):
    """The kind and place of each difference."""
    rules = DifferenceRules(alignment or Alignment(), by_value, collection)
    return [found[:2] for found in differences(left, right, rules)]


@pytest.fixture
def create_pet(tmp_path: Path):
    """An operation whose answer is one of two kinds, with a header."""
    (tmp_path / "pets.yaml").write_text(DOCUMENT)
    return load(tmp_path / "pets.yaml", "pets").operation("createPet")


def test_ids_and_times_that_servers_chose_are_no_difference():
    """Numbers, UUIDs, prefixed ids, times in one form, and addresses with these ids."""
    alignment = Alignment(("http://mock/~w/v1", "http://real/v1"))
    left = answer({"id": 1, "key": "ab12", "at": "2026-03-20T09:00:00Z", "url": "http://mock/~w/v1/pets/1"})
    right = answer({"id": 17, "key": "zz99", "at": "2031-01-01T00:00:00.123+00:00", "url": "http://real/v1/pets/17"})

    assert compared(left, right, alignment) == []


def test_what_the_client_sent_is_no_choice_of_a_server():
    """A time, an id or a name that one of them changes is a difference."""
    alignment = Alignment()
    alignment.give(PlannedRequest("POST", "/pets", body={"id": "p1", "due": "2026-01-01T00:00:00Z", "name": "Rex"}))
    left = answer({"id": "p1", "due": "2026-01-01T00:00:00Z", "name": "Rex"})
    right = answer({"id": "p2", "due": "2027-01-01T00:00:00Z", "name": "rex"})

    assert compared(left, right, alignment) == [("value", "/id"), ("value", "/due"), ("value", "/name")]


def test_a_time_that_was_sent_may_come_back_in_another_spelling():
    """It is the same instant."""
    alignment = Alignment()
    alignment.give(PlannedRequest("POST", "/pets", body={"due": "2026-01-01T00:00:00Z"}))

    found = compared(
        answer({"due": "2026-01-01T00:00:00Z"}), answer({"due": "2026-01-01T01:00:00.000+01:00"}), alignment
    )

    assert found == []


def test_ids_once_matched_match_everywhere():
    """The record that is read again is the same one."""
    alignment = Alignment()
    compared(answer({"id": 1}), answer({"id": 17}), alignment)

    same = compared(answer([{"id": 1}]), answer([{"id": 17}]), alignment)
    reused = compared(answer([{"id": 2}]), answer([{"id": 17}]), alignment)
    another = compared(answer([{"id": 1}]), answer([{"id": 18}]), alignment)

    assert (same, reused, another) == ([], [("value", "/0/id")], [("value", "/0/id")])


def test_equal_ids_are_matched_too():
    """A server that gives one id twice differs, though the first one was equal."""
    alignment = Alignment()
    compared(answer({"id": 1}), answer({"id": 1}), alignment)

    assert compared(answer({"id": 2}), answer({"id": 1}), alignment) == [("value", "/id")]


def test_small_numbers_are_ids_of_one_collection():
    """The first pet and the first owner have nothing to do with each other."""
    alignment = Alignment()
    compared(answer({"id": 1}), answer({"id": 17}), alignment, collection="pets")

    assert compared(answer({"id": 1}), answer({"id": 4}), alignment, collection="owners") == []


def test_other_values_are_compared_literally():
    """State, counts, codes, flags and types."""
    left = answer({"state": "open", "count": 2, "code": "E1", "on": True, "price": 1, "tags": ["a"], "x": None})
    right = answer({"state": "shut", "count": 3, "code": "E2", "on": 1, "price": 1.0, "tags": [], "y": None})

    assert compared(left, right) == [
        ("value", "/state"), ("value", "/count"), ("value", "/code"), ("type", "/on"), ("length", "/tags"),
        ("missing", "/x"), ("additional", "/y"),
    ]  # fmt: skip


def test_times_in_another_order_are_told():
    """Changed before it was made."""
    left = answer({"created_at": "2026-01-01T00:00:00Z", "updated_at": "2026-01-01T00:00:05Z"})
    right = answer({"created_at": "2026-01-01T00:00:05Z", "updated_at": "2026-01-01T00:00:00Z"})

    assert compared(left, right) == [("order", "/created_at")]


def test_a_list_in_another_order_is_told_once():
    """Its records, which were matched before, are compared with one another all the same."""
    alignment = Alignment()
    for left, right in ((1, 17), (2, 18)):
        compared(answer({"id": left}), answer({"id": right}), alignment)
    left = answer([{"id": 1, "name": "Rex"}, {"id": 2, "name": "Tom"}])
    right = answer([{"id": 18, "name": "Tom"}, {"id": 17, "name": "Max"}])

    assert compared(left, right, alignment) == [("order", ""), ("value", "/0/name")]


REFS = [{"ref": "A-1", "n": 1}, {"ref": "A-2", "n": 2}]
SLUGS = [{"slug": "a", "n": 1}, {"slug": "b", "n": 2}]


@pytest.mark.parametrize(
    ("left", "right", "identity", "expected"),
    [
        (REFS, [{"ref": "B-8", "n": 2}, {"ref": "B-7", "n": 1}], "ref", ["order"]),
        (REFS, [{"ref": "B-7", "n": 1}, {"ref": "B-8", "n": 2}], "ref", []),
        (SLUGS, [{"slug": "b", "n": 2}, {"slug": "a", "n": 1}], "", ["order"]),
        (SLUGS, [{"slug": "a", "n": 2}, {"slug": "b", "n": 1}], "", ["value"] * 2),
        (["x", "y"], ["y", "x"], "", ["order"]),
        ([{"n": 1}, {"n": 2}], [{"n": 2}, {"n": 1}], "", ["value"] * 2),
        (
            [{"kind": {"a": 1}}, {"kind": {"b": 2}}],
            [{"id": "x", "kind": {"b": 2}}, {"id": "y", "kind": {"a": 1}}],
            "",
            ["order", "additional", "additional"],
        ),
        ([{"id": {"a": 1}}, {"id": 2}], [{"id": 2}, {"id": {"a": 1}}], "id", ["type"] * 2),
    ],
)  # fmt: skip
def test_the_order_of_a_list_is_known_by_what_identifies_its_items(left, right, identity, expected):
    """The member that the document names, else `id`, an id or a text, else all they have; not by numbers alone."""
    alignment = Alignment()
    identities = {"": (identity,)} if identity else {}
    for number, other in ((0, 1), (1, 0)) if "order" in expected and identity else ((0, 0), (1, 1)):
        rules = DifferenceRules(alignment, collection="orders", identities=identities)
        differences(answer(left[number]), answer(right[other]), rules)

    found = differences(answer(left), answer(right), DifferenceRules(alignment, True, "orders", identities))

    assert [one.kind for one in found] == expected


def test_an_identity_that_a_server_chose_is_no_difference_whatever_it_looks_like():
    """Twice the same one is, and so is one that the client gave."""
    alignment = Alignment()
    alignment.give(PlannedRequest("POST", "/orders", body={"ref": "mine"}))
    rules = DifferenceRules(alignment, collection="orders", identities={"": ("ref",)})

    pairs = (("A-1", "B-7"), ("A-2", "B-8"), ("A-3", "B-7"), ("mine", "B-9"))
    found = [[one.kind for one in differences(answer({"ref": a}), answer({"ref": b}), rules)] for a, b in pairs]

    assert found == [[], [], ["value"], ["value"]]


def test_members_are_left_out_on_demand():
    """By name, wherever it stands, by pointer, and headers by name."""
    alignment = Alignment(ignored=["rank", "/items/*/note", "Location"])
    left = answer({"rank": 1, "items": [{"note": "a", "rank": 2, "kind": "x"}]}, Location="/a")
    right = answer({"rank": 5, "items": [{"note": "b", "rank": 3, "kind": "y"}]})

    assert compared(left, right, alignment) == [("value", "/items/0/kind")]


def test_shapes_are_compared_where_values_do_not_count():
    """Types and members; a list by its first item."""
    left = answer({"items": [{"id": 1, "name": "Rex"}, {}], "total": 2})
    right = answer({"items": [{"id": "7", "name": "Tom", "age": 3}], "total": 1})

    assert compared(left, right, by_value=False) == [("type", "/items/0/id"), ("additional", "/items/0/age")]


def test_only_the_status_is_told_where_that_differs():
    """What stands in the bodies follows from it."""
    rules = DifferenceRules(Alignment())

    found = differences(answer({"a": 1}, 200), answer({"b": 2}, 404), rules)

    assert found == (Difference(DifferenceKind.STATUS, "", 200, 404),)


def test_headers_of_interest_are_compared(create_pet):
    """Media type, presence of validators and declared ones, methods of Allow; whatever else servers send is theirs."""
    left = answer({}, 201, ETag='"1"', Allow="GET, PUT", X_Kind="a", Server="l")
    right = replace(answer({}, 201), headers=(("Content-Type", "text/html"), ("Allow", "put,get"), ("Server", "r")))

    found = differences(left, right, DifferenceRules(Alignment()), create_pet)

    told = [one[:2] for one in found if one.kind == "header"]
    assert told == [("header", "Content-Type"), ("header", "ETag"), ("header", "X-Kind")]


def test_another_alternative_of_the_schema_is_told(create_pet):
    """With what each of them keeps to."""
    left, right = answer({"bark": "a"}, 201, X_Kind=""), answer({"purr": "a"}, 201, X_Kind="")

    found = differences(left, right, DifferenceRules(Alignment()), create_pet)

    assert found[0] == (
        "branch", "", "response 201 · application/json · oneOf 1", "response 201 · application/json · oneOf 2"
    )  # fmt: skip


def test_texts_of_errors_may_be_worded_otherwise_but_not_their_codes():
    """People read the one, programs the other."""
    left = answer({"message": "No pet 1.", "code": "not_found"}, 404)
    right = answer({"message": "pet does not exist", "code": "missing"}, 404)

    assert compared(left, right) == [("value", "/code")]


def test_a_text_and_a_word_are_two_wordings_of_one_error():
    """Wherever they stand, but where the member is called a code."""
    left = answer(
        {"error": "query/genre: is none of a, b", "errors": ["genre is bad"], "error_code": "not a genre"}, 422
    )
    right = answer({"error": "bad", "errors": ["wrong"], "error_code": "genre"}, 422)
    codes = answer({"error": "bad_request"}, 422), answer({"error": "invalid_grant"}, 422)

    assert compared(left, right) == [("value", "/error_code")]
    assert compared(*codes) == [("value", "/error")]
