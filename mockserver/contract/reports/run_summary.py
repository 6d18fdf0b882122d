"""The summary of a check for a terminal: its findings, then one line for each API."""

from __future__ import annotations

from collections.abc import Sequence

from mockserver.contract.reports.finding_text import details_of, title_of
from mockserver.contract.reports.run_record import ApiRun, CheckFinding, ToolError
from mockserver.engine.redaction.printable import printable


def summary_lines(runs: Sequence[ApiRun], known: frozenset[str] = frozenset()) -> list[str]:
    """The lines. Findings whose ids are `known` are counted, not told."""
    lines: list[str] = []
    for run in runs:
        new = [finding for finding in run.findings if finding.id not in known]
        for finding in new:
            lines += finding_lines(finding, run.api if len(runs) > 1 else "")
        for error in run.errors:
            lines += _error_lines(error, run.api)
    return [*lines, *([""] if lines else []), *(verdict_of(run, known) for run in runs if run.coverage)]


def finding_lines(finding: CheckFinding, api: str = "") -> list[str]:
    """One finding: its title, and a line for each thing there is to say."""
    of_api = f" ({api})" if api else ""
    return [
        "",
        f"- {title_of(finding)}{of_api}",
        *(f"    {name:<6} {text}" for name, text in _named_once(details_of(finding))),
    ]


def _named_once(lines: list[tuple[str, str]]) -> list[tuple[str, str]]:
    """The lines, with the name of a line left out where the one before has it; but each curl line is told by name."""
    names = ["", *(name for name, _ in lines)]
    return [
        ("" if name == before and name != "curl" else name, text)
        for before, (name, text) in zip(names, lines, strict=False)
    ]


def _error_lines(error: ToolError, api: str) -> list[str]:
    message = [printable(line) for line in error.message.splitlines() if line.strip()]
    return [
        "",
        f"- {error.title}: {api}: {printable(error.operation)} was not tested whole",
        *(f"    {line}" for line in message),
    ]


def verdict_of(run: ApiRun, known: frozenset[str] = frozenset()) -> str:
    """`xqr: 27 operations, 812 requests, nothing found (12 s, seed 1)`."""
    total, times = len(run.coverage), f"{run.seconds:.0f} s" if run.seconds >= 1 else "under 1 s"
    seed = f", seed {run.seed}" if run.seed is not None else ""
    operations = (
        _counted(total, "operation") if run.tested == total else f"{run.tested} of {_counted(total, 'operation')}"
    )
    stopped = "" if run.complete else ", stopped before its end"
    return (
        f"{run.api}: {operations}, {_counted(run.requests, 'request')}, {_found(run, known)}{stopped} ({times}{seed})"
    )


def _found(run: ApiRun, known: frozenset[str]) -> str:
    new = sum(finding.id not in known for finding in run.findings)
    old = len(run.findings) - new
    parts = [_counted(new, "finding" if not old else "new finding")] if new else []
    parts += [f"{old} known"] if old else []
    parts += [_counted(len(run.errors), "error")] if run.errors else []
    return ", ".join(parts) or ("nothing found" if run.complete else "nothing found so far")


def _counted(number: int, noun: str) -> str:
    return f"{number:,} {noun}{'' if number == 1 else 's'}"
