"""What a run exercised of a document: the shares, the gaps, and a table of all operations."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from typing import Final, NamedTuple

from mockserver.contract.reports.run_record import ApiRun, OperationCoverage
from mockserver.engine.redaction.printable import printable

MOST_GAPS: Final = 6
"""Gaps of one kind that the short coverage lists."""


class CoverageShares(NamedTuple):
    """Of operations, documented statuses, and parameters with bodies: how many were exercised, and how many there
    are.
    """

    operations: tuple[int, int]
    statuses: tuple[int, int]
    parameters: tuple[int, int]

    def as_json(self) -> Mapping[str, Mapping[str, int]]:
        return {name: {"exercised": seen, "documented": of} for name, (seen, of) in self._asdict().items()}


def shares_of(coverage: Sequence[OperationCoverage]) -> CoverageShares:
    """The shares of these operations together."""
    return CoverageShares(
        (sum(one.requests > 0 for one in coverage), len(coverage)),
        _share(one.statuses for one in coverage),
        _share(one.parameters for one in coverage),
    )


def _share(counts: Iterable[Mapping[str, int]]) -> tuple[int, int]:
    every = [times for count in counts for times in count.values()]
    return sum(times > 0 for times in every), len(every)


def never(counts: Mapping[str, int]) -> list[str]:
    """The names that were never counted."""
    return [name for name, times in counts.items() if not times]


def counted(counts: Mapping[str, int]) -> str:
    """`200 (12), 404 (3)`, without what was never counted."""
    return ", ".join(f"{name} ({times:,})" for name, times in counts.items() if times)


def in_order(counts: Mapping[str, int]) -> dict[str, int]:
    """The counts by name, so that `200` stands before `404`, and `default` last."""
    return dict(sorted(counts.items()))


def undocumented(one: OperationCoverage) -> str:
    """The statuses and media types of an operation that were seen and are not documented."""
    return ", ".join(filter(None, (counted(one.undocumented), counted(one.media_types))))


def percent(share: tuple[int, int]) -> str:
    """`61 % (92 of 150)`; of nothing all is exercised. 100 % is all of it."""
    seen, of = share
    return f"{seen * 100 // of if of else 100} % ({seen:,} of {of:,})"


def coverage_lines(run: ApiRun, *, whole: bool) -> list[str]:
    """The coverage of one API for a terminal: shares and the commonest gaps, or all operations if `whole`."""
    shares = shares_of(run.coverage)
    hint = "" if whole or not _has_gaps(shares) else "; --coverage shows the whole"
    lines = [
        f"  covered: statuses {percent(shares.statuses)}, parameters and bodies {percent(shares.parameters)}{hint}"
    ]
    if whole:
        return [*lines, *(printable(line) for one in run.coverage for line in _operation_lines(one))]
    untouched = [one.operation for one in run.coverage if not one.requests]
    statuses = Counter(status for one in run.coverage for status in never(one.statuses) if one.requests)
    unsent = [f"{name} of {one.operation}" for one in run.coverage for name in never(one.parameters) if one.requests]
    gaps = {
        "never asked": untouched,
        "never seen": [f"{status} ({_operations(times)})" for status, times in statuses.most_common()],
        "never sent": unsent,
    }
    return [*lines, *(f"  {what}: {printable(_listed(names))}" for what, names in gaps.items() if names)]


def _has_gaps(shares: CoverageShares) -> bool:
    return any(seen < of for seen, of in shares)


def _operations(number: int) -> str:
    return f"{number} operation{'' if number == 1 else 's'}"


def _listed(names: Sequence[str]) -> str:
    left_out = len(names) - MOST_GAPS
    return ", ".join(names[:MOST_GAPS]) + (f" and {left_out} more" if left_out > 0 else "")


def _operation_lines(one: OperationCoverage) -> list[str]:
    said = {
        "seen": counted(one.statuses),
        "never seen": ", ".join(never(one.statuses)),
        "not documented": undocumented(one),
        "never sent": ", ".join(never(one.parameters)),
    }
    times = f"{one.requests:,} request{'' if one.requests == 1 else 's'}"
    return [f"  {one.operation}: {times}", *(f"    {what}: {text}" for what, text in said.items() if text)]
