"""The address of a Redis, as `--store` takes it: one server, those that sentinels name, or a cluster."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any, NamedTuple
from urllib.parse import parse_qs, unquote, urlsplit

from mockserver.problem import Unusable

SERVER, SENTINEL, CLUSTER = "server", "sentinel", "cluster"
"""How the Redis that takes the writes is found."""

PORTS = {SERVER: 6379, SENTINEL: 26379, CLUSTER: 6379}
PREFIX = "mockserver"
LONGEST_PREFIX = 100

EXPECTED = (
    "redis://[USER:PASSWORD@]HOST[:PORT][/DB], rediss:// for TLS, unix://[USER:PASSWORD@]/PATH[?db=DB], "
    "redis+sentinel://HOST[:PORT][,HOST...]/NAME[/DB] or redis+cluster://HOST[:PORT][,HOST...]"
)

_SCHEME = re.compile(r"(redis|rediss|unix)(?:\+(sentinel|cluster))?\Z")
_PREFIX = re.compile(r"[^{}\s\x00-\x1f]+\Z")
_NUMBER = re.compile(r"[0-9]{1,9}\Z")
_OF_TLS = frozenset({
    "ssl_keyfile", "ssl_certfile", "ssl_password", "ssl_cert_reqs", "ssl_ca_certs", "ssl_ca_path", "ssl_check_hostname",
    "ssl_ciphers",
})  # fmt: skip
_OF_SENTINELS = {"sentinel_username": "username", "sentinel_password": "password"}
_OWN = ("prefix", "replicas", "db")
PARAMETERS = frozenset({*_OWN, *_OF_TLS, *_OF_SENTINELS})
"""What may stand behind a `?`, each where it has a meaning."""


class Host(NamedTuple):
    """Where a Redis, or a sentinel, listens."""

    name: str
    port: int


class RedisAddress(NamedTuple):
    """Where the worlds are kept.

    - `kind`: SERVER: at the only one of `hosts`, or at the socket `path` of this machine; SENTINEL: `hosts` are
      sentinels that know it as `service`; CLUSTER: `hosts` are some of its nodes.
    - `login` and `sentinel_login`: the names and passwords, as redis-py takes them; `tls`: its arguments, None: no TLS.
    - `prefix`: what all keys begin with; `replicas`: how many copies an append waits for.
    - `shown`: the address without any secret.
    """

    kind: str
    hosts: tuple[Host, ...]
    shown: str
    path: str = ""
    service: str = ""
    db: int = 0
    login: Mapping[str, str] = {}
    sentinel_login: Mapping[str, str] = {}
    tls: Mapping[str, Any] | None = None
    prefix: str = PREFIX
    replicas: int = 0

    @property
    def secrets(self) -> tuple[str, ...]:
        """The passwords."""
        told = (self.login.get("password"), self.sentinel_login.get("password"), (self.tls or {}).get("ssl_password"))
        return tuple(password for password in told if password)


def read_redis_address(url: str) -> RedisAddress:
    """Reads the address. Raises Unusable, which never repeats a password."""
    scheme, _, rest = url.partition("://")
    found = _SCHEME.match(scheme)
    if not found or (found[1] == "unix" and found[2]):
        raise Unusable(f"--store {scheme}:// is no address of a Redis; expected {EXPECTED}")
    try:
        parts = urlsplit(f"x://{rest}")
    except ValueError as error:
        raise Unusable(f"--store {scheme}://: {error}; expected {EXPECTED}") from None
    user, _, hosts = parts.netloc.rpartition("@")
    query = _query(scheme, parts.query, has_tls=found[1] == "rediss", kind=found[2] or SERVER)
    kind = found[2] or SERVER
    shown = f"{scheme}://{hosts}{parts.path}"
    if found[1] == "unix":
        address = _of_socket(shown, hosts, parts.path, query)
    else:
        address = _of_hosts(kind, shown, hosts, parts.path, query)
    return address._replace(
        login=_login(user),
        sentinel_login={known: query[name] for name, known in _OF_SENTINELS.items() if name in query},
        tls=_tls(query) if found[1] == "rediss" else None,
        prefix=_prefix(query.get("prefix", PREFIX)),
        replicas=_number(query, "replicas"),
    )


def _of_socket(shown: str, hosts: str, path: str, query: Mapping[str, str]) -> RedisAddress:
    if hosts or len(path) < 2:
        raise Unusable(f"--store {shown}: expected the path of a socket: unix:///run/redis/redis.sock")
    return RedisAddress(SERVER, (), shown, path=unquote(path), db=_number(query, "db"))


def _of_hosts(kind: str, shown: str, hosts: str, path: str, query: Mapping[str, str]) -> RedisAddress:
    listed = tuple(_host(shown, text, PORTS[kind]) for text in hosts.split(",") if text)
    if not listed:
        raise Unusable(f"--store {shown} has no host; expected {EXPECTED}")
    if kind == SERVER and len(listed) > 1:
        raise Unusable(f"--store {shown} has several hosts; expected one, or redis+sentinel:// or redis+cluster://")
    names = [unquote(name) for name in path.split("/") if name]
    service = names.pop(0) if kind == SENTINEL and names else ""
    if kind == SENTINEL and not service:
        raise Unusable(f"--store {shown} does not say which Redis its sentinels watch; expected it behind: /mymaster")
    if len(names) > 1 or (names and not _NUMBER.match(names[0])):
        raise Unusable(f"--store {shown}: {'/'.join(names)!r} is no number of a database; expected {EXPECTED}")
    db = int(names[0]) if names else _number(query, "db")
    if kind == CLUSTER and db:
        raise Unusable(f"--store {shown}: a cluster has database 0 alone; keep worlds apart by ?prefix=NAME")
    return RedisAddress(kind, listed, shown, service=service, db=db)


def _host(shown: str, text: str, port: int) -> Host:
    try:
        parts = urlsplit(f"x://{text}")
        host = Host(unquote(parts.hostname or ""), port if parts.port is None else parts.port)
    except ValueError as error:
        raise Unusable(f"--store {shown}: {text!r}: {error}") from None
    if not host.name or parts.path:
        raise Unusable(f"--store {shown}: {text!r} is no host; expected HOST or HOST:PORT")
    return host


def _query(scheme: str, text: str, *, has_tls: bool, kind: str) -> dict[str, str]:
    """The parameters, each once; a value is never told, since it may be a password."""
    known = {*_OWN, *(_OF_TLS if has_tls else ()), *(_OF_SENTINELS if kind == SENTINEL else ())}
    found = parse_qs(text, keep_blank_values=True)
    for name, values in found.items():
        if name not in known:
            raise Unusable(f"--store {scheme}://...?{name}= is not known; expected one of {', '.join(sorted(known))}")
        if len(values) > 1:
            raise Unusable(f"--store {scheme}://...?{name}= is given {len(values)} times")
    return {name: values[0] for name, values in found.items()}


def _login(user: str) -> dict[str, str]:
    name, colon, password = user.partition(":")
    told = {"username": unquote(name), "password": unquote(password) if colon else ""}
    return {key: value for key, value in told.items() if value}


def _tls(query: Mapping[str, str]) -> dict[str, Any]:
    told: dict[str, Any] = {name: query[name] for name in _OF_TLS if name in query}
    if "ssl_check_hostname" in told:
        told["ssl_check_hostname"] = told["ssl_check_hostname"].lower() in {"1", "true", "yes", "on"}
    return told


def _prefix(text: str) -> str:
    if not _PREFIX.match(text) or len(text) > LONGEST_PREFIX:
        raise Unusable(
            f"--store ...?prefix={text[:LONGEST_PREFIX]!r}: expected 1 to {LONGEST_PREFIX} characters, without braces "
            "and spaces"
        )
    return text


def _number(query: Mapping[str, str], name: str) -> int:
    text = query.get(name, "0")
    if not _NUMBER.match(text):
        raise Unusable(f"--store ...?{name}= is no number")
    return int(text)
