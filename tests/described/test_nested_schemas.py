"""Schemas whose alternatives multiply, and values and references that lie deep in one another, are answered soon."""

import json
import time
from itertools import pairwise

import pytest

from mockserver.openapi.lint import lint

SOON = 3.0
"""Seconds of a processor; what multiplies takes minutes."""

PADDING = {f"Padding{number}": {"type": "integer"} for number in range(210)}


def ref(name):
    """A reference to the schema of this name."""
    return {"$ref": f"#/components/schemas/{name}"}


def described(schemas):
    """A document with one collection, whose records have the schema `First`."""
    content = {"content": {"application/json": {"schema": ref("First")}}}
    create = {"requestBody": content, "responses": {"201": {"description": "Made.", **content}}}
    return json.dumps(
        {
            "openapi": "3.1.0",
            "info": {"title": "Zoo", "version": "1"},
            "paths": {"/animals": {"post": create}},
            "components": {"schemas": schemas},
        }
    )


def ways(keyword, depth):
    """Three equal ways at each of so many levels, to an object with a `name`."""
    names = ["First", *(f"Level{number}" for number in range(1, depth)), "Last"]
    levels = {name: {keyword: [ref(below)] * 3} for name, below in pairwise(names)}
    return {**levels, "Last": {"type": "object", "required": ["name"], "properties": {"name": {"type": "string"}}}}


def cages(hops):
    """A cage may hold a cage, each behind so many references."""
    names = ["First", *(f"Hop{number}" for number in range(1, hops)), "Last"]
    passing = {name: {"allOf": [ref(below), {}]} for name, below in pairwise(names)}
    cage = {"type": "object", "required": ["size"], "properties": {"inner": ref("First"), "size": {"type": "integer"}}}
    return {**passing, "Last": cage}


def caged(depth, size):
    """So many cages, the innermost of this size."""
    value = {"size": size}
    for _ in range(depth):
        value = {"size": 1, "inner": value}
    return value


@pytest.mark.parametrize("depth", [9, 30])
def test_alternatives_that_multiply_refuse_what_fits_none(serve, depth):
    """Three ways at each of 30 levels are 2 * 10^14 ways."""
    zoo = serve(described(ways("anyOf", depth)))
    began = time.process_time()

    answer = zoo.post("/animals", json={"legs": 4})

    assert time.process_time() - began < SOON
    assert answer.status_code == 422
    assert answer.json()["validation"][0]["location"][0] == "body"


@pytest.mark.parametrize("depth", [9, 30])
def test_alternatives_that_multiply_accept_what_fits_one(serve, depth):
    """Whole, so that nothing is assumed of it."""
    zoo = serve(described(ways("anyOf", depth)))

    answer = zoo.post("/animals", json={"name": "Leo"})

    assert answer.status_code == 201
    assert "validation-limit" not in answer.headers.get("Mock-Assumption", "")


def test_ways_that_lie_above_each_other_in_the_value_multiply_too(serve):
    """Each level of the value may be read in three ways."""
    levels = {f"Level{number}": inner(f"Level{number + 1}") for number in range(1, 24)}
    zoo = serve(described({"First": inner("Level1"), **levels, "Level24": {"type": "string"}}))
    value: object = 1
    for _ in range(24):
        value = {"inner": value}
    began = time.process_time()

    answer = zoo.post("/animals", json=value)

    assert time.process_time() - began < SOON
    assert (answer.status_code, answer.json()["validation"][0]["code"]) == (422, "anyOf")


def inner(name):
    """An object with an `inner` one of this schema, said in three ways."""
    way = {"type": "object", "required": ["inner"], "properties": {"inner": ref(name)}}
    return {"anyOf": [{**way, "maxProperties": most} for most in (1, 2, 3)]}


@pytest.mark.parametrize("more", [{}, PADDING], ids=["few schemas", "many schemas"])
@pytest.mark.parametrize("hops", [2, 9, 50])
def test_the_innermost_of_97_values_is_named(serve, hops, more):
    """However many references lie between them."""
    zoo = serve(described({**cages(hops), **more}))

    answer = zoo.post("/animals", json=caged(96, "large"))

    assert answer.status_code == 422
    found = {"location": ["body", *["inner"] * 96, "size"], "severity": "Error", "code": "type"}
    assert answer.json()["validation"] == [{**found, "message": "expected an integer, got a string"}]


