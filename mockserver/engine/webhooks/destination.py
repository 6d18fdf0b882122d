"""Allows webhooks to this machine and to allowed hosts, by the address that is connected to."""

from __future__ import annotations

import re
import socket
from collections.abc import Iterable
from dataclasses import dataclass
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address, ip_network
from typing import Any, NamedTuple
from urllib.parse import quote, urlsplit

from mockserver.problem import Unusable

Address = IPv4Address | IPv6Address
_PORTS = {"http": 80, "https": 443}
_NAME = re.compile(r"(?=.{1,253}$)[a-z0-9_]([a-z0-9_-]{0,62})(\.[a-z0-9_][a-z0-9_-]{0,62})*")
_LITERAL = "/%:@!$&'()*+,;=~-._"


class Refused(Exception):
    """Nothing is sent there, now or later; the text says why, and what would allow it."""


class Receiver(NamedTuple):
    """A URL taken apart. `host` is a name in ASCII or an address; `path` has its query, in the characters of a request
    line.
    """

    is_secure: bool
    host: str
    port: int
    path: str


class ReceiverPlace(NamedTuple):
    """An address that a socket connects to as it stands, without asking for it a second time."""

    family: int
    address: tuple[Any, ...]


@dataclass(frozen=True, slots=True)
class Allowed:
    """The hosts beside this machine that webhooks may go to: by name, by network, or all of them."""

    names: frozenset[str] = frozenset()
    networks: tuple[IPv4Network | IPv6Network, ...] = ()
    everyone: bool = False

    def judge(self, host: str, address: Address) -> None:
        """Raises Refused unless `address`, which `host` stands for, is the machine's own or allowed."""
        plain = _plain(address)
        if self.everyone or plain.is_loopback or host in self.names:
            return
        if any(plain.version == network.version and plain in network for network in self.networks):
            return
        stands_for = "" if host == str(plain) else f", which stands for {plain},"
        raise Refused(
            f"not sent: {host}{stands_for} is not this machine, and webhooks leave it for hosts alone that were "
            f"allowed; start the server with --allow-host {host}"
        )


def allow(hosts: Iterable[str]) -> Allowed:
    """Parses the values of `--allow-host`: names, addresses, networks (`10.0.0.0/8`), or `*`. Raises Unusable."""
    names, networks, everyone = set(), [], False
    for given in hosts:
        host = given.strip().lower().rstrip(".")
        if host == "*":
            everyone = True
        elif (network := _network(host)) is not None:
            networks.append(network)
        elif (name := _ascii(host)) is not None and _NAME.fullmatch(name):
            names.add(name)
        else:
            raise Unusable(
                f"--allow-host {given!r}: expected the name of a host, an address, a network such as 10.0.0.0/8, or *; "
                "without scheme, port or path"
            )
    return Allowed(frozenset(names), tuple(networks), everyone)


def take_apart(url: str) -> Receiver:
    """The parts of an http or https URL. Raises Refused for what is none."""
    try:
        parts = urlsplit(url)
        port = parts.port
    except ValueError as error:
        raise Refused(f"not sent: {url[:200]!r} is no URL: {error}") from None
    host = _ascii((parts.hostname or "").rstrip("."))
    if parts.scheme not in _PORTS or not host:
        raise Refused(f"not sent: expected a URL such as https://example.com/hook, got {url[:200]!r}")
    query = f"?{quote(parts.query, safe=_LITERAL + '?')}" if parts.query else ""
    path = quote(parts.path or "/", safe=_LITERAL) + query
    return Receiver(parts.scheme == "https", host, port if port is not None else _PORTS[parts.scheme], path)


def find(target: Receiver, allowed: Allowed) -> list[ReceiverPlace]:
    """The addresses of the target, every one of them allowed. Raises Refused, and OSError for a name that has none."""
    found = socket.getaddrinfo(target.host, target.port, type=socket.SOCK_STREAM)
    for _, _, _, _, address in found:
        allowed.judge(target.host, ip_address(address[0]))
    return [ReceiverPlace(family, address) for family, _, _, _, address in found]


def _plain(address: Address) -> Address:
    """An IPv4 address that is written as an IPv6 one is what it is."""
    return (address.ipv4_mapped or address) if isinstance(address, IPv6Address) else address


def _network(host: str) -> IPv4Network | IPv6Network | None:
    try:
        network = ip_network(host.strip("[]"), strict=False)
    except ValueError:
        return None
    if isinstance(network, IPv6Network) and network.prefixlen >= 96:
        mapped = network.network_address.ipv4_mapped
        if mapped is not None:
            return ip_network((mapped, network.prefixlen - 96))
    return network


def _ascii(host: str) -> str | None:
    """The name as it is asked for; None where there is no such name."""
    try:
        return host.encode("idna").decode()
    except UnicodeError:
        return None
