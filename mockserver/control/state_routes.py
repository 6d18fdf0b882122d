"""The records of a world, read and written past the API; what is written still has to fit the API's document."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from urllib.parse import quote

from mockserver.control.scope import PREFIX, ControlScope, Handler, RecordExpectations
from mockserver.engine.api import CollectionSpec
from mockserver.engine.call import Call
from mockserver.json_text import Json
from mockserver.messages import Response
from mockserver.openapi.schema.validator import Schemas
from mockserver.problem import INVALID, NOT_FOUND, Problem, Violation
from mockserver.state.collection import Collection, Id
from mockserver.state.record import Record

_DIGITS, _LETTERS = 18, 1000
"""How long an id may be, by its kind, so that it fits into an address."""


def list_collections(call: Call, scope: ControlScope) -> Json:
    """The API's collections, each with the number of its records in this world."""
    service = scope.service(call.path["api"])
    state = scope.world.of(service.name)
    return {
        "collections": [
            {"name": name, "count": len(state[name]), "idMember": kept.id_member, "schema": kept.schema or None}
            for name, kept in service.api.collections.items()
        ]
    }


def list_records(call: Call, scope: ControlScope) -> Json:
    """One page of the records, oldest first, as they are kept."""
    limit, offset = call.query["limit"], call.query["offset"]
    records = _collection(call, scope).all()
    return {
        "records": records[offset : offset + limit],
        "meta": {"total": len(records), "limit": limit, "offset": offset},
    }


def get_record(call: Call, scope: ControlScope) -> Json:
    """The record as it is kept."""
    collection = _collection(call, scope)
    return collection[_known_id(call, scope, collection)]


def insert_record(call: Call, scope: ControlScope) -> Response:
    """The collection has one record more; a Problem 409 where its id is taken."""
    collection = _collection(call, scope)
    record = call.body
    _refuse_id(record, _kind_of_ids(call, scope, collection), collection)
    kept = collection.insert(record)
    _check(kept, call, scope)
    _follow(call, scope, None, kept)
    address = "/".join(
        quote(str(part), safe="") for part in (call.path["api"], collection.name, record[collection.id_member])
    )
    return Response(201, kept, (("Location", f"{scope.root}{PREFIX}/state/{address}"),))


def put_record(call: Call, scope: ControlScope) -> Response:
    """The record is the one sent; its id is the one of the address, and may be left out."""
    collection = _collection(call, scope)
    record_id = _id(call, scope, collection)
    before = collection.get(record_id)
    record = {collection.id_member: record_id, **call.body}
    _refuse_other_id(record, record_id, collection)
    kept = collection.replace(record)
    _check(kept, call, scope)
    _follow(call, scope, before, kept)
    return Response(201 if before is None else 200, kept)


def patch_record(call: Call, scope: ControlScope) -> Json:
    """The members sent are laid over the record, null among them."""
    collection = _collection(call, scope)
    record_id = _known_id(call, scope, collection)
    _refuse_other_id({collection.id_member: record_id, **call.body}, record_id, collection)
    before = collection.get(record_id)
    kept = collection.update(record_id, call.body)
    _check(kept, call, scope)
    _follow(call, scope, before, kept)
    return kept


def delete_record(call: Call, scope: ControlScope) -> Response:
    """The record is gone."""
    collection = _collection(call, scope)
    _follow(call, scope, collection.delete(_known_id(call, scope, collection)), None)
    return Response(204)


