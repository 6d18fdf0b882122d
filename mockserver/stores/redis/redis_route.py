"""Finds the Redis that takes the writes now: one server, or that which sentinels or a cluster name."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any, Protocol

from redis.connection import Connection, SSLConnection, UnixDomainSocketConnection
from redis.crc import key_slot
from redis.exceptions import ConnectionError as RedisConnectionError
from redis.exceptions import RedisError

from mockserver.stores.redis.redis_address import CLUSTER, SENTINEL, Host, RedisAddress

CONNECT_SECONDS = 0.35
LOOKUP_SECONDS = 0.2
"""For a sentinel or a node of a cluster, of which the next is asked where one does not answer."""


class RedisConnection(Protocol):
    """What is used of the connections of redis-py, which are not typed. All but `disconnect` raise RedisError."""

    def connect(self) -> None: ...

    def disconnect(self) -> None: ...

    def send_command(self, *words: str | bytes | float) -> None: ...

    def pack_command(self, *words: str | bytes | float) -> list[bytes]: ...

    def send_packed_command(self, command: Iterable[bytes]) -> None: ...

    def can_read(self, timeout: float) -> bool: ...

    def read_response(self, *, disconnect_on_error: bool = True) -> Any: ...


Lookup = Callable[[RedisConnection, Host], tuple[Host, Sequence[Host]]]
"""Asks on a connection to this host where the Redis is that takes the writes; who else may be asked."""


class RedisRoute:
    """Finds the Redis that takes the writes, and remembers it until that is told to be wrong."""

    def __init__(self, address: RedisAddress) -> None:
        self._address = address
        self._known: Sequence[Host] = address.hosts
        self._found: Host | None = None

    def connect(self, seconds: float) -> RedisConnection:
        """A new connection, on which nothing takes longer. Raises RedisError."""
        host = self._found
        if host is None and not self._address.path:
            host = self._found = self._find()
        return self._connected(host, seconds, self._address.login, self._address.db)

    def forget(self) -> None:
        """The next connection looks anew where it has to go."""
        self._found = None

    def _connected(self, host: Host | None, seconds: float, login: Mapping[str, str], db: int = 0) -> RedisConnection:
        common: dict[str, Any] = {
            "socket_timeout": seconds, "socket_connect_timeout": min(seconds, CONNECT_SECONDS), "db": db, "protocol": 2,
            **login,
        }  # fmt: skip
        kind: Any = Connection if self._address.tls is None else SSLConnection
        where: dict[str, Any] = {**(self._address.tls or {})}
        if host is None:
            kind, where = UnixDomainSocketConnection, {"path": self._address.path}
        else:
            where |= {"host": host.name, "port": host.port}
        made: RedisConnection = kind(**where, **common)
        made.connect()
        return made

    def _find(self) -> Host:
        if self._address.kind == SENTINEL:
            return self._first(self._of_sentinel, self._address.sentinel_login)
        if self._address.kind == CLUSTER:
            return self._first(self._of_cluster, self._address.login)
        return self._address.hosts[0]

    def _first(self, ask: Lookup, login: Mapping[str, str]) -> Host:
        """What the first of those tells who know, which are asked in this order from then on."""
        why: RedisError = RedisConnectionError("nobody is known")
        for asked in [*self._known]:
            try:
                connection = self._connected(asked, LOOKUP_SECONDS, login)
                try:
                    found, others = ask(connection, asked)
                finally:
                    connection.disconnect()
            except RedisError as error:
                why = error
            else:
                self._known = list(dict.fromkeys((asked, *others, *self._known)))
                return found
        raise why

    def _of_sentinel(self, connection: RedisConnection, asked: Host) -> tuple[Host, Sequence[Host]]:
        connection.send_command("SENTINEL", "GET-MASTER-ADDR-BY-NAME", self._address.service)
        told = connection.read_response()
        if told is None:
            raise RedisConnectionError(f"the sentinel at {asked.name} knows no Redis of this name")
        return Host(told[0].decode(), int(told[1])), ()

    def _of_cluster(self, connection: RedisConnection, asked: Host) -> tuple[Host, Sequence[Host]]:
        connection.send_command("CLUSTER", "SLOTS")
        slot = key_slot(self._address.prefix.encode())
        every: list[Host] = []
        owner: Host | None = None
        for first, last, *nodes in connection.read_response():
            hosts = [Host((node[0] or b"").decode() or asked.name, int(node[1])) for node in nodes]
            every += hosts
            if first <= slot <= last:
                owner = hosts[0]
        if owner is None:
            raise RedisConnectionError(f"no node of the cluster has slot {slot}")
        return owner, every
