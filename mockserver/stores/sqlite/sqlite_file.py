"""Opens the file of a SQLite store for this process alone, and says why one cannot be used."""

from __future__ import annotations

import os
import sqlite3
import stat
import struct
import sys
from contextlib import closing, suppress
from pathlib import Path

from mockserver.problem import Unusable
from mockserver.stores.sqlite.sqlite_log import begin_log, has_commits, log_of, refuse_foreign_log

FORMAT = 1
"""The version of the tables. A file of a newer one is refused; an older one is brought up to it when it is opened."""

CHECKED_BYTES = 64 * 1024 * 1024
"""Up to this size, a file is checked as a whole when it is opened."""

CHECKPOINT_PAGES = 4_000
"""Pages of the write-ahead log after which they are moved into the file, while an append waits."""

_APPLICATION = 0x4D4F434B  # "MOCK", in the file's header
_TABLES = """
CREATE TABLE worlds (id INTEGER PRIMARY KEY, name TEXT NOT NULL UNIQUE, first INTEGER NOT NULL, kept INTEGER NOT NULL);
CREATE TABLE commits (key INTEGER PRIMARY KEY, id BLOB NOT NULL, due REAL, content BLOB);
CREATE TABLE snapshots (world INTEGER PRIMARY KEY, version INTEGER NOT NULL, content BLOB NOT NULL);
CREATE TABLE store (one INTEGER PRIMARY KEY CHECK (one = 1), next_first INTEGER NOT NULL);
INSERT INTO store VALUES (1, 1);
"""
_LOCK_BYTES = 0x40000000, 512
"""Where SQLite locks a file: the pending, the reserved and the shared bytes."""


def make_file(path: Path) -> None:
    """Makes an empty file if there is none, readable by its owner alone: SQLite's would be readable by all. Raises
    Unusable.
    """
    if path.is_dir():
        raise Unusable(f"{path} is a folder; --store sqlite:FILE takes a file.")
    try:
        os.close(os.open(path, os.O_RDWR | os.O_CREAT | os.O_EXCL, 0o600))
    except FileExistsError:
        pass
    except OSError as error:
        raise Unusable(f"{path} cannot be made: {(error.strerror or str(error)).lower()}.") from error


def open_file(path: Path, durability: str) -> sqlite3.Connection:
    """A connection that has the file to itself until it is closed or the process ends, however it ends.

    Raises Unusable where the file is another's, damaged, newer, cannot be written, or is open elsewhere.
    """
    _look_at_log(path)
    connection = _connect(path)
    try:
        _take(connection)
        is_new = _is_new(connection, path)
        connection.execute("PRAGMA journal_mode = WAL")
        connection.execute(f"PRAGMA synchronous = {durability.upper()}")
        connection.execute(f"PRAGMA wal_autocheckpoint = {CHECKPOINT_PAGES}")
        if is_new:
            marks = f"PRAGMA application_id = {_APPLICATION}; PRAGMA user_version = {FORMAT};"
            connection.executescript(f"BEGIN; {_TABLES} {marks} COMMIT;")
        begin_log(connection, path)
    except sqlite3.Error as error:
        connection.close()
        raise _unusable(path, error) from error
    except OSError as error:
        connection.close()
        raise Unusable(f"{error.filename} cannot be written: {(error.strerror or str(error)).lower()}.") from error
    except BaseException:
        connection.close()
        raise
    return connection


def warnings(path: Path) -> tuple[str, ...]:
    """What its owner should know about the file."""
    with suppress(OSError):
        mode = stat.S_IMODE(path.stat().st_mode)
        if mode & 0o077 and os.name == "posix":
            said = f"{path} can be read by others (mode {mode:04o}), and worlds hold credentials: chmod 600 {path}"
            return (said,)
    return ()


