"""Real documents, picked at even distances: a client goes through their collections, and finds what it expects."""

from __future__ import annotations

from itertools import islice
from pathlib import Path

import pytest

from tools.corpus.documents import documents, name_of
from tools.corpus.journeys.going import Gone, every_miss, journeys_of

FIRST, STEP = 7, 60
PARTS = 4
AT_LEAST = 0.98
"""Of the steps that are tried."""


@pytest.fixture(params=range(PARTS))
def gone(corpus: Path, request: pytest.FixtureRequest) -> list[Gone]:
    """What came of the journeys through a quarter of the sample."""
    paths = [*islice(documents(), FIRST, None, STEP)]
    return [journeys_of(path, name_of(path)) for path in paths[request.param :: PARTS]]


def test_a_client_finds_what_it_wrote(gone: list[Gone]) -> None:
    """All load, nothing is raised, and nearly every step of the journeys goes as a client expects."""
    tried = sum(row.tally.tried.total() for row in gone)
    missed = [*every_miss(gone)]

    assert [row for row in gone if row.refused or row.crashed] == []
    assert tried > 100
    assert tried - len(missed) >= AT_LEAST * tried, missed
