"""Words failures of Redis, and tells whether another attempt at once may help."""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import NamedTuple

from redis.exceptions import (
    AskError,
    AuthenticationError,
    BusyLoadingError,
    ClusterDownError,
    MasterDownError,
    MovedError,
    NoPermissionError,
    OutOfMemoryError,
    ReadOnlyError,
    TryAgainError,
)
from redis.exceptions import ConnectionError as RedisConnectionError
from redis.exceptions import TimeoutError as RedisTimeoutError


class Trouble(NamedTuple):
    """The reason, and whether it `may_pass` by itself within moments, or on another connection."""

    reason: str
    may_pass: bool


UNREACHABLE = "UNREACHABLE"
FULL = "Redis is full (maxmemory) and takes no writes"
REFUSALS = frozenset({"NOAUTH", "NOPERM", "CERTIFICATE_VERIFY_FAILED", "DB index is out of range"})
"""What does not pass before somebody corrects the address or Redis."""

_TROUBLES = {
    "LOADING": Trouble("Redis is still loading its data", True),
    "READONLY": Trouble("this Redis is a replica, which takes no writes", True),
    "MASTERDOWN": Trouble("this Redis is a replica that has lost its master", True),
    "CLUSTERDOWN": Trouble("the Redis cluster is down", True),
    "TRYAGAIN": Trouble("the Redis cluster is moving the slot of the keys", True),
    "ASK": Trouble("the Redis cluster is moving the slot of the keys", True),
    "MOVED": Trouble("the Redis cluster has moved the slot of the keys", True),
    "BUSY": Trouble("Redis is busy with a script of somebody else", True),
    "max number of clients": Trouble("Redis has no room for another connection (maxclients)", True),
    "OOM": Trouble(FULL, False),
    "MISCONF": Trouble("Redis cannot write to its disk and takes no writes", False),
    "NOREPLICAS": Trouble("Redis has too few replicas (min-replicas-to-write) and takes no writes", False),
    "NOPERM": Trouble("Redis does not permit this to the user of the address", False),
    "NOAUTH": Trouble("Redis refuses the login: its user or password is missing or wrong", False),
    "DB index is out of range": Trouble("Redis has no database of the number in the address", False),
    "CERTIFICATE_VERIFY_FAILED": Trouble(
        "the certificate of Redis is not to be trusted; ?ssl_ca_certs=FILE names its authority", False
    ),
}
"""By what an error of Redis begins with, or has behind a minus where a script of Redis 6 failed."""

_CODE = re.compile(r"(?:^|[ :]-)(" + "|".join(code for code in _TROUBLES if code.isupper()) + r")\b")
_CLASSES: tuple[tuple[type[Exception], str], ...] = (
    (BusyLoadingError, "LOADING"),
    (AuthenticationError, "NOAUTH"),
    (NoPermissionError, "NOPERM"),
    (OutOfMemoryError, "OOM"),
    (ReadOnlyError, "READONLY"),
    (MasterDownError, "MASTERDOWN"),
    (MovedError, "MOVED"),
    (AskError, "ASK"),
    (TryAgainError, "TRYAGAIN"),
    (ClusterDownError, "CLUSTERDOWN"),
)
"""redis-py takes the word away for which it has a class."""


def trouble_of(error: Exception, shown: str, secrets: Iterable[str]) -> Trouble:
    """The trouble that an error of redis-py, or of the network, stands for. `shown`: the address without secrets; of
    `secrets` none is repeated.
    """
    code = code_of(error)
    if code in _TROUBLES:
        return Trouble(f"{_TROUBLES[code].reason} ({shown})", _TROUBLES[code].may_pass)
    if code == UNREACHABLE:
        kind = "does not answer in time" if _is_late(error) else "cannot be reached"
        return Trouble(f"Redis {kind} ({shown})", True)
    text = str(error)
    for secret in secrets:
        text = text.replace(secret, "***")
    return Trouble(f"Redis answers with an error: {text} ({shown})", False)


def code_of(error: Exception) -> str:
    """The word in `_TROUBLES` that fits, UNREACHABLE where there is no answer at all, else nothing."""
    for kind, code in _CLASSES:
        if isinstance(error, kind):
            return code
    text = str(error)
    if "unauthenticated" in text:  # Redis says so to a long command
        return "NOAUTH"
    for code in ("max number of clients", "CERTIFICATE_VERIFY_FAILED", "DB index is out of range"):
        if code in text:
            return code
    if found := _CODE.search(text):
        return found[1]
    return UNREACHABLE if isinstance(error, RedisConnectionError | RedisTimeoutError | OSError) else ""


def _is_late(error: Exception) -> bool:
    return isinstance(error, RedisTimeoutError | TimeoutError)
