"""Handlers of operations on several records: delete, update, replace or create many, or do an action to them."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import cached_property, partial
from typing import Final, NamedTuple

from mockserver.engine.api import Handler
from mockserver.engine.call import Call
from mockserver.json_text import Json, copied
from mockserver.messages import Response
from mockserver.problem import ALREADY_EXISTS, NOT_FOUND, Problem
from mockserver.resources.detect.effects import effect_of, fixed_members, without_sent_moments
from mockserver.resources.detect.record_maps import values_of
from mockserver.resources.detect.roles.batch_operations import Batch, BatchRequest, batch_of, state_of
from mockserver.resources.detect.schema_shape import NOTHING, SchemaShape, dig
from mockserver.resources.operations.bulk_result import BulkItem, BulkResult
from mockserver.resources.operations.reply import Reply
from mockserver.resources.query.ignored_parameters import IgnoredParameters
from mockserver.resources.query.list_query import list_query_of
from mockserver.resources.records.projection import public
from mockserver.resources.records.seeds import Scope
from mockserver.resources.records.store import Store
from mockserver.resources.records.trash import is_kept, put_aside
from mockserver.resources.relations.ownership import Ownership
from mockserver.state.records.record import Record
from mockserver.state.world import ApiState

Create = Callable[[Call, ApiState, Scope, dict[str, Json], SchemaShape], Record]
"""Adds one record made of what was sent; the last argument is the shape of that."""

DELETED, UPDATED, CREATED = "deleted", "updated", "created"
_STATUSES: Final[Mapping[str, tuple[int, ...]]] = {
    DELETED: (204, 200, 202, 207),
    UPDATED: (200, 207, 202, 204, 201),
    CREATED: (201, 207, 200, 202, 204),
}


class BulkTarget(NamedTuple):
    """One record that a request names: its values of the path, the stored record, the members sent for it."""

    values: Scope
    record: Record | None
    sent: dict[str, Json] | None


class BulkOperation:
    """The parts that the operations on several records of one role share."""

    def __init__(self, reply: Reply) -> None:
        self.reply = reply
        self.store: Store = reply.store
        context, ids = reply.context, reply.store.collection
        self.batch: Batch = batch_of(context.shapes, reply.view, self.store.record, ids.id_spec.member_path, ids.name)
        behind = reply.view.segments[len(_segments(ids.path)) :]
        self.batch_request = BatchRequest(behind, ids.name)
        self.list_query = list_query_of(context.shapes, reply.view, reply.role, self.store.askable)
        self.ignored = IgnoredParameters(reply, self.list_query, self.batch.query)
        self.condition = state_of(context.shapes, self.store.record, self.batch_request.verb)
        self.keeps_trash = is_kept(self.store)
        self.owning = Ownership(reply)
        self._outcomes: dict[str, BulkResult] = {}

    @cached_property
    def item_shape(self) -> SchemaShape:
        """The schema of one record in the body."""
        shapes, body = self.reply.context.shapes, self.reply.view.body
        if self.batch.items is not None:
            member = shapes.member(body, *self.batch.items)
            place = values_of(shapes, member) if self.batch.is_keyed else member.items
            return NOTHING if place is None else shapes.member(shapes.at(place), *self.batch.inner)
        return shapes.member(body, *self.batch.changes) if self.batch.changes else body

    def scope(self, call: Call, state: ApiState) -> Scope:
        """Returns the path values that all records are below; raises a Problem 404 where that record does not exist."""
        scope = self.reply.scope_of(call)
        self.reply.refusals.expect_parent(call, state, scope)
        return scope

    def items(self, call: Call) -> list[tuple[Json, dict[str, Json] | None]]:
        """Returns the objects that the body lists, each with its id; None stands for one to be deleted."""
        member = dig(call.body, self.batch.items) if self.batch.items else call.body
        if self.batch.is_keyed:
            entries = member.items() if isinstance(member, dict) else ()
            return [(key, dict(item) if isinstance(item, dict) else None) for key, item in entries]
        found = member if isinstance(member, list) else [member]
        inner = (dig(item, self.batch.inner) for item in found)
        return [(self.id_of(item), dict(item)) for item in inner if isinstance(item, dict)]

    def changes(self, call: Call) -> dict[str, Json]:
        """Returns the members to be changed on all records."""
        body = dig(call.body, self.batch.changes) if self.batch.changes else call.body
        if not isinstance(body, dict):
            return {}
        ids = self.batch.ids[0] if self.batch.ids else ""
        return {name: value for name, value in body.items() if self.batch.changes or name != ids}

    def targets(self, call: Call, state: ApiState) -> list[BulkTarget]:
        """Returns the records that the request selects, each once: by ids, else by the filters of the list,
        else all.
        """
        scope = self.scope(call, state)
        if self.batch.items is not None:
            sent = self.items(call)
            return [self.target(state, scope, record_id, item) for record_id, item in sent]
        ids = self._ids(call)
        if ids is not None:
            return [self.target(state, scope, record_id, {}) for record_id in ids]
        records = self.list_query.matching(call, self.store.below(state, scope))
        if self.reply.role.kind == "delete-many" and isinstance(call.body, dict) and not self.list_query.in_body:
            known = {name: value for name, value in call.body.items() if name in self.store.record.members}
            records = [record for record in records if known and known.items() <= public(record).items()]
        if self.condition:
            records = [record for record in records if self.condition.items() <= dict(record).items()]
        return [BulkTarget(self.store.values(record), record, {}) for record in records]

    def id_of(self, item: Mapping[str, Json]) -> Json:
        member_path = self.store.collection.id_spec.member_path or ("id",)
        return dig(item, member_path)

    def _ids(self, call: Call) -> list[Json] | None:
        """Returns the ids that were sent, each once; None where the request has no place for ids."""
        sent: Json = None
        if self.batch.query:
            sent = call.query.get(self.batch.query)
        if sent is None and self.batch.ids is not None and call.body is not None:
            sent = dig(call.body, self.batch.ids) if self.batch.ids else call.body
        if sent is None:
            return None
        if isinstance(sent, str):
            sent = [part.strip() for part in sent.split(",") if part.strip()]
        return [*dict.fromkeys(sent if isinstance(sent, list) else [sent])]

    def target(self, state: ApiState, scope: Scope, record_id: Json, sent: dict[str, Json] | None) -> BulkTarget:
        values = (*scope, record_id)
        return BulkTarget(values, self.store.find(state, values) if _is_id(record_id) else None, sent)

    def missing(self, record_id: Json) -> Problem:
        return Problem(404, f"There is no {record_id!r} in {self.store.name}.", code=NOT_FOUND)

    def expect_all(self, targets: list[BulkTarget], call: Call) -> None:
        """Raises the declared Problem 404 where a target does not exist and the answer has no room to say so. Where 404
        is not declared the answer notes it.
        """
        lost = next((target for target in targets if target.record is None), None)
        if lost is None or self.reports_failures:
            return
        problem = self.reply.refusals.missing(f"There is no {lost.values[-1]!r} in {self.store.name}.")
        if problem is not None:
            raise problem
        missed = sum(target.record is None for target in targets)
        call.note(
            "not-remembered", f"{missed} of {len(targets)} are not in {self.store.name}; nothing was done to them"
        )

    def answer(self, items: list[BulkItem], call: Call, verb: str) -> Response:
        """Returns the declared answer, filled with the results."""
        wanted = _STATUSES[verb]
        if any(item.problem is not None for item in items):
            wanted = (207, *wanted)
        answered = self.reply.answered(*wanted)
        if answered is None:
            return Response(wanted[0])
        status = answered.code(wanted[0])
        if answered.place is None:
            return Response(status)
        outcome = self._outcomes.get(answered.status)
        if outcome is None:
            outcome = self._outcomes[answered.status] = BulkResult(self.reply, answered.place)
        return Response(status, outcome.body(items, call))

    @cached_property
    def reports_failures(self) -> bool:
        """Whether the answer has room for successes beside failures."""
        places = [answered.place for answered in self.reply.view.good]
        return any(BulkResult(self.reply, place).reports_failures() for place in places if place is not None)

    def put(self, state: ApiState, call: Call, values: Scope, sent: Mapping[str, Json]) -> Record:
        """Stores a new record at these values of the path. Raises a Problem where one exists, a unique value is used
        twice, or a reference leads nowhere.
        """
        store = self.store
        if store.find(state, values) is not None:
            raise Problem(409, f"{store.name} has {values[-1]!r} already.", code=ALREADY_EXISTS)
        key = f"{store.name}/{'/'.join(map(str, values))}"
        record = store.composer.new(sent, self.item_shape, key, call.at, store.named(values))
        record = self.owning.with_references(call, state, record, sent)
        self.owning.expect_unique(state, record, None, sent)
        return self.reply.keep(call, state, record, values, sent)

    def change(self, state: ApiState, call: Call, target: BulkTarget, changes: Mapping[str, Json]) -> Record:
        """Stores the record with the changes merged into it; raises a Problem as `put` does."""
        old = copied(public(target.record or {}))
        return self.keep(
            state, call, target, self.store.composer.changed(old, changes, self.item_shape, call.at), changes
        )

    def keep(
        self, state: ApiState, call: Call, target: BulkTarget, record: dict[str, Json], sent: Mapping[str, Json]
    ) -> Record:
        """Stores the changed record. Raises a Problem where a unique value is used twice or a reference leads
        nowhere.
        """
        record = self.owning.with_references(call, state, record, sent, is_new=False)
        self.owning.expect_unique(state, record, target.record, sent)
        return self.reply.keep(call, state, record, target.values, sent)


def _is_id(value: Json) -> bool:
    return isinstance(value, str | int) and not isinstance(value, bool) and value not in ("", 0)


def _segments(path: str) -> list[str]:
    return [segment for segment in path.split("/") if segment]


def deleter(reply: Reply) -> Handler:
    """Handles the deletion of several records."""
    several = BulkOperation(reply)

    def delete(call: Call, state: ApiState) -> Response:
        targets = several.targets(call, state)
        several.expect_all(targets, call)
        several.ignored.note_all(call, "deleted")
        return several.answer([delete_one(several, state, target) for target in targets], call, DELETED)

    return delete


def delete_one(several: BulkOperation, state: ApiState, target: BulkTarget) -> BulkItem:
    """Returns the result of deleting one record."""
    if target.record is None:
        return BulkItem(target.values[-1], None, DELETED, 404, several.missing(target.values[-1]))
    if several.keeps_trash:
        put_aside(several.store, state, target.values)
    several.store.delete(state, target.values)
    return BulkItem(_own(several.store, target), target.record, DELETED, 204)


def _own(store: Store, target: BulkTarget) -> Json:
    """Returns the id in the type that the record has it in."""
    member_path = store.collection.id_spec.member_path
    return dig(target.record, member_path) if member_path and target.record is not None else target.values[-1]


def updater(reply: Reply) -> Handler:
    """Handles changes of several records."""
    several = BulkOperation(reply)

    def update(call: Call, state: ApiState) -> Response:
        common = several.changes(call) if several.batch.items is None else {}
        return _change_all(several, call, state, lambda target, _: target.sent or common)

    return update


def actor(reply: Reply) -> Handler:
    """Handles an action on several records."""
    several = BulkOperation(reply)
    effect = fixed_members(effect_of(reply.context.shapes, several.store.record, several.batch_request.verb))
    effect = without_sent_moments(effect, several.store.sent)

    def act(call: Call, state: ApiState) -> Response:
        return _change_all(several, call, state, lambda _, record: several.store.composer.set(record, effect, call.at))

    return act


def _change_all(
    several: BulkOperation,
    call: Call,
    state: ApiState,
    change: Callable[[BulkTarget, dict[str, Json]], Mapping[str, Json]],
) -> Response:
    targets = several.targets(call, state)
    several.expect_all(targets, call)
    several.ignored.note_all(call, "changed")
    done = []
    for target in targets:
        changes = change(target, copied(public(target.record or {})))
        done.append(change_one(several, call, state, target, changes))
    return several.answer(done, call, UPDATED)


def change_one(
    several: BulkOperation, call: Call, state: ApiState, target: BulkTarget, changes: Mapping[str, Json]
) -> BulkItem:
    """Returns the result of changing one record."""
    if target.record is None:
        return BulkItem(target.values[-1], None, UPDATED, 404, several.missing(target.values[-1]))
    return _updated(several, state, target, lambda: several.change(state, call, target, changes))


def _updated(several: BulkOperation, state: ApiState, target: BulkTarget, change: Callable[[], Record]) -> BulkItem:
    """Returns the result of changing one stored record. Where the answer has a result for each, a refusal does not stop
    the others.
    """
    own = _own(several.store, target)
    try:
        with state.transaction():
            return BulkItem(own, change(), UPDATED, 200)
    except Problem as problem:
        if not several.reports_failures:
            raise
        return BulkItem(own, None, UPDATED, problem.status, problem)


def creator(reply: Reply, create: Create) -> Handler:
    """Handles the creation of several records. Where the answer has a result for each, a refusal does not stop the
    others.
    """
    several = BulkOperation(reply)
    id_spec = reply.context.shapes.member(several.item_shape, *reply.store.collection.id_spec.member_path)
    named = bool(reply.store.collection.id_spec.member_path) and id_spec is not NOTHING and not id_spec.read_only

    def create_many(call: Call, state: ApiState) -> Response:
        scope = several.scope(call, state)
        done = [
            create_one(several, create, call, state, (*scope, record_id), sent or {}, named=named)
            for record_id, sent in several.items(call)
        ]
        return several.answer(done, call, CREATED)

    return create_many


def create_one(
    several: BulkOperation,
    create: Create,
    call: Call,
    state: ApiState,
    values: Scope,
    sent: dict[str, Json],
    *,
    named: bool = False,
) -> BulkItem:
    """Returns the result of creating one record; `named` ones keep the id at the end of these values, where one was
    sent.
    """
    store = several.store
    try:
        with state.transaction():
            record = (
                several.put(state, call, values, sent)
                if named and _is_id(values[-1])
                else create(call, state, values[:-1], sent, several.item_shape)
            )
    except Problem as problem:
        if not several.reports_failures:
            raise
        return BulkItem(values[-1], None, CREATED, problem.status, problem)
    return BulkItem(store.values(record)[-1], record, CREATED, 201)


def upserter(reply: Reply, create: Create) -> Handler:
    """Handles an upsert: changes the records that exist and adds the others."""
    several = BulkOperation(reply)

    def upsert(call: Call, state: ApiState) -> Response:
        done = []
        for target in several.targets(call, state):
            if target.sent is None:
                done.append(delete_one(several, state, target))
            elif target.record is None:
                done.append(create_one(several, create, call, state, target.values, target.sent, named=True))
            else:
                done.append(change_one(several, call, state, target, target.sent))
        return several.answer(done, call, UPDATED)

    return upsert


def replacer(reply: Reply, create: Create) -> Handler:
    """Handles a replacement of the whole collection by the records that were sent."""
    several = BulkOperation(reply)

    def replace(call: Call, state: ApiState) -> Response:
        scope = several.scope(call, state)
        store = several.store
        sent = several.items(call)
        ids = {store.own(record_id) for record_id, _ in sent if isinstance(record_id, str | int)}
        for record in [*store.below(state, scope)]:
            values = store.values(record)
            if store.own(values[-1]) not in ids:
                store.delete(state, values)
        done = []
        for record_id, item in sent:
            target = several.target(state, scope, record_id, item)
            if target.record is None:
                done.append(create_one(several, create, call, state, target.values, item or {}, named=True))
                continue
            key = f"{store.name}/{'/'.join(map(str, target.values))}"
            put = store.composer.replaced(public(target.record), item or {}, several.item_shape, call.at, key)
            change = partial(several.keep, state, call, target, put, item or {})
            done.append(_updated(several, state, target, change))
        return several.answer(done, call, UPDATED)

    return replace
