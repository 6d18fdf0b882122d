"""How often checks of our own look at an operation, and phases that are repeated."""

import json
from types import SimpleNamespace
from typing import Any

import pytest
from schemathesis.engine.run import Phase, PhaseName, PhaseSkipReason

from mockserver.contract.checking.checks.checked_api import CheckedApi
from mockserver.contract.checking.checks.record_checks import read_your_writes
from mockserver.contract.checking.checks.written_values import is_telling, telling_values
from mockserver.contract.checking.recording.run_recorder import as_new
from mockserver.openapi.model.document import load

BOOK = {
    "type": "object",
    "properties": {"id": {"type": "integer"}, "title": {"type": "string"}, "note": {"type": "string"}},
}
JSON = {"content": {"application/json": {"schema": BOOK}}}
ANSWER = {"responses": {"200": {"description": "A book.", **JSON}}}
BOOKS = {
    "openapi": "3.0.3",
    "info": {"title": "Books", "version": "1"},
    "paths": {
        "/books": {"post": {"requestBody": JSON, "responses": {"201": {"description": "Made.", **JSON}}}},
        "/books/{book}": {
            "parameters": [{"name": "book", "in": "path", "required": True, "schema": {"type": "integer"}}],
            "get": ANSWER,
            "patch": {"requestBody": JSON, **ANSWER},
        },
    },
}


class BlamedError(Exception):
    """Stands for a failure."""


@pytest.fixture
def changed(tmp_path):
    """Looks at a change of a book on a server that never keeps a note."""
    file = tmp_path / "books.json"
    file.write_text(json.dumps(BOOKS))
    api = CheckedApi(load(file, "books"))
    book = {"id": 1, "title": "Emma", "note": ""}

    def look(*, kept="", **sent):
        book["note"] = kept
        book.update({name: value for name, value in sent.items() if name != "note"})
        case = SimpleNamespace(body=sent, media_type="application/json", path_parameters={"book": 1})
        first = SimpleNamespace(case=case, status=200, body={**book, **sent}, headers={}, is_good=True, is_told=False)
        read = SimpleNamespace(status=200, body=dict(book), headers={}, is_good=True, is_told=False)

        def blame(*_, **__):
            raise BlamedError

        def ask(*_, **__):
            return SimpleNamespace(is_good=False)

        follow: Any = SimpleNamespace(api=api, first=first, read=lambda *_: read, blame=blame, ask=ask)
        return read_your_writes(follow, api.members["PATCH", "/books/{book}"])

    return look


def test_values_that_prove_nothing_use_up_no_look(changed):
    """An empty note, and a title that was compared three times, leave the note to be looked at."""
    looked = [changed(title=f"Emma {number}", note="") for number in range(20)]

    assert looked == [True] * 3 + [None] * 17
    with pytest.raises(BlamedError):
        changed(title="Emma", note="read in May")


def test_values_that_may_be_shortened_ones_use_up_no_look(changed):
    """The note "000" that is read as "0" proves nothing, nor does one that is sent again."""
    for sent in ("0", "00", "000", "0000", "00000"):
        changed(note=sent, kept="0")

    with pytest.raises(BlamedError):
        changed(note="read in May", kept="0")


def test_members_inside_of_a_member_are_looked_at_apart():
    """As in JSON:API, where all that is written stands in `attributes`; members that servers set tell nothing."""
    sent = {"id": "7", "attributes": {"title": "Emma", "note": "", "tags": ["a"], "updated-at": "now"}, "meta": {}}

    assert telling_values(sent) == {"id": "7", "attributes.title": "Emma", "attributes.tags": ["a"]}


@pytest.mark.parametrize("value", [None, "", " ", [], {}, {"a": ""}, "\x00", "<b>"])
def test_a_value_that_may_be_left_out_tells_nothing(value):
    """It is read as it was sent only by chance."""
    assert not is_telling(value)


@pytest.mark.parametrize("value", ["a", 0, False, [0], {"a": 1}])
def test_a_plain_value_tells_whether_it_is_kept(value):
    """Whatever its kind is."""
    assert is_telling(value)


@pytest.mark.parametrize(
    ("reason", "left"), [(PhaseSkipReason.NO_CHECKS_RAN, None), (PhaseSkipReason.DISABLED, PhaseSkipReason.DISABLED)]
)
def test_a_repeated_phase_begins_as_new(reason, left):
    """Where no check had something to look at; one that was switched off stays so."""
    phase = Phase(PhaseName.STATEFUL_TESTING, skip_reason=reason)

    as_new(phase)

    assert phase.skip_reason is left