def expect(kept: CollectionSpec, records: Iterable[Record]) -> RecordExpectations:
    """What handlers rely on, as the records tell that a collection began with.

    A record without it would only be found out by the next request to the API.
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
        values=Schemas({"values": {"properties": values}}).validator("/values"),
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
    """The JSON types of the values; null alone does not tell what else there could be."""
    types = {next(name for kind, name in _TYPES if isinstance(value, kind)) for value in values}
    return sorted(types) if types != {"null"} else sorted(name for _, name in _TYPES)


def _collection(call: Call, scope: ControlScope) -> Collection:
    service, name = scope.service(call.path["api"]), call.path["collection"]
    state = scope.world.of(service.name)
    if name not in state:
        known = ", ".join(state.names)
        raise Problem(404, f"{service.name} has no collection {name[:80]!r}; it has {known}.", code=NOT_FOUND)
    return state[name]


def _kind_of_ids(call: Call, scope: ControlScope, collection: Collection) -> type[str | int]:
    """Whether the ids of a collection are numbers, as the records tell that it began with, else those that it has."""
    begun = scope.worlds.fixtures[call.path["api"]][collection.name].records
    ids = iter(begun) if begun else (record[collection.id_member] for record in collection)
    return int if isinstance(next(ids, ""), int) else str


def _known_id(call: Call, scope: ControlScope, collection: Collection) -> Id:
    """The id that the address means; what is no id of this collection is as missing as one that no record has."""
    text: str = call.path["id"]
    kind = _kind_of_ids(call, scope, collection)
    if kind is int and (number := _number(text)) is not None:
        return number
    return text


def _id(call: Call, scope: ControlScope, collection: Collection) -> Id:
    """The id that the address means, fit for a new record."""
    record_id = _known_id(call, scope, collection)
    kind = _kind_of_ids(call, scope, collection)
    if not isinstance(record_id, kind):
        message = f"expected an integer, as the other ids of {collection.name} are, got {_seen(record_id)}"
        raise _invalid(Violation("path", "/id", "type", message, _seen(record_id)))
    return record_id


def _number(text: str) -> int | None:
    digits = text.removeprefix("-")
    plain = digits.isascii() and digits.isdecimal() and len(digits) <= _DIGITS
    return int(text) if plain and str(int(text)) == text else None


def _refuse_id(record: Json, kind: type[str | int], collection: Collection) -> None:
    """A Problem 422 where a new record's id cannot be one."""
    member = collection.id_member
    if member not in record:
        raise _invalid(Violation("body", f"/{member}", "required", "is required: it is the record's id"))
    record_id = record[member]
    most = _DIGITS if kind is int else _LETTERS
    if type(record_id) is not kind or record_id == "" or len(str(record_id).removeprefix("-")) > most:
        words = f"an integer of at most {most} digits" if kind is int else f"a string of 1 to {most} characters"
        message = f"is the record's id, expected {words}, got {_seen(record_id)}"
        raise _invalid(Violation("body", f"/{member}", "type", message, _seen(record_id)))


def _refuse_other_id(record: Json, record_id: Id, collection: Collection) -> None:
    """A Problem 422 where a record's id is not the one in the address."""
    member = collection.id_member
    given = record[member]
    if type(given) is not type(record_id) or given != record_id:
        message = f"expected {_seen(record_id)}, the id in the address, got {_seen(given)}"
        raise _invalid(Violation("body", f"/{member}", "const", message, _seen(given)))


def _check(record: Record, call: Call, scope: ControlScope) -> None:
    """A Problem 422 naming everything about the record that its API could not live with."""
    service, name = scope.service(call.path["api"]), call.path["collection"]
    schema = service.api.collections[name].schema
    expected = scope.expected[service.name, name]
    violations = [
        Violation("body", f"/{member}", "required", f"is required: every record of {name} has it")
        for member in sorted(expected.required - record.keys())
    ]
    violations += expected.values.violations(record, "body")
    if schema:
        violations += [
            Violation("body", f"/{member}", "additionalProperties", f"is the mock's own; it has {sorted(expected.own)}")
            for member in record
            if member.startswith("_") and member not in expected.own
        ]
        public = {member: value for member, value in record.items() if not member.startswith("_")}
        validator = service.spec.schemas.validator(f"/components/schemas/{schema}")
        violations += validator.violations(public, "body")
    if violations:
        raise _invalid(*violations)


def _follow(call: Call, scope: ControlScope, before: Record | None, after: Record | None) -> None:
    """What the API does where such a record comes, changes or goes is done."""
    service = scope.service(call.path["api"])
    if service.api.follow is not None:
        state = scope.world.of(service.name)
        service.api.follow(state, call.path["collection"], before, after, service.choices)


def _seen(value: Json) -> str:
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
