"""Handlers of operations on the entries of a list inside a record."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Final
from urllib.parse import parse_qs

from mockserver.engine.api import Handler
from mockserver.engine.call import Call
from mockserver.json_text import Json, copied
from mockserver.messages import Response
from mockserver.problem import NOT_FOUND, Problem
from mockserver.resources.detect.locate import IDS, entry_path, find_list
from mockserver.resources.detect.names import named
from mockserver.resources.detect.schema_shape import NOTHING, SchemaPlace, SchemaShape, dig, put, similarity
from mockserver.resources.operations.act import RecordLookup
from mockserver.resources.operations.reply import Reply
from mockserver.resources.records.projection import Projection, public
from mockserver.resources.records.seeds import Scope
from mockserver.spelling import plain, singular
from mockserver.state.records.record import Record
from mockserver.state.world import ApiState

_ALIKE: Final = 0.6
_QUANTITIES: Final = named("quantity qty count amount units")
_COUNTS: Final = named(
    "itemcount itemscount itemtotal totalitems numitems count linecount linescount totalcount numberofitems"
)
_TOTALS: Final = named("total subtotal totalprice totalamount grandtotal totalcost sum")
_PRICES: Final = named("price unitprice priceeach unitamount unitcost")
_SUMS: Final = named("totalquantity quantity totalqty totalunits")
_STATUSES: Final[Mapping[str, tuple[int, ...]]] = {
    "add-entry": (201, 200, 202, 204),
    "remove-entry": (204, 200, 202),
}

Entry = dict[str, Json]
Change = Callable[[Call, ApiState, list[Entry]], tuple[list[Entry], Entry | None]]
"""Returns the changed entries, and the one that the request names."""


class EntryList:
    """The list inside the records of one role, and the member that identifies its entries."""

    def __init__(self, reply: Reply, lookup: RecordLookup) -> None:
        self.reply = reply
        self.known = lookup
        self.store = reply.store
        shapes = reply.context.shapes
        self.member = reply.role.inside[0]
        self.place: SchemaPlace | None = shapes.member(self.store.record, self.member).items
        self.entry: SchemaShape = NOTHING if self.place is None else shapes.at(self.place)
        self.depth = len(self.store.collection.scope) + (not self.store.collection.singleton)
        keys = reply.role.keys[self.depth :]
        self.parameter = keys[-1] if keys else ""
        self.id_spec = reply.role.inside[1]
        self.entry_path = entry_path(shapes, reply.view.body, self.entry) or ()

    def load(self, call: Call, state: ApiState) -> tuple[Scope, Record, list[Entry]]:
        """Returns the values of the record's path, the record, and a copy of the entries of its list."""
        values = self.reply.scope_of(call)[: self.depth]
        record = self.known(self.reply, state, values)
        self.reply.refusals.precondition(self.reply.current(state, record), call)
        listed = record.get(self.member)
        return values, record, [dict(copied(entry)) for entry in listed or () if isinstance(entry, dict)]

    def wanted(self, call: Call) -> Json:
        """Returns what identifies the entry: the end of the path, else the body or the query; None where
        nothing does.
        """
        if self.parameter:
            return call.path[self.parameter]
        body = call.body if isinstance(call.body, dict) else {}
        query = parse_qs(call.request.query)
        noun = singular(self.member)
        for name in (self.id_spec, "id", f"{noun}Id", f"{noun}_id"):
            if name and name in body:
                return body[name]
            if name and name in query:
                return query[name][0]
        return None

    def index(self, entries: list[Entry], wanted: Json) -> int | None:
        """Returns the index of the entry with this id, else of this position; None where there is none."""
        names = [self.id_spec] if self.id_spec else [*IDS]
        for number, entry in enumerate(entries):
            if any(name in entry and str(entry[name]) == str(wanted) for name in names):
                return number
        if not self.id_spec and str(wanted).isdecimal() and int(wanted) < len(entries):
            return int(wanted)
        return None

    def missing(self, wanted: Json) -> Problem | None:
        what = f"There is no {wanted!r} in `{self.member}`."
        return self.reply.refusals.missing(what)

    def sent(self, call: Call) -> list[Entry]:
        """Returns the entries in the body."""
        body = dig(call.body, self.entry_path) if self.entry_path else call.body
        listed = body if isinstance(body, list) else [body]
        if isinstance(body, dict) and isinstance(body.get(self.member), list):
            listed = body[self.member]
        return [dict(entry) for entry in listed if isinstance(entry, dict)]

    def made(self, sent: Entry, entries: list[Entry], call: Call, state: ApiState) -> Entry:
        """Returns a new entry: the members that were sent and those that a server adds."""
        initial, store = self.store.composer.initial, self.store
        made: Entry = {}
        for name, place in self.entry.members.items():
            if name in sent:
                made[name] = sent[name]
            elif name == self.id_spec or name in IDS:
                made[name] = self._new_id(name, place, entries, state)
            elif name in self.entry.required or self.reply.context.shapes.at(place).read_only:
                key = f"{store.name}/{self.member}/{len(entries)}/{name}"
                value = self._referred(name, sent)
                value = initial.value(name, place, key, call.at) if value is NOTHING else value
                made |= {} if value is NOTHING else {name: value}
        return {**made, **sent}

    def _referred(self, name: str, sent: Entry) -> Json:
        """Returns the record that an id in the body names, for `product` beside `productId`."""
        wanted = next((value for key, value in sent.items() if plain(key) == plain(name) + "id"), None)
        shape = self.reply.context.shapes.member(self.entry, name)
        id_spec = next((key for key in IDS if key in shape.members), "")
        return {id_spec: wanted} if wanted is not None and id_spec else NOTHING

    def _new_id(self, name: str, place: SchemaPlace, entries: list[Entry], state: ApiState) -> Json:
        shape = self.reply.context.shapes.at(place)
        used = [entry.get(name) for entry in entries]
        if "integer" in shape.types and "string" not in shape.types:
            return max((value for value in used if type(value) is int), default=0) + 1
        if shape.format == "uuid":
            return state.chance.uuid()
        accepts = self.reply.context.accepts(place.pointer)
        number = state.next_number(f"{self.store.name}.{self.member}")
        named_so = f"{singular(self.member)}-{number}".lower()
        return named_so if accepts(named_so) else self.reply.context.value(place.pointer, f"{named_so}/{name}")

    # writing and answering

    def write(self, call: Call, state: ApiState, values: Scope, record: Record, entries: list[Entry]) -> Record:
        """Stores the record with these entries and the numbers that count them."""
        changes: dict[str, Json] = {self.member: entries}
        shapes = self.reply.context.shapes
        for name in self.store.record.members:
            if not shapes.member(self.store.record, name).types & {"integer", "number"}:
                continue
            if plain(name) in _COUNTS:
                changes[name] = len(entries)
            elif plain(name) in _SUMS:
                changes[name] = sum(_quantity(entry) for entry in entries)
            elif plain(name) in _TOTALS and (total := _total(entries)) is not None:
                changes[name] = total
        changed = self.store.composer.set(copied(public(record)), changes, call.at)
        return self.store.add(state, self.store.identified(changed, values), values)

    def answer(self, record: Record, entries: list[Entry], entry: Entry | None, call: Call) -> Response:
        """Returns the declared answer, by its schema: the record, the entry or the list."""
        wanted = _STATUSES.get(self.reply.role.kind, (200, 204, 202, 201))
        answered = self.reply.answered(*wanted)
        if answered is None or answered.place is None:
            return self.reply.shown(record, call, *wanted)
        context, shape = self.reply.context, self.reply.context.shapes.at(answered.place)
        status = answered.code(wanted[0])
        whole = context.shapes.member(shape, *self.reply.role.answer) if self.reply.role.answer else shape
        if (
            similarity(whole, self.store.record) >= similarity(shape, self.entry)
            and similarity(whole, self.store.record) >= _ALIKE
        ):
            return self.reply.shown(record, call, *wanted)
        if entry is not None and similarity(shape, self.entry) >= _ALIKE:
            return Response(
                status, Projection(context, answered.place, (), self.entry)(entry, str(entry.get(self.id_spec)), call)
            )
        listed = find_list(context.shapes, shape, self.member, self.entry)
        if listed is None:
            return self.reply.shown(record, call, *wanted)
        items = context.shapes.member(shape, *listed.member_path).items if listed.member_path else shape.items
        shown = [self._shown(items, member, number, call) for number, member in enumerate(entries)]
        base = context.value(answered.place.pointer, f"{self.reply.view.id}/envelope") if listed.member_path else None
        return Response(status, put(base, listed.member_path, shown))

    def _shown(self, items: SchemaPlace | None, entry: Entry, number: int, call: Call) -> Json:
        if items is None:
            return entry
        return Projection(self.reply.context, items, (), self.entry)(
            entry, f"{self.store.name}/{self.member}/{number}", call
        )


