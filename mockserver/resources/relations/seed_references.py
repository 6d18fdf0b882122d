"""References of first records: they name existing records, and contain them as their collections have them."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from functools import cached_property
from typing import Final, Protocol

from mockserver.json_text import Json
from mockserver.resources.context import ResourceContext
from mockserver.resources.detect.decisions import CollectionPlan, MemberPath
from mockserver.resources.detect.foreign_keys import ForeignKey, ForeignKeys
from mockserver.resources.detect.schema_shape import SchemaPlace, SchemaShape, dig, put
from mockserver.resources.records.adapter import ABSENT, part_at
from mockserver.resources.records.projection import public
from mockserver.resources.records.seeds import Scope, Seeds
from mockserver.spelling import plain, words_of

_NAMING: Final = frozenset({"email", "emailaddress", "slug", "username", "login", "handle", "key"})
_MARKS: Final = ("x-unique", "unique")
_UNIQUE: Final = re.compile(r"\bunique(?:ly)?\b(?! (?:id|identifier)\b)", re.IGNORECASE)
_IDENTIFIES: Final = re.compile(r"\buniquely identif|\bunique\b[^.]{0,40}\bidentif", re.IGNORECASE)
UNIQUENESS: Final = re.compile(r"\b(?:taken|exists|duplicate|unique|in use|conflict)", re.IGNORECASE)
"""How descriptions speak of what another record has."""
_ALIKE: Final = 0.9
_DEEPEST: Final = 3
"""Depth of records inside records."""


class ReferencedCollection(Protocol):
    """The parts of a collection that references of others need."""

    context: ResourceContext
    collection: CollectionPlan

    @property
    def stores(self) -> Mapping[str, ReferencedCollection]: ...
    @property
    def seeds(self) -> Seeds: ...
    @property
    def referring(self) -> SeedReferences: ...
    @property
    def raw(self) -> list[dict[str, Json]]:
        """The first records before their references are resolved."""

    def values(self, record: Mapping[str, Json]) -> Scope: ...


class SeedReferences:
    """The references of one collection's records."""

    def __init__(self, store: ReferencedCollection) -> None:
        self._store = store
        self._context = store.context

    @cached_property
    def references(self) -> tuple[ForeignKey, ...]:
        """The references of its records, without those to parents in their paths."""
        relations = ForeignKeys(self._context.shapes, self._context.plan.collections, self._context.neighbours)
        parent_keys = set(self._store.seeds.parent_keys)
        found = relations.of(self._store.collection)
        return tuple(
            reference
            for reference in found
            if reference.member_path not in parent_keys
            and (*reference.member_path, reference.id_member) not in parent_keys
        )

    @cached_property
    def ids(self) -> list[Json]:
        """The ids of the first records."""
        return [self._store.values(record)[-1] for record in self._store.raw]

    # the first records

    def with_references(self, records: list[dict[str, Json]]) -> list[dict[str, Json]]:
        """Returns the records, each of which names and contains existing records."""
        if not self.references:
            return records
        return [self.embedded(self._named(record, number)) for number, record in enumerate(records)]

    def _named(self, record: dict[str, Json], number: int) -> dict[str, Json]:
        result = record
        for (target, _), group in self.groups.items():
            result = self._agreed(result, group, self._among(target, number), number)
        accepts = self._context.accepts(self._store.collection.record.pointer)
        return result if result is record or accepts(public(result)) or not accepts(public(record)) else record

    @cached_property
    def unique(self) -> Mapping[str, bool]:
        """The members that must be unique, each with whether the document says so, or only the name suggests it."""
        shapes = self._context.shapes
        record = shapes.at(self._store.collection.record)
        id_spec = self._store.collection.id_spec.member_path[:1]
        found = [name for name in record.members if shapes.member(record, name).is_scalar and (name,) != id_spec]
        existing = {name: _is_declared_unique(record.members[name], shapes.member(record, name)) for name in found}
        texts = [name for name in found if (text := shapes.member(record, name)).types >= {"string"} and not text.enum]
        naming = {name for name in texts if plain(name) in _NAMING or plain(name) in self._conflicting}
        unique = {name: is_said for name, is_said in existing.items() if is_said or name in naming}
        return {name: is_said for name, is_said in unique.items() if not self._names_another(record, name)}

    def _names_another(self, record: SchemaShape, name: str) -> bool:
        """Returns whether a member is the id of something else, which its description calls unique: "the unique string
        that identifies the transcoder".
        """
        node = record.members[name].node
        text = str(node.get("description", "")) if isinstance(node, dict) else ""
        is_reference = words_of(name)[-1:] == ("id",) and _IDENTIFIES.search(text) is not None
        return is_reference and not any(node.get(key) is True for key in _MARKS)

    @cached_property
    def _conflicting(self) -> frozenset[str]:
        """The words of what is said of a 409 where a record is made: `SKU exists`."""
        declared = (view.responses.get("409") for view in self._context.views(self._store.collection.name, "create"))
        nodes = (response.node for response in declared if response is not None)
        texts = (str(node.get("description", "")) for node in nodes if isinstance(node, dict))
        return frozenset(word for text in texts if UNIQUENESS.search(text) for word in words_of(text))

    @cached_property
    def groups(self) -> Mapping[tuple[str, str], list[ForeignKey]]:
        """The references that name the same record: `customer_id` and `customer`."""
        groups: dict[tuple[str, str], list[ForeignKey]] = {}
        for reference in self.references:
            groups.setdefault((reference.target, reference.noun), []).append(reference)
        return groups

    def _among(self, target: str, number: int) -> list[Json]:
        """Returns the ids that a record may name: of its own collection only those of earlier records."""
        ids = self._store.stores[target].referring.ids
        return ids[:number] if target == self._store.collection.name else ids

    def _agreed(
        self, record: dict[str, Json], group: list[ForeignKey], ids: list[Json], number: int
    ) -> dict[str, Json]:
        result = record
        known = set(map(str, ids))
        existing = [named for reference in group for named in reference.ids(record) if str(named) in known]
        for reference in group:
            named = reference.ids(record)
            if dig(record, reference.member_path) is None:
                continue
            if not ids:
                result = reference.without(result)
            elif reference.is_list:
                several = [ids[(number + place) % len(ids)] for place in range(min(len(named), len(ids)))]
                result = reference.named(result, several)
            else:
                result = reference.named(result, [existing[0] if existing else ids[number % len(ids)]])
        return result

    # records inside of records

    @cached_property
    def first(self) -> dict[str, dict[str, Json]]:
        """The first records by their keys, each of which names existing records."""
        records = [self._named(record, number) for number, record in enumerate(self._store.raw)]
        return {str(self._store.values(record)[-1]): record for record in records}

    def embedded(self, record: dict[str, Json], depth: int = _DEEPEST) -> dict[str, Json]:
        """Returns the record, in which records of other collections are as these have them."""
        result = record
        for member_path, place, inner in self._inner(record):
            shown = [self._shown(other, at, place, depth) for other, at in inner]
            if None not in shown:
                value = shown if self._context.shapes.at(place).is_list else shown[0]
                changed: dict[str, Json] = put(result, member_path, value)
                result = changed
        if result is record:
            return record
        accepts = self._context.accepts(self._store.collection.record.pointer)
        return result if accepts(public(result)) or not accepts(public(record)) else record

    def _inner(
        self, record: dict[str, Json]
    ) -> Iterator[tuple[MemberPath, SchemaPlace, list[tuple[ReferencedCollection, dict[str, Json]]]]]:
        """Yields the paths of records inside this one, and which they are."""
        shapes = self._context.shapes
        whole = shapes.at(self._store.collection.record)
        for reference in self.references:
            place = shapes.member(whole, *reference.member_path[:-1]).members.get(reference.member_path[-1])
            if not reference.embeds or place is None or dig(record, reference.member_path) is None:
                continue
            other = self._store.stores[reference.target]
            known = other.referring.first
            found = [(other, known[str(named)]) for named in reference.ids(record) if str(named) in known]
            if found or reference.is_list:
                yield reference.member_path, place, found

    def _shown(self, other: ReferencedCollection, record: dict[str, Json], place: SchemaPlace, depth: int) -> Json:
        """Returns the other collection's record fitted to the schema at the place; None where it does not fit."""
        shapes = self._context.shapes
        shape = shapes.at(place)
        items = shape.items if shape.is_list else place
        if items is None or not depth:
            return None
        whole = other.referring.embedded(record, depth - 1)
        adapted = part_at(self._context, whole, items, str(other.values(record)[-1]))
        return None if adapted is ABSENT else adapted


def _is_declared_unique(place: SchemaPlace, shape: SchemaShape) -> bool:
    nodes = [node for node in (place.node, shape.node) if isinstance(node, dict)]
    marked = any(node.get(key) is True for node in nodes for key in _MARKS)
    return marked or any(_UNIQUE.search(str(node.get("description", ""))) for node in nodes)
