"""Measures the mock and prints the table: `python -m benchmarks [--peers]`."""

from __future__ import annotations

import argparse
import json
import signal
import sys
from collections.abc import Sequence
from contextlib import ExitStack
from dataclasses import replace
from pathlib import Path
from typing import Any, NoReturn

from benchmarks.asks import asks_of, read_records
from benchmarks.described import BARE, SHOP, asks
from benchmarks.failure import Failed
from benchmarks.large import Large, large_table
from benchmarks.load import CONNECTIONS, find_driver
from benchmarks.measure import BARE_SERVER, FLASK, FROZEN, MOCK, UNFROZEN, WSGI, Bench
from benchmarks.peers import peers
from benchmarks.process import find_cores
from benchmarks.remembering import measure_remembering
from benchmarks.report import described, report
from benchmarks.sizes import measure_sizes
from benchmarks.soak import soak
from benchmarks.stores import StoreBench, stores_table
from benchmarks.worlds import measure_worlds, worlds_table
from mockserver.server import shipped


def main(arguments: Sequence[str] | None = None) -> int:
    """0, and the table on standard output; 1 where a server did not do what it must."""
    options = _parser().parse_args(arguments)
    try:
        if options.soak:
            print(soak(options.soak))
            return 0
        if options.large:
            print(large_table(measure_large(options.seconds, options.peers)))
            return 0
        if options.stores:
            print(measure_stores(options.rounds, options.seconds))
            return 0
        if options.worlds:
            print(worlds_table(measure_worlds(read_records()[0]["links"][0])))
            return 0
        if options.described:
            print(described(measure_described(options.rounds, options.seconds)))
            return 0
        results = measure(options.rounds, options.seconds, options.peers)
    except Failed as failed:
        print(f"benchmark failed: {failed}", file=sys.stderr)
        return 1
    print(report(results))
    if options.json:
        options.json.write_text(json.dumps(results, indent=2) + "\n", encoding="utf-8")
    return 0


def measure(rounds: int, seconds: int, beside_peers: bool) -> dict[str, Any]:
    """Every section's figures, as they stand in `--json FILE`. Raises Failed."""
    drive, client = find_driver()
    cores = find_cores()
    records, added = read_records()
    bench = Bench(cores, drive, rounds, seconds, asks_of(records), added)
    how = (
        f"{CONNECTIONS} connections kept alive from {client}; {cores};\n"
        f"{rounds} rounds of {seconds} s in turns: the best round, and the worst answer of all rounds."
    )
    with ExitStack() as stack:
        others = stack.enter_context(peers(shipped("specs", "xqr"), records)) if beside_peers else []
        _say("requests")
        requests = bench.compare([MOCK, WSGI, BARE_SERVER, FLASK, *others])
    _say("start and memory")
    start = bench.start()
    _say("worst answers")
    freeze = bench.compare([FROZEN, UNFROZEN])
    _say("remembering")
    remembering = measure_remembering(records["links"][0])
    described = measure_described(rounds, seconds, bench)
    rest = {"start": start, "freeze": freeze, "remembering": remembering}
    return {"how": how, "requests": requests, **described, **rest}


def measure_described(rounds: int, seconds: int, bench: Bench | None = None) -> dict[str, Any]:
    """A described API beside a bare function, and among few and many records. Raises Failed."""
    bench = bench or Bench(find_cores(), find_driver()[0], rounds, seconds, (), ())
    _say("a described API")
    requests = replace(bench, asks=asks(), added=()).compare([SHOP, BARE])
    _say("a described API among few and many records")
    return {"described": requests, "sizes": measure_sizes()}


def measure_large(seconds: int, beside_peers: bool) -> list[dict[str, Any]]:
    """The rows of the largest documents, beside Prism if asked for. Raises Failed."""
    drive, _ = find_driver()
    cores = find_cores()
    records, _ = read_records()
    with ExitStack() as stack:
        others = stack.enter_context(peers(shipped("specs", "xqr"), records)) if beside_peers else []
        prism = next((subject for subject in others if subject.name == "Prism"), None)
        _say("the largest documents")
        return Large(cores, drive, seconds).measure(prism)


def measure_stores(rounds: int, seconds: int) -> str:
    """The table of stores. Raises Failed."""
    drive, client = find_driver()
    cores = find_cores()
    _say("stores")
    how = f"{client}; {cores}; the best of {rounds} rounds of {seconds} s."
    return stores_table(StoreBench(cores, drive, rounds, seconds).measure(), how)


def _say(section: str) -> None:
    print(f"measuring: {section}", file=sys.stderr, flush=True)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description=__doc__)
    parser.add_argument(
        "--peers", action="store_true", help="also Prism, and a server written by hand with Fastify (npm)"
    )
    parser.add_argument("--large", action="store_true", help="the largest documents of the corpus instead")
    parser.add_argument("--described", action="store_true", help="a described API alone")
    parser.add_argument(
        "--soak", type=_soak_seconds, metavar="N", help="N seconds of mixed load; fails if memory grows"
    )
    parser.add_argument("--stores", action="store_true", help="worlds in memory, SQLite and Redis instead")
    parser.add_argument("--worlds", action="store_true", help="forks, resets and journals of many worlds alone")
    parser.add_argument("--rounds", type=_count, default=3, metavar="N", help="rounds per request and subject (3)")
    parser.add_argument("--seconds", type=_count, default=3, metavar="N", help="seconds per round (3)")
    parser.add_argument("--json", type=Path, metavar="FILE", help="also write the figures to FILE")
    return parser


def _count(text: str) -> int:
    number = int(text)
    if not 1 <= number <= 60:
        raise argparse.ArgumentTypeError(f"{text} is not from 1 to 60")
    return number


def _soak_seconds(text: str) -> int:
    number = int(text)
    if not 6 <= number <= 3600:
        raise argparse.ArgumentTypeError(f"{text} is not from 6 to 3,600")
    return number


def _leave(*_: object) -> NoReturn:
    """The servers end and the folders go, as after Ctrl-C."""
    raise KeyboardInterrupt


if __name__ == "__main__":
    signal.signal(signal.SIGTERM, _leave)
    try:
        sys.exit(main())
    except KeyboardInterrupt:
        sys.exit(130)
