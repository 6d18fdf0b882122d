"""Counts what hostile tests and fuzzers tried, what of it was refused and what survived, and tells it at the end."""

from __future__ import annotations

from collections import Counter

import pytest

LANES = ("hostile", "fuzz")
"""The lanes whose attacks are counted."""


class Figures:
    """The attacks of one test. `refused`: the mock said no, or closed; the others it survived in its ordinary way."""

    def __init__(self) -> None:
        self.seen = [0, 0]

    def count(self, tried: int = 1, *, refused: int | bool = False) -> None:
        """One attack more, or so many; `refused` says how many of them were."""
        self.seen[0] += tried
        self.seen[1] += int(refused)


@pytest.fixture
def figures(record_property) -> Figures:
    """Where a test counts its attacks; a test of a counted lane that does not is one attack."""
    made = Figures()
    record_property("attacks", made.seen)  # The report of the test is made when they have been counted.
    return made


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """One line for each lane: tried, refused, survived, and what was neither."""
    tried, refused, failed = Counter[str](), Counter[str](), Counter[str]()
    for outcome in ("passed", "failed"):
        for report in terminalreporter.stats.get(outcome, ()):
            for lane in LANES:
                if lane in report.keywords:
                    attacks, refusals = dict(report.user_properties).get("attacks", (1, 0))
                    tried[lane] += max(attacks, 1)
                    refused[lane] += refusals
                    failed[lane] += outcome == "failed"
    for lane in tried:
        survived = tried[lane] - refused[lane] - failed[lane]
        told = f"{tried[lane]:,} tried, {refused[lane]:,} refused, {survived:,} survived"
        terminalreporter.write_line(f"{lane}: {told}, {failed[lane]:,} not withstood")
