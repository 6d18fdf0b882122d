"""Arranges credentials, faults and answers of one world for a test; impossible ones raise Unusable with what is
possible.
"""

from __future__ import annotations

from base64 import b64encode
from collections.abc import Iterable, Mapping
from difflib import get_close_matches
from typing import Any

from mockserver.control.exchanges.criteria import CRITERIA
from mockserver.engine.interventions.fault import Fault
from mockserver.engine.interventions.matching.request_pattern import PATTERN_MEMBERS
from mockserver.engine.issued_credentials import FreshCredential, issue
from mockserver.engine.service import Service
from mockserver.openapi.model.operation import Operation
from mockserver.problem import Problem, Unusable
from mockserver.state.world import World
from mockserver.state.worlds import Worlds

ANY_OPERATION = "*"


def fresh_credential(service: Service, world: World, worlds: Worlds) -> FreshCredential | None:
    """A credential that the API takes in this world, and which belongs to it; of several kinds the one that opens most
    operations. None where the API asks for none.
    """
    try:
        made = world.run(lambda: issue(service, world, len(world.issued) + 1))
    except Problem:
        return None
    bindings = worlds.bind()
    for one in made:
        bindings.bind(one.sent, world.name)
    usual = service.api.credential[0]
    return next((one for one in made if one.sent.name == usual), made[0])


def known_operation(service: Service, name: str) -> str:
    """The name of an operation, by id or by method and path, or `*`. Raises Unusable with the nearest ones."""
    __tracebackhide__ = True
    if not isinstance(name, str):
        raise Unusable(
            f'expected an operation, such as "{service.spec.operations[0].id}" or "*", got {name!r}; a status comes '
            'second: fail_next("*", 503)'
        )
    names = [text for one in service.spec.operations for text in (one.id, f"{one.method} {one.path}")]
    if name in (ANY_OPERATION, *names):
        return name
    near = get_close_matches(name, names, 3, 0.5) or names[:10]
    raise Unusable(f"{service.name} has no operation {name!r}; the nearest: {', '.join(near)}")


def known_criteria(names: Iterable[str]) -> None:
    """Raises Unusable with the nearest criterion for a name that `verify` does not know."""
    __tracebackhide__ = True
    known = [*CRITERIA, *PATTERN_MEMBERS]
    for name in names:
        if name not in known:
            near = get_close_matches(name, [*known, "times", "within"], 3, 0.5) or sorted(known)
            raise Unusable(f"verify has no criterion {name!r}; the nearest: {', '.join(near)}")


def operation_of(service: Service, name: str) -> Operation:
    """The operation with this id, or method and path. Raises Unusable."""
    __tracebackhide__ = True
    known_operation(service, name)
    return next(one for one in service.spec.operations if name in (one.id, f"{one.method} {one.path}"))


def mapping_of(service: Service, operation: str, status: int, said: Mapping[str, Any]) -> dict[str, Any]:
    """The mapping (as WireMock has them) that answers every request for the operation: with a `body` (JSON value, text
    or bytes) and `headers`, for those alone that meet a `request` pattern; further members are those of a mapping's
    response. Raises Unusable.
    """
    __tracebackhide__ = True
    found = operation_of(service, operation)
    given = {**said}
    pattern = {"method": found.method, "urlPathTemplate": found.path, **(given.pop("request", None) or {})}
    outer: dict[str, Any] = {name: given.pop(name) for name in _OF_MAPPING if name in given}
    body = given.pop("body", None)
    if isinstance(body, bytes):
        given["base64Body"] = b64encode(body).decode()
    elif body is not None:
        given["body" if isinstance(body, str) else "jsonBody"] = body
    return {"request": pattern, "response": {"status": status or _success(found), **given}, **outer}


_OF_MAPPING = (
    "times", "priority", "check", "name", "persistent", "scenarioName", "requiredScenarioState", "newScenarioState",
)  # fmt: skip
"""What a mapping says beside its request and response."""


def _success(operation: Operation) -> int:
    """The first success that the document declares."""
    declared = [int(status) for status in operation.answers if status.isdecimal() and status.startswith("2")]
    return min(declared, default=200)


def add_fault(world: World, service: Service, said: Mapping[str, Any]) -> None:
    """Adds a fault for requests of the API. Raises Unusable."""
    __tracebackhide__ = True
    known_operation(service, said["operation"])
    for name in said:
        if name not in _MEMBERS:
            near = get_close_matches(name, _MEMBERS, 1, 0.5)
            told = f"; the nearest is {near[0]!r}" if near else ""
            raise Unusable(f"a fault has no {name!r}{told}; it has {', '.join(_MEMBERS)}")
    try:
        fault = Fault(**{"api": service.name, **said})
        world.run(lambda: world.faults.add(fault))
    except Problem as problem:
        raise Unusable(problem.detail.removeprefix("body/").removeprefix("body: ")) from None


_MEMBERS = [name for name in Fault.__dataclass_fields__ if name not in ("tests", "api")]
