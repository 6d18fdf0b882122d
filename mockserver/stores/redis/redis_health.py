"""Checks a Redis, and tells the losses that its settings allow, as far as it answers."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import NamedTuple

from mockserver.stores.redis.redis_address import CLUSTER, SENTINEL, RedisAddress
from mockserver.stores.redis.redis_connections import RedisConnections
from mockserver.stores.redis.redis_trouble import FULL
from mockserver.stores.world_store import StoreHealth, StoreUnavailable

OLDEST = (6, 2)
"""The first version of Redis on which the scripts are tested."""


class RedisSettings(NamedTuple):
    """What matters of Redis' settings, and the bytes of `memory` that count for its bound; None: it does not tell."""

    version: str
    is_replica: bool
    copies: int
    keeps_log: bool | None
    sync: str | None
    rewrites_without_sync: bool | None
    most_memory: int | None
    eviction: str | None
    memory: int


def redis_health(connections: RedisConnections, address: RedisAddress) -> StoreHealth:
    """Asks for what matters. It raises nothing."""
    try:
        settings = _settings(connections)
    except StoreUnavailable as error:
        return StoreHealth(address.shown, error.reason)
    return StoreHealth(address.shown, _problem(settings), tuple(_warnings(settings, address)))


def _settings(connections: RedisConnections) -> RedisSettings:
    told = _pairs_of_info(_text(connections.ask("INFO")))
    config: dict[str, str] = {}
    for pattern in ("append*", "no-appendfsync-on-rewrite", "maxmemory*"):
        config |= _config(connections, pattern)
    log = config.get("appendonly", {"1": "yes", "0": "no"}.get(told.get("aof_enabled", "")))
    memory = config.get("maxmemory", told.get("maxmemory"))
    rewrite = config.get("no-appendfsync-on-rewrite")
    return RedisSettings(
        version=told.get("redis_version", ""),
        is_replica=told.get("role") == "slave",
        copies=int(told.get("connected_slaves", "0")),
        keeps_log=None if log is None else log == "yes",
        sync=config.get("appendfsync"),
        rewrites_without_sync=None if rewrite is None else rewrite == "yes",
        most_memory=None if memory is None else int(memory),
        eviction=config.get("maxmemory-policy", told.get("maxmemory_policy")),
        memory=int(told.get("used_memory", "0")) - int(told.get("mem_not_counted_for_evict", "0")),
    )


def _config(connections: RedisConnections, pattern: str) -> dict[str, str]:
    """Nothing where the user may not ask, as at most hosts of Redis."""
    try:
        told = [_text(item) for item in connections.ask("CONFIG", "GET", pattern)]
    except StoreUnavailable:
        if connections.outage is not None:
            raise
        return {}
    return dict(zip(told[::2], told[1::2], strict=True))


def _text(value: bytes) -> str:
    return value.decode("utf-8", "replace")


def _pairs_of_info(text: str) -> dict[str, str]:
    return dict(line.split(":", 1) for line in text.splitlines() if ":" in line and not line.startswith("#"))


def _problem(settings: RedisSettings) -> str | None:
    if settings.is_replica:
        return "this Redis is a replica, which takes no writes; give the address of its master, or of the sentinels"
    if settings.most_memory and settings.eviction == "noeviction" and settings.memory > settings.most_memory:
        return f"{FULL}: it has {settings.memory:,} bytes, and may have {settings.most_memory:,}"
    if _numbers(settings.version) < OLDEST:
        return f"this is Redis {settings.version}; expected {'.'.join(map(str, OLDEST))} or later"
    return None


def _numbers(version: str) -> tuple[int, ...]:
    return tuple(int(part) for part in version.split(".")[:2] if part.isdecimal()) or OLDEST


_SYNCS: Mapping[str, str] = {
    "everysec": "Redis has appendfsync everysec: when its machine crashes, up to two seconds of acknowledged requests "
    "are lost; appendfsync always keeps all.",
    "no": "Redis has appendfsync no: when its machine crashes, some 30 seconds of acknowledged requests are lost; "
    "appendfsync always keeps all.",
}


def _warnings(settings: RedisSettings, address: RedisAddress) -> Iterator[str]:
    """A sentence for each setting under which acknowledged requests can be lost."""
    if settings.keeps_log is False:
        yield (
            "Redis has appendonly no: when it ends or crashes, all acknowledged requests since its last snapshot are "
            "lost, and all worlds where it makes none; appendonly yes with appendfsync always keeps all."
        )
    elif settings.keeps_log is None:
        yield "Redis does not tell whether it keeps a log of its writes (appendonly): without, a restart loses worlds."
    elif settings.sync is None:
        yield "Redis does not tell how often it syncs its log (appendfsync): unless always, a crash loses writes."
    elif settings.sync in _SYNCS:
        yield _SYNCS[settings.sync]
    elif settings.rewrites_without_sync:
        yield (
            "Redis has no-appendfsync-on-rewrite yes: when its machine crashes while it rewrites its log, some 30 "
            "seconds of acknowledged requests are lost."
        )
    if settings.most_memory and settings.eviction and settings.eviction != "noeviction":
        lost = "leases end early" if settings.eviction.startswith("volatile") else "whole worlds, or parts of them, go"
        yield (
            f"Redis has maxmemory-policy {settings.eviction}: once its memory is full, {lost}; with noeviction "
            "requests are answered 503 instead."
        )
    has_failover = settings.copies > 0 or address.kind in (SENTINEL, CLUSTER)
    if has_failover and not address.replicas:
        yield (
            "Redis copies to its replicas after it has answered: a failover may lose the last acknowledged requests; "
            "?replicas=1 waits until one replica has them."
        )
