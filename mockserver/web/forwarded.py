"""Reads the address that a client requested from the headers of proxies in front of the mock."""

from __future__ import annotations

import re
from collections.abc import Mapping
from ipaddress import ip_address
from urllib.parse import quote, unquote

LOCAL, ANY = "local", "any"
"""The trusted proxies: those on this machine, or any."""
FORWARDING = frozenset({"forwarded", *(f"x-forwarded-{what}" for what in ("proto", "host", "port", "prefix"))})
"""The names of proxy headers."""
_HOST = re.compile(r"(?:[A-Za-z0-9._-]{1,253}|\[[0-9A-Fa-f:.]{2,45}\])(?::[0-9]{1,5})?")
_PAIR = re.compile(r'\s*([!#$%&\'*+.^_`|~0-9A-Za-z-]+)=(?:"((?:[^"\\]|\\.)*)"|([^\s;,"]*))\s*(?:;|\Z)')
_FIRST = re.compile(r'(?:[^,"]|"(?:[^"\\]|\\.)*")*')
_PREFIX = re.compile(r"(?:/[A-Za-z0-9._~!$&'()*+,;=:@%-]+)+")
_PORTS = {"http": 80, "https": 443}
_IPV6 = 6


def origin_of(headers: Mapping[str, str]) -> str:
    """Scheme, host, port and removed path prefix, such as `https://api.example.com/mock`; empty if no proxy header is
    present, or the host is unknown.

    `Forwarded` (RFC 7239) has precedence over `X-Forwarded-Proto`, `-Host`, `-Port`; `X-Forwarded-Prefix` applies to
    both. Of several proxies the one next to the client counts. Invalid values are ignored.
    """
    standard = _forwarded(headers.get("Forwarded") or "")
    scheme = (standard.get("proto") or _first(headers, "Proto")).lower()
    host = standard.get("host") or _first(headers, "Host")
    port = "" if standard.get("host") else _first(headers, "Port")
    prefix = _first(headers, "Prefix").rstrip("/")
    scheme = scheme if scheme in _PORTS else ""
    host = host if _HOST.fullmatch(host) and is_address_in_brackets(host) else ""
    port = port if port.isascii() and port.isdecimal() and 0 < int(port[:6]) < 65_536 else ""
    prefix = quote(unquote(prefix), safe="/!$&'()*+,;=:@~") if _PREFIX.fullmatch(prefix) else ""
    asked = host or headers.get("Host") or ""
    if not (scheme or host or port or prefix) or not asked:
        return ""
    scheme = scheme or "http"
    if port and not _has_port(asked) and int(port) != _PORTS[scheme]:
        asked = f"{asked}:{port}"
    return f"{scheme}://{asked}{prefix}"


def is_local(address: str) -> bool:
    """Whether a connection comes from this machine."""
    try:
        return ip_address(address).is_loopback
    except ValueError:
        return False


def is_address_in_brackets(host: str) -> bool:
    """Whether what stands in brackets is an IPv6 address, as `urlsplit` asks for; so it is where there are none."""
    if host[:1] != "[":
        return True
    try:
        return ip_address(host[1:].partition("]")[0]).version == _IPV6
    except ValueError:
        return False


def host_of(origin: str) -> str:
    """The host of such an address, with its port."""
    return origin.partition("://")[2].partition("/")[0]


def _forwarded(text: str) -> dict[str, str]:
    """The parameters of the first element of a `Forwarded` header, by lower-case name."""
    match = _FIRST.match(text)
    first = match[0] if match is not None else ""
    return {
        name.lower(): re.sub(r"\\(.)", r"\1", quoted) if quoted else plain
        for name, quoted, plain in _PAIR.findall(first)
    }


def _first(headers: Mapping[str, str], what: str) -> str:
    return (headers.get(f"X-Forwarded-{what}") or "").partition(",")[0].strip()


def _has_port(host: str) -> bool:
    return ":" in host.rpartition("]")[2]
