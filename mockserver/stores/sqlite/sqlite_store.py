"""A store in a SQLite file, which belongs to one process."""

from __future__ import annotations

import heapq
import sqlite3
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import NamedTuple

from mockserver.problem import Unusable
from mockserver.stores.lease_table import LeaseTable
from mockserver.stores.sqlite.sqlite_file import damaged, make_file, open_file, warnings
from mockserver.stores.sqlite.sqlite_log import end_log, warnings_of_copy
from mockserver.stores.world_store import (
    DIRECTORY,
    NORMAL,
    REMEMBERED,
    Behind,
    Busy,
    CommitRequest,
    Committed,
    Lease,
    LeaseLost,
    Since,
    StoredSnapshot,
    StoreHealth,
    StoreUnavailable,
)

_BITS = 40
"""A commit's key is its world's number, and its version in the lower bits, so that an append writes one place alone."""

_open: set[tuple[int, int]] = set()
"""Device and number of the files that this process has open: it would have two of one where a link leads to it."""


@dataclass(slots=True)
class _Row:
    """What is known of a world without asking the file: no other process writes to it."""

    number: int
    first: int
    kept: int
    version: int
    snapshot: int = 0

    def key(self, version: int) -> int:
        return self.number << _BITS | version

    def knows_id(self, version: int) -> bool:
        is_kept = version >= self.kept or version > self.version - REMEMBERED
        return is_kept and self.first <= version <= self.version


class _Grouped(NamedTuple):
    """A commit that is to be written: its columns, its world, and when that was due before."""

    columns: tuple[int, bytes, float | None, bytes]
    row: _Row
    world: str
    due: float | None


_INSERT = "INSERT INTO commits VALUES (?, ?, ?, ?)"


