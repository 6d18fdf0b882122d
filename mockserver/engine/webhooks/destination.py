"""Allows webhooks to this machine and to allowed hosts; the address that is connected to decides."""

from __future__ import annotations

import re
import socket
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address, ip_network
from typing import Any, NamedTuple
from urllib.parse import quote, urlsplit

from mockserver.problem import Unusable

Address = IPv4Address | IPv6Address
_PORTS = {"http": 80, "https": 443}
_NAME = re.compile(r"(?=.{1,253}$)[a-z0-9_]([a-z0-9_-]{0,62})(\.[a-z0-9_][a-z0-9_-]{0,62})*")
_LITERAL = "/%:@!$&'()*+,;=~-._"


_GUARDED = tuple(
    map(
        ip_network,
        (
            "169.254.0.0/16",
            "fe80::/10",
            "fd00:ec2::/32",
            "fd20:ce::254/128",
            "100.100.100.200/32",
            "168.63.129.16/32",
            "192.0.0.192/32",
        ),
    )
)
"""Link-local addresses, and those where clouds tell a machine its own credentials."""

_NAT64 = ip_network("64:ff9b::/96")


class Refused(Exception):
    """Raised for an address to which nothing may be sent; the text says why, and what would allow it."""


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
    """The hosts beside this machine that webhooks may go to: by name, by network, or all of them. `own_ports` are those
    that the mock itself listens on, which are known once it does.
    """

    names: frozenset[str] = frozenset()
    networks: tuple[IPv4Network | IPv6Network, ...] = ()
    everyone: bool = False
    own_ports: set[int] = field(default_factory=set, compare=False)

    def judge(self, host: str, address: Address, port: int = 0, *, may_be_own: bool = False) -> None:
        """Raises Refused unless `address`, which `host` stands for, is the machine's own or allowed. The mock's own
        ports are refused whatever is allowed, since a webhook could change another world there, unless it `may_be_own`.
        A link-local address is allowed by itself alone, not by a name, a wider network or `*`.
        """
        plain = _plain(address)
        stands_for = "" if host == str(plain) else f", which stands for {plain},"
        if port in self.own_ports and not may_be_own and _is_this_machine(plain):
            raise Refused(f"not sent: {host}{stands_for} with port {port} is this mock itself; webhooks go to others")
        fitting = [network for network in self.networks if plain.version == network.version and plain in network]
        if (guard := _guard(plain)) is not None:
            if any(network.version == guard.version and network.subnet_of(guard) for network in fitting):  # type: ignore[arg-type]  # of one version
                return
            raise Refused(
                f"not sent: {host}{stands_for} is link-local, or where a cloud tells credentials; such an address is "
                f"allowed by itself alone: --allow-host {plain}"
            )
        if self.everyone or plain.is_loopback or host in self.names or fitting:
            return
        raise Refused(
            f"not sent: {host}{stands_for} is not this machine, and webhooks leave it for hosts alone that were "
            f"allowed; start the server with --allow-host {host}"
        )


def allow(hosts: Iterable[str], own_ports: set[int] | None = None) -> Allowed:
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
    return Allowed(frozenset(names), tuple(networks), everyone, set() if own_ports is None else own_ports)


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


def find(target: Receiver, allowed: Allowed, *, may_be_own: bool = False) -> list[ReceiverPlace]:
    """The addresses of the target, every one of them allowed. Raises Refused, and OSError for a name that has none."""
    found = socket.getaddrinfo(target.host, target.port, type=socket.SOCK_STREAM)
    for _, _, _, _, address in found:
        allowed.judge(target.host, ip_address(address[0]), target.port, may_be_own=may_be_own)
    return [ReceiverPlace(family, address) for family, _, _, _, address in found]


def _plain(address: Address) -> Address:
    """An IPv4 address that is written as an IPv6 one is what it is."""
    return (address.ipv4_mapped or address) if isinstance(address, IPv6Address) else address


def _guard(address: Address) -> IPv4Network | IPv6Network | None:
    """The guarded network that the address is in, also by an IPv4 address that is written in it."""
    written = [address, *_embedded(address)]
    return next((network for network in _GUARDED for one in written if one in network), None)


def _embedded(address: Address) -> Iterator[Address]:
    if isinstance(address, IPv6Address):
        if address.sixtofour is not None:
            yield address.sixtofour
        if address.teredo is not None:
            yield address.teredo[1]
        if address in _NAT64 or int(address) < 2**32:
            yield IPv4Address(int(address) % 2**32)


def _is_this_machine(address: Address) -> bool:
    """Whether a connection to the address ends at this machine: a socket of its own can be bound there."""
    if address.is_loopback or address.is_unspecified:
        return True
    family = socket.AF_INET if isinstance(address, IPv4Address) else socket.AF_INET6
    try:
        with socket.socket(family, socket.SOCK_DGRAM) as probe:
            probe.bind((str(address), 0))
    except OSError:
        return False
    return True


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
