"""Documents served with nothing but what can be inferred of them."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import httpx
import pytest

from mockserver.control import Access, create_control
from mockserver.engine.answers.error_codes import ErrorCodes
from mockserver.engine.answers.errors import ErrorRenderer
from mockserver.engine.answers.examples import ExampleResponder
from mockserver.engine.api import Api
from mockserver.engine.service import Service, Settings
from mockserver.engine.steps.conditional import conditional_step
from mockserver.engine.steps.step import with_steps
from mockserver.generate import Generator
from mockserver.openapi.model.document import load
from mockserver.resources.detect.plan import plan
from mockserver.resources.operations.handlers import InferredApi, inferred, made_by
from mockserver.state.world import World
from mockserver.state.worlds import Worlds
from mockserver.web.door import Door

HERE = Path(__file__).parent


@dataclass(frozen=True)
class Mock:
    """A document being served: `client` calls below its own paths; `world` is what it remembers."""

    client: httpx.Client
    world: World

    def __call__(self, method: str, path: str, json: Any = None, **more: Any) -> tuple[int, Any]:
        """The status and the body of the answer; None where it has none."""
        answer = self.client.request(method, path, json=json, **more)
        return answer.status_code, answer.json() if answer.content else None

    @property
    def broken(self) -> list[str]:
        """How answers broke the document."""
        return [str(violation) for exchange in self.world.journal for violation in exchange.broken]


@cache
def made(name: str) -> tuple[Service, InferredApi]:
    """The service of one of the documents beside this file."""
    spec = load(HERE / f"{name}.yaml", name)
    synthesizer = Generator(spec.views.response)
    answering = ExampleResponder(synthesizer)
    state = inferred(plan(spec), spec, made_by(synthesizer, 1))
    handlers = {
        operation.id: with_steps(
            [
                conditional_step(operation, remembers=True, reads=lambda _path: None),
                answering.prefer_step(operation),
                answering.negotiation_step(operation),
            ],
            state.handlers[operation.id],
        )
        if operation.id in state.handlers
        else answering.handler(operation)
        for operation in spec.operations
    }
    api = Api(name, handlers, state.collections, ErrorRenderer(answering, ErrorCodes(spec.document)), is_complete=False)
    return Service(api, spec, Settings()), state


@pytest.fixture
def serve() -> Iterator[Callable[[str], Mock]]:
    """`serve("shop")` is the document of that name in a fresh world; afterwards no answer may have broken it."""
    opened: list[Mock] = []

    def mock(name: str) -> Mock:
        service, state = made(name)
        services, worlds = {name: service}, Worlds({name: state.seed_collections}, seed=1)
        door = Door(services, worlds, create_control(services, worlds, Access("", loopback=True)))
        base = f"http://127.0.0.1:4010/{name}{service.spec.base_path}"
        client = httpx.Client(transport=httpx.WSGITransport(app=door), base_url=base)
        opened.append(Mock(client, worlds["default"]))
        return opened[-1]

    yield mock
    for served in opened:
        served.client.close()
    assert [served.broken for served in opened] == [[] for _ in opened]
