"""Shows records inside other records as their collection has them now, unless a client wrote another object there."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Final, Protocol

from mockserver.json_text import Json
from mockserver.resources.context import ResourceContext
from mockserver.resources.detect.decisions import CollectionPlan
from mockserver.resources.detect.foreign_keys import ForeignKey
from mockserver.resources.detect.schema_shape import SchemaPlace, SchemaShape, dig, put
from mockserver.resources.records.adapter import ABSENT, part_at
from mockserver.resources.records.seeds import Scope
from mockserver.resources.relations.seed_references import SeedReferences
from mockserver.state.records.collection import Id
from mockserver.state.records.record import Record
from mockserver.state.world import ApiState

MOST_KNOWN: Final = 500
"""Cached copies; many records contain the same one."""


class Holder(Protocol):
    """A collection whose records contain others."""

    context: ResourceContext
    collection: CollectionPlan

    @property
    def record(self) -> SchemaShape: ...
    @property
    def stores(self) -> Mapping[str, Holder]: ...
    @property
    def referring(self) -> SeedReferences: ...
    @property
    def shows_others(self) -> bool: ...

    def current(self, state: ApiState, record: Record, above: frozenset[str]) -> Record: ...
    def find(self, state: ApiState, values: Scope) -> Record | None: ...
    def key(self, values: Scope) -> Id: ...
    def values(self, record: Mapping[str, Json]) -> Scope: ...


class Embedding:
    """The members of one collection's records that contain one record of another collection, with its id."""

    def __init__(self, store: Holder, memory: str) -> None:
        self._store = store
        self._memory = memory
        self._places = tuple(self._found())
        self._known: dict[tuple[int, Json], tuple[Record, Json]] = {}

    def __bool__(self) -> bool:
        return bool(self._places)

    def _found(self) -> Iterator[tuple[ForeignKey, SchemaPlace]]:
        shapes = self._store.context.shapes
        for reference in self._store.referring.references:
            place = shapes.member(self._store.record, *reference.member_path[:-1]).members.get(
                reference.member_path[-1]
            )
            if reference.embeds and reference.id_member and not reference.is_list and place is not None:
                yield reference, place

    def current(self, state: ApiState, record: Record, above: frozenset[str] = frozenset()) -> Record:
        """Returns the record with the contained ones as their collections have them; the same object where nothing
        changed. `above` are the collections that contain this record.
        """
        result: Mapping[str, Json] = record
        for number, (reference, _) in enumerate(self._places):
            member_path = reference.member_path
            member = record.get(member_path[0]) if len(member_path) == 1 else dig(record, member_path)
            if not isinstance(member, dict):
                continue
            value = self._value(state, member, number, above)
            if value is None or value == member or self._mark(record, reference) in state[self._memory]:
                continue
            result = put(dict(result), reference.member_path, value)
        return record if result is record else Record(result)

    def note(self, state: ApiState, record: Record, old: Record | None, sent: Mapping[str, Json]) -> None:
        """Marks the members in which a client wrote more than an id or something else than the collection has. `record`
        replaces `old`; `sent` are the members of the request.
        """
        for number, (reference, _) in enumerate(self._places):
            member, sent_value, mark = (
                dig(record, reference.member_path),
                dig({**sent}, reference.member_path),
                self._mark(record, reference),
            )
            is_more = isinstance(sent_value, Mapping) and not sent_value.keys() <= {reference.id_member}
            if not is_more and old is not None and member == dig(old, reference.member_path):
                continue
            is_sent = is_more or (isinstance(member, dict) and self._differs(state, member, number))
            memory = state[self._memory]
            if is_sent and mark not in memory:
                memory.insert({"id": mark})
            elif not is_sent and mark in memory:
                memory.delete(mark)

    def _differs(self, state: ApiState, member: Mapping[str, Json], number: int) -> bool:
        """Returns whether the contained object differs from the record of its collection."""
        value = self._value(state, member, number, frozenset())
        if value is None or value == member:
            return False
        reference, place = self._places[number]
        found = self._store.stores[reference.target].find(state, (member[reference.id_member],))
        return found is None or part_at(self._store.context, found, place, "") != member

    def _mark(self, record: Record, reference: ForeignKey) -> str:
        collection = self._store.collection
        return f"held|{collection.name}|{record[collection.id_member]}|{'.'.join(reference.member_path)}"

    def _value(self, state: ApiState, member: Mapping[str, Json], number: int, above: frozenset[str]) -> Json:
        """Returns the record that the contained object names, fitted to the schema of the member; None where there is
        none.
        """
        reference, place = self._places[number]
        named = member.get(reference.id_member)
        if not isinstance(named, str | int) or isinstance(named, bool):
            return None
        target = self._store.stores[reference.target]
        found = target.find(state, (named,))
        if found is None:
            return None
        if target.shows_others:
            seen = above | {self._store.collection.name}
            found = found if target.collection.name in seen else target.current(state, found, seen)
        known = self._known.get((number, named))
        if known is not None and known[0] is found:
            return known[1]
        adapted = part_at(self._store.context, found, place, str(named))
        value = None if adapted is ABSENT else adapted
        if len(self._known) >= MOST_KNOWN:
            self._known.clear()
        self._known[number, named] = (found, value)
        return value
