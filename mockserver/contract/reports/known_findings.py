"""A baseline: the findings of several APIs that are known, so that a check fails only on new ones."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from mockserver.contract.reports.run_record import ApiRun, CheckFinding, fingerprint
from mockserver.json_text import Json
from mockserver.problem import Unusable

FORMAT: Final = 1
_IDENTITY: Final = ("api", "operation", "check", "code", "place")


@dataclass(frozen=True, slots=True)
class KnownFindings:
    """The entries of a baseline file: for each finding its id, API, operation, check, code and place, with its title
    and whatever else somebody wrote there, such as a `note`.
    """

    entries: Sequence[Mapping[str, Json]] = ()

    @property
    def ids(self) -> frozenset[str]:
        return frozenset(str(entry["id"]) for entry in self.entries)

    def gone(self, runs: Iterable[ApiRun]) -> list[str]:
        """Describes the entries that a whole run of their API, with a request to their operation, did not find."""
        seen = {finding.id for run in runs for finding in run.findings}
        asked = {(run.api, one.operation) for run in runs if run.complete for one in run.coverage if one.requests}
        return [
            f"{entry['id']} {entry['api']}: {entry['operation']} ({entry['code']} {entry.get('title', entry['check'])})"
            for entry in self.entries
            if entry["id"] not in seen and (entry["api"], entry["operation"]) in asked
        ]

    def updated(self, runs: Sequence[ApiRun]) -> KnownFindings:
        """The entries after these runs: what they found, and what they could not find since they did not ask for it.

        Entries that are found again keep what somebody wrote into them.
        """
        kept = {str(entry["id"]): entry for entry in self.entries}
        found = {finding.id: finding for run in runs for finding in run.findings}
        gone = {line.partition(" ")[0] for line in self.gone(runs)}
        entries = [entry for name, entry in kept.items() if name not in gone]
        entries += [_entry(finding) for name, finding in found.items() if name not in kept]
        return KnownFindings(sorted(entries, key=lambda entry: [str(entry[name]) for name in _IDENTITY]))

    def as_text(self) -> str:
        return json.dumps({"format": FORMAT, "findings": [*self.entries]}, indent=2, ensure_ascii=False) + "\n"


def _entry(finding: CheckFinding) -> Mapping[str, Json]:
    identity = {name: getattr(finding, name) for name in _IDENTITY}
    return {"id": finding.id, **identity, "title": finding.title}


def read_known(file: Path, *, may_be_missing: bool = False) -> KnownFindings:
    """Reads a baseline file. Raises Unusable that says what is wrong with it."""
    try:
        text = file.read_text(encoding="utf-8")
    except FileNotFoundError:
        if may_be_missing:
            return KnownFindings()
        raise Unusable(f"--baseline {file}: there is no such file; --baseline-update writes it") from None
    except (OSError, UnicodeDecodeError) as error:
        raise Unusable(f"--baseline {file}: cannot be read: {getattr(error, 'strerror', None) or error}") from None
    try:
        value = json.loads(text)
    except ValueError as error:
        raise Unusable(f"--baseline {file}: is not JSON: {error}") from None
    if not isinstance(value, dict) or value.get("format") != FORMAT or not isinstance(value.get("findings"), list):
        raise Unusable(
            f'--baseline {file}: expected an object with "format": {FORMAT} and a list "findings", as '
            "--baseline-update writes it"
        )
    return KnownFindings(
        [_checked(entry, f"--baseline {file}: entry {n}") for n, entry in enumerate(value["findings"])]
    )


def _checked(entry: Json, where: str) -> Mapping[str, Json]:
    """An entry with the id that its members give it, whatever was written."""
    missing = [name for name in _IDENTITY if not isinstance(entry, dict) or not isinstance(entry.get(name), str)]
    if missing:
        raise Unusable(f"{where}: expected texts for {', '.join(missing)}")
    return {**entry, "id": fingerprint(*(entry[name] for name in _IDENTITY))}
