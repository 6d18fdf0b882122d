"""Runs a mock inside this process, as a WSGI application or on a port."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from mockserver.engine.service import Service
from mockserver.problem import Unusable
from mockserver.server.breaches import BreachWatch
from mockserver.server.http.http_server import HttpServer
from mockserver.server.loading.selection import select
from mockserver.server.loading.services import load_service
from mockserver.server.mock import Mock, create_mock, resumed
from mockserver.server.option_checks import refuse_unknown_options
from mockserver.server.port import listen, port_of
from mockserver.server.serve_options import Options
from mockserver.state.world import DEFAULT_WORLD
from mockserver.web.door import Door


@dataclass(frozen=True, slots=True)
class RunningMock:
    """A mock that is served at `root`, such as `http://127.0.0.1:49152`; `mock` gives access to its parts, `options`
    are those it was made with. `breaches` collects how requests broke the documents.
    """

    root: str
    mock: Mock
    options: Options
    breaches: BreachWatch
    variants: dict[tuple[str, frozenset[tuple[str, str]]], Service] = field(default_factory=dict)

    def url_of(self, api: str, world: str = DEFAULT_WORLD) -> str:
        """The base URL of the API with this name, in this world. Raises KeyError for an API that is not served."""
        service = self.mock.services[api]
        above = "" if world == DEFAULT_WORLD else f"/~{world}"
        return f"{self.root}{above}{service.address(service.spec.base_path)}"

    def variant(self, api: str, assume: Mapping[str, str]) -> Service:
        """The API under these assumptions beside those of the options, loaded once. Raises Unusable."""
        key = api, frozenset(assume.items())
        if key not in self.variants:
            assumed = {f"{api}.{name}": option for name, option in assume.items()}
            options = replace(self.options, assume={**self.options.assume, **assumed})
            self.variants[key] = load_service(api, select(options.apis), options)
        return self.variants[key]


def create_app(*apis: str | Path | Options, **options: Any) -> Door:
    """The WSGI application of these APIs: names of bundled ones, folders, document files; none: all bundled ones.
    Further arguments are members of Options: `create_app("taskly", seed=7)`; one Options may replace all arguments.
    Raises Unusable.
    """
    return create_mock(_options(apis, options, "create_app")).app


@contextmanager
def running(*apis: str | Path | Options, port: int = 0, **options: Any) -> Iterator[RunningMock]:
    """Serves these APIs in threads of this process until the block ends, on 127.0.0.1 and a free port if none is given:
    `with running("taskly") as mock: httpx.get(mock.url + "/tasks")`. Takes the arguments of `create_app`.

    Raises Unusable, also for a port that is taken.
    """
    chosen = _options(apis, options, "running")
    mock = create_mock(chosen)
    listening = listen("127.0.0.1", port)
    mock.own_ports.add(port_of(listening))
    server = HttpServer(mock.app, listening)
    server.start()
    end = resumed(mock)()
    try:
        yield RunningMock(
            f"http://127.0.0.1:{port_of(listening)}", mock, chosen, BreachWatch(mock.services, mock.worlds)
        )
    finally:
        server.stop()
        end()


def _options(apis: tuple[str | Path | Options, ...], options: dict[str, Any], whose: str) -> Options:
    """The options that a call gives. Raises Unusable for what is none."""
    refuse_unknown_options(options, whose, ("apis", *(("port",) if whose == "running" else ())))
    if len(apis) == 1 and isinstance(apis[0], Options):
        return replace(apis[0], **options)
    for api in apis:
        if not isinstance(api, (str, Path)):
            raise Unusable(f"{whose} got {api!r} as an API; expected a name, a folder or a document")
    known = Options(**options)
    return replace(known, apis=tuple(map(str, apis))) if apis else known
