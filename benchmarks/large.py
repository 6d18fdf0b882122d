"""The largest documents of the corpus: how soon a server is ready with them, what it weighs, how fast it answers."""

from __future__ import annotations

import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from benchmarks.failure import Failed
from benchmarks.load import Ask, Drive
from benchmarks.process import Cores, Subject, memory, run
from benchmarks.report import reached, table
from tools.corpus.documents import CACHE, documents, name_of

PATIENCE = 150.0
"""Seconds that a server has to be ready in."""

SOONER, FASTER = 5.0, 50.0
"""How many times as soon ready the mock is to be, and how many times as fast on GitHub's document."""
GITHUB = "GitHub"

BEARER = {"Authorization": "Bearer known"}
ASKS: Mapping[str, Ask] = {
    "github.com/api.github.com": Ask(GITHUB, "GET", "/gitignore/templates", {}),
    "stripe.com": Ask("Stripe", "GET", "/v1/customers", BEARER),
    "kubernetes.io": Ask("Kubernetes", "GET", "/api/v1/namespaces", {"authorization": "Bearer known"}),
    "microsoft.com/graph": Ask("Microsoft Graph", "GET", "/v1.0/groups", BEARER),
}


@dataclass(frozen=True, slots=True)
class Large:
    """How to measure: on which cores, with which client, for how many seconds."""

    cores: Cores
    drive: Drive
    seconds: int

    def measure(self, prism: Subject | None) -> list[dict[str, Any]]:
        """One row per document and subject, the mock before Prism. Fetches the corpus."""
        paths = {name_of(path): path for path in documents(CACHE)}
        return [
            row
            for name, ask in ASKS.items()
            for subject in (mock(paths[name]), *([] if prism is None else [on(prism, paths[name])]))
            for row in [{"document": ask.name, "subject": subject.name, **self._row(subject, ask)}]
        ]

    def _row(self, subject: Subject, ask: Ask) -> dict[str, Any]:
        placed = replace(ask, path=ask.path if subject.name != "Prism" else _below(ask.path))
        try:
            with run(subject, placed, self.cores) as running:
                fresh = memory(running.pid)
                self.drive(running.port, placed, subject.warm_up)
                done = self.drive(running.port, placed, self.seconds)
                if done.failures:
                    raise Failed(f"{done.failures} requests failed")
                return {"ready": running.started_in, "pss": fresh and fresh.pss, "rate": done.rate, "p50": done.p50}
        except Failed as failed:
            return {"ready": None, "pss": None, "rate": None, "p50": None, "why": str(failed).partition("\n")[0]}


def mock(document: Path) -> Subject:
    """The mock on a document, with all that is on by default."""
    command = [sys.executable, "-m", "mockserver", "serve", f"api={document}", "--port", "{port}"]
    return Subject("mockserver", command, patience=PATIENCE)


def on(prism: Subject, document: Path) -> Subject:
    """Prism on this document."""
    command = [str(document) if part.endswith((".yaml", ".json")) else part for part in prism.command]
    return replace(prism, command=command, patience=PATIENCE)


def _below(path: str) -> str:
    """Prism does not know the path of a document's server."""
    return path.removeprefix("/v1.0")


def large_table(rows: Sequence[Mapping[str, Any]]) -> str:
    """One line per document and subject, and how many times as good the mock is."""
    seen = {(row["document"], row["subject"]): row for row in rows}
    lines = []
    for (document, subject), row in seen.items():
        peer = seen.get((document, "Prism"))
        sooner = faster = ""
        if subject == "mockserver" and peer is not None and row["ready"] is not None:
            sooner = _times(peer["ready"] or PATIENCE, row["ready"], SOONER)
            asked = FASTER if document == GITHUB else 0.0
            faster = _times(row["rate"], peer["rate"], asked) if peer["rate"] else "not served by it"
        figures = [
            _shown(row[name], form)
            for name, form in (("ready", ".2f"), ("pss", ",.0f"), ("rate", ",.0f"), ("p50", ".2f"))
        ]
        lines.append((document, subject, *figures, sooner, faster))
    heads = ("document", "subject", "ready, s", "PSS MB", "requests/s", "p50 ms", "times as soon", "times as fast")
    return table(heads, lines)


def _times(much: float, little: float, asked: float) -> str:
    ratio = f"{much / little:.1f}"
    return f"{ratio} of {asked:.0f}, {reached(much / little >= asked)}" if asked else ratio


def _shown(value: float | None, form: str) -> str:
    return "not ready" if value is None and form == ".2f" else "" if value is None else format(value, form)
