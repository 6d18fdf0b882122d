"""Selects the world and the API of each request, and answers requests to neither with a problem instead of a
framework's HTML page.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from http import HTTPStatus
from typing import Any

from mockserver import loopback
from mockserver.engine.call import STUB
from mockserver.engine.interventions.intervene import stubbed_elsewhere
from mockserver.engine.pipeline import Service
from mockserver.engine.steps.match import Match
from mockserver.json_text import encode
from mockserver.messages import Exchange, Request, Response, make
from mockserver.openapi.model.operation import Operation
from mockserver.problem import NO_OPERATION, PROBLEM_JSON, Problem
from mockserver.state.world import DEFAULT_WORLD, World, Worlds
from mockserver.state.world_bindings import world_in_baggage
from mockserver.web.delivered import deliver
from mockserver.web.forwarded import ANY, FORWARDING, LOCAL, host_of, is_local, origin_of
from mockserver.web.request import Environ, EnvironHeaders, request_of

StartResponse = Callable[[str, list[tuple[str, str]]], Any]
WsgiApp = Callable[[Environ, StartResponse], Iterable[bytes]]

CONTROL = "__admin"
STATUS_LINES = {status.value: f"{status.value} {status.phrase}" for status in HTTPStatus}


class Door:
    """The WSGI application: dispatches each path to its API, and `/__admin` to the control API.

    `/~{world}/...`, the header `Mock-World`, `mock-world` in the header `baggage`, or a credential that was bound to it
    selects the world. `/{api}/...` selects the API, else a `Host` that is a
    server of its document; a single API needs no name. Proxy headers that change the requested address are trusted from
    `local` proxies, from `any`, or never (`off`).
    """

    def __init__(
        self, services: dict[str, Service], worlds: Worlds, control: WsgiApp, *, trust_proxy: str = LOCAL
    ) -> None:
        self.services = services
        self._worlds = worlds
        self._control = control
        self._trusted = trust_proxy
        self._default = worlds[DEFAULT_WORLD]
        self._named_hosts: dict[str, str] = {}
        self._in_worlds: dict[tuple[str, str], Service] = {}
        self._index_services()

    def replace(self, service: Service) -> None:
        """Serves this API from the next request on; the state of the worlds is kept."""
        self.services[service.name] = service
        self._index_services()

    def serve_in(self, world: str, service: Service) -> None:
        """Serves this API in one world in the place of that of its name, such as one under other assumptions."""
        self._in_worlds[world, service.name] = service

    def forget_world(self, world: str) -> None:
        """Serves the same APIs in this world as in all others."""
        self._in_worlds = {key: service for key, service in self._in_worlds.items() if key[0] != world}

    def answer_for(self, host: str, name: str) -> None:
        """Serves the API with this name for requests whose `Host` is this one, whatever its document says."""
        self._named_hosts[host] = name
        self._index_services()

    def _index_services(self) -> None:
        services = self.services.values()
        self._hosts = {host: service for service in services for host in service.spec.hosts - loopback.NAMES}
        self._hosts |= {host: self.services[name] for host, name in self._named_hosts.items()}
        self._only = next(iter(services)) if len(services) == 1 else None
        self._ambiguous = {
            service.name
            for service in services
            if any(
                f"{path}/".startswith(f"/{service.name}/")
                for operation in service.spec.operations
                for path in (operation.path, operation.full_path)
            )
        }

    def __call__(self, environ: Environ, start_response: StartResponse) -> Iterable[bytes]:
        asked: str = environ["PATH_INFO"]
        path, world = asked, self._default
        origin = self._origin(environ) if not environ.keys().isdisjoint(FORWARDING) else ""
        try:
            if path.startswith("/~"):
                name, slash, rest = path[2:].partition("/")
                path, world = slash + rest or "/", self._worlds[name]
            elif "HTTP_MOCK_WORLD" in environ:
                world = self._worlds[environ["HTTP_MOCK_WORLD"]]
            elif "HTTP_BAGGAGE" in environ and (name := world_in_baggage(environ["HTTP_BAGGAGE"])):
                world = self._worlds[name]
            elif self._worlds.bindings is not None and (bound := self._worlds.bindings.world_of(environ)):
                world = self._worlds[bound]
            host = (host_of(origin) if origin else "") or environ.get("HTTP_HOST", "")
            service, path, found = self._service(host, environ["REQUEST_METHOD"], path)
            if service is None:
                if path == "/" + CONTROL or path.startswith(f"/{CONTROL}/"):
                    environ["PATH_INFO"], environ["mockserver.world"] = path, world.name
                    environ["mockserver.request"] = request_of(environ, path, origin=origin)
                    return self._control(environ, start_response)
                exchange = _record_refusal(Problem(404, self._nothing_served(path)), request_of(environ, path), world)
            else:
                if self._in_worlds and (own := self._in_worlds.get((world.name, service.name))) is not None:
                    service, found = own, None
                root = asked[: -len(path)] if asked.endswith(path) else ""
                if not asked.isascii():
                    path, asked = _decoded(path), _decoded(asked)
                exchange = service.serve(request_of(environ, path, root, asked, origin), world, found)
        except Problem as problem:
            body = _respond(problem, start_response)
            return [] if environ["REQUEST_METHOD"] == "HEAD" else body
        content, status = exchange.content, exchange.status
        headers = [*exchange.headers]
        if content or status != 204:
            headers.append(("Content-Length", str(len(content))))
        line = STATUS_LINES.get(status) or f"{status} Unknown"
        if exchange.delivery is not None:
            return deliver(exchange.delivery, line, headers, content, environ, start_response)
        start_response(line, headers)
        return [] if environ["REQUEST_METHOD"] == "HEAD" else [content]

    def _origin(self, environ: Environ) -> str:
        """The requested address according to proxies; empty if they are not trusted."""
        trusted = self._trusted == ANY or (self._trusted == LOCAL and is_local(environ.get("REMOTE_ADDR", "")))
        return origin_of(EnvironHeaders(environ)) if trusted else ""

    def _service(self, host: str, method: str, path: str) -> tuple[Service | None, str, Match[Operation] | None]:
        """The API of this path, the path below it, and the operation found there, if it was looked for."""
        name, _, rest = path[1:].partition("/")
        service = self.services.get(name)
        if service is not None:
            if name not in self._ambiguous:
                return service, "/" + rest, None
            return self._resolve_prefix(service, method, path, "/" + rest)
        if name == CONTROL:
            return None, path, None
        service = self._hosts.get(host.partition(":")[0].lower())
        if service is not None:
            return service, path, None
        only = self._only
        if only is None:
            return None, path, None
        base = only.spec.base_path
        if path.startswith(base + "/"):
            return only, path, None
        found = only.seek(method, _decoded(path))
        return only, path if found is not None else base + path, found

    def _resolve_prefix(
        self, service: Service, method: str, path: str, below: str
    ) -> tuple[Service, str, Match[Operation] | None]:
        """Resolves a path whose first segment is both the API's name and the start of a documented path: the name is
        removed if the rest is a documented path, and kept if the whole is one.
        """
        base = service.spec.base_path
        candidates = (below, base + below, path, base + path) if service is self._only else (below, path)
        for candidate in candidates:
            found = service.seek(method, _decoded(candidate))
            if found is not None:
                return service, candidate, found
        return service, below, None

    def _nothing_served(self, path: str) -> str:
        bases = ", ".join(service.address(service.spec.base_path) for service in self.services.values())
        return f"Nothing is served at {path[:200]}; served are {bases} and /{CONTROL}."


def _decoded(path: str) -> str:
    """The path as UTF-8; WSGI passes it as Latin-1."""
    return path if path.isascii() else path.encode("latin-1", "replace").decode("utf-8", "replace")


def _respond(problem: Problem, start_response: StartResponse) -> list[bytes]:
    """Responds with a problem (RFC 9457) that belongs to no API."""
    body = _content(problem)
    start_response(STATUS_LINES[problem.status], [*_PROBLEM, ("Content-Length", str(len(body)))])
    return [body]


def _record_refusal(problem: Problem, request: Request, world: World) -> Exchange:
    """Records a request that reached no API in the journal; a stub may answer it."""
    with world.lock:
        own = stubbed_elsewhere(request, world.interventions) if world.interventions is not None else None
        answer, delivery = own or (Response(problem.status, _content(problem), _PROBLEM), None)
        content = encode(answer.body)
        number, at = world.journal.next_id(), world.clock.now()
        went = (
            answer.status,
            answer.headers,
            content,
            (),
            (),
            (),
            NO_OPERATION if own is None else STUB,
            0.0,
            len(content) + len(request.body) + 2_000,
            delivery,
        )
        exchange = make(Exchange, (number, at, world.name, "", "", request, *went))
        world.journal.append(exchange)
    return exchange


def _content(problem: Problem) -> bytes:
    return encode(problem.members())


_PROBLEM = (("Content-Type", PROBLEM_JSON),)
