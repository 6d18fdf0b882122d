"""Selects the world and the API of each request, and answers requests to neither with a problem instead of a
framework's HTML page.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from functools import partial
from http import HTTPStatus
from typing import Any, NamedTuple

from mockserver import loopback
from mockserver.control.metrics.request_counts import RequestCounts
from mockserver.control.routes.mcp_routes import tells_errors_itself
from mockserver.control.routes.page_routes import needs_no_world
from mockserver.engine.call import STUB
from mockserver.engine.interventions.intervene import stubbed_elsewhere
from mockserver.engine.service import Service
from mockserver.engine.steps.match import ENCODED_SLASH, Match, with_slashes
from mockserver.json_text import encode
from mockserver.messages import Exchange, Headers, Request, Response, make
from mockserver.openapi.model.operation import Operation
from mockserver.problem import NO_OPERATION, PROBLEM_JSON, Problem, Unusable
from mockserver.state.journal import cost_of
from mockserver.state.world import DEFAULT_WORLD, World
from mockserver.state.world_bindings import world_in_baggage
from mockserver.state.worlds import Worlds
from mockserver.web.browser_visit import asks_for_page
from mockserver.web.delivered import deliver
from mockserver.web.forwarded import ANY, FORWARDING, LOCAL, host_of, is_local, origin_of
from mockserver.web.header_fields import Environ, HeaderFields
from mockserver.web.request import Received, received_of, uncoded

StartResponse = Callable[[str, list[tuple[str, str]]], Any]
WsgiApp = Callable[[Environ, StartResponse], Iterable[bytes]]

CONTROL = "__admin"
STATUS_LINES = {status.value: f"{status.value} {status.phrase}" for status in HTTPStatus}


class LocatedRequest(NamedTuple):
    """Where a request leads: to an operation of a service that may have been `found` already, to the control API, or
    nowhere, as `missed` says. The body of one that `is_coded` has content codings.
    """

    request: Request
    world: World
    service: Service | None
    found: Match[Operation] | None
    missed: str = ""
    is_coded: bool = False

    @property
    def is_control(self) -> bool:
        """Whether the control API answers."""
        return self.service is None and not self.missed


class Door:
    """The WSGI application: dispatches each path to its API, and `/__admin` to the control API.

    `/~{world}/...`, the header `Mock-World`, `mock-world` in the header `baggage`, or a credential that was bound to it
    selects the world. `/{api}/...` selects the API, else a `Host` that is a
    server of its document; a single API needs no name. Proxy headers that change the requested address are trusted from
    `local` proxies, from `any`, or never (`off`). A server counts its `requests`.
    """

    sends_to_page = True
    """Whether a browser that asks for `/` is sent to the page, unless an API or a stub answers there."""

    def __init__(
        self, services: dict[str, Service], worlds: Worlds, control: WsgiApp, *, trust_proxy: str = LOCAL
    ) -> None:
        self.services = services
        self._worlds = worlds
        self._control = control
        self.requests = RequestCounts()
        self._trusted = trust_proxy
        self._default = worlds[DEFAULT_WORLD]
        self._named_hosts: dict[str, str] = {}
        self._in_worlds: dict[tuple[str, str], Service] = {}
        self.load_variant: Callable[[str, Mapping[str, str]], Service] | None = None
        self._index_services()

    def replace(self, service: Service) -> None:
        """Serves this API from the next request on; the state of the worlds is kept."""
        self.services[service.name] = service
        self._in_worlds = {key: own for key, own in self._in_worlds.items() if key[1] != service.name}
        self._index_services()

    def serve_in(self, world: str, service: Service) -> None:
        """Serves this API in one world in the place of that of its name, such as one under other assumptions."""
        self._in_worlds = {**self._in_worlds, (world, service.name): service}

    def assume_in(self, world: str, api: str, assumed: Mapping[str, str]) -> Service:
        """Serves the API in this world under these options of assumptions beside those that hold there. Raises Unusable
        where it cannot be loaded again.
        """
        if self.load_variant is None:
            raise Unusable("several processes serve these worlds, and each would answer otherwise; restart them all")
        service = self.load_variant(api, {**self._services_in(world)[api].choices, **assumed})
        self.serve_in(world, service)
        return service

    def fork_world(self, world: str, fork: str) -> None:
        """Serves the same APIs in the fork as in the world."""
        for (where, _), service in self._in_worlds.items():
            if where == world:
                self.serve_in(fork, service)

    def forget_world(self, world: str) -> None:
        """Serves the same APIs in this world as in all others."""
        self._in_worlds = {key: service for key, service in self._in_worlds.items() if key[0] != world}

    def _services_in(self, world: str) -> dict[str, Service]:
        """The APIs by name, as this world has them."""
        own = {name: service for (where, name), service in self._in_worlds.items() if where == world}
        return {**self.services, **own}

    def answer_for(self, host: str, name: str) -> None:
        """Serves the API with this name for requests whose `Host` is this one, whatever its document says."""
        self._named_hosts[host] = name
        self._index_services()

    def _index_services(self) -> None:
        services = self.services.values()
        self._hosts = {host: service for service in services for host in service.spec.hosts - loopback.NAMES}
        self._hosts |= {host: self.services[name] for host, name in self._named_hosts.items()}
        self._only = next(iter(services)) if len(services) == 1 else None
        self._only_base = self._only.spec.base_path if self._only is not None else ""
        self._ambiguous = {
            service.name
            for service in services
            if any(
                f"{path}/".startswith(f"/{service.name}/")
                for operation in service.spec.operations
                for path in (operation.path, operation.full_path)
            )
        }

    def locate(self, received: Received) -> LocatedRequest:
        """Where the request leads. Raises Problem for an address that leads nowhere."""
        method, asked, query, headers, body, unread, address = received
        path, world, by_name = asked, self._default, headers.by_name
        origin = "" if by_name.keys().isdisjoint(FORWARDING) else self._origin(headers, address)
        if path.startswith("/~"):
            name, slash, rest = path[2:].partition("/")
            path, world = slash + rest or "/", self._worlds[name]
        elif "mock-world" in by_name:
            world = self._worlds[by_name["mock-world"]]
        elif "baggage" in by_name and (name := world_in_baggage(by_name["baggage"])):
            world = self._worlds[name]
        elif self._worlds.bindings is not None and (bound := self._worlds.bindings.world_of(by_name, query)):
            world = self._worlds[bound]
        host = (host_of(origin) if origin else "") or by_name.get("host", "")
        service, path, found = self._service(host, method, path)
        if self._in_worlds and service is not None:
            own = self._in_worlds.get((world.name, service.name))
            service, found = (own, None) if own is not None else (service, found)
        root = asked[: -len(path)] if service is not None and asked.endswith(path) else ""
        if service is not None and found is None:
            found = service.seek(method, path)
        if not asked.isascii() and ENCODED_SLASH in asked:
            found = with_slashes(found)
            shown = "%2F" if service is not None else "/"  # The control API takes ids with slashes as they are.
            path, asked = path.replace(ENCODED_SLASH, shown), asked.replace(ENCODED_SLASH, shown)
        request = make(Request, (method, path, query, headers, body, address, unread, root, asked, origin))
        if found is None and self.sends_to_page and asks_for_page(request, world) and not self._is_of_api(host):
            return make(LocatedRequest, (request._replace(path="/"), world, None, None, "", False))
        missed = self._nothing_served(path) if service is None and not _is_control(path) else ""
        is_coded = body != b"" and "content-encoding" in by_name
        return make(LocatedRequest, (request, world, service, found, missed, is_coded))

    def respond(self, visit: LocatedRequest) -> Exchange:
        """The exchange of a request that does not lead to the control API, as it now stands in the journal."""
        request, world, service, found, missed, is_coded = visit
        if is_coded:
            request = _uncoded(request)
        if self._is_shared() and not _names_world(request):
            return self._respond_where_bound(visit._replace(request=request))
        if service is None:
            return _record_refusal(Problem(404, missed), request, world)
        return service.serve(request, world, found)

    def _is_shared(self) -> bool:
        return self._worlds.keeper is not None and self._worlds.keeper.is_shared

    def _respond_where_bound(self, visit: LocatedRequest) -> Exchange:
        """The exchange in the world that the request's credential belongs to, which others may have bound just now: who
        finds in the midst of it that it is another world begins again there.
        """
        request, service, found = visit.request, visit.service, visit.found

        def respond(world: World) -> Exchange:
            if self._bound(request) is not world:
                raise _Elsewhere
            if service is None:
                return _record_refusal(Problem(404, visit.missed), request, world)
            return service.serve(request, world, found)

        while True:
            world = self._bound(request)
            try:
                return world.run(partial(respond, world))
            except _Elsewhere:
                continue
            except Problem as problem:
                return self.undone(visit._replace(world=world), problem)

    def undone(self, visit: LocatedRequest, problem: Problem) -> Exchange:
        """The exchange of a request that was not done at all, and is in no journal."""
        request, world, service = visit[:3]
        return _undone(problem, request, world) if service is None else service.undone(problem, request, world)

    def _bound(self, request: Request) -> World:
        """The world of the request's credential, else the default one."""
        bindings, by_name = self._worlds.bindings, getattr(request.headers, "by_name", {})
        bound = None if bindings is None else bindings.world_of(by_name, request.query)
        return self._worlds[bound] if bound else self._default

    def refuse(self, received: Received, problem: Problem) -> Exchange:
        """The exchange of a request that is none of HTTP, as it now stands in the journal of the default world."""
        method, path, query, headers, body, _, address = received
        request = make(Request, (method, path, query, headers, body, address, None, "", path, ""))
        return _record_refusal(problem, request, self._default)

    def is_health(self, visit: LocatedRequest) -> bool:
        """Whether this is the health check of a program. Requests of web pages are checked by the control API."""
        request = visit.request
        return (
            request.path == f"/{CONTROL}/health"
            and request.method == "GET"
            and request.headers.get("Origin") is None
            and request.headers.get("Sec-Fetch-Site") is None
        )

    def control(self, visit: LocatedRequest, environ: Environ, start_response: StartResponse) -> Iterable[bytes]:
        """The answer of the control API, as a WSGI application gives it."""
        request = _uncoded(visit.request)
        keeper = self._worlds.keeper if self._is_shared() else None
        if keeper is not None and not _names_world(request) and not needs_no_world(request):
            try:
                keeper.refresh()
            except Problem as problem:
                if not tells_errors_itself(request):
                    environ["mockserver.problem"] = problem
            else:
                visit = visit._replace(world=self._bound(request))
        environ["PATH_INFO"] = request.path.encode().decode("latin-1")
        environ["mockserver.world"] = visit.world.name
        environ["mockserver.request"] = request
        environ["mockserver.door"] = self
        environ["mockserver.assume"] = partial(self.assume_in, visit.world.name)
        if self._in_worlds:
            environ["mockserver.services"] = self._services_in(visit.world.name)
        return self._control(environ, start_response)

    def __call__(self, environ: Environ, start_response: StartResponse) -> Iterable[bytes]:
        try:
            visit = self.locate(received_of(environ))
        except Problem as problem:
            body = _respond(problem, start_response)
            return [] if environ["REQUEST_METHOD"] == "HEAD" else body
        if visit.is_control:
            return self.control(visit, environ, start_response)
        exchange = self.respond(visit)
        content, status = exchange.content, exchange.status
        headers = [*exchange.headers]
        if content or status != 204:
            headers.append(("Content-Length", str(len(content))))
        line = STATUS_LINES.get(status) or f"{status} Unknown"
        if exchange.delivery is not None:
            return deliver(exchange.delivery, line, headers, content, environ, start_response)
        start_response(line, headers)
        return [] if environ["REQUEST_METHOD"] == "HEAD" else [content]

    def _origin(self, headers: HeaderFields, address: str) -> str:
        """The requested address according to proxies; empty if they are not trusted."""
        trusted = self._trusted == ANY or (self._trusted == LOCAL and is_local(address))
        return origin_of(headers) if trusted else ""

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
        service = self._hosts.get(host.partition(":")[0].lower()) if self._hosts else None
        if service is not None:
            return service, path, None
        only, base = self._only, self._only_base
        if only is None:
            return None, path, None
        if path.startswith(base + "/"):
            return only, path, None
        found = only.seek(method, path)
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
            found = service.seek(method, candidate)
            if found is not None:
                return service, candidate, found
        return service, below, None

    def _is_of_api(self, host: str) -> bool:
        """Whether the host is a server of a document, below which all is that API's."""
        return host.partition(":")[0].lower() in self._hosts

    def _nothing_served(self, path: str) -> str:
        bases = ", ".join(service.address(service.spec.base_path) for service in self.services.values())
        return f"Nothing is served at {path[:200]}; served are {bases} and /{CONTROL}."


