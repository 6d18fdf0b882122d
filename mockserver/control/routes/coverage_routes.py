"""Coverage: the operations, statuses and parameters of the documents that the requests in the journals exercised."""

from __future__ import annotations

from collections.abc import Mapping

from mockserver.control.exchanges.coverage_count import CoverageCount, sum_of
from mockserver.control.scope import ControlScope, Handler
from mockserver.engine.call import Call
from mockserver.json_text import Json


def get_coverage(call: Call, scope: ControlScope) -> Json:
    """Returns each operation with the statuses and parameters that were seen, of this world, of all, or of all that
    ever were.
    """
    name, whose = call.query.get("api"), call.query["worlds"]
    services = {name: scope.service(name)} if name is not None else scope.services
    count = scope.status.released.of(services) if whose == "ever" else CoverageCount(services)
    worlds = (scope.world,) if whose == "this" else scope.worlds.every()
    for world in worlds:
        count.add_all(world.journal, world.journal.dropped)
    apis = count.apis()
    return {
        "worlds": len(worlds),
        "dropped": count.dropped,
        "total": sum_of(api["total"] for api in apis),
        "apis": apis,
    }


HANDLERS: Mapping[str, Handler] = {"getCoverage": get_coverage}
