"""The scope of a control request: the world that it is about, and everything that is served."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from mockserver.control.server_status import ServerStatus
from mockserver.engine.call import NOTES, Call
from mockserver.engine.service import Service
from mockserver.json_text import Json
from mockserver.messages import Response
from mockserver.openapi.model.document import Document
from mockserver.openapi.schema.validator import Validator
from mockserver.problem import NOT_FOUND, Problem
from mockserver.state.world import DEFAULT_WORLD, World
from mockserver.state.worlds import Worlds

PREFIX = "/__admin"
CONTROLLED = "mockserver.controlled"
"""Where the environ of a request has the mock that it is about."""


@dataclass(frozen=True, slots=True)
class RecordExpectations:
    """Properties of the records of one collection that handlers rely on beyond the document's schema.

    `required` are the members that every record has, `own` those that the mock added, `values` schemas for the values
    of members.
    """

    required: frozenset[str]
    own: frozenset[str]
    values: Validator


@dataclass(frozen=True, slots=True)
class ControlScope:
    """The scope of one control request.

    `site` is the address of the server, `spec` the control API's own document, `is_guarded` says that a token is
    required. `names` lists the served names by criterion; `expected` are the expectations for the records of a
    collection. `door` is the whole server as a WSGI application. `shutdown` ends the server; None: it may not be ended
    over the control API. `status` is that of the process. `assume` serves an API in this
    world under other options of its assumptions.
    """

    services: Mapping[str, Service]
    worlds: Worlds
    world: World
    site: str
    spec: Document
    is_guarded: bool
    names: Mapping[str, list[str]]
    expected: Mapping[tuple[str, str], RecordExpectations]
    status: ServerStatus
    door: Callable[[dict[str, Any], Callable[..., Any]], Iterable[bytes]]
    shutdown: Callable[[], None] | None = None
    assume: Callable[[str, Mapping[str, str]], Service] | None = None

    @property
    def root(self) -> str:
        """The address of the world."""
        return self.site if self.world.name == DEFAULT_WORLD else f"{self.site}/~{self.world.name}"

    def service(self, name: str) -> Service:
        """The API with this name. Raises Problem 404 if there is none."""
        service = self.services.get(name)
        if service is None:
            served = ", ".join(self.services)
            raise Problem(404, f"No API {name[:80]!r} is served; served are {served}.", code=NOT_FOUND)
        return service


def known_names(services: Mapping[str, Service]) -> dict[str, list[str]]:
    """The names of APIs, operations and assumptions that are served, by the criterion that uses them."""
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
