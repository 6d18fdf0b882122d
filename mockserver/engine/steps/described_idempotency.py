"""Idempotency keys of an API that is known by its document alone."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Final

from mockserver.engine.steps.idempotency import Idempotency
from mockserver.openapi.model.operation import Operation

KEY: Final = "Idempotency-Key"
REPLAYED: Final = ("Idempotent-Replayed", "true")
DAY: Final = 86_400.0
"""Seconds that an answer is kept under its key."""

_USUAL: Final = frozenset({"POST", "PATCH"})
_DECLARED: Final = frozenset({"POST", "PATCH", "PUT", "DELETE"})
_MEANT: Final = re.compile(r"idempoten", re.IGNORECASE)
_RUNNING: Final = re.compile(r"progress|running|processing|concurrent|in.flight", re.IGNORECASE)
_MISMATCH: Final = (422, 409)
"""The statuses that may say that a key was used for another request, the best first."""


def replay_of(operation: Operation, *, delays: Mapping[str, float]) -> Idempotency | None:
    """The operation's handling of keys: by the header that its document declares for them, else by `Idempotency-Key`
    where its method is POST or PATCH. None: it ignores keys.
    """
    names = [parameter.name for parameter in operation.parameters if parameter.place == "header"]
    declared = next(filter(_MEANT.search, names), None)
    methods = _USUAL if declared is None else _DECLARED
    if operation.method not in methods:
        return None
    mismatch, delay = _mismatch(operation), delays.get(operation.id, 0.0)
    return Idempotency(declared or KEY, DAY, REPLAYED, methods, mismatch=mismatch, delay=delay)


def _mismatch(operation: Operation) -> int:
    """The status of another request under a known key: the one whose description speaks of keys, else the usual one of
    those that are declared, else 422.
    """
    told = {status: str(answer.node.get("description", "")) for status, answer in operation.answers.items()}
    free = [status for status in (*_MISMATCH, 400) if not _RUNNING.search(told.get(str(status), ""))]
    meant = (status for status in free if _MEANT.search(told.get(str(status), "")))
    usual = (status for status in free if status in _MISMATCH and str(status) in told)
    return next(meant, None) or next(usual, None) or _MISMATCH[0]
