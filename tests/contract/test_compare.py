"""`mockserver compare`: the mock and another server: a mock with other assumptions, or a real one with bugs."""

from __future__ import annotations

import pytest

from mockserver.contract.compare.compare_options import CompareOptions
from mockserver.contract.compare.compare_run import CompareResult, compare
from mockserver.server.in_process import running
from tests.contract.broken_app.application import KEY
from tests.contract.broken_app.server import tracking

TRACKER = "tests/contract/broken_app/openapi.yaml"
NO_BODY = ("createTicket", "status", "400 415")
"""The one thing in which the right tracker is not as the mock is: a request without body and Content-Type."""


def compared(url: str, **given) -> CompareResult:
    """The tracker compared with the mock of its document."""
    return compare(CompareOptions(TRACKER, url, headers=[f"X-Api-Key: {KEY}"], writes=True, sequences=20, **given))


def told(result: CompareResult) -> list[tuple[str, str, str]]:
    """Operation, kind and statuses or place of the first difference of each finding."""
    keys = (min(found.divergence.keys) for found in result.found)
    return [(key.operation, key.kind, key.statuses or key.place) for key in keys]


def switched(api: str, sequences: int, **assume: str) -> tuple[list[str], list[str]]:
    """A mock compared with one of other assumptions: what is proposed, and the operations of findings without that."""
    options = {f"{api}.{name.replace('_', '-')}": option for name, option in assume.items()}
    with running(api, assume=options, enforce_limits=False) as other:
        result = compare(CompareOptions(api, other.url_of(api), writes=True, sequences=sequences))
    proposals = {proposal.what for found in result.found for proposal in found.proposals}
    return sorted(proposals), [one.divergence.step.operation for one in result.found if not one.proposals]


def test_a_real_server_that_keeps_its_document_is_like_the_mock():
    """Ids, times, numbers of versions and words of errors are its own; one status is told."""
    with tracking() as url:
        result = compared(url)

    assert told(result) == [NO_BODY]
    assert result.sequences == 20
    assert result.steps > 300


@pytest.mark.parametrize(
    ("bug", "steps", "finding"),
    [
        ("wrong-type", 1, ("createTicket", "branch", "")),
        ("missing-member", 2, ("listTickets", "branch", "")),
        ("wrong-status", 2, ("changeTicket", "status", "422 200")),
        ("undocumented-status", 2, ("deleteTicket", "status", "204 202")),
        ("lost-write", 3, ("getTicket", "value", "/votes")),
        ("reused-id", 3, ("createTicket", "value", "/id")),
        ("partial-batch", 2, ("listTickets", "length", "/items")),
        ("ignored-auth", 2, ("getTicket", "status", "401 200")),
        ("wrong-content-type", 2, ("getTicket", "branch", "")),
        ("server-error", 1, ("createTicket", "status", "201 500")),
        ("repeating-page", 2, ("listTickets", "length", "/items")),
        ("replay", 2, ("createTicket", "value", "/id")),
    ],
)
def test_each_bug_is_found_and_shrunk(bug, steps, finding):
    """To the one, two or three requests that show it."""
    with tracking(bug) as url:
        result = compared(url)

    by_key = dict(zip(told(result), result.found, strict=True))
    assert finding in by_key
    assert len(by_key[finding].divergence.sequence.steps) == steps
    assert max(len(found.divergence.sequence.steps) for found in result.found) <= 3


def test_reads_alone_leave_a_server_as_it_is():
    """Nothing but GET is sent, and the bug of a list is seen all the same."""
    with tracking("ignored-auth") as url:
        result = compare(CompareOptions(TRACKER, url, headers=[f"X-Api-Key: {KEY}"]))

    methods = {step.method for found in result.found for step in found.divergence.sequence.steps}
    assert (methods <= {"GET"}, result.sequences) == (True, 2)


def test_two_mocks_with_the_same_assumptions_are_alike():
    """There is no difference, by value, in all that one can do with xQR."""
    assert switched("xqr", 30) == ([], [])


def test_two_mocks_differ_exactly_in_the_assumptions_that_were_switched():
    """Each difference is taken back by the option that was switched, and there is no other."""
    xqr = switched("xqr", 40, unknown_ids="refuse", empty_ids="count-none")

    assert xqr == (["--assume xqr.empty-ids=count-none", "--assume xqr.unknown-ids=refuse"], [])


def test_assumptions_of_lists_and_deletions_are_found_too():
    """As of Spotzee."""
    spotzee = switched("spotzee", 30, archived_reads="missing", deletion_answers="record")

    assert spotzee == (["--assume spotzee.archived-reads=missing", "--assume spotzee.deletion-answers=record"], [])