class SqliteStore:
    """Keeps the commits of worlds in a SQLite file (write-ahead log), for one process.

    With durability `normal`, what was committed survives the end of the process, however it ends; with `full`, each
    commit waits until the disk has it, and survives a loss of power too. After one, the file is whole either way.

    Raises Unusable where the file cannot be used.
    """

    is_shared = False

    def __init__(self, path: Path, durability: str = NORMAL) -> None:
        self.is_quick = self.has_groups = durability == NORMAL
        self._group: list[_Grouped] = []
        self._lost: StoreUnavailable | None = None
        self._path = path
        self._durability = durability
        self._lock = threading.Lock()
        self._leases = LeaseTable()
        self._rows: dict[str, _Row] = {}
        self._due: dict[str, float] = {}
        self._failed: str | None = None
        make_file(path)
        self._inode = _claim(path)
        try:
            self._warnings = warnings_of_copy(path)
            self._connection = open_file(path, durability)
            self._insert = self._connection.cursor().execute
            self._read()
        except BaseException:
            _open.discard(self._inode)
            raise

    def _read(self) -> None:
        """Takes up the worlds that are in the file."""
        ask = self._connection.execute
        try:
            (self._next_first,) = ask("SELECT next_first FROM store").fetchone()
            snapshots = dict(ask("SELECT world, version FROM snapshots"))
            for number, name, first, kept in ask("SELECT id, name, first, kept FROM worlds").fetchall():
                low, high = number << _BITS, (number + 1) << _BITS
                newest = "SELECT key, due FROM commits WHERE key >= ? AND key < ? ORDER BY key DESC LIMIT 1"
                key, due = ask(newest, (low, high)).fetchone()
                self._rows[name] = _Row(number, first, kept, key - low, snapshots.get(number, 0))
                if due is not None:
                    self._due[name] = due
        except (sqlite3.Error, TypeError) as error:
            self._connection.close()
            raise Unusable(damaged(self._path, str(error))) from error
        numbers = {row.number for row in self._rows.values()}
        self._free = [number for number in range(1, max(numbers, default=0) + 1) if number not in numbers]

    # Reading

    def since(self, world: str, version: int) -> Since:
        with self._guard():
            return self._since(world, version)

    def _since(self, world: str, version: int) -> Since:
        row = self._rows.get(world)
        if row is None:
            return Since(0, is_whole=version > 0)
        if version == row.version:
            return Since(version)
        goes_on = row.first <= version < row.version and version >= row.kept - 1
        low = version + 1 if goes_on else row.kept
        ask = "SELECT content FROM commits WHERE key BETWEEN ? AND ? ORDER BY key"
        commits = tuple(content for (content,) in self._ask(ask, (row.key(low), row.key(row.version))))
        return Since(row.version, not goes_on, None if goes_on else self._snapshot(row), commits)

    def _snapshot(self, row: _Row) -> StoredSnapshot | None:
        if not row.snapshot:
            return None
        (content,) = self._ask("SELECT content FROM snapshots WHERE world = ?", (row.number,)).fetchone()
        return StoredSnapshot(row.snapshot, content)

    def names(self) -> tuple[str, ...]:
        with self._guard():
            return tuple(sorted(self._rows))

    def due(self, until: float, most: int = 100) -> tuple[str, ...]:
        with self._guard():
            waiting = [(due, name) for name, due in self._due.items() if due <= until]
        return tuple(name for _, name in heapq.nsmallest(most, waiting))

    # Writing

    def append(self, commit: CommitRequest) -> Committed | Behind | Busy | LeaseLost:
        # The same as `_guard`, which would take a tenth of the time.
        with self._lock:
            try:
                if self._group and not commit.is_grouped:
                    self._write_group()
                return self._append(commit)
            except sqlite3.Error as error:
                raise self._unavailable(error) from error

    def _append(self, commit: CommitRequest) -> Committed | Behind | Busy | LeaseLost:
        row = self._rows.get(commit.world)
        if row is None or commit.after != row.version or commit.directory is not None or self._leases.matter(commit):
            self._write_group()  # It may be asked for.
            answer = self._applied_before(commit, row) or self._leases.refusal(commit) or self._behind(commit, row)
            if answer is not None:
                return answer
        row = self._begin(commit) if row is None else self._go_on(commit, row)
        self._note_due(commit)
        self._failed = None
        return Committed(row.version)

    def _note_due(self, commit: CommitRequest) -> None:
        if commit.due is not None:
            self._due[commit.world] = commit.due
        elif self._due:
            self._due.pop(commit.world, None)

    def _applied_before(self, commit: CommitRequest, row: _Row | None) -> Committed | None:
        if row is None or commit.after == row.version:
            return None
        version = commit.after + 1 if commit.after else row.first
        if not row.knows_id(version):
            return None
        (id,) = self._ask("SELECT id FROM commits WHERE key = ?", (row.key(version),)).fetchone()
        return Committed(version) if id == commit.id else None

    def _behind(self, commit: CommitRequest, row: _Row | None) -> Behind | None:
        version = 0 if row is None else row.version
        if commit.after == version and commit.directory is None:
            return None
        directory = self._rows.get(DIRECTORY)
        if commit.after == version and commit.directory == (0 if directory is None else directory.version):
            return None
        since = None if commit.directory is None else self._since(DIRECTORY, commit.directory)
        return Behind(self._since(commit.world, commit.after), since)

    def _go_on(self, commit: CommitRequest, row: _Row) -> _Row:
        columns = (row.key(row.version + 1), commit.id, commit.due, commit.content)
        if commit.is_grouped and self.has_groups:
            self._group.append(_Grouped(columns, row, commit.world, self._due.get(commit.world)))
        else:
            self._insert(_INSERT, columns)
        row.version += 1
        return row

    def end_group(self) -> None:
        with self._lock:
            if self._group:
                with suppress(sqlite3.Error):
                    self._write_group()
            lost, self._lost = self._lost, None
        if lost is not None:
            raise lost

    def _write_group(self) -> None:
        """Writes the commits of the group, all or none; those are taken back."""
        group, self._group = self._group, []
        try:
            if len(group) == 1:
                self._insert(_INSERT, group[0].columns)
            elif group:
                with self._transaction():
                    self._connection.executemany(_INSERT, [grouped.columns for grouped in group])
        except sqlite3.Error as error:
            self._lost = self._unavailable(error)
            for grouped in reversed(group):
                grouped.row.version -= 1
                if grouped.due is None:
                    self._due.pop(grouped.world, None)
                else:
                    self._due[grouped.world] = grouped.due
            raise

    def _begin(self, commit: CommitRequest) -> _Row:
        number = self._free[-1] if self._free else len(self._rows) + 1
        row = _Row(number, self._next_first, self._next_first, self._next_first)
        with self._transaction():
            self._ask("INSERT INTO worlds VALUES (?, ?, ?, ?)", (number, commit.world, row.first, row.kept))
            key = row.key(row.first)
            self._ask(_INSERT, (key, commit.id, commit.due, commit.content))
        if self._free:
            self._free.pop()
        self._rows[commit.world] = row
        return row

    def compact(self, world: str, snapshot: StoredSnapshot, keep_from: int) -> bool:
        with self._guard():
            row = self._rows.get(world)
            if row is None or not max(row.first, row.snapshot) <= snapshot.version <= row.version:
                return False
            kept = max(row.kept, min(keep_from, snapshot.version + 1))
            # Ids of the newest commits stay, so that one whose answer was lost is found.
            forgotten = min(kept, row.version - REMEMBERED + 1)
            with self._transaction():
                self._ask("REPLACE INTO snapshots VALUES (?, ?, ?)", (row.number, *snapshot))
                if forgotten > row.first:
                    low, high = row.key(row.first), row.key(forgotten)
                    self._ask("DELETE FROM commits WHERE key >= ? AND key < ?", (low, high))
                low, high = row.key(max(row.kept, forgotten)), row.key(kept)
                self._ask("UPDATE commits SET content = NULL WHERE key >= ? AND key < ?", (low, high))
                self._ask("UPDATE worlds SET kept = ? WHERE id = ?", (kept, row.number))
            row.kept, row.snapshot = kept, snapshot.version
            return True

    def drop(self, world: str, version: int) -> bool:
        with self._guard():
            row = self._rows.get(world)
            if row is None:
                return True
            if row.version != version:
                return False
            # One number is left out, so that the first commit of a world never goes on from what was dropped.
            next_first = max(self._next_first, version + 2)
            with self._transaction():
                self._ask("DELETE FROM commits WHERE key >= ? AND key <= ?", (row.key(0), row.key(row.version)))
                self._ask("DELETE FROM snapshots WHERE world = ?", (row.number,))
                self._ask("DELETE FROM worlds WHERE id = ?", (row.number,))
                self._ask("UPDATE store SET next_first = ?", (next_first,))
            self._next_first = next_first
            self._free.append(row.number)
            self._due.pop(world, None)
            del self._rows[world]
            return True

    # Leases

    def lease(self, name: str, holder: str, seconds: float) -> Lease | None:
        with self._guard():
            return self._leases.lease(name, holder, seconds)

    def release(self, lease: Lease) -> None:
        with self._guard():
            self._leases.release(lease)

    # The store itself

    def watch(self, told: Callable[[str, int], None]) -> Callable[[], None]:
        """There are no others whose commits could be told."""
        del told
        return lambda: None

    def check(self) -> StoreHealth:
        """After an append failed, whether one is possible again is tried out."""
        name = f"sqlite:{self._path}, durability {self._durability}"
        if _inode(self._path) != self._inode:
            return StoreHealth(
                name,
                f"{self._path} was removed or replaced while it was open: what is written now is lost at the end; "
                "start the mock again",
            )
        with self._lock:
            try:
                if self._failed is not None:
                    self._connection.execute("UPDATE store SET next_first = next_first")
                    self._failed = None
                self._connection.execute("SELECT 1 FROM store").fetchone()
            except sqlite3.Error as error:
                return StoreHealth(name, self._told(error))
        return StoreHealth(name, None, (*warnings(self._path), *self._warnings))

    def close(self) -> None:
        with self._lock:
            if self._group:
                with suppress(sqlite3.Error):
                    self._write_group()
            end_log(self._connection, self._path)
            _open.discard(self._inode)

    @contextmanager
    def _guard(self) -> Iterator[None]:
        """One thread at a time; whatever SQLite cannot do is told as StoreUnavailable."""
        with self._lock:
            try:
                if self._group:
                    self._write_group()
                yield
            except sqlite3.Error as error:
                raise self._unavailable(error) from error

    def _unavailable(self, error: sqlite3.Error) -> StoreUnavailable:
        self._failed = self._told(error)
        return StoreUnavailable(self._failed)

    @contextmanager
    def _transaction(self) -> Iterator[None]:
        """All that is written in it, or nothing."""
        self._ask("BEGIN IMMEDIATE")
        try:
            yield
            self._ask("COMMIT")
        finally:
            if self._connection.in_transaction:
                self._connection.execute("ROLLBACK")

    def _ask(self, statement: str, values: tuple[object, ...] = ()) -> sqlite3.Cursor:
        return self._connection.execute(statement, values)

    def _told(self, error: sqlite3.Error) -> str:
        return f"The SQLite store {self._path} cannot be used: {error}."


def _claim(path: Path) -> tuple[int, int]:
    """Notes that this process opens the file. Raises Unusable if it has it open already."""
    inode = _inode(path)
    assert inode is not None
    if inode in _open:
        raise Unusable(f"{path} is in use by this process already; a SQLite store is opened once.")
    _open.add(inode)
    return inode


def _inode(path: Path) -> tuple[int, int] | None:
    """Device and number of the file that the path names now; None: there is none."""
    try:
        found = path.stat()
    except OSError:
        return None
    return found.st_dev, found.st_ino
