"""The checked API by its structure: the operations of each collection, and the values that lead from one to another."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from functools import cached_property
from typing import Final, NamedTuple
from urllib.parse import unquote, urlsplit

from mockserver.engine.redaction.redactor import Redactor
from mockserver.json_text import Json
from mockserver.openapi.model.document import Document
from mockserver.openapi.model.operation import Operation
from mockserver.resources.detect.decisions import CollectionPlan, MemberPath, Role
from mockserver.resources.detect.foreign_keys import ForeignKeys, neighbours_of
from mockserver.resources.detect.operation_view import OperationView, is_parameter, segments_of
from mockserver.resources.detect.plan import plan
from mockserver.resources.detect.schema_shape import SchemaPlace, SchemaShape, SchemaShapes
from mockserver.resources.query.list_query import WRITES, ListQuery, askable, list_query_of
from mockserver.spelling import plain

MISSING: Final[Json] = object()
"""Stands for a value that is not there."""


_OF_REQUESTS: Final = frozenset({"requestid", "traceid", "correlationid"})
"""Members, by plain name, that tell requests apart, not records."""


MEMBER_TIMES: Final = 3
"""How many values of a member that an operation writes are compared with what is read."""

IDS_SEEN: Final = 20
"""Ids of a collection that are kept, of those that answers showed."""


class Member(NamedTuple):
    """An operation that reads or changes records of a collection."""

    operation: Operation
    role: Role
    collection: CollectionPlan

    @property
    def label(self) -> str:
        """Method and path, as Schemathesis names operations."""
        return f"{self.operation.method.upper()} {self.operation.path}"


class CheckedApi:
    """The plan of a document, as the checks ask it. Everything is found at its first use."""

    def __init__(self, spec: Document) -> None:
        self.spec = spec
        self.shapes = SchemaShapes(spec.document)
        self._proven: set[str] = set()
        self._seen: defaultdict[str, dict[Json, None]] = defaultdict(dict)
        self._compared: defaultdict[tuple[str, str], set[str]] = defaultdict(set)

    @cached_property
    def redactor(self) -> Redactor:
        """Masks the secrets of exchanges."""
        return Redactor(self.spec, [])

    @cached_property
    def operations(self) -> Mapping[tuple[str, str], Operation]:
        """The operations by method and path."""
        return {(operation.method.upper(), operation.path): operation for operation in self.spec.operations}

    @cached_property
    def members(self) -> Mapping[tuple[str, str], Member]:
        """The operations on collections, by method and path."""
        planned = plan(self.spec)
        found = {}
        for key, operation in self.operations.items():
            role = planned.roles[operation.id]
            collection = planned.collections.get(role.collection)
            if role.keeps and collection is not None:
                found[key] = Member(operation, role, collection)
        return found

    @cached_property
    def _views(self) -> Mapping[str, OperationView]:
        return {operation.id: OperationView(operation, self.shapes) for operation in self.spec.operations}

    def of_kind(self, collection: str, *kinds: str) -> Iterator[Member]:
        """The operations of a collection that have one of these roles, those of the first role first."""
        for kind in kinds:
            for member in self.members.values():
                if member.role.kind == kind and member.role.collection == collection:
                    yield member

    def list_query(self, member: Member) -> ListQuery:
        """The meaning of the parameters of a list."""
        view = self._views[member.operation.id]
        record = self.record_of(member)
        writes = (
            (other.role, self._views[other.operation.id]) for other in self.of_kind(member.collection.name, *WRITES)
        )
        return list_query_of(self.shapes, view, member.role, askable(self.shapes, record, list(writes)))

    def record_of(self, member: Member) -> SchemaShape:
        """The shape of the collection's records."""
        return self.shapes.at(member.collection.record)

    def shown(self, member: Member) -> SchemaShape:
        """The shape of the record in the answer of an operation."""
        return self.shapes.member(self._views[member.operation.id].shape, *member.role.answer)

    def reader(
        self, of: Member, known: Mapping[str, Json], identifier: Json = MISSING
    ) -> tuple[Member, dict[str, Json]] | None:
        """The operation that reads the record which another one changed, with its path parameters."""
        for member in self.of_kind(of.collection.name, "read"):
            values = values_for(member, of, known, identifier)
            if values is not None and member.role.owned is None:
                return member, values
        return None

    def note_read(self, reader: Member, answered: Json, identifier: Json) -> None:
        """Notes that the ids of records lead to them, where a record was read by its id."""
        if identifier is not MISSING and id_of(at(answered, reader.role.answer), reader.collection) == identifier:
            self._proven.add(reader.label)

    def is_proven(self, reader: Member) -> bool:
        """Whether some record was read by its id: what paths have may be another member than the id."""
        return reader.label in self._proven

    def to_compare(self, writer: Member, values: Mapping[str, Json]) -> dict[str, Json]:
        """Those of these values by member that were not compared after this operation, nor MEMBER_TIMES others of the
        member: a value that is sent again proves nothing new.
        """
        found = {}
        for name, value in values.items():
            compared = self._compared[writer.label, name]
            if len(compared) < MEMBER_TIMES and repr(value) not in compared:
                found[name] = value
        return found

    def note_compared(self, writer: Member, values: Mapping[str, Json]) -> None:
        """Notes that values of members were compared after an operation."""
        for name, value in values.items():
            self._compared[writer.label, name].add(repr(value))

    def count_of(self, writer: Member, name: str) -> int:
        """How many values of a member were compared after an operation."""
        return len(self._compared[writer.label, name])

    def note_ids(self, collection: str, ids: Sequence[Json]) -> None:
        """Notes ids that answers showed, of which the latest IDS_SEEN are kept."""
        seen = self._seen[collection]
        for identifier in ids:
            seen.pop(identifier, None)
            seen[identifier] = None
        for identifier in [*seen][:-IDS_SEEN]:
            seen.pop(identifier, None)

    def ids_seen(self, collection: str) -> list[Json]:
        """The noted ids of a collection, the latest last."""
        return [*self._seen[collection]]

    def sent_place(self, member: Member) -> SchemaPlace | None:
        """The schema of the record, or of each record, in the body of an operation."""
        place = self._views[member.operation.id].body_place
        for name in member.role.body_path:
            place = self.shapes.at(place).members.get(name) if place is not None else None
        shape = self.shapes.at(place) if place is not None else None
        return shape.items if shape is not None and shape.is_list else place

    def references_of(self, member: Member) -> Mapping[str, str]:
        """The members of the records in a body that name records of other collections, and these collections."""
        place = self.sent_place(member)
        found = self.relations.of(replace(member.collection, record=place)) if place is not None else ()
        return {one.member_path[0]: one.target for one in found}

    @cached_property
    def relations(self) -> ForeignKeys:
        """What the members of records name."""
        return ForeignKeys(
            self.shapes,
            {member.collection.name: member.collection for member in self.members.values()},
            neighbours_of(operation.path for operation in self.spec.operations),
        )

    def lister(self, of: Member, known: Mapping[str, Json]) -> tuple[Member, dict[str, Json]] | None:
        """The list of the records that another operation changes, with its path parameters."""
        for member in self.of_kind(of.collection.name, "list"):
            values = values_for(member, of, known, MISSING)
            is_whole = member.role.owned in (None, of.role.owned)
            if values is not None and is_whole and member.operation.method.upper() == "GET":
                return member, values
        return None


