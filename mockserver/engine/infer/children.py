"""What a record shows of the records that belong to it: the list of them, how many there are, their sum."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Final, NamedTuple, Protocol

from mockserver.engine.infer.adapting import ABSENT, part_at
from mockserver.engine.infer.batches import state_of
from mockserver.engine.infer.comparing import NAMING
from mockserver.engine.infer.composing import Composer
from mockserver.engine.infer.decisions import Collected, Way
from mockserver.engine.infer.ground import Ground
from mockserver.engine.infer.indexing import having
from mockserver.engine.infer.names import LISTS, named, plain, singular
from mockserver.engine.infer.nested import lists_of
from mockserver.engine.infer.referring import Referring
from mockserver.engine.infer.relations import Reference
from mockserver.engine.infer.seeds import Scope
from mockserver.engine.infer.shape import NOTHING, Place, Shape, dig, likeness, put
from mockserver.engine.infer.sums import Sums, amount_of
from mockserver.state.collection import View
from mockserver.state.record import Record
from mockserver.state.world import Realm
from mockserver.wire import Json

_ALIKE: Final = 0.9
_SIMILAR: Final = 0.5
"""How alike a listed object and a record of the collection are that is called as the list is."""
_BEFORE: Final = re.compile(r"(?:totalnumberof|numberof|noof|num|nb|total|countof|count)(?P<noun>.{3,})")
_AFTER: Final = re.compile(r"(?P<noun>.{3,}?)(?:totalcount|counts?|counter)")
_ALL_OF: Final = re.compile(r"(?P<noun>.{2,}s)total")
_OWN: Final = named("children replies subtasks subcategories subitems subfolders descendants")
"""What records of one's own collection are called that name the record as what they are below."""


class Parent(Protocol):
    """A collection whose records have others."""

    ground: Ground
    kept: Collected

    @property
    def name(self) -> str: ...
    @property
    def record(self) -> Shape: ...
    @property
    def sent(self) -> frozenset[str]: ...
    @property
    def stores(self) -> Mapping[str, Parent]: ...
    @property
    def referring(self) -> Referring: ...
    @property
    def composer(self) -> Composer: ...
    @property
    def children(self) -> Children: ...

    def values(self, record: Mapping[str, Json]) -> Scope: ...
    def own(self, value: Json) -> Json: ...
    def find(self, world: Realm, values: Scope) -> Record | None: ...
    def below(self, world: Realm, scope: Scope) -> View: ...
    def every(self, world: Realm) -> View: ...
    def members(self, world: Realm, records: Sequence[Record]) -> list[Record]: ...
    def current(self, world: Realm, record: Record, above: frozenset[str] = frozenset()) -> Record: ...
    def new_id(self, world: Realm, scope: Scope) -> Json: ...
    def named(self, values: Scope) -> dict[str, Json]: ...
    def identified(self, record: Mapping[str, Json], values: Scope) -> dict[str, Json]: ...
    def begin_empty(self, world: Realm, values: Scope) -> None: ...
    def add(self, world: Realm, record: Mapping[str, Json], values: Scope, sent: Mapping[str, Json]) -> Record: ...
    def delete(self, world: Realm, values: Scope) -> None: ...
    def body(self) -> Shape:
        """What a client sends of a new record; the shape of nothing where it sends none."""


class Part(NamedTuple):
    """The records of a collection that belong to one record: those below it or, with a `reference`, those naming it."""

    store: Parent
    reference: Reference | None

    def of(self, world: Realm, values: Scope) -> Sequence[Record]:
        """Those of the record at these values of a path."""
        if self.reference is None:
            found = self.store.below(world, values)
            return self.store.members(world, found) if self.store.kept.lists else found
        every, wanted = self.store.every(world), str(values[-1])
        having_it = having(every, self.reference.way, wanted)
        records = every if having_it is None else having_it
        return [record for record in records if wanted in map(str, self.reference.ids(record))]


class _Listed(NamedTuple):
    """A list inside of a record that has the records of a part: as objects, or as their ids where `items` is None."""

    way: Way
    part: Part
    items: Place | None
    is_sendable: bool


class _Count(NamedTuple):
    """A number inside of a record: how many there are of a part, or in the list at `way_to_list`, that have a state."""

    way: Way
    part: Part | None
    way_to_list: Way
    state: Mapping[str, Json]


