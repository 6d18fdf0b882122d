"""The vectors of the JSON-Schema-Test-Suite, held against each way in which a schema of a document is asked, and the
values that are made of it.

Each schema stands in a file that a document refers to, so that its own references are read as in its draft. Where the
mock says otherwise than the suite, the exception is listed with its reason.
"""

from __future__ import annotations

import json
import re
import subprocess
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, NamedTuple

import jsonschema_rs
import pytest

from mockserver.generate import Generator, Impossible, SeedKey
from mockserver.openapi.model.document import read_document
from mockserver.openapi.schema import explanation
from mockserver.openapi.schema.explanation import explainer
from mockserver.openapi.schema.validator import DOCUMENT, Schemas
from tools.vectors import vectors

Json = Any
Accepts = Callable[[Json], bool]
POINTER = "/components/schemas/Vector"


class Draft(NamedTuple):
    """A draft of JSON Schema, the version of OpenAPI that has most of it, and at least how many groups and vectors."""

    folder: str
    openapi: str
    judge: type[jsonschema_rs.Validator]
    groups: int
    vectors: int


class Reason(NamedTuple):
    """Why a verdict is not the suite's, and what is said to be wrong with such a document, if anything."""

    text: str
    told: str = ""


class Vector(NamedTuple):
    """A value, and whether it is valid."""

    name: str
    value: Json
    valid: bool


class Group(NamedTuple):
    """A schema with its vectors, and the document in the dialect that it stands in."""

    file: str
    name: str
    schema: Json
    vectors: Sequence[Vector]
    document: Json
    diagnostics: Sequence[str]


DRAFTS = (
    Draft("draft2020-12", "3.1.1", jsonschema_rs.Draft202012Validator, 430, 1900),
    Draft("draft4", "3.0.3", jsonschema_rs.Draft4Validator, 190, 860),
)

EVERY = ""
"""How the name of each group begins."""

IDENTITY = Reason(
    "no address is fetched: what is behind one that no schema of the document has is taken as any value",
    r"is an address|leads to no file|leads out of|leads nowhere",
)
UNKNOWN = Reason("an `$id` counts wherever it stands, but in data")
ANCHOR = Reason("an `$anchor` is looked for in all of the document where the schema around it has none")
FORMAT = Reason("a format is held to, which the suite leaves to be asked for")
METASCHEMA = Reason("`$schema` counts for nothing: a document has one dialect")
WHOLE = Reason("1.0 is an integer since draft 6, as the dialect is of 2020-12")

EXCEPTIONS: Mapping[str, Mapping[str, Mapping[str, Reason]]] = {
    "draft2020-12": {
        "defs.json": {EVERY: IDENTITY},
        "dynamicRef.json": {
            "strict-tree schema, guards against misspelled properties": IDENTITY,
            "tests for implementation dynamic anchor and reference link": IDENTITY,
            "$ref and $dynamicAnchor are independent of order - $defs first": IDENTITY,
            "$ref and $dynamicAnchor are independent of order - $ref first": IDENTITY,
            "$ref to $dynamicRef finds detached $dynamicAnchor": IDENTITY,
        },
        "format.json": {EVERY: FORMAT},
        "optional/unknownKeyword.json": {EVERY: UNKNOWN},
        "ref.json": {
            "remote ref, containing refs itself": IDENTITY,
            "order of evaluation: $id and $anchor and $ref": ANCHOR,
        },
        "refRemote.json": {EVERY: IDENTITY},
        "vocabulary.json": {
            "schema that uses custom metaschema": METASCHEMA,
        },
    },
    "draft4": {
        "definitions.json": {EVERY: IDENTITY},
        "optional/id.json": {EVERY: IDENTITY},
        "optional/zeroTerminatedFloats.json": {EVERY: WHOLE},
        "ref.json": {
            "$ref prevents a sibling id from changing the base uri": IDENTITY,
            "remote ref, containing refs itself": IDENTITY,
            "Recursive references between schemas": IDENTITY,
            "Location-independent identifier": IDENTITY,
            "Location-independent identifier with base URI change in subschema": IDENTITY,
            "id must be resolved against nearest parent, not just immediate parent": IDENTITY,
        },
        "refRemote.json": {EVERY: IDENTITY},
    },
}


@pytest.fixture(scope="module")
def suite() -> Path:
    """The folder of the vectors."""
    try:
        return vectors()
    except FileNotFoundError as error:
        pytest.skip(f"the vectors are not pinned: {error}")
    except subprocess.CalledProcessError as error:
        if "HASHES" in error.stderr:
            raise
        pytest.skip(f"the vectors are not in .corpus/, and pip, which would fetch them, says: {error.stderr[-300:]}")


@pytest.fixture(scope="module", params=DRAFTS, ids=lambda draft: draft.folder)
def draft(request: pytest.FixtureRequest) -> Draft:
    """Each draft that a version of OpenAPI builds upon."""
    chosen: Draft = request.param
    return chosen


@pytest.fixture(scope="module")
def groups(suite: Path, draft: Draft, tmp_path_factory: pytest.TempPathFactory) -> list[Group]:
    """All groups of the draft, each with its document."""
    found = [*read_groups(suite / draft.folder, draft.openapi, tmp_path_factory.mktemp(draft.folder))]
    assert len(found) >= draft.groups
    assert sum(len(group.vectors) for group in found) >= draft.vectors
    return found


