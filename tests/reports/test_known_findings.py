"""A baseline file: what is in it is known, what is gone is told, and what somebody wrote there stays."""

from __future__ import annotations

import json
from dataclasses import replace

import pytest

from mockserver.contract.reports.known_findings import KnownFindings, read_known
from mockserver.contract.reports.run_record import ApiRun, CheckFinding, OperationCoverage
from mockserver.problem import Unusable

FIRST = CheckFinding("shop", "GET /a", "not_a_server_error", "ST101", "Server error", "critical", "500")
SECOND = replace(FIRST, operation="GET /b")
OTHER = replace(FIRST, api="zoo")
COVERED = [OperationCoverage("GET /a", 3, {}), OperationCoverage("GET /b", 2, {})]
SHOP = ApiRun("shop", complete=True, findings=[FIRST, SECOND], coverage=COVERED)
ZOO = ApiRun("zoo", complete=True, findings=[OTHER], coverage=COVERED)


def test_a_file_has_the_findings_of_several_apis(tmp_path):
    """Each with what it is of, and no value that was sent."""
    file = tmp_path / "known.json"

    file.write_text(KnownFindings().updated([SHOP, ZOO]).as_text())

    assert [[*entry] for entry in json.loads(file.read_text())["findings"]] == [
        ["id", "api", "operation", "check", "code", "place", "title"]
    ] * 3
    assert read_known(file).ids == {FIRST.id, SECOND.id, OTHER.id}


def test_what_is_no_longer_found_is_gone():
    """If its operation was asked in a run that came to its end."""
    known = KnownFindings().updated([SHOP, ZOO])

    fixed = replace(SHOP, findings=[FIRST])
    assert known.gone([fixed]) == [f"{SECOND.id} shop: GET /b (ST101 Server error)"]
    assert known.gone([replace(fixed, complete=False)]) == []
    assert known.gone([replace(fixed, coverage=[COVERED[0]])]) == []
    assert known.updated([fixed]).ids == {FIRST.id, OTHER.id}


def test_an_update_keeps_what_somebody_wrote(tmp_path):
    """And orders the entries, so that a difference of two files is short."""
    file = tmp_path / "known.json"
    entries = json.loads(KnownFindings().updated([ZOO]).as_text())["findings"]
    file.write_text(json.dumps({"format": 1, "findings": [{**entries[0], "note": "ticket 12"}]}))

    updated = read_known(file).updated([SHOP, ZOO])

    assert [(entry["api"], entry["operation"], entry.get("note")) for entry in updated.entries] == [
        ("shop", "GET /a", None),
        ("shop", "GET /b", None),
        ("zoo", "GET /a", "ticket 12"),
    ]


def test_an_id_is_what_the_entry_says(tmp_path):
    """An entry that was edited by hand counts for what stands in it."""
    file = tmp_path / "known.json"
    entry = json.loads(KnownFindings().updated([ZOO]).as_text())["findings"][0]
    file.write_text(json.dumps({"format": 1, "findings": [{**entry, "api": "shop", "id": "stale"}]}))

    assert read_known(file).ids == {FIRST.id}


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("{", "is not JSON"),
        ("[]", 'expected an object with "format": 1 and a list "findings"'),
        ('{"format": 2, "findings": []}', 'expected an object with "format": 1'),
        (
            '{"format": 1, "findings": [{"api": "a", "code": 1}]}',
            "entry 0: expected texts for operation, check, code, place",
        ),
    ],
)
def test_a_file_that_is_no_baseline_is_refused(tmp_path, text, said):
    """With what is wrong with it."""
    file = tmp_path / "known.json"
    file.write_text(text)

    with pytest.raises(Unusable, match=r".") as refused:
        read_known(file)

    assert said in str(refused.value)


def test_a_missing_file_is_told_how_it_is_made(tmp_path):
    """But where it is to be written it may be missing."""
    with pytest.raises(Unusable, match="--baseline-update writes it"):
        read_known(tmp_path / "none.json")

    assert read_known(tmp_path / "none.json", may_be_missing=True) == KnownFindings()
