"""What is shown of secrets: enough to tell one from another, too little to use it."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import replace

from mockserver.json_text import Json
from mockserver.problem import Violation

MASK = "***"
_SHOWN = 4
_LONG = 16
"""A secret shorter than this shows nothing of itself."""

_SECRET = re.compile(
    r"(secret|secretkey|password|passwd|passphrase|pwd|token|apikey|accesskey|privatekey|authorization|credentials?)$"
)
_NO_SECRET = re.compile(r"(page|next|continuation|cursor)token$")
_WORD = re.compile(r"([A-Za-z][A-Za-z0-9-]{0,19}) +(.*)", re.DOTALL)
_COOKIE = re.compile(r"=[^;]*")
_LONGEST_NAME = 64
# Nothing of it gives anything back: a text of 10 MiB is walked once.
_ASSIGNED = re.compile(r"""(?<![\w-])([\w-]++)("?+\s{0,8}+[:=]\s{0,8}+"?+)([^"&\s,}]++)""")


def is_secret(name: str) -> bool:
    """Whether a member, a parameter or a header of this name holds a secret, as far as names tell."""
    plain = name.lower().replace("-", "").replace("_", "")
    return _SECRET.search(plain) is not None and _NO_SECRET.search(plain) is None


def mask(secret: str) -> str:
    """The first characters of a long secret; nothing of a short one."""
    return (secret[:_SHOWN] if len(secret) >= _LONG else "") + MASK


def mask_credential(value: str) -> str:
    """`Bearer xqr_***`: the scheme stays, and the first characters of what comes after it."""
    found = _WORD.fullmatch(value)
    return f"{found[1]} {mask(found[2])}" if found else mask(value)


def redact_headers(headers: Mapping[str, str], credentials: frozenset[str]) -> dict[str, str]:
    """The headers with every credential cut; `credentials` are the lower-case names of headers known to carry one."""
    return {name: _redact_header(name.lower(), value, credentials) for name, value in headers.items()}


def _redact_header(name: str, value: str, credentials: frozenset[str]) -> str:
    if name in ("cookie", "set-cookie"):
        return _COOKIE.sub("=" + MASK, value)
    return mask_credential(value) if name in credentials or is_secret(name) else value


def redact(value: Json, *, secret: bool = False) -> Json:
    """The JSON value with the texts and numbers cut of every member that holds a secret."""
    if isinstance(value, dict):
        return {name: redact(member, secret=secret or is_secret(name)) for name, member in value.items()}
    if isinstance(value, list):
        return [redact(item, secret=secret) for item in value]
    if secret and isinstance(value, (str, int, float)) and not isinstance(value, bool):
        return mask(value) if isinstance(value, str) and value else value if value == "" else MASK
    return value


def redact_text(text: str) -> str:
    """Text that is no JSON, with what is assigned to a secret's name cut: `password=***`."""
    return _ASSIGNED.sub(_redact_assigned, text)


def _redact_assigned(found: re.Match[str]) -> str:
    name, between, value = found.groups()
    return name + between + mask(value) if is_secret(name[-_LONGEST_NAME:]) else found[0]


def redact_violation(violation: Violation, credentials: frozenset[str]) -> Violation:
    """The violation without the value that was seen, where it was a secret's."""
    names = violation.location[1:]
    if not violation.seen or not any(is_secret(name) or name.lower() in credentials for name in names):
        return violation
    return replace(violation, seen=MASK, message=violation.message.replace(violation.seen, MASK))
