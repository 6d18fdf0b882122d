"""The records of one collection in a world: found by path values, seeded on first use, deleted with their parents."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from types import MappingProxyType
from typing import Final

from mockserver.json_text import Json
from mockserver.resources.context import ResourceContext
from mockserver.resources.detect.decisions import PARENT, OwnedRecords, Plan, names
from mockserver.resources.detect.schema_shape import NOTHING, SchemaShape, put
from mockserver.resources.query.list_query import WRITES, askable
from mockserver.resources.query.value_index import having
from mockserver.resources.records.given import PathPlacement
from mockserver.resources.records.merge import RecordMerger
from mockserver.resources.records.new_ids import NewIds
from mockserver.resources.records.record_keys import RecordKeys, written
from mockserver.resources.records.seeds import Scope, Seeds, example_scope
from mockserver.resources.relations.children import Children
from mockserver.resources.relations.embedding import Embedding
from mockserver.resources.relations.links import Links
from mockserver.resources.relations.seed_references import SeedReferences
from mockserver.state.records.collection import Records, View, keep_all
from mockserver.state.records.indexes import ByMember
from mockserver.state.records.lazy_records import LazyRecords
from mockserver.state.records.record import Record
from mockserver.state.world import ApiState, SeedCollection

MEMORY: Final = "_mock"
"""The collection of facts about records: seeded scopes and deleted ids."""

_MAKING: Final = ("create", "create-many")
_MEMBERS: Final = 2
_BY_PARENT: Final = ByMember(PARENT)
DEEP: Final = 2
"""Levels of parents down to which all first records are made at once: 3, 9 and 27 by default."""


@dataclass
class Store(RecordKeys):
    """One collection. `stores` are those of the whole API, by name."""

    stores: Mapping[str, Store]

    @cached_property
    def composer(self) -> RecordMerger:
        return RecordMerger(self.context, self.collection.record, self.record, self.sent)

    @cached_property
    def seeds(self) -> Seeds:
        return Seeds(self.context, self.collection)

    @cached_property
    def hidden(self) -> frozenset[str]:
        """Members that only requests declare: they are stored, and no answer shows them unless its schema
        names them.
        """
        return frozenset(self.sent - self.record.members.keys())

    @cached_property
    def sent(self) -> frozenset[str]:
        """Members that requests declare."""
        return frozenset(name for body in self._bodies for name in body.members)

    @cached_property
    def writable(self) -> frozenset[str]:
        """Those that no request marks `readOnly`: they may be written even where answers mark them so."""
        shapes = self.context.shapes
        return frozenset(
            name for body in self._bodies for name in body.members if not shapes.member(body, name).read_only
        )

    @cached_property
    def _bodies(self) -> list[SchemaShape]:
        """The request schemas of a record."""
        views = self.context.views(self.name, *WRITES)
        shapes = self.context.shapes
        bodies = [shapes.items(view.body) if view.body.is_list else view.body for view in views]
        return [
            shapes.member(body, *self.context.plan.roles[view.id].body_path)
            for view, body in zip(views, bodies, strict=True)
        ]

    @cached_property
    def links(self) -> Links:
        """The members of records that hold links to records."""
        return Links(self.context, self.collection, self.record, self.writable, self.referring.references)

    @cached_property
    def askable(self) -> SchemaShape:
        """The schema that filters and sorting use: members of records, and those that only requests declare."""
        views = self.context.views(self.name, *WRITES)
        return askable(self.context.shapes, self.record, [(self.context.plan.roles[each.id], each) for each in views])

    @cached_property
    def parent(self) -> Store | None:
        return self.stores.get(self.collection.parent)

    @cached_property
    def stores_below(self) -> list[Store]:
        return [store for store in self.stores.values() if store.collection.parent == self.collection.name]

    @cached_property
    def owned(self) -> list[tuple[Store, OwnedRecords]]:
        """The collections whose records are created below this one's, with the reference that names it."""
        roles = self.context.plan.roles.values()
        found = {(role.collection, role.owned) for role in roles if role.owned is not None and role.kind in _MAKING}
        return [(self.stores[name], owned) for name, owned in sorted(found) if owned.parent == self.name]

    @cached_property
    def is_bound(self) -> bool:
        """Whether all possible parents are known, so that all first records are made at once. Deeper collections are
        seeded below the path that is asked for.
        """
        if self.collection.singleton or len(self.collection.scope) > DEEP:
            return False
        if not self.collection.scope:
            return True
        return self.parent is not None and self.parent.collection.ids_known and self.parent.is_bound

    # reading

    def find(self, state: ApiState, values: Scope) -> Record | None:
        """Returns the record; None where there is none."""
        if not (self.is_bound or self.collection.singleton):
            self.ready(state, values[:-1])
        record = state[self.name].get(self.key(values))
        return record if record is None or not self.collection.lists else self._listed(state, record)

    def _listed(self, state: ApiState, record: Record) -> Record | None:
        """Returns the record of another collection that this entry stands for; None where it was deleted."""
        values = self.values(record)
        found = self.stores[self.collection.lists].find(state, values[-1:])
        return None if found is None else Record(self.marked(found, values))

    def members(self, state: ApiState, records: Sequence[Record]) -> list[Record]:
        """Returns the records of another collection that these entries stand for."""
        return [found for record in records if (found := self._listed(state, record)) is not None]

    def below(self, state: ApiState, scope: Scope) -> View:
        """Returns the records of this scope, oldest first."""
        self.ready(state, scope)
        if not self.collection.scope:
            return state[self.name].all()
        return state[self.name].under(_BY_PARENT, written(scope))

    def every(self, state: ApiState) -> View:
        """Returns all records of all scopes. Where the parents are unknown, the example scope has some."""
        if not self.is_bound and not len(state[self.name]):
            self.ready(state, self.example_scope)
        return state[self.name].all()

    def within(self, state: ApiState, above: Scope) -> list[Record]:
        """Returns the records whose scope begins with these values: those of a subscription, in any resource group."""
        parent = self.parent
        if len(self.collection.scope) == len(above):
            return [*self.below(state, above)]
        if parent is None or len(parent.collection.scope) < len(above):
            if not self.is_bound and not len(state[self.name]):
                self.ready(state, (*above, *self.example_scope[len(above) :]))
        else:
            for record in parent.within(state, above):
                self.ready(state, parent.values(record))
        start = f"{written(above)}/"
        return [record for record in state[self.name].all() if str(record.get(PARENT, "")).startswith(start)]

    @cached_property
    def example_scope(self) -> Scope:
        """The path values of the scope in the document's examples."""
        return example_scope(self.context, self.collection)

    def is_deleted(self, state: ApiState, values: Scope) -> bool:
        """Returns whether the record existed and was deleted."""
        return f"gone|{self.name}|{self.key(values)}" in state[MEMORY]

    def former_birth(self, state: ApiState, values: Scope) -> int | None:
        """Returns the number that ordered a deleted record among the others; None where none was deleted."""
        mark = state[MEMORY].get(f"gone|{self.name}|{self.key(values)}")
        return None if mark is None else mark.get("birth")

    def is_missing(self, state: ApiState, scope: Scope) -> bool:
        """Returns whether the parent of this scope is known not to exist."""
        parent = self.parent
        if parent is None or not scope:
            return False
        if parent.find(state, scope) is not None:
            return parent.is_missing(state, scope[:-1])
        if parent.collection.ids_known or parent.is_deleted(state, scope):
            return True
        return parent.is_missing(state, scope[:-1])

    def is_lost(self, state: ApiState, scope: Scope) -> bool:
        """Returns whether the parent of this scope existed and was deleted."""
        parent = self.parent
        if parent is None or not scope:
            return False
        return parent.is_deleted(state, scope) or parent.is_lost(state, scope[:-1])

    def ready(self, state: ApiState, scope: Scope) -> None:
        """Makes sure that the first records of this scope exist."""
        if self.is_bound or self.collection.singleton:
            return
        mark = f"seeded|{self.name}|{written(scope)}"
        if mark in state[MEMORY] or self.is_missing(state, scope):
            return
        state[MEMORY].insert({"id": mark})
        stored = state[self.name]
        for record in self.referring.with_references(self.initial_records(scope, exemplary=True)):
            if record[stored.id_member] not in stored:
                stored.insert(record)

    # writing

    def add(
        self,
        state: ApiState,
        record: Mapping[str, Json],
        values: Scope,
        sent: Mapping[str, Json] = MappingProxyType({}),
    ) -> Record:
        """Stores the record under these path values, in the place of an existing one. `sent` are the members of the
        request.
        """
        if not self.embedding:
            return state[self.name].replace(self.marked(record, values))
        old = state[self.name].get(self.key(values))
        stored = state[self.name].replace(self.marked(record, values))
        self.embedding.note(state, stored, old, sent)
        return stored

    def begin_empty(self, state: ApiState, values: Scope) -> None:
        """Marks the record of these values as having no first records below it: a client has just created it."""
        for child in self._filled_when_asked:
            mark = f"seeded|{child.name}|{written(values)}"
            if mark not in state[MEMORY]:
                state[MEMORY].insert({"id": mark})

    @cached_property
    def _filled_when_asked(self) -> list[Store]:
        """The collections below this one whose first records are made when a path below one record is read."""
        return [child for child in self.stores_below if not child.is_bound and not child.collection.singleton]

    def delete(self, state: ApiState, values: Scope) -> None:
        """Deletes the record with all records below it."""
        key = self.key(values)
        for child in self.stores_below:
            child.cascade(state, values)
        for other, owned in self.owned:
            records = having(other.every(state), owned.member_path, values[-1]) or ()
            for record in [record for record in records if names(record, owned, values[-1])]:
                other.delete(state, other.values(record))
        birth = state[self.name][key].birth
        state[self.name].delete(key)
        state[MEMORY].replace({"id": f"gone|{self.name}|{key}", "birth": birth})

    def cascade(self, state: ApiState, scope: Scope) -> None:
        """Deletes the records of this scope."""
        for record in state[self.name].find(PARENT, written(scope)):
            self.delete(state, self.values(record))

    def new_id(self, state: ApiState, scope: Scope) -> Json:
        """Returns an id that no record of this collection has or had. Where the schema allows no other it is the id of
        an existing record, or a Problem 409.
        """
        self.ready(state, scope)
        return self._new_ids(state, scope)

    @cached_property
    def _new_ids(self) -> NewIds:
        return NewIds(self.collection, self.seeds.ids, self.key, self.is_deleted, written, MEMORY)

    def identified(self, record: Mapping[str, Json], values: Scope) -> dict[str, Json]:
        """Returns the record with the id and the parent keys of these path values."""
        result = self.seeds.with_parent_keys(record, values[:-1] if not self.collection.singleton else values)
        member_path = self.collection.id_spec.member_path
        if not member_path or not values:
            return result
        if len(member_path) == 1:
            result[member_path[0]] = self.own(values[-1])
        else:
            result |= put(result, member_path, self.own(values[-1]))
        return result

    # beginning

    def initial_records(self, scope: Scope, *, exemplary: bool) -> list[dict[str, Json]]:
        """Returns the first records of this scope, as they are stored."""
        if self.collection.lists:
            return self._initial_members(self.stores[self.collection.lists], scope)
        found = []
        for record in self.seeds.of(scope, exemplary=exemplary):
            record_id = self.seeds.id_of(record)
            values = (*scope, record_id) if not self.collection.singleton else scope
            plainly = {name: value for name, value in self.links.without(record).items() if name != "\0id"}
            found.append(self.marked(plainly, values))
        return found

    def _initial_members(self, whole: Store, scope: Scope) -> list[dict[str, Json]]:
        """Returns some records of another collection; other ones for another scope."""
        ids, first = whole.referring.ids, sum(map(ord, written(scope)))
        count = min(len(ids), _MEMBERS if self.collection.seeds < 0 else self.collection.seeds)
        found = [(*scope, ids[(first + number) % len(ids)]) for number in range(count)]
        return [self.marked(self.named(values), values) for values in found]

    @cached_property
    def raw(self) -> list[dict[str, Json]]:
        """The first records before their references are resolved."""
        if not self.collection.scope:
            return self.initial_records((), exemplary=True)
        found: list[dict[str, Json]] = []
        if self.is_bound and self.parent is not None:
            for number, above in enumerate(self.parent.raw):
                found += self.initial_records(self.parent.values(above), exemplary=not number)
        return found

    def first(self) -> Records:
        """Makes the first records of the collection, the same in every world."""
        return keep_all(self.collection.id_member, [*self.referring.with_references(self.raw)])

    @cached_property
    def referring(self) -> SeedReferences:
        """The references of its records to other collections."""
        return SeedReferences(self)

    @cached_property
    def embedding(self) -> Embedding:
        """The records of other collections inside its records."""
        return Embedding(self, MEMORY)

    @cached_property
    def children(self) -> Children:
        """The members of its records that show records below them."""
        return Children(self)

    @cached_property
    def shows_others(self) -> bool:
        """Whether its records show values that follow from other records."""
        return bool(self.embedding or self.children)

    def current(self, state: ApiState, record: Record, above: frozenset[str] = frozenset()) -> Record:
        """Returns the record as it is shown now, with parts of other records; `above` are the collections that contain
        it.
        """
        if self.embedding:
            record = self.embedding.current(state, record, above)
        return self.children.current(state, record, above) if self.children else record

    def body(self) -> SchemaShape:
        """Returns the schema of a new record in a request; NOTHING where no operation creates one."""
        for view in self.context.views(self.name, "create"):
            return self.context.shapes.member(view.body, *self.context.plan.roles[view.id].body_path)
        return NOTHING

    @cached_property
    def seed_collection(self) -> SeedCollection:
        """The collection as every world begins with it; records are made when they are first read."""
        place = None if self._has_own_key else PathPlacement(self)
        return SeedCollection(self.collection.id_member, LazyRecords(self.first), place=place)


def stores_of(context: ResourceContext, plan: Plan) -> dict[str, Store]:
    """Returns a store for each collection of the plan."""
    stores: dict[str, Store] = {}
    stores |= {name: Store(context, stored, stores) for name, stored in plan.collections.items()}
    return stores