def read_groups(folder: Path, openapi: str, work: Path) -> Iterator[Group]:
    """The groups of the files below, as documents of this version of OpenAPI have them."""
    info = {"title": "Vectors", "version": "1"}
    document = {
        "openapi": openapi,
        "info": info,
        "paths": {},
        "components": {"schemas": {"Vector": {"$ref": "vector.json"}}},
    }
    (work / "openapi.json").write_text(json.dumps(document))
    for path in sorted(folder.rglob("*.json")):
        for group in json.loads(path.read_text()):
            (work / "vector.json").write_text(json.dumps(group["schema"]))
            normalized = read_document(work / "openapi.json").normalized
            yield Group(
                path.relative_to(folder).as_posix(),
                group["description"],
                group["schema"],
                [Vector(test["description"], test["data"], test["valid"]) for test in group["tests"]],
                normalized.document,
                [diagnostic.message for diagnostic in normalized.diagnostics],
            )


def exception(draft: Draft, group: Group) -> Reason | None:
    """Why the mock says otherwise than the suite."""
    listed = EXCEPTIONS[draft.folder].get(group.file, {})
    return next((reason for start, reason in listed.items() if group.name.startswith(start)), None)


def judge_of(draft: Draft, group: Group) -> Accepts:
    """The schema as its own draft reads it; where the mock reads it otherwise, as the mock does."""
    if exception(draft, group) or any(re.search(IDENTITY.told, diagnostic) for diagnostic in group.diagnostics):
        return whole(group.document)
    return draft.judge(group.schema, validate_formats=True, offline=True).is_valid


def whole(document: Json) -> Accepts:
    """The schema compiled with all that it refers to."""
    return Schemas(document).validator(POINTER).accepts


def parted(document: Json) -> Accepts:
    """The schema compiled by itself, as in a document of many."""
    schemas = Schemas(document)
    schemas.is_large = True
    return schemas.validator(POINTER).accepts


def explained(document: Json) -> Accepts:
    """Nothing is found wrong."""
    schemas = Schemas(document)
    judge = explainer({"$ref": f"{DOCUMENT}#{POINTER}"}, schemas.explaining_registry, schemas.compiled)
    return lambda value: next(judge.iter_errors(value), None) is None


@pytest.mark.parametrize("verdict", [whole, parted, explained])
def test_each_verdict_is_the_suites(draft, groups, verdict):
    """In each way; and every exception is one."""
    asked = [(group, verdict(group.document)) for group in groups]

    wrong = {
        (group.file, group.name): [vector.name for vector in group.vectors if accepts(vector.value) is not vector.valid]
        for group, accepts in asked
    }

    assert {place: names for place, names in wrong.items() if names} == {
        (group.file, group.name): wrong[group.file, group.name] or "agrees by now"
        for group in groups
        if exception(draft, group)
    }


def test_each_exception_is_of_a_group_that_exists(draft, groups):
    """By how its name begins."""
    listed = [(file, start) for file, starts in EXCEPTIONS[draft.folder].items() for start in starts]

    unknown = [
        (file, start)
        for file, start in listed
        if not any(group.file == file and group.name.startswith(start) for group in groups)
    ]

    assert unknown == []


def test_a_reference_that_is_not_followed_is_told(draft, groups):
    """No value is silently taken for valid."""
    silent = [
        (group.file, group.name)
        for group in groups
        if (reason := exception(draft, group))
        and reason.told
        and not any(re.search(reason.told, diagnostic) for diagnostic in group.diagnostics)
    ]

    assert silent == []


def test_the_items_of_a_long_list_are_judged_alike(groups, monkeypatch):
    """Whether an item is worth explaining, its schema decides by itself."""
    monkeypatch.setattr(explanation, "FEW_ITEMS", -1)

    wrong = [
        (group.file, group.name, vector.name)
        for group in groups
        if "'items'" in str(group.document)
        for decided, found in [(whole(group.document), explained(group.document))]
        for vector in group.vectors
        if decided(vector.value) is not found(vector.value)
    ]

    assert wrong == []


def test_what_is_refused_is_explained(groups):
    """By a message, and by more than that it does not fit."""
    mute = [
        (group.file, group.name, vector.name)
        for group in groups
        for validator in [Schemas(group.document).validator(POINTER)]
        for vector in group.vectors
        if not validator.accepts(vector.value)
        and not all(found.message and found.keyword != "schema" for found in validator.violations(vector.value, "body"))
    ]

    assert mute == []


def test_what_has_a_valid_value_is_given_one(draft, groups):
    """Plain or believable, by the schema as its own draft reads it, and never a word of its being impossible."""
    amiss = [
        (group.file, group.name, made)
        for group in groups
        if any(vector.valid for vector in group.vectors)
        for accepts in [judge_of(draft, group)]
        for made in made_of(group.document)
        if isinstance(made, Impossible) or not accepts(made)
    ]

    assert amiss == []


def made_of(document: Json) -> Iterator[Json]:
    """Some values of the schema, or Impossible in their places."""
    synthesizer = Generator(Schemas(document))
    for make in (synthesizer.example, *(lambda at, seed=seed: synthesizer.value(at, SeedKey(seed)) for seed in "abc")):
        try:
            yield make(POINTER)
        except Impossible as impossible:
            yield impossible
