"""Handles counts of a collection, `GET /todos/count`, and figures about its records: sums, averages, extremes."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from functools import cached_property, partial
from typing import Final, NamedTuple

from mockserver.engine.call import Call
from mockserver.json_text import Json
from mockserver.messages import Response
from mockserver.resources.detect.decisions import MemberPath
from mockserver.resources.detect.names import named
from mockserver.resources.detect.roles.batch_operations import state_of
from mockserver.resources.detect.schema_shape import SchemaShape, SchemaShapes, put
from mockserver.resources.operations.reply import Reply
from mockserver.resources.query.ignored_parameters import IgnoredParameters
from mockserver.resources.query.list_query import list_query_of
from mockserver.spelling import plain
from mockserver.state.records.record import Record
from mockserver.state.world import ApiState


class Counting:
    """Answers the number of the records that a request selects, in all and by the states that the answer names."""

    def __init__(self, reply: Reply) -> None:
        self.reply = reply
        context, store = reply.context, reply.store
        self.member_path: MemberPath = reply.role.answer
        self.shape: SchemaShape = reply.view.shape
        self.list_query = list_query_of(context.shapes, reply.view, reply.role, store.askable)
        self.ignored = IgnoredParameters(reply, self.list_query)
        holder = self._holder = (
            context.shapes.member(self.shape, *self.member_path[:-1]) if self.member_path else self.shape
        )
        self.states: Mapping[str, Mapping[str, Json]] = {
            member: state
            for member in holder.members
            if (state := state_of(context.shapes, store.record, member)) and member not in self.member_path[-1:]
        }

    @cached_property
    def figures(self) -> Mapping[str, Figure]:
        """The other figures about the records, by members of the answer."""
        return figures_of(self.reply.context.shapes, self._holder, self.reply.store.record)

    def __call__(self, call: Call, state: ApiState) -> Response:
        reply = self.reply
        scope = reply.scope_of(call)
        reply.refusals.expect_parent(call, state, scope)
        self.ignored.note(call)
        records = self.list_query.matching(call, reply.store.below(state, scope))
        if self.figures and reply.store.shows_others:
            records = [reply.current(state, record) for record in records]
        answered = reply.answered(200)
        status = answered.code(200) if answered is not None else 200
        if answered is None or answered.place is None:
            return Response(status, None if answered is not None and answered.bodyless else str(len(records)))
        return Response(status, self._answer(records, reply.context.value(answered.place.pointer, reply.view.id)))

    def _answer(self, records: list[Record], made: Json) -> Json:
        number: Json = len(records)
        if not self.shape.is_counted and self.shape.is_scalar:
            number = str(number)
        value = put(made, self.member_path, number)
        for member, state in self.states.items():
            alike = sum(all(_is_so(record.get(name), part) for name, part in state.items()) for record in records)
            value = put(value, (*self.member_path[:-1], member), alike)
        for member, figure in self.figures.items():
            if member not in self.states and member not in self.member_path[-1:]:
                value = put(value, (*self.member_path[:-1], member), figure.of(records))
        return value


def _is_so(value: Json, wanted: Json) -> bool:
    """Returns whether a member has the value of a state; a flag that nobody set is false."""
    return value == wanted or (wanted is False and value is None)


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
    """One figure about the values that records have of a member."""

    member: str
    tell: Callable[[Sequence[Json]], Json]

    def of(self, records: Sequence[Record]) -> Json:
        return self.tell([record[self.member] for record in records if record.get(self.member) is not None])


def figures_of(shapes: SchemaShapes, holder: SchemaShape, record: SchemaShape) -> dict[str, Figure]:
    """Returns the figures that the members of an answer name."""
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
