"""Sends the requests of this process for some addresses to a mock, whatever HTTP client makes them.

The clients' own transports are patched while at least one address is intercepted, below their redirects, retries and
authentication, and above TLS: a request for `https://xqr.co` goes to the mock in plain HTTP, with its `Host`, and all
that the client sees of it has the address that it asked for. Requests for other addresses are not touched.
"""

from __future__ import annotations

import re
import threading
from collections.abc import Mapping
from dataclasses import dataclass
from types import TracebackType
from typing import Final, NamedTuple, Self
from urllib.parse import urlsplit

from mockserver.problem import Unusable
from mockserver.testing.client_patches import ClientPatches

PORTS: Final = {"http": 80, "https": 443}


class Target(NamedTuple):
    """Where a request goes instead: the mock's host and port, the path with its query there, and headers to add."""

    host: str
    port: int
    path: str
    headers: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class InterceptedAddress:
    """An address whose requests go to the API that is served at `base` of a mock on `port`, in a world. `scheme` is
    empty for both; `prefix` is the path of the address.
    """

    scheme: str
    host: str
    own_port: int | None
    prefix: str
    base: str
    port: int
    world: str

    def target(self, scheme: str, host: str, port: int | None, path: str) -> Target | None:
        """Where a request for this address goes; None: it is for another one."""
        asked = PORTS.get(scheme) if port is None else port
        if host.lower() != self.host or self.scheme not in ("", scheme):
            return None
        if asked != (self.own_port or PORTS.get(scheme)):
            return None
        inner = self._path(path)
        if inner is None:
            return None
        headers = {"Mock-World": self.world, "X-Forwarded-Proto": scheme}
        return Target("127.0.0.1", self.port, inner, headers)

    def _path(self, path: str) -> str | None:
        """The path at the mock: below the API's own base, in the place of the prefix."""
        if not self.prefix or _is_below(path, self.base):
            return path
        return self.base + path[len(self.prefix) :] if _is_below(path, self.prefix) else None


def _is_below(path: str, prefix: str) -> bool:
    return path.partition("?")[0] == prefix or path.startswith((f"{prefix}/", f"{prefix}?"))


class Interception:
    """Addresses that are intercepted from now on, until `end`, or for the length of a `with` block."""

    def __init__(self, addresses: tuple[InterceptedAddress, ...]) -> None:
        self.addresses = addresses
        _begin(self)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, where: TracebackType | None
    ) -> None:
        self.end()

    def end(self) -> None:
        """Sends requests where they are for again; a second call does nothing."""
        _end(self)


_HOST: Final = re.compile(r"[^\s/?#@\\<>\"{}|^`%]+")
_NO_ADDRESS: Final = "{} is no address that can be intercepted; expected one such as https://api.example.com"


def address_of(url: str, base: str, port: int, world: str) -> InterceptedAddress:
    """The address that a URL such as `https://xqr.co`, `https://gateway.example/payments` or `xqr.co` stands for.
    Raises Unusable.
    """
    if not isinstance(url, str):
        raise Unusable(_NO_ADDRESS.format(repr(url)))
    parts = urlsplit(url if "://" in url else f"//{url}")
    try:
        host, own_port = parts.hostname, parts.port
    except ValueError:
        host, own_port = None, None
    if not host or not _HOST.fullmatch(host) or parts.scheme not in ("", *PORTS):
        raise Unusable(_NO_ADDRESS.format(repr(url)))
    return InterceptedAddress(parts.scheme, host.lower(), own_port, parts.path.rstrip("/"), base, port, world)


_active: list[Interception] = []
_lock = threading.Lock()


def _route(scheme: str, host: str, port: int | None, path: str) -> Target | None:
    """Where a request goes instead; the interception that was begun last has precedence."""
    for interception in reversed(_active):
        for address in interception.addresses:
            target = address.target(scheme, host, port, path)
            if target is not None:
                return target
    return None


_patches = ClientPatches(_route)


def _begin(interception: Interception) -> None:
    with _lock:
        _active.append(interception)
        if len(_active) == 1:
            _patches.apply()


def _end(interception: Interception) -> None:
    with _lock:
        if interception not in _active:
            return
        _active.remove(interception)
        if not _active:
            _patches.undo()
