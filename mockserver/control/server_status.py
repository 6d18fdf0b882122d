"""The state of the serving process, for those who operate it."""

from __future__ import annotations

import os
import signal
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from mockserver.control.exchanges.coverage_count import CoverageCount
from mockserver.control.metrics.control_counts import ControlCounts
from mockserver.control.metrics.request_counts import RequestCounts
from mockserver.control.metrics.worker_samples import WorkerSamples
from mockserver.stores.counted_store import StoreCounts
from mockserver.stores.world_store import WorldStore


@dataclass(slots=True)
class ServerStatus:
    """The state of a running server.

    `store` keeps the worlds, of the kind `store_kind`; None: they are in memory. `is_draining` says that the server
    ends soon, and wants no further requests. `process` is the one that ends the server on SIGTERM; 0: this one. Of
    several processes of one server, `is_spokesman` says that this one tells what holds for all.

    What is counted: answered `requests` to APIs and those to the `control` API, what the store was asked for
    (`store_counts`), `attempts` to send webhooks by their outcome, the coverage by requests that no journal has any
    longer (`released`). `workers` have the samples of all processes of one server; None: there is one.
    """

    store: WorldStore | None = None
    store_kind: str = "memory"
    is_draining: bool = False
    process: int = 0
    is_spokesman: bool = True
    requests: RequestCounts = field(default_factory=RequestCounts)
    control: ControlCounts = field(default_factory=ControlCounts)
    store_counts: StoreCounts | None = None
    attempts: Callable[[], Mapping[str, int]] = dict
    released: CoverageCount = field(default_factory=lambda: CoverageCount({}))
    workers: WorkerSamples | None = None

    def begin_draining(self) -> None:
        """Load balancers are told to send no further requests."""
        self.is_draining = True

    def end_server(self) -> None:
        """Ends the server as SIGTERM does, with all of its processes."""
        os.kill(self.process or os.getpid(), signal.SIGTERM)
