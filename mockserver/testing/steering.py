"""Credentials and faults of one world, for a test: what cannot be is an Unusable that says what could."""

from __future__ import annotations

from collections.abc import Mapping
from difflib import get_close_matches
from typing import Any

from mockserver.engine.interventions.fault import Fault
from mockserver.engine.issued_credentials import FreshCredential, issue
from mockserver.engine.pipeline import Service
from mockserver.problem import Problem, Unusable
from mockserver.state.world import World, Worlds

ANY_OPERATION = "*"


def fresh_credential(service: Service, world: World, worlds: Worlds) -> FreshCredential | None:
    """A credential that the API takes in this world, and which belongs to it; of several kinds the one that opens most
    operations. None where the API asks for none.
    """
    try:
        with world.lock:
            made = issue(service, world, len(world.issued) + 1)
    except Problem:
        return None
    bindings = worlds.bind()
    for one in made:
        bindings.bind(one.sent, world.name)
    usual = service.api.credential[0]
    return next((one for one in made if one.sent.name == usual), made[0])


def known_operation(service: Service, name: str) -> str:
    """The name of an operation, by id or by method and path, or `*`. Raises Unusable with the nearest ones."""
    names = [text for one in service.spec.operations for text in (one.id, f"{one.method} {one.path}")]
    if name in (ANY_OPERATION, *names):
        return name
    near = get_close_matches(name, names, 3, 0.5) or names[:10]
    raise Unusable(f"{service.name} has no operation {name!r}; the nearest: {', '.join(near)}")


def add_fault(world: World, service: Service, said: Mapping[str, Any]) -> None:
    """Adds a fault for requests of the API. Raises Unusable."""
    known_operation(service, said["operation"])
    try:
        world.faults.add(Fault(**{"api": service.name, **said}))
    except TypeError as error:
        raise Unusable(f"{str(error).partition(' ')[2]}; a fault has {', '.join(_MEMBERS)}") from None
    except Problem as problem:
        raise Unusable(problem.detail) from None


_MEMBERS = [name for name in Fault.__dataclass_fields__ if name not in ("tests", "api")]
