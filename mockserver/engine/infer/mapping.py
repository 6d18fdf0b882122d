"""Answers a collection as one object: its records by their ids."""

from __future__ import annotations

from mockserver.engine.call import Call
from mockserver.engine.infer.asking import asking_of
from mockserver.engine.infer.decisions import Way
from mockserver.engine.infer.fitting import Fit, public
from mockserver.engine.infer.ignoring import Ignored
from mockserver.engine.infer.maps import value_member, values_of
from mockserver.engine.infer.reply import Reply
from mockserver.engine.infer.shape import put
from mockserver.state.world import Realm
from mockserver.wire import Json, Response


class Mapped:
    """Answers the records of a collection by their ids."""

    def __init__(self, reply: Reply) -> None:
        self.reply = reply
        ground, store = reply.ground, reply.store
        self.way: Way = reply.role.answer
        answered = reply.answered(200)
        self.place = answered.place if answered is not None else None
        self.status = int(answered.status) if answered is not None and answered.status.isdecimal() else 200
        self.asking = asking_of(ground.shapes, reply.reading, reply.role, store.askable)
        place = values_of(ground.shapes, ground.shapes.member(reply.reading.shape, *self.way))
        self.ignored = Ignored(reply, self.asking)
        self.value = value_member(ground.shapes, reply.reading.shape, store.record)
        self.fit = Fit(ground, place, (), store.record, store.hidden) if place is not None else None

    def __call__(self, call: Call, world: Realm) -> Response:
        scope = self.reply.scope_of(call)
        self.reply.expect_parent(call, world, scope)
        self.ignored.note(call)
        store = self.reply.store
        records = self.asking.passing(call, store.below(world, scope))
        by_id: dict[str, Json] = {}
        for record in records:
            key = str(store.values(record)[-1])
            if self.value:
                by_id[key] = record.get(self.value)
                continue
            by_id[key] = self.fit(record, f"{store.name}/{key}", call) if self.fit is not None else public(record)
        return Response(self.status, self._whole(by_id))

    def _whole(self, by_id: dict[str, Json]) -> Json:
        if not self.way or self.place is None:
            return by_id
        return put(self.reply.ground.value(self.place.pointer, f"{self.reply.reading.id}/envelope"), self.way, by_id)
