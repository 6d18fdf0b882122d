"""The one line over several runs of the tests."""

import pytest

from tools.verdict import verdict

REPORT = '<testsuites><testsuite tests="{}" failures="{}" errors="{}" skipped="{}" time="{}"/></testsuites>'


@pytest.mark.parametrize(
    ("fast", "rest", "line", "is_well"),
    [
        ((10, 0, 0, 0, 61.5), (5, 0, 0, 2, 600), "13 passed, 2 skipped in 661.50s (11:02)", True),
        ((10, 1, 0, 0, 1), (5, 0, 0, 0, 1), "1 failed, 14 passed in 2.00s (0:02)", False),
        ((10, 0, 1, 0, 1), (5, 0, 0, 0, 1), "14 passed, 1 errors in 2.00s (0:02)", False),
        ((0, 0, 0, 0, 1), (0, 0, 0, 0, 1), " in 2.00s (0:02)", False),
        ((10, 0, 0, 0, 1), None, "rest.xml is missing, 10 passed in 1.00s (0:01)", False),
    ],
)
def test_runs_are_summed_up(tmp_path, fast, rest, line, is_well):
    """A failure, an error, a missing report or no test at all in any of them is one of the whole."""
    reports = [tmp_path / "fast.xml", tmp_path / "rest.xml"]
    for report, figures in zip(reports, (fast, rest), strict=True):
        if figures:
            report.write_text(REPORT.format(*figures))

    assert verdict(reports) == (line, is_well)
