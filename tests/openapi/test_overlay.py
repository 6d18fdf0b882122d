"""Overlays: what they do to a document, and what they say where they cannot."""

import copy
import json
from pathlib import Path
from time import process_time
from typing import Any

import pytest

from mockserver.openapi.source.overlay import overlaid
from mockserver.problem import Unusable

DOCUMENT = {
    "info": {"title": "Zoo"},
    "tags": [{"name": "a"}],
    "paths": {"/a": {"get": {"summary": "old"}, "put": {}}, "/b": {"get": {"x-internal": True}}},
}


@pytest.fixture
def lay(tmp_path: Path):
    """Lays an overlay of these actions on the document."""

    def laid(*actions: dict[str, Any], version: str = "1.0.0"):
        path = tmp_path / "overlay.json"
        path.write_text(json.dumps({"overlay": version, "info": {}, "actions": actions}, indent=1))
        document, unmatched, _ = overlaid(copy.deepcopy(DOCUMENT), [path])
        return document, unmatched

    return laid


@pytest.mark.parametrize(
    ("action", "pointer", "expected"),
    [
        ({"target": "$.info", "update": {"title": "New", "x-a": 1}}, ["info"], {"title": "New", "x-a": 1}),
        ({"target": "$.tags", "update": {"name": "b"}}, ["tags"], [{"name": "a"}, {"name": "b"}]),
        ({"target": "$.paths['/a'].get.summary", "update": "new"}, ["paths", "/a", "get"], {"summary": "new"}),
        (
            {"target": "$.paths.*.get", "update": {"deprecated": True}},
            ["paths", "/b", "get"],
            {"x-internal": True, "deprecated": True},
        ),
        ({"target": "$", "update": {"paths": {"/c": {"get": {}}}}}, ["paths", "/c"], {"get": {}}),
        (
            {"target": "$.paths[?@.get['x-internal']]", "remove": True},
            ["paths"],
            {"/a": {"get": {"summary": "old"}, "put": {}}},
        ),
        ({"target": "$.tags[0]", "remove": True}, ["tags"], []),
        ({"target": "$..get", "remove": True}, ["paths"], {"/a": {"put": {}}, "/b": {}}),
        ({"target": "$.paths['/a'].put", "copy": "$.paths['/a'].get"}, ["paths", "/a", "put"], {"summary": "old"}),
    ],
)
def test_an_action_changes_what_its_target_matches(lay, action, pointer, expected):
    """Objects take members in, lists an item, other values are replaced; what is removed is gone."""
    document, findings = lay(action)

    node = document
    for token in pointer:
        node = node[token]
    assert (node, findings) == (expected, ())


def test_actions_are_done_in_their_order(lay):
    """Each sees what those before it have done."""
    document, _ = lay({"target": "$.info", "update": {"x-a": {}}}, {"target": "$.info['x-a']", "update": {"b": 1}})

    assert document["info"] == {"title": "Zoo", "x-a": {"b": 1}}


def test_a_target_that_matches_nothing_is_a_finding(lay):
    """With the line of the overlay, and the document as it was."""
    document, findings = lay({"target": "$.paths['/nope']", "remove": True})

    assert document == DOCUMENT
    assert [(f.line, f.pointer, f.message.split(" in ")[0]) for f in findings] == [
        (6, "/actions/0/target", "$.paths['/nope'] matches nothing")
    ]


@pytest.mark.parametrize(
    ("action", "message"),
    [
        ({"target": "$.["}, "needs `update`, `remove: true`"),
        ({"target": "$.[", "remove": True}, "is no JSONPath that can be followed"),
        ({"update": {}}, "needs a `target`"),
        ({"target": "$.info", "update": ["a"]}, "cannot merge a list into an object"),
        ({"target": "$.info", "copy": "$.paths.*"}, "exactly one place to copy from, got 2"),
        ({"target": "$", "remove": True}, "cannot be removed"),
        ({"target": "$.info", "remove": "yes"}, "expected true or false"),
    ],
)
def test_an_action_that_says_nothing_clear_is_refused(lay, action, message):
    """With the file and the line of it."""
    with pytest.raises(Unusable, match=message) as refused:
        lay(action)

    assert refused.value.where.rpartition(":")[2] in {"5", "6", "7"}


@pytest.mark.parametrize(
    ("text", "message"),
    [("openapi: 3.1.0", "is no overlay"), ("overlay: 2.0.0", "version 2.0.0"), ("overlay: 1.0.0", "has no `actions`")],
)
def test_what_is_no_overlay_is_refused(tmp_path, text, message):
    """By what was seen."""
    path = tmp_path / "overlay.yaml"
    path.write_text(text)

    with pytest.raises(Unusable, match=message):
        overlaid(DOCUMENT, [path])


def test_actions_that_double_a_document_are_refused_in_time(lay):
    """Each copies what the one before has copied: after thirty there would be a thousand million values."""
    doubling: list[dict[str, Any]] = [{"target": "$.info", "copy": "$.paths"}]
    for number in range(30):
        doubling += [
            {"target": "$.paths", "update": {f"/n{number}": {}}},
            {"target": f"$.paths['/n{number}']", "copy": "$.info"},
            {"target": "$.info", "copy": "$.paths"},
        ]
    began = process_time()

    with pytest.raises(Unusable, match="add more than 500,000 values, the most that are read"):
        lay(*doubling, version="1.1.0")

    assert process_time() - began < 2


def test_an_update_of_very_many_places_is_refused_in_time(lay):
    """A small one of many places, and a large one of some."""
    many = {"target": "$.info", "update": {f"n{number}": {} for number in range(60_000)}}
    large = {"target": "$.info.*", "update": {f"a{number}": number for number in range(100)}}
    began = process_time()

    with pytest.raises(Unusable, match="add more than 500,000 values"):
        lay(many, large)

    assert process_time() - began < 4


def test_an_update_of_some_thousand_places_is_made(lay):
    """Each of them once, in time."""
    many = {"target": "$.paths", "update": {f"n{number}": {} for number in range(20_000)}}
    began = process_time()

    document, _ = lay(many, {"target": "$.paths.*", "update": {"a": 1}}, {"target": "$.paths.n7", "update": {"b": 2}})

    assert process_time() - began < 4
    assert document["paths"]["n7"] == {"a": 1, "b": 2}
    assert document["paths"]["n19999"] == {"a": 1}
    assert len(document["paths"]) == 20_002
