"""What of a check is run: phases, checks, operations, how much and how long."""

from __future__ import annotations

import time
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from difflib import get_close_matches
from typing import Final

from mockserver.openapi.model.document import Document
from mockserver.openapi.model.operation import Operation
from mockserver.problem import Unusable


@dataclass(frozen=True, slots=True)
class RunSelection:
    """The selection; an empty text or None is the choice of Schemathesis. `max_time` is a number of seconds for all
    APIs together, `operations` are operationIds or a method and a path.
    """

    phases: str = ""
    checks: str = ""
    exclude_checks: str = ""
    operations: Sequence[str] = ()
    workers: str = ""
    max_examples: int | None = None
    seed: int | None = None
    max_time: int | None = None
    began: float = field(default_factory=time.monotonic)

    def arguments(self) -> list[str]:
        """The arguments of `schemathesis run` that are the same for every API."""
        given = {
            "--phases": self.phases,
            "--checks": self.checks,
            "--exclude-checks": self.exclude_checks,
            "--workers": self.workers,
            "--max-examples": "" if self.max_examples is None else str(self.max_examples),
            "--seed": "" if self.seed is None else str(self.seed),
        }
        return [part for name, value in given.items() if value for part in (name, value)]

    def time_left(self, apis: int) -> list[str]:
        """The argument that gives one of so many APIs its part of the time that is left, at least a second."""
        if not self.max_time:
            return []
        left = self.began + self.max_time - time.monotonic()
        return ["--max-time", str(max(1, int(left / max(1, apis))))]

    def chosen(self, spec: Document) -> list[Operation]:
        """The operations of a document that are asked for; none where all are."""
        wanted = {_spelt(name) for name in self.operations}
        return [one for one in spec.operations if wanted & {_spelt(name) for name in names_of(one)}]

    def require(self, specs: Iterable[Document]) -> None:
        """Raises Unusable for an operation that no document has."""
        known = {_spelt(name): name for spec in specs for one in spec.operations for name in names_of(one)}
        for name in self.operations:
            if _spelt(name) not in known:
                near = [known[one] for one in get_close_matches(_spelt(name), known, n=3)]
                hint = f"; near: {', '.join(near)}" if near else ""
                raise Unusable(f"--operation {name}: no operation is called so{hint}. `mockserver routes` lists them")


SELECTED: Final = (
    "phases", "checks", "exclude_checks", "operations", "workers", "max_examples", "seed", "max_time",
)  # fmt: skip
"""The names of the options that select."""


def names_of(operation: Operation) -> tuple[str, ...]:
    """The names by which an operation may be asked for."""
    method = operation.method.upper()
    return operation.id, f"{method} {operation.path}", f"{method} {operation.full_path}"


def _spelt(name: str) -> str:
    method, space, path = name.strip().partition(" ")
    return f"{method.upper()} {path.strip()}" if space else name.strip()
