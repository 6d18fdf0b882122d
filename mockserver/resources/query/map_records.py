"""Answers the records of a collection as an object by their ids."""

from __future__ import annotations

from typing import Final

from mockserver.engine.call import Call
from mockserver.json_text import Json
from mockserver.messages import Response
from mockserver.resources.detect.decisions import MemberPath
from mockserver.resources.detect.record_maps import value_member, values_of
from mockserver.resources.detect.schema_shape import put
from mockserver.resources.operations.reply import Reply
from mockserver.resources.query.ignored_parameters import IgnoredParameters
from mockserver.resources.query.list_query import list_query_of
from mockserver.resources.query.page_metadata import marks_of, names_of
from mockserver.resources.records.projection import Projection, public
from mockserver.state.world import ApiState


class RecordMap:
    """Answers the records of a collection as an object by their ids."""

    def __init__(self, reply: Reply) -> None:
        self.reply = reply
        context, store = reply.context, reply.store
        self.member_path: MemberPath = reply.role.answer
        answered = reply.answered(200)
        self.place = answered.place if answered is not None else None
        self.status = answered.code(200) if answered is not None else 200
        self.list_query = list_query_of(context.shapes, reply.view, reply.role, store.askable)
        place = values_of(context.shapes, context.shapes.member(reply.view.shape, *self.member_path))
        self.ignored = IgnoredParameters(reply, self.list_query)
        self.value = value_member(context.shapes, reply.view.shape, store.record)
        self.fit = Projection(context, place, (), store.record, store.hidden) if place is not None else None
        called = names_of(store.name, self.member_path)
        marks = marks_of(context.shapes, reply.view.shape, self.member_path, called) if self.member_path else []
        self.counts = [mark.member_path for mark in marks if mark.says in _SIZES and "integer" in mark.shape.types]

    def __call__(self, call: Call, state: ApiState) -> Response:
        scope = self.reply.scope_of(call)
        self.reply.refusals.expect_parent(call, state, scope)
        self.ignored.note(call)
        store = self.reply.store
        records = self.list_query.matching(call, store.below(state, scope))
        by_id: dict[str, Json] = {}
        for record in records:
            key = str(store.values(record)[-1])
            if self.value:
                by_id[key] = record.get(self.value)
                continue
            by_id[key] = self.fit(record, f"{store.name}/{key}", call) if self.fit is not None else public(record)
        return Response(self.status, self._whole(by_id))

    def _whole(self, by_id: dict[str, Json]) -> Json:
        if not self.member_path or self.place is None:
            return by_id
        made = self.reply.context.value(self.place.pointer, f"{self.reply.view.id}/envelope")
        value = put(made, self.member_path, by_id)
        for member_path in self.counts:
            value = put(value, member_path, len(by_id))
        return value


_SIZES: Final = ("total", "count")
"""Meanings of members that tell how many records an object of all of them has."""
