"""Goes the journeys of one document, and reports what was kept."""

from __future__ import annotations

import gc
import time
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

from mockserver.problem import Unusable
from mockserver.resources.detect.decisions import CollectionPlan
from mockserver.resources.detect.plan import plan
from mockserver.resources.explain import explain
from mockserver.server import Options
from mockserver.server.mock import create_mock
from tools.corpus.asks import Asks
from tools.corpus.journeys.client import Client
from tools.corpus.journeys.comparing import Comparison
from tools.corpus.journeys.journey import Journey
from tools.corpus.journeys.served import Served
from tools.corpus.journeys.tally import STEPS, Miss, Tally

API: Final = "corpus"
MOST_COLLECTIONS: Final = 40
"""Collections of one document that are gone through, picked at even distances."""
SECONDS: Final = 60.0
"""Of the processor, for one document, where nobody says otherwise; the journey that is under way is gone to its end."""
EXAMPLES: Final = 3
SLOWEST: Final = 5
"""Documents that are named as those that took the longest."""


@dataclass(slots=True)
class Gone:
    """What came of the journeys through one document. `skipped` counts the collections that were not gone
    through; it is `late` where there was no time for all that were chosen.
    """

    name: str
    tally: Tally = field(default_factory=Tally)
    collections: int = 0
    skipped: int = 0
    late: bool = False
    requests: int = 0
    took: float = 0.0
    refused: str = ""
    crashed: str = ""


def journeys_of(path: Path, name: str, seconds: float = SECONDS) -> Gone:
    """The journeys through the document at `path`, for so many seconds of the processor. Never raises."""
    gone = Gone(name)
    began = time.process_time()
    try:
        _go(path, gone, seconds)
    except Unusable as error:
        gone.refused = str(error)
    except Exception as error:  # noqa: BLE001 - to find what else is raised is what this is for
        gone.crashed = f"{type(error).__name__}: {error}"
    gone.took = time.process_time() - began
    gc.collect()
    return gone


def _go(path: Path, gone: Gone, seconds: float) -> None:
    mock = create_mock(Options(apis=(f"{API}={path}",), journal=10, security="off"))
    service = mock.services[API]
    spec = service.spec
    planned = plan(spec)
    explained = {told.operation: told.asks for told in explain(planned, spec)}
    served = Served(spec, planned, Client(mock.app, API), Asks(spec), Comparison(spec), explained)
    chosen = [*_chosen(planned.collections)]
    gone.collections, gone.skipped = len(chosen), len(planned.collections) - len(chosen)
    began = time.process_time()
    for number, kept in enumerate(chosen):
        if time.process_time() - began > seconds:
            gone.late = True
            gone.skipped += len(chosen) - number
            gone.collections = number
            break
        Journey(served, kept, gone.tally).run()
    gone.requests = served.requests


def _chosen(collections: Mapping[str, CollectionPlan]) -> Iterator[CollectionPlan]:
    """The collections, the deepest first, so that no journey takes away what another one needs."""
    ordered = sorted(collections.values(), key=lambda kept: -len(kept.item_path or kept.path))
    step = max(1, -(-len(ordered) // MOST_COLLECTIONS))
    yield from ordered[::step]


def report(rows: Sequence[Gone]) -> list[str]:
    """The lines of the report: how many steps were kept, and why the others were not."""
    tried = {step: sum(row.tally.tried[step] for row in rows) for step in STEPS}
    misses = [(row.name, miss) for row in rows for miss in row.tally.misses]
    missed = {step: sum(miss.step == step for _, miss in misses) for step in STEPS}
    every, bad = sum(tried.values()), len(misses)
    documented = sum(miss.is_documented for _, miss in misses)
    untried = sum((row.tally.untried for row in rows), Counter[str]())
    return [
        f"documents    {len(rows)}, {sum(1 for row in rows if row.collections)} with collections",
        f"collections  {sum(row.collections for row in rows)}, and {sum(row.skipped for row in rows)} not gone through",
        f"late         {sum(row.late for row in rows)} documents, for whose other collections there was no time",
        *(f"  {row.took:6.1f} s   {row.name}" for row in sorted(rows, key=lambda row: -row.took)[:SLOWEST]),
        f"requests     {sum(row.requests for row in rows)} in {sum(row.took for row in rows):.0f} s of the processor",
        *(f"untried      {count} collections: {why}" for why, count in untried.most_common()),
        f"steps        {every} tried, {every - bad} kept ({_percent(every - bad, every)})",
        f"not kept     {bad}, of which {documented} for a reason that the document gives",
        *(
            f"  {step:13}{tried[step]:7} tried {tried[step] - missed[step]:7} kept "
            f"({_percent(tried[step] - missed[step], tried[step])})"
            for step in STEPS
            if tried[step]
        ),
        *_reasons(misses),
        *(f"refused      {row.name}: {row.refused}" for row in rows if row.refused),
        *(f"crashed      {row.name}: {row.crashed}" for row in rows if row.crashed),
    ]


def _reasons(misses: Sequence[tuple[str, Miss]]) -> Iterator[str]:
    """Why steps were not kept, the most frequent first, each with some examples."""
    groups: dict[tuple[str, str], list[tuple[str, Miss]]] = {}
    for name, miss in misses:
        groups.setdefault((miss.step, miss.why), []).append((name, miss))
    for (step, why), group in sorted(groups.items(), key=lambda entry: -len(entry[1])):
        names = {name for name, _ in group}
        by = "the document says: " if group[0][1].is_documented else ""
        yield f"{len(group):6} {step}: {by}{why} ({len(names)} documents)"
        seen = list(dict(group).items())[:EXAMPLES]
        for name, miss in seen:
            yield f"         {name} {miss.operation} {miss.detail[:160]}".rstrip()


def every_miss(rows: Sequence[Gone]) -> Iterator[str]:
    """Each step that was not kept, a line each."""
    for row in rows:
        for miss in row.tally.misses:
            yield f"{row.name} {miss.operation} {miss.step}: {miss.why} {miss.detail[:200]}".rstrip()


def _percent(part: int, whole: int) -> str:
    return f"{100 * part / max(1, whole):.2f} %"
