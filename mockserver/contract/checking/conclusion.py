"""Concludes a check: its exit code, the lines about it, and the files that were asked for."""

from __future__ import annotations

import shlex
from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple
from urllib.parse import urlsplit

from mockserver.contract.checking.check_options import CheckOptions
from mockserver.contract.reports.findings import Reclassified, junit, overlay, report_lines, save, serialized_overlay
from mockserver.contract.reports.run_record import ApiRun
from mockserver.contract.reports.run_summary import summary_lines
from mockserver.engine.pipeline import Service
from mockserver.openapi.source.source import STDIN


class Conclusion(NamedTuple):
    """The exit code (0: every server complies with its document, 1: not, 2: Schemathesis failed) and the lines about
    reclassified failures.
    """

    code: int
    lines: Sequence[str]


class CheckResult(NamedTuple):
    """The result for one API: Schemathesis' exit code, the reclassified failures, and the record of the run."""

    service: Service
    code: int
    reclassified: Reclassified
    run: ApiRun


def concluded(checking: CheckOptions, results: Sequence[CheckResult], folder: Path, root: str = "") -> Conclusion:
    """Writes the reports. `root` is the former address of the mock. Raises Unusable."""
    by_api = {result.service.name: result.reclassified for result in results}
    whose = "the server" if checking.url else "the mock"
    lines = summary_lines([result.run for result in results])
    lines += [
        line for name, found in by_api.items() for line in report_lines(name, found, whose, strict=checking.strict)
    ]
    if checking.report:
        reports = {result.service.name: junit_file(folder, result.service) for result in results}
        save(Path(checking.report), junit(reports, by_api, strict=checking.strict), "--junit")
        lines.append(f"{checking.report} is the report of all in JUnit XML")
    if checking.declared:
        lines.append(_declared(checking, results[0]))
    code = max(result.code for result in results)
    if code == 1 and root:
        line = shlex.join(["mockserver", "serve", *checking.served, "--limits", "off"])
        given = " < DOCUMENT" if str(STDIN) in checking.apis else ""
        lines.append(f"The curl lines work again with: {line} --port {urlsplit(root).port}{given}")
    undeclared = any(reclassified.refusals for reclassified in by_api.values())
    return Conclusion(max(code, 1) if checking.strict and undeclared else code, lines)


def junit_file(folder: Path, service: Service) -> Path:
    """The file for Schemathesis' own JUnit report of one API."""
    return folder / f"{service.name}.xml"


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
