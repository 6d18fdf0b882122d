"""The process: its health, version, numbers and document; how it is ended; and the reset of a world."""

from __future__ import annotations

from collections.abc import Mapping
from threading import Timer

from mockserver import __version__
from mockserver.control.metrics.process_samples import samples_of
from mockserver.control.metrics.sample import TEXT_TYPE, exposition
from mockserver.control.routes.page_routes import index_page, prefers_page
from mockserver.control.scope import PREFIX, ControlScope, Handler
from mockserver.engine.call import Call
from mockserver.json_text import Json
from mockserver.messages import Response
from mockserver.problem import FORBIDDEN, Problem


def get_health(_call: Call, _scope: ControlScope) -> Json:
    """Returns an empty success."""
    return {"status": "healthy"}


def get_version(_call: Call, _scope: ControlScope) -> Json:
    """Returns the version of the package."""
    return {"version": __version__}


def get_metrics(_call: Call, scope: ControlScope) -> Response:
    """Returns the numbers of this process in Prometheus' text form; of several that serve one port, those of each."""
    status, samples = scope.status, samples_of(scope.worlds, scope.status)
    if status.workers is not None:
        samples = status.workers.gathered(samples)
    return Response(200, exposition(samples), (("Content-Type", TEXT_TYPE), ("Cache-Control", "no-store")))


def get_control_document(_call: Call, scope: ControlScope) -> Json:
    """Returns the control API's document with the address, the served names, and the security scheme if a token is
    required.
    """
    document = scope.spec.document
    components = document["components"]
    schemas = {
        **components["schemas"],
        **{name: {**components["schemas"][name], "enum": known} for name, known in _names(scope).items() if known},
    }
    guarded = {"security": [needed for needed in document["security"] if needed]} if scope.is_guarded else {}
    return {
        **document,
        **guarded,
        "info": {**document["info"], "version": __version__},
        "servers": [{"url": scope.root + PREFIX}],
        "components": {**components, "schemas": schemas},
    }


def _names(scope: ControlScope) -> Mapping[str, list[str]]:
    """The schemas of names, each with the served names as its enum."""
    collections = [name for service in scope.services.values() for name in service.api.collections]
    return {
        "ApiName": scope.names["api"],
        "OperationName": scope.names["operation"],
        "AssumptionName": scope.names["assumption"],
        "CollectionName": [*dict.fromkeys(collections)],
    }


def get_index(call: Call, scope: ControlScope) -> Response | Json:
    """Returns every address of the control API with what it does; to a browser, the page."""
    if prefers_page(call.request):
        return index_page()
    root = scope.root + PREFIX
    return {
        "name": "mockserver",
        "version": __version__,
        "world": scope.world.name,
        "docs": f"{root}/docs",
        "openapi": f"{root}/openapi.json",
        "apis": [*scope.services],
        "addresses": [
            {"method": one.method, "url": root + one.path, "summary": one.summary} for one in scope.spec.operations
        ],
    }


def shut_down(_call: Call, scope: ControlScope) -> Response:
    """Ends the server after this answer. Raises Problem 403 unless it was started with --allow-shutdown."""
    if scope.shutdown is None:
        raise Problem(403, "This server may not be ended from here; start it with --allow-shutdown.", code=FORBIDDEN)
    Timer(_MOMENT, scope.shutdown).start()
    return Response(200, {"status": "ending"})


_MOMENT = 0.1
"""Seconds in which the answer to a shutdown goes out."""


def reset_world(_call: Call, scope: ControlScope) -> Response:
    """Resets the world."""
    scope.worlds.reset(scope.world.name)
    return Response(204)


HANDLERS: Mapping[str, Handler] = {
    "getIndex": get_index,
    "shutDown": shut_down,
    "getHealth": get_health,
    "getVersion": get_version,
    "getControlDocument": get_control_document,
}

UNLOCKED: Mapping[str, Handler] = {"resetWorld": reset_world, "getMetrics": get_metrics}
"""A world that cannot be read can be reset; the numbers are of all worlds, and wait for none of them."""