def _quantity(entry: Mapping[str, Json]) -> int:
    found = next((value for name, value in entry.items() if plain(name) in _QUANTITIES and type(value) is int), 1)
    return int(found)


def _total(entries: list[Entry]) -> float | None:
    """Returns the total price of all entries; None where one of them has no price."""
    prices = [next((entry[name] for name in entry if plain(name) in _PRICES), None) for entry in entries]
    costs = [
        float(price) * _quantity(entry)
        for price, entry in zip(prices, entries, strict=True)
        if isinstance(price, int | float) and not isinstance(price, bool)
    ]
    return round(sum(costs), 2) if len(costs) == len(entries) else None


def reader(reply: Reply, lookup: RecordLookup) -> Handler:
    """Handles a read of the list, or of the entry that the path names."""
    inner = EntryList(reply, lookup)

    def read(call: Call, state: ApiState) -> Response:
        _, record, entries = inner.load(call, state)
        if not inner.parameter:
            return inner.answer(record, entries, None, call)
        at = inner.index(entries, inner.wanted(call))
        if at is None:
            raise inner.missing(inner.wanted(call)) or Problem(404, "There is no such entry.", code=NOT_FOUND)
        return inner.answer(record, entries, entries[at], call)

    return read


def writer(reply: Reply, lookup: RecordLookup) -> Handler:
    """Handles writes to the list: adds entries, changes or removes one, replaces or removes all."""
    inner = EntryList(reply, lookup)
    change: Change = {
        "add-entry": lambda call, world, entries: _added(inner, call, world, entries),
        "set-entries": lambda call, world, entries: _set(inner, call, world, entries),
        "change-entry": lambda call, world, entries: _changed(inner, call, world, entries),
        "remove-entry": lambda call, _, entries: _removed(inner, call, entries),
    }[reply.role.kind]

    def write(call: Call, state: ApiState) -> Response:
        values, record, entries = inner.load(call, state)
        left, entry = change(call, state, entries)
        return inner.answer(inner.write(call, state, values, record, left), left, entry, call)

    return write


