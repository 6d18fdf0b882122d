"""What finds the records of a collection without looking at each: their order, and indexes."""

from __future__ import annotations

from collections.abc import Collection, Hashable, Mapping
from dataclasses import dataclass
from typing import Protocol

from mockserver.state.ordered_ids import Series
from mockserver.state.record import Id, Record


class Index(Protocol):
    """Says under which keys a record is found. It is a value: equal ones are kept once."""

    @property
    def members(self) -> tuple[str, ...]:
        """The members that keys and rank are made of: as long as they stay, so does the record's place."""

    def keys(self, record: Record) -> Collection[Hashable]:
        """The keys of the record, each once."""

    def rank(self, record: Record) -> int:
        """The order among the records of one key."""


@dataclass(frozen=True, slots=True)
class ByMember:
    """Finds records by the text or number that one of their members is, oldest first."""

    member: str

    @property
    def members(self) -> tuple[str, ...]:
        return (self.member,)

    def keys(self, record: Record) -> Collection[Hashable]:
        held = record.get(self.member)
        return (held,) if isinstance(held, str | int) else ()

    def rank(self, record: Record) -> int:
        return record.birth


class _Buckets:
    """The ids of one index by key. A copy shares each series until it is written to."""

    __slots__ = ("_held", "_own")

    def __init__(self, held: dict[Hashable, Series]) -> None:
        self._held = held
        self._own: set[Hashable] | None = None

    def get(self, key: Hashable) -> Series:
        return self._held.get(key, _NONE)

    def copy(self) -> _Buckets:
        copied = _Buckets(self._held.copy())
        copied._own = set()
        return copied

    def add(self, key: Hashable, rank: int, record_id: Id) -> None:
        if key in self._held:
            self._owned(key).add(rank, record_id)
            return
        self._held[key] = Series(((rank, record_id),))
        if self._own is not None:
            self._own.add(key)

    def remove(self, key: Hashable, rank: int, record_id: Id) -> None:
        if key not in self._held:
            return
        series = self._owned(key)
        series.remove(rank, record_id)
        if not len(series):
            del self._held[key]

    def _owned(self, key: Hashable) -> Series:
        if self._own is not None and key not in self._own:
            self._own.add(key)
            self._held[key] = self._held[key].copy()
        return self._held[key]


class Lookups:
    """The order of some records, and the indexes that were asked for so far, each made at its first use. Those who
    share the records share this too; whoever writes copies it before.
    """

    __slots__ = ("_indexes", "_order")

    def __init__(self) -> None:
        self._order: Series | None = None
        self._indexes: dict[Index, _Buckets] = {}

    def order(self, records: Mapping[Id, Record]) -> Series:
        """All ids, oldest first."""
        if self._order is None:
            self._order = Series((record.birth, record_id) for record_id, record in records.items())
        return self._order

    def ask(self, index: Index, key: Hashable, records: Mapping[Id, Record]) -> Series:
        """The ids under one key of an index."""
        buckets = self._indexes.get(index)
        if buckets is None:
            ranked: dict[Hashable, list[tuple[int, Id]]] = {}
            for record_id, record in records.items():
                for known in index.keys(record):
                    ranked.setdefault(known, []).append((index.rank(record), record_id))
            buckets = self._indexes[index] = _Buckets({known: Series(pairs) for known, pairs in ranked.items()})
        return buckets.get(key)

    def copy(self) -> Lookups:
        """The same, to be written to."""
        copied = Lookups()
        copied._order = None if self._order is None else self._order.copy()
        copied._indexes = {index: buckets.copy() for index, buckets in [*self._indexes.items()]}
        return copied

    def add(self, record_id: Id, record: Record) -> None:
        """The record is there."""
        if self._order is not None:
            self._order.add(record.birth, record_id)
        for index, buckets in self._indexes.items():
            if keys := index.keys(record):
                rank = index.rank(record)
                for key in keys:
                    buckets.add(key, rank, record_id)

    def remove(self, record_id: Id, record: Record) -> None:
        """The record is gone."""
        if self._order is not None:
            self._order.remove(record.birth, record_id)
        for index, buckets in self._indexes.items():
            for key, rank in _entries(index, record):
                buckets.remove(key, rank, record_id)

    def concern(self, changes: Mapping[str, object]) -> bool:
        """Whether a change of these members may put a record under other keys."""
        return any(not changes.keys().isdisjoint(index.members) for index in self._indexes)

    def change(self, record_id: Id, old: Record, new: Record) -> None:
        """The record is another of the same birth."""
        for index, buckets in self._indexes.items():
            if all(old.get(member) is new.get(member) for member in index.members):
                continue
            before, after = _entries(index, old), _entries(index, new)
            for key, rank in before - after:
                buckets.remove(key, rank, record_id)
            for key, rank in after - before:
                buckets.add(key, rank, record_id)


def _entries(index: Index, record: Record) -> set[tuple[Hashable, int]]:
    keys = index.keys(record)
    if not keys:
        return set()
    rank = index.rank(record)
    return {(key, rank) for key in keys}


_NONE = Series()
