"""A store in Redis, which any number of replicas use at once."""

from __future__ import annotations

import secrets
from collections.abc import Callable, Sequence
from typing import Any

from mockserver.stores.redis.redis_address import RedisAddress, read_redis_address
from mockserver.stores.redis.redis_connections import RedisConnections, Word
from mockserver.stores.redis.redis_health import redis_health
from mockserver.stores.redis.redis_scripts import (
    APPEND,
    BUSY,
    COMMITTED,
    COMPACT,
    DROP,
    LEASE,
    LEASE_LOST,
    RELEASE,
    SINCE,
)
from mockserver.stores.redis.redis_watch import RedisWatch
from mockserver.stores.world_store import (
    DIRECTORY,
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
    writer_lease,
)

MOST_KNOWN = 50_000
"""Worlds whose last commit is known by its id; where there are more, all begin anew."""

UNKNOWN = (-1, b"")


class RedisStore:
    """Keeps worlds in Redis. All keys begin with the prefix of the address in braces, and so are in one slot of a
    cluster.
    """

    is_quick = False
    has_groups = False
    is_shared = True

    def __init__(self, address: RedisAddress) -> None:
        self._address = address
        self._connections = RedisConnections(address)
        self._base = f"{{{address.prefix}}}:"
        self._channel = self._base + "told"
        self._sender = secrets.token_hex(4)
        self._watch = RedisWatch(self._connections, self._channel, self._sender)
        self._known: dict[str, tuple[int, bytes]] = {}
        self._is_refused = False

    def log_in(self) -> None:
        """Raises Unusable where Redis refuses the login."""
        self._connections.log_in()

    def since(self, world: str, version: int) -> Since:
        answer = self._connections.run(SINCE, self._keys_of(world), (version, self._id_of(world, version)))
        return self._since(world, answer)

    def append(self, commit: CommitRequest) -> Committed | Behind | Busy | LeaseLost:
        world, directory, lease = commit.world, commit.directory, commit.lease
        base = self._base
        keys = [
            *self._keys_of(world),
            f"{base}lease:{writer_lease(world)}",
            f"{base}due",
            f"{base}names",
            f"{base}next",
        ]
        if directory is not None:
            keys += self._keys_of(DIRECTORY)
        if lease is not None:
            keys.append(f"{base}lease:{lease.name}")
        arguments = (
            world, commit.after, commit.id, commit.content,
            "" if commit.due is None else repr(commit.due),
            self._id_of(world, commit.after),
            "" if directory is None else directory,
            b"" if directory is None else self._id_of(DIRECTORY, directory),
            "" if lease is None else lease.fence,
            self._channel, self._sender,
        )  # fmt: skip
        answer = self._run_append(keys, arguments)
        kind = answer[0]
        if kind == COMMITTED:
            self._know(world, answer[1], commit.id)
            return Committed(answer[1])
        if kind == BUSY:
            return Busy(max(answer[1], 0) / 1000)
        if kind == LEASE_LOST:
            assert lease is not None
            return LeaseLost(lease.name)
        of_world = self._since(world, answer[1])
        return Behind(of_world, None if directory is None else self._since(DIRECTORY, answer[2]))

    def _run_append(self, keys: Sequence[str], arguments: Sequence[Word]) -> Any:
        try:
            answer = self._ask_append(keys, arguments)
        except StoreUnavailable:
            self._is_refused = True
            raise
        if answer[0] == COMMITTED:
            self._is_refused = False
        return answer

    def _ask_append(self, keys: Sequence[str], arguments: Sequence[Word]) -> Any:
        copies = self._address.replicas
        if not copies:
            return self._connections.run(APPEND, keys, arguments)
        answer, copied = self._connections.run(APPEND, keys, arguments, copies)
        if answer[0] == COMMITTED:
            self._expect_copies(copied)
        return answer

    def _expect_copies(self, copied: int) -> None:
        copies = self._address.replicas
        if copied < copies:
            raise StoreUnavailable(f"{copied} of {copies} replicas of Redis have the commit ({self._address.shown})")

    def end_group(self) -> None:
        """Each commit was kept when it was appended."""

    def compact(self, world: str, snapshot: StoredSnapshot, keep_from: int) -> bool:
        known = self._id_of(world, snapshot.version)
        arguments = (snapshot.version, snapshot.content, keep_from, known)
        return bool(self._connections.run(COMPACT, self._keys_of(world), arguments))

    def drop(self, world: str, version: int) -> bool:
        base = self._base
        keys = [*self._keys_of(world), f"{base}due", f"{base}names", f"{base}next"]
        arguments = (world, version, self._id_of(world, version), self._channel, self._sender)
        is_gone = bool(self._connections.run(DROP, keys, arguments))
        if is_gone:
            self._known.pop(world, None)
        return is_gone

    def names(self) -> tuple[str, ...]:
        found = self._connections.ask("SMEMBERS", f"{self._base}names")
        return tuple(sorted(name.decode("utf-8", "replace") for name in found))

    def due(self, until: float, most: int = 100) -> tuple[str, ...]:
        found = self._connections.ask("ZRANGEBYSCORE", f"{self._base}due", "-inf", repr(until), "LIMIT", 0, most)
        return tuple(name.decode("utf-8", "replace") for name in found)

    def lease(self, name: str, holder: str, seconds: float) -> Lease | None:
        keys = (f"{self._base}lease:{name}", f"{self._base}fence")
        fence = int(self._connections.run(LEASE, keys, (holder, max(1, round(seconds * 1000)))))
        return Lease(name, fence) if fence else None

    def release(self, lease: Lease) -> None:
        self._connections.run(RELEASE, (f"{self._base}lease:{lease.name}",), (lease.fence,))

    def watch(self, told: Callable[[str, int], None]) -> Callable[[], None]:
        return self._watch.add(told)

    def check(self) -> StoreHealth:
        """After a commit was refused, whether one is possible again is tried out."""
        if self._is_refused:
            try:
                self._expect_copies(self._connections.probe(self._address.replicas))
            except StoreUnavailable as error:
                return StoreHealth(self._address.shown, error.reason)
            self._is_refused = False
        return redis_health(self._connections, self._address)

    def close(self) -> None:
        self._watch.close()
        self._connections.close()

    def _keys_of(self, world: str) -> Sequence[str]:
        base = self._base
        return f"{base}world:{world}", f"{base}commits:{world}", f"{base}ids:{world}", f"{base}snapshot:{world}"

    def _id_of(self, world: str, version: int) -> Word:
        known = self._known.get(world, UNKNOWN)
        return known[1] if known[0] == version else b""

    def _know(self, world: str, version: int, id: bytes) -> None:
        if len(self._known) >= MOST_KNOWN and world not in self._known:
            self._known.clear()
        self._known[world] = (version, id)

    def _since(self, world: str, answer: Sequence[Any]) -> Since:
        """Reads what the scripts' function `since` returned."""
        version, is_whole, newest, *rest = answer
        commits, at, content = [*rest, None, None, None][:3]
        if version:
            self._know(world, version, newest)
        else:
            self._known.pop(world, None)
        if at is not None and content is None:
            raise StoreUnavailable(f"the snapshot of world {world!r} is gone from Redis ({self._address.shown})")
        snapshot = None if at is None else StoredSnapshot(int(at), content)
        return Since(version, bool(is_whole), snapshot, tuple(commits or ()))


def open_redis_store(url: str) -> RedisStore:
    """The store at this address. Raises Unusable for an address that cannot be used and a login that is refused; a
    Redis that is away may come later.
    """
    store = RedisStore(read_redis_address(url))
    store.log_in()
    return store
