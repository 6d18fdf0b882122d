"""The state of the serving process, for those who operate it."""

from __future__ import annotations

import os
import signal
from dataclasses import dataclass

from mockserver.stores.world_store import WorldStore


@dataclass(slots=True)
class ServerStatus:
    """How the server runs.

    `store` keeps the worlds, of the kind `store_kind`; None: they are in memory. `is_draining` says that the server
    ends soon, and wants no further requests. `process` is the one that ends the server on SIGTERM; 0: this one. Of
    several processes of one server, `is_spokesman` says that this one tells what holds for all.
    """

    store: WorldStore | None = None
    store_kind: str = "memory"
    is_draining: bool = False
    process: int = 0
    is_spokesman: bool = True

    def begin_draining(self) -> None:
        """Load balancers are told to send no further requests."""
        self.is_draining = True

    def end_server(self) -> None:
        """Ends the server as SIGTERM does, with all of its processes."""
        os.kill(self.process or os.getpid(), signal.SIGTERM)
