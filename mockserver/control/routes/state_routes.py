"""Reads and writes the records of a world directly; written records must still fit the API's document."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from urllib.parse import quote

from mockserver.control.scope import PREFIX, ControlScope, Handler, RecordExpectations
from mockserver.engine.api import CollectionSpec
from mockserver.engine.call import Call
from mockserver.engine.service import Service
from mockserver.json_text import Json
from mockserver.messages import Response
from mockserver.openapi.model.document import Resolver
from mockserver.openapi.schema.schema_view import SchemaView
from mockserver.openapi.schema.validator import SLOW_PATTERNS, Schemas
from mockserver.openapi.schema.verdict import VERDICT
from mockserver.problem import INVALID, NOT_FOUND, Problem, Unusable, Violation
from mockserver.state.records.collection import Collection, Id
from mockserver.state.records.record import Record

_DIGITS, _LETTERS = 18, 1000
"""The most characters of an id, as digits or as text, so that it fits into a URL."""


def list_collections(call: Call, scope: ControlScope) -> Json:
    """Returns the API's collections, each with the number of its records in this world."""
    service = scope.service(call.path["api"])
    state = scope.world.of(service.name)
    return {
        "collections": [
            {
                "name": name,
                "count": len(state[name]),
                "idMember": _id_member(kept, state[name]),
                "schema": kept.schema or None,
            }
            for name, kept in service.api.collections.items()
        ]
    }


def _id_member(kept: CollectionSpec, collection: Collection) -> str:
    """The member that users know the id by; that of the mock where they know none."""
    return (collection.place.id_member if collection.place is not None else "") or kept.id_member


def list_records(call: Call, scope: ControlScope) -> Json:
    """Returns one page of the records as stored, oldest first."""
    limit, offset = call.query["limit"], call.query["offset"]
    collection = _collection(call, scope)
    records: Sequence[Record] = collection.all()
    if "text" in call.query:
        wanted = call.query["text"].lower()
        records = [record for record in records if wanted in json.dumps(record, ensure_ascii=False).lower()]
    return {
        "records": [shown(collection, record) for record in records[offset : offset + limit]],
        "meta": {"total": len(records), "limit": limit, "offset": offset},
    }


def get_record(call: Call, scope: ControlScope) -> Json:
    """Returns the record as stored."""
    collection = _collection(call, scope)
    return shown(collection, collection[_known_id(call, scope, collection)])


def insert_record(call: Call, scope: ControlScope) -> Response:
    """Adds a record. Raises Problem 409 if its id is taken."""
    collection = _collection(call, scope)
    record = _stored(call.body, collection)
    _refuse_id(record, _id_type(call, scope, collection), collection)
    kept = collection.insert(record)
    _check(kept, call, scope)
    _apply_effects(call, scope, None, kept)
    address = "/".join(
        quote(str(part), safe="") for part in (call.path["api"], collection.name, record[collection.id_member])
    )
    return Response(201, shown(collection, kept), (("Location", f"{scope.root}{PREFIX}/state/{address}"),))


def put_record(call: Call, scope: ControlScope) -> Response:
    """Replaces or adds the record; its id is that of the URL, and may be left out of the body."""
    collection = _collection(call, scope)
    if collection.place is None:
        record_id = _id(call, scope, collection)
        record: Mapping[str, Json] = {collection.id_member: record_id, **call.body}
    else:
        record_id = _known_id(call, scope, collection)
        record = _at_address(record_id, call.body, collection)
        record_id = record_id if record_id in collection else record[collection.id_member]
    before = collection.get(record_id)
    _refuse_other_id(record, record_id, collection)
    kept = collection.replace(record)
    _check(kept, call, scope, before)
    _apply_effects(call, scope, before, kept)
    return Response(201 if before is None else 200, shown(collection, kept))


def patch_record(call: Call, scope: ControlScope) -> Json:
    """Sets the given members of the record, including null."""
    collection = _collection(call, scope)
    record_id = _known_id(call, scope, collection)
    before, changes = collection.get(record_id), call.body
    if collection.place is not None and before is not None:
        changes = {**_stored({**collection.place.shown(before), **changes}, collection)}
    _refuse_other_id({collection.id_member: record_id, **changes}, record_id, collection)
    kept = collection.update(record_id, changes)
    _check(kept, call, scope, before)
    _apply_effects(call, scope, before, kept)
    return shown(collection, kept)


def delete_record(call: Call, scope: ControlScope) -> Response:
    """Removes the record."""
    collection = _collection(call, scope)
    _apply_effects(call, scope, collection.delete(_known_id(call, scope, collection)), None)
    return Response(204)


