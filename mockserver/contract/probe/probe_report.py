"""Tells what a server has to say about assumptions: as lines and as JSON."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence

from mockserver.contract.probe.prober import CONFIRMED, INTERRUPTED, NOT_SAFE, REFUTED, UNCLEAR, ProbeOutcome, told
from mockserver.engine.redaction.printable import printable
from mockserver.json_text import Json


def outcome_lines(api: str, outcome: ProbeOutcome) -> list[str]:
    """What is shown of one assumption; what was seen only where it is not as the mock assumes."""
    assumption, name = outcome.assumption, f"{api}.{outcome.assumption.name}"
    lines = [f"{'confirmed' if outcome.result == CONFIRMED else outcome.result:<10} {name}={outcome.assumed}"]
    if outcome.result == REFUTED:
        lines[0] += f", but the server does {outcome.option}: {assumption.options[outcome.option]}"
    elif outcome.result == UNCLEAR:
        lines[0] = f"{UNCLEAR:<10} {name}: {outcome.reason}"
    if outcome.result != CONFIRMED:
        lines += [f"{'':<10}   seen: {line}" for line in told(outcome.seen)]
    if outcome.result == UNCLEAR and outcome.reason not in (NOT_SAFE, INTERRUPTED):
        lines.append(f"{'':<10}   to settle it: {assumption.probe}")
    return [*map(printable, lines), *(printable(f"{'':<10}   left behind: {each}") for each in outcome.left)]


def summary(api: str, outcomes: Sequence[ProbeOutcome]) -> str:
    """How many were confirmed, refuted and left unclear, and how the mock becomes like the server."""
    counts = Counter(outcome.result for outcome in outcomes)
    line = ", ".join(f"{counts[result]} {result}" for result in (CONFIRMED, REFUTED, UNCLEAR))
    switches = [f"--assume {api}.{one.assumption.name}={one.option}" for one in outcomes if one.result == REFUTED]
    return f"{line}.{f' To serve what the server does: {chr(32).join(switches)}' if switches else ''}"


def nothing_settled(api: str, outcomes: Sequence[ProbeOutcome]) -> str:
    """Why the server settled nothing at all, and what to do; empty where it settled something."""
    if not outcomes:
        return f"nothing was settled: {api} leaves nothing open that a server could be asked for"
    if any(one.result != UNCLEAR for one in outcomes):
        return ""
    if any(one.was_asked for one in outcomes):
        return "the server settled nothing: is the address right, and the credential (-H)?"
    return "nothing was settled, since nothing was asked; the lines above say what would"


def as_json(api: str, url: str, outcomes: Iterable[ProbeOutcome]) -> Json:
    """The outcomes as one JSON object."""
    return {
        "api": api,
        "url": url,
        "assumptions": [
            {
                "name": f"{api}.{outcome.assumption.name}", "result": outcome.result, "assumed": outcome.assumed,
                "option": outcome.option or None, "reason": outcome.reason or None,
                "seen": [dict(zip(("request", "look", "value"), one, strict=True)) for one in outcome.seen],
                "left": [*outcome.left], "hidden_by": [f"{api}.{each}" for each in outcome.hidden_by],
            }
            for outcome in outcomes
        ],
    }  # fmt: skip


def distinction_lines(api: str, gaps: Mapping[str, Sequence[str]], total: int) -> list[str]:
    """What is wrong with the probes of an API, and how many tell all options apart."""
    lines = [f"{api}.{name}: {text}" for name, texts in gaps.items() for text in texts]
    return [*lines, f"{api}: {total - len(gaps)} of {total} assumptions have a probe that tells every option apart."]