class Children:
    """The members of one collection's records that tell of records which belong to them."""

    def __init__(self, store: Parent) -> None:
        self._store = store
        self._shapes = store.ground.shapes
        self.lists = () if store.kept.sole else tuple(self._found_lists())
        self.counts = () if store.kept.sole else tuple(self._found_counts())
        self._lines = self._part_of_lines()
        self._sums = Sums(store.ground, store.record, has_lines=self._lines is not None)
        ways = (*(one.way for one in self.lists), *(one.way for one in self.counts))
        sums = self._sums.names if self._lines is not None else frozenset()
        self.derived = frozenset(plain(way[-1]) for way in ways) | sums
        """Plain names of the members that are not kept but follow from other records."""

    def __bool__(self) -> bool:
        return bool(self.lists or self.counts or self._lines is not None)

    # as a record is shown

    def current(self, world: Realm, record: Record, above: frozenset[str] = frozenset()) -> Record:
        """The record with the lists, counts and sums as they are now. `above` are the collections whose records hold
        this one: inside of these it shows no lists of others.
        """
        values = self._store.values(record)
        told: dict[str, Json] = dict(record)
        for listed in self.lists:
            told = self._listed(world, told, listed, values, above)
        for count in self.counts:
            if len(count.way) > 1 and not isinstance(dig(told, count.way[:-1]), dict):
                continue
            changed: dict[str, Json] = put(told, count.way, self._counted(world, told, count, values))
            told = changed
        if self._lines is not None:
            amounts = [
                amount_of(self._store.ground, self._lines.store.record, line) for line in self._lines.of(world, values)
            ]
            own = {name: told[name] for name in self._store.sent if name in told}
            told = self._sums.settled(told, own, None if None in amounts else [one for one in amounts if one])
        return Record(told)

    def _listed(
        self, world: Realm, record: dict[str, Json], listed: _Listed, values: Scope, above: frozenset[str]
    ) -> dict[str, Json]:
        store = listed.part.store
        if above:
            is_needed = listed.way[0] in self._store.record.required
            return record if is_needed else {name: value for name, value in record.items() if name != listed.way[0]}
        if len(listed.way) > 1 and not isinstance(dig(record, listed.way[:-1]), dict):
            return record
        found = listed.part.of(world, values)
        shown: list[Json]
        if listed.items is None:
            shown = [store.values(one)[-1] for one in found]
        else:
            seen = above | {self._store.name}
            shown = [self._shown(store.current(world, one, seen), listed.items, store) for one in found]
        told: dict[str, Json] = put(record, listed.way, [one for one in shown if one is not ABSENT])
        return told

    def _shown(self, record: Record, items: Place, store: Parent) -> Json:
        return part_at(self._store.ground, record, items, str(store.values(record)[-1]))

    def _counted(self, world: Realm, record: Mapping[str, Json], count: _Count, values: Scope) -> int:
        if count.part is None:
            held = dig({**record}, count.way_to_list)
            return len(held) if isinstance(held, list) else 0
        found = count.part.of(world, values)
        if not count.state:
            return len(found)
        return sum(all(one.get(name) == value for name, value in count.state.items()) for one in found)

    # as a record is written

    def kept_apart(self, record: dict[str, Json]) -> dict[str, Json]:
        """The record without the objects that its lists have: these are records of their own."""
        for listed in self.lists:
            if listed.items is not None and isinstance(dig(record, listed.way), list):
                told: dict[str, Json] = put(record, listed.way, [])
                record = told
        return record

    def write(self, world: Realm, values: Scope, sent: Mapping[str, Json], at: float) -> None:
        """The records of the lists that were sent are those that belong to the record from now on."""
        spelled = {plain(name): value for name, value in sent.items()}
        for listed in self.lists:
            held = dig({listed.way[0]: spelled.get(plain(listed.way[0]))}, listed.way)
            if listed.items is not None and isinstance(held, list):
                items = [item if isinstance(item, dict) else self._called(listed.part.store, item) for item in held]
                self._replace(world, listed.part, values, [item for item in items if item], at)

    def _called(self, store: Parent, value: Json) -> dict[str, Json]:
        """The record that an item of a list names by its id or its name; empty where no member takes that."""
        members = store.record.members
        takes = (name for name in NAMING if name in members and store.ground.accepts(members[name].pointer)(value))
        name = next(takes, "") if isinstance(value, str | int) and not isinstance(value, bool) else ""
        return {name: value} if name else {}

    def _replace(self, world: Realm, part: Part, values: Scope, items: list[dict[str, Json]], at: float) -> None:
        store = part.store
        known = {str(store.values(one)[-1]): one for one in part.of(world, values)}
        for item in items:
            said = dig(item, store.kept.ident.way) if store.kept.ident.way else None
            is_id = isinstance(said, str | int) and not isinstance(said, bool) and said not in ("", 0)
            old = known.pop(str(said), None) if is_id else None
            scope: Scope = values if part.reference is None else ()
            there = (*scope, said if is_id else store.new_id(world, scope))
            old = old or (store.find(world, there) if is_id else None)
            key = f"{store.name}/{'/'.join(map(str, there))}"
            if old is not None:
                before = {name: value for name, value in old.items() if name in store.record.members}
                record = store.composer.replaced(before, item, store.body(), at, key)
            else:
                record = store.composer.new(item, store.body(), key, at, store.named(there))
                store.begin_empty(world, there)
            if part.reference is not None:
                record = part.reference.named(record, [self._store.own(values[-1])])
            store.add(world, store.identified(store.children.kept_apart(record), there), there, item)
            store.children.write(world, there, item, at)
        for left in known.values():
            self._take_away(world, part, left)

    def _take_away(self, world: Realm, part: Part, record: Record) -> None:
        """A record that is no longer among those that belong to another: it names none or, where it has to be below
        one, is gone.
        """
        values = part.store.values(record)
        if part.reference is None or not part.reference.takes_null:
            part.store.delete(world, values)
        else:
            part.store.add(world, part.reference.without(dict(record)), values, {})

    # which members these are

    def _found_lists(self) -> Iterator[_Listed]:
        record = self._store.record
        for name, place in record.members.items():
            shape = self._shapes.at(place)
            is_sendable = name in self._store.sent and not shape.read_only
            if shape.is_list:
                yield from self._at((name,), shape, name, is_sendable=is_sendable)
            else:
                held = ((inner, self._shapes.member(shape, inner)) for inner in shape.members if inner in LISTS)
                for inner, wrapped in held:
                    if wrapped.is_list and self._shapes.items(wrapped).members:
                        yield from self._at((name, inner), wrapped, name, is_sendable=is_sendable)

    def _at(self, way: Way, shape: Shape, noun: str, *, is_sendable: bool) -> Iterator[_Listed]:
        items = self._shapes.items(shape)
        if items.members:
            part = self._part(plain(noun), items) or self._named_back(way)
            if part is not None:
                yield _Listed(way, part, shape.items, is_sendable)
        elif items.is_scalar and not is_sendable:
            part = self._part(plain(noun), None)
            kind = part.store.kept.ident.kind if part is not None else ""
            if part is not None and ("integer" in items.types) is (kind == "integer"):
                yield _Listed(way, part, None, is_sendable)

    def part_named(self, noun: str) -> Part | None:
        """The records that belong to one of these and are called so; None where there are none."""
        return next(self._parts(noun), None)

    def _part(self, noun: str, items: Shape | None) -> Part | None:
        """The part that a noun names and whose records are as the `items` of a list; one below that is of the same
        schema needs no name.
        """
        found = [part for part in self._parts(noun) if items is None or self._is_alike(items, part, _SIMILAR)]
        if found or items is None:
            return found[0] if found else None
        below = [Part(store, None) for store in self._below() if self._is_alike(items, Part(store, None), _ALIKE)]
        alike = [
            name
            for name in lists_of(self._shapes, self._store.record)
            if likeness(self._shapes.items(self._shapes.member(self._store.record, name)), items) >= _ALIKE
        ]
        return below[0] if len(below) == 1 and len(alike) == 1 else None

    def _named_back(self, way: Way) -> Part | None:
        """The records of a list that name the record which has it."""
        target = next((one.target for one in self._store.referring.references if one.way == way and one.embeds), "")
        if target in ("", self._store.kept.name):
            return None
        store = self._store.stores[target]
        back = (one for one in store.referring.references if one.target == self._store.kept.name and not one.is_list)
        named_by = next(back, None)
        return None if named_by is None else Part(store, named_by)

    def _is_alike(self, items: Shape, part: Part, least: float) -> bool:
        return likeness(items, part.store.record) >= least

    def _below(self) -> list[Parent]:
        name, depth = self._store.kept.name, len(self._store.kept.scope) + 1
        stores = self._store.stores.values()
        return [one for one in stores if one.kept.parent == name and not one.kept.sole and len(one.kept.scope) == depth]

    def _parts(self, noun: str) -> Iterator[Part]:
        """The records that are called so and belong to one of these: first those below it."""
        for store in self._below():
            if noun in _called(store.kept):
                yield Part(store, None)
        if self._store.kept.scope:
            return
        for store in self._store.stores.values():
            is_own = store is self._store and noun in _OWN
            if is_own or (store is not self._store and noun in _called(store.kept)):
                named_by = [one for one in store.referring.references if one.target == self._store.kept.name]
                ways = self._ways_below(store)
                named_by.sort(key=lambda one: (one.way not in ways, one.is_list, not one.is_required))
                yield from (Part(store, one) for one in named_by[:1])

    def _ways_below(self, store: Parent) -> set[Way]:
        """The members by which paths below these records name them."""
        owned = (role.owned for role in self._store.ground.plan.roles.values() if role.collection == store.kept.name)
        return {one.way for one in owned if one is not None and one.parent == self._store.kept.name}

    def _found_counts(self) -> Iterator[_Count]:
        record = self._store.record
        for name, place in record.members.items():
            shape = self._shapes.at(place)
            if "integer" in shape.types:
                yield from self._count_at((name,), shape)
            elif shape.members and not shape.is_list:
                for inner in shape.members:
                    held = self._shapes.member(shape, inner)
                    if "integer" in held.types:
                        yield from self._count_at((name, inner), held)

    def _count_at(self, way: Way, shape: Shape) -> Iterator[_Count]:
        if not shape.read_only and self._is_sendable(way):
            return
        lists = {plain(one.way[0]): one for one in self.lists}
        for noun in _nouns(way[-1]):
            part = lists[noun].part if noun in lists else next(self._parts(noun), None)
            if part is not None:
                yield _Count(way, part, (), {})
                return
            for part, state in self._of_state(noun):
                yield _Count(way, part, (), state)
                return
            held = next((name for name in lists_of(self._shapes, self._store.record) if noun in _forms(name)), "")
            if held and len(way) == 1 and noun != plain(way[-1]):
                yield _Count(way, None, (held,), {})
                return

    def _of_state(self, noun: str) -> Iterator[tuple[Part, Mapping[str, Json]]]:
        """Those in a state: `open` of `openissues`."""
        for store in self._store.stores.values():
            many = plain(store.kept.name.rpartition(".")[2])
            word = noun.removesuffix(many)
            if word in ("", noun):
                continue
            state = state_of(self._shapes, store.record, word)
            for part in self._parts(many) if state else ():
                if part.store is store:
                    yield part, {name: value for name, value in state.items() if isinstance(value, str | bool)}

    def _is_sendable(self, way: Way) -> bool:
        if len(way) == 1:
            return way[0] in self._store.sent
        return self._shapes.member(self._store.body(), *way) is not NOTHING

    def _part_of_lines(self) -> Part | None:
        """The records below these that have a quantity and a price."""
        listed = [one.part for one in self.lists]
        below = [] if self._store.kept.sole else [Part(store, None) for store in self._below()]
        found = [part for part in (*listed, *below) if Sums(self._store.ground, part.store.record).is_line]
        return found[0] if found and Sums(self._store.ground, self._store.record, has_lines=True) else None


def _called(kept: Collected) -> frozenset[str]:
    return _forms(kept.name.rpartition(".")[2])


def _forms(name: str) -> frozenset[str]:
    """The plain names of one and of many."""
    return frozenset({plain(name), plain(singular(name))})


def _nouns(member: str) -> Iterator[str]:
    """What a member counts, by plain names: `comments` of `comments_count`, `numComments`, and `comments`."""
    called = plain(member)
    for pattern in (_AFTER, _BEFORE, _ALL_OF):
        said = pattern.fullmatch(called)
        if said is not None and (pattern is _AFTER or said["noun"].endswith(("s", "people", "children", "replies"))):
            yield said["noun"]
    if singular(called) != called or called in _OWN:
        yield called
