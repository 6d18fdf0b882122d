"""Members of a record that show the records below it: lists of them, their number, their sum."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Final, NamedTuple, Protocol

from mockserver.json_text import Json
from mockserver.resources.context import ResourceContext
from mockserver.resources.detect.decisions import CollectionPlan, MemberPath
from mockserver.resources.detect.foreign_keys import ForeignKey
from mockserver.resources.detect.locate import lists_of
from mockserver.resources.detect.names import LISTS, named
from mockserver.resources.detect.roles.batch_operations import state_of
from mockserver.resources.detect.schema_shape import NOTHING, SchemaPlace, SchemaShape, dig, put, similarity
from mockserver.resources.query.comparing import NAMING
from mockserver.resources.query.value_index import having
from mockserver.resources.records.adapter import ABSENT, part_at
from mockserver.resources.records.merge import RecordMerger
from mockserver.resources.records.seeds import Scope
from mockserver.resources.relations.seed_references import SeedReferences
from mockserver.resources.relations.sums import Sums, amount_of
from mockserver.spelling import plain, singular
from mockserver.state.records.collection import View
from mockserver.state.records.record import Record
from mockserver.state.world import ApiState

_ALIKE: Final = 0.9
_SIMILAR: Final = 0.5
"""The similarity above which objects of a list are records of the collection with the list's name."""
_BEFORE: Final = re.compile(r"(?:totalnumberof|numberof|noof|num|nb|total|countof|count)(?P<noun>.{3,})")
_AFTER: Final = re.compile(r"(?P<noun>.{3,}?)(?:totalcount|counts?|counter)")
_ALL_OF: Final = re.compile(r"(?P<noun>.{2,}s)total")
_OWN: Final = named("children replies subtasks subcategories subitems subfolders descendants")
"""Names for records of the same collection that refer to the record as their parent."""


class ChildParent(Protocol):
    """A collection whose records have others below them."""

    context: ResourceContext
    collection: CollectionPlan

    @property
    def name(self) -> str: ...
    @property
    def record(self) -> SchemaShape: ...
    @property
    def sent(self) -> frozenset[str]: ...
    @property
    def stores(self) -> Mapping[str, ChildParent]: ...
    @property
    def referring(self) -> SeedReferences: ...
    @property
    def composer(self) -> RecordMerger: ...
    @property
    def children(self) -> Children: ...

    def values(self, record: Mapping[str, Json]) -> Scope: ...
    def own(self, value: Json) -> Json: ...
    def find(self, state: ApiState, values: Scope) -> Record | None: ...
    def below(self, state: ApiState, scope: Scope) -> View: ...
    def every(self, state: ApiState) -> View: ...
    def members(self, state: ApiState, records: Sequence[Record]) -> list[Record]: ...
    def current(self, state: ApiState, record: Record, above: frozenset[str] = frozenset()) -> Record: ...
    def new_id(self, state: ApiState, scope: Scope) -> Json: ...
    def named(self, values: Scope) -> dict[str, Json]: ...
    def identified(self, record: Mapping[str, Json], values: Scope) -> dict[str, Json]: ...
    def begin_empty(self, state: ApiState, values: Scope) -> None: ...
    def add(self, state: ApiState, record: Mapping[str, Json], values: Scope, sent: Mapping[str, Json]) -> Record: ...
    def delete(self, state: ApiState, values: Scope) -> None: ...
    def body(self) -> SchemaShape:
        """Returns the schema of a new record in a request; NOTHING where no operation creates one."""


class ChildPart(NamedTuple):
    """The records of a collection that belong to one record: those at paths below it or, with a `reference`, those that
    refer to it.
    """

    store: ChildParent
    reference: ForeignKey | None

    def of(self, state: ApiState, values: Scope) -> Sequence[Record]:
        """Returns the records that belong to the one at these path values."""
        if self.reference is None:
            found = self.store.below(state, values)
            return self.store.members(state, found) if self.store.collection.lists else found
        every, wanted = self.store.every(state), str(values[-1])
        having_it = having(every, self.reference.member_path, wanted)
        records = every if having_it is None else having_it
        return [record for record in records if wanted in map(str, self.reference.ids(record))]


class _Listed(NamedTuple):
    """A list inside a record that shows the records of a part: as objects, or as their ids where `items` is None."""

    member_path: MemberPath
    part: ChildPart
    items: SchemaPlace | None
    is_sendable: bool


class _Count(NamedTuple):
    """A number inside a record: the size of a part, or of the list at `list_path`, counting one state if given."""

    member_path: MemberPath
    part: ChildPart | None
    list_path: MemberPath
    state: Mapping[str, Json]


