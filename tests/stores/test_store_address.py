"""What `--store` takes, and what is said of what it does not."""

from contextlib import closing
from importlib import util

import pytest

from mockserver.problem import Unusable
from mockserver.stores import store_address
from mockserver.stores.sqlite.sqlite_store import SqliteStore
from mockserver.stores.store_address import StoreAddress, open_store, read_store, refuse_workers

PATHS = "sqlite:worlds.db or sqlite:/var/lib/mock/worlds.db"
ADVICE = "Start one worker, or share the worlds of several with --store redis://HOST:PORT"


@pytest.mark.parametrize(
    ("text", "address"),
    [
        ("memory:", StoreAddress("memory")),
        ("memory", StoreAddress("memory")),
        ("sqlite:worlds.db", StoreAddress("sqlite", "worlds.db")),
        ("sqlite:/var/lib/a b.db", StoreAddress("sqlite", "/var/lib/a b.db")),
        ("redis://cache", StoreAddress("redis", "redis://cache")),
        ("rediss://u:p@cache:6380/2", StoreAddress("redis", "rediss://u:p@cache:6380/2")),
        ("redis+sentinel://a,b/main", StoreAddress("redis", "redis+sentinel://a,b/main")),
        ("redis+cluster://a:7000", StoreAddress("redis", "redis+cluster://a:7000")),
    ],
)
def test_a_store_is_named_by_its_scheme(text, address):
    """With a file or an address behind it."""
    assert read_store(text) == address


def test_a_file_may_be_in_the_home_of_its_user(monkeypatch):
    """The shell does not expand what stands behind a colon."""
    monkeypatch.setenv("HOME", "/home/someone")

    assert read_store("sqlite:~/worlds.db").where == "/home/someone/worlds.db"


@pytest.mark.parametrize(
    ("url", "whole"),
    [
        ("redis://cache", "redis://cache?prefix=team%20a"),
        ("redis://cache?", "redis://cache?prefix=team%20a"),
        ("redis://cache/1?db=2", "redis://cache/1?db=2&prefix=team%20a"),
    ],
)
def test_a_prefix_becomes_a_parameter_of_the_address(url, whole):
    """Encoded, behind others."""
    assert read_store(url, prefix="team a").where == whole


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("worlds.db", "--store: worlds.db has no scheme; expected memory:, sqlite:FILE or redis://HOST:PORT"),
        ("", "--store:  has no scheme; expected memory:, sqlite:FILE or redis://HOST:PORT"),
        (
            "sqlite:x.db?mode=ro",
            "--store sqlite:x.db?mode=ro: a file takes no options, so ?mode=ro is not known; write sqlite:x.db",
        ),
        ("me@secret", "--store: this has no scheme; expected memory:, sqlite:FILE or redis://HOST:PORT"),
        (
            "postgres://user:s3cret@host/db",
            "--store: a store 'postgres' is not known; expected memory:, sqlite:FILE or redis://HOST:PORT",
        ),
        ("redis:s3cret@host", "--store redis: expected redis://HOST:PORT"),
        ("memory:x", "--store: a store 'memory' is not known; expected memory:, sqlite:FILE or redis://HOST:PORT"),
        ("sqlite:", f"--store sqlite: names no file; write {PATHS}"),
        ("sqlite::memory:", "--store sqlite::memory: keeps nothing; write --store memory:, or name a file"),
        (
            "sqlite:///worlds.db",
            f"--store sqlite:///worlds.db: expected a path behind the colon, such as {PATHS}",
        ),
    ],
)
def test_what_names_no_store_is_refused(text, said):
    """With what is expected, and without a password."""
    with pytest.raises(Unusable) as refused:
        read_store(text)

    assert str(refused.value) == said


@pytest.mark.parametrize(
    ("text", "more", "said"),
    [
        (
            "memory:",
            {"prefix": "a"},
            "--store-prefix is for Redis, which several mocks may share; memory: has no use for it",
        ),
        (
            "sqlite:w.db",
            {"prefix": "a"},
            "--store-prefix is for Redis, which several mocks may share; sqlite: has no use for it",
        ),
        (
            "redis://u:s3cret@h?prefix=a",
            {"prefix": "b"},
            "--store-prefix: the address in --store has a prefix already; give one of them",
        ),
        (
            "memory:",
            {"durability": "full"},
            "--durability is for sqlite:FILE; worlds in memory end with the process",
        ),
        (
            "redis://u:s3cret@h",
            {"durability": "full"},
            "--durability is for sqlite:FILE; a Redis has its own settings for that (appendonly, appendfsync)",
        ),
        ("sqlite:w.db", {"durability": "some"}, "--durability is normal or full, not 'some'"),
    ],
)
def test_options_that_a_store_does_not_take_are_refused(text, more, said):
    """They would change nothing."""
    with pytest.raises(Unusable) as refused:
        read_store(text, **more)

    assert str(refused.value) == said


@pytest.mark.parametrize(
    ("text", "said"),
    [
        (
            "memory:",
            f"--workers 2: worlds in memory are of one process, so each worker would remember something else. {ADVICE}",
        ),
        (
            "sqlite:w.db",
            f"--workers 2: the file of a SQLite store belongs to one process. {ADVICE}",
        ),
    ],
)
def test_several_workers_need_a_redis(text, said):
    """The reason is told."""
    with pytest.raises(Unusable) as refused:
        refuse_workers(read_store(text), 2)

    assert str(refused.value) == said
    refuse_workers(read_store(text), 1)
    refuse_workers(read_store("redis://cache"), 8)


def test_a_redis_needs_its_package(monkeypatch):
    """The extra is named; the address, which may have a password, is not."""
    monkeypatch.setattr(store_address, "find_spec", lambda name: None if name == "redis" else util.find_spec(name))

    with pytest.raises(Unusable) as refused:
        open_store(read_store("redis://u:s3cret@h"))

    assert str(refused.value) == (
        "--store redis needs the package redis; it comes with the extra `redis`: pip install 'mockserver[redis]'"
    )


def test_a_file_is_opened_with_its_durability(tmp_path):
    """Memory is no store at all."""
    address = read_store(f"sqlite:{tmp_path / 'w.db'}", durability="full")

    store = open_store(address, "full")

    assert isinstance(store, SqliteStore)
    with closing(store):
        assert store.check().store == f"sqlite:{tmp_path / 'w.db'}, durability full"
    assert open_store(read_store("memory:")) is None
