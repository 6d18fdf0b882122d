"""The numbers of the server, for Prometheus and what reads its text form."""

from __future__ import annotations

from collections.abc import Mapping

from mockserver.control.metrics.process_samples import samples_of
from mockserver.control.metrics.sample import TEXT_TYPE, exposition
from mockserver.control.scope import ControlScope, Handler
from mockserver.engine.call import Call
from mockserver.messages import Response


def get_metrics(_call: Call, scope: ControlScope) -> Response:
    """Returns the numbers of this process; of several that serve one port, those of each."""
    status, samples = scope.status, samples_of(scope.worlds, scope.status)
    if status.workers is not None:
        samples = status.workers.gathered(samples)
    return Response(200, exposition(samples), (("Content-Type", TEXT_TYPE), ("Cache-Control", "no-store")))


UNLOCKED: Mapping[str, Handler] = {"getMetrics": get_metrics}
"""The numbers are of all worlds, and wait for none of them."""
