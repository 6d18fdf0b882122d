"""The report of a check as one JSON document, for programs."""

from __future__ import annotations

import json

from mockserver import __version__
from mockserver.contract.reports.check_report import CheckReport
from mockserver.contract.reports.run_coverage import shares_of
from mockserver.contract.reports.run_record import ApiRun
from mockserver.json_text import Json


def json_report(report: CheckReport) -> bytes:
    """All findings, known ones too, with the whole coverage of each API."""
    value = {
        "mockserver": __version__,
        "summary": report.headline,
        "apis": [_api(report, run) for run in report.runs],
        "gone": [*report.gone],
    }
    return json.dumps(value, indent=2, ensure_ascii=False).encode("utf-8", "backslashreplace") + b"\n"


def _api(report: CheckReport, run: ApiRun) -> Json:
    value = run.as_json()
    for finding in value["findings"]:
        finding["known"] = finding["id"] in report.known
    reason = [
        {"operation": operation, "code": code, "reason": why} for operation, code, why in report.disagreements(run.api)
    ]
    return {
        **value,
        "shares": shares_of(run.coverage).as_json(),
        "undeclared_refusals": dict(report.refusals(run.api)),
        "misjudged": reason,
    }
