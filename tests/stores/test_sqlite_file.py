"""The file of a SQLite store: whose it is, who may read it, and what is said of one that cannot be used."""

import os
import re
import sqlite3
import stat
import subprocess
import sys
from contextlib import closing

import pytest

from mockserver.problem import Unusable
from mockserver.stores.sqlite.sqlite_store import SqliteStore
from mockserver.stores.world_store import Committed, Since, StoredSnapshot, StoreUnavailable
from tests.stores.implementations import commit

HOLDER = """
import sys, pathlib
from mockserver.stores.sqlite.sqlite_store import SqliteStore
from mockserver.stores.world_store import CommitRequest
store = SqliteStore(pathlib.Path(sys.argv[1]))
store.append(CommitRequest("w", 0, b"1" * 16, b"kept"))
print("open", flush=True)
sys.stdin.read()
"""


@pytest.fixture
def path(tmp_path):
    """Where the file is to be."""
    return tmp_path / "worlds.db"


@pytest.fixture
def holder(path):
    """Another process that has the file open, with one commit in it."""
    process = subprocess.Popen(
        [sys.executable, "-c", HOLDER, path], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    )
    assert process.stdout is not None
    assert process.stdout.readline() == "open\n"
    yield process
    process.kill()
    process.communicate()


def test_what_was_committed_is_there_after_it_was_closed(path):
    """Commits, snapshot, ids, what is due, and numbers that go on."""
    again = commit("w", 0, b"a", due=7.5)
    with closing(SqliteStore(path)) as store:
        store.append(again)
        for after in range(1, 4):
            store.append(commit("w", after, b"b", due=7.5))
        store.compact("w", StoredSnapshot(2, b"s"), 3)
        store.append(commit("gone", 0, b"g"))
        store.drop("gone", 1)

    with closing(SqliteStore(path)) as store:
        whole = store.since("w", 0)
        seen = store.names(), store.due(8.0), store.append(again)
        anew = store.append(commit("gone", 0, b"new"))

    assert whole == Since(4, True, StoredSnapshot(2, b"s"), (b"b", b"b"))
    assert seen == (("w",), ("w",), Committed(1))
    assert anew == Committed(3)


def test_a_world_that_is_a_snapshot_alone_is_there_after_it_was_closed(path):
    """Its version is that of its newest commit, whose content is in the snapshot."""
    with closing(SqliteStore(path)) as store:
        store.append(commit("w", 0, b"a"))
        store.append(commit("w", 1, b"b"))
        store.compact("w", StoredSnapshot(2, b"ab"), 3)

    with closing(SqliteStore(path)) as store:
        assert store.since("w", 0) == Since(2, True, StoredSnapshot(2, b"ab"), ())


def test_the_file_is_its_owners_alone(path):
    """Worlds hold credentials. So are the files beside it."""
    old = os.umask(0)
    try:
        with closing(SqliteStore(path)) as store:
            store.append(commit("w", 0))
            modes = {file.name: stat.S_IMODE(file.stat().st_mode) for file in path.parent.iterdir()}
            warned = store.check().warnings
    finally:
        os.umask(old)

    assert modes == {"worlds.db": 0o600, "worlds.db-wal": 0o600, "worlds.db-mark": 0o600}
    assert warned == ()


def test_a_file_that_others_can_read_is_told(path):
    """It stays as it is; the warning says what to do."""
    path.touch()
    path.chmod(0o644)

    with closing(SqliteStore(path)) as store:
        warned = store.check().warnings

    assert warned == (f"{path} can be read by others (mode 0644), and worlds hold credentials: chmod 600 {path}",)


# One process


def test_a_second_process_is_refused_with_the_file_and_the_holder(path, holder):
    """And leaves the file to the first."""
    with pytest.raises(Unusable) as refused:
        SqliteStore(path)

    who = f"by process {holder.pid}" if sys.platform.startswith("linux") else "elsewhere"
    assert str(refused.value) == (
        f"{path} is in use {who}; a SQLite store belongs to one process. Stop that one, name another file, or use "
        "--store redis://HOST:PORT, which several processes share."
    )
    with pytest.raises(Unusable, match="is in use"):
        SqliteStore(path)


