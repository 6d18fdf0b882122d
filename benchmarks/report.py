"""What was measured as a text to read: the figures, their ratios, and what was to be reached."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

TARGETS: Mapping[tuple[str, str], float] = {
    ("get order", "bare WSGI"): 0.45,
    ("list of 20", "bare WSGI"): 0.25,
    ("create order", "bare WSGI"): 0.3,
    ("get link", "bare WSGI"): 0.5,
    ("get link", "bare Flask"): 3.0,
    ("get link", "Fastify by hand"): 1.0,
    ("PATCH 3 ids", "bare WSGI"): 0.5,
    ("PATCH 3 ids", "bare Flask"): 2.5,
    ("PATCH 3 ids", "Fastify by hand"): 1.0,
    ("PATCH 200 ids", "bare Flask"): 0.8,
    ("PATCH 200 ids", "Fastify by hand"): 1.0,
}
"""How many times as fast as the second the mock is to answer the first."""

START_SECONDS = 0.5
MEMORY_MB = 110.0
MOCK = "mockserver"
FROZEN, UNFROZEN = "gc.freeze() on", "gc.freeze() off"

Rows = Sequence[Mapping[str, Any]]


def report(results: Mapping[str, Any]) -> str:
    """The whole text."""
    sections = [
        f"{results['how']}\n",
        "Requests (updates alternate between off and on, so that they really write)",
        requests_table(results["requests"]),
        "\nHow many times as fast the mock is",
        ratio_table(results["requests"]),
        described(results),
        "\nStart and memory, all APIs served",
        start_table(results["start"]),
        "\nWorst answers under load, all APIs served",
        freeze_table(results["freeze"]),
        "\nRemembering, in microseconds, without a server",
        remembering_table(results["remembering"]),
    ]
    return "\n".join(sections)


def described(results: Mapping[str, Any]) -> str:
    """The sections of a described API alone."""
    sections = [
        "\nRequests to a described API (benchmarks/shop.yaml)",
        requests_table(results["described"]),
        "\nHow many times as fast the mock is",
        ratio_table(results["described"]),
        "\nA described API among few and among many records, in microseconds, without a server",
        sizes_table(results["sizes"]),
    ]
    return "\n".join(sections)


def sizes_table(rows: Rows) -> str:
    """One line per request: what it costs among the fewest records, and how many times that among more."""
    sizes = list(dict.fromkeys(row["records"] for row in rows))
    costs = {(row["request"], row["records"]): row["cost"] for row in rows}
    lines = [
        (
            request,
            *(f"{costs[request, size]:,.0f}" for size in sizes),
            *(f"{costs[request, size] / costs[request, sizes[0]]:.2f}" for size in sizes[1:]),
        )
        for request in dict.fromkeys(row["request"] for row in rows)
    ]
    heads = ("request", *(f"among {size:,}" for size in sizes), *(f"{size:,} / {sizes[0]}" for size in sizes[1:]))
    return table(heads, lines)


def requests_table(rows: Rows) -> str:
    """One line per request and subject."""
    lines = [
        (
            row["request"],
            row["subject"],
            f"{row['rate']:,.0f}",
            *(f"{row[name]:.2f}" for name in ("p50", "p99", "worst")),
            "" if row["cpu"] is None else f"{row['cpu']:,.0f}",
        )
        for row in rows
    ]
    return table(("request", "subject", "requests/s", "p50 ms", "p99 ms", "worst ms", "CPU us/request"), lines)


def ratio_table(rows: Rows) -> str:
    """The mock's rate over each other subject's, and the other's processor time over the mock's."""
    seen = {(row["request"], row["subject"]): row for row in rows}
    lines = []
    for (request, subject), row in seen.items():
        if subject == MOCK:
            continue
        mock, target = seen[request, MOCK], TARGETS.get((request, subject))
        ratio = mock["rate"] / row["rate"]
        by_cpu = "" if row["cpu"] is None else f"{row['cpu'] / mock['cpu']:.2f}"
        asked, verdict = ("", "") if target is None else (f"{target:.2f}", reached(ratio >= target))
        lines.append((request, subject, f"{ratio:.2f}", asked, verdict, by_cpu))
    return table(("request", "beside", "ratio", "to reach", "", "ratio by CPU time"), lines)


def start_table(start: Mapping[str, Any]) -> str:
    """The seconds of the start and the megabytes, beside what they are to stay below."""
    seconds = start["seconds"]
    lines = [("process start to first 200, s", f"{seconds:.2f}", f"{START_SECONDS}", reached(seconds < START_SECONDS))]
    if start["cpu"] is not None:
        lines.append(("  of it the processor's, s", f"{start['cpu']:.2f}", "", ""))
    for when, name in (("after the start", "fresh"), ("after the load", "loaded")):
        seen = start[name]
        if seen is None:
            lines.append((f"memory {when}, MB", "unknown, no /proc", f"{MEMORY_MB:.0f}", ""))
            continue
        verdict = reached(seen["pss"] < MEMORY_MB)
        lines.append((f"memory {when}, MB (PSS)", f"{seen['pss']:.0f}", f"{MEMORY_MB:.0f}", verdict))
        lines.append((f"  RSS of its {seen['processes']} processes added up", f"{seen['rss']:.0f}", "", ""))
    return table(("", "seen", "below", ""), lines)


def freeze_table(rows: Rows) -> str:
    """One line per request: the slow answers of the mock with its records frozen, and without."""
    seen = {(row["request"], row["subject"]): row for row in rows}
    lines = [
        (
            request,
            *(f"{seen[request, subject][name]:.2f}" for name in ("p99", "worst") for subject in (FROZEN, UNFROZEN)),
        )
        for request in dict.fromkeys(row["request"] for row in rows)
    ]
    return table(("request", "p99 ms, frozen", "not frozen", "worst ms, frozen", "not frozen"), lines)


def remembering_table(rows: Rows) -> str:
    """One line per size of the world."""
    lines = [
        (
            f"{row['records']:,}",
            *(f"{row[name]:,.0f}" for name in ("changes", "rollback", "fork", "first_write", "next_write")),
        )
        for row in rows
    ]
    heads = ("records", "200 changes", "their rollback", "fork", "first write after it", "next write")
    return table(heads, lines)


def table(heads: Sequence[str], lines: Iterable[Sequence[str]]) -> str:
    """Columns as wide as their widest cell, figures to the right, words to the left."""
    rows = [tuple(heads), *map(tuple, lines)]
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    figures = [all(not row[place] or row[place][0].isdigit() for row in rows[1:]) for place in range(len(heads))]
    return "\n".join("  " + "  ".join(map(_aligned, row, widths, figures)).rstrip() for row in rows)


def _aligned(cell: str, width: int, figure: bool) -> str:
    return cell.rjust(width) if figure else cell.ljust(width)


def reached(yes: bool) -> str:
    """The verdict in a word or two."""
    return "reached" if yes else "NOT reached"