def _look_at_log(path: Path) -> None:
    """Raises Unusable where the file is not to be opened with the log that is beside it. A connection that may write
    would lay the log over the file when it is closed, even over one that it makes no sense of, so this one may not.
    """
    if not has_commits(path):
        return
    try:
        refuse_foreign_log(path)
    except Unusable as error:
        raise Unusable(_locked(path)) if _holder(path) else error from None
    try:
        with closing(sqlite3.connect(f"{path.resolve().as_uri()}?mode=ro", uri=True, timeout=0)) as connection:
            _is_new(connection, path)
    except sqlite3.Error as error:
        raise _unusable(path, error) from error


def _connect(path: Path) -> sqlite3.Connection:
    try:
        return sqlite3.connect(path, timeout=0, isolation_level=None, check_same_thread=False)
    except sqlite3.Error as error:
        raise _unusable(path, error) from error


def _take(connection: sqlite3.Connection) -> None:
    """Locks the file for as long as the connection is open. The lock is the system's: it ends with the process."""
    connection.execute("PRAGMA locking_mode = EXCLUSIVE")
    connection.execute("BEGIN EXCLUSIVE")
    connection.execute("ROLLBACK")


def _is_new(connection: sqlite3.Connection, path: Path) -> bool:
    """The database is empty. Raises Unusable if it is not, and no whole one of ours."""
    application = connection.execute("PRAGMA application_id").fetchone()[0]
    version = connection.execute("PRAGMA user_version").fetchone()[0]
    if application == 0 and connection.execute("SELECT count(*) FROM sqlite_master").fetchone()[0] == 0:
        return True
    if application != _APPLICATION:
        raise Unusable(f"{path} is a SQLite database of another program; name a new file, or one that mockserver made.")
    if version > FORMAT:
        raise Unusable(
            f"{path} has format {version}, and this mockserver reads formats up to {FORMAT}: "
            "it was written by a newer one. Use that, or name another file."
        )
    if path.stat().st_size <= CHECKED_BYTES:
        found = connection.execute("PRAGMA quick_check(1)").fetchone()[0]
        if found != "ok":
            raise Unusable(damaged(path, found))
    return False


def _unusable(path: Path, error: sqlite3.Error) -> Unusable:
    code = getattr(error, "sqlite_errorcode", 0) & 0xFF
    if code in {sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED}:
        return Unusable(_locked(path))
    if code == sqlite3.SQLITE_NOTADB:
        return Unusable(f"{path} is no SQLite database; name a new file, or one that mockserver made.")
    if code == sqlite3.SQLITE_CORRUPT:
        return Unusable(damaged(path, str(error)))
    if code in {sqlite3.SQLITE_READONLY, sqlite3.SQLITE_CANTOPEN, sqlite3.SQLITE_PERM}:
        return Unusable(
            f"{path} cannot be written: {error}. Worlds are kept in it and in files beside it, "
            "so this user must be allowed to write the file and its folder."
        )
    return Unusable(f"{path} cannot be opened: {error}.")


def damaged(path: Path, seen: str) -> str:
    """What is said of a file that is not whole."""
    log = log_of(path)
    return (
        f"{path} is damaged: {seen}. Move it away with {log.name} and {log.name.removesuffix('wal')}shm, if they are "
        "there, and put a backup in its place, or name another file."
    )


def _locked(path: Path) -> str:
    holder = _holder(path)
    who = f"by process {holder}" if holder else "elsewhere"
    return (
        f"{path} is in use {who}; a SQLite store belongs to one process. Stop that one, name another file, or use "
        "--store redis://HOST:PORT, which several processes share."
    )


def _holder(path: Path) -> int | None:
    """The process that has locked the file, as far as the system tells. It must not be this one: closing the file here
    would end its locks.
    """
    if not sys.platform.startswith("linux"):
        return None
    import fcntl

    start, length = _LOCK_BYTES
    asked = struct.pack("hhqqi4x", fcntl.F_WRLCK, os.SEEK_SET, start, length, 0)
    with suppress(OSError), closing(os.fdopen(os.open(path, os.O_RDWR), "rb")) as file:
        answer = fcntl.fcntl(file.fileno(), fcntl.F_GETLK, asked)
        kind, _, _, _, process = struct.unpack("hhqqi4x", answer)
        return int(process) if kind != fcntl.F_UNLCK and process > 0 else None
    return None
