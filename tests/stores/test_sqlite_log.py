"""The write-ahead log beside the file of a SQLite store: with which file it is read, and what a copy without it is."""

import shutil
import subprocess
import sys
from contextlib import closing

import pytest

from mockserver.problem import Unusable
from mockserver.stores.sqlite.sqlite_store import SqliteStore
from tests.stores.implementations import commit

CRASHING = """
import os, sys, pathlib
from mockserver.stores.sqlite.sqlite_store import SqliteStore
from mockserver.stores.world_store import CommitRequest
store = SqliteStore(pathlib.Path(sys.argv[1]))
for number in range(int(sys.argv[2])):
    store.append(CommitRequest(f"crashed{number}", 0, os.urandom(16), os.urandom(3000)))
os._exit(9)
"""


@pytest.fixture
def path(tmp_path):
    """Where the file is to be."""
    return tmp_path / "worlds.db"


def made(path, *worlds, content=b"kept"):
    """A file with these worlds that was closed."""
    with closing(SqliteStore(path)) as store:
        for world in worlds:
            store.append(commit(world, 0, content))
    return path


def crashed(path, commits=5):
    """The process that had it open ended without closing it, with so many worlds in the log."""
    assert subprocess.run([sys.executable, "-c", CRASHING, path, str(commits)], check=False).returncode == 9


def names(path):
    """The worlds in the file."""
    with closing(SqliteStore(path)) as store:
        return store.names()


def contents(path):
    """All files there, but those that are an index of a log."""
    return {file.name: file.read_bytes() for file in path.parent.iterdir() if not file.name.endswith("-shm")}


def test_a_log_is_read_with_the_file_for_which_it_was_written(path):
    """After a crash, after another one right after it, and where the file was moved with all that is beside it."""
    made(path, "a")
    crashed(path, 2)
    crashed(path, 0)

    moved = path.parent / "moved"
    moved.mkdir()
    for file in [file for file in path.parent.iterdir() if file.is_file()]:
        file.rename(moved / file.name)

    assert names(moved / path.name) == ("a", "crashed0", "crashed1")


def test_a_log_is_read_with_the_copy_of_both(path):
    """The mark need not be copied."""
    made(path, "a")
    crashed(path, 1)
    copy = path.parent / "copy.db"

    shutil.copy(path, copy)
    shutil.copy(f"{path}-wal", f"{copy}-wal")

    assert names(copy) == ("a", "crashed0")


@pytest.mark.parametrize("is_of_the_same_base", [True, False])
def test_a_backup_is_not_opened_with_the_log_of_what_was_there_before(path, is_of_the_same_base):
    """It stays as it is, as does the log; once that is removed, the backup is opened alone."""
    made(path, "a")
    backup = path.parent / "backup.db"
    if is_of_the_same_base:
        shutil.copy(path, backup)
    else:
        made(backup, "b")
    crashed(path, 40)
    shutil.copy(backup, path)
    before = contents(path)

    with pytest.raises(Unusable) as refused:
        SqliteStore(path)

    assert str(refused.value) == (
        f"{path} is not the file that {path}-wal was written for, so a file was put in its place. Nothing was changed. "
        f"To use it as it is, remove {path}-wal and worlds.db-shm, which have commits of the file that was there "
        "before; to have those, put that file back."
    )
    assert contents(path) == before
    (path.parent / "worlds.db-wal").unlink()
    assert names(path) == (("a",) if is_of_the_same_base else ("b",))


def test_a_file_that_its_log_would_damage_stays_as_it_is(path):
    """Where nothing says that the log is another's: what is found damaged is not written to."""
    other = made(path.parent / "other.db", "b")
    made(path, *(f"a{number}" for number in range(60)), content=bytes(3000))
    crashed(path, 2)
    shutil.copy(other, path)
    (path.parent / "worlds.db-mark").unlink()
    before = contents(path)

    with pytest.raises(Unusable, match="is damaged: "):
        SqliteStore(path)

    assert contents(path) == before


def test_a_copy_without_the_log_of_an_open_file_is_told(path):
    """It is opened, with what it has. A copy of a closed file is a whole one, of which nothing is said."""
    live, whole = path.parent / "live.db", path.parent / "whole.db"
    with closing(SqliteStore(path)) as store:
        store.append(commit("a", 0))
        shutil.copy(path, live)
    shutil.copy(path, whole)

    with closing(SqliteStore(live)) as store:
        seen = store.names(), store.check().warnings
    with closing(SqliteStore(whole)) as store:
        assert (store.names(), store.check().warnings) == (("a",), ())

    told = (
        f"{live} was copied while a mock had it open, without live.db-wal: its newest commits are missing. A whole "
        "copy is made once the mock has ended."
    )
    assert seen == ((), (told,))


@pytest.mark.skipif(sys.platform == "win32", reason="an open file cannot be removed there")
def test_a_file_that_was_removed_is_a_store_that_cannot_be_used(path):
    """Also where another one is in its place."""
    with closing(SqliteStore(path)) as store:
        path.unlink()
        removed = store.check().problem
        path.write_bytes(b"")
        replaced = store.check().problem

    told = (
        f"{path} was removed or replaced while it was open: what is written now is lost at the end; "
        "start the mock again"
    )
    assert (removed, replaced) == (told, told)
