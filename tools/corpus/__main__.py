"""`python -m tools.corpus [PART OF A NAME]`: serves every document of the corpus and says how that went."""

from __future__ import annotations

import argparse
import os
import sys
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from functools import partial
from pathlib import Path
from typing import TypeVar

from tools.corpus.asking import Fate, Manner, fate_of
from tools.corpus.documents import CACHE, documents, name_of
from tools.corpus.journeys.going import SECONDS, every_miss, journeys_of
from tools.corpus.journeys.going import report as kept

SHOWN = 8
DOCUMENTS_A_POOL = 100


def main() -> int:
    """Serves, asks, prints the report, and answers with 1 if anything crashed."""
    options = _options()
    paths = documents(options.folder, options.like)[options.begin :: options.every]
    paths = [path for path in paths if path.stat().st_size <= options.largest * 1e6]
    if options.journeys:
        return _journeys(paths, options)
    work = partial(fate_of, manner=Manner(options.dynamic, options.state == "on"))
    rows = [*_in_pools(work, paths, options)]
    print("\n".join(report(rows)))
    if options.diagnostics:
        print("\n".join(f"{row.name} {diagnostic}" for row in rows for diagnostic in row.diagnostics))
    if options.bad:
        print("\n".join(f"{row.name} {bad}" for row in rows for bad in row.bad))
    return int(any(row.crashed for row in rows))


Row = TypeVar("Row")


def _in_pools(work: Callable[[Path, str], Row], paths: Sequence[Path], options: argparse.Namespace) -> Iterator[Row]:
    """The rows in the order of the documents; processes end after some, so that their memory tells of few."""
    for start in range(0, len(paths), DOCUMENTS_A_POOL):
        some = paths[start : start + DOCUMENTS_A_POOL]
        with ProcessPoolExecutor(options.jobs) as pool:
            yield from pool.map(work, some, [name_of(path, options.folder) for path in some])
        print(f"{start + len(some)} of {len(paths)}", file=sys.stderr)


def _journeys(paths: Sequence[Path], options: argparse.Namespace) -> int:
    """Goes the journeys, prints their report, and answers with 1 if anything crashed. What was not kept is printed as
    soon as it is known.
    """
    rows = []
    for row in _in_pools(partial(journeys_of, seconds=options.seconds), paths, options):
        rows.append(row)
        for miss in every_miss([row]) if options.bad else ():
            print(miss, flush=True)
    print("\n".join(kept(rows)))
    return int(any(row.crashed for row in rows))


def report(rows: Sequence[Fate]) -> list[str]:
    """The lines of the report."""
    served = [row for row in rows if not row.refused and not row.crashed]
    operations, good = sum(row.operations for row in rows), sum(row.good for row in rows)
    statuses = sum((row.statuses for row in rows), Counter[int]())
    return [
        f"documents   {len(rows)}",
        f"loaded      {len(served)} ({_percent(len(served), len(rows))})",
        f"operations  {operations}",
        f"answered    {good} with a declared status and a valid body ({_percent(good, operations)})",
        f"statuses    {', '.join(f'{status}: {count}' for status, count in sorted(statuses.items()))}",
        f"with flaws  {sum(bool(row.diagnostics) for row in rows)}",
        f"peak        {max((row.peak for row in rows), default=0)} MiB",
        *(f"refused     {row.refused}" for row in rows if row.refused),
        *(f"crashed     {row.name}: {row.crashed}" for row in rows if row.crashed),
        *(f"to load     {row.ready:6.2f} s  {row.size / 1e6:5.1f} MB  {row.name}" for row in _top(rows, "ready")),
        *(f"to answer   {row.slowest[0]:6.2f} s  {row.name} {row.slowest[1]}" for row in _top(rows, "slowest")),
        *(f"largest     {row.largest[0] / 1e6:6.2f} MB  {row.name} {row.largest[1]}" for row in _top(rows, "largest")),
    ]


def _top(rows: Iterable[Fate], member: str) -> list[Fate]:
    return sorted(rows, key=lambda row: getattr(row, member), reverse=True)[:SHOWN]


def _percent(part: int, whole: int) -> str:
    return f"{100 * part / max(1, whole):.2f} %"


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m tools.corpus", description=__doc__)
    parser.add_argument("like", nargs="?", default="", help="only documents with this in their names")
    parser.add_argument("--folder", type=Path, default=CACHE, help="where the package is, or is to be")
    parser.add_argument("--every", type=int, default=1, help="only each n-th document")
    parser.add_argument("--from", dest="begin", type=int, default=0, help="how many documents are left out in front")
    parser.add_argument("--largest", type=float, default=1000.0, help="leave out documents of more megabytes than this")
    parser.add_argument("--jobs", type=int, default=os.cpu_count(), help="how many documents at a time")
    parser.add_argument("--seconds", type=float, default=SECONDS, help="of the processor, for one document's journeys")
    parser.add_argument("--journeys", action="store_true", help="go through each collection as a client would")
    parser.add_argument("--dynamic", action="store_true", help="answer with faked values")
    parser.add_argument("--state", choices=["on", "off"], default="on", help="off: remember nothing")
    parser.add_argument("--flaws", action="store_true", help="print what was found wrong in each document")
    parser.add_argument("--bad", action="store_true", help="print what was not answered as declared")
    return parser.parse_args()


if __name__ == "__main__":
    raise SystemExit(main())
