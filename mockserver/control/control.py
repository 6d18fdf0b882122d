"""The control API as a WSGI application, made when it is first asked: importing Flask takes its time."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterable, Mapping
from typing import Any

from mockserver.control.access import Access
from mockserver.engine.service import Service
from mockserver.state.world import Worlds

Application = Callable[[dict[str, Any], Callable[..., Any]], Iterable[bytes]]


class Control:
    """A WSGI application below `/__admin`.

    Its environ holds the name of the world asked for (`mockserver.world`) and the request, read whole
    (`mockserver.request`).
    """

    def __init__(self, services: Mapping[str, Service], worlds: Worlds, access: Access) -> None:
        self._parts = services, worlds, access
        self._app: Application | None = None
        self._lock = threading.Lock()

    def __call__(self, environ: dict[str, Any], start_response: Callable[..., Any]) -> Iterable[bytes]:
        return (self._app or self._make())(environ, start_response)

    def _make(self) -> Application:
        with self._lock:
            if self._app is None:
                from mockserver.control.app import create_app

                self._app = create_app(*self._parts)
            return self._app


def create_control(services: Mapping[str, Service], worlds: Worlds, access: Access) -> Control:
    """The control API of these APIs and worlds."""
    return Control(services, worlds, access)