def test_a_holder_that_was_killed_holds_nothing(path, holder):
    """What it had committed is there."""
    holder.kill()
    holder.wait()

    with closing(SqliteStore(path)) as store:
        assert store.since("w", 0).commits == (b"kept",)


def test_a_second_store_in_the_same_process_is_refused(path, tmp_path):
    """By whatever name the file is called; once the first is closed, it is opened."""
    first = SqliteStore(path)
    (tmp_path / "link.db").symlink_to(path)

    with pytest.raises(Unusable, match=r"link\.db is in use by this process already"):
        SqliteStore(tmp_path / "link.db")

    first.append(commit("w", 0, b"a"))
    first.close()
    with closing(SqliteStore(path)) as again:
        assert again.since("w", 0).commits == (b"a",)


# Files that cannot be used


def written(path, script):
    """A SQLite database that this script made."""
    with closing(sqlite3.connect(path)) as connection:
        connection.executescript(script)


def refused(path):
    """What is said of the file."""
    with pytest.raises(Unusable) as caught:
        SqliteStore(path)
    return str(caught.value).replace(f"{path}", "FILE")


def test_a_file_that_is_no_database_is_refused(path):
    """And not touched."""
    path.write_text("openapi: 3.1.0\n" * 100)

    said = refused(path)

    assert said == "FILE is no SQLite database; name a new file, or one that mockserver made."
    assert path.read_text() == "openapi: 3.1.0\n" * 100


def test_a_database_of_another_program_is_refused(path):
    """And not touched."""
    written(path, "CREATE TABLE users (name TEXT);")
    before = path.read_bytes()

    said = refused(path)

    assert said == "FILE is a SQLite database of another program; name a new file, or one that mockserver made."
    assert path.read_bytes() == before


def test_a_file_of_a_newer_version_is_refused(path):
    """With both versions."""
    SqliteStore(path).close()
    written(path, "PRAGMA user_version = 99;")

    assert refused(path) == (
        "FILE has format 99, and this mockserver reads formats up to 1: it was written by a newer one. "
        "Use that, or name another file."
    )


@pytest.mark.parametrize("place", [0.2, 0.5, 0.8])
def test_a_damaged_file_is_refused(path, place):
    """Where pages in the middle of it are overwritten."""
    with closing(SqliteStore(path)) as store:
        for number in range(50):
            store.append(commit(f"w{number}", 0, bytes([number]) * 3000))
    size = path.stat().st_size // 4096
    with path.open("r+b") as file:
        file.seek(int(size * place) * 4096)
        file.write(b"\x7f" * 8192)

    said = refused(path)

    assert re.fullmatch(
        r"FILE is damaged: .+\. Move it away with worlds\.db-wal and worlds\.db-shm, if they are there, and put a "
        r"backup in its place, or name another file\.",
        said,
        re.DOTALL,
    ), said


