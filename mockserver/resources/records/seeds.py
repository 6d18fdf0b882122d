"""First records of a collection: those of the document's examples, else generated ones."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from itertools import count
from typing import Final

from mockserver.json_text import Json
from mockserver.problem import Unusable
from mockserver.resources.context import ResourceContext
from mockserver.resources.detect.decisions import CollectionPlan
from mockserver.resources.detect.locate import VALUES
from mockserver.resources.detect.names import same_name
from mockserver.resources.detect.operation_view import OperationView
from mockserver.resources.detect.schema_shape import SchemaShape, dig, put
from mockserver.resources.records.ids import Ids, schema_examples
from mockserver.resources.records.merge import RecordMerger
from mockserver.spelling import plain, singular

MOST: Final = 1000
MISSES: Final = 64
"""Used ids in a row after which the schema is taken to allow no others."""
Scope = tuple[Json, ...]


class Seeds:
    """Makes the first records of one collection."""

    def __init__(self, context: ResourceContext, collection: CollectionPlan) -> None:
        self.context = context
        self.collection = collection
        self.record = context.shapes.at(collection.record)
        self.composer = RecordMerger(context, collection.record, self.record)
        self.parent_keys = parent_keys_of(context, collection, self.record)
        self.ids = Ids(context, collection)

    def of(self, scope: Scope, *, exemplary: bool) -> list[dict[str, Json]]:
        """Returns the records below these path values; `exemplary` ones begin with the document's examples."""
        name = self.collection.name
        if self._is_empty:
            return []
        listed, single = self._examples(scope) if exemplary else ([], [])
        different = [example for number, example in enumerate(listed) if example not in listed[:number]]
        wanted = self.collection.seeds if self.collection.seeds >= 0 else len(different) or self.context.seeds
        if self.collection.singleton:
            wanted = 0 if self.collection.absent else 1
        if self.collection.singleton and single and wanted:
            return [single[0]]
        known, rest = self._addressable([*listed, *single])
        records: dict[str, dict[str, Json]] = dict(known)
        ids = self._ids(scope, set(records), exemplary=exemplary)
        where = "/".join(map(str, scope))
        for number, record_id in zip(range(len(records) + 1, min(wanted, MOST) + 1), ids, strict=False):
            first = exemplary and not records
            made = rest.pop(0) if rest else self.composer.made(f"{name}/{where}/{number}", exemplary=first)
            records[str(record_id)] = self._identified(made, record_id, scope)
        return [*records.values()]

    @property
    def _is_empty(self) -> bool:
        """Whether no first records were asked for, not even those of examples: `seeds` is 0."""
        asked = self.collection.seeds if self.collection.seeds >= 0 else self.context.seeds
        return asked == 0 and not self.collection.singleton

    def _addressable(self, examples: list[dict[str, Json]]) -> tuple[dict[str, dict[str, Json]], list[dict[str, Json]]]:
        """Returns the examples by their ids, the first of each, without those whose ids their own paths refuse."""
        by_id: dict[str, dict[str, Json]] = {}
        for example in examples:
            record_id = self.id_of(example)
            if isinstance(record_id, str | int) and not isinstance(record_id, bool):
                by_id.setdefault(str(record_id), example)
        known = {record_id: example for record_id, example in by_id.items() if self.ids.is_addressable(record_id)}
        return known, [example for record_id, example in by_id.items() if record_id not in known]

    def id_of(self, record: Mapping[str, Json]) -> Json:
        """Returns the id in the record; None where only the path has it."""
        return (
            dig(record, self.collection.id_spec.member_path)
            if self.collection.id_spec.member_path
            else record.get("\0id")
        )

    def with_parent_keys(self, record: Mapping[str, Json], scope: Scope) -> dict[str, Json]:
        """Returns the record with the members that name its parents set to the scope."""
        result: dict[str, Json] = dict(record)
        for value, member_path in zip(scope, self.parent_keys, strict=False):
            if member_path:
                result = put(result, member_path, value)
        return result

    def _identified(self, made: dict[str, Json], record_id: Json, scope: Scope) -> dict[str, Json]:
        record = self.with_parent_keys(made, scope)
        member_path = self.collection.id_spec.member_path
        record = put(record, member_path, record_id) if member_path else {**record, "\0id": record_id}
        return record

    def _ids(self, scope: Scope, used: set[str], *, exemplary: bool) -> Iterator[Json]:
        """Yields unused ids for generated records, first those of the examples of the path or the member. Ends where
        the schema allows no more.
        """
        named = (self.ids.example_in_path, self.ids.example_in_schema) if exemplary else ()
        first = next((known for known in named if known is not None and self.ids.fits(known)), None)
        if first is not None and str(first) not in used:
            used.add(str(first))
            yield first
        misses, numbers, again = 0, count(1), False
        seen: set[Json] = set()
        while misses < MISSES:
            candidate = self.ids.candidate(next(numbers), "/".join(map(str, scope)), again=again)
            again = candidate in seen
            seen.add(candidate)
            if str(candidate) in used:
                misses += 1
                continue
            misses = 0
            used.add(str(candidate))
            yield candidate

    # the document's examples

    def _examples(self, scope: Scope) -> tuple[list[dict[str, Json]], list[dict[str, Json]]]:
        """Returns the records in examples of lists and of single records; only whole and valid ones."""
        listed: list[Json] = []
        for view in self.context.views(self.collection.name, "list"):
            member_path = self.context.plan.roles[view.id].answer
            for value in _examples_of(view, "shown", self.context):
                member = dig(value, member_path)
                listed += member if isinstance(member, list) else []
        for view in self.context.views(self.collection.name, "map"):
            member_path = self.context.plan.roles[view.id].answer
            for value in _examples_of(view, "shown", self.context):
                listed += self._keyed(dig(value, member_path))
        single: list[Json] = []
        for view in self.context.views(self.collection.name, "read", "create", "replace", "update"):
            member_path = self.context.plan.roles[view.id].answer
            single += [dig(value, member_path) for value in _examples_of(view, "shown", self.context)]
        single += schema_examples(self.record)
        return self._whole(listed, scope), self._whole(single, scope)

    def _keyed(self, member: Json) -> list[Json]:
        """Returns the records of an object that has them by their ids."""
        entries = member.items() if isinstance(member, dict) else ()
        member_path = self.collection.id_spec.member_path or ("\0id",)
        return [put(value, member_path, key) for key, value in entries if isinstance(value, dict)]

    def _whole(self, values: list[Json], scope: Scope) -> list[dict[str, Json]]:
        accepts = self.context.accepts(self.collection.record.pointer)
        found = []
        for value in values:
            if isinstance(value, dict) and dig(value, self.collection.id_spec.member_path) is not None:
                record = self.with_parent_keys(value, scope)
                plainly = {name: member for name, member in record.items() if name != "\0id"}
                found += [record] if accepts(plainly) else []
        return found


