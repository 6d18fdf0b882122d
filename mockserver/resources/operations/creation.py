"""Stores the new records of one operation."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Final

from mockserver.engine.call import Call
from mockserver.json_text import Json
from mockserver.problem import ALREADY_EXISTS, Problem
from mockserver.resources.detect.decisions import MemberPath
from mockserver.resources.detect.names import same_name
from mockserver.resources.detect.schema_shape import SchemaShape, dig
from mockserver.resources.operations.reply import Reply
from mockserver.resources.records.seeds import Scope
from mockserver.resources.records.slugs import Slugs
from mockserver.resources.relations.ownership import Ownership
from mockserver.state.records.record import Record
from mockserver.state.world import ApiState


class Creation:
    """Makes a record of what a request sent, and stores it. Whatever the document has no room for, such as files,
    slugs or references, is told when the operation's first request comes, and is no work of the others.
    """

    def __init__(self, reply: Reply) -> None:
        store = reply.store
        self._reply = reply
        self._store = store
        self._id_path = store.collection.id_spec.member_path
        self._sent_path = self._id_path or _named_in_body(reply)
        self._takes_id = bool(self._sent_path) and (store.collection.id_spec.given or reply.takes_id)
        self._slugs = Slugs(store)
        self._owning = Ownership(reply)
        self._brings_files = reply.attached.is_used

    def __call__(
        self,
        call: Call,
        state: ApiState,
        scope: Scope,
        sent: dict[str, Json],
        shape: SchemaShape | None = None,
        recorded: Mapping[str, Json] = MappingProxyType({}),
    ) -> Record:
        """Returns the new record, as it is shown; what was `recorded` of it is as it was. Raises a Problem 409 where
        its id is used.
        """
        reply, store = self._reply, self._store
        shape = reply.item_shape if shape is None else shape
        record_id = self._sent_id(sent)
        if record_id is None:
            record_id = dig(recorded, self._id_path) if recorded else self._new_id(state, scope, sent)
        values = (*scope, record_id)
        reply.note_named(call, sent, values)
        if store.find(state, values) is not None:
            raise Problem(409, f"{store.name} has {record_id!r} already.", code=ALREADY_EXISTS)
        key = f"{store.name}/{'/'.join(map(str, values))}"
        record = store.composer.new(sent, shape, key, call.at, store.named(values))
        if self._slugs.members:
            record |= self._slugs.made(state, store.identified(record, values), sent)
        if self._brings_files:
            record |= reply.attached.keep(call, state, values, sent)
        note_ignored(reply, call, sent, record)
        record = self._owning.with_references(call, state, record, sent)
        if recorded:
            record |= {name: value for name, value in recorded.items() if name not in sent}
        self._owning.expect_unique(state, record, None, sent)
        store.begin_empty(state, values)
        return reply.keep(call, state, record, values, sent)

    def _sent_id(self, sent: Mapping[str, Json]) -> Json:
        """Returns the id that the client chose; None where it chose none."""
        if not self._takes_id:
            return None
        record_id = dig(sent, self._sent_path)
        is_id = isinstance(record_id, str | int) and not isinstance(record_id, bool)
        return record_id if is_id and record_id not in _NO_IDS else None

    def _new_id(self, state: ApiState, scope: Scope, sent: Mapping[str, Json]) -> Json:
        return (self._slugs.id_of(state, scope, sent) if self._slugs.are_ids else "") or self._store.new_id(
            state, scope
        )


def _named_in_body(reply: Reply) -> MemberPath:
    """Returns the member of a request that is called as the path's last parameter, for records that do not have their
    ids: `key` of what is made at `/flags` and read at `/flags/{key}`.
    """
    parameter = reply.store.address[1][-1:]
    shape = reply.item_shape
    name = same_name(parameter[0], shape.members) if parameter else None
    return (name,) if name is not None and reply.context.shapes.member(shape, name).is_scalar else ()


def note_ignored(reply: Reply, call: Call, sent: Mapping[str, Json], record: Mapping[str, Json]) -> None:
    """Notes the members that were sent and did not count, because only the server sets them."""
    composer = reply.store.composer
    if composer.counts_all(sent, reply.item_shape):
        return
    ignored = composer.ignored(sent, reply.item_shape, record)
    if ignored:
        call.note("replaced-values", f"readOnly and so the server's own: {' '.join(f'/{name}' for name in ignored)}")
    dated = [name for name in composer.redated(sent, record) if name not in ignored]
    if dated:
        call.note("replaced-values", f"the moment of this change: {' '.join(f'/{name}' for name in dated)}")


_NO_IDS: Final = ("", 0)
