"""Reads the address that `--store` takes, and opens the store there."""

from __future__ import annotations

from importlib.util import find_spec
from pathlib import Path
from typing import NamedTuple
from urllib.parse import quote

from mockserver.problem import Unusable
from mockserver.stores.world_store import DURABILITIES, NORMAL, WorldStore

MEMORY, SQLITE, REDIS = "memory", "sqlite", "redis"
REDIS_SCHEMES = ("redis", "rediss", "unix", "redis+sentinel", "rediss+sentinel", "redis+cluster", "rediss+cluster")
EXPECTED = "memory:, sqlite:FILE or redis://HOST:PORT"


class StoreAddress(NamedTuple):
    """The `kind` of store, and its file or URL; a URL may have a password, so it is never shown."""

    kind: str
    where: str = ""


def read_store(text: str, prefix: str = "", durability: str = NORMAL) -> StoreAddress:
    """Reads what `--store` names, with the options that only one kind takes. Raises Unusable, which never repeats what
    may be a password.
    """
    scheme, colon, rest = text.partition(":")
    if text in ("memory", "memory:"):
        address = StoreAddress(MEMORY)
    elif scheme == SQLITE and colon:
        address = StoreAddress(SQLITE, _file(rest))
    elif scheme in REDIS_SCHEMES and rest.startswith("//"):
        address = StoreAddress(REDIS, _with_prefix(text, prefix))
    else:
        raise Unusable(_unknown(scheme, colon))
    if prefix and address.kind != REDIS:
        raise Unusable(f"--store-prefix is for Redis, which several mocks may share; {address.kind}: has no use for it")
    if durability not in DURABILITIES:
        raise Unusable(f"--durability is {' or '.join(DURABILITIES)}, not {durability!r}")
    if durability != NORMAL and address.kind != SQLITE:
        raise Unusable(f"--durability is for sqlite:FILE; {_UNDURABLE[address.kind]}")
    return address


def open_store(address: StoreAddress, durability: str = NORMAL) -> WorldStore | None:
    """The store at the address; None: worlds stay in the memory of this process. Raises Unusable."""
    if address.kind == MEMORY:
        return None
    if address.kind == SQLITE:
        from mockserver.stores.sqlite.sqlite_store import SqliteStore

        return SqliteStore(Path(address.where), durability)
    if find_spec("redis") is None:
        raise Unusable(
            "--store redis needs the package redis; it comes with the extra `redis`: pip install 'mockserver[redis]'"
        )
    from mockserver.stores.redis.redis_store import open_redis_store

    return open_redis_store(address.where)


def refuse_workers(address: StoreAddress, workers: int) -> None:
    """Raises Unusable if so many processes cannot serve the worlds of this store."""
    if workers > 1 and address.kind != REDIS:
        raise Unusable(
            f"--workers {workers}: {_ALONE[address.kind]}. Start one worker, or share the worlds of several with "
            "--store redis://HOST:PORT"
        )


_UNDURABLE = {
    MEMORY: "worlds in memory end with the process",
    REDIS: "a Redis has its own settings for that (appendonly, appendfsync)",
}
_ALONE = {
    MEMORY: "worlds in memory are of one process, so each worker would remember something else",
    SQLITE: "the file of a SQLite store belongs to one process",
}


def _file(text: str) -> str:
    if not text:
        raise Unusable("--store sqlite: names no file; write sqlite:worlds.db or sqlite:/var/lib/mock/worlds.db")
    if text == ":memory:":
        raise Unusable("--store sqlite::memory: keeps nothing; write --store memory:, or name a file")
    if "?" in text:
        path, _, options = text.partition("?")
        raise Unusable(f"--store sqlite:{text}: a file takes no options, so ?{options} is not known; write "
                       f"sqlite:{path or 'worlds.db'}")  # fmt: skip
    if text.startswith("//"):
        raise Unusable(f"--store sqlite:{text}: expected a path behind the colon, such as sqlite:worlds.db or "
                       "sqlite:/var/lib/mock/worlds.db")  # fmt: skip
    return str(Path(text).expanduser())


def _with_prefix(url: str, prefix: str) -> str:
    """The URL of a Redis with the prefix as a parameter of it."""
    if not prefix:
        return url
    query = url.partition("?")[2]
    if any(part.partition("=")[0] == "prefix" for part in query.split("&")):
        raise Unusable("--store-prefix: the address in --store has a prefix already; give one of them")
    return f"{url}{'&' if query else '' if url.endswith('?') else '?'}prefix={quote(prefix, safe='')}"


def _unknown(scheme: str, colon: str) -> str:
    if not colon:
        # The whole text, unless it might be a secret that lost its address.
        shown = scheme if len(scheme) <= 100 and "@" not in scheme else "this"
        return f"--store: {shown} has no scheme; expected {EXPECTED}"
    if scheme in REDIS_SCHEMES:
        return f"--store {scheme}: expected {scheme}://HOST:PORT"
    return f"--store: a store {scheme[:20]!r} is not known; expected {EXPECTED}"
