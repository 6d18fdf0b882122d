"""Collections of records by id, in order of insertion."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterable, Iterator, Mapping, Sequence
from typing import Any, NamedTuple, Protocol, overload

from mockserver.messages import make
from mockserver.problem import ALREADY_EXISTS, NOT_FOUND, Problem
from mockserver.state.commits.log import Address, Log, versions
from mockserver.state.records.births import births
from mockserver.state.records.indexes import ByMember, Index, Lookups
from mockserver.state.records.ordered_ids import Series
from mockserver.state.records.record import Id, Record, freeze

__all__ = ["Collection", "Found", "Id", "KeptRecord", "Records", "View", "changed", "keep_all"]

Found = list[Record]
Records = dict[Id, Record]


class KeptRecord(NamedTuple):
    """A record as it is written outside of this process, with the number that orders it."""

    birth: int
    members: Mapping[str, Any]


class Placement(Protocol):
    """How the records of a collection are kept by the path they stand at: `marks` are the members that the mock adds
    for it, `id_member` is the member that users know the id by (empty: none).
    """

    marks: frozenset[str]

    @property
    def id_member(self) -> str: ...
    @property
    def path_members(self) -> tuple[str, ...]: ...

    def stored(self, record: Mapping[str, Any]) -> Mapping[str, Any]:
        """A record as a user writes it, as it is kept. Raises Unusable."""

    def shown(self, record: Mapping[str, Any]) -> dict[str, Any]:
        """A record as it is kept, as a user writes it."""

    def own_id(self, record: Mapping[str, Any]) -> Any:
        """The id of a record that is kept; None where it has none."""

    def named(self, text: str) -> dict[str, Any]:
        """The id member of a new record with the id that an address has."""


class Collection:
    """The records of one name in a world, by id, oldest first. Records are immutable: every write goes through the
    collection, and all writes of a request are undone if its handler raises.

    The records are shared with the world that this one was forked from until the first write, which copies the
    collection once, shallowly, with its `lookups`.
    """

    __slots__ = (
        "_initial",
        "_is_sorted",
        "_log",
        "_records",
        "_shared",
        "api",
        "id_member",
        "lookups",
        "name",
        "place",
    )

    def __init__(
        self,
        name: str,
        id_member: str,
        records: Records,
        log: Log,
        lookups: Lookups | None = None,
        place: Placement | None = None,
        api: str = "",
    ) -> None:
        self.place = place
        self.api = api
        self.name = name
        self.id_member = id_member
        self._records = self._initial = records
        self.lookups = lookups or Lookups()
        self._shared = True
        self._is_sorted = True
        self._log = log

    @property
    def address(self) -> Address:
        return ("records", self.api, self.name)

    def get(self, record_id: Id) -> Record | None:
        """The record, None if there is none."""
        return self._records.get(record_id)

    def __getitem__(self, record_id: Id) -> Record:
        """The record. Raises Problem 404 if there is none."""
        try:
            return self._records[record_id]
        except KeyError:
            raise self._missing(record_id) from None

    def pick(self, record_ids: Iterable[Id]) -> Found:
        """The existing records with these ids, in the order of the ids."""
        return [record for record in map(self._records.get, record_ids) if record is not None]

    def __contains__(self, record_id: object) -> bool:
        return record_id in self._records

    def __iter__(self) -> Iterator[Record]:
        return iter(tuple(self._sorted().values()))

    def __len__(self) -> int:
        return len(self._records)

    def list(self, keep: Callable[[Record], bool] | None = None) -> Found:
        """The records for which `keep` returns True, oldest first."""
        records = self._sorted().values()
        return [*records] if keep is None else [record for record in records if keep(record)]

    def where(self, **members: Any) -> Found:
        """The records whose members have these values, oldest first."""
        wanted = members.items()
        records = self._sorted().values()
        return [record for record in records if all(record.get(name) == value for name, value in wanted)]

    def find(self, member: str, value: Id) -> Found:
        """The records whose `member` equals this text or number, oldest first, found by an index."""
        return [*self.under(ByMember(member), value)]

    def all(self) -> View:
        """The records, oldest first, each read only when it is accessed."""
        return View(self._records, self.lookups, self.lookups.order(self._records))

    def under(self, index: Index, key: Hashable) -> View:
        """The records that the index has for the key, in index order, read like those of `all`."""
        return View(self._records, self.lookups, self.lookups.ask(index, key, self._records), (index, key))

    def highest(self, index: Index, key: Hashable) -> int | None:
        """The highest rank of a record for the key; None if there is none."""
        return self.lookups.ask(index, key, self._records).highest

    def insert(self, record: Mapping[str, Any]) -> Record:
        """Adds the record and returns it as stored. Raises Problem 409 if its id is taken."""
        kept = _frozen(record)
        record_id: Id = self._id_of(kept)
        records = self._own()
        if record_id in records:
            raise Problem(409, f"{self.name} has a record with the id {record_id!r} already.", code=ALREADY_EXISTS)
        kept.birth = births.take()
        records[record_id] = kept
        self.lookups.add(record_id, kept)
        self._log.append((self, record_id, None))
        return kept

    def _id_of(self, record: Mapping[str, Any]) -> Id:
        if self.id_member not in record:
            raise ValueError(
                f"{self.name}: a record needs its {self.id_member!r}; one that is kept below another record is made by "
                "call.default()"
            )
        record_id: Id = record[self.id_member]
        return record_id

    def update(self, record_id: Id, changes: Mapping[str, Any]) -> Record:
        """Sets the `changes` in a record and returns it. Raises Problem 404 if there is none."""
        self.update_all((record_id,), changes)
        return self._records[record_id]

    def update_all(self, record_ids: Iterable[Id], changes: Mapping[str, Any]) -> None:
        """Sets the same `changes` in each of the records. Raises Problem 404 if one does not exist."""
        records, log = self._own(), self._log
        frozen = freeze(dict(changes))
        lookups = self.lookups if self.lookups.concern(frozen) else None
        find, note = records.get, log.append
        for record_id in record_ids:
            old = find(record_id)
            if old is None:
                raise self._missing(record_id)
            new = records[record_id] = Record({**old, **frozen})
            new.birth = old.birth
            if lookups is not None:
                lookups.change(record_id, old, new)
            note((self, record_id, old))

    def replace(self, record: Mapping[str, Any]) -> Record:
        """Replaces the record with its id, or adds it, and returns it as stored."""
        record_id: Id = record[self.id_member]
        old = self._records.get(record_id)
        if old is None:
            return self.insert(record)
        new = _frozen(record)
        new.birth = old.birth
        self._own()[record_id] = new
        self.lookups.change(record_id, old, new)
        self._log.append((self, record_id, old))
        return new

    def delete(self, record_id: Id) -> Record:
        """Removes the record and returns it. Raises Problem 404 if there is none."""
        if record_id not in self._records:
            raise self._missing(record_id)
        old = self._own().pop(record_id)
        self.lookups.remove(record_id, old)
        self._log.append((self, record_id, old))
        return old

    def put_back(self, record_id: Id, old: Record | None) -> None:
        """Undoes one write: the record is what it was, in its place."""
        records, lookups = self._own(), self.lookups
        now = records.get(record_id)
        if old is None:
            lookups.remove(record_id, records.pop(record_id))
        elif now is not None:
            records[record_id] = old
            lookups.change(record_id, now, old)
        else:
            self._is_sorted = self._is_sorted and (not records or records[next(reversed(records))].birth < old.birth)
            records[record_id] = old
            lookups.add(record_id, old)

    def current(self, record_id: Id) -> KeptRecord | None:
        """The record as it is written outside of this process."""
        record = self._records.get(record_id)
        return None if record is None else make(KeptRecord, (record.birth, record))

    def receive(self, record_id: Id, value: KeptRecord | None) -> None:
        """Gives the id a record that was written elsewhere, or none; nothing is logged."""
        now = self._records.get(record_id)
        if value is None:
            if now is not None:
                self.put_back(record_id, None)
            return
        record: Record = freeze(dict(value.members))
        record.birth = value.birth
        births.pass_by(value.birth)
        if now is not None and now.birth != value.birth:
            self.put_back(record_id, None)
        self.put_back(record_id, record)

    def changes(self) -> Iterator[tuple[Id, KeptRecord | None]]:
        """The ids whose records are not those that it began with, with the records."""
        return changed(self._initial, self._sorted())

    @property
    def is_untouched(self) -> bool:
        """Whether nothing was written since the collection was created."""
        return self._records is self._initial

    def share(self) -> Records:
        """The records, which neither side may change from now on, and the `lookups`."""
        self._shared = True
        return self._sorted()

    def view(self) -> tuple[Records, Records]:
        """The records that it began with and those of now, neither of which changes from now on."""
        return self._initial, self.share()

    def _own(self) -> Records:
        """The records, ready to be written to; the world has another version from now on."""
        if self._shared:
            self._records, self.lookups = self._records.copy(), self.lookups.copy()
            self._shared = False
        self._log.version = next(versions)
        return self._records

    def _sorted(self) -> Records:
        """The records, oldest first; a record whose deletion was undone stood at the end until now."""
        if not self._is_sorted:
            self._records = dict(sorted(self._records.items(), key=lambda item: item[1].birth))
            self._is_sorted = True
        return self._records

    def _missing(self, record_id: Id) -> Problem:
        return Problem(404, f"{self.name} has no record with the id {record_id!r}.", code=NOT_FOUND)


class View(Sequence[Record]):
    """Records of a collection in order, each read only when it is accessed. Valid until the next write."""

    __slots__ = ("_lookups", "_records", "_series", "_within")

    def __init__(
        self, records: Records, lookups: Lookups, series: Series, within: tuple[Index, Hashable] | None = None
    ) -> None:
        self._records = records
        self._lookups = lookups
        self._series = series
        self._within = within

    def __len__(self) -> int:
        return len(self._series)

    def __iter__(self) -> Iterator[Record]:
        return map(self._records.__getitem__, self._series)

    @overload
    def __getitem__(self, place: int) -> Record: ...

    @overload
    def __getitem__(self, place: slice) -> Found: ...

    def __getitem__(self, place: int | slice) -> Record | Found:
        if isinstance(place, slice):
            start, stop, step = place.indices(len(self._series))
            # The series contains only records that were read, so lazy ones need not be created.
            at, records = dict.__getitem__, self._records
            found = [at(records, record_id) for record_id in self._series.slice(start, stop)]
            return found if step == 1 else found[::step]
        number = place + len(self._series) if place < 0 else place
        if not 0 <= number < len(self._series):
            raise IndexError(place)
        return self._records[self._series.slice(number, number + 1)[0]]

    def among(self, index: Index, keys: Iterable[Hashable]) -> Sequence[Record]:
        """The records that an index has for one of these keys, oldest first."""
        series = {key: self._lookups.ask(index, key, self._records) for key in keys}
        found = {key: ids for key, ids in series.items() if len(ids)}
        if len(found) == 1 and self._within is None:
            ((key, ids),) = found.items()
            return View(self._records, self._lookups, ids, (index, key))
        if sum(map(len, found.values())) > len(self):
            return [record for record in self if not found.keys().isdisjoint(index.keys(record))]
        records = {record_id: self._records[record_id] for ids in found.values() for record_id in ids}
        if self._within is not None:
            within, key = self._within
            records = {record_id: record for record_id, record in records.items() if key in within.keys(record)}
        return sorted(records.values(), key=lambda record: record.birth)

    def place(self, record_id: Id) -> int | None:
        """The number of records before the one with this id; None if it is not included."""
        record = self._records.get(record_id)
        return None if record is None else self._series.place(record.birth, record_id)


def _frozen(record: Mapping[str, Any]) -> Record:
    """A record of its own with these members, immutable at every level."""
    frozen: Record = freeze(record if type(record) is dict else dict(record))
    return frozen


def changed(before: Records, records: Records) -> Iterator[tuple[Id, KeptRecord | None]]:
    """The ids whose records are others than before, with the records; None where there is none any more. The records
    that did not change are the very same.
    """
    if records is before:
        return
    for record_id, record in records.items():
        if before.get(record_id) is not record:
            yield record_id, KeptRecord(record.birth, record)
    for record_id in before:
        if record_id not in records:
            yield record_id, None


def keep_all(id_member: str, records: list[Mapping[str, Any]]) -> Records:
    """The records with which a collection begins, frozen, by id, in this order."""
    kept: Records = {}
    for birth, record in enumerate(records, 1):
        frozen: Record = freeze(dict(record))
        frozen.birth = birth
        kept[frozen[id_member]] = frozen
    return kept
