"""The report of a check as one page that opens offline: no script, nothing from elsewhere."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from html import escape
from typing import Final

from mockserver import __version__
from mockserver.contract.reports.check_report import CheckReport, plural
from mockserver.contract.reports.finding_text import details_of, title_of
from mockserver.contract.reports.findings import UNDECLARED
from mockserver.contract.reports.run_coverage import counted, never, percent, shares_of, undocumented
from mockserver.contract.reports.run_record import ApiRun, CheckFinding, OperationCoverage
from mockserver.engine.redaction.printable import printable

_STYLE: Final = """
:root { color-scheme: light dark; --line: #d0d7de; --soft: #f6f8fa; --bad: #cf222e; --good: #1a7f37; --quiet: #59636e }
@media (prefers-color-scheme: dark) {
  :root { --line: #3d444d; --soft: #151b23; --bad: #ff7b72; --good: #3fb950; --quiet: #9198a1 }
}
body { font: 15px/1.5 system-ui, sans-serif; margin: 2rem auto; max-width: 70rem; padding: 0 1rem }
h1 { font-size: 1.6rem } h2 { font-size: 1.25rem; margin-top: 2.5rem } h3 { font-size: 1rem }
table { border-collapse: collapse; width: 100% } th, td { border: 1px solid var(--line); padding: .3rem .6rem }
th { background: var(--soft); text-align: left } td { vertical-align: top; overflow-wrap: anywhere }
details { border: 1px solid var(--line); border-radius: 6px; margin: .6rem 0; padding: .4rem .8rem }
summary { cursor: pointer; font-weight: 600 } dl { display: grid; grid-template-columns: 5rem 1fr; gap: .2rem .6rem }
dt { color: var(--quiet) } dd { margin: 0; overflow-wrap: anywhere; white-space: pre-wrap }
code, dd { font-family: ui-monospace, monospace; font-size: .87em } .curl { user-select: all }
.bad { color: var(--bad) } .good { color: var(--good) } .quiet { color: var(--quiet) } .scroll { overflow-x: auto }
"""

_POLICY: Final = "default-src 'none'; style-src 'unsafe-inline'"


def html_report(report: CheckReport) -> bytes:
    """The page: a table of the APIs, the findings of each, and its coverage."""
    mood = "good" if report.headline == "nothing found" else "bad"
    parts = [
        '<!doctype html>\n<html lang="en">\n<head>\n<meta charset="utf-8">',
        f'<meta http-equiv="Content-Security-Policy" content="{_POLICY}">',
        '<meta name="viewport" content="width=device-width, initial-scale=1">',
        f"<title>API check: {_text(report.headline)}</title>\n<style>{_STYLE}</style>\n</head>\n<body>",
        f'<h1>API check: <span class="{mood}">{_text(report.headline)}</span></h1>',
        _overview(report),
        f"<p>{_text(report.note)}</p>" if report.note else "",
        *(part for run in report.runs for part in _api(report, run)),
        f'<p class="quiet">mockserver {_text(__version__)}</p>\n</body>\n</html>\n',
    ]
    return "\n".join(parts).encode("utf-8", "backslashreplace")


def _overview(report: CheckReport) -> str:
    names = ("API", "address", "operations", "requests", "findings", "statuses seen", "parameters sent", "run")
    return _table(names, (_summary(report, run) for run in report.runs))


def _summary(report: CheckReport, run: ApiRun) -> Sequence[str]:
    shares, new, known = shares_of(run.coverage), len(report.new(run)), len(report.known_of(run))
    seed = f", seed {run.seed}" if run.seed is not None else ""
    return (
        f'<a href="#{_text(run.api)}">{_text(run.api)}</a>',
        _text(run.address),
        f"{run.tested} of {len(run.coverage)}",
        f"{run.requests:,}",
        f'<span class="{"bad" if new else "good"}">{new}</span>' + (f" and {known} known" if known else ""),
        percent(shares.statuses),
        percent(shares.parameters),
        f"{run.seconds:.0f} s{seed}" + ("" if run.complete else ", stopped before its end"),
    )


def _api(report: CheckReport, run: ApiRun) -> Iterator[str]:
    yield f'<h2 id="{_text(run.api)}">{_text(run.api)}</h2>'
    new, known = report.new(run), report.known_of(run)
    yield from (_finding(finding) for finding in new)
    for error in run.errors:
        lines = [("said", printable(line)) for line in error.message.splitlines() if line.strip()]
        yield _folded(f"{error.title}: {error.operation} was not tested whole", _definitions(lines), is_open=True)
    if not new and not run.errors:
        yield '<p class="good">Nothing new was found.</p>'
    if known:
        yield _folded(plural(len(known), "known finding"), "".join(map(_finding, known)))
    refusals = [f"<li><code>{_text(one)}</code> refuses with {said}</li>" for one, said in report.refusals(run.api)]
    if refusals:
        yield _folded(
            f"{plural(len(refusals), 'operation')} with refusals {UNDECLARED}", f"<ul>{''.join(refusals)}</ul>"
        )
    misjudged = [
        f"<li><code>{_text(operation)}</code> ({_text(code)}): {_text(why)}</li>"
        for operation, code, why in report.disagreements(run.api)
    ]
    if misjudged:
        yield _folded("Where the tool disagrees with the document", f"<ul>{''.join(misjudged)}</ul>")
    yield "<h3>Coverage</h3>"
    names = ("operation", "requests", "statuses seen", "never seen", "not documented", "sent", "never sent")
    yield _table(names, map(_row, run.coverage))


def _finding(finding: CheckFinding) -> str:
    return _folded(title_of(finding), _definitions(details_of(finding)), is_open=True)


def _definitions(lines: Iterable[tuple[str, str]]) -> str:
    shown = (f'<dt>{_text(name)}</dt><dd class="{_text(name)}">{escape(text)}</dd>' for name, text in lines)
    return f"<dl>{''.join(shown)}</dl>"


def _row(one: OperationCoverage) -> Sequence[str]:
    cells = (
        counted(one.statuses),
        ", ".join(never(one.statuses)),
        undocumented(one),
        counted(one.parameters),
        ", ".join(never(one.parameters)),
    )
    return (f"<code>{_text(one.operation)}</code>", f"{one.requests:,}", *map(_text, cells))


def _folded(title: str, content: str, *, is_open: bool = False) -> str:
    return f"<details{' open' if is_open else ''}><summary>{_text(title)}</summary>{content}</details>"


def _table(names: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    head = "".join(f"<th>{name}</th>" for name in names)
    body = "\n".join(f"<tr>{''.join(f'<td>{cell}</td>' for cell in row)}</tr>" for row in rows)
    return f'<div class="scroll"><table><thead><tr>{head}</tr></thead><tbody>\n{body}</tbody></table></div>'


def _text(text: str) -> str:
    """A text in one line, without marks that hide or reorder it."""
    return escape(printable(text))
