"""The files that `--report FORMAT=FILE` asks for."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Final

from mockserver.contract.reports.check_report import CheckReport
from mockserver.contract.reports.findings import save
from mockserver.contract.reports.har_report import har_report
from mockserver.contract.reports.html_report import html_report
from mockserver.contract.reports.json_report import json_report
from mockserver.contract.reports.junit_report import junit_report
from mockserver.contract.reports.markdown_report import markdown_report
from mockserver.problem import Unusable

WRITERS: Final[Mapping[str, Callable[[CheckReport], bytes]]] = {
    "junit": junit_report,
    "html": html_report,
    "json": json_report,
    "markdown": markdown_report,
}
HAR: Final = "har"
FORMATS: Final = (*WRITERS, HAR)


def read_reports(given: Sequence[str]) -> list[tuple[str, Path]]:
    """Format and file of each `FORMAT=FILE`. Raises Unusable."""
    reports = []
    for text in given:
        name, equals, file = text.partition("=")
        if not equals or not file or name not in FORMATS:
            raise Unusable(f"--report {text}: expected FORMAT=FILE, where FORMAT is one of {', '.join(FORMATS)}")
        if not Path(file).absolute().parent.is_dir():
            raise Unusable(f"--report {text}: there is no folder {Path(file).parent}")
        reports.append((name, Path(file)))
    return reports


def keeps_exchanges(given: Sequence[str]) -> bool:
    """Whether one of the reports is made of all exchanges."""
    return any(name == HAR for name, _ in read_reports(given))


def write_reports(reports: Sequence[tuple[str, Path]], report: CheckReport, exchanges: Sequence[Path]) -> list[str]:
    """Writes the files, and returns a line about each. `exchanges` are the files of HAR entries. Raises Unusable."""
    lines = []
    for name, file in reports:
        content = har_report(exchanges) if name == HAR else WRITERS[name](report)
        save(file, content, f"--report {name}=")
        lines.append(f"{file} is the report as {_NAMES[name]}")
    return lines


_NAMES: Final = {"junit": "JUnit XML", "html": "an HTML page", "json": "JSON", "markdown": "Markdown", HAR: "HAR"}
