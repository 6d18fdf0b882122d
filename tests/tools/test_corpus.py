"""The report on the corpus."""

import json

import pytest

from tools.corpus.__main__ import report
from tools.corpus.asking import fate_of
from tools.corpus.documents import documents, name_of

SOUND = {
    "openapi": "3.0.0",
    "info": {"title": "a", "version": "1"},
    "paths": {"/a": {"get": {"responses": {"200": {}}}}},
}


@pytest.fixture
def corpus(tmp_path):
    """A folder with two documents, one of them none."""
    folder = tmp_path / "package" / "api" / "zoo.example"
    folder.mkdir(parents=True)
    (folder / "good.json").write_text(json.dumps(SOUND))
    (folder / "odd.json").write_text("{}")
    return tmp_path


def test_documents_are_named_by_their_place(corpus):
    """And picked by a part of that name."""
    names = [name_of(path, corpus) for path in documents(corpus, "example/g")]

    assert names == ["zoo.example/good"]


def test_the_report_counts_what_is_served_and_says_why_the_rest_is_not(corpus):
    """Nothing that is refused is a crash."""
    rows = [fate_of(path, name_of(path, corpus)) for path in documents(corpus)]

    lines = report(rows)

    assert lines[:5] == [
        "documents   2",
        "loaded      1 (50.00 %)",
        "operations  1",
        "answered    1 with a declared status and a valid body (100.00 %)",
        "statuses    200: 1",
    ]
    assert [line for line in lines if "has neither `openapi` nor `swagger`" in line]
    assert not [line for line in lines if line.startswith("crashed")]
