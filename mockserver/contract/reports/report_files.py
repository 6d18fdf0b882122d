"""The files that `--report FORMAT=FILE` asks for."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from functools import partial
from pathlib import Path
from typing import Final

from mockserver.contract.reports.check_report import CheckReport
from mockserver.contract.reports.findings import require_file, save
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


def split_reports(given: Sequence[str]) -> list[tuple[str, Path]]:
    """Format and file of each `FORMAT=FILE`. Raises Unusable."""
    reports = []
    for text in given:
        name, equals, file = text.partition("=")
        if not equals or not file or name not in FORMATS:
            raise Unusable(f"--report {text}: expected FORMAT=FILE, where FORMAT is one of {', '.join(FORMATS)}")
        reports.append((name, Path(file)))
    return reports


def require_reports(given: Sequence[str]) -> None:
    """Raises Unusable for a report that is not known, or a file that cannot be written."""
    for name, file in split_reports(given):
        require_file(file, f"--report {name}=")


def keeps_exchanges(given: Sequence[str]) -> bool:
    """Whether one of the reports is made of all exchanges."""
    return any(name == HAR for name, _ in split_reports(given))


def write_reports(
    reports: Sequence[tuple[str, Path]], report: CheckReport, exchanges: Sequence[Path]
) -> Iterator[Callable[[], str]]:
    """What writes each file, and returns a line about it. `exchanges` are the files of HAR entries. Calls raise
    Unusable.
    """

    def written(name: str, file: Path) -> str:
        content = har_report(exchanges) if name == HAR else WRITERS[name](report)
        save(file, content, f"--report {name}=")
        return f"{file} is the report as {_NAMES[name]}"

    return (partial(written, name, file) for name, file in reports)


_NAMES: Final = {"junit": "JUnit XML", "html": "an HTML page", "json": "JSON", "markdown": "Markdown", HAR: "HAR"}
