"""Masks secrets: enough is left to tell one from another, too little to use it."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import replace

from mockserver.json_text import Json
from mockserver.problem import Violation

MASK = "***"
_SHOWN = 4
_LONG = 16
"""A secret shorter than this is masked completely."""

_SECRET = re.compile(
    r"(secret|secretkey|password|passwd|passphrase|pwd|token|apikey|accesskey|privatekey|authorization|credentials?)$"
)
_NO_SECRET = re.compile(r"(page|next|continuation|cursor)token$")
_WORD = re.compile(r"([A-Za-z][A-Za-z0-9-]{0,19}) +(.*)", re.DOTALL)
_COOKIE = re.compile(r"=[^;]*")
_LONGEST_NAME = 64
# Possessive, without backtracking: a text of 10 MiB is scanned once.
_ASSIGNED = re.compile(r"""(?<![\w-])([\w-]++)("?+\s{0,8}+[:=]\s{0,8}+"?+)([^"&\s,}]++)""")


def is_secret(name: str) -> bool:
    """Whether a member, parameter or header with this name contains a secret, as far as names tell."""
    joined = name.lower().replace("-", "").replace("_", "")
    return _SECRET.search(joined) is not None and _NO_SECRET.search(joined) is None


def mask(secret: str) -> str:
    """The first characters of a long secret; none of a short one."""
    return (secret[:_SHOWN] if len(secret) >= _LONG else "") + MASK


def mask_credential(value: str) -> str:
    """`Bearer xqr_***`: the scheme, and the first characters of the rest."""
    found = _WORD.fullmatch(value)
    return f"{found[1]} {mask(found[2])}" if found else mask(value)


def redact_headers(headers: Mapping[str, str], credentials: frozenset[str]) -> dict[str, str]:
    """The headers with every credential masked; `credentials` are the lower-case names of headers known
    to contain one.
    """
    return {name: _redact_header(name.lower(), value, credentials) for name, value in headers.items()}


def _redact_header(name: str, value: str, credentials: frozenset[str]) -> str:
    if name in ("cookie", "set-cookie"):
        return _COOKIE.sub("=" + MASK, value)
    return mask_credential(value) if name in credentials or is_secret(name) else value


def redact(value: Json, *, secret: bool = False) -> Json:
    """The JSON value with texts and numbers masked in every member that contains a secret."""
    if isinstance(value, dict):
        return {name: redact(member, secret=secret or is_secret(name)) for name, member in value.items()}
    if isinstance(value, list):
        return [redact(item, secret=secret) for item in value]
    if secret and isinstance(value, (str, int, float)) and not isinstance(value, bool):
        return mask(value) if isinstance(value, str) and value else value if value == "" else MASK
    return value


def redact_text(text: str) -> str:
    """Text that is not JSON, with values assigned to secret names masked: `password=***`."""
    return _ASSIGNED.sub(_redact_assigned, text)


def _redact_assigned(found: re.Match[str]) -> str:
    name, between, value = found.groups()
    return name + between + mask(value) if is_secret(name[-_LONGEST_NAME:]) else found[0]


def redact_violation(violation: Violation, credentials: frozenset[str]) -> Violation:
    """The violation, without the value if that was a secret."""
    names = violation.location[1:]
    if not violation.seen or not any(is_secret(name) or name.lower() in credentials for name in names):
        return violation
    return replace(violation, seen=MASK, message=violation.message.replace(violation.seen, MASK))
