"""Writes what a server does as a file of options of assumptions, for `serve --assume-from`."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Final

from mockserver.contract.probe.prober import CONFIRMED, REFUTED, UNCLEAR, ProbeOutcome, told
from mockserver.problem import Unusable
from mockserver.server.loading.assumed_file import read_assumed

_COMMENT_WIDTH: Final = 200
_PLAIN: Final = re.compile(r"[A-Za-z][\w.-]*")


def earlier_options(file: Path) -> dict[str, str]:
    """The options that stand in the file that will be written; none where there is no file, or nothing but comments in
    it. Raises Unusable where its folder is missing, or something else stands in it.
    """
    if file.is_dir():
        raise Unusable(f"--write {file}: this is a folder; expected a file")
    if not file.absolute().parent.is_dir():
        raise Unusable(f"--write {file}: there is no folder {file.parent}")
    try:
        if not file.is_file() or all(line.lstrip()[:1] in (b"", b"#") for line in file.read_bytes().splitlines()):
            return {}
        return read_assumed(file)
    except OSError as error:
        raise Unusable(f"--write {file}: cannot be read: {error.strerror or error}") from None
    except Unusable as error:
        raise Unusable(
            f"--write {file}: what stands there is no file of options, and would be lost ({error}). Move it away, or "
            f"name another file"
        ) from None


def options_file(
    api: str, url: str, outcomes: Sequence[ProbeOutcome], at: float, source: str, earlier: Mapping[str, str]
) -> bytes:
    """The option of each assumption that was settled, with what was seen; those that were not, as comments. `source` is
    what the API was given as. `earlier` maps `api.name` to the options that the file had: those of assumptions that
    were not asked this time are kept, those of assumptions that are unclear now stand in their comment.
    """
    day = datetime.fromtimestamp(at, UTC).strftime("%Y-%m-%d %H:%M UTC")
    head = [
        f"What {url} does, as `mockserver assumptions {source} --url` saw it on {day}.",
        f"mockserver serve {source} --assume-from THIS_FILE",
    ]
    asked = {f"{api}.{one.assumption.name}" for one in outcomes if one.was_asked}
    kept = {name: option for name, option in earlier.items() if name not in asked}
    entries = [_entry(api, one, earlier) for one in outcomes if f"{api}.{one.assumption.name}" not in kept]
    entries += [
        "\n# kept of an earlier run: not asked this time.\n"
        f"{name if _PLAIN.fullmatch(name) else _scalar(name)}: {_scalar(option)}"
        for name, option in kept.items()
    ]
    return "\n".join([*map(_comment, head), *entries, ""]).encode()


def _entry(api: str, outcome: ProbeOutcome, earlier: Mapping[str, str]) -> str:
    name = f"{api}.{outcome.assumption.name}"
    if outcome.result == UNCLEAR:
        had = f"; an earlier run found {earlier[name]}" if name in earlier else ""
        return f"\n{_comment(f'unclear: {outcome.reason}')}\n# {name}: {_scalar(outcome.assumed)}{had}"
    said = f"refuted: the mock assumes {outcome.assumed}" if outcome.result == REFUTED else CONFIRMED
    comments = [f"{said}.", *told(outcome.seen)]
    return "\n" + "\n".join([*map(_comment, comments), f"{name}: {_scalar(outcome.option)}"])


def _comment(text: str) -> str:
    text = " ".join("".join(letter if letter.isprintable() else " " for letter in text).split())
    return f"# {text if len(text) <= _COMMENT_WIDTH else text[: _COMMENT_WIDTH - 1] + '…'}"


def _scalar(option: str) -> str:
    """A text of YAML: quoted, since `302` and `null` would be read as something else."""
    return json.dumps(option)
