"""Reports the failures that a run of Schemathesis reclassified: as lines and as an overlay."""

from __future__ import annotations

import json
import os
from collections.abc import Iterable, Mapping, Sequence
from errno import EACCES
from http import HTTPStatus
from pathlib import Path
from typing import NamedTuple

from mockserver.contract.checking.judgement import Judgement
from mockserver.engine.body.yaml_text import write
from mockserver.json_pointer import tokens
from mockserver.json_text import Json
from mockserver.openapi.model.operation import Operation
from mockserver.problem import Unusable
from mockserver.server.whole_file import write_whole

UNDECLARED = "which the document does not declare"


class Reclassified(NamedTuple):
    """The reclassified failures of one API: undeclared refusal statuses by method and path, and misjudgements of
    Schemathesis as operation, code and reason.
    """

    refusals: Mapping[tuple[str, str], Sequence[int]] = {}
    disagreements: Sequence[tuple[str, str, str]] = ()


def read(record: Path) -> Reclassified:
    """Reads a file of judgements, sorted by operation; a missing file has none."""
    lines = record.read_text(encoding="utf-8").splitlines() if record.exists() else []
    return reclassified_of(Judgement(*json.loads(line)) for line in lines)


def reclassified_of(found: Iterable[Judgement]) -> Reclassified:
    """Each judgement once, sorted by operation."""
    judgements = sorted({*found})
    refusals: dict[tuple[str, str], list[int]] = {}
    for judgement in judgements:
        if judgement.status:
            refusals.setdefault((judgement.method, judgement.path), []).append(judgement.status)
    disagreements = dict.fromkeys(
        (f"{found.method} {found.path}", found.code, found.reason) for found in judgements if found.reason
    )
    return Reclassified(refusals, [*disagreements])


def report_lines(name: str, reclassified: Reclassified, whose: str, *, strict: bool) -> list[str]:
    """The report as lines. `whose` names what was checked: the mock or the server."""
    lines = []
    if reclassified.refusals and strict:
        lines.append(f"{name}: --declare-refusals FILE writes an overlay that declares the undeclared refusals")
    elif reclassified.refusals:
        advice = "add them, or let --strict make them findings"
        lines.append(f"{name}: undeclared refusals; {advice}; --declare-refusals FILE writes the overlay:")
        lines += refusal_lines(reclassified)
    return [*lines, *disagreement_lines(name, reclassified, whose)]


def refusal_lines(reclassified: Reclassified) -> list[str]:
    """The undeclared refusals, a line for each operation."""
    return [
        f"  {method} {path} refuses with {_listed(statuses)}, {UNDECLARED}"
        for (method, path), statuses in reclassified.refusals.items()
    ]


def disagreement_lines(name: str, reclassified: Reclassified, whose: str) -> list[str]:
    """The misjudgements below a heading; empty if there are none."""
    if not reclassified.disagreements:
        return []
    return [
        f"{name}: the tool and {whose} disagree, and the document is with {whose}:",
        *(f"  {operation} ({code}): {reason}" for operation, code, reason in reclassified.disagreements),
    ]


def _listed(statuses: Iterable[int]) -> str:
    return ", ".join(map(str, statuses))


def overlay(name: str, reclassified: Reclassified, operations: Mapping[tuple[str, str], Operation]) -> Json:
    """An OpenAPI Overlay that declares the refusals. `operations` are those of the checked document."""
    actions = []
    for key, statuses in reclassified.refusals.items():
        operation = operations[key]
        responses = {str(status): {"description": _phrase(status)} for status in statuses}
        actions.append({"target": _json_path(operation.at), "update": {"responses": responses}})
    info = {"title": f"Refusals of {name} that its document does not declare", "version": "1.0.0"}
    return {"overlay": "1.0.0", "info": info, "actions": actions}


def serialized_overlay(file: Path, value: Json) -> bytes:
    """The overlay as JSON if the file name says so, else as YAML."""
    return json.dumps(value, indent=2).encode() + b"\n" if file.suffix == ".json" else write(value)


def require_file(file: Path, option: str) -> None:
    """Requires a path that a file can be written at, before the run that has its content. Raises Unusable that names
    the option.
    """
    given, folder = _given(file, option), file.absolute().parent
    if file.is_dir():
        raise Unusable(f"{given}: is a folder; name a file in it")
    if not folder.is_dir():
        raise Unusable(f"{given}: there is no folder {file.parent}")
    if not os.access(file if file.exists() else folder, os.W_OK):
        raise Unusable(f"{given}: cannot be written: {os.strerror(EACCES)}")


def save(file: Path, content: bytes, option: str) -> None:
    """Writes a file whole or not at all. Raises Unusable that names the option."""
    try:
        write_whole(file, content)
    except OSError as error:
        raise Unusable(f"{_given(file, option)}: cannot be written: {error.strerror or error}") from None


def _given(file: Path, option: str) -> str:
    return f"{option}{'' if option.endswith('=') else ' '}{file}"


def _phrase(status: int) -> str:
    try:
        return f"{HTTPStatus(status).phrase}."
    except ValueError:
        return "Refused."


def _json_path(pointer: str) -> str:
    """The JSONPath (RFC 9535) for a JSON pointer."""
    quoted = (token.replace("\\", "\\\\").replace("'", "\\'") for token in tokens(pointer))
    return "$" + "".join(f"['{token}']" for token in quoted)
