"""Allocates ids for new records: none that a record of the collection has or had."""

from __future__ import annotations

from collections.abc import Callable, Collection, Hashable
from dataclasses import dataclass
from functools import cached_property
from typing import Final

from mockserver.json_text import Json
from mockserver.problem import ALREADY_EXISTS, Problem
from mockserver.resources.detect.decisions import PARENT, CollectionPlan, MemberPath
from mockserver.resources.detect.schema_shape import dig
from mockserver.resources.records.ids import Ids
from mockserver.resources.records.seeds import MISSES, Scope
from mockserver.state.records.collection import Id
from mockserver.state.records.record import Record
from mockserver.state.world import ApiState

_FAR: Final = 2**31


@dataclass(frozen=True, slots=True)
class ByNumber:
    """Finds the records of each scope by their numeric ids, the highest last, without very high ones that clients
    chose.
    """

    member_path: MemberPath
    is_scoped: bool

    @property
    def members(self) -> tuple[str, ...]:
        return (*self.member_path[:1], PARENT)

    def keys(self, record: Record) -> Collection[Hashable]:
        number = record.get(self.member_path[0]) if len(self.member_path) == 1 else dig(record, self.member_path)
        if not isinstance(number, int) or number >= _FAR:
            return ()
        return (record.get(PARENT) if self.is_scoped else None,)

    def rank(self, record: Record) -> int:
        number: int = dig(record, self.member_path)
        return number


@dataclass(frozen=True)
class NewIds:
    """Allocates the ids of one collection. `key` gives the storage key of path values, `is_deleted` tells whether a
    record was deleted. The last number of each scope is stored in the collection `memory`.
    """

    collection: CollectionPlan
    ids: Ids
    key: Callable[[Scope], Id]
    is_deleted: Callable[[ApiState, Scope], bool]
    written: Callable[[Scope], str]
    memory: str

    def __call__(self, state: ApiState, scope: Scope) -> Json:
        """Returns an unused id. Where the schema allows no other it is the id of an existing record, or a
        Problem 409.
        """
        if self.collection.id_spec.kind == "integer":
            number = self._next(state, scope)
            if self.ids.fits(number) and self._is_free(state, (*scope, number)):
                return number
        return self._sought(state, scope)

    def _is_free(self, state: ApiState, values: Scope) -> bool:
        return self.key(values) not in state[self.collection.name] and not self.is_deleted(state, values)

    def _sought(self, state: ApiState, scope: Scope) -> Json:
        """Returns the first unused one of further ids, as many as are worth a try."""
        kind, name = self.collection.id_spec.kind, self.collection.name
        fallback: Json = None
        seen: set[Json] = set()
        misses, again = 0, False
        while misses < MISSES:
            candidate: Json = state.chance.uuid() if kind == "uuid" else None
            if kind == "integer":
                candidate = self._next(state, scope)
            if candidate is None or not self.ids.fits(candidate):
                candidate = self.ids.candidate(state.next_number(name), "", again=again)
            again = candidate in seen
            misses += again
            seen.add(candidate)
            values = (*scope, candidate)
            if self.key(values) in state[name]:
                fallback = candidate
            elif not self.is_deleted(state, values):
                return candidate
        if fallback is None:
            raise Problem(409, f"{name} had a record of each id that there may be.", code=ALREADY_EXISTS)
        return fallback

    def _next(self, state: ApiState, scope: Scope) -> int:
        """Returns the number after the highest that was given out; ids that clients chose beyond 2^31 do not count."""
        where, memory = self.written(scope) if scope else "", state[self.memory]
        mark = f"last|{self.collection.name}|{where}"
        known = memory.get(mark)
        highest = state[self.collection.name].highest(self._numbers, where if self.collection.scope else None) or 0
        number: int = max(highest, known["number"] if known is not None else 0, self.ids.least - 1) + 1
        memory.replace({"id": mark, "number": number})
        return number

    @cached_property
    def _numbers(self) -> ByNumber:
        return ByNumber(self.collection.id_spec.member_path, is_scoped=bool(self.collection.scope))
