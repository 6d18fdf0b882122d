"""What a control request is about: one world, and everything that is served."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from mockserver.engine.call import NOTES, Call
from mockserver.engine.pipeline import Service
from mockserver.json_text import Json
from mockserver.messages import Response
from mockserver.openapi.model.document import Document
from mockserver.openapi.schema.validator import Validator
from mockserver.problem import NOT_FOUND, Problem
from mockserver.state.world import DEFAULT_WORLD, World, Worlds

PREFIX = "/__admin"


@dataclass(frozen=True, slots=True)
class RecordExpectations:
    """What handlers rely on in the records of one collection, beside what the document says of them.

    `required` are the members that every record has, `own` the mock's own, and `values` says what they all may be.
    """

    required: frozenset[str]
    own: frozenset[str]
    values: Validator


@dataclass(frozen=True, slots=True)
class ControlScope:
    """One request's surroundings.

    `site` is the address that the server was asked at, `spec` the control API's own document, `is_guarded` says that it
    wants a token. `names` lists what is served, by the criterion that asks for it; `expected` is what a
    record of a collection has to be beside what its schema says.
    """

    services: Mapping[str, Service]
    worlds: Worlds
    world: World
    site: str
    spec: Document
    is_guarded: bool
    names: Mapping[str, list[str]]
    expected: Mapping[tuple[str, str], RecordExpectations]

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


def known_names(services: Mapping[str, Service]) -> dict[str, list[str]]:
    """The APIs, operations and assumptions of what is served, by the criterion that asks for one of them."""
    chosen = [
        (f"{api}.{name}", option) for api, service in services.items() for name, option in service.choices.items()
    ]
    noted = [f"{api}.{name}" for api, service in services.items() if not service.api.is_complete for name in NOTES]
    operations = [operation.id for service in services.values() for operation in service.spec.operations]
    return {
        "api": [*services],
        "operation": [*dict.fromkeys(operations)],
        "assumption": [*(text for name, option in chosen for text in (name, f"{name}={option}")), *noted],
    }


Handler = Callable[[Call, ControlScope], Response | Json]
