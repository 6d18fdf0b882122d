"""Faults of a world: what goes wrong with its requests."""

from __future__ import annotations

from collections.abc import Mapping
from difflib import get_close_matches

from mockserver.control.exchanges.criteria import refuse_unknown_names
from mockserver.control.scope import PREFIX, ControlScope, Handler
from mockserver.engine.call import Call
from mockserver.engine.interventions.fault import Delay, Fault, operation_name
from mockserver.engine.interventions.matching.matchers import refused
from mockserver.engine.interventions.path_meeting import has_operation
from mockserver.json_text import Json
from mockserver.messages import Response
from mockserver.state.interventions import Rule


def list_faults(_call: Call, scope: ControlScope) -> Json:
    """Returns the faults in force, in the order in which they look at a request."""
    faults = scope.world.faults
    return {"faults": [show_fault(rule) for rule in faults], "meta": {"total": len(faults)}}


def add_fault(call: Call, scope: ControlScope) -> Response:
    """Adds a fault behind those that there are."""
    given = call.body
    rule = scope.world.faults.add(_known_fault(given, scope))
    location = ("Location", f"{scope.root}{PREFIX}/faults/{rule.id}")
    path, method = given.get("path", ""), given.get("method", "")
    strikes = not path or has_operation(scope.services.values(), method, path)
    return Response(201, show_fault(rule), (location,) if strikes else (location, _STRIKES_NOTHING))


_STRIKES_NOTHING = ("Mock-Assumption", "fault=no operation of what is served has this path so that it strikes nothing")


def get_fault(call: Call, scope: ControlScope) -> Json:
    """Returns the fault with its counts."""
    return show_fault(scope.world.faults[call.path["id"]])


def put_fault(call: Call, scope: ControlScope) -> Json:
    """Puts another fault in the place of this one; its counts go on."""
    rule = scope.world.faults[call.path["id"]]
    scope.world.faults.change(rule.id, _known_fault(call.body, scope))
    return show_fault(rule)


def _known_fault(given: Mapping[str, Json], scope: ControlScope) -> Fault:
    """The fault of a body. Raises Problem 422 for an API or operation that is not served."""
    refuse_unknown_names({name: value for name, value in given.items() if name == "api"}, scope, "body")
    if "operation" in given:
        refuse_unknown_operation(given["operation"], scope)
    return read_fault(given)


def delete_fault(call: Call, scope: ControlScope) -> Response:
    """Removes the fault."""
    scope.world.faults.remove(call.path["id"])
    return Response(204)


def delete_faults(_call: Call, scope: ControlScope) -> Response:
    """Removes every fault, those of the command line too."""
    scope.world.faults.clear()
    return Response(204)


_MEMBERS: Mapping[str, str] = {
    "status": "status",
    "body": "body",
    "headers": "headers",
    "bytesPerSecond": "bytes_per_second",
    "connection": "connection",
    "contentType": "content_type",
    "break": "breaks",
    "pointer": "pointer",
    "writes": "writes",
    "api": "api",
    "operation": "operation",
    "method": "method",
    "path": "path",
    "request": "request",
    "times": "times",
    "after": "after",
    "every": "every",
    "probability": "probability",
}
"""The members of a fault in JSON that are those of Fault by another name; `delay` is converted."""


def read_fault(given: Mapping[str, Json]) -> Fault:
    """The fault that fits the schema Fault. Raises Problem 422."""
    said = {_MEMBERS[name]: value for name, value in given.items() if name in _MEMBERS}
    return Fault(**said, delay=_read_delay(given.get("delay", 0)))


def _read_delay(given: Json) -> float | Delay:
    if not isinstance(given, dict):
        return float(given)
    if "upper" in given and given["lower"] > given["upper"]:
        raise refused("/delay", "range", "lower is more than upper", given)
    return Delay(**given)


def show_fault(rule: Rule) -> Json:
    """The fault as JSON: what was said of it, its id and its counts."""
    fault: Fault = rule.value
    nothing = Fault(delay=1)
    said = {
        name: getattr(fault, member)
        for name, member in _MEMBERS.items()
        if getattr(fault, member) != getattr(nothing, member)
    }
    if isinstance(fault.delay, Delay):
        members = ("fixed", "lower", "upper", "median", "sigma")
        said["delay"] = {name: getattr(fault.delay, name) for name in members if getattr(fault.delay, name)}
        if fault.delay.upper:
            said["delay"]["lower"] = fault.delay.lower
    elif fault.delay:
        said["delay"] = fault.delay
    return {"id": rule.id, **said, "seen": rule.seen, "used": rule.used}


def refuse_unknown_operation(name: str, scope: ControlScope) -> None:
    """Raises Problem 422 for what is neither the id of an operation that is served, nor its method and path."""
    name = operation_name(name)
    operations = [operation for service in scope.services.values() for operation in service.spec.operations]
    if name != "*" and not any(
        name in (operation.id, f"{operation.method} {operation.path}") for operation in operations
    ):
        known = [*scope.names["operation"], *(f"{one.method} {one.path}" for one in operations)]
        near = get_close_matches(name[:200], known, 3, 0.5)
        told = f"the nearest: {', '.join(near)}" if near else f"there is {', '.join(known[:40])}"
        message = f"{name[:80]!r} is no operation of what is served; {told}"
        raise refused("/operation", "enum", message, name)


HANDLERS: Mapping[str, Handler] = {
    "listFaults": list_faults,
    "addFault": add_fault,
    "getFault": get_fault,
    "putFault": put_fault,
    "deleteFault": delete_fault,
    "deleteFaults": delete_faults,
}
