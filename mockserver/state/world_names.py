"""Names of worlds and snapshots: which there can be, and how others are told."""

from __future__ import annotations

import re

from mockserver.problem import Problem

_WORLD_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,63}")
_OCTET = re.compile("[\udc00-\udcff]")


def can_be_world_name(name: str) -> bool:
    """Whether a world or snapshot may have this name."""
    return _WORLD_NAME.fullmatch(name) is not None


def refuse_world_name(name: str) -> None:
    """Raises Problem 400 for what is no name of a world or snapshot."""
    if not can_be_world_name(name):
        expected = "up to 64 letters, digits, '.', '_' and '-', the first a letter or a digit"
        raise Problem(400, f"{as_addressed(name[:80])!r} is no name of a world: {expected}.")


def as_addressed(name: str) -> str:
    """The name with an octet that is no character, or an encoded slash, as an address has it: `a%2Fb`."""
    return _OCTET.sub(lambda octet: f"%{ord(octet[0]) & 0xFF:02X}", name)