def shown(collection: Collection, record: Record) -> Mapping[str, Json]:
    """The record as its users write it: of one that is kept by its path, with its id and those of the records above."""
    return record if collection.place is None else collection.place.shown(record)


def _stored(record: Mapping[str, Json], collection: Collection) -> Mapping[str, Json]:
    """The record as it is kept. Raises Problem 422 for one that does not say where it stands."""
    if collection.place is None or collection.id_member in record:
        return record
    try:
        return collection.place.stored(record)
    except Unusable as unusable:
        raise _invalid(Violation("body", "", "required", unusable.message)) from None


def _at_address(record_id: Id, body: Mapping[str, Json], collection: Collection) -> Mapping[str, Json]:
    """The record that is to stand at an address, as it is kept; what the body leaves out of its ids is that of the one
    that is there, else the id in the address.
    """
    place, before = collection.place, collection.get(record_id)
    if place is None:
        return body
    if before is not None:
        known = place.shown(before)
        names = place.path_members
        return _stored({**{name: known[name] for name in names if name in known}, **body}, collection)
    return _stored({**place.named(str(record_id)), **body}, collection)


def expect(kept: CollectionSpec, records: Iterable[Record]) -> RecordExpectations:
    """The expectations for a collection, derived from its initial records.

    A record that violates them would otherwise fail at the next request to the API.
    """
    seen: dict[str, list[Json]] = {}
    members = [frozenset(record) for record in records]
    for record in records:
        for member, value in record.items():
            if not kept.schema or member.startswith("_"):
                seen.setdefault(member, []).append(value)
    values = {member: {"type": _types(found)} | kept.values.get(member, {}) for member, found in seen.items()}
    return RecordExpectations(
        required=frozenset(members[0].intersection(*members) & seen.keys() if members else ()),
        own=frozenset(member for member in seen if member.startswith("_")),
        values=Schemas({"values": {"properties": values}}, frozenset({SLOW_PATTERNS})).validator("/values"),
    )


_TYPES: tuple[tuple[type | tuple[type, ...], str], ...] = (
    (str, "string"),
    (bool, "boolean"),
    ((int, float), "number"),
    (dict, "object"),
    (list, "array"),
    (type(None), "null"),
)


def _types(values: Iterable[Json]) -> list[str]:
    """The JSON types of the values; any type if they are all null."""
    types = {next(name for kind, name in _TYPES if isinstance(value, kind)) for value in values}
    return sorted(types) if types != {"null"} else sorted(name for _, name in _TYPES)


def _collection(call: Call, scope: ControlScope) -> Collection:
    service, name = scope.service(call.path["api"]), call.path["collection"]
    state = scope.world.of(service.name)
    if name not in state or name.startswith("_"):
        known = ", ".join(known for known in state.names if not known.startswith("_"))
        raise Problem(404, f"{service.name} has no collection {name[:80]!r}; it has {known}.", code=NOT_FOUND)
    return state[name]


def _id_type(call: Call, scope: ControlScope, collection: Collection) -> type[str | int]:
    """The type of the collection's ids, integer or text, by its initial records, else by its current ones, else by its
    schema.
    """
    initial = scope.worlds.fixtures[call.path["api"]][collection.name].records
    ids = iter(initial) if initial else (record[collection.id_member] for record in collection)
    known = next(ids, None)
    if known is None:
        return _declared_id_type(scope.service(call.path["api"]), collection)
    return int if isinstance(known, int) else str


def _declared_id_type(service: Service, collection: Collection) -> type[str | int]:
    """The type of an id by the schema of the records; text where it has none or allows any."""
    node = {"$ref": f"#/components/schemas/{service.api.collections[collection.name].schema}"}
    member = SchemaView(Resolver(service.spec.document), node, "").properties.get(collection.id_member)
    types = frozenset[str]() if member is None else member.types
    return int if types & {"integer", "number"} and "string" not in types else str


def _known_id(call: Call, scope: ControlScope, collection: Collection) -> Id:
    """The id in the URL; text that can be no id of this collection is as unknown as an id without a record."""
    text: str = call.path["id"]
    if collection.place is not None and text not in collection:
        return _key_of(text, collection)
    kind = _id_type(call, scope, collection)
    if kind is int and (number := _number(text)) is not None:
        return number
    return text


def _key_of(text: str, collection: Collection) -> Id:
    """The key of the record with this id of its own. Raises Problem 404 where it is that of several."""
    place = collection.place
    found = [record for record in collection if place is not None and str(place.own_id(record)) == text]
    keys: list[Id] = [record[collection.id_member] for record in found]
    if len(keys) > 1:
        known = ", ".join(map(str, keys[:5]))
        detail = f"{len(keys)} records of {collection.name} have the id {text[:80]!r}; their addresses end in {known}."
        raise Problem(404, detail, code=NOT_FOUND)
    return keys[0] if keys else text


