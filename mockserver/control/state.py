"""The records of a world, read and written past the API; what is written still has to fit the API's document."""

from __future__ import annotations

from collections.abc import Mapping
from urllib.parse import quote

from mockserver.control.scope import PREFIX, Handler, Scope
from mockserver.engine.call import Call
from mockserver.problem import INVALID, NOT_FOUND, Problem, Violation
from mockserver.state.collection import Collection, Id, Record
from mockserver.state.world import Snapshot
from mockserver.wire import Json, Response


def list_collections(call: Call, scope: Scope) -> Json:
    """The API's collections, each with the number of its records in this world."""
    service = scope.service(call.path["api"])
    realm = scope.world.of(service.name)
    return {
        "collections": [
            {"name": name, "count": len(realm[name]), "idMember": kept.id_member, "schema": kept.schema or None}
            for name, kept in service.api.collections.items()
        ]
    }


def list_records(call: Call, scope: Scope) -> Json:
    """One page of the records, oldest first, as they are kept."""
    limit, offset = call.query["limit"], call.query["offset"]
    records = _collection(call, scope).list()
    return {
        "records": records[offset : offset + limit],
        "meta": {"total": len(records), "limit": limit, "offset": offset},
    }


def get_record(call: Call, scope: Scope) -> Json:
    """The record as it is kept."""
    collection = _collection(call, scope)
    return collection[_known_id(call, scope, collection)]


def insert_record(call: Call, scope: Scope) -> Response:
    """The collection has one record more; a Problem 409 where its id is taken."""
    collection = _collection(call, scope)
    record = call.body
    _refuse_id(record, _kind_of_ids(call, scope, collection), collection)
    kept = collection.insert(record)
    _check(kept, call, scope)
    address = "/".join([call.path["api"], call.path["collection"], str(record[collection.id_member])])
    return Response(201, kept, (("Location", f"{scope.root}{PREFIX}/state/{quote(address)}"),))


def put_record(call: Call, scope: Scope) -> Response:
    """The record is the one sent; its id is the one of the address, and may be left out."""
    collection = _collection(call, scope)
    record_id = _id(call, scope, collection)
    existed = record_id in collection
    record = {collection.id_member: record_id, **call.body}
    _refuse_other_id(record, record_id, collection)
    kept = collection.replace(record)
    _check(kept, call, scope)
    return Response(200 if existed else 201, kept)


def patch_record(call: Call, scope: Scope) -> Json:
    """The members sent are laid over the record, null among them."""
    collection = _collection(call, scope)
    record_id = _known_id(call, scope, collection)
    _refuse_other_id({collection.id_member: record_id, **call.body}, record_id, collection)
    kept = collection.update(record_id, call.body)
    _check(kept, call, scope)
    return kept


def delete_record(call: Call, scope: Scope) -> Response:
    """The record is gone."""
    collection = _collection(call, scope)
    collection.delete(_known_id(call, scope, collection))
    return Response(204)


def expected_members(fixtures: Snapshot, schemas: Mapping[tuple[str, str], str]) -> dict[tuple[str, str], frozenset[str]]:
    """The members that every record of a collection began with and that its schema does not speak of.

    Handlers rely on them, so a record without one would only be found out by the next request to the API.
    """
    return {
        (api, name): frozenset(
            member
            for member in _common(shelf.records.values())
            if member.startswith("_") or not schemas.get((api, name))
        )
        for api, shelves in fixtures.items()
        for name, shelf in shelves.items()
    }


def _common(records: object) -> frozenset[str]:
    sets = [frozenset(record) for record in records]  # type: ignore[attr-defined]
    return frozenset.intersection(*sets) if sets else frozenset()


def _collection(call: Call, scope: Scope) -> Collection:
    service, name = scope.service(call.path["api"]), call.path["collection"]
    realm = scope.world.of(service.name)
    if name not in realm:
        known = ", ".join(realm.names)
        raise Problem(404, f"{service.name} has no collection {name[:80]!r}; it has {known}.", code=NOT_FOUND)
    return realm[name]


def _kind_of_ids(call: Call, scope: Scope, collection: Collection) -> type[str] | type[int]:
    """Whether the ids of a collection are numbers, as its records tell, else those it began with."""
    for record in collection:
        return int if isinstance(record[collection.id_member], int) else str
    begun = scope.worlds.fixtures[call.path["api"]][collection.name].records
    return int if any(isinstance(record_id, int) for record_id in begun) else str


def _known_id(call: Call, scope: Scope, collection: Collection) -> Id:
    """The id that the address means; what is no id of this collection is as missing as one that no record has."""
    text: str = call.path["id"]
    kind = _kind_of_ids(call, scope, collection)
    if kind is int and (number := _number(text)) is not None:
        return number
    return text


def _id(call: Call, scope: Scope, collection: Collection) -> Id:
    """The id that the address means, fit for a new record."""
    record_id = _known_id(call, scope, collection)
    kind = _kind_of_ids(call, scope, collection)
    if not isinstance(record_id, kind):
        message = f"expected an integer, as the other ids of {collection.name}, got {record_id!r:.80}"
        raise _invalid(Violation("path", "/id", "type", message, str(record_id)[:80]))
    return record_id


def _number(text: str) -> int | None:
    digits = text.removeprefix("-")
    plain = digits.isascii() and digits.isdecimal() and len(digits) <= 18
    return int(text) if plain and str(int(text)) == text else None


def _refuse_id(record: Json, kind: type[str] | type[int], collection: Collection) -> None:
    """A Problem 422 where a new record's id cannot be one."""
    member = collection.id_member
    if member not in record:
        raise _invalid(Violation("body", f"/{member}", "required", "is required: it is the record's id"))
    record_id = record[member]
    if type(record_id) is not kind or record_id == "":
        words = "an integer" if kind is int else "a string that is not empty"
        message = f"is the record's id, expected {words}, got {record_id!r:.80}"
        raise _invalid(Violation("body", f"/{member}", "type", message, f"{record_id!r:.80}"))


def _refuse_other_id(record: Json, record_id: Id, collection: Collection) -> None:
    """A Problem 422 where a record's id is not the one in the address."""
    member = collection.id_member
    given = record[member]
    if type(given) is not type(record_id) or given != record_id:
        message = f"expected {record_id!r:.80}, the id in the address, got {given!r:.80}"
        raise _invalid(Violation("body", f"/{member}", "const", message, f"{given!r:.80}"))


def _check(record: Record, call: Call, scope: Scope) -> None:
    """A Problem 422 naming everything about the record that its API could not live with."""
    service, name = scope.service(call.path["api"]), call.path["collection"]
    schema = service.api.collections[name].schema
    violations = [
        Violation("body", f"/{member}", "required", f"is required: every record of {name} has it")
        for member in sorted(scope.expected[service.name, name] - record.keys())
    ]
    if schema:
        public = {member: value for member, value in record.items() if not member.startswith("_")}
        validator = service.spec.schemas.validator(f"/components/schemas/{schema}")
        violations += validator.violations(public, "body")
    if violations:
        raise _invalid(*violations)


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
