"""Handlers of an object inside a record that has a path of its own: `/users/{id}/address`."""

from __future__ import annotations

from collections.abc import Mapping

from mockserver.engine.api import Handler
from mockserver.engine.call import Call
from mockserver.json_text import Json, copied
from mockserver.messages import Response
from mockserver.problem import NOT_FOUND, Problem
from mockserver.resources.detect.schema_shape import similarity
from mockserver.resources.operations.act import RecordLookup
from mockserver.resources.operations.reply import Reply
from mockserver.resources.records.projection import Projection, public
from mockserver.state.record import Record
from mockserver.state.world import ApiState


class RecordPart:
    """The member of records that one role is about."""

    def __init__(self, reply: Reply, lookup: RecordLookup) -> None:
        self.reply = reply
        self.known = lookup
        self.member = reply.role.inside[0]
        self.shape = reply.context.shapes.member(reply.store.record, self.member)
        self._fits: dict[str, Projection] = {}

    def value(self, record: Record, *, is_wanted: bool) -> dict[str, Json]:
        """The object that the record has there. A Problem 404 where it has none and that `is_wanted`."""
        member = public(record).get(self.member)
        if isinstance(member, Mapping):
            return dict(copied(member))
        problem = self.reply.missing(f"There is no `{self.member}`.") if is_wanted else None
        if problem is not None:
            raise problem
        return {}

    def answer(self, record: Record, call: Call, *wanted: int) -> Response:
        """The declared answer: the object, or the record that has it."""
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
        status = int(answered.status) if answered.status.isdecimal() else wanted[0]
        return Response(status, fit(Record(self.value(record, is_wanted=False)), key, call))


def reader(reply: Reply, lookup: RecordLookup) -> Handler:
    """Answers the object that a record has."""
    part = RecordPart(reply, lookup)

    def read(call: Call, state: ApiState) -> Response:
        record = reply.current(state, lookup(reply, state, reply.scope_of(call)))
        part.value(record, is_wanted=True)
        return part.answer(record, call, 200)

    return read


def writer(reply: Reply, lookup: RecordLookup) -> Handler:
    """Puts another object there, lays what was sent over it, or takes it away."""
    part, store = RecordPart(reply, lookup), reply.store
    puts = reply.view.method == "PUT"

    def write(call: Call, state: ApiState) -> Response:
        values = reply.scope_of(call)
        old = lookup(reply, state, values)
        reply.precondition(reply.current(state, old), call)
        before = dict(copied(public(old)))
        if reply.role.kind == "remove-part":
            if before.pop(part.member, None) is None:
                raise reply.missing(f"There is no `{part.member}`.") or Problem(404, "It is gone.", code=NOT_FOUND)
            changed = store.composer.touched(before, call.at)
        else:
            sent = reply.sent(call)
            before |= {part.member: {}} if puts or not isinstance(before.get(part.member), dict) else {}
            changed = store.composer.changed(before, {part.member: sent}, store.record, call.at)
        record = reply.keep(call, state, changed, values, {})
        statuses = (204, 200, 202) if reply.role.kind == "remove-part" else (200, 204, 201, 202)
        return part.answer(record, call, *statuses)

    return write
