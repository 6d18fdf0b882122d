"""Files that a check writes: those that cannot be written are refused early, and take no finding from the user."""

from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from mockserver.contract.checking.check_options import CheckOptions
from mockserver.contract.checking.conclusion import CheckResult, concluded
from mockserver.contract.reports.findings import Reclassified
from mockserver.contract.reports.report_files import require_reports
from mockserver.contract.reports.run_record import ApiRun, CheckFinding, OperationCoverage
from mockserver.problem import Unusable

LOST = CheckFinding("shop", "GET /items", "not_a_server_error", "ST101", "Server error", "critical")
RUN = ApiRun(
    "shop", complete=True, requests=1, findings=[LOST], coverage=[OperationCoverage("GET /items", 1, {"200": 1})]
)


def result(run=RUN, reclassified: Any = None):
    """What a check of one API gives."""
    service: Any = SimpleNamespace(name="shop", spec=None)
    return CheckResult(service, 1, reclassified or Reclassified(), run, Path("/nowhere"))


@pytest.mark.parametrize(
    ("file", "said"), [("", "is a folder; name a file in it"), ("no/x.html", "there is no folder")]
)
def test_a_path_that_no_file_can_have_is_refused_before_the_run(tmp_path, file, said):
    """A folder, or a file in a folder that is not there."""
    with pytest.raises(Unusable) as caught:
        require_reports([f"html={tmp_path / file}"])

    assert str(caught.value).startswith(f"--report html={tmp_path / file}: {said}")


def test_a_report_that_cannot_be_written_takes_no_finding_from_the_user(tmp_path):
    """The summary and the other reports are there all the same."""
    conclusion = concluded(
        CheckOptions(["shop"], reports=["html=/dev/full", f"json={tmp_path / 'r.json'}"]), [result()]
    )

    assert "- ST101 Server error: GET /items" in conclusion.lines
    assert (conclusion.code, (tmp_path / "r.json").exists()) == (2, True)
    assert conclusion.problems == ["--report html=/dev/full: cannot be written: No space left on device"]
