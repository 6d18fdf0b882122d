"""The names and addresses of the machine itself."""

from __future__ import annotations

from ipaddress import ip_address
from typing import Final

NAMES: Final = frozenset({"localhost", "127.0.0.1", "::1"})
"""The hosts that a client of this machine asks for."""


def is_loopback(host: str) -> bool:
    """Whether this name or address, without a port, is the machine's own."""
    try:
        return host.lower() == "localhost" or ip_address(host).is_loopback
    except ValueError:
        return False
