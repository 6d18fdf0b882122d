"""Deleted records that can be restored: set aside, listed on request, and brought back."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Final

from mockserver.engine.api import Handler
from mockserver.engine.call import Call
from mockserver.json_text import Json, copied
from mockserver.messages import Response
from mockserver.problem import Problem
from mockserver.resources.detect.decisions import PARENT
from mockserver.resources.detect.effects import effect_of, fixed_members
from mockserver.resources.detect.names import named
from mockserver.resources.detect.operation_view import OperationView
from mockserver.resources.detect.roles.action_operations import PLACES
from mockserver.resources.operations.act import RecordLookup, is_so
from mockserver.resources.operations.reply import Reply
from mockserver.resources.records.projection import public
from mockserver.resources.records.record_keys import written
from mockserver.resources.records.seeds import Scope
from mockserver.resources.records.store import MEMORY, Store
from mockserver.spelling import plain
from mockserver.state.records.record import Record
from mockserver.state.world import ApiState

_TOO: Final = named("includedeleted withdeleted showdeleted includetrashed withtrashed includeremoved includingdeleted")
_ONLY: Final = named("onlydeleted onlytrashed trashed deleted isdeleted")


def keeps_trash(view: OperationView) -> bool:
    """Returns whether a list can show deleted records, or shows only those."""
    return _is_trash(view) or any(asks_for_trash(name) for name in view.query)


def asks_for_trash(parameter: str) -> bool:
    """Returns whether a query parameter asks for deleted records, beside the others or alone."""
    return plain(parameter) in _TOO | _ONLY


def _is_trash(view: OperationView) -> bool:
    return bool(view.key) and plain(view.key[-1]) in PLACES


def is_kept(store: Store) -> bool:
    """Returns whether deleted records of a collection can be listed or restored."""
    context = store.context
    lists = context.views(store.name, "list")
    return bool(context.views(store.name, "restore")) or any(keeps_trash(view) for view in lists)


def put_aside(store: Store, state: ApiState, values: Scope) -> None:
    """Sets aside a record that is about to be deleted, with all records below it."""
    record = store.find(state, values)
    if record is None:
        return
    members = [[one.name, [*where], copied(public(deleted))] for one, where, deleted in _below(store, state, values)]
    entry = {"id": _mark(store, values), "scope": written(values[:-1]), "of": store.name, "at": state.clock.now()}
    state[MEMORY].replace({**entry, "values": [*values], "record": copied(public(record)), "below": members})


def _below(store: Store, state: ApiState, values: Scope) -> Iterator[tuple[Store, Scope, Record]]:
    for child in store.stores_below:
        for record in [*state[child.name].find(PARENT, written(values))]:
            where = child.values(record)
            yield child, where, record
            yield from _below(child, state, where)


def _mark(store: Store, values: Scope) -> str:
    return f"trash|{store.name}|{store.key(values)}"


def trashed(store: Store, state: ApiState, scope: Scope) -> list[Record]:
    """Returns the deleted records of this scope, marked as deleted."""
    effect = fixed_members(effect_of(store.context.shapes, store.record, "delete"))
    deleted = state[MEMORY].where(of=store.name, scope=written(scope))
    shown = ((store.composer.set(copied(entry["record"]), effect, entry["at"]), entry["values"]) for entry in deleted)
    return [Record(store.marked(record, tuple(values))) for record, values in shown]


def with_trash(reply: Reply, call: Call, state: ApiState, scope: Scope, records: Sequence[Record]) -> Sequence[Record]:
    """Returns the records of a list, with or without deleted ones as the request asks."""
    requested = {plain(name) for name, value in call.query.items() if value in (True, "true", "1", 1)}
    if _is_trash(reply.view) or not requested.isdisjoint(_ONLY):
        return trashed(reply.store, state, scope)
    return [*records, *trashed(reply.store, state, scope)] if not requested.isdisjoint(_TOO) else records


def restorer(reply: Reply, lookup: RecordLookup) -> Handler:
    """Handles a restore: brings back a deleted record. On an existing one it undoes the opposite action."""
    store = reply.store
    action = reply.view.verb
    shapes = reply.context.shapes
    back = fixed_members(effect_of(shapes, store.record, "delete", undo=True))
    effect = fixed_members(effect_of(shapes, store.record, action))

    def restore(call: Call, state: ApiState) -> Response:
        values = reply.scope_of(call)
        record = store.find(state, values)
        if record is None:
            record = _brought_back(store, state, values, back, call)
        elif effect and not is_so(record, effect):
            changed = store.composer.set(copied(public(record)), effect, call.at)
            record = store.add(state, store.identified(changed, values), values)
        elif "409" in reply.view.responses:
            raise Problem(409, f"{'/'.join(map(str, values))!r} in {store.name} was not deleted.", code="conflict")
        if record is None:
            record = lookup(reply, state, values)
        return reply.shown(record, call, 200, 201, 202, 204)

    return restore


def _brought_back(store: Store, state: ApiState, values: Scope, back: dict[str, Json], call: Call) -> Record | None:
    entry = state[MEMORY].get(_mark(store, values))
    if entry is None or store.is_missing(state, values[:-1]):
        return None
    members = {name: value for name, value in back.items() if name in entry["record"]}
    record = store.composer.set(copied(entry["record"]), members, call.at)
    for name, where, stored in entry["below"]:
        _put_back(store.stores[name], state, copied(stored), tuple(where))
    state[MEMORY].delete(entry["id"])
    return _put_back(store, state, record, values)


def _put_back(store: Store, state: ApiState, record: dict[str, Json], values: Scope) -> Record:
    mark = f"gone|{store.name}|{store.key(values)}"
    if mark in state[MEMORY]:
        state[MEMORY].delete(mark)
    return store.add(state, record, values)
