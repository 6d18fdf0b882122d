"""Served documents: their defects, and the choice of what they leave open."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from mockserver.control.routes.api_routes import show_assumption
from mockserver.control.scope import ControlScope, Handler
from mockserver.engine.call import Call
from mockserver.engine.interventions.matching.matchers import refused
from mockserver.json_text import Json
from mockserver.openapi.source.source import Finding
from mockserver.problem import NOT_FOUND, Problem, Unusable


def list_findings(call: Call, scope: ControlScope) -> Json:
    """Returns the defects of the document at their lines. Raises Problem 409 if it can no longer be read."""
    from mockserver.openapi.lint import lint

    spec = scope.service(call.path["api"]).spec
    if not spec.files:
        return {"findings": []}
    try:
        found = lint(spec.files[0], spec.overlays)
    except (Unusable, OSError) as error:
        raise Problem(409, f"The document cannot be read any longer: {error}") from None
    lines = _Lines((*spec.files, *spec.overlays))
    return {"findings": [_shown(finding, lines) for finding in found]}


class _Lines:
    """The lines of files, each read once, by the names that findings have for them."""

    def __init__(self, files: tuple[Path, ...]) -> None:
        self._files = files
        self._read: dict[str, list[str]] = {}

    def at(self, name: str, number: int) -> str:
        """The line; empty where there is no such file among those of the document."""
        if name not in self._read:
            path = next((path for path in self._files if str(path) == name or path.name == Path(name).name), None)
            self._read[name] = [] if path is None else path.read_text(errors="replace").splitlines()
        known = self._read[name]
        return known[number - 1][:LONGEST_LINE] if 0 < number <= len(known) else ""


LONGEST_LINE = 300
"""Characters of a line that are shown with a finding."""


def _shown(finding: Finding, lines: _Lines) -> Json:
    return {
        "file": Path(finding.name).name,
        "line": finding.line,
        "text": lines.at(finding.name, finding.line),
        "pointer": finding.pointer,
        "severity": finding.severity,
        "message": finding.message,
    }


def choose_assumption(call: Call, scope: ControlScope) -> Json:
    """Chooses an option for this world, from the next request on. Raises Problem 404, 409 or 422."""
    name, option = call.path["name"], call.body["option"]
    api, _, short = name.partition(".")
    service = scope.services.get(api)
    known = {one.name: one for one in service.api.assumptions} if service is not None else {}
    if service is None or short not in known:
        raise Problem(
            404, f"There is no assumption {name[:80]!r}; GET /__admin/assumptions lists them.", code=NOT_FOUND
        )
    if option not in known[short].options:
        raise refused(
            "/option", "enum", f"{option[:80]!r} is none of its options: {', '.join(known[short].options)}", option
        )
    if option == service.choices[short]:
        return show_assumption(service, known[short])
    if scope.assume is None:
        raise Problem(409, "This server cannot load its APIs again, so that their assumptions stay as they are.")
    try:
        return show_assumption(scope.assume(api, {short: option}), known[short])
    except Unusable as error:
        raise Problem(409, f"The assumption stays as it is: {error}") from None


UNLOCKED: Mapping[str, Handler] = {
    "listFindings": list_findings,
    "chooseAssumption": choose_assumption,
}
"""Handlers that read documents, which takes time, and touch no record."""
