"""Handlers of the operations that a plan answers from records."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import partial
from typing import Final

from mockserver.engine.api import CollectionSpec, Deferred, Handler
from mockserver.engine.call import Call
from mockserver.engine.steps.step import Step, with_steps
from mockserver.generate import Generator, SeedKey
from mockserver.json_text import Json, copied
from mockserver.messages import Response
from mockserver.openapi.model.document import Document
from mockserver.problem import INVALID, Problem
from mockserver.resources.context import MakeValue, ResourceContext
from mockserver.resources.detect.decisions import Plan, Role
from mockserver.resources.detect.effects import effect_of
from mockserver.resources.detect.resource import SEEDS
from mockserver.resources.detect.schema_shape import dig
from mockserver.resources.operations import act, bulk, entries, mixed_batch, record_parts
from mockserver.resources.operations.creation import Creation, note_ignored
from mockserver.resources.operations.reply import Reply
from mockserver.resources.operations.unremembered import Echo, is_unremembered, unremembered_step
from mockserver.resources.operations.upload_answers import upload_answer_step
from mockserver.resources.operations.uploads import Uploads
from mockserver.resources.query.count import Counting
from mockserver.resources.query.list_records import Listing
from mockserver.resources.query.map_records import RecordMap
from mockserver.resources.query.selected_members import SelectedMembers
from mockserver.resources.records import trash
from mockserver.resources.records.patching import is_json_patch, is_merge_patch, json_patched
from mockserver.resources.records.projection import public
from mockserver.resources.records.recorded_creations import RecordedCreations
from mockserver.resources.records.seeds import Scope
from mockserver.resources.records.store import MEMORY, Store, stores_of
from mockserver.resources.records.stored_fit import StoredRecordFit
from mockserver.resources.records.tombstones import Tombstones
from mockserver.resources.relations import related_records
from mockserver.resources.relations.ownership import Ownership, added
from mockserver.resources.relations.related_records import Including
from mockserver.state.records.record import Record
from mockserver.state.world import ApiState, SeedCollection


class InferredApi:
    """A plan put to work: `handlers` by operation id, `collections`, and the `seed_collections` of new worlds."""

    def __init__(self, plan: Plan, spec: Document, make: MakeValue, seeds: int) -> None:
        self.context = ResourceContext(spec, plan, make, seeds)
        self.stores = stores_of(self.context, plan)
        self.tombstones = Tombstones(self.context, self.stores)
        self.uploads = Uploads(self.context, self.stores)
        self.handlers: Mapping[str, Handler] = {
            role.operation: self._handler(role) for role in plan.stateful_roles() if role.collection
        }
        self.collections: Mapping[str, CollectionSpec] = {
            name: _collection_spec(store) for name, store in self.stores.items()
        }

    def unkept_steps(self, operation_id: str) -> tuple[Step | None, ...]:
        """Returns the steps of an operation that stores no record: it notes that nothing was remembered, answers 404
        for what was deleted, stores files, and echoes the members that were sent.
        """
        role, view = self.context.plan.roles[operation_id], self.context.view(operation_id)
        is_silent = self.tombstones.remembers(role) or not is_unremembered(self.context.plan, role, view)
        return (
            None if is_silent else unremembered_step(view),
            self.tombstones.step(role),
            self.uploads.step(role),
            upload_answer_step(self.context, self.stores, role),
            Echo(self.context, operation_id).step(),
        )

    def knows(self, role: Role) -> Callable[[Call, ApiState], bool]:
        """Returns a check whether the record that the path names, or the one above it, exists."""

        def known(call: Call, state: ApiState) -> bool:
            store: Store | None = self.stores[role.collection]
            values = tuple(call.path[name] for name in role.keys)
            if store is not None and not store.collection.singleton and len(values) == len(store.collection.scope):
                store = store.parent
            return (
                store is not None
                and (bool(values) or store.collection.singleton)
                and store.find(state, values) is not None
            )

        return known

    @property
    def refers(self) -> bool:
        """Whether records of one collection refer to those of another."""
        return any(store.referring.references for store in self.stores.values())

    @property
    def seed_collections(self) -> dict[str, SeedCollection]:
        """The collections that every world begins with; records are made when they are first read."""
        seed_collections = {name: store.seed_collection for name, store in self.stores.items()}
        return {**seed_collections, MEMORY: SeedCollection("id", {})}

    def _handler(self, role: Role) -> Handler:
        """Returns a handler that is made at the operation's first request."""

        def make() -> Handler:
            reply = Reply(self.context, role, self.stores[role.collection])
            handler = SelectedMembers(reply).around(Including(reply).around(_HANDLERS[role.kind](reply)))
            return with_steps([self.tombstones.step(role)], Ownership(reply).around(handler))

        return Deferred(make)


