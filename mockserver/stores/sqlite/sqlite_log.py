"""Keeps the write-ahead log of one SQLite file from being laid over another that was put in its place.

Each time that a file is opened it gets a new id, in the file itself and in a mark beside it. A log that has commits
belongs to the file if the id of the file, read without the log, is in the mark.
"""

from __future__ import annotations

import os
import secrets
import sqlite3
from contextlib import closing, suppress
from pathlib import Path
from typing import NamedTuple

from mockserver.problem import Unusable

MARK_BYTES = 80
"""Of a mark: two ids at most."""

_TABLE = """CREATE TABLE IF NOT EXISTS opened
(one INTEGER PRIMARY KEY CHECK (one = 1), id TEXT NOT NULL, is_closed INTEGER NOT NULL)"""


class Opened(NamedTuple):
    """The `id` that the file got when it was opened last, empty if it has none, and whether it was closed since."""

    id: str
    is_closed: bool


def log_of(path: Path) -> Path:
    """The write-ahead log of the file, which a link may name."""
    return _beside(path, "-wal")


def has_commits(path: Path) -> bool:
    """The file has a log that is not empty."""
    try:
        return log_of(path).stat().st_size > 0
    except OSError:
        return False


def refuse_foreign_log(path: Path) -> None:
    """Raises Unusable where there is a log of another file beside this one. Nothing is written."""
    ids = _marked(path)
    if not ids or not has_commits(path):
        return
    opened = _opened(path)
    if opened is not None and opened.id not in ids:
        log = log_of(path)
        raise Unusable(
            f"{path} is not the file that {log} was written for, so a file was put in its place. Nothing was changed. "
            f"To use it as it is, remove {log} and {log.name.removesuffix('wal')}shm, which have commits of the "
            "file that was there before; to have those, put that file back."
        )


def warnings_of_copy(path: Path) -> tuple[str, ...]:
    """What is missing in a file that was copied without its log while it was open."""
    opened = None if log_of(path).exists() or _marked(path) else _opened(path)
    if opened is None or not opened.id or opened.is_closed:
        return ()
    told = (
        f"{path} was copied while a mock had it open, without {log_of(path).name}: its newest commits are missing. "
        "A whole copy is made once the mock has ended."
    )
    return (told,)


def begin_log(connection: sqlite3.Connection, path: Path) -> None:
    """Gives the file, which is open for this process alone, an id, and an empty log that is marked as its own."""
    connection.execute(_TABLE)
    before = connection.execute("SELECT id FROM opened").fetchone()
    id = secrets.token_hex(16)
    # A crash may come before the file has the new id, or before its log is empty.
    _write_mark(path, *([] if before is None else before), id)
    connection.execute("REPLACE INTO opened VALUES (1, ?, 0)", (id,))
    connection.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchall()
    _write_mark(path, id)


def end_log(connection: sqlite3.Connection, path: Path) -> None:
    """Closes the connection, and says in the file that it is whole without a log."""
    with suppress(sqlite3.Error):
        connection.execute("UPDATE opened SET is_closed = 1")
    connection.close()
    if not has_commits(path):
        with suppress(OSError):
            _mark(path).unlink()


def _opened(path: Path) -> Opened | None:
    """Reads it from the file alone, without its log. None: the file cannot be read so."""
    try:
        with closing(sqlite3.connect(f"{path.resolve().as_uri()}?immutable=1", uri=True)) as connection:
            found = connection.execute("SELECT id, is_closed FROM opened").fetchone()
    except sqlite3.Error as error:
        return Opened("", is_closed=False) if error.sqlite_errorcode == sqlite3.SQLITE_ERROR else None
    return Opened("", is_closed=False) if found is None else Opened(str(found[0]), bool(found[1]))


def _marked(path: Path) -> list[str]:
    """The ids of the file to which the log belongs; none where nothing says so."""
    try:
        with _mark(path).open("rb") as file:
            return file.read(MARK_BYTES).decode("ascii", "replace").split()
    except OSError:
        return []


def _write_mark(path: Path, *ids: str) -> None:
    with os.fdopen(os.open(_mark(path), os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "wb") as file:
        file.write(" ".join(ids).encode())
        file.flush()
        os.fsync(file.fileno())


def _mark(path: Path) -> Path:
    return _beside(path, "-mark")


def _beside(path: Path, ending: str) -> Path:
    whole = path.resolve()
    return whole.with_name(whole.name + ending)