def values_for(target: Member, source: Member, known: Mapping[str, Json], identifier: Json) -> dict[str, Json] | None:
    """The path parameters of an operation by those of another one of the same collection, whose records have this id;
    None where one is not known.
    """
    values: dict[str, Json] = {}
    for theirs, ours in zip(segments_of(target.operation.path), segments_of(source.operation.path), strict=False):
        if is_parameter(theirs) and is_parameter(ours) and ours[1:-1] in known:
            values[theirs[1:-1]] = known[ours[1:-1]]
        elif theirs != ours:
            break
    needed = [parameter.name for parameter in target.operation.parameters if parameter.place == "path"]
    for name in needed:
        if name not in values and name in known and name in source.role.keys:
            values[name] = known[name]
    keys = target.role.keys
    if identifier is not MISSING and keys and keys[-1] not in values:
        values[keys[-1]] = identifier
    return values if all(name in values for name in needed) else None


def at(value: Json, member_path: MemberPath) -> Json:
    """The value at a path of members; MISSING where there is none."""
    for name in member_path:
        if not isinstance(value, dict) or name not in value:
            return MISSING
        value = value[name]
    return value


def is_of_requests(member_path: MemberPath) -> bool:
    """Whether a member tells requests apart, not records."""
    return plain(member_path[-1]) in _OF_REQUESTS


def id_of(record: Json, collection: CollectionPlan) -> Json:
    """The id in a record; MISSING where it has none, or one that no path can have."""
    path = collection.id_spec.member_path
    if path and is_of_requests(path):
        return MISSING
    value = at(record, path) if path else MISSING
    return value if isinstance(value, str | int) and not isinstance(value, bool) and value != "" else MISSING


def id_in_location(location: str, item: str) -> Json:
    """The id in an address, by the template of the paths of records; MISSING where it is another address."""
    path = [unquote(part) for part in urlsplit(location).path.strip("/").split("/")]
    template = segments_of(item)
    tail = path[-len(template) :] if len(path) >= len(template) else path
    fits = zip(reversed(template), reversed(tail), strict=False)
    if not template or not is_parameter(template[-1]) or not tail[-1] or len(tail) < min(len(template), 2):
        return MISSING
    return tail[-1] if all(is_parameter(part) or part == given for part, given in fits) else MISSING