def _collection_spec(store: Store) -> CollectionSpec:
    """Returns the collection as the control API describes it."""
    above, _, name = store.collection.record.pointer.rpartition("/")
    return CollectionSpec(
        store.collection.id_member,
        name if above == "/components/schemas" and "~" not in name else "",
        fit=StoredRecordFit(store),
    )


def made_by(synthesizer: Generator, seed: int = 0, *, dynamic: bool = False) -> MakeValue:
    """Returns a generator of response values, the same for the same seed; with `dynamic` it ignores the document's
    examples.
    """
    return _Generated(synthesizer, seed, dynamic)


@dataclass(frozen=True, slots=True)
class _Generated:
    """Makes values with one generator, seed and manner."""

    synthesizer: Generator
    seed: int
    dynamic: bool

    @property
    def shortened(self) -> Mapping[str, tuple[str, ...]]:
        return self.synthesizer.shortened

    def nearest(self, pointer: str, key: str) -> Json:
        return self.synthesizer.nearest(pointer, SeedKey(self.seed, key))

    def __call__(self, pointer: str, key: str, exemplary: bool) -> Json:
        return self.synthesizer.value(pointer, SeedKey(self.seed, key), exemplary=exemplary and not self.dynamic)


def inferred(plan: Plan, spec: Document, make: MakeValue, seeds: int = SEEDS) -> InferredApi:
    """Puts the plan to work. `make` generates values that nobody sent; `seeds` is the number of first records where the
    document says none.
    """
    return InferredApi(plan, spec, make, seeds)


# reading


def _reader(reply: Reply) -> Handler:
    def read(call: Call, state: ApiState) -> Response:
        values = reply.scope_of(call)
        record = _known(reply, state, values, call)
        return reply.shown(reply.current(state, record), call, 200)

    return read


def _known(reply: Reply, state: ApiState, values: Scope, call: Call | None = None) -> Record:
    """Returns the record at these values. Raises a Problem 404 where there is none and the operation declares that.
    Else a record is made up; it is stored, except on a read (`call`) of a collection whose ids are all known, which
    notes it.
    """
    store = reply.store
    record = store.find(state, values)
    if record is not None:
        return record
    scope = _scope(store, values)
    what = _named(store, values)
    if store.is_deleted(state, values) or store.is_lost(state, scope) or store.collection.absent:
        raise reply.refusals.deleted(what)
    ids_known = (store.collection.ids_known and not store.collection.singleton) or store.is_missing(state, scope)
    problem = reply.refusals.missing(what) if ids_known else None
    if problem is not None:
        raise problem
    made = store.identified(store.composer.made(f"{store.name}/{'/'.join(map(str, values))}"), values)
    if not ids_known or call is None:
        return store.add(state, made, values)
    call.note("invented-records", f"{what} It was made up for this answer, since the document declares no 404.")
    return Record(store.marked(made, values))


def _scope(store: Store, values: Scope) -> Scope:
    return values if store.collection.singleton else values[:-1]


def _named(store: Store, values: Scope) -> str:
    where = "/".join(map(str, values))
    return f"There is no {where!r} in {store.name}." if where else f"There is no {store.name}."


def _lister(reply: Reply) -> Handler:
    return Listing(reply)


# writing


def _creator(reply: Reply) -> Handler:
    make = partial(added, reply) if reply.store.collection.lists else _recreated(reply)

    def create(call: Call, state: ApiState) -> Response:
        scope = reply.scope_of(call)
        reply.refusals.expect_parent(call, state, scope)
        _is_bodiless(reply, call)
        record = make(call, state, scope, reply.sent(call))
        return reply.shown_or_parent(record, call, state, scope, 201, 200, 202, 204)

    return create


