"""The report of a check as Markdown for a comment on a pull request."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from html import escape
from typing import Final

from mockserver.contract.reports.check_report import CheckReport, plural
from mockserver.contract.reports.finding_text import details_of, title_of
from mockserver.contract.reports.findings import UNDECLARED
from mockserver.contract.reports.run_coverage import counted, never, percent, shares_of, undocumented
from mockserver.contract.reports.run_record import ApiRun, CheckFinding, OperationCoverage
from mockserver.engine.redaction.printable import printable

MOST_CHARACTERS: Final = 65_000
"""Characters of the report: GitHub takes 65,536 in a comment."""

_RESERVED: Final = 600
"""Characters kept for the lines that say what was left out, and for what closes a block."""

_LONGEST_CELL: Final = 400


def markdown_report(report: CheckReport) -> bytes:
    """The summary, then the findings, folded, then the coverage, as far as there is room."""
    page = _Page(_head(report))
    shown = page.add_all(_finding(finding) for run in report.runs for finding in report.new(run))
    total = sum(len(report.new(run)) for run in report.runs)
    if shown < total:
        page.note(f"{plural(total - shown, 'finding')} of {total} did not fit: the JSON and HTML reports have all.")
    for run in report.runs:
        page.add_all(_further(report, run))
    for run in report.runs:
        page.add_rows(_coverage_head(run), [_row(one) for one in run.coverage], "\n</details>\n")
    return page.text.encode("utf-8", "backslashreplace")


class _Page:
    """A text of at most MOST_CHARACTERS, which is added to in whole blocks."""

    def __init__(self, text: str) -> None:
        self.text = text[: MOST_CHARACTERS - _RESERVED]

    def fits(self, block: str) -> bool:
        return len(self.text) + len(block) + _RESERVED <= MOST_CHARACTERS

    def add_all(self, blocks: Iterable[str]) -> int:
        """Adds the blocks that fit; how many these were."""
        added = 0
        for block in blocks:
            if self.fits(block):
                self.text += block
                added += 1
        return added

    def add_rows(self, head: str, rows: Sequence[str], end: str) -> None:
        """Adds a table with as many rows as fit, and says how many did not."""
        if not self.fits(head + end):
            return self.note("The coverage did not fit: the JSON and HTML reports have it.")
        self.text += head
        added = 0
        for row in rows:
            if not self.fits(row + end):
                break
            self.text += row
            added += 1
        left_out = len(rows) - added
        more = f"\n{plural(left_out, 'operation')} did not fit.\n" if left_out else ""
        self.text += more + end
        return None

    def note(self, text: str) -> None:
        if f"\n{text}\n" not in self.text and len(self.text) + len(text) + 2 <= MOST_CHARACTERS:
            self.text += f"\n{text}\n"


def _head(report: CheckReport) -> str:
    lines = [
        f"## API check: {report.headline}",
        "",
        "| API | operations | requests | findings | statuses seen | parameters sent | time |",
        "| --- | ---: | ---: | ---: | ---: | ---: | ---: |",
        *(_summary(report, run) for run in report.runs),
        "",
    ]
    lines += [report.note, ""] if report.note else []
    lines += [f"- no longer seen: {_code(text)}" for text in report.gone[:20]]
    return "\n".join(lines) + "\n"


def _summary(report: CheckReport, run: ApiRun) -> str:
    shares, known = shares_of(run.coverage), len(report.known_of(run))
    found = f"{len(report.new(run))}" + (f" (and {known} known)" if known else "")
    seed = f", seed {run.seed}" if run.seed is not None else ""
    stopped = "" if run.complete else ", stopped early"
    cells = [
        _code(run.api),
        f"{run.tested} of {len(run.coverage)}",
        f"{run.requests:,}",
        found,
        percent(shares.statuses),
        percent(shares.parameters),
        f"{run.seconds:.0f} s{seed}{stopped}",
    ]
    return _cells(cells)


def _finding(finding: CheckFinding) -> str:
    lines = [f"{name:<6} {text}" for name, text in details_of(finding) if name != "curl"]
    curl = [text for name, text in details_of(finding) if name == "curl"]
    title = escape(f"{title_of(finding)} ({finding.api})", quote=False)
    return (
        f"\n<details><summary><code>{title}</code></summary>\n\n{_fenced('text', lines)}"
        + (_fenced("sh", curl) if curl else "")
        + "\n</details>\n"
    )


def _further(report: CheckReport, run: ApiRun) -> Iterable[str]:
    for error in run.errors:
        yield f"\n- **{_plain(error.title)}** {_code(error.operation)}: {_code(error.message)}\n"
    refusals = [f"- {_code(operation)} refuses with {said}\n" for operation, said in report.refusals(run.api)]
    if refusals:
        title = f"{run.api}: {plural(len(refusals), 'operation')} with refusals {UNDECLARED}"
        yield f"\n<details><summary>{escape(title)}</summary>\n\n{''.join(refusals)}\n</details>\n"


def _coverage_head(run: ApiRun) -> str:
    return (
        f"\n<details><summary>Coverage of <code>{escape(run.api)}</code></summary>\n\n"
        "| operation | requests | statuses seen | never seen | not documented | never sent |\n"
        "| --- | ---: | --- | --- | --- | --- |\n"
    )


def _row(one: OperationCoverage) -> str:
    cells = [counted(one.statuses), ", ".join(never(one.statuses)), undocumented(one), ", ".join(never(one.parameters))]
    return _cells([_code(one.operation), f"{one.requests:,}", *map(_code, cells)]) + "\n"


def _cells(cells: Sequence[str]) -> str:
    return "| " + " | ".join(cell.replace("|", "\\|") for cell in cells) + " |"


def _code(text: str) -> str:
    """The text as code, in one line."""
    shown = printable(text)
    if not shown:
        return ""
    shown = shown if len(shown) <= _LONGEST_CELL else f"{shown[:_LONGEST_CELL]}…"
    fence = "`" * (max(map(len, re.findall("`+", shown)), default=0) + 1)
    space = " " if "`" in shown else ""
    return f"{fence}{space}{shown}{space}{fence}"


def _plain(text: str) -> str:
    return re.sub(r"([\\`*_{}\[\]<>|#@])", r"\\\1", printable(text))


def _fenced(language: str, lines: Sequence[str]) -> str:
    """A block of code whose fence is longer than any in it."""
    text = "\n".join(lines)
    fence = "`" * max(3, max(map(len, re.findall("`+", text)), default=0) + 1)
    return f"{fence}{language}\n{text}\n{fence}\n"
