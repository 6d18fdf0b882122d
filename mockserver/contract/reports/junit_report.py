"""The report of a check as JUnit XML: a suite for each API, a test for each operation and each finding."""

from __future__ import annotations

import re
from typing import Final
from xml.etree import ElementTree as ET

from mockserver.contract.reports.check_report import CheckReport
from mockserver.contract.reports.finding_text import details_of, title_of
from mockserver.contract.reports.findings import UNDECLARED
from mockserver.contract.reports.run_record import ApiRun, CheckFinding

_ILLEGAL: Final = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]")
"""Characters that XML 1.0 cannot have, not even as references."""


def junit_report(report: CheckReport) -> bytes:
    """A test passes where nothing new was found: an operation without findings, or with known ones alone."""
    root = ET.Element("testsuites")
    for run in report.runs:
        suite = ET.SubElement(root, "testsuite", name=_legal(run.api), time=f"{run.seconds:.3f}")
        if run.seed is not None:
            ET.SubElement(ET.SubElement(suite, "properties"), "property", name="seed", value=str(run.seed))
        _add_tests(suite, report, run)
        _count(suite)
    for name in ("tests", "failures", "errors", "skipped"):
        root.set(name, str(sum(int(suite.get(name, 0)) for suite in root)))
    ET.indent(root)
    return bytes(ET.tostring(root, encoding="utf-8", xml_declaration=True))


def _add_tests(suite: ET.Element, report: CheckReport, run: ApiRun) -> None:
    refusals = dict(report.refusals(run.api))
    new: dict[str, list[CheckFinding]] = {}
    known: dict[str, list[CheckFinding]] = {}
    for finding in run.findings:
        (known if finding.id in report.known else new).setdefault(finding.operation, []).append(finding)
    asked = {one.operation: one.requests for one in run.coverage}
    for operation in dict.fromkeys([*asked, *new]):
        for finding in new.get(operation, ()):
            test = _test(suite, run, f"{operation}: {finding.title}" if operation else finding.title)
            failure = ET.SubElement(test, "failure", type=finding.code, message=_legal(title_of(finding)))
            failure.text = finding_text(finding)
        if operation in new:
            continue
        test = _test(suite, run, operation)
        if not asked[operation]:
            ET.SubElement(test, "skipped", message="no request was sent")
        notes = [f"known: {title_of(finding)}" for finding in known.get(operation, ())]
        notes += [f"refuses with {refusals[operation]}, {UNDECLARED}"] if operation in refusals else []
        if notes:
            ET.SubElement(test, "system-out").text = _legal("\n".join(notes))
    for error in run.errors:
        test = _test(suite, run, f"{error.operation}: {error.title}")
        ET.SubElement(test, "error", type=_legal(error.title), message=_legal(error.title)).text = _legal(error.message)


def finding_text(finding: CheckFinding) -> str:
    """The lines of a finding as one text."""
    return _legal("\n".join(f"{name:<6} {text}" for name, text in details_of(finding)))


def _test(suite: ET.Element, run: ApiRun, name: str) -> ET.Element:
    return ET.SubElement(suite, "testcase", classname=_legal(run.api), name=_legal(name))


def _count(suite: ET.Element) -> None:
    for attribute, tag in (("tests", "testcase"), ("failures", "failure"), ("errors", "error"), ("skipped", "skipped")):
        suite.set(attribute, str(sum(1 for _ in suite.iter(tag))))


def _legal(text: str) -> str:
    return _ILLEGAL.sub(lambda found: ascii(found[0])[1:-1], text)
