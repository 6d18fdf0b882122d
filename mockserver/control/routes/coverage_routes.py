"""Which operations, statuses and parameters of the documents were exercised by the requests in the journals."""

from __future__ import annotations

from collections.abc import Mapping

from mockserver.control.exchanges.coverage_count import CoverageCount, sum_of
from mockserver.control.scope import ControlScope, Handler
from mockserver.engine.call import Call
from mockserver.json_text import Json


def get_coverage(call: Call, scope: ControlScope) -> Json:
    """Returns each operation with the statuses and parameters that were seen, of this world or of all."""
    worlds = scope.worlds.every() if call.query["worlds"] == "all" else (scope.world,)
    name = call.query.get("api")
    count = CoverageCount({name: scope.service(name)} if name is not None else scope.services)
    for world in worlds:
        for exchange in world.journal:
            count.add(exchange)
    apis = count.apis()
    return {
        "worlds": len(worlds),
        "dropped": sum(world.journal.dropped for world in worlds),
        "total": sum_of(api["total"] for api in apis),
        "apis": apis,
    }


HANDLERS: Mapping[str, Handler] = {"getCoverage": get_coverage}