class Children:
    """The members of one collection's records that show records below them."""

    def __init__(self, store: ChildParent) -> None:
        self._store = store
        self._shapes = store.context.shapes
        self.lists = () if store.collection.singleton else tuple(self._found_lists())
        self.counts = () if store.collection.singleton else tuple(self._found_counts())
        self._lines = self._part_of_lines()
        self._sums = Sums(store.context, store.record, has_lines=self._lines is not None)
        member_paths = (*(one.member_path for one in self.lists), *(one.member_path for one in self.counts))
        sums = self._sums.names if self._lines is not None else frozenset()
        self.derived = frozenset(plain(member_path[-1]) for member_path in member_paths) | sums
        """Plain names of the members that are not stored because they follow from other records."""

    def __bool__(self) -> bool:
        return bool(self.lists or self.counts or self._lines is not None)

    # as a record is shown

    def current(self, state: ApiState, record: Record, above: frozenset[str] = frozenset()) -> Record:
        """Returns the record with its present lists, counts and sums. `above` are the collections that contain this
        record: inside of these it shows no lists of others.
        """
        values = self._store.values(record)
        result: dict[str, Json] = dict(record)
        for listed in self.lists:
            result = self._listed(state, result, listed, values, above)
        for count in self.counts:
            if len(count.member_path) > 1 and not isinstance(dig(result, count.member_path[:-1]), dict):
                continue
            changed: dict[str, Json] = put(result, count.member_path, self._counted(state, result, count, values))
            result = changed
        if self._lines is not None:
            amounts = [
                amount_of(self._store.context, self._lines.store.record, line) for line in self._lines.of(state, values)
            ]
            own = {name: result[name] for name in self._store.sent if name in result}
            result = self._sums.with_sums(result, own, None if None in amounts else [one for one in amounts if one])
        return Record(result)

    def _listed(
        self, state: ApiState, record: dict[str, Json], listed: _Listed, values: Scope, above: frozenset[str]
    ) -> dict[str, Json]:
        store = listed.part.store
        if above:
            is_needed = listed.member_path[0] in self._store.record.required
            return (
                record
                if is_needed
                else {name: value for name, value in record.items() if name != listed.member_path[0]}
            )
        if len(listed.member_path) > 1 and not isinstance(dig(record, listed.member_path[:-1]), dict):
            return record
        found = listed.part.of(state, values)
        shown: list[Json]
        if listed.items is None:
            shown = [store.values(one)[-1] for one in found]
        else:
            seen = above | {self._store.name}
            shown = [self._shown(store.current(state, one, seen), listed.items, store) for one in found]
        result: dict[str, Json] = put(record, listed.member_path, [one for one in shown if one is not ABSENT])
        return result

    def _shown(self, record: Record, items: SchemaPlace, store: ChildParent) -> Json:
        return part_at(self._store.context, record, items, str(store.values(record)[-1]))

    def _counted(self, state: ApiState, record: Mapping[str, Json], count: _Count, values: Scope) -> int:
        if count.part is None:
            member = dig({**record}, count.list_path)
            return len(member) if isinstance(member, list) else 0
        found = count.part.of(state, values)
        if not count.state:
            return len(found)
        return sum(all(one.get(name) == value for name, value in count.state.items()) for one in found)

    # as a record is written

    def without_children(self, record: dict[str, Json]) -> dict[str, Json]:
        """Returns the record without the objects in its lists, which are stored as records of their own."""
        for listed in self.lists:
            if listed.items is not None and isinstance(dig(record, listed.member_path), list):
                result: dict[str, Json] = put(record, listed.member_path, [])
                record = result
        return record

    def write(self, state: ApiState, values: Scope, sent: Mapping[str, Json], at: float) -> None:
        """Makes the objects in the lists that were sent the records that belong to the record."""
        spelled = {plain(name): value for name, value in sent.items()}
        for listed in self.lists:
            member = dig({listed.member_path[0]: spelled.get(plain(listed.member_path[0]))}, listed.member_path)
            if listed.items is not None and isinstance(member, list):
                items = [item if isinstance(item, dict) else self._called(listed.part.store, item) for item in member]
                self._replace(state, listed.part, values, [item for item in items if item], at)

    def _called(self, store: ChildParent, value: Json) -> dict[str, Json]:
        """Returns the record that an item of a list names by id or name; empty where no member takes that."""
        members = store.record.members
        takes = (name for name in NAMING if name in members and store.context.accepts(members[name].pointer)(value))
        name = next(takes, "") if isinstance(value, str | int) and not isinstance(value, bool) else ""
        return {name: value} if name else {}

    def _replace(
        self, state: ApiState, part: ChildPart, values: Scope, items: list[dict[str, Json]], at: float
    ) -> None:
        store = part.store
        known = {str(store.values(one)[-1]): one for one in part.of(state, values)}
        for item in items:
            sent_id = dig(item, store.collection.id_spec.member_path) if store.collection.id_spec.member_path else None
            is_id = isinstance(sent_id, str | int) and not isinstance(sent_id, bool) and sent_id not in ("", 0)
            old = known.pop(str(sent_id), None) if is_id else None
            scope: Scope = values if part.reference is None else ()
            there = (*scope, sent_id if is_id else store.new_id(state, scope))
            old = old or (store.find(state, there) if is_id else None)
            key = f"{store.name}/{'/'.join(map(str, there))}"
            if old is not None:
                before = {name: value for name, value in old.items() if name in store.record.members}
                record = store.composer.replaced(before, item, store.body(), at, key)
            else:
                record = store.composer.new(item, store.body(), key, at, store.named(there))
                store.begin_empty(state, there)
            if part.reference is not None:
                record = part.reference.named(record, [self._store.own(values[-1])])
            store.add(state, store.identified(store.children.without_children(record), there), there, item)
            store.children.write(state, there, item, at)
        for left in known.values():
            self._detach(state, part, left)

    def _detach(self, state: ApiState, part: ChildPart, record: Record) -> None:
        """Detaches a record from the one that it belonged to: clears the reference or, where it stands at a path below,
        deletes it.
        """
        values = part.store.values(record)
        if part.reference is None or not part.reference.takes_null:
            part.store.delete(state, values)
        else:
            part.store.add(state, part.reference.without(dict(record)), values, {})

    # which members these are

    def _found_lists(self) -> Iterator[_Listed]:
        record = self._store.record
        for name, place in record.members.items():
            shape = self._shapes.at(place)
            is_sendable = name in self._store.sent and not shape.read_only
            if shape.is_list:
                yield from self._at((name,), shape, name, is_sendable=is_sendable)
            else:
                member = ((inner, self._shapes.member(shape, inner)) for inner in shape.members if inner in LISTS)
                for inner, wrapped in member:
                    if wrapped.is_list and self._shapes.items(wrapped).members:
                        yield from self._at((name, inner), wrapped, name, is_sendable=is_sendable)

    def _at(self, member_path: MemberPath, shape: SchemaShape, noun: str, *, is_sendable: bool) -> Iterator[_Listed]:
        items = self._shapes.items(shape)
        if items.members:
            part = self._part(plain(noun), items) or self._back_reference(member_path)
            if part is not None:
                yield _Listed(member_path, part, shape.items, is_sendable)
        elif items.is_scalar and not is_sendable:
            part = self._part(plain(noun), None)
            kind = part.store.collection.id_spec.kind if part is not None else ""
            if part is not None and ("integer" in items.types) is (kind == "integer"):
                yield _Listed(member_path, part, None, is_sendable)

    def part_named(self, noun: str) -> ChildPart | None:
        """Returns the records that belong to one of these and have this name; None where there are none."""
        return next(self._parts(noun), None)

    def _part(self, noun: str, items: SchemaShape | None) -> ChildPart | None:
        """Returns the part that a noun names and whose records are like the `items` of a list; a part below with the
        same schema needs no name.
        """
        found = [part for part in self._parts(noun) if items is None or self._is_alike(items, part, _SIMILAR)]
        if found or items is None:
            return found[0] if found else None
        below = [
            ChildPart(store, None) for store in self._below() if self._is_alike(items, ChildPart(store, None), _ALIKE)
        ]
        alike = [
            name
            for name in lists_of(self._shapes, self._store.record)
            if similarity(self._shapes.items(self._shapes.member(self._store.record, name)), items) >= _ALIKE
        ]
        return below[0] if len(below) == 1 and len(alike) == 1 else None

    def _back_reference(self, member_path: MemberPath) -> ChildPart | None:
        """Returns the part of records whose list names the record that has it."""
        target = next(
            (one.target for one in self._store.referring.references if one.member_path == member_path and one.embeds),
            "",
        )
        if target in ("", self._store.collection.name):
            return None
        store = self._store.stores[target]
        back = (
            one for one in store.referring.references if one.target == self._store.collection.name and not one.is_list
        )
        named_by = next(back, None)
        return None if named_by is None else ChildPart(store, named_by)

    def _is_alike(self, items: SchemaShape, part: ChildPart, least: float) -> bool:
        return similarity(items, part.store.record) >= least

    def _below(self) -> list[ChildParent]:
        name, depth = self._store.collection.name, len(self._store.collection.scope) + 1
        stores = self._store.stores.values()
        return [
            one
            for one in stores
            if one.collection.parent == name and not one.collection.singleton and len(one.collection.scope) == depth
        ]

    def _parts(self, noun: str) -> Iterator[ChildPart]:
        """Yields the parts with this name: first those at paths below."""
        for store in self._below():
            if noun in _called(store.collection):
                yield ChildPart(store, None)
        if self._store.collection.scope:
            return
        for store in self._store.stores.values():
            is_own = store is self._store and noun in _OWN
            if is_own or (store is not self._store and noun in _called(store.collection)):
                named_by = [one for one in store.referring.references if one.target == self._store.collection.name]
                member_paths = self._paths_below(store)
                named_by.sort(key=lambda one: (one.member_path not in member_paths, one.is_list, not one.is_required))
                yield from (ChildPart(store, one) for one in named_by[:1])

    def _paths_below(self, store: ChildParent) -> set[MemberPath]:
        """Returns the members by which records at paths below refer to these."""
        owned = (
            role.owned for role in self._store.context.plan.roles.values() if role.collection == store.collection.name
        )
        return {one.member_path for one in owned if one is not None and one.parent == self._store.collection.name}

    def _found_counts(self) -> Iterator[_Count]:
        record = self._store.record
        for name, place in record.members.items():
            shape = self._shapes.at(place)
            if "integer" in shape.types:
                yield from self._count_at((name,), shape)
            elif shape.members and not shape.is_list:
                for inner in shape.members:
                    member = self._shapes.member(shape, inner)
                    if "integer" in member.types:
                        yield from self._count_at((name, inner), member)

    def _count_at(self, member_path: MemberPath, shape: SchemaShape) -> Iterator[_Count]:
        if not shape.read_only and self._is_sendable(member_path):
            return
        lists = {plain(one.member_path[0]): one for one in self.lists}
        for noun in _nouns(member_path[-1]):
            part = lists[noun].part if noun in lists else next(self._parts(noun), None)
            if part is not None:
                yield _Count(member_path, part, (), {})
                return
            for part, state in self._of_state(noun):
                yield _Count(member_path, part, (), state)
                return
            member = next((name for name in lists_of(self._shapes, self._store.record) if noun in _forms(name)), "")
            if member and len(member_path) == 1 and noun != plain(member_path[-1]):
                yield _Count(member_path, None, (member,), {})
                return

    def _of_state(self, noun: str) -> Iterator[tuple[ChildPart, Mapping[str, Json]]]:
        """Yields the part and the state that a noun names: `open` of `openissues`."""
        for store in self._store.stores.values():
            many = plain(store.collection.name.rpartition(".")[2])
            word = noun.removesuffix(many)
            if word in ("", noun):
                continue
            state = state_of(self._shapes, store.record, word)
            for part in self._parts(many) if state else ():
                if part.store is store:
                    yield part, {name: value for name, value in state.items() if isinstance(value, str | bool)}

    def _is_sendable(self, member_path: MemberPath) -> bool:
        if len(member_path) == 1:
            return member_path[0] in self._store.sent
        return self._shapes.member(self._store.body(), *member_path) is not NOTHING

    def _part_of_lines(self) -> ChildPart | None:
        """Returns the records below that have a quantity and a price."""
        listed = [one.part for one in self.lists]
        below = [] if self._store.collection.singleton else [ChildPart(store, None) for store in self._below()]
        found = [part for part in (*listed, *below) if Sums(self._store.context, part.store.record).is_line]
        return found[0] if found and Sums(self._store.context, self._store.record, has_lines=True) else None


def _called(collection: CollectionPlan) -> frozenset[str]:
    return _forms(collection.name.rpartition(".")[2])


def _forms(name: str) -> frozenset[str]:
    """Returns the plain singular and plural of a name."""
    return frozenset({plain(name), plain(singular(name))})


def _nouns(member: str) -> Iterator[str]:
    """Yields the plain names that a member counts: `comments` of `comments_count`, `numComments`, and `comments`."""
    called = plain(member)
    for pattern in (_AFTER, _BEFORE, _ALL_OF):
        sent_id = pattern.fullmatch(called)
        if sent_id is not None and (
            pattern is _AFTER or sent_id["noun"].endswith(("s", "people", "children", "replies"))
        ):
            yield sent_id["noun"]
    if singular(called) != called or called in _OWN:
        yield called
