"""Reports the coverage of documents: as lines, JSON, Markdown and JUnit XML, and against a threshold.

A coverage is JSON as `GET /__admin/coverage` has it: `total`, and `apis` with their operations.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Mapping, Sequence
from pathlib import Path
from typing import Final
from xml.etree import ElementTree as ET

from mockserver.control.exchanges.coverage_count import sum_of, total_of
from mockserver.json_text import Json
from mockserver.problem import Unusable
from mockserver.server.whole_file import write_whole

KINDS: Final = ("operations", "statuses", "parameters")
ALL: Final = "all"
"""Operations, statuses and parameters together."""
MOST_LINES: Final = 40
"""Operations of one API that the lines tell of."""


def merged(coverages: Iterable[Json]) -> Json:
    """The coverage of several mocks together: operations of APIs of one name are counted together."""
    apis: dict[str, dict[tuple[str, str, str], Json]] = {}
    for coverage in coverages:
        for api in coverage["apis"]:
            known = apis.setdefault(api["name"], {})
            for one in api["operations"]:
                key = one["operation"], one["method"], one["path"]
                known[key] = _added(known[key], one) if key in known else one
    listed = [
        {"name": name, "total": total_of(found.values()), "operations": [*found.values()]}
        for name, found in apis.items()
    ]
    return {"total": sum_of(api["total"] for api in listed), "apis": listed}


def _added(first: Json, second: Json) -> Json:
    """The counts of one operation in two coverages together."""
    return {
        **first,
        "requests": first["requests"] + second["requests"],
        "statuses": _united(first["statuses"], second["statuses"], ("status",)),
        "parameters": _united(first["parameters"], second["parameters"], ("name", "in")),
    }


def _united(first: Sequence[Json], second: Sequence[Json], names: Sequence[str]) -> list[Json]:
    found: dict[tuple[str, ...], Json] = {}
    for one in (*first, *second):
        key = tuple(one[name] for name in names)
        found[key] = {**one, "seen": found[key]["seen"] + one["seen"]} if key in found else one
    return [*found.values()]


def percent(total: Mapping[str, Mapping[str, int]], kind: str = ALL) -> float:
    """The share of a total that was exercised, of one kind or of all together; of nothing all is."""
    shares = [*total.values()] if kind == ALL else [total[kind]]
    of = sum(share["of"] for share in shares)
    return 100 * sum(share["seen"] for share in shares) / of if of else 100.0


# The threshold


def threshold(text: str, option: str) -> Mapping[str, float]:
    """Reads `80`, or `operations=100,statuses=60`, as percentages by kind. Raises Unusable that names the option."""
    found: dict[str, float] = {}
    for part in filter(None, text.split(",")):
        kind, equals, number = part.rpartition("=")
        kind = kind.strip() if equals else ALL
        try:
            value = float(number)
        except ValueError:
            value = -1
        if kind not in (ALL, *KINDS) or not 0 <= value <= 100:
            raise Unusable(
                f"{option} {text}: expected a percentage, such as 80, or percentages of {', '.join(KINDS)}, such as "
                f"operations=100,statuses=60"
            )
        found[kind] = value
    return found


def shortfalls(coverage: Json, least: Mapping[str, float]) -> list[str]:
    """How the coverage misses the threshold, a line each; empty if it does not."""
    if least and not any(one["requests"] for api in coverage["apis"] for one in api["operations"]):
        return ["mock coverage: no request for an operation came to a mock"]
    return [
        f"mock coverage: {_rounded(percent(coverage['total'], kind))} of {_named(kind)}, and {wanted:g} % are required"
        for kind, wanted in least.items()
        if percent(coverage["total"], kind) < wanted
    ]


def _named(kind: str) -> str:
    return "operations, statuses and parameters" if kind == ALL else kind


def _rounded(value: float) -> str:
    """Rounded down, so that 100 % is all of it."""
    return f"{int(value * 10) / 10:g} %"


# Reports


def lines_of(coverage: Json) -> list[str]:
    """The coverage for a terminal: the shares of each API, then the operations that lack something."""
    lines = []
    for api in coverage["apis"]:
        shares = ", ".join(f"{api['total'][kind]['seen']} of {api['total'][kind]['of']} {kind}" for kind in KINDS)
        lines.append(f"{api['name']}: {_rounded(percent(api['total']))} ({shares})")
        gaps = [f"  {name_of(one)}: {said}" for one in api["operations"] if (said := "; ".join(_gaps(one)))]
        lines += gaps[:MOST_LINES]
        if len(gaps) > MOST_LINES:
            lines.append(f"  and {len(gaps) - MOST_LINES} more operations that lack something")
    return lines


def name_of(operation: Json) -> str:
    """`GET /orders`."""
    return f"{operation['method'].upper()} {operation['path']}"


def _gaps(one: Json) -> Iterable[str]:
    """What of an operation was never exercised, and what was seen that the document does not have."""
    if not one["requests"]:
        yield "never asked"
    for title, names in (("never seen", _unseen(one)), ("never sent", _unsent(one))):
        if names and one["requests"]:
            yield f"{title} {', '.join(names)}"
    if undocumented := _undocumented(one):
        yield f"not documented {', '.join(undocumented)}"


def _seen(one: Json) -> list[str]:
    return [f"{it['status']} ({it['seen']})" for it in one["statuses"] if it["declared"] and it["seen"]]


def _unseen(one: Json) -> list[str]:
    return [it["status"] for it in one["statuses"] if it["declared"] and not it["seen"]]


def _undocumented(one: Json) -> list[str]:
    return [f"{it['status']} ({it['seen']})" for it in one["statuses"] if not it["declared"]]


def _unsent(one: Json) -> list[str]:
    return [f"{it['in']} {it['name']}" for it in one["parameters"] if not it["seen"]]


def markdown(coverage: Json) -> str:
    """The coverage for a pull request: a table of APIs, and one of operations for each, folded."""
    text = [
        f"### Coverage of the documents: {_rounded(percent(coverage['total']))}\n",
        "| API | operations | statuses | parameters |\n| --- | --- | --- | --- |",
    ]
    for api in coverage["apis"]:
        cells = (f"{_rounded(percent(api['total'], kind))} ({_of(api['total'][kind])})" for kind in KINDS)
        text.append(f"| {_cell(api['name'])} | {' | '.join(cells)} |")
    for api in coverage["apis"]:
        text.append(
            f"\n<details><summary>{_cell(api['name'])}</summary>\n\n"
            "| operation | requests | seen | never seen | not documented | never sent |\n"
            "| --- | ---: | --- | --- | --- | --- |"
        )
        for one in api["operations"]:
            columns = (", ".join(names) for names in (_seen(one), _unseen(one), _undocumented(one), _unsent(one)))
            text.append(f"| `{_cell(name_of(one))}` | {one['requests']} | {' | '.join(map(_cell, columns))} |")
        text.append("\n</details>")
    return "\n".join(text) + "\n"


def _of(share: Mapping[str, int]) -> str:
    return f"{share['seen']} of {share['of']}"


def _cell(text: str) -> str:
    return text.replace("|", "\\|").replace("<", "&lt;").replace("`", "'")


def junit(coverage: Json) -> str:
    """The coverage as JUnit XML: a suite for each API, a test for each operation, skipped where it was never asked; it
    fails where a status was seen that the document does not have.
    """
    root = ET.Element("testsuites")
    for api in coverage["apis"]:
        operations = api["operations"]
        counts = {
            "tests": len(operations),
            "failures": sum(bool(_undocumented(one)) for one in operations),
            "errors": 0,
            "skipped": sum(not one["requests"] for one in operations),
        }
        suite = ET.SubElement(root, "testsuite", {name: str(number) for name, number in counts.items()})
        suite.set("name", f"mock coverage of {api['name']}")
        for one in operations:
            test = ET.SubElement(suite, "testcase", name=name_of(one), classname=api["name"])
            said = "; ".join(_gaps(one))
            if not one["requests"]:
                ET.SubElement(test, "skipped", message=said)
            elif _undocumented(one):
                ET.SubElement(test, "failure", message=said)
            elif said:
                ET.SubElement(test, "system-out").text = said
    return ET.tostring(root, encoding="unicode", xml_declaration=True)


def as_json(coverage: Json) -> str:
    """The coverage itself, with its percentages."""
    shares = {kind: int(percent(coverage["total"], kind) * 10) / 10 for kind in (ALL, *KINDS)}
    return json.dumps({"percent": shares, **coverage}, indent=2) + "\n"


FORMATS: Final[Mapping[str, Callable[[Json], str]]] = {".json": as_json, ".md": markdown, ".xml": junit}


def refuse_report(file: str, option: str, folder: Path | None = None) -> None:
    """Raises Unusable for a file whose ending names no format, or whose folder is not there; it may be relative to
    `folder`.
    """
    refuse_format(file, option)
    path = (folder or Path()) / file
    if not path.absolute().parent.is_dir():
        raise Unusable(f"{option} {file}: there is no folder {path.parent}")
    if path.is_dir():
        raise Unusable(f"{option} {file}: this is a folder; expected a file")


def refuse_format(file: str, option: str) -> None:
    """Raises Unusable for a file whose ending names no format."""
    if Path(file).suffix.lower() not in FORMATS:
        raise Unusable(f"{option} {file}: the file's ending says the format: {', '.join(FORMATS)}")


def write(coverage: Json, file: str, option: str) -> None:
    """Writes a report in the format that the file's ending says. Raises Unusable that names the option."""
    refuse_format(file, option)
    path = Path(file)
    try:
        write_whole(path, FORMATS[path.suffix.lower()](coverage).encode())
    except OSError as error:
        raise Unusable(f"{option} {file}: cannot be written: {error.strerror or error}") from None
