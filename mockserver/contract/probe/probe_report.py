"""Tells what a server has to say about assumptions: as lines, as JSON, as a file of options."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, datetime
from typing import Final

from mockserver.contract.probe.prober import CONFIRMED, NOT_SAFE, REFUTED, UNCLEAR, ProbeOutcome, told
from mockserver.engine.redaction.printable import printable
from mockserver.json_text import Json

_COMMENT_WIDTH: Final = 200


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
    if outcome.result == UNCLEAR and outcome.reason != NOT_SAFE:
        lines.append(f"{'':<10}   to settle it: {assumption.probe}")
    return [*map(printable, lines), *(printable(f"{'':<10}   left behind: {each}") for each in outcome.left)]


def summary(api: str, outcomes: Sequence[ProbeOutcome]) -> str:
    """How many were confirmed, refuted and left unclear, and how the mock becomes like the server."""
    counts = Counter(outcome.result for outcome in outcomes)
    line = ", ".join(f"{counts[result]} {result}" for result in (CONFIRMED, REFUTED, UNCLEAR))
    switches = [f"--assume {api}.{one.assumption.name}={one.option}" for one in outcomes if one.result == REFUTED]
    return f"{line}.{f' To serve what the server does: {chr(32).join(switches)}' if switches else ''}"


def is_nothing_settled(outcomes: Sequence[ProbeOutcome]) -> bool:
    """Whether the server was asked, and settled nothing at all: the credential is wrong, or the address."""
    return any(one.was_asked for one in outcomes) and all(one.result == UNCLEAR for one in outcomes)


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
                "left": [*outcome.left],
            }
            for outcome in outcomes
        ],
    }  # fmt: skip


def options_file(api: str, url: str, outcomes: Iterable[ProbeOutcome], at: float, source: str) -> bytes:
    """A file for `serve --assume-from`: the option of each assumption that was settled, with what was seen; those that
    were not, as comments. `source` is what the API was given as.
    """
    day = datetime.fromtimestamp(at, UTC).strftime("%Y-%m-%d %H:%M UTC")
    head = [
        f"What {url} does, as `mockserver assumptions {source} --url` saw it on {day}.",
        f"mockserver serve {source} --assume-from THIS_FILE",
    ]
    return "\n".join([*map(_comment, head), *(_entry(api, outcome) for outcome in outcomes), ""]).encode()


def _entry(api: str, outcome: ProbeOutcome) -> str:
    name = f"{api}.{outcome.assumption.name}"
    if outcome.result == UNCLEAR:
        return f"\n{_comment(f'unclear: {outcome.reason}')}\n# {name}: {_scalar(outcome.assumed)}"
    said = f"refuted: the mock assumes {outcome.assumed}" if outcome.result == REFUTED else CONFIRMED
    comments = [f"{said}.", *told(outcome.seen)]
    return "\n" + "\n".join([*map(_comment, comments), f"{name}: {_scalar(outcome.option)}"])


def _comment(text: str) -> str:
    text = " ".join("".join(letter if letter.isprintable() else " " for letter in text).split())
    return f"# {text if len(text) <= _COMMENT_WIDTH else text[: _COMMENT_WIDTH - 1] + '…'}"


def _scalar(option: str) -> str:
    """The option as a text of YAML: quoted, since `302` and `null` would be read as something else."""
    return json.dumps(option)


def distinction_lines(api: str, gaps: Mapping[str, Sequence[str]], total: int) -> list[str]:
    """What is wrong with the probes of an API, and how many tell all options apart."""
    lines = [f"{api}.{name}: {text}" for name, texts in gaps.items() for text in texts]
    return [*lines, f"{api}: {total - len(gaps)} of {total} assumptions have a probe that tells every option apart."]
