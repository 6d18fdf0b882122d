"""Records by id, in the order in which they were born."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from itertools import count
from types import TracebackType
from typing import Any, Protocol

from mockserver.problem import ALREADY_EXISTS, NOT_FOUND, Problem
from mockserver.state.record import Record, freeze

Id = str | int
Found = list[Record]
Records = dict[Id, Record]


class Written(Protocol):
    """What leaves its writes in a log."""

    def put_back(self, record_id: Id, old: Record | None) -> None:
        """The latest write is undone, the one that replaced `old`."""


class Log(list["tuple[Written, Id, Record | None]"]):
    """What each write replaced, oldest first, as long as it can be taken back; `depth` counts the open transactions.

    `with log` is a transaction that no other is around: without a mark, and so at half the cost.
    """

    __slots__ = ("depth",)

    def __init__(self) -> None:
        super().__init__()
        self.depth = 0

    def __enter__(self) -> None:
        self.depth = 1

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, where: TracebackType | None
    ) -> None:
        self.depth = 0
        if kind is not None:
            self.take_back(0)
        elif self:
            self.clear()

    def take_back(self, mark: int) -> None:
        """What was written since the log was `mark` long is undone, the latest first."""
        while len(self) > mark:
            written, record_id, old = self.pop()
            written.put_back(record_id, old)


class Collection:
    """A view on one collection of a world.

    The records are shared with the world that this one was forked from until the first write, which copies the
    collection once, shallowly. Every write leaves its undoing in the world's log.
    """

    __slots__ = ("_begun", "_indexes", "_log", "_records", "_shared", "id_member", "name")

    def __init__(self, name: str, id_member: str, records: Records, log: Log) -> None:
        self.name = name
        self.id_member = id_member
        self._records = self._begun = records
        self._shared = True
        self._log = log
        self._indexes: dict[str, dict[Id, Found]] = {}

    def get(self, record_id: Id) -> Record | None:
        return self._records.get(record_id)

    def __getitem__(self, record_id: Id) -> Record:
        """The record; a Problem 404 where there is none."""
        try:
            return self._records[record_id]
        except KeyError:
            raise self._missing(record_id) from None

    def pick(self, record_ids: Iterable[Id]) -> Found:
        """The records that there are of these ids, in the order of the ids."""
        return [record for record in map(self._records.get, record_ids) if record is not None]

    def __contains__(self, record_id: object) -> bool:
        return record_id in self._records

    def __iter__(self) -> Iterator[Record]:
        return iter(tuple(self._records.values()))

    def __len__(self) -> int:
        return len(self._records)

    def list(self, keep: Callable[[Record], bool] | None = None) -> Found:
        """The records that `keep` says yes to, oldest first."""
        records = self._records.values()
        return [*records] if keep is None else [record for record in records if keep(record)]

    def where(self, **members: Any) -> Found:
        """The records whose members have these values, oldest first."""
        wanted = members.items()
        return [record for record in self._records.values() if all(record.get(name) == value for name, value in wanted)]

    def find(self, member: str, value: Id) -> Found:
        """The records whose `member` is this text or number, oldest first; it is asked for in constant time until the
        next write.
        """
        index = self._indexes.get(member)
        if index is None:
            index = self._indexes[member] = {}
            for record in self._records.values():
                held = record.get(member)
                if isinstance(held, str | int):
                    index.setdefault(held, []).append(record)
        return [*index.get(value, ())]

    def insert(self, record: Mapping[str, Any]) -> Record:
        """The record as it is kept. A Problem 409 where its id is taken."""
        kept: Record = freeze(dict(record))
        record_id: Id = kept[self.id_member]
        records = self._own()
        if record_id in records:
            raise Problem(409, f"{self.name} has a record with the id {record_id!r} already.", code=ALREADY_EXISTS)
        kept.birth = next(_births)
        records[record_id] = kept
        self._log.append((self, record_id, None))
        return kept

    def update(self, record_id: Id, changes: Mapping[str, Any]) -> Record:
        """The record with `changes` laid over it. A Problem 404 where there is none."""
        self.update_all((record_id,), changes)
        return self._records[record_id]

    def update_all(self, record_ids: Iterable[Id], changes: Mapping[str, Any]) -> None:
        """Each of the records has the same `changes` laid over it. A Problem 404 where there is none."""
        records, log = self._own(), self._log
        frozen = freeze(dict(changes))
        for record_id in record_ids:
            old = records.get(record_id)
            if old is None:
                raise self._missing(record_id)
            new = Record(old | frozen)
            new.birth = old.birth
            records[record_id] = new
            log.append((self, record_id, old))

    def replace(self, record: Mapping[str, Any]) -> Record:
        """The record as it is kept, in the place of the one with its id, or as a new one."""
        record_id: Id = record[self.id_member]
        old = self._records.get(record_id)
        if old is None:
            return self.insert(record)
        new: Record = freeze(dict(record))
        new.birth = old.birth
        self._own()[record_id] = new
        self._log.append((self, record_id, old))
        return new

    def delete(self, record_id: Id) -> Record:
        """The record that is gone. A Problem 404 where there is none."""
        if record_id not in self._records:
            raise self._missing(record_id)
        old = self._own().pop(record_id)
        self._log.append((self, record_id, old))
        return old

    def put_back(self, record_id: Id, old: Record | None) -> None:
        """One write is undone: the record is again what it was, in its place."""
        records = self._own()
        if old is None:
            del records[record_id]
        elif record_id in records:
            records[record_id] = old
        else:
            records[record_id] = old
            self._records = dict(sorted(records.items(), key=lambda item: item[1].birth))

    @property
    def is_untouched(self) -> bool:
        """Whether nothing was written since it was begun."""
        return self._records is self._begun

    def share(self) -> Records:
        """The records, which both sides promise not to change from now on."""
        self._shared = True
        return self._records

    def _own(self) -> Records:
        """The records, about to be written to."""
        if self._indexes:
            self._indexes = {}
        if self._shared:
            self._records = self._records.copy()
            self._shared = False
        return self._records

    def _missing(self, record_id: Id) -> Problem:
        return Problem(404, f"{self.name} has no record with the id {record_id!r}.", code=NOT_FOUND)


def keep_all(id_member: str, records: list[Mapping[str, Any]]) -> Records:
    """The records frozen and by id, in this order."""
    kept: Records = {}
    for record in records:
        frozen: Record = freeze(dict(record))
        frozen.birth = next(_births)
        kept[frozen[id_member]] = frozen
    return kept


_births = count(1)
