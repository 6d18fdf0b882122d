"""Handlers of operations on several records: delete, update, replace, create many of them, or do an action to them."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import cached_property, partial
from typing import Final, NamedTuple

from mockserver.engine.api import Handler
from mockserver.engine.call import Call
from mockserver.engine.infer.acting import thawed
from mockserver.engine.infer.asking import asking_of
from mockserver.engine.infer.batches import Asked, Batch, batch_of, state_of
from mockserver.engine.infer.effects import effect_of, settled, without_said
from mockserver.engine.infer.fitting import public
from mockserver.engine.infer.ignoring import Ignored
from mockserver.engine.infer.maps import values_of
from mockserver.engine.infer.outcome import Item, Outcome
from mockserver.engine.infer.owning import Owning
from mockserver.engine.infer.reply import Reply
from mockserver.engine.infer.seeds import Scope
from mockserver.engine.infer.shape import NOTHING, Shape, dig
from mockserver.engine.infer.store import Store
from mockserver.engine.infer.trash import is_kept, put_aside
from mockserver.problem import ALREADY_EXISTS, NOT_FOUND, Problem
from mockserver.state.record import Record
from mockserver.state.world import Realm
from mockserver.wire import Json, Response

Create = Callable[[Reply, Call, Realm, Scope, dict[str, Json], Shape], Record]
"""Adds one record of what was sent, whose shape is given last."""

DELETED, UPDATED, CREATED = "deleted", "updated", "created"
_STATUSES: Final[Mapping[str, tuple[int, ...]]] = {
    DELETED: (204, 200, 202, 207),
    UPDATED: (200, 207, 202, 204, 201),
    CREATED: (201, 207, 200, 202, 204),
}


class Target(NamedTuple):
    """One of the records that a request means: the values of its path, the record as it is, what was said of it."""

    values: Scope
    record: Record | None
    sent: dict[str, Json] | None


class Several:
    """What the operations on several records of one role have in common."""

    def __init__(self, reply: Reply) -> None:
        self.reply = reply
        self.store: Store = reply.store
        ground, kept = reply.ground, reply.store.kept
        self.batch: Batch = batch_of(ground.shapes, reply.reading, self.store.record, kept.ident.way, kept.name)
        behind = reply.reading.segments[len(_segments(kept.path)) :]
        self.asked = Asked(behind, kept.name)
        self.asking = asking_of(ground.shapes, reply.reading, reply.role, self.store.askable)
        self.ignored = Ignored(reply, self.asking, self.batch.query)
        self.condition = state_of(ground.shapes, self.store.record, self.asked.verb)
        self.keeps_trash = is_kept(self.store)
        self.owning = Owning(reply)
        self._outcomes: dict[str, Outcome] = {}

    @cached_property
    def item_shape(self) -> Shape:
        """What is sent of one record."""
        shapes, body = self.reply.ground.shapes, self.reply.reading.body
        if self.batch.items is not None:
            held = shapes.member(body, *self.batch.items)
            place = values_of(shapes, held) if self.batch.is_keyed else held.items
            return NOTHING if place is None else shapes.member(shapes.at(place), *self.batch.inner)
        return shapes.member(body, *self.batch.changes) if self.batch.changes else body

    def scope(self, call: Call, world: Realm) -> Scope:
        """The values of the path that all records are below. A Problem 404 where that is not there."""
        scope = self.reply.scope_of(call)
        self.reply.expect_parent(call, world, scope)
        return scope

    def items(self, call: Call) -> list[tuple[Json, dict[str, Json] | None]]:
        """The objects that the body lists, each with its id; None stands for what is to be taken away."""
        held = dig(call.body, self.batch.items) if self.batch.items else call.body
        if self.batch.is_keyed:
            entries = held.items() if isinstance(held, dict) else ()
            return [(key, dict(item) if isinstance(item, dict) else None) for key, item in entries]
        found = held if isinstance(held, list) else [held]
        inner = (dig(item, self.batch.inner) for item in found)
        return [(self.id_of(item), dict(item)) for item in inner if isinstance(item, dict)]

    def changes(self, call: Call) -> dict[str, Json]:
        """What is to change on all records."""
        body = dig(call.body, self.batch.changes) if self.batch.changes else call.body
        if not isinstance(body, dict):
            return {}
        ids = self.batch.ids[0] if self.batch.ids else ""
        return {name: value for name, value in body.items() if self.batch.changes or name != ids}

    def targets(self, call: Call, world: Realm) -> list[Target]:
        """The records that the request means, each once: by ids, else by what the list can be asked for, else all."""
        scope = self.scope(call, world)
        if self.batch.items is not None:
            sent = self.items(call)
            return [self.target(world, scope, record_id, item) for record_id, item in sent]
        ids = self._ids(call)
        if ids is not None:
            return [self.target(world, scope, record_id, {}) for record_id in ids]
        records = self.asking.passing(call, self.store.below(world, scope))
        if self.reply.role.kind == "delete-many" and isinstance(call.body, dict) and not self.asking.in_body:
            known = {name: value for name, value in call.body.items() if name in self.store.record.members}
            records = [record for record in records if known and known.items() <= public(record).items()]
        if self.condition:
            records = [record for record in records if self.condition.items() <= dict(record).items()]
        return [Target(self.store.values(record), record, {}) for record in records]

    def id_of(self, item: Mapping[str, Json]) -> Json:
        way = self.store.kept.ident.way or ("id",)
        return dig(item, way)

    def _ids(self, call: Call) -> list[Json] | None:
        """The ids that were sent, each once; None where none could be."""
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

    def target(self, world: Realm, scope: Scope, record_id: Json, sent: dict[str, Json] | None) -> Target:
        values = (*scope, record_id)
        return Target(values, self.store.find(world, values) if _is_id(record_id) else None, sent)

    def missing(self, record_id: Json) -> Problem:
        return Problem(404, f"There is no {record_id!r} in {self.store.name}.", code=NOT_FOUND)

    def expect_all(self, targets: list[Target], call: Call) -> None:
        """A Problem 404 where one of them is not there, the document has that, and the answer could not tell. Where it
        has none the answer notes it.
        """
        lost = next((target for target in targets if target.record is None), None)
        if lost is None or self.tells_apart:
            return
        problem = self.reply.missing(f"There is no {lost.values[-1]!r} in {self.store.name}.")
        if problem is not None:
            raise problem
        missed = sum(target.record is None for target in targets)
        call.note(
            "not-remembered", f"{missed} of {len(targets)} are not in {self.store.name}; nothing was done to them"
        )

    def answer(self, items: list[Item], call: Call, verb: str) -> Response:
        """The declared answer, with what was done."""
        wanted = _STATUSES[verb]
        if any(item.problem is not None for item in items):
            wanted = (207, *wanted)
        answered = self.reply.answered(*wanted)
        if answered is None:
            return Response(wanted[0])
        status = int(answered.status) if answered.status.isdecimal() else wanted[0]
        if answered.place is None:
            return Response(status)
        outcome = self._outcomes.get(answered.status)
        if outcome is None:
            outcome = self._outcomes[answered.status] = Outcome(self.reply, answered.place)
        return Response(status, outcome.body(items, call))

    @cached_property
    def tells_apart(self) -> bool:
        """Whether an answer can say that some succeeded and others did not."""
        places = [answered.place for answered in self.reply.reading.good]
        return any(Outcome(self.reply, place).tells_apart() for place in places if place is not None)

    def put(self, world: Realm, call: Call, values: Scope, sent: Mapping[str, Json]) -> Record:
        """A new record at these values of the path, kept. A Problem where there is one, where another has what only one
        may have, or where what was sent names what is not there.
        """
        store = self.store
        if store.find(world, values) is not None:
            raise Problem(409, f"{store.name} has {values[-1]!r} already.", code=ALREADY_EXISTS)
        key = f"{store.name}/{'/'.join(map(str, values))}"
        record = store.composer.new(sent, self.item_shape, key, call.at, store.named(values))
        record = self.owning.settled(call, world, record, sent)
        self.owning.expect_unique(world, record, None)
        return self.reply.keep(call, world, record, values, sent)

    def change(self, world: Realm, call: Call, target: Target, changes: Mapping[str, Json]) -> Record:
        """The record with the changes laid over it, kept; a Problem as with one that is put."""
        old = thawed(public(target.record or {}))
        return self.keep(
            world, call, target, self.store.composer.changed(old, changes, self.item_shape, call.at), changes
        )

    def keep(
        self, world: Realm, call: Call, target: Target, record: dict[str, Json], sent: Mapping[str, Json]
    ) -> Record:
        """The changed record, kept. A Problem where another has what only one may have, or where what was sent names
        what is not there.
        """
        record = self.owning.settled(call, world, record, sent, is_new=False)
        self.owning.expect_unique(world, record, target.record)
        return self.reply.keep(call, world, record, target.values, sent)


def _is_id(value: Json) -> bool:
    return isinstance(value, str | int) and not isinstance(value, bool) and value not in ("", 0)


def _segments(path: str) -> list[str]:
    return [segment for segment in path.split("/") if segment]


def deleter(reply: Reply) -> Handler:
    """Takes several records away."""
    several = Several(reply)

    def delete(call: Call, world: Realm) -> Response:
        targets = several.targets(call, world)
        several.expect_all(targets, call)
        several.ignored.note_all(call, "deleted")
        return several.answer([take_one(several, world, target) for target in targets], call, DELETED)

    return delete


def take_one(several: Several, world: Realm, target: Target) -> Item:
    """What became of one that is to be taken away."""
    if target.record is None:
        return Item(target.values[-1], None, DELETED, 404, several.missing(target.values[-1]))
    if several.keeps_trash:
        put_aside(several.store, world, target.values)
    several.store.delete(world, target.values)
    return Item(_own(several.store, target), target.record, DELETED, 204)


def _own(store: Store, target: Target) -> Json:
    """The id as the record has it."""
    way = store.kept.ident.way
    return dig(target.record, way) if way and target.record is not None else target.values[-1]


def updater(reply: Reply) -> Handler:
    """Changes several records."""
    several = Several(reply)

    def update(call: Call, world: Realm) -> Response:
        common = several.changes(call) if several.batch.items is None else {}
        return _change_all(several, call, world, lambda target, _: target.sent or common)

    return update


def actor(reply: Reply) -> Handler:
    """Does to several records what the path says."""
    several = Several(reply)
    effect = settled(effect_of(reply.ground.shapes, several.store.record, several.asked.verb))
    effect = without_said(effect, several.store.sent)

    def act(call: Call, world: Realm) -> Response:
        return _change_all(several, call, world, lambda _, record: several.store.composer.set(record, effect, call.at))

    return act


def _change_all(
    several: Several, call: Call, world: Realm, change: Callable[[Target, dict[str, Json]], Mapping[str, Json]]
) -> Response:
    targets = several.targets(call, world)
    several.expect_all(targets, call)
    several.ignored.note_all(call, "changed")
    done = []
    for target in targets:
        changes = change(target, thawed(public(target.record or {})))
        done.append(change_one(several, call, world, target, changes))
    return several.answer(done, call, UPDATED)


def change_one(several: Several, call: Call, world: Realm, target: Target, changes: Mapping[str, Json]) -> Item:
    """What became of one that is to be changed."""
    if target.record is None:
        return Item(target.values[-1], None, UPDATED, 404, several.missing(target.values[-1]))
    return _updated(several, world, target, lambda: several.change(world, call, target, changes))


def _updated(several: Several, world: Realm, target: Target, change: Callable[[], Record]) -> Item:
    """What became of one that is there. Where the answer has a result for each, one refusal stops no other."""
    own = _own(several.store, target)
    try:
        with world.transaction():
            return Item(own, change(), UPDATED, 200)
    except Problem as problem:
        if not several.tells_apart:
            raise
        return Item(own, None, UPDATED, problem.status, problem)


def creator(reply: Reply, create: Create) -> Handler:
    """Adds several records. Where the answer has a result for each, one that cannot be made stops no other."""
    several = Several(reply)
    ident = reply.ground.shapes.member(several.item_shape, *reply.store.kept.ident.way)
    named = bool(reply.store.kept.ident.way) and ident is not NOTHING and not ident.read_only

    def create_many(call: Call, world: Realm) -> Response:
        scope = several.scope(call, world)
        done = [
            create_one(several, create, call, world, (*scope, record_id), sent or {}, named=named)
            for record_id, sent in several.items(call)
        ]
        return several.answer(done, call, CREATED)

    return create_many


def create_one(
    several: Several,
    create: Create,
    call: Call,
    world: Realm,
    values: Scope,
    sent: dict[str, Json],
    *,
    named: bool = False,
) -> Item:
    """What became of one that is new; `named` ones keep the id at the end of these values, where one was sent."""
    store = several.store
    try:
        with world.transaction():
            record = (
                several.put(world, call, values, sent)
                if named and _is_id(values[-1])
                else create(several.reply, call, world, values[:-1], sent, several.item_shape)
            )
    except Problem as problem:
        if not several.tells_apart:
            raise
        return Item(values[-1], None, CREATED, problem.status, problem)
    return Item(store.values(record)[-1], record, CREATED, 201)


def upserter(reply: Reply, create: Create) -> Handler:
    """Changes the records that are there and adds those that are not."""
    several = Several(reply)

    def upsert(call: Call, world: Realm) -> Response:
        done = []
        for target in several.targets(call, world):
            if target.sent is None:
                done.append(take_one(several, world, target))
            elif target.record is None:
                done.append(create_one(several, create, call, world, target.values, target.sent, named=True))
            else:
                done.append(change_one(several, call, world, target, target.sent))
        return several.answer(done, call, UPDATED)

    return upsert


def replacer(reply: Reply, create: Create) -> Handler:
    """Puts the records that were sent in the place of all that there are."""
    several = Several(reply)

    def replace(call: Call, world: Realm) -> Response:
        scope = several.scope(call, world)
        store = several.store
        sent = several.items(call)
        kept = {store.own(record_id) for record_id, _ in sent if isinstance(record_id, str | int)}
        for record in [*store.below(world, scope)]:
            values = store.values(record)
            if store.own(values[-1]) not in kept:
                store.delete(world, values)
        done = []
        for record_id, item in sent:
            target = several.target(world, scope, record_id, item)
            if target.record is None:
                done.append(create_one(several, create, call, world, target.values, item or {}, named=True))
                continue
            key = f"{store.name}/{'/'.join(map(str, target.values))}"
            put = store.composer.replaced(public(target.record), item or {}, several.item_shape, call.at, key)
            change = partial(several.keep, world, call, target, put, item or {})
            done.append(_updated(several, world, target, change))
        return several.answer(done, call, UPDATED)

    return replace
