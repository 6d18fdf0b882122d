"""Related records: included in answers, expanded in the place of their ids, or read at addresses of their own."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace
from typing import Final
from urllib.parse import parse_qsl

from mockserver.engine.api import Handler
from mockserver.engine.call import Call
from mockserver.json_text import Json
from mockserver.messages import Response
from mockserver.resources.detect.decisions import OWN, MemberPath
from mockserver.resources.detect.foreign_keys import ForeignKey
from mockserver.resources.detect.locate import find_list, find_record
from mockserver.resources.detect.names import named
from mockserver.resources.detect.schema_shape import SchemaPlace, dig, put
from mockserver.resources.operations.reply import Reply
from mockserver.resources.query.list_records import Listing
from mockserver.resources.records.adapter import ABSENT, Adapter
from mockserver.resources.records.seeds import Scope
from mockserver.resources.records.store import Store
from mockserver.resources.relations.ownership import Ownership
from mockserver.spelling import plain
from mockserver.state.records.record import Record
from mockserver.state.world import ApiState

_INCLUDED: Final = "included"
_ASKING: Final = named("include includes expand expands embed embeds populate")
"""Plain names of query parameters that ask for related records."""
_DEEPEST: Final = 4

_Found = dict[tuple[str, str], tuple[Store, Record]]
"""Records by the names of their collections and their ids."""
RecordLookup = Callable[[Reply, ApiState, Scope], Record]


class Including:
    """The related records in the answers of one operation."""

    def __init__(self, reply: Reply) -> None:
        self._reply = reply
        self._context = reply.context
        self._shape = reply.view.shape
        included = self._shape.members.get(_INCLUDED)
        shape = self._context.shapes.at(included) if included is not None else None
        self._items = shape.items if shape is not None else None
        self._replies: dict[str, Reply] = {}
        asked = (*reply.view.query, *reply.view.body.members)
        self._parameter = next((name for name in asked if plain(name) in _ASKING), "")

    def around(self, handler: Handler) -> Handler:
        """Returns the handler, whose answers include the records that the shown ones name, as far as the request asks
        for them.
        """
        place = self._reply.view.shown
        if place is None or self._reply.role.kind == "schema" or not (self._items is not None or self._parameter):
            return handler
        accepts = self._context.accepts(place.pointer)

        def include(call: Call, state: ApiState) -> Response | Json:
            answer = handler(call, state)
            body = answer.body if isinstance(answer, Response) else answer
            failed = isinstance(answer, Response) and answer.status >= 300
            if failed or not isinstance(body, dict | list):
                return answer
            result = self._with_related(body, call, state)
            if result == body or not accepts(result):
                return answer
            return answer._replace(body=result) if isinstance(answer, Response) else result

        return include

    def _with_related(self, body: Json, call: Call, state: ApiState) -> Json:
        names = self._requested(call)
        if names and not all(map(self._is_related, names)):
            call.note("ignored-parameters", f"not all that was asked for is related to {self._reply.store.name}")
        records = [*self._records(body, call, state)]
        if self._items is None:
            return self._expanded(body, records, names, state)
        found: _Found = {}
        if names or not self._parameter:
            for record, _ in records:
                self._collect(self._reply.store, record, names, state, found)
        shown = {(self._reply.store.name, str(self._reply.store.values(record)[-1])) for record, _ in records}
        result = [self._shown(store, record, call, state) for key, (store, record) in found.items() if key not in shown]
        entries = [entry for entry in result if entry is not ABSENT]
        if entries or names or _INCLUDED in self._shape.required:
            return {**body, _INCLUDED: entries} if isinstance(body, dict) else body
        return {name: value for name, value in body.items() if name != _INCLUDED} if isinstance(body, dict) else body

    def _requested(self, call: Call) -> list[MemberPath]:
        """Returns the paths of names that the request asks for."""
        if not self._parameter:
            return []
        wanted = self._parameter.removesuffix("[]")
        pairs = parse_qsl(call.request.query)
        values = [value for name, value in pairs if name.partition("[")[0] == wanted]
        sent = call.body.get(self._parameter) if isinstance(call.body, dict) else None
        values += [value for value in (sent if isinstance(sent, list) else [sent]) if isinstance(value, str)]
        parts = [part.strip() for value in values for part in value.split(",")]
        return [tuple(part.removeprefix("data.").split(".")) for part in parts if part]

    def _is_related(self, names: MemberPath) -> bool:
        """Whether a reference, records below this one or a member are called so."""
        store, name = self._reply.store, plain(names[0])
        members = {
            *store.record.members,
            *self._shape.members,
            *self._context.shapes.member(store.record, "relationships").members,
        }
        called = {plain(part) for one in store.referring.references for part in (one.noun, *one.member_path)}
        return name in called or name in map(plain, members) or store.children.part_named(name) is not None

    def _records(self, body: Json, call: Call, state: ApiState) -> Iterator[tuple[Record, MemberPath]]:
        """Yields the records in the answer, each with its index where the answer is a list."""
        store, member_path = self._reply.store, self._reply.role.answer
        member = dig(body, member_path) if member_path else body
        scope = self._reply.scope_of(call)[: len(store.collection.scope)]
        for number, value in enumerate(member if isinstance(member, list) else [member]):
            named_by = (
                dig(value, store.collection.id_spec.member_path) if store.collection.id_spec.member_path else None
            )
            is_id = isinstance(named_by, str | int) and len(scope) == len(store.collection.scope)
            record = store.find(state, (*scope, named_by)) if is_id else None
            if record is not None:
                yield record, (str(number),) if isinstance(member, list) else ()

    def _collect(self, store: Store, record: Record, names: list[MemberPath], state: ApiState, found: _Found) -> None:
        """Adds the records that a record names, and those that they name."""
        wanted = {plain(member_path[0]) for member_path in names}
        for called, other, related in _related(store, record, state, wanted):
            key = other.name, str(other.values(related)[-1])
            found.setdefault(key, (other, related))
            deeper = [
                member_path[1:] for member_path in names if plain(member_path[0]) == called and len(member_path) > 1
            ][:_DEEPEST]
            if deeper:
                self._collect(other, related, deeper, state, found)

    def _shown(self, store: Store, record: Record, call: Call, state: ApiState) -> Json:
        """Returns a related record as an entry of `included`."""
        if self._items is None:
            return ABSENT
        current = store.current(state, record) if store.shows_others else record
        hidden = store.hidden.union(OWN)
        shown = {name: value for name, value in current.items() if name not in hidden}
        adapted = Adapter(self._context, str(store.values(record)[-1])).adapt(shown, self._items)
        if adapted is ABSENT or not store.collection.item_path:
            return adapted
        if store.name not in self._replies:
            self._replies[store.name] = Reply(self._context, self._reply.role, store)
        return self._replies[store.name].with_links(adapted, store.record, (), current, call)

    def _expanded(
        self, body: Json, records: list[tuple[Record, MemberPath]], names: list[MemberPath], state: ApiState
    ) -> Json:
        """Returns the answer, in which objects stand for the requested ids."""
        shapes, store, member_path = self._context.shapes, self._reply.store, self._reply.role.answer
        wanted = {plain(name[0]) for name in names}
        for reference in store.referring.references if wanted else ():
            if reference.is_list or wanted.isdisjoint((reference.noun, plain(reference.member_path[-1]))):
                continue
            target = store.stores[reference.target]
            place = shapes.member(store.record, *reference.member_path[:-1]).members.get(reference.member_path[-1])
            for record, at in records:
                ids = reference.ids(record)
                related = target.find(state, (ids[0],)) if ids else None
                if related is not None and place is not None and reference.id_member:
                    body = _replaced(
                        body, (*member_path, *at, *reference.member_path), self._object(target, related, place, state)
                    )
        return body

    def _object(self, target: Store, record: Record, place: SchemaPlace, state: ApiState) -> Json:
        current = target.current(state, record) if target.shows_others else record
        shown = {name: value for name, value in current.items() if name not in target.hidden.union(OWN)}
        return Adapter(self._context, str(target.values(record)[-1])).adapt(shown, place)


def _related(store: Store, record: Record, state: ApiState, wanted: set[str]) -> Iterator[tuple[str, Store, Record]]:
    """Yields the records that one names, and the wanted ones that belong to it; all if none is wanted."""
    lookup = set()
    for reference in store.referring.references:
        called = wanted & {reference.noun, *map(plain, reference.member_path)} if wanted else {reference.noun}
        if not called:
            continue
        lookup |= called
        target = store.stores[reference.target]
        for each in reference.ids(record):
            found = target.find(state, (each,))
            if found is not None:
                yield next(iter(called)), target, found
    for name in wanted - lookup:
        part = store.children.part_named(name)
        for found in part.of(state, store.values(record)) if part is not None else ():
            yield name, store.stores[part.store.collection.name], found  # type: ignore[union-attr]


def _replaced(value: Json, member_path: MemberPath, end: Json) -> Json:
    """Returns the value with another at the end of a path of members and indexes."""
    if not member_path or end is ABSENT:
        return value if end is ABSENT else end
    if isinstance(value, list):
        at = int(member_path[0])
        return [*value[:at], _replaced(value[at], member_path[1:], end), *value[at + 1 :]]
    return (
        {**value, member_path[0]: _replaced(value.get(member_path[0]), member_path[1:], end)}
        if isinstance(value, dict)
        else value
    )


# addresses of related records


def reader(reply: Reply, lookup: RecordLookup) -> Handler:
    """Handles a read of the record, or the list of records, that a member of the record in the path names."""
    store, context = reply.store, reply.context
    reference = _reference(reply)
    target = store.stores[reference.target]
    shape = reply.view.shape
    listed = find_list(context.shapes, shape, target.name, target.record) if reference.is_list else None
    found = find_record(context.shapes, shape, target.name, "", target.record)
    member_path = listed.member_path if listed is not None else found.member_path if found is not None else ()
    role = replace(reply.role, kind="list" if reference.is_list else "read", collection=target.name, answer=member_path)
    answers = Reply(context, role, target)
    listing = Listing(answers) if reference.is_list else None
    nothing = _null_at(reply, member_path)

    def read(call: Call, state: ApiState) -> Response:
        record = lookup(reply, state, reply.scope_of(call))
        records = [one for each in reference.ids(record) if (one := target.find(state, (each,))) is not None]
        shown = [answers.current(state, one) for one in records]
        if listing is not None:
            return listing.answer(shown, call, 200)
        if not shown and nothing is not None:
            return Response(200, nothing)
        if not shown:
            raise answers.refusals.deleted(f"{'/'.join(map(str, reply.scope_of(call)))!r} in {store.name} names none.")
        return answers.shown(shown[0], call, 200)

    return read


def _null_at(reply: Reply, member_path: MemberPath) -> Json:
    """Returns the answer with null in the place of the record, as JSON:API has it where none is named; None where its
    schema takes no null there.
    """
    place = reply.view.shown
    if place is None or not member_path:
        return None
    body: Json = put({}, member_path, None)
    return body if reply.context.accepts(place.pointer)(body) else None


def linkage(reply: Reply, lookup: RecordLookup) -> Handler:
    """Handles JSON:API's `/relationships/{name}`: reads and changes which records are related."""
    reference, owning = _reference(reply), Ownership(reply)
    method = reply.view.method

    def handle(call: Call, state: ApiState) -> Response:
        values = reply.scope_of(call)
        record = lookup(reply, state, values)
        if method != "GET":
            data = call.body.get("data") if isinstance(call.body, dict) else None
            sent: dict[str, Json] = put(
                {}, reference.member_path, _changed(dig(record, reference.member_path), data, method)
            )
            changed: dict[str, Json] = put(dict(record), reference.member_path, dig(sent, reference.member_path))
            record = reply.keep(
                call, state, owning.with_references(call, state, changed, sent, is_new=False), values, sent
            )
        answered = reply.answered(*((200,) if method == "GET" else (204, 200, 202)))
        status = answered.code(200) if answered is not None else 200
        if answered is None or answered.place is None:
            return Response(status)
        made = reply.context.value(answered.place.pointer, reply.view.id)
        data = dig(record, reference.member_path)
        if data is None and reference.is_list:
            data = _linked_below(reply, reference, state, values)
        return Response(status, put(made, ("data",), data))

    return handle


