"""Concludes a check: its exit code, the lines about it, and the files that were asked for."""

from __future__ import annotations

import shlex
from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path
from typing import Final, NamedTuple
from urllib.parse import urlsplit

from mockserver.contract.checking.authorization_hint import authorization_hint
from mockserver.contract.checking.check_options import CheckOptions
from mockserver.contract.checking.fruitless_run import fruitless, gives_credential
from mockserver.contract.checking.started_process import INTERRUPTED
from mockserver.contract.reports.check_report import CheckReport, plural
from mockserver.contract.reports.findings import Reclassified, overlay, report_lines, save, serialized_overlay
from mockserver.contract.reports.known_findings import KnownFindings, read_known
from mockserver.contract.reports.report_files import split_reports, write_reports
from mockserver.contract.reports.run_record import ApiRun
from mockserver.contract.reports.run_summary import summary_lines
from mockserver.engine.service import Service
from mockserver.openapi.source.source import STDIN
from mockserver.problem import Unusable

NOTHING_SENT: Final = (
    "no request was made: the phases that were chosen have nothing to send, such as `examples` where the document has "
    "none, or the server failed before them"
)

NOTHING_ANSWERED: Final = (
    "no request was answered before --max-time was over, so that nothing was tested; give it more time, or see why "
    "the server is silent"
)


class Conclusion(NamedTuple):
    """The exit code (0: every server complies with its document, 1: not, 2: Schemathesis failed, or a file cannot be
    written), the lines about the check, and what is to be told beside: why a run tested nothing, what kept
    files from being written.
    """

    code: int
    lines: Sequence[str]
    problems: Sequence[str] = ()


class CheckResult(NamedTuple):
    """The result for one API: Schemathesis' exit code, the reclassified failures, the record of the run, and the file
    of its exchanges.
    """

    service: Service
    code: int
    reclassified: Reclassified
    run: ApiRun
    exchanges: Path


def concluded(checking: CheckOptions, results: Sequence[CheckResult], root: str = "") -> Conclusion:
    """Writes the reports. `root` is the former address of the mock. Raises Unusable."""
    problems: list[str] = []
    results, is_failed = _without_cause(checking, results, problems)
    by_api = {result.service.name: result.reclassified for result in results}
    whose = "the server" if checking.url else "the mock"
    runs = [result.run for result in results]
    fruitless_runs = len(problems)
    known, about_known = _known(checking, runs, problems)
    report = CheckReport(runs, by_api, known.ids, () if checking.baseline_update else known.gone(runs))
    lines = summary_lines(report, whole_coverage=checking.coverage)
    for name, found in by_api.items():
        lines += report_lines(name, found, whose, strict=checking.strict)
    lines += about_known
    files = split_reports(checking.reports)
    writing = [*write_reports(files, report, [result.exchanges for result in results])]
    writing += [partial(_declared, checking, results[0])] if checking.declared else []
    lines += [line for write in writing for line in _written(write, problems)]
    code = max(_code(result, report) for result in results)
    if code == 1 and root:
        line = shlex.join(["mockserver", "serve", *checking.served, "--limits", "off"])
        given = " < DOCUMENT" if str(STDIN) in checking.apis else ""
        lines.append(f"The curl lines work again with: {line} --port {urlsplit(root).port}{given}")
    if len(problems) > fruitless_runs or (is_failed and not code):
        code = 2
    return Conclusion(code, lines, problems)


def _without_cause(
    checking: CheckOptions, results: Sequence[CheckResult], problems: list[str]
) -> tuple[Sequence[CheckResult], bool]:
    """The results without the refusals that come of a wrong address, and whether one of the runs tested nothing."""
    gives = bool(checking.credentials) or gives_credential((*checking.headers,), [*checking.more])
    kept, is_failed = [], False
    for result in results:
        cause = fruitless(result.service.spec, result.run, result.reclassified, gives=gives) if checking.url else None
        if cause is not None:
            problems.append(cause.why)
            is_failed |= cause.is_failed
        elif result.code == 2 and not result.run.requests and not result.run.errors:
            problems.append(f"{result.service.name}: {NOTHING_SENT}")
        elif result.code == 0 and result.run.coverage and not result.run.requests and not result.run.errors:
            problems.append(f"{result.service.name}: {NOTHING_ANSWERED}")
            is_failed = True
        elif result.code == INTERRUPTED and not result.run.requests:
            problems.append(f"{result.service.name}: stopped before the first request")
        hint = authorization_hint(result.service.spec, result.run, checking.headers)
        problems += [hint] if hint else []
        kept.append(result if cause is None else result._replace(reclassified=cause.refusals))
    return kept, is_failed


def _written(write: Callable[[], str], problems: list[str]) -> list[str]:
    """The line about a file that was written; what keeps it from being written takes no finding from the user."""
    try:
        return [write()]
    except Unusable as error:
        problems.append(str(error))
        return []


def _code(result: CheckResult, report: CheckReport) -> int:
    """The exit code for one API: known findings are none, unless Schemathesis failed on something that it did not
    tell.
    """
    if result.code > 1:
        return 2
    untold = result.code == 1 and not result.run.findings and not result.run.taken_back
    return 1 if report.new(result.run) or result.run.errors or untold else 0


def _known(checking: CheckOptions, runs: Sequence[ApiRun], problems: list[str]) -> tuple[KnownFindings, list[str]]:
    """The known findings, and lines about them; the file is written if that is asked for. Raises Unusable."""
    if not checking.baseline:
        return KnownFindings(), []
    file = Path(checking.baseline)
    known = read_known(file, may_be_missing=checking.baseline_update)
    gone = known.gone(runs)
    if checking.baseline_update:
        updated = known.updated(runs)
        added = len(updated.ids - known.ids)
        taken = f", and {len(gone)} no longer" if gone else ""

        def write() -> str:
            save(file, updated.as_text().encode(), "--baseline")
            return f"{file} has {plural(len(updated.entries), 'known finding')}: {added} new{taken}"

        about = _written(write, problems)
        return (updated if about else known), about
    lines = [f"no longer found: {line}" for line in gone]
    return known, [*lines, f"--baseline-update takes them out of {file}"] if lines else []


def _declared(checking: CheckOptions, result: CheckResult) -> str:
    """Writes the overlay and returns the line about it. Raises Unusable."""
    service, file = result.service, Path(checking.declared)
    if not result.reclassified.refusals:
        return f"{service.name}: no refusal was seen that the document does not declare; {file} is not written"
    operations = {
        (operation.method.upper(), operation.path if checking.url else operation.full_path): operation
        for operation in service.spec.operations
    }
    save(file, serialized_overlay(file, overlay(service.name, result.reclassified, operations)), "--declare-refusals")
    return f"{file} declares them: {shlex.join(['mockserver', 'serve', *checking.served, '--overlay', str(file)])}"
