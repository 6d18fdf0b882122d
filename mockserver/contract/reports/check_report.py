"""All that a check found out, of every API: what each report is made of."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final

from mockserver.contract.reports.findings import Reclassified
from mockserver.contract.reports.run_record import ApiRun, CheckFinding

MASKED: Final = "In the curl lines a variable of the shell stands for each credential, and *** for any other secret."


@dataclass(frozen=True, slots=True)
class CheckReport:
    """The record of each API and its reclassified failures. `known` are the ids of findings that are in the baseline;
    `gone` describes those of the baseline that were not seen again.
    """

    runs: Sequence[ApiRun]
    reclassified: Mapping[str, Reclassified] = field(default_factory=dict)
    known: frozenset[str] = frozenset()
    gone: Sequence[str] = ()

    def new(self, run: ApiRun) -> list[CheckFinding]:
        """The findings of an API that are not known."""
        return [finding for finding in run.findings if finding.id not in self.known]

    def known_of(self, run: ApiRun) -> list[CheckFinding]:
        """The findings of an API that are known."""
        return [finding for finding in run.findings if finding.id in self.known]

    def refusals(self, api: str) -> Iterator[tuple[str, str]]:
        """The operations of an API with the statuses of their undeclared refusals: `("GET /items", "401, 422")`."""
        found = self.reclassified.get(api, Reclassified())
        for (method, path), statuses in found.refusals.items():
            yield f"{method} {path}", ", ".join(map(str, statuses))

    def disagreements(self, api: str) -> Sequence[tuple[str, str, str]]:
        """The misjudgements of Schemathesis: operation, code and reason."""
        return self.reclassified.get(api, Reclassified()).disagreements

    @property
    def note(self) -> str:
        """What is to be known of the curl lines; empty if they have all that was sent."""
        is_masked = any(finding.masked for run in self.runs for finding in self.new(run))
        return MASKED if is_masked else ""

    @property
    def headline(self) -> str:
        """`7 findings, 2 known` of all APIs."""
        new = sum(len(self.new(run)) for run in self.runs)
        known = sum(len(self.known_of(run)) for run in self.runs)
        errors = sum(len(run.errors) for run in self.runs)
        parts = [plural(new, "new finding" if known else "finding")] if new else []
        parts += [f"{known} known"] if known else []
        parts += [plural(errors, "error")] if errors else []
        return ", ".join(parts) or "nothing found"


def plural(number: int, noun: str) -> str:
    """`1 finding`, `1,204 findings`."""
    return f"{number:,} {noun}{'' if number == 1 else 's'}"
