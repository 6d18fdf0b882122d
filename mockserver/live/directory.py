"""Selects the world and the API of a live client, by the same addresses as for HTTP."""

from __future__ import annotations

from collections.abc import Mapping

from mockserver.engine.service import Service
from mockserver.problem import NO_OPERATION, Problem
from mockserver.state.world import DEFAULT_WORLD

DEFAULT_PATH = "/socket.io/"
"""The path of a Socket.IO client that was given none."""


class Directory:
    """The APIs with live channels, by name and host.

    `/~{world}` before the path, or the header `Mock-World`, selects the world. `/{api}` selects the API, else a `Host`
    that is a server of its document; a single API with live channels needs no name.
    """

    def __init__(self, services: Mapping[str, Service]) -> None:
        self._apis = {name: service.api.live for name, service in services.items() if service.api.live is not None}
        self._hosts = {host: name for name in self._apis for host in services[name].spec.hosts}

    def find(self, path: str, headers: Mapping[str, str]) -> tuple[str, str]:
        """The name of the world and the name of the API. Raises Problem 404 if nothing is served there."""
        world = headers.get("Mock-World", DEFAULT_WORLD)
        rest = path
        if path.startswith("/~"):
            world, slash, rest = path[2:].partition("/")
            rest = slash + rest
        api, rest = self._api(rest, headers.get("Host", "").partition(":")[0].lower())
        live = self._apis.get(api)
        if live is None or rest.rstrip("/") + "/" not in (live.path, DEFAULT_PATH):
            raise Problem(404, self._nothing_served(path), code=NO_OPERATION)
        return world, api

    def _api(self, path: str, host: str) -> tuple[str, str]:
        name, _, rest = path[1:].partition("/")
        if name in self._apis:
            return name, f"/{rest}"
        if host in self._hosts:
            return self._hosts[host], path
        return (next(iter(self._apis)) if len(self._apis) == 1 else ""), path

    def _nothing_served(self, path: str) -> str:
        served = ", ".join(f"/{name}{live.path}" for name, live in self._apis.items())
        return f"No live channel is at {path[:200]}; Socket.IO clients are served at {served}."