def _recreated(reply: Reply) -> Callable[[Call, ApiState, Scope, dict[str, Json]], Record]:
    operation = reply.context.spec.operation(reply.role.operation)
    recorded, create = RecordedCreations(reply.store, operation, reply.role.answer), Creation(reply)
    if not recorded:
        return create
    return lambda call, state, scope, sent: create(
        call, state, scope, sent, recorded=recorded.record(call.body, state, scope)
    )


def _replacer(reply: Reply) -> Handler:
    owning = Ownership(reply)

    def replace(call: Call, state: ApiState) -> Response:
        store = reply.store
        sent = reply.sent(call)
        values = _values(reply, call, sent)
        reply.note_named(call, sent, values)
        old = _old(reply, call, state, values)
        if not (old or store.collection.lists or _may_make(reply)):
            # A condition counts only where the write would succeed without it (RFC 9110 13.2.1).
            raise reply.refusals.deleted(_named(store, values))
        reply.refusals.precondition(old and reply.current(state, old), call)
        body = reply.body_shape
        if store.collection.lists:
            wanted = (200, 204, 201) if old else (201, 204, 200)
            return reply.shown_or_parent(
                added(reply, call, state, values, sent), call, state, _scope(store, values), *wanted
            )
        if old is not None and _is_bodiless(reply, call):
            return reply.shown(reply.current(state, old), call, 200, 204, 202, 201)
        if old is not None:
            key = f"{store.name}/{'/'.join(map(str, values))}"
            record = store.composer.replaced(public(old), sent, body, call.at, key)
            record |= reply.attached.keep(call, state, values, sent)
            note_ignored(reply, call, sent, record)
            record = owning.with_references(call, state, record, sent, is_new=False)
            owning.expect_unique(state, record, old, sent)
            return reply.shown(reply.keep(call, state, record, values, sent), call, 200, 204, 202, 201)
        key = f"{store.name}/{'/'.join(map(str, values))}"
        record = store.composer.new(sent, body, key, call.at, store.named(values))
        record |= reply.attached.keep(call, state, values, sent)
        record = owning.with_references(call, state, record, sent)
        owning.expect_unique(state, record, None, sent)
        store.begin_empty(state, values)
        return reply.shown(reply.keep(call, state, record, values, sent), call, 201, 200, 204, 202)

    return replace


def _is_bodiless(reply: Reply, call: Call) -> bool:
    """Returns whether a write came without its declared body, and notes that."""
    if call.body is not None:
        return False
    is_so = reply.view.body_place is not None and not (call.request.body or call.request.query)
    if is_so:
        call.note("missing-body", f"{reply.view.method} {reply.view.operation.path} has a body, and none was sent")
    return is_so


def _old(reply: Reply, call: Call, state: ApiState, values: Scope) -> Record | None:
    """Returns the stored record; raises a Problem 404 where its parent does not exist."""
    store = reply.store
    reply.refusals.expect_parent(call, state, _scope(store, values))
    return store.find(state, values)


def _may_make(reply: Reply) -> bool:
    """Returns whether PUT creates a missing record: 201 is declared, no other operation creates one, or 404 is not
    declared.
    """
    kept = reply.store.collection
    if "201" in reply.view.responses or kept.singleton or not kept.ids_known:
        return True
    makers = reply.context.views(kept.name, "create", "create-many")
    return not makers or not reply.view.declares("404")


def _values(reply: Reply, call: Call, sent: Mapping[str, Json]) -> Scope:
    """Returns the values that name the record: those of the path, or the id in the body. Raises a Problem 422 where
    there is no id.
    """
    if reply.role.keys or reply.store.collection.singleton:
        return reply.scope_of(call)
    record_id = dig(sent, reply.store.collection.id_spec.member_path)
    if not isinstance(record_id, str | int) or isinstance(record_id, bool):
        needed = ".".join(reply.store.collection.id_spec.member_path)
        raise Problem(422, f"The body names no record: its `{needed}` is to be that of one.", code=INVALID)
    return (record_id,)


