"""Numbers about records: sums, averages, the least and the most of a member, how many have each of its values."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from functools import partial
from typing import Final, NamedTuple

from mockserver.json_text import Json
from mockserver.resources.detect.names import named
from mockserver.resources.detect.schema_shape import SchemaShape, SchemaShapes
from mockserver.spelling import plain
from mockserver.state.record import Record

_REVENUES: Final = named("revenue totalrevenue sales totalsales turnover grosssales")
_PAID: Final = named("total totalamount totalprice grandtotal amount amounttotal price")
_SUM: Final = re.compile(r"(?:totalof|sumof|total|sum)(?P<of>.+)|(?P<first>.+?)(?:total|sum)")
_EACH: Final[Mapping[str, re.Pattern[str]]] = {
    "average": re.compile(r"(?:average|avg|mean)(?P<of>.+)"),
    "least": re.compile(r"(?:min|minimum|lowest)(?P<of>.+)"),
    "most": re.compile(r"(?:max|maximum|highest)(?P<of>.+)"),
}
_BY: Final = re.compile(r"(?:by|countby|countsby|per)(?P<of>.+)")


class Figure(NamedTuple):
    """What one member tells of the values that records have of another."""

    member: str
    tell: Callable[[Sequence[Json]], Json]

    def of(self, records: Sequence[Record]) -> Json:
        return self.tell([record[self.member] for record in records if record.get(self.member) is not None])


def figures_of(shapes: SchemaShapes, holder: SchemaShape, record: SchemaShape) -> dict[str, Figure]:
    """What the members of an answer tell of records, as far as their names say it."""
    numbers = {
        plain(name): name for name in record.members if shapes.member(record, name).types & {"integer", "number"}
    }
    known = {plain(name): name for name in record.members}
    found: dict[str, Figure] = {}
    for name in holder.members:
        shape, called = shapes.member(holder, name), plain(name)
        if shape.types & {"integer", "number"}:
            figure = _number(called, numbers, is_whole="number" not in shape.types)
            found |= {name: figure} if figure is not None else {}
        elif shape.is_object and not shape.members and (match := _BY.fullmatch(called)) and match["of"] in known:
            found[name] = Figure(known[match["of"]], lambda values: {str(key): n for key, n in Counter(values).items()})
    return found


def _number(called: str, numbers: Mapping[str, str], *, is_whole: bool) -> Figure | None:
    paid = next((numbers[name] for name in numbers if name in _PAID), "")
    if called in _REVENUES and paid:
        return Figure(paid, partial(_value_of, "sum", is_whole=is_whole))
    match = _SUM.fullmatch(called)
    summed = numbers.get((match["of"] or match["first"]) if match is not None else "")
    if summed is not None:
        return Figure(summed, partial(_value_of, "sum", is_whole=is_whole))
    for kind, pattern in _EACH.items():
        match = pattern.fullmatch(called)
        if match is not None and match["of"] in numbers:
            return Figure(numbers[match["of"]], partial(_value_of, kind, is_whole=is_whole))
    return None


def _value_of(kind: str, values: Sequence[Json], *, is_whole: bool) -> Json:
    return _rounded(_TELLING[kind](_numbers(values)), is_whole=is_whole)


def _numbers(values: Sequence[Json]) -> list[float]:
    return [value for value in values if isinstance(value, int | float) and not isinstance(value, bool)]


def _rounded(value: float, *, is_whole: bool) -> float:
    return round(value) if is_whole or value == round(value) else round(value, 2)


_TELLING: Final[Mapping[str, Callable[[list[float]], float]]] = {
    "sum": sum,
    "average": lambda values: sum(values) / len(values) if values else 0,
    "least": lambda values: min(values, default=0),
    "most": lambda values: max(values, default=0),
}