def example_scope(context: ResourceContext, collection: CollectionPlan) -> Scope:
    """Returns the values of the scope's path parameters in the document's examples."""
    views = context.views(collection.name, "list", "read", "create", "delete")
    found = []
    for parameter in collection.scope:
        place = next((view.path_places[parameter] for view in views if parameter in view.path_places), None)
        value = context.value(f"{place.pointer}/schema", parameter) if place is not None else parameter
        found.append(value if isinstance(value, str | int) and value != "" else parameter)
    return tuple(found)


def parent_keys_of(
    context: ResourceContext, collection: CollectionPlan, record: SchemaShape
) -> tuple[tuple[str, ...], ...]:
    """Returns for each parameter of the scope the path of the member that repeats it; empty where none does."""
    segments = collection.path.split("/")
    parent_keys = []
    for parameter in collection.scope:
        at = segments.index(f"{{{parameter}}}") if f"{{{parameter}}}" in segments else 0
        nouns = (
            dict.fromkeys((plain(singular(segments[at - 1])), plain(segments[at - 1].removesuffix("s")))) if at else ()
        )
        parent_keys.append(_pin(context, record, parameter, nouns, collection.id_spec.member_path))
    return tuple(parent_keys)


def _pin(
    context: ResourceContext, record: SchemaShape, parameter: str, nouns: Iterable[str], id_spec: tuple[str, ...]
) -> tuple[str, ...]:
    wanted = [parameter] if plain(parameter) not in ("id", "key", "name", "uid", "uuid") else []
    wanted += [f"{noun}_{ending}" for noun in nouns if noun for ending in ("id", "sid", "key", parameter)]
    holders: list[tuple[str, ...]] = [(), ("metadata",)]
    for holder in holders:
        shape = context.shapes.member(record, *holder)
        for name in wanted:
            member = same_name(name, shape.members)
            if member is not None and (*holder, member) != id_spec:
                nested = context.shapes.at(shape.members[member])
                if nested.is_scalar:
                    return (*holder, member)
    return ()


def _examples_of(view: OperationView, which: str, context: ResourceContext) -> Iterator[Json]:
    """Yields every example of the operation's success schemas or of its body."""
    place = view.shown if which == "shown" else view.body_place
    if place is None:
        return
    media = _media(context, place.pointer.rpartition("/")[0])
    if "example" in media:
        yield media["example"]
    named = media.get("examples")
    for example in (named if isinstance(named, dict) else {}).values():
        try:
            node, _ = context.shapes.resolve(example, "")
        except Unusable:
            continue
        if isinstance(node, dict) and (member := VALUES & node.keys()):
            yield node[min(member)]
    yield from schema_examples(context.shapes.at(place))


def _media(context: ResourceContext, pointer: str) -> Mapping[str, Json]:
    try:
        node, _ = context.shapes.resolve({"$ref": f"#{pointer}"}, "")
    except Unusable:
        return {}
    return node if isinstance(node, dict) else {}
