"""The summary of a check for a terminal: its findings, then one line for each API."""

from __future__ import annotations

from dataclasses import replace

from mockserver.contract.reports.check_report import CheckReport, plural
from mockserver.contract.reports.finding_text import details_of, title_of
from mockserver.contract.reports.run_coverage import coverage_lines
from mockserver.contract.reports.run_record import ApiRun, CheckFinding, ToolError
from mockserver.engine.redaction.printable import printable


def summary_lines(report: CheckReport, *, whole_coverage: bool = False) -> list[str]:
    """The lines. Known findings are counted, not told."""
    lines: list[str] = []
    runs = report.runs
    for run in runs:
        for finding in report.new(run):
            lines += finding_lines(finding, run.api if len(runs) > 1 else "")
        for error in run.errors:
            lines += _error_lines(error, run.api)
    lines += [""] if lines else []
    lines += [report.note, ""] if report.note else []
    for run in runs:
        if run.coverage:
            lines += [verdict_of(report, run), *coverage_lines(run, whole=whole_coverage), *_warnings(run)]
    return lines


def _warnings(run: ApiRun) -> list[str]:
    kinds = [f"{kind.replace('_', ' ')} ({plural(len(of), 'operation')})" for kind, of in run.warnings.items()]
    return [printable(f"  Schemathesis warns: {', '.join(kinds)}")] if kinds else []


def finding_lines(finding: CheckFinding, api: str = "") -> list[str]:
    """One finding: its title, and a line for each thing there is to say."""
    of_api = f" ({printable(api)})" if api else ""
    return [
        "",
        f"- {title_of(finding)}{of_api}",
        *(f"    {name:<6} {text}" for name, text in details_of(finding)),
    ]


def _error_lines(error: ToolError, api: str) -> list[str]:
    message = [printable(line) for line in error.message.splitlines() if line.strip()]
    return [
        "",
        printable(f"- {error.title}: {api}: {error.operation} was not tested whole"),
        *(f"    {line}" for line in message),
    ]


def verdict_of(report: CheckReport, run: ApiRun) -> str:
    """`xqr: 27 operations, 812 requests, nothing found (12 s, seed 1)`."""
    total, took = len(run.coverage), f"{run.seconds:.0f} s" if run.seconds >= 1 else "under 1 s"
    seed = f", seed {run.seed}" if run.seed is not None else ""
    asked = "" if run.tested == total else f"{run.tested} of "
    found = replace(report, runs=[run]).headline
    stopped = "" if run.complete else ", stopped before its end"
    tried = f"{asked}{plural(total, 'operation')}, {plural(run.requests, 'request')}"
    return f"{printable(run.api)}: {tried}, {found}{stopped} ({took}{seed})"
