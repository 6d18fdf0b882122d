"""Regular expressions that backtrack hold nobody up: long texts are matched in linear time, or refused."""

import json
import random
import time

import jsonschema_rs
import pytest

from mockserver.openapi.schema.look_around import Unsplittable, split
from mockserver.openapi.schema.patterns import Unmatchable, pattern_matcher

SOON = 3.0
"""Seconds of a processor."""

PASSWORD = r"^(?=.*[A-Z])(?=.*\d)(?!.*\s).{10,}$"
LOOSE_PASSWORD = r"(?=.*[A-Z])(?=.*\d)(?=.*[?%]).{10,}"
HOST = r"^(?!-)(?!.*--)[a-z-]{1,40}(?<!-)$"
TWICE = r"^(\w+) \1$"


def described(schema):
    """A document that takes notes with a `text` of this schema."""
    content = {"content": {"application/json": {"schema": {"type": "object", "properties": {"text": schema}}}}}
    asked = {"name": "text", "in": "query", "schema": schema}
    create = {"parameters": [asked], "requestBody": content, "responses": {"201": {"description": "Made.", **content}}}
    return json.dumps(
        {"openapi": "3.1.0", "info": {"title": "Zoo", "version": "1"}, "paths": {"/notes": {"post": create}}}
    )


def told(zoo, text):
    """What is said of a note with this text: the status, and the message of the first violation."""
    began = time.process_time()
    answer = zoo.post("/notes", json={"text": text})
    assert time.process_time() - began < SOON
    return answer.status_code, answer.json().get("validation", [{}])[0].get("message", "").partition("… ")[2]


@pytest.mark.parametrize("pattern", [PASSWORD, LOOSE_PASSWORD, HOST])
def test_look_aheads_are_matched_in_linear_time(serve, pattern):
    """However long the text is."""
    zoo = serve(described({"type": "string", "pattern": pattern}))

    assert told(zoo, "a" * 300_000) == (422, f"does not match {pattern}")


@pytest.mark.parametrize(("pattern", "text"), [(PASSWORD, "aB3" * 50_000), (LOOSE_PASSWORD, "aB3?" * 50_000)])
def test_a_long_text_that_keeps_its_look_aheads_is_accepted(serve, pattern, text):
    """As it was."""
    zoo = serve(described({"type": "string", "pattern": pattern}))

    assert zoo.post("/notes", json={"text": text}).status_code == 201


def test_a_text_that_is_too_long_to_backtrack_is_refused(serve):
    """With how long it may be; shorter ones are matched."""
    zoo = serve(described({"type": "string", "pattern": TWICE}))

    refused = told(zoo, "na" * 3_000)
    broken, kept = (zoo.post("/notes", json={"text": text}).status_code for text in ("na no", "na na"))

    said = "is too long to be held against its pattern, which backtracks: 6,000 characters, at most 4,000"
    assert refused == (422, said)
    assert (broken, kept) == (422, 201)


def test_a_text_of_too_many_steps_is_refused(serve):
    """The engine gives up."""
    zoo = serve(described({"type": "string", "pattern": r"^(\w*\w*)*\1=$"}))

    assert told(zoo, "x" * 3_000)[0] == 422


def test_counted_repetitions_bound_the_length(serve):
    """Their states multiply with the characters."""
    zoo = serve(described({"type": "string", "pattern": "^([a-c]{1,90}){1,90}$"}))

    said = "is too long to be held against its pattern: 90,000 characters, at most 6,171"
    assert told(zoo, "abc" * 30_000) == (422, said)


def test_many_texts_take_no_more_than_one(serve):
    """What all matches of a body may take is bounded too."""
    zoo = serve(described({"type": "array", "items": {"type": "string", "pattern": TWICE}}))
    began = time.process_time()

    answer = zoo.post("/notes", json={"text": ["na" * 1_900 + " " + "na" * 50] * 500})

    assert time.process_time() - began < SOON
    assert answer.status_code == 422


def test_expressions_are_bounded_in_members_that_are_called_like_keywords(serve):
    """A constant that looks like a schema stays a constant, and others are matched beside them."""
    named = {name: {"type": "string", "pattern": TWICE} for name in ("default", "const", "pattern")}
    members = {**named, "plain": {"type": "string", "pattern": "^n"}, "like": {"const": {"pattern": TWICE}}}
    zoo = serve(described({"type": "object", "properties": members}))

    refused = {told(zoo, {name: "na" * 3_000})[1].partition(":")[0] for name in named}
    kept: list[dict[str, object]] = [{"pattern": "na na"}, {"plain": "na"}, {"like": {"pattern": TWICE}}]
    broken: list[dict[str, object]] = [{"pattern": "na no"}, {"plain": "an"}, {"like": {}}]
    statuses = [zoo.post("/notes", json={"text": text}).status_code for text in (*kept, *broken)]

    assert refused == {"is too long to be held against its pattern, which backtracks"}
    assert statuses == [201, 201, 201, 422, 422, 422]


def test_names_are_bounded_like_texts(serve):
    """Where the document has such patterns for them."""
    zoo = serve(described({"type": "object", "patternProperties": {TWICE: {"type": "integer"}}}))

    long, broken, kept = (zoo.post("/notes", json={"text": {name: "x"}}) for name in ("na" * 300, "na na", "na no"))

    said = "has a name that is too long to be held against a pattern: at most 200 characters"
    assert long.json()["validation"][0]["message"] == said
    assert (broken.status_code, kept.status_code) == (422, 201)


def test_parameters_are_bounded_like_bodies(serve):
    """They are texts of the same client."""
    zoo = serve(described({"type": "string", "pattern": TWICE}))

    answer = zoo.post("/notes", params={"text": "na" * 3_000}, json={})

    assert (answer.status_code, answer.json()["validation"][0]["location"]) == (422, ["query", "text"])


SAME = [
    PASSWORD, LOOSE_PASSWORD, HOST, TWICE, r"^a(?!b)\w(?=-).", r"(?<!a)$", r"^(?:(?=a)\w{2}|(?!b)\w)x?$",
    r"(?<!b|a.)-$",
    r"^(?=a|b).|(?=.*x).+$", r"^\d{2}(?=[ab]).(?<!b)$", r"^(?!.*(.)\1)", r"(?=.*a).{3,}b", r"^(?!a$|b$).*$",
    r"^\ba(?!\b)",
]  # fmt: skip


@pytest.mark.parametrize("pattern", SAME)
def test_the_verdict_is_that_of_the_engine_which_backtracks(pattern):
    """On texts of the characters that the patterns speak of."""
    engine = jsonschema_rs.validator_for({"pattern": pattern})
    chance = random.Random(pattern)
    texts = ["".join(chance.choices("abxA3?%- \n", k=chance.randint(0, 13))) for _ in range(3_000)]

    assert [text for text in texts if pattern_matcher(pattern)(text) is not engine.is_valid(text)] == []


@pytest.mark.parametrize("pattern", [TWICE, r"a(?!b)", r"^a*(?!b)c", r"^(?:(?!--)[a-z])*$", r"(?!.*a).+", r"(?=a).+"])
def test_what_cannot_be_said_without_look_arounds_is_left_to_backtrack(pattern):
    """Rather than said otherwise."""
    with pytest.raises(Unsplittable):
        split(pattern)
    with pytest.raises(Unmatchable):
        pattern_matcher(pattern)("a" * 5_000)
