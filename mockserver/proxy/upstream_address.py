"""The one server that a proxy forwards to, as the command line names it."""

from __future__ import annotations

import re
import socket
from typing import Final, NamedTuple
from urllib.parse import unquote, urlsplit

from mockserver.problem import Unusable

_HOST: Final = re.compile(r"[A-Za-z0-9._-]{1,253}|[0-9A-Fa-f:.]{2,45}")
_BASE: Final = re.compile(r"(?:/[A-Za-z0-9._~!$&'()*+,;=:@%-]*)*")
PORTS: Final = {"http": 80, "https": 443}


class UpstreamAddress(NamedTuple):
    """Scheme, host and port of the upstream, and the path that stands before every target that is forwarded."""

    scheme: str
    host: str
    port: int
    base: str

    @property
    def authority(self) -> str:
        """The value of the `Host` header."""
        host = f"[{self.host}]" if ":" in self.host else self.host
        return host if self.port == PORTS[self.scheme] else f"{host}:{self.port}"

    @property
    def origin(self) -> str:
        """Scheme, host and port, without the path."""
        return f"{self.scheme}://{self.authority}"

    def __str__(self) -> str:
        return self.origin + self.base

    def below_base(self, target: str, documented: str) -> tuple[str, str]:
        """The target in two parts: the server path that is `documented`, where the base ends with it and the target
        begins with it, else nothing; and what stands behind it, and is to stand behind the base.
        """
        if not documented.strip("/") or not self.base.endswith(documented):
            return "", target
        path, mark, query = target.partition("?")
        segments, count = path.split("/"), documented.count("/") + 1
        if unquote("/".join(segments[:count])) != documented:
            return "", target
        rest = "".join(f"/{segment}" for segment in segments[count:])
        return "/".join(segments[:count]), rest + mark + query

    def unreachable(self, seconds: float) -> str:
        """Why nothing takes a connection there; empty where something does."""
        try:
            socket.create_connection((self.host, self.port), timeout=seconds).close()
        except TimeoutError:
            return f"no connection within {seconds:g} seconds"
        except OSError as error:
            return (error.strerror or str(error)).lower()
        except UnicodeError:
            return "its name is no name of a host"
        return ""

    def is_at(self, host: str, port: int) -> bool:
        """Whether this is the address that the proxy itself listens on."""
        return self.port == port and not _addresses(self.host, port).isdisjoint(_listening(host, port))


def upstream_address(text: str) -> UpstreamAddress:
    """Reads an address such as `https://api.example.com/v1`. Raises Unusable."""
    said = f"the upstream {_shown(text)!r}"
    try:
        parts = urlsplit(text)
        port = parts.port
    except ValueError as error:
        raise Unusable(f"{said} is no address: {error}; expected one such as http://127.0.0.1:8000") from None
    if parts.scheme not in PORTS or not parts.hostname:
        raise Unusable(
            f"{said} is no address; expected one such as http://127.0.0.1:8000 or https://api.example.com/v1"
        )
    if parts.username is not None or parts.password is not None:
        raise Unusable("the upstream has a user name in its address; clients send their own credentials, leave it out")
    if parts.query or parts.fragment:
        raise Unusable(f"{said} has a query or a fragment; expected scheme, host, port and the beginning of paths")
    if _HOST.fullmatch(parts.hostname) is None or _BASE.fullmatch(parts.path) is None:
        raise Unusable(f"{said} has characters that no address has; write names in ASCII, and encode others with %")
    return UpstreamAddress(parts.scheme, parts.hostname, port or PORTS[parts.scheme], parts.path.rstrip("/"))


def _shown(text: str) -> str:
    """The address without what may be a secret: a user name with its password, and the values of a query."""
    scheme, slashes, rest = text.rpartition("://")
    host, mark, query = rest.partition("?")
    kept = f"***@{host.rpartition('@')[2]}" if "@" in host else host
    return f"{scheme}{slashes}{kept}{mark}{'***' if query else ''}"


def _addresses(host: str, port: int) -> set[str]:
    try:
        return {str(found[4][0]) for found in socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)}
    except OSError:
        return set()


def _listening(host: str, port: int) -> set[str]:
    """The addresses at which something that listens on `host` is reached from this machine."""
    found = _addresses(host, port)
    return found | _addresses("localhost", port) | {"127.0.0.1", "::1"} if found & {"0.0.0.0", "::"} else found  # noqa: S104