def _id(call: Call, scope: ControlScope, collection: Collection) -> Id:
    """The id in the URL, valid for a new record."""
    record_id = _known_id(call, scope, collection)
    kind = _id_type(call, scope, collection)
    if not isinstance(record_id, kind):
        message = f"expected an integer, as the other ids of {collection.name} are, got {_abridged(record_id)}"
        raise _invalid(Violation("path", "/id", "type", message, _abridged(record_id)))
    return record_id


def _number(text: str) -> int | None:
    digits = text.removeprefix("-")
    is_canonical = digits.isascii() and digits.isdecimal() and len(digits) <= _DIGITS
    return int(text) if is_canonical and str(int(text)) == text else None


def _refuse_id(record: Json, kind: type[str | int], collection: Collection) -> None:
    """Raises Problem 422 if a new record's id is invalid."""
    member = collection.id_member
    if member not in record:
        raise _invalid(Violation("body", f"/{member}", "required", "is required: it is the record's id"))
    record_id = record[member]
    most = _DIGITS if kind is int else _LETTERS
    if type(record_id) is not kind or record_id == "" or len(str(record_id).removeprefix("-")) > most:
        words = f"an integer of at most {most} digits" if kind is int else f"a string of 1 to {most} characters"
        message = f"is the record's id, expected {words}, got {_abridged(record_id)}"
        raise _invalid(Violation("body", f"/{member}", "type", message, _abridged(record_id)))


def _refuse_other_id(record: Json, record_id: Id, collection: Collection) -> None:
    """Raises Problem 422 if a record's id differs from the one in the URL."""
    member = collection.id_member
    given = record[member]
    if type(given) is not type(record_id) or given != record_id:
        message = f"expected {_abridged(record_id)}, the id in the address, got {_abridged(given)}"
        raise _invalid(Violation("body", f"/{member}", "const", message, _abridged(given)))


def _check(record: Record, call: Call, scope: ControlScope, before: Record | None = None) -> None:
    """Raises Problem 422 with every defect of the record that the API could not work with. Members of the record
    `before` are known, by whatever name a client gave them.
    """
    known = frozenset(before or ())
    violations = record_violations(record, call.path["api"], call.path["collection"], scope, known)
    if violations:
        raise _invalid(*violations)


def record_violations(
    record: Mapping[str, Json], api: str, name: str, scope: ControlScope, known: frozenset[str] = frozenset()
) -> list[Violation]:
    """Every defect of the record that the API could not work with. The mock's own members, `_...`, are those that its
    neighbours began with; `known` are more.
    """
    service = scope.service(api)
    schema = service.api.collections[name].schema
    expected = scope.expected[service.name, name]
    violations = [
        Violation("body", f"/{member}", "required", f"is required: every record of {name} has it")
        for member in sorted(expected.required - record.keys())
    ]
    violations += expected.values.violations(record, "body")
    if schema:
        place = scope.world.of(api)[name].place
        marks = place.marks if place is not None else frozenset[str]()
        violations += [
            Violation("body", f"/{member}", "additionalProperties", f"is the mock's own; it has {sorted(expected.own)}")
            for member in record
            if member.startswith("_") and member not in expected.own | marks | known
        ]
        public = {member: value for member, value in record.items() if not member.startswith("_")}
        validator = service.spec.schemas.validator(f"/components/schemas/{schema}")
        violations += validator.violations(public, "body")
    VERDICT.take_limits()  # of no request of the API, whose next answer by this thread would note them
    return violations


def _apply_effects(call: Call, scope: ControlScope, before: Record | None, after: Record | None) -> None:
    """Applies the effects that the API has when such a record is created, changed or deleted."""
    service = scope.service(call.path["api"])
    if service.api.follow is not None:
        state = scope.world.of(service.name)
        service.api.follow(state, call.path["collection"], before, after, service.choices)


def _abridged(value: Json) -> str:
    return json.dumps(value, ensure_ascii=False)[:80]


def _invalid(*violations: Violation) -> Problem:
    return Problem(422, "; ".join(map(str, violations[:3])), code=INVALID, violations=violations)


HANDLERS: Mapping[str, Handler] = {
    "listCollections": list_collections,
    "listRecords": list_records,
    "getRecord": get_record,
    "insertRecord": insert_record,
    "putRecord": put_record,
    "patchRecord": patch_record,
    "deleteRecord": delete_record,
}
