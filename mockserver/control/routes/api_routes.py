"""The served APIs with their addresses, and their documents."""

from __future__ import annotations

from collections.abc import Mapping

from mockserver.control.scope import PREFIX, ControlScope, Handler
from mockserver.engine.assumptions import Assumption
from mockserver.engine.call import Call
from mockserver.engine.service import Service
from mockserver.json_text import Json
from mockserver.openapi.model.servers import served
from mockserver.problem import NOT_FOUND, Problem
from mockserver.resources.route_lines import RouteLine, route_members, routes_of
from mockserver.vendors import APIS


def list_apis(_call: Call, scope: ControlScope) -> Json:
    """Returns everything that a client needs for its first request to each API."""
    return {"apis": [_described(service, scope) for service in scope.services.values()]}


def get_api_document(call: Call, scope: ControlScope) -> Json:
    """Returns the document as loaded, with the mock as its only server."""
    service = scope.service(call.path["api"])
    return served(service.spec.document, lambda path: scope.root + service.address(path))


def list_operations(call: Call, scope: ControlScope) -> Json:
    """Returns operations of one API with what answers them; with `explain` also why. Raises Problem 404."""
    service, name = scope.service(call.path["api"]), call.query.get("operation")
    named = [route for route in routes_of(service) if name in (None, route.operation)]
    if not named and name is not None:
        raise Problem(404, f"{service.name} has no operation {name[:80]!r}.", code=NOT_FOUND)
    text = call.query.get("text", "").lower()
    found = [route for route in named if text in _named(route)]
    first = call.query["offset"]
    shown = found[first : first + call.query.get("limit", len(found))]
    return {
        "operations": [_shown(route, is_explained=call.query["explain"]) for route in shown],
        "meta": {"total": len(found)},
    }


def _named(route: RouteLine) -> str:
    return f"{route.method} {route.path} {route.operation}".lower()


def _shown(route: RouteLine, *, is_explained: bool) -> Json:
    members = route_members(route)
    if not is_explained:
        return {name: members[name] for name in members if name not in _EXPLAINS}
    return members


_EXPLAINS = frozenset({"why", "corrects", "asks"})


def list_assumptions(_call: Call, scope: ControlScope) -> Json:
    """Returns every assumption of the served APIs with the option that holds."""
    return {
        "assumptions": [
            show_assumption(service, assumption)
            for service in scope.services.values()
            for assumption in service.api.assumptions
        ]
    }


def show_assumption(service: Service, assumption: Assumption) -> Json:
    """The assumption with the option that holds."""
    return {
        "name": f"{service.name}.{assumption.name}",
        "question": assumption.question,
        "option": service.choices[assumption.name],
        "default": assumption.default,
        "options": dict(assumption.options),
        "probe": assumption.probe,
    }


def _described(service: Service, scope: ControlScope) -> Json:
    header, value = service.api.credential
    return {
        "name": service.name,
        "title": service.spec.document["info"]["title"],
        "source": _source(service),
        "baseUrl": _base(service, scope),
        "documentUrl": f"{scope.root}{PREFIX}/apis/{service.name}/openapi.json",
        "credential": {"header": header, "value": value} if header else None,
    }


def _source(service: Service) -> str:
    """What serves this API again: the name of a bundled one, else its document, or the folder with its code."""
    if service.name in APIS and service.api.is_complete:
        return service.name
    document = next(iter(service.spec.files), None)
    if document is None:
        return ""
    return str(document.parent if (document.parent / "api.py").exists() else document)


def _base(service: Service, scope: ControlScope) -> str:
    return scope.root + service.address(service.spec.base_path)


UNLOCKED: Mapping[str, Handler] = {"listOperations": list_operations}
"""Handlers that need no world; the first explanation of a large document takes seconds."""

HANDLERS: Mapping[str, Handler] = {
    "listApis": list_apis,
    "getApiDocument": get_api_document,
    "listAssumptions": list_assumptions,
    **UNLOCKED,
}