def test_a_file_that_was_cut_off_is_refused(path):
    """As after a copy that did not come to its end."""
    with closing(SqliteStore(path)) as store:
        for number in range(50):
            store.append(commit(f"w{number}", 0, bytes([number]) * 3000))
    os.truncate(path, path.stat().st_size // 3)

    assert "FILE is damaged: " in refused(path)


def test_a_folder_is_refused(path):
    """It takes a file."""
    path.mkdir()

    assert refused(path) == "FILE is a folder; --store sqlite:FILE takes a file."


def test_a_file_in_a_folder_that_is_not_there_is_refused(tmp_path):
    """It is not made."""
    assert refused(tmp_path / "none" / "w.db") == "FILE cannot be made: no such file or directory."


# A disk that has no room


def ask(store, statement):
    """Asks SQLite by the store's own connection, since no other can."""
    vars(store)["_connection"].execute(statement)


def test_a_disk_without_room_makes_the_store_unavailable_and_loses_nothing(path):
    """A write that fails is not half there; once there is room, it goes on."""
    with closing(SqliteStore(path)) as store:
        store.append(commit("w", 0, b"a"))
        ask(store, "PRAGMA max_page_count = 20")

        with pytest.raises(StoreUnavailable) as full:
            store.append(commit("w", 1, b"x" * 200_000))
        with pytest.raises(StoreUnavailable):
            store.append(commit("other", 0, b"x" * 200_000))
        seen = store.since("w", 0), store.names()

        ask(store, "PRAGMA max_page_count = 100000")
        after = [store.append(commit("other", 0, b"x" * 200_000)), store.append(commit("w", 1, b"b"))]

    assert str(full.value) == f"The SQLite store {path} cannot be used: database or disk is full."
    assert seen == (Since(1, is_whole=True, commits=(b"a",)), ("w",))
    assert after == [Committed(1), Committed(2)]


def test_a_group_for_which_there_is_no_room_is_not_there_at_all(path):
    """It is told to who ends it, also where another question found it; versions and what is due are as before."""
    with closing(SqliteStore(path)) as store:
        store.append(commit("w", 0, b"a", due=5.0))
        store.append(commit("other", 0, b"a"))
        ask(store, "PRAGMA max_page_count = 20")
        grouped = [store.append(commit("w", 1, b"b" * 200_000, is_grouped=True))]
        grouped += [store.append(commit("w", 2, b"c", is_grouped=True))]
        grouped += [store.append(commit("other", 1, b"b", is_grouped=True))]

        with pytest.raises(StoreUnavailable, match="full"):
            store.since("w", 1)
        with pytest.raises(StoreUnavailable, match="full"):
            store.end_group()
        store.end_group()
        seen = store.since("w", 1), store.since("other", 0).commits, store.due(5.0)
        again = store.append(commit("w", 1, b"d", is_grouped=True))
        store.end_group()

    assert grouped == [Committed(2), Committed(3), Committed(2)]
    assert seen == (Since(1), (b"a",), ("w",))
    assert again == Committed(2)
    with closing(SqliteStore(path)) as store:
        assert store.since("w", 0).commits == (b"a", b"d")


def test_a_group_is_there_after_a_crash_once_it_was_ended(path):
    """What was not ended is not there."""
    script = """
import os, sys, pathlib
from mockserver.stores.sqlite.sqlite_store import SqliteStore
from mockserver.stores.world_store import CommitRequest
store = SqliteStore(pathlib.Path(sys.argv[1]))
store.append(CommitRequest("w", 0, b"0" * 16, b"0"))
for number in range(1, 4):
    store.append(CommitRequest("w", number, bytes([number]) * 16, b"%d" % number, is_grouped=True))
store.end_group()
store.append(CommitRequest("w", 4, b"4" * 16, b"4", is_grouped=True))
os._exit(9)
"""

    ended = subprocess.run([sys.executable, "-c", script, path], check=False).returncode

    with closing(SqliteStore(path)) as store:
        seen = store.since("w", 0)
    assert ended == 9
    assert seen == Since(4, is_whole=True, commits=(b"0", b"1", b"2", b"3"))


def test_health_tells_of_a_failed_write_until_one_is_possible(path):
    """For readiness: it is tried out, without a commit."""
    with closing(SqliteStore(path)) as store:
        store.append(commit("w", 0, b"a"))
        ask(store, "PRAGMA max_page_count = 20")
        with pytest.raises(StoreUnavailable):
            store.append(commit("w", 1, b"x" * 200_000))
        ask(store, "PRAGMA query_only = on")
        failing = store.check()
        ask(store, "PRAGMA query_only = off")
        well = store.check()

    assert failing.problem == f"The SQLite store {path} cannot be used: attempt to write a readonly database."
    assert well.problem is None


def test_a_closed_store_is_unavailable(path):
    """Whatever is asked."""
    store = SqliteStore(path)
    store.append(commit("w", 0, b"a"))
    store.close()

    with pytest.raises(StoreUnavailable, match="closed"):
        store.append(commit("w", 1, b"b"))
    with pytest.raises(StoreUnavailable, match="closed"):
        store.since("w", 0)
    assert "closed" in str(store.check().problem)