def _linked_below(reply: Reply, reference: ForeignKey, state: ApiState, values: Scope) -> list[Json]:
    """Returns the linkage of the records that belong to this one; nobody set it."""
    store, shapes = reply.store, reply.context.shapes
    part, target = store.children.part_named(reference.noun), store.stores[reference.target]
    place = shapes.member(store.record, *reference.member_path)
    called = shapes.member(shapes.items(place), "type").enum
    named_so = called[0] if called else target.name
    below = part.of(state, values) if part is not None else ()
    return [{"type": named_so, "id": str(target.values(record)[-1])} for record in below]


def _changed(member: Json, data: Json, method: str) -> Json:
    """Returns the linkage after POST added to it, DELETE removed from it, or PATCH replaced it."""
    old = member if isinstance(member, list) else []
    sent = data if isinstance(data, list) else []
    if method == "POST":
        return [*old, *(entry for entry in sent if entry not in old)]
    if method == "DELETE":
        removed_ids = [entry.get("id") for entry in sent if isinstance(entry, Mapping)]
        return [entry for entry in old if not (isinstance(entry, Mapping) and entry.get("id") in removed_ids)]
    return data


def _reference(reply: Reply) -> ForeignKey:
    references = reply.store.referring.references
    return next(one for one in references if one.member_path == reply.role.inside)