def _updater(reply: Reply) -> Handler:
    owning = Ownership(reply)

    def update(call: Call, state: ApiState) -> Response:
        store = reply.store
        sent = reply.sent(call)
        values = _values(reply, call, sent)
        reply.note_named(call, sent, values)
        old = _known(reply, state, values)
        shown = reply.current(state, old)
        reply.refusals.precondition(shown, call)
        _is_bodiless(reply, call)
        media_type, before = call.request.headers.get("Content-Type", ""), public(old)
        if is_json_patch(media_type, call.body):
            record = copied(json_patched(copied(public(shown)), call.body))
            reply.refusals.expect_sound(before, record)
            member_paths = [listed.member_path[0] for listed in store.children.lists]
            sent = sent | {name: record[name] for name in member_paths if record.get(name) != shown.get(name)}
        elif is_merge_patch(media_type):
            record = store.composer.patched(copied(before), sent, reply.body_shape, call.at)
            reply.refusals.expect_sound(before, record)
        else:
            record = store.composer.changed(copied(before), sent, reply.body_shape, call.at)
            record |= reply.attached.keep(call, state, values, sent)
        if not is_json_patch(media_type, call.body):
            note_ignored(reply, call, sent, record)
        record = owning.with_references(call, state, record, sent, is_new=False)
        owning.expect_unique(state, record, old, sent)
        return reply.shown(reply.keep(call, state, record, values, sent), call, 200, 202, 204, 201)

    return update


def _deleter(reply: Reply) -> Handler:
    keeps_trash = trash.is_kept(reply.store)
    effect = effect_of(reply.context.shapes, reply.store.record, "delete")

    def delete(call: Call, state: ApiState) -> Response:
        store = reply.store
        values = reply.scope_of(call)
        old = store.find(state, values)
        if old is None:
            old = _known(reply, state, values)
        reply.refusals.precondition(reply.current(state, old), call)
        if keeps_trash:
            trash.put_aside(store, state, values)
        store.delete(state, values)
        shown = store.marked(store.composer.set(copied(public(old)), effect, call.at), values) if effect else old
        return reply.shown_or_parent(shown, call, state, _scope(store, values), 204, 200, 202)

    return delete


_HANDLERS: Final[Mapping[str, Callable[[Reply], Handler]]] = {
    "list": _lister,
    "map": RecordMap,
    "create": _creator,
    "create-many": lambda reply: bulk.creator(reply, Creation(reply)),
    "upsert-many": lambda reply: bulk.upserter(reply, Creation(reply)),
    "mix-many": lambda reply: mixed_batch.mixer(reply, Creation(reply)),
    "read": _reader,
    "replace": _replacer,
    "replace-all": lambda reply: bulk.replacer(reply, Creation(reply)),
    "update": _updater,
    "update-many": bulk.updater,
    "delete": _deleter,
    "delete-many": bulk.deleter,
    "restore": lambda reply: trash.restorer(reply, _known),
    "copy": lambda reply: act.copier(reply, _known),
    "act": lambda reply: act.actor(reply, _known),
    "act-many": bulk.actor,
    **dict.fromkeys(("list-entries", "read-entry"), lambda reply: entries.reader(reply, _known)),
    **dict.fromkeys(
        ("add-entry", "change-entry", "set-entries", "remove-entry"), lambda reply: entries.writer(reply, _known)
    ),
    "read-part": lambda reply: record_parts.reader(reply, _known),
    **dict.fromkeys(("set-part", "remove-part"), lambda reply: record_parts.writer(reply, _known)),
    **dict.fromkeys(
        ("list-values", "add-values", "set-values", "remove-values"),
        lambda reply: record_parts.value_list_handler(reply, _known),
    ),
    **dict.fromkeys(
        ("read-value", "set-value", "remove-value"), lambda reply: record_parts.value_handler(reply, _known)
    ),
    "read-related": lambda reply: related_records.reader(reply, _known),
    "relate": lambda reply: related_records.linkage(reply, _known),
    "count": Counting,
}
