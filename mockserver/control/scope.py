"""What a control request is about: one world, and everything that is served."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from mockserver.engine.call import Call
from mockserver.engine.service import Service
from mockserver.problem import NOT_FOUND, Problem
from mockserver.spec.document import Spec
from mockserver.state.world import DEFAULT_WORLD, World, Worlds
from mockserver.wire import Json, Response

PREFIX = "/__admin"


@dataclass(frozen=True, slots=True)
class Scope:
    """`site` is the address that the server was asked at, `spec` the control API's own document, `is_guarded` says that
    it wants a token; `expected` are the members that a record of a collection has to have beside what its schema says."""

    services: Mapping[str, Service]
    worlds: Worlds
    world: World
    site: str
    spec: Spec
    is_guarded: bool
    expected: Mapping[tuple[str, str], frozenset[str]]

    @property
    def root(self) -> str:
        """The address of the world."""
        return self.site if self.world.name == DEFAULT_WORLD else f"{self.site}/~{self.world.name}"

    def service(self, name: str) -> Service:
        """The API of this name. A Problem 404 where there is none."""
        service = self.services.get(name)
        if service is None:
            served = ", ".join(self.services)
            raise Problem(404, f"No API {name[:80]!r} is served; served are {served}.", code=NOT_FOUND)
        return service


Handler = Callable[[Call, Scope], Response | Json]