class _Elsewhere(Exception):
    """The request belongs to another world."""


def _names_world(request: Request) -> bool:
    """Whether the request says itself which world it is for."""
    headers = request.headers
    if request.asked.startswith("/~") or headers.get("Mock-World") is not None:
        return True
    return bool(world_in_baggage(headers.get("baggage") or ""))


def _uncoded(request: Request) -> Request:
    """The request with its body decoded from content codings."""
    body, unread = uncoded(request.body, request.unread, request.headers)
    return request._replace(body=body, unread=unread)


def _is_control(path: str) -> bool:
    return path == f"/{CONTROL}" or path.startswith(f"/{CONTROL}/")


def _respond(problem: Problem, start_response: StartResponse) -> list[bytes]:
    """Responds with a problem (RFC 9457) that belongs to no API."""
    body = _content(problem)
    headers = [*_headers(problem), ("Content-Length", str(len(body)))]
    start_response(STATUS_LINES[problem.status], headers)
    return [body]


def _record_refusal(problem: Problem, request: Request, world: World) -> Exchange:
    """Records a request that reached no API in the journal; a stub may answer it."""

    def recorded() -> Exchange:
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
            cost_of(request, content),
            delivery,
        )
        exchange = make(Exchange, (number, at, world.name, "", "", request, *went))
        world.journal.append(exchange)
        return exchange

    try:
        return world.run(recorded)
    except Problem as undone:
        return _undone(undone, request, world)


def _undone(problem: Problem, request: Request, world: World) -> Exchange:
    """The exchange of a request that could not be recorded."""
    content = _content(problem)
    went = problem.status, _headers(problem), content, (), (), (), problem.code, 0.0, cost_of(request, content), None
    exchange: Exchange = make(Exchange, (0, world.clock.now(), world.name, "", "", request, *went))
    return exchange


def _headers(problem: Problem) -> Headers:
    return _PROBLEM if problem.retry_after is None else (*_PROBLEM, ("Retry-After", str(problem.retry_after)))


def _content(problem: Problem) -> bytes:
    return encode(problem.members())


_PROBLEM = (("Content-Type", PROBLEM_JSON),)
