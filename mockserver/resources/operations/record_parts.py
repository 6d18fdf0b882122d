"""Handlers of parts of one record that have a path of their own: an object `/users/{id}/address`, an entry of an object
of values `/settings/{key}`, a list of values `/cards/{id}/labels`.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from mockserver.engine.api import Handler
from mockserver.engine.call import Call
from mockserver.json_text import Json, copied
from mockserver.messages import Response
from mockserver.problem import NOT_FOUND, Problem
from mockserver.resources.detect.names import named
from mockserver.resources.detect.schema_shape import SchemaShape, similarity
from mockserver.resources.operations.act import RecordLookup
from mockserver.resources.operations.reply import Reply
from mockserver.resources.records.projection import Projection, public
from mockserver.resources.records.seeds import Scope
from mockserver.spelling import plain
from mockserver.state.records.record import Record
from mockserver.state.world import ApiState


class RecordPart:
    """The member of records that one role reads and writes."""

    def __init__(self, reply: Reply, lookup: RecordLookup) -> None:
        self.reply = reply
        self.known = lookup
        self.member = reply.role.inside[0]
        self.shape = reply.context.shapes.member(reply.store.record, self.member)
        self._fits: dict[str, Projection] = {}

    def value(self, record: Record, *, is_wanted: bool) -> dict[str, Json]:
        """Returns the object that the record has there. Raises a Problem 404 where it has none and that `is_wanted`."""
        member = public(record).get(self.member)
        if isinstance(member, Mapping):
            return dict(copied(member))
        problem = self.reply.refusals.missing(f"There is no `{self.member}`.") if is_wanted else None
        if problem is not None:
            raise problem
        return {}

    def answer(self, record: Record, call: Call, *wanted: int) -> Response:
        """Returns the declared answer: the object, or the record that has it."""
        answered, store = self.reply.answered(*wanted), self.reply.store
        if answered is None or answered.place is None:
            return self.reply.shown(record, call, *wanted)
        shown = self.reply.context.shapes.at(answered.place)
        if similarity(shown, store.record) > similarity(shown, self.shape):
            return self.reply.shown(record, call, *wanted)
        fit = self._fits.get(answered.status)
        if fit is None:
            fit = self._fits[answered.status] = Projection(
                self.reply.context, answered.place, (), self.shape, store.hidden
            )
        key = f"{store.name}/{record.get(store.collection.id_member)}/{self.member}"
        status = answered.code(wanted[0])
        return Response(status, fit(Record(self.value(record, is_wanted=False)), key, call))


def reader(reply: Reply, lookup: RecordLookup) -> Handler:
    """Handles a read of the object."""
    part = RecordPart(reply, lookup)

    def read(call: Call, state: ApiState) -> Response:
        record = reply.current(state, lookup(reply, state, reply.scope_of(call)))
        part.value(record, is_wanted=True)
        return part.answer(record, call, 200)

    return read


def writer(reply: Reply, lookup: RecordLookup) -> Handler:
    """Handles writes of the object: replaces it, merges the body into it, or removes it."""
    part, store = RecordPart(reply, lookup), reply.store
    puts = reply.view.method == "PUT"

    def write(call: Call, state: ApiState) -> Response:
        values = reply.scope_of(call)
        old = lookup(reply, state, values)
        reply.refusals.precondition(reply.current(state, old), call)
        before = dict(copied(public(old)))
        if reply.role.kind == "remove-part":
            if before.pop(part.member, None) is None:
                raise reply.refusals.missing(f"There is no `{part.member}`.") or Problem(
                    404, "It is gone.", code=NOT_FOUND
                )
            changed = store.composer.touched(before, call.at)
        else:
            sent = reply.sent(call)
            before |= {part.member: {}} if puts or not isinstance(before.get(part.member), dict) else {}
            changed = store.composer.changed(before, {part.member: sent}, store.record, call.at)
        record = reply.keep(call, state, changed, values, {})
        statuses = (204, 200, 202) if reply.role.kind == "remove-part" else (200, 204, 201, 202)
        return part.answer(record, call, *statuses)

    return write


_VALUES: Final = named("value data content setting text")
_KEYS: Final = named("key name id")
_STATUSES: Final = {"read-value": (200,), "set-value": (200, 201, 204, 202), "remove-value": (204, 200, 202)}


def value_handler(reply: Reply, lookup: RecordLookup) -> Handler:
    """Handles the value that the last path parameter names: reads, sets or removes it."""
    depth = len(reply.store.collection.scope)
    kind = reply.role.kind
    member = _value_member(reply.view.body)

    def handle(call: Call, state: ApiState) -> Response:
        values = reply.scope_of(call)
        record, key = lookup(reply, state, values[:depth]), str(values[depth])
        reply.refusals.precondition(record, call)
        if kind == "set-value":
            value = call.body.get(member) if member and isinstance(call.body, dict) else call.body
            changed = {**_plain(record), key: value}
            _store_record(reply, call, state, values[:depth], changed)
            return _answer(reply, key, value, changed, is_new=key not in record)
        if key not in _plain(record):
            what = f"There is no {key!r} in {reply.store.name}."
            raise reply.refusals.missing(what) or Problem(404, what, code=NOT_FOUND)
        left = {name: value for name, value in _plain(record).items() if name != key or kind == "read-value"}
        if kind == "remove-value":
            _store_record(reply, call, state, values[:depth], left)
        return _answer(reply, key, record[key], left)

    return handle


def _plain(record: Record) -> dict[str, Json]:
    return dict(copied(public(record)))


def _store_record(reply: Reply, call: Call, state: ApiState, values: Scope, record: dict[str, Json]) -> None:
    store = reply.store
    store.add(state, store.identified(store.composer.touched(record, call.at), values), values)


def _value_member(body: SchemaShape) -> str:
    """Returns the member of a body that is the value; empty where the body itself is."""
    return next((name for name in body.members if plain(name) in _VALUES), "") or (
        next(iter(body.members)) if len(body.members) == 1 else ""
    )


def _answer(reply: Reply, key: str, value: Json, record: dict[str, Json], *, is_new: bool = False) -> Response:
    """Returns the declared answer: the value, an object with key and value, or the whole object."""
    wanted = _STATUSES[reply.role.kind]
    answered = reply.answered(*((201, *wanted) if is_new else wanted))
    if answered is None or answered.place is None:
        status = answered.code(wanted[0]) if answered is not None else wanted[0]
        return Response(status)
    shape = reply.context.shapes.at(answered.place)
    accepts = reply.context.accepts(answered.place.pointer)
    status = answered.code(wanted[0])
    members = {name: key if plain(name) in _KEYS else value for name in shape.members if plain(name) in _KEYS | _VALUES}
    candidates = [members] if shape.members else [record, value] if shape.is_object else [value, str(value)]
    made = reply.context.value(answered.place.pointer, reply.view.id)
    return Response(status, next((body for body in candidates if accepts(body)), made))


def value_list_handler(reply: Reply, lookup: RecordLookup) -> Handler:
    """Handles a list of plain values inside a record: lists, adds, replaces or removes values."""
    depth = len(reply.store.collection.scope) + 1
    name, kind = reply.role.inside[0], reply.role.kind
    store = reply.store

    def handle(call: Call, state: ApiState) -> Response:
        values = reply.scope_of(call)
        record = lookup(reply, state, values[:depth])
        reply.refusals.precondition(record, call)
        member = record.get(name)
        before: list[Json] = [*copied(member)] if isinstance(member, list | tuple) else []
        sent = [*values[depth:]] or _values_in(call.body, name)
        if kind == "list-values":
            return _listed(reply, record, before, call)
        if kind == "set-values":
            after = sent
        elif kind == "add-values":
            after = [*before, *(value for value in sent if value not in before)]
        else:
            lost = [value for value in sent if value not in before]
            is_named = lost and values[depth:]
            problem = reply.refusals.missing(f"There is no {lost[0]!r} in `{name}`.") if is_named else None
            if problem is not None:
                raise problem
            after = [value for value in before if value not in sent] if sent or call.body is not None else []
        changed = store.composer.touched({**_plain(record), name: after}, call.at)
        return _listed(reply, reply.keep(call, state, changed, values[:depth], {}), after, call)

    return handle


def _values_in(body: Json, name: str) -> list[Json]:
    """Returns the values that a body lists, alone or as a member."""
    if isinstance(body, dict):
        body = next((value for key, value in body.items() if plain(key) == plain(name)), [])
    return [*body] if isinstance(body, list) else []


def _listed(reply: Reply, record: Record, values: list[Json], call: Call) -> Response:
    """Returns the declared answer: the list, an object with it, or the record."""
    wanted = {"add-values": (200, 201, 204), "remove-values": (204, 200)}.get(reply.role.kind, (200, 204))
    answered = reply.answered(*wanted)
    if answered is None or answered.place is None:
        return reply.shown(record, call, *wanted)
    shape = reply.context.shapes.at(answered.place)
    status = answered.code(wanted[0])
    if shape.is_list:
        return Response(status, values)
    if len(shape.members) == 1 and reply.context.accepts(answered.place.pointer)({next(iter(shape.members)): values}):
        return Response(status, {next(iter(shape.members)): values})
    return reply.shown(record, call, *wanted)
