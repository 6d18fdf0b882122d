"""Sixty real documents, picked at even distances: each loads, and answers every operation as it declares."""

from __future__ import annotations

from itertools import islice
from pathlib import Path

import pytest

from tools.corpus.asking import Fate, fate_of
from tools.corpus.documents import documents, name_of

SIZE, FIRST, STEP = 60, 11, 43
"""Of the 2,639 documents, in the order of their names."""

PARTS = 4


def sample() -> list[Path]:
    """The paths of the sixty."""
    return [*islice(documents(), FIRST, None, STEP)][:SIZE]


@pytest.fixture(params=range(PARTS))
def fates(corpus: Path, request: pytest.FixtureRequest) -> list[Fate]:
    """What came of a quarter of the sample, each operation asked once."""
    paths = sample()
    assert len(paths) == SIZE
    return [fate_of(path, name_of(path)) for path in paths[request.param :: PARTS]]


def test_every_operation_is_answered_as_its_document_declares(fates: list[Fate]) -> None:
    """All load, nothing is raised, at least 99 of 100 operations have a declared status and a valid body, and none
    takes two seconds of the processor.
    """
    operations, good = sum(fate.operations for fate in fates), sum(fate.good for fate in fates)

    assert [fate for fate in fates if fate.refused or fate.crashed] == []
    assert good >= 0.99 * operations, [bad for fate in fates for bad in fate.bad]
    assert [(fate.name, fate.slowest) for fate in fates if fate.slowest[0] > 2] == []