def _added(inner: EntryList, call: Call, state: ApiState, entries: list[Entry]) -> tuple[list[Entry], Entry | None]:
    """Adds the entries that were sent; one whose id is there already grows by the quantity."""
    entry = None
    for sent in inner.sent(call):
        at = inner.index(entries, sent[inner.id_spec]) if inner.id_spec and inner.id_spec in sent else None
        if at is None:
            entry = inner.made(sent, entries, call, state)
            entries.append(entry)
            continue
        grown = {
            name: value + entries[at][name]
            for name, value in sent.items()
            if plain(name) in _QUANTITIES and type(value) is int and type(entries[at].get(name)) is int
        }
        entry = entries[at] = {**entries[at], **sent, **grown}
    return entries, entry


def _set(inner: EntryList, call: Call, state: ApiState, _: list[Entry]) -> tuple[list[Entry], Entry | None]:
    left: list[Entry] = []
    for sent in inner.sent(call):
        left.append(inner.made(sent, left, call, state))
    return left, None


def _changed(inner: EntryList, call: Call, state: ApiState, entries: list[Entry]) -> tuple[list[Entry], Entry | None]:
    wanted = inner.wanted(call)
    at = inner.index(entries, wanted)
    sent = (inner.sent(call) or [{}])[0] | {member: call.query[name] for name, member in inner.reply.query_members}
    if at is None:
        problem = inner.missing(wanted)
        is_chosen = inner.reply.view.method == "PUT" and inner.id_spec and inner.id_spec not in IDS
        if problem is not None or not is_chosen:
            raise problem or Problem(404, f"There is no {wanted!r} in `{inner.member}`.", code=NOT_FOUND)
        entries.append(inner.made({inner.id_spec: wanted, **sent}, entries, call, state))
        return entries, entries[-1]
    entries[at] = {**entries[at], **sent}
    return entries, entries[at]


def _removed(inner: EntryList, call: Call, entries: list[Entry]) -> tuple[list[Entry], Entry | None]:
    wanted = inner.wanted(call)
    if wanted is None:
        return [], None
    at = inner.index(entries, wanted)
    if at is None:
        raise inner.missing(wanted) or Problem(404, f"There is no {wanted!r} in `{inner.member}`.", code=NOT_FOUND)
    entry = entries.pop(at)
    return entries, entry
