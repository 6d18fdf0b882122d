"""The readiness of the process: whether a load balancer may send requests to it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from mockserver.control.scope import ControlScope, Handler
from mockserver.control.server_status import ServerStatus
from mockserver.engine.call import Call
from mockserver.json_text import Json
from mockserver.messages import Response
from mockserver.problem import Problem
from mockserver.state.clock import stopwatch
from mockserver.stores.world_store import StoreUnavailable, WorldStore

_NOWHERE: Final = "~ready"
"""A world that no store has: asking for it is one round trip."""


def get_ready(_call: Call, scope: ControlScope) -> Response:
    """Returns how the store is. Raises Problem 503 while the server ends, or the store does not answer."""
    status = scope.status
    if status.is_draining:
        raise _not_ready("The server is about to end; send requests to another one.")
    keeper = scope.worlds.keeper
    store = {**_store(status), "notices": [] if keeper is None else [*keeper.notices]}
    return Response(200, {"status": "ready", "store": store}, _FRESH)


def _store(status: ServerStatus) -> Mapping[str, Json]:
    if status.store is None:
        return {"kind": status.store_kind, "latencyMs": 0, "losses": []}
    latency = _latency(status.store)
    health = status.store.check()
    if health.problem is not None:
        raise _not_ready(f"The store cannot be used: {health.problem}.")
    return {"kind": status.store_kind, "latencyMs": round(latency * 1000, 3), "losses": [*health.warnings]}


def _latency(store: WorldStore) -> float:
    """Seconds of one round trip. Raises Problem 503."""
    began = stopwatch()
    try:
        store.since(_NOWHERE, 0)
    except StoreUnavailable as error:
        raise _not_ready(error.reason, error.retry_after) from error
    return stopwatch() - began


def _not_ready(detail: str, seconds: float = 1.0) -> Problem:
    return Problem(503, detail, retry_after=max(1, round(seconds)), headers=_FRESH)


_FRESH: Final = (("Cache-Control", "no-store"),)

UNLOCKED: Mapping[str, Handler] = {"getReady": get_ready}
"""A store that does not answer holds up no answer about it."""
