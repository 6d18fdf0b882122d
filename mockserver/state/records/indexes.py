"""The order and the indexes of a collection, which find records without reading each."""

from __future__ import annotations

from collections.abc import Collection, Hashable, Mapping
from dataclasses import dataclass
from typing import Protocol

from mockserver.state.records.ordered_ids import Series
from mockserver.state.records.record import Id, Record


class Index(Protocol):
    """Determines the keys of a record. Indexes are values: equal ones are stored once."""

    @property
    def members(self) -> tuple[str, ...]:
        """The members that keys and rank depend on; while they are unchanged, so is the record's place in the index."""

    def keys(self, record: Record) -> Collection[Hashable]:
        """The keys of the record, each once."""

    def rank(self, record: Record) -> int:
        """The position of the record among those with the same key."""


@dataclass(frozen=True, slots=True)
class ByMember:
    """Finds records by the text or number in one member, oldest first."""

    member: str

    @property
    def members(self) -> tuple[str, ...]:
        return (self.member,)

    def keys(self, record: Record) -> Collection[Hashable]:
        value = record.get(self.member)
        return (value,) if isinstance(value, str | int) else ()

    def rank(self, record: Record) -> int:
        return record.birth


class _Buckets:
    """The ids of one index by key. A copy shares each series until it is written to."""

    __slots__ = ("_own", "_series")

    def __init__(self, series: dict[Hashable, Series]) -> None:
        self._series = series
        self._own: set[Hashable] | None = None

    def get(self, key: Hashable) -> Series:
        return self._series.get(key, _NONE)

    def copy(self) -> _Buckets:
        copied = _Buckets(self._series.copy())
        copied._own = set()
        return copied

    def add(self, key: Hashable, rank: int, record_id: Id) -> None:
        if key in self._series:
            self._owned(key).add(rank, record_id)
            return
        self._series[key] = Series(((rank, record_id),))
        if self._own is not None:
            self._own.add(key)

    def remove(self, key: Hashable, rank: int, record_id: Id) -> None:
        if key not in self._series:
            return
        series = self._owned(key)
        series.remove(rank, record_id)
        if not len(series):
            del self._series[key]

    def _owned(self, key: Hashable) -> Series:
        if self._own is not None and key not in self._own:
            self._own.add(key)
            self._series[key] = self._series[key].copy()
        return self._series[key]


class Lookups:
    """The order of the records and the indexes used so far, each built at first use. Worlds that share records share
    this as well; a writer copies it first.
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
        """The ids for one key of an index."""
        buckets = self._indexes.get(index)
        if buckets is None:
            ranked: dict[Hashable, list[tuple[int, Id]]] = {}
            for record_id, record in records.items():
                for known in index.keys(record):
                    ranked.setdefault(known, []).append((index.rank(record), record_id))
            buckets = self._indexes[index] = _Buckets({known: Series(pairs) for known, pairs in ranked.items()})
        return buckets.get(key)

    def copy(self) -> Lookups:
        """A copy to be written to."""
        copied = Lookups()
        copied._order = None if self._order is None else self._order.copy()
        copied._indexes = {index: buckets.copy() for index, buckets in [*self._indexes.items()]}
        return copied

    def add(self, record_id: Id, record: Record) -> None:
        """Adds a record."""
        if self._order is not None:
            self._order.add(record.birth, record_id)
        for index, buckets in self._indexes.items():
            if keys := index.keys(record):
                rank = index.rank(record)
                for key in keys:
                    buckets.add(key, rank, record_id)

    def remove(self, record_id: Id, record: Record) -> None:
        """Removes a record."""
        if self._order is not None:
            self._order.remove(record.birth, record_id)
        for index, buckets in self._indexes.items():
            for key, rank in _entries(index, record):
                buckets.remove(key, rank, record_id)

    def concern(self, changes: Mapping[str, object]) -> bool:
        """Whether a change of these members may change the keys of a record."""
        return any(not changes.keys().isdisjoint(index.members) for index in self._indexes)

    def change(self, record_id: Id, old: Record, new: Record) -> None:
        """Replaces a record by another version of it."""
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