@pytest.mark.parametrize("more", [{}, PADDING], ids=["few schemas", "many schemas"])
@pytest.mark.parametrize("hops", [2, 9, 50])
def test_97_values_inside_one_another_are_accepted(serve, hops, more):
    """As each of them fits its schema."""
    zoo = serve(described({**cages(hops), **more}))

    assert zoo.post("/animals", json=caged(96, 5)).status_code == 201


@pytest.mark.parametrize("reference", [ref, lambda name: {"allOf": [ref(name), {"type": "object"}]}])
def test_a_chain_of_references_leads_to_its_end(serve, reference):
    """Of 1,500 schemas, each of which names the next."""
    names = ["First", *(f"Link{number}" for number in range(1, 1500)), "Last"]
    chain = {name: reference(below) for name, below in pairwise(names)}
    zoo = serve(described({**chain, "Last": {"type": "object", "required": ["name"]}}))

    refused, kept = (zoo.post("/animals", json=value) for value in ({}, {"name": "Leo"}))

    assert refused.json()["validation"][0]["location"] == ["body", "name"]
    assert kept.status_code == 201


def test_alternatives_that_multiply_are_told(tmp_path):
    """With how often each part of a value could be looked at."""
    file = tmp_path / "zoo.json"
    file.write_text(described(ways("oneOf", 12)))

    told = [finding.message for finding in lint(file) if "alternatives" in finding.message]

    assert told[0].startswith("its nested alternatives could look at one part of a value 2,125,762 times")


def test_a_very_long_chain_of_negations_is_answered(serve):
    """Each schema is what the one below it is not."""
    names = ["First", *(f"Level{number}" for number in range(1, 3_000)), "Last"]
    chain = {name: {"not": {"not": ref(below)}} for name, below in pairwise(names)}

    with serve(described({**chain, "Last": {"type": "object"}})) as client:
        assert client.post("/animals", json={"name": "Coco"}).status_code == 201


def test_a_refused_body_with_many_members_by_pattern_is_told_soon(serve):
    """Of a schema with hundreds of patterns, each of which may declare a secret."""
    first = {
        "type": "object",
        "patternProperties": {f"^p{number}[a-z]*$": {"type": "integer"} for number in range(500)},
    }

    with serve(described({"First": first})) as client:
        started = time.process_time()
        answer = client.post("/animals", json={f"p{number}": "a" for number in range(3_000)})
        took = time.process_time() - started

    assert answer.status_code == 422
    assert took < SOON


@pytest.mark.parametrize("keyword", ["anyOf", "oneOf", "allOf"])
@pytest.mark.parametrize("others", [{}, PADDING])
def test_a_value_is_made_of_a_very_long_chain_of_choices(serve, keyword, others):
    """Of more of them than one value is worth: nearest it, where none is found in time."""
    names = ["First", *(f"Level{number}" for number in range(1, 3_000)), "Last"]
    chain = {name: {keyword: [ref(below)]} for name, below in pairwise(names)}

    with serve(described({**chain, "Last": {"type": "object"}, **others})) as client:
        started = time.process_time()
        answer = client.post("/animals", json={"name": "Coco"})
        took = time.process_time() - started

    assert answer.status_code == 201
    assert took < SOON


def test_a_value_is_made_of_many_conditions_that_exclude_each_other(serve):
    """Each holds for another name, so that trying all of them together would never end."""
    conditions = [{"if": {"properties": {"name": {"const": f"n{number}"}}}, "then": {}} for number in range(120)]
    named = {"type": "object", "required": ["name"], "properties": {"name": {"type": "string"}}, "allOf": conditions}

    with serve(described({"First": named})) as client:
        started = time.process_time()
        answer = client.post("/animals", json={"name": "Coco"})
        took = time.process_time() - started

    assert answer.status_code == 201
    assert "Mock-Violation" not in answer.headers
    assert took < 2 * SOON
