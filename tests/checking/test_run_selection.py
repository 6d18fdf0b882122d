"""What of a check is run, as arguments of Schemathesis."""

import time
from threading import Event, Thread

import pytest

from mockserver.contract.checking.checks.check_names import NAMES
from mockserver.contract.checking.checks.write_log import WriteLog
from mockserver.contract.checking.run_selection import RunSelection


def test_options_become_arguments():
    """Those that were given."""
    selection = RunSelection(phases="coverage", max_examples=3, seed=0)

    assert selection.arguments() == ["--phases", "coverage", "--max-examples", "3", "--seed", "0"]


@pytest.mark.parametrize(("apis", "seconds"), [(1, "59"), (4, "14"), (100, "1")])
def test_the_time_is_shared_by_the_apis_that_are_left(apis, seconds):
    """At least a second for each."""
    selection = RunSelection(max_time=60, began=time.monotonic() - 0.5)

    assert selection.time_left(apis) == ["--max-time", seconds]


def test_a_worker_is_not_blamed_for_what_another_one_writes():
    """While that runs, and once it has run since the worker's own request, whatever the worker asked after it."""
    log, written, answered = WriteLog(), Event(), Event()

    def other() -> None:
        log.begin("POST", "other")
        written.set()
        answered.wait(5)
        log.end()

    log.begin("GET", "first")
    alone = log.is_quiet("first")
    worker = Thread(target=other)
    worker.start()
    written.wait(5)
    beside = log.is_quiet("first")
    answered.set()
    worker.join()
    log.begin("GET", "second")
    after = log.is_quiet("first")

    assert (alone, beside, after, log.is_quiet("second")) == (True, False, False, True)


def test_every_check_has_a_sentence():
    """In `--help`, in the order of the table."""
    from mockserver.contract.checking.checks.check_table import OWN_CHECKS

    assert [*NAMES] == [*OWN_CHECKS]
