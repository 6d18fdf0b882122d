"""The control API as a WSGI application, created at first use, since importing Flask takes time."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterable, Mapping
from typing import Any

from mockserver.control.access import Access
from mockserver.control.exchanges.coverage_count import CoverageCount
from mockserver.control.scope import CONTROLLED, PREFIX
from mockserver.control.server_status import ServerStatus
from mockserver.engine.service import Service
from mockserver.state.worlds import Worlds

Application = Callable[[dict[str, Any], Callable[..., Any]], Iterable[bytes]]


class Control:
    """A WSGI application below `/__admin`.

    Its environ contains the name of the requested world (`mockserver.world`), the complete request
    (`mockserver.request`), the whole server (`mockserver.door`), and where the store does not answer, that it does not
    (`mockserver.problem`). The Flask application is one for all mocks of the process; `mockserver.controlled` in the
    environ says which of them a request is about.
    """

    def __init__(
        self,
        services: Mapping[str, Service],
        worlds: Worlds,
        access: Access,
        shutdown: Callable[[], None] | None,
        status: ServerStatus,
    ) -> None:
        self._parts = services, worlds, access, shutdown, status
        self._app: Application | None = None
        self._controlled: object = None
        self._lock = threading.Lock()

    def __call__(self, environ: dict[str, Any], start_response: Callable[..., Any]) -> Iterable[bytes]:
        if self._app is None and _is_first_health(environ):
            start_response("200 OK", [*_HEALTH_HEADERS, ("Content-Length", str(len(_HEALTHY)))])
            return [_HEALTHY]
        if environ["PATH_INFO"] == PREFIX:
            environ["PATH_INFO"] = f"{PREFIX}/"
        elif environ["PATH_INFO"] == "/":
            # Relative, so that it holds below `/~world/` and behind a proxy with a path of its own too.
            start_response("302 Found", [("Location", f".{PREFIX}/"), ("Content-Length", "0"), ("Vary", "Accept")])
            return []
        try:
            app = self._app or self._make()
            environ[CONTROLLED] = self._controlled
            return app(environ, start_response)
        finally:
            # Both requests refer to the environ, and would keep the body until the collector comes.
            environ.pop("werkzeug.request", None)
            environ.pop("mockserver.request", None)

    def _make(self) -> Application:
        with self._lock:
            if self._app is None:
                from mockserver.control.application import control_app, controlled_mock

                self._controlled = controlled_mock(*self._parts)
                self._app = control_app()
            return self._app


_OF_BROWSERS = ("HTTP_ORIGIN", "HTTP_SEC_FETCH_SITE")
_HEALTHY = b'{"status":"healthy"}'
_HEALTH_HEADERS = (("Content-Type", "application/json"), ("X-Content-Type-Options", "nosniff"))


def _is_first_health(environ: Mapping[str, Any]) -> bool:
    """Whether this is the health check of the program that started the server, which need not wait for the import of
    Flask. Requests of web pages are checked completely.
    """
    asked = environ["REQUEST_METHOD"], environ["PATH_INFO"]
    return asked == ("GET", f"{PREFIX}/health") and environ.keys().isdisjoint(_OF_BROWSERS)


def create_control(
    services: Mapping[str, Service],
    worlds: Worlds,
    access: Access,
    shutdown: Callable[[], None] | None = None,
    status: ServerStatus | None = None,
) -> Control:
    """The control API of these APIs and worlds; `shutdown` ends the server, where that may be asked for; `status` is
    that of the process.
    """
    status = status or ServerStatus()
    status.released = CoverageCount(services)
    worlds.watch_released(status.released.add_all)
    return Control(services, worlds, access, shutdown, status)
