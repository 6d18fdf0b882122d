"""Loads a document, asks every operation of it once, and reports what came of it."""

from __future__ import annotations

import gc
import resource
import time
from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path
from typing import NamedTuple

from mockserver.engine.service import Service
from mockserver.openapi.model.operation import Operation
from mockserver.problem import Unusable
from mockserver.server import Options
from mockserver.server.loading.selection import select
from mockserver.server.loading.services import load_service
from mockserver.state.world import World
from tools.corpus.asks import Asks, Unaskable

API = "api"


class Manner(NamedTuple):
    """How the document is served: with `dynamic` values are faked, with `state` they are remembered."""

    dynamic: bool = False
    state: bool = True


@dataclass(slots=True)
class Fate:
    """What came of one document: `refused` says why it cannot be served, `crashed` what else was raised.

    `good` counts the operations that were answered with a declared status and a valid body, `bad` says what the others
    did. `ready` is how long loading took, in seconds, `slowest` how long the processor was at an answer; `size` and
    `largest` are in bytes, `peak` is the process's memory so far in MiB.
    """

    name: str
    size: int = 0
    refused: str = ""
    crashed: str = ""
    diagnostics: tuple[str, ...] = ()
    operations: int = 0
    good: int = 0
    bad: list[str] = field(default_factory=list)
    statuses: Counter[int] = field(default_factory=Counter)
    ready: float = 0.0
    slowest: tuple[float, str] = (0.0, "")
    largest: tuple[int, str] = (0, "")
    peak: int = 0


def fate_of(path: Path, name: str, manner: Manner = Manner()) -> Fate:  # noqa: B008 - a frozen value
    """What came of the document at `path`. Never raises."""
    fate = Fate(name, path.stat().st_size)
    try:
        _ask_all(path, manner, fate)
    except Unusable as error:
        fate.refused = str(error)
    except Exception as error:  # noqa: BLE001 - to find what else is raised is what this is for
        fate.crashed = f"{type(error).__name__}: {error}"
    gc.unfreeze()
    fate.peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024
    return fate


def _ask_all(path: Path, manner: Manner, fate: Fate) -> None:
    options = Options(apis=(f"{API}={path}",), dynamic=manner.dynamic, state=manner.state)
    began = time.perf_counter()
    service = load_service(API, select(options.apis), options)
    fate.ready = time.perf_counter() - began
    fate.operations = len(service.spec.operations)
    fate.diagnostics = tuple(
        f"{diagnostic.severity} {diagnostic.pointer}: {diagnostic.message}" for diagnostic in service.spec.diagnostics
    )
    gc.collect()
    gc.freeze()  # as the server does before it takes requests
    world, asks = World("corpus", {API: service.api.seed_collections}), Asks(service.spec)
    for operation in sorted(service.spec.operations, key=_turn):
        _ask(service, world, asks, operation, fate)


def _turn(operation: Operation) -> tuple[bool, int]:
    """What takes something away comes last, the deepest first: nobody asks for what is gone."""
    takes_away = operation.method == "DELETE"
    return takes_away, -len(operation.path) if takes_away else 0


def _ask(service: Service, world: World, asks: Asks, operation: Operation, fate: Fate) -> None:
    try:
        request = asks.request(operation)
    except Unaskable as error:
        fate.bad.append(f"{operation.id} no request: {error}")
        return
    began = time.process_time()
    exchange = service.serve(request, world)
    fate.slowest = max(fate.slowest, (time.process_time() - began, operation.id))
    fate.largest = max(fate.largest, (len(exchange.content), operation.id))
    fate.statuses[exchange.status] += 1
    if exchange.broken:
        fate.bad.append(f"{operation.id} {exchange.status}: {exchange.broken[0]}")
    elif operation.answer(exchange.status) is None:
        why = "; ".join(map(str, exchange.violations[:2])) or exchange.content[:200].decode("utf-8", "replace")
        fate.bad.append(f"{operation.id} {exchange.status} is not declared: {why}")
    else:
        fate.good += 1
