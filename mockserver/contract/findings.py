"""What was set apart in a run of Schemathesis: told in lines, written as an overlay and into a JUnit report."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from http import HTTPStatus
from pathlib import Path
from typing import NamedTuple
from xml.etree import ElementTree as ET

from mockserver.contract.judgement import Judgement
from mockserver.engine.body.yaml_text import write
from mockserver.json_pointer import tokens
from mockserver.json_text import Json
from mockserver.openapi.model.operation import Operation
from mockserver.problem import Unusable

UNDECLARED = "which the document does not declare"


class SetApart(NamedTuple):
    """What the run of one API set apart: the undeclared statuses of refusals by method and path, and what Schemathesis
    got wrong, each as operation, code and reason.
    """

    refusals: Mapping[tuple[str, str], Sequence[int]] = {}
    disagreements: Sequence[tuple[str, str, str]] = ()


def read(record: Path) -> SetApart:
    """What the file of verdicts says, in the order of operations; no file is nothing."""
    lines = record.read_text(encoding="utf-8").splitlines() if record.exists() else []
    verdicts = sorted({Judgement(*json.loads(line)) for line in lines})
    refusals: dict[tuple[str, str], list[int]] = {}
    for verdict in verdicts:
        if verdict.status:
            refusals.setdefault((verdict.method, verdict.path), []).append(verdict.status)
    disagreements = dict.fromkeys(
        (f"{verdict.method} {verdict.path}", verdict.code, verdict.reason) for verdict in verdicts if verdict.reason
    )
    return SetApart(refusals, [*disagreements])


def told(name: str, apart: SetApart, whose: str, *, strict: bool) -> list[str]:
    """The lines that say it. `whose` is what was checked: the mock or the server."""
    lines = []
    if apart.refusals:
        advice = "declare them" if strict else "add them, or let --strict make them findings"
        lines.append(f"{name}: undeclared refusals; {advice}; --declare-refusals FILE writes the overlay:")
        lines += [
            f"  {method} {path} refuses with {_listed(statuses)}, {UNDECLARED}"
            for (method, path), statuses in apart.refusals.items()
        ]
    if apart.disagreements:
        lines.append(f"{name}: the tool and {whose} disagree, and the document is with {whose}:")
        lines += [f"  {operation} ({code}): {reason}" for operation, code, reason in apart.disagreements]
    return lines


def _listed(statuses: Iterable[int]) -> str:
    return ", ".join(map(str, statuses))


def overlay(name: str, apart: SetApart, operations: Mapping[tuple[str, str], Operation]) -> Json:
    """An OpenAPI Overlay that declares the refusals. `operations` are those of the document, as they were checked."""
    actions = []
    for key, statuses in apart.refusals.items():
        operation = operations[key]
        responses = {str(status): {"description": _phrase(status)} for status in statuses}
        actions.append({"target": _json_path(operation.at), "update": {"responses": responses}})
    info = {"title": f"Refusals of {name} that its document does not declare", "version": "1.0.0"}
    return {"overlay": "1.0.0", "info": info, "actions": actions}


def written_overlay(file: Path, value: Json) -> bytes:
    """The overlay as the content of a file: JSON if its name says so, else YAML."""
    return json.dumps(value, indent=2).encode() + b"\n" if file.suffix == ".json" else write(value)


def save(file: Path, content: bytes, option: str) -> None:
    """Writes a file. Raises Unusable that names the option."""
    try:
        file.write_bytes(content)
    except OSError as error:
        raise Unusable(f"{option} {file}: cannot be written: {error.strerror or error}") from None


def _phrase(status: int) -> str:
    try:
        return f"{HTTPStatus(status).phrase}."
    except ValueError:
        return "Refused."


def _json_path(pointer: str) -> str:
    """The JSONPath (RFC 9535) of what stands at a JSON pointer."""
    quoted = (token.replace("\\", "\\\\").replace("'", "\\'") for token in tokens(pointer))
    return "$" + "".join(f"['{token}']" for token in quoted)


def junit(reports: Mapping[str, Path], aparts: Mapping[str, SetApart], *, strict: bool) -> bytes:
    """One JUnit report of those that Schemathesis wrote, by the name of their API. The undeclared refusals of each API
    are a suite of their own, and failures if `strict`.
    """
    root = ET.Element("testsuites")
    for name, report in reports.items():
        if report.exists():
            for suite in ET.parse(report).iter("testsuite"):  # noqa: S314 - Schemathesis wrote it
                suite.set("name", f"{name}: {suite.get('name', 'schemathesis')}")
                root.append(suite)
        refusals = aparts[name].refusals
        if refusals:
            failed = len(refusals) if strict else 0
            counts = {"name": f"{name}: undeclared refusals", "tests": str(len(refusals)), "failures": str(failed)}
            suite = ET.SubElement(root, "testsuite", {**counts, "errors": "0"})
            for (method, path), statuses in refusals.items():
                test = ET.SubElement(suite, "testcase", name=f"{method} {path}", classname=name)
                text = f"refuses with {_listed(statuses)}, {UNDECLARED}"
                if strict:
                    ET.SubElement(test, "failure", message=text)
                else:
                    ET.SubElement(test, "system-out").text = text
    return bytes(ET.tostring(root, encoding="utf-8", xml_declaration=True))
