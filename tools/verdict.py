"""Sums up several runs of the tests, each by its JUnit report, in one line such as pytest closes with.

`python -m tools.verdict fast.xml rest.xml` ends with 1 where a test failed, a report is missing or nothing passed.
"""

from __future__ import annotations

import sys
from collections import Counter
from collections.abc import Iterable
from pathlib import Path

from defusedxml import ElementTree


def verdict(reports: Iterable[Path]) -> tuple[str, bool]:
    """The line over all reports, and whether all is well: each report is there, nothing failed, something passed."""
    counts, seconds, missing = Counter[str](), 0.0, []
    for report in reports:
        if not report.exists():
            missing.append(f"{report.name} is missing")
            continue
        for suite in ElementTree.parse(report).iter("testsuite"):
            failed, errors, skipped, tests = (int(suite.get(n, 0)) for n in ("failures", "errors", "skipped", "tests"))
            counts.update(failed=failed, errors=errors, skipped=skipped, passed=tests - failed - errors - skipped)
            seconds += float(suite.get("time", 0))
    told = [f"{counts[name]} {name}" for name in ("failed", "passed", "skipped", "errors") if counts[name]]
    is_well = not missing and not counts["failed"] and not counts["errors"] and counts["passed"] > 0
    minutes, rest = divmod(round(seconds), 60)
    return f"{', '.join([*missing, *told])} in {seconds:.2f}s ({minutes}:{rest:02})", is_well


if __name__ == "__main__":
    line, is_well = verdict(Path(name) for name in sys.argv[1:])
    print(line)
    sys.exit(not is_well)
