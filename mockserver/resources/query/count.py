"""Answers how many records of a collection there are: `GET /todos/count`."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cached_property
from typing import Final

from mockserver.engine.call import Call
from mockserver.json_text import Json
from mockserver.messages import Response
from mockserver.resources.detect.batch_operations import state_of
from mockserver.resources.detect.decisions import Evidence, MemberPath, Role
from mockserver.resources.detect.names import MARKS
from mockserver.resources.detect.operation_view import OperationView
from mockserver.resources.detect.resource import Resource
from mockserver.resources.detect.schema_shape import SchemaShape, SchemaShapes, put
from mockserver.resources.operations.reply import Reply
from mockserver.resources.query.ignored_parameters import IgnoredParameters
from mockserver.resources.query.list_query import list_query_of
from mockserver.resources.relations.figures import Figure, figures_of
from mockserver.spelling import plain, singular, words_of
from mockserver.state.record import Record
from mockserver.state.world import ApiState

_COUNTS: Final = frozenset({"count", "counts", "total", "size", "quantity", "number"})
"""Words of paths that ask how many there are."""
_STATISTICS: Final = frozenset({"stats", "stat", "statistics", "summary", "metrics", "totals", "overview"})
"""Words of paths that ask for numbers of which one may be how many there are."""
_FILLERS: Final = frozenset({"of", "get", "the", "all", "in", "by"})
_DEEPEST: Final = 3


def count_role(shapes: SchemaShapes, resource: Resource, view: OperationView, literal: str) -> Role | None:
    """The role of a reading whose path says that it counts the records of a collection; None where it does not."""
    collection = resource.collection
    if view.method != "GET" or collection.singleton:
        return None
    is_statistic = {*words_of(literal)} <= _STATISTICS and _counts(shapes, view.shape, collection.name)
    if not is_statistic and not asks_how_many(literal, collection.name):
        return None
    member_path = path_to_number(shapes, view.shape, collection.name)
    if member_path is None and view.shown is not None:
        return None
    why = Evidence(f"`{literal}` of its path asks how many there are", 0.5)
    return Role(
        view.id, "count", collection.name, member_path or (), keys=view.parameters, evidence=(*collection.evidence, why)
    )


def _counts(shapes: SchemaShapes, shape: SchemaShape, name: str) -> bool:
    """Whether an object has a member that says how many there are of what is called so."""
    many, one = plain(name.rpartition(".")[2]), plain(singular(name.rpartition(".")[2]))
    called = {f"total{many}", f"{one}count", f"{many}count", f"num{many}", many, "count", "total"}
    return any(plain(member) in called and "integer" in shapes.member(shape, member).types for member in shape.members)


def asks_how_many(literal: str, name: str) -> bool:
    """Whether a literal asks for the number of the records that are called so, or just for a number."""
    spoken = {*words_of(literal)}
    rest = spoken - _COUNTS - _FILLERS
    own = {*words_of(name.rpartition(".")[2]), *words_of(singular(name.rpartition(".")[2]))}
    return not spoken.isdisjoint(_COUNTS) and rest <= own


def path_to_number(shapes: SchemaShapes, shape: SchemaShape, name: str) -> MemberPath | None:
    """The way to the number in an answer: the whole of it, or the member that is called as one; None: there is none."""
    if shape.is_scalar:
        return () if shape.is_counted or "string" in shape.types else None
    numbers = {member for member in shape.members if shapes.member(shape, member).types & {"integer", "number"}}
    own = plain(singular(name.rpartition(".")[2]))
    for member in shape.members:
        called = plain(member)
        says = MARKS.get(called) in ("total", "count", "size") or called.removeprefix("total").startswith(own)
        if member in numbers and (says or called in _COUNTS):
            return (member,)
    if len(numbers) == 1:
        return (next(iter(numbers)),)
    for member in shape.members:
        nested = shapes.member(shape, member)
        inner = path_to_number(shapes, nested, name) if nested.members else None
        if inner is not None:
            return (member, *inner)
    return None


class Counting:
    """Answers how many of the records there are that a request asks for, in all and by the states that it names."""

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
        """What else is told of the records, by members of the answer."""
        return figures_of(self.reply.context.shapes, self._holder, self.reply.store.record)

    def __call__(self, call: Call, state: ApiState) -> Response:
        reply = self.reply
        scope = reply.scope_of(call)
        reply.expect_parent(call, state, scope)
        self.ignored.note(call)
        records = self.list_query.passing(call, reply.store.below(state, scope))
        if self.figures and reply.store.shows_others:
            records = [reply.current(state, record) for record in records]
        answered = reply.answered(200)
        status = int(answered.status) if answered is not None and answered.status.isdecimal() else 200
        if answered is None or answered.place is None:
            return Response(status, None if answered is not None and answered.bodyless else str(len(records)))
        return Response(status, self._answer(records, reply.context.value(answered.place.pointer, reply.view.id)))

    def _answer(self, records: list[Record], made: Json) -> Json:
        number: Json = len(records)
        if not self.shape.is_counted and self.shape.is_scalar:
            number = str(number)
        value = put(made, self.member_path, number)
        for member, state in self.states.items():
            alike = sum(all(record.get(name) == part for name, part in state.items()) for record in records)
            value = put(value, (*self.member_path[:-1], member), alike)
        for member, figure in self.figures.items():
            if member not in self.states and member not in self.member_path[-1:]:
                value = put(value, (*self.member_path[:-1], member), figure.of(records))
        return value
