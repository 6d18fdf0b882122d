"""Tells one finding in lines: what was sent, what came, and why it is wrong."""

from __future__ import annotations

from typing import Final

from mockserver.contract.reports.run_record import CheckFinding, ShownSide
from mockserver.engine.redaction.printable import printable

SHOWN_CURLS: Final = 12
"""Curl lines of one finding that texts for people show, the last ones."""

LONGEST_SHOWN: Final = 2_000
"""Characters of a curl line that texts for people show; the JSON report has the longer ones."""


def title_of(finding: CheckFinding) -> str:
    """`ST108 Response violates schema: GET /items/{id}, 12 times`."""
    where = f": {finding.operation}" if finding.operation else ""
    times = f", {finding.times:,} times" if finding.times > 1 else ""
    return printable(f"{finding.code} {finding.title}{where}{times}")


def details_of(finding: CheckFinding) -> list[tuple[str, str]]:
    """The name and the text of each line: `sent`, `came`, `wrong`, `place`, `curl`. Of several lines of why it is wrong
    the first alone has the name.
    """
    lines = []
    if finding.sent is not None:
        lines.append(("sent", _side(finding.sent)))
    if finding.came is not None:
        lines.append(("came", _side(finding.came)))
    lines += [("" if number else "wrong", text) for number, text in enumerate(why_of(finding))]
    if finding.place.startswith("#"):
        lines.append(("place", printable(finding.place)))
    left_out = len(finding.curl) - SHOWN_CURLS
    if left_out > 0:
        lines.append(("curl", f"({left_out} requests before these; the JSON report has them)"))
    return [*lines, *(("curl", shown_curl(line)) for line in finding.curl[-SHOWN_CURLS:])]


def why_of(finding: CheckFinding) -> list[str]:
    """Why the answer is wrong, with what was expected and seen where a schema says it."""
    if not finding.keyword:
        return [*map(printable, finding.why)]
    where = f"{finding.pointer}: " if finding.pointer else ""
    said = " ".join(finding.why)
    expected = f"{finding.keyword}: {finding.expected}" if finding.expected != "null" else finding.keyword
    return [printable(f"{where}{said}"), printable(f"expected {expected}, seen {finding.seen}")]


def shown_curl(line: str) -> str:
    """A curl line as texts for people show it."""
    if not line:
        return "(too long for a command line; the HAR report has the request)"
    if len(line) > LONGEST_SHOWN:
        return f"({len(line):,} characters; the JSON report has it)"
    return line


def _side(side: ShownSide) -> str:
    """One side of an exchange in a line."""
    at = f"at {side.at} " if side.at else ""
    body = f" {at}{side.body}" if side.body else ""
    media_type = f" {side.media_type}" if side.media_type and side.body else ""
    return printable(f"{side.head}{media_type}{body}")
