"""A mock inside this process: as a WSGI application, and on a port of its own."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from socketserver import ThreadingMixIn
from threading import Thread
from typing import Any
from wsgiref.simple_server import WSGIRequestHandler, WSGIServer

from mockserver.server.mock import Mock, create_mock
from mockserver.server.serve_options import Options
from mockserver.state.world import DEFAULT_WORLD, ApiState
from mockserver.web.door import Door


@dataclass(frozen=True, slots=True)
class RunningMock:
    """A mock that answers at `root`, such as `http://127.0.0.1:49152`; `mock` is what it is made of."""

    root: str
    mock: Mock

    @property
    def url(self) -> str:
        """Where the paths of the first API's document begin: `http://127.0.0.1:49152/taskly/v1`."""
        return self.url_of(next(iter(self.mock.services)))

    def url_of(self, api: str, world: str = DEFAULT_WORLD) -> str:
        """The same of the API of this name, in this world. Raises KeyError for an API that is not served."""
        service = self.mock.services[api]
        above = "" if world == DEFAULT_WORLD else f"/~{world}"
        return f"{self.root}{above}{service.address(service.spec.base_path)}"

    def state(self, api: str = "", world: str = DEFAULT_WORLD) -> ApiState:
        """What the world remembers of this API, or of the first one."""
        return self.mock.worlds[world].of(api or next(iter(self.mock.services)))


def create_app(*apis: str | Path, **options: Any) -> Door:
    """The WSGI application that serves these APIs: names of bundled ones, folders, files of documents; none: all that
    are bundled. Further arguments are the members of Options: `create_app("taskly", seed=7)`. Raises Unusable.
    """
    return create_mock(_options(apis, options)).app


@contextmanager
def running(*apis: str | Path, port: int = 0, **options: Any) -> Iterator[RunningMock]:
    """These APIs are served by threads of this process until the block ends, on a free port of 127.0.0.1 if none is
    given: `with running("taskly") as mock: httpx.get(mock.url + "/tasks")`. What is served is told as to `create_app`.
    Raises Unusable, and OSError for a port that is taken.
    """
    mock = create_mock(_options(apis, options))
    server = _Server(("127.0.0.1", port), _Handler)
    server.set_app(mock.app)
    thread = Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, name="mockserver", daemon=True)
    thread.start()
    try:
        yield RunningMock(f"http://127.0.0.1:{server.server_address[1]}", mock)
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


def _options(apis: tuple[str | Path, ...], options: dict[str, Any]) -> Options:
    known = Options(**options)
    return replace(known, apis=tuple(map(str, apis))) if apis else known


class _Server(ThreadingMixIn, WSGIServer):
    """One thread a connection."""

    daemon_threads = True
    request_queue_size = 128

    def server_bind(self) -> None:
        # The base class asks for the name of the host, which may take seconds.
        self.socket.bind(self.server_address)
        self.server_address = self.socket.getsockname()
        self.server_name, self.server_port = "127.0.0.1", self.server_address[1]
        self.setup_environ()


class _Handler(WSGIRequestHandler):
    """Says nothing of the requests: the journal has them."""

    def log_message(self, *_: Any) -> None:
        pass
