"""What the benchmarks start and ask."""

import pytest

from benchmarks.asks import asks_of, read_records
from benchmarks.measure import BARE_SERVER, FLASK, MOCK, UNFROZEN, WSGI
from benchmarks.process import Cores, Subject, run, verify


@pytest.mark.parametrize("subject", [MOCK, UNFROZEN, WSGI, BARE_SERVER, FLASK], ids=lambda subject: subject.name)
def test_each_server_starts_and_answers_what_is_measured(subject: Subject) -> None:
    """The mock, and all that it is measured beside."""
    asks = asks_of(read_records()[0])[:2]

    with run(subject, asks[0], Cores(None, None)) as running:
        for ask in asks:
            verify(running, ask)
