"""Keeps deleted records deleted, also for operations that remember nothing themselves."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cached_property
from typing import NamedTuple

from mockserver.engine.call import Call
from mockserver.engine.steps.step import After, Step
from mockserver.messages import Response
from mockserver.problem import NOT_FOUND, Problem
from mockserver.resources.context import ResourceContext
from mockserver.resources.detect.decisions import Role
from mockserver.resources.detect.operation_view import Key, OperationView, segments_of
from mockserver.resources.records.record_keys import written
from mockserver.resources.records.seeds import Scope
from mockserver.resources.records.store import MEMORY, Store
from mockserver.state.world import ApiState


class _Spot(NamedTuple):
    """One item on the way along a path: how many parameters lead to it, and who keeps it, if anybody does."""

    key: Key
    parameters: int
    store: Store | None

    def mark(self, values: Scope) -> str:
        return f"gone|{'/'.join(self.key)}|{written(values)}"

    def is_gone(self, state: ApiState, values: Scope) -> bool:
        if self.store is not None:
            return self.store.is_deleted(state, values)
        return self.mark(values) in state[MEMORY]

    def is_missing(self, state: ApiState, values: Scope) -> bool:
        """Whether all that there is here is known, and this is not."""
        return self.store is not None and self.store.collection.ids_known and self.store.find(state, values) is None


class Tombstones:
    """Knows what can be taken away: the items of collections, and what else has a DELETE at a path of its own."""

    def __init__(self, context: ResourceContext, stores: Mapping[str, Store]) -> None:
        self.context = context
        self.stores = stores

    @cached_property
    def items(self) -> Mapping[Key, Store | None]:
        """The store of what stands at a path of its own and can be deleted, by path; None: no store keeps it."""
        roles = self.context.plan.roles
        deletes = [operation.id for operation in self.context.spec.operations if operation.method == "DELETE"]
        readings = [self.context.view(name) for name in deletes if not roles[name].keeps]
        found: dict[Key, Store | None] = {reading.key: None for reading in readings if _is_item(reading)}
        for store in self.stores.values():
            if store.collection.item_path and not store.collection.singleton:
                found[_key(store.collection.item_path)] = store
        return found

    def step(self, role: Role) -> Step | None:
        """The step that refuses what is gone, and what is below it, and remembers what the operation takes away; None
        where nothing on its path can be taken away.
        """
        reading = self.context.view(role.operation)
        spots = self._spots(reading, role)
        if not spots:
            return None
        own = spots[-1] if spots[-1].key == reading.key and spots[-1].store is None else None
        repeatable = own is not None and reading.method in ("DELETE", "PUT")
        asked = spots[:-1] if repeatable else spots
        declared = _declared(reading)

        def refuse_gone(call: Call, state: ApiState) -> None:
            values = tuple(call.path[name] for name in reading.parameters)
            for spot in asked:
                if spot.is_gone(state, values[: spot.parameters]):
                    where = "/".join(map(str, values[: spot.parameters]))
                    raise Problem(404, f"There is no {where!r} any more at {call.request.asked}.", code=NOT_FOUND)
                if declared and spot.is_missing(state, values[: spot.parameters]):
                    if call.preference.steers:
                        break
                    where = "/".join(map(str, values[: spot.parameters]))
                    raise Problem(declared, f"There is no {where!r} at {call.request.asked}.", code=NOT_FOUND)

        return Step("tombstones", refuse_gone, None if own is None else _remembering(own, reading))

    def remembers(self, role: Role) -> bool:
        """Whether it is remembered of this operation, which keeps nothing, that it took something away."""
        reading = self.context.view(role.operation)
        return reading.method == "DELETE" and reading.key in self.items

    def _spots(self, reading: OperationView, role: Role) -> list[_Spot]:
        """The items along the path of an operation; one that remembers knows of what is kept itself."""
        if not reading.plain:
            return []
        keys = [reading.key[:end] for end in range(1, len(reading.key) + 1) if reading.key[end - 1] == "{}"]
        known = [_Spot(key, key.count("{}"), self.items[key]) for key in keys if key in self.items]
        return [spot for spot in known if spot.store is None or not role.collection or not role.keeps]


def _declared(reading: OperationView) -> int:
    """The status with which the document lets the operation say that there is no such thing; 0 where it does not."""
    status = next((status for status in (404, 410) if str(status) in reading.responses), 0)
    return status or (404 if reading.declares("404") else 0)


def _is_item(reading: OperationView) -> bool:
    return reading.plain and reading.key[-1:] == ("{}",)


def _remembering(own: _Spot, reading: OperationView) -> After:
    """After a success of the operation the item at its path is gone, or back."""

    def remember(call: Call, state: ApiState, answer: Response) -> Response:
        if answer.status < 300:
            _remember(state, own.mark(tuple(call.path[name] for name in reading.parameters)), reading.method)
        return answer

    return remember


def _remember(state: ApiState, mark: str, method: str) -> None:
    """Remembers that the record is deleted from now on, or that it is there again."""
    known = mark in state[MEMORY]
    if method == "DELETE" and not known:
        state[MEMORY].insert({"id": mark})
    elif method == "PUT" and known:
        state[MEMORY].delete(mark)


def _key(path: str) -> Key:
    return tuple("{}" if segment[:1] == "{" else segment for segment in segments_of(path))
