"""Patches the transports of HTTP clients: httpx, urllib3 (with requests), aiohttp, and `http.client` (with urllib).

Each is patched when it is imported, now or later; one that is never imported costs nothing.
"""

from __future__ import annotations

import http.client
import socket
import sys
from collections.abc import AsyncIterator, Callable, Iterator, Mapping, Sequence
from functools import cache
from importlib.abc import Loader, MetaPathFinder
from importlib.machinery import ModuleSpec, PathFinder
from types import ModuleType
from typing import Any, Protocol
from urllib.parse import urlsplit


class Routed(Protocol):
    """Where a request goes instead of its own address."""

    @property
    def host(self) -> str: ...
    @property
    def port(self) -> int: ...
    @property
    def path(self) -> str: ...
    @property
    def headers(self) -> Mapping[str, str]: ...


Route = Callable[[str, str, int | None, str], Routed | None]
"""(scheme, host, port, path with query) -> where the request goes instead; None: where it is for."""

Patch = Callable[["ClientPatches", ModuleType], None]


class ClientPatches:
    """Patches that are applied and undone together."""

    def __init__(self, route: Route) -> None:
        self.route = route
        self._undo: list[tuple[Any, str, Any]] = []
        self._finder = _Finder(self._patch)

    def apply(self) -> None:
        """Patches what is imported, and watches for what will be."""
        _patch_http_client(self, http.client)
        for name in _PATCHES:
            if name in sys.modules:
                self._patch(sys.modules[name])
        sys.meta_path.insert(0, self._finder)

    def undo(self) -> None:
        """Puts back everything as it was."""
        if self._finder in sys.meta_path:
            sys.meta_path.remove(self._finder)
        while self._undo:
            owner, name, before = self._undo.pop()
            setattr(owner, name, before)

    def replace(self, owner: Any, name: str, make: Callable[[Any], Any]) -> None:
        """Replaces a method by what is made of it."""
        before = owner.__dict__[name]
        self._undo.append((owner, name, before))
        setattr(owner, name, make(before))

    def _patch(self, module: ModuleType) -> None:
        _PATCHES[module.__name__](self, module)


class _Finder(MetaPathFinder):
    """Finds modules as usual, and patches a client once it is imported."""

    def __init__(self, patch: Callable[[ModuleType], None]) -> None:
        self._patch = patch

    def find_spec(
        self, fullname: str, path: Sequence[str] | None, target: ModuleType | None = None
    ) -> ModuleSpec | None:
        if fullname not in _PATCHES:
            return None
        spec = PathFinder.find_spec(fullname, path, target)
        if spec is not None and spec.loader is not None:
            spec.loader = _PatchingLoader(spec.loader, self._patch)
        return spec


class _PatchingLoader(Loader):
    """Loads a module as its own loader does, and patches it."""

    def __init__(self, loader: Loader, patch: Callable[[ModuleType], None]) -> None:
        self._loader = loader
        self._patch = patch

    def __getattr__(self, name: str) -> Any:
        return getattr(self._loader, name)

    def create_module(self, spec: ModuleSpec) -> ModuleType | None:
        return self._loader.create_module(spec)

    def exec_module(self, module: ModuleType) -> None:
        self._loader.exec_module(module)
        self._patch(module)


# urllib3, and requests on top of it


def _patch_urllib3(patches: ClientPatches, module: ModuleType) -> None:
    pool_class = module.HTTPConnectionPool

    def made(urlopen: Any) -> Any:
        def routed(
            self: Any, method: str, url: str, body: Any = None, headers: Any = None, *args: Any, **more: Any
        ) -> Any:
            scheme, host, port, path = self.scheme, self.host, self.port, url
            if "://" in url.partition("?")[0]:
                scheme, host, port, path = _parts(url)
            found = patches.route(scheme, host, port, path)
            if found is None:
                return urlopen(self, method, url, body, headers, *args, **more)
            merged = dict(headers if headers is not None else self.headers)
            if "host" not in {name.lower() for name in merged}:
                merged["Host"] = _netloc(scheme, host, port)
            if len(args) < _ASSERT_SAME_HOST:
                more["assert_same_host"] = False
            pool = pool_class(found.host, found.port, timeout=self.timeout, retries=self.retries)
            return urlopen(pool, method, found.path, body, {**merged, **found.headers}, *args, **more)

        return routed

    patches.replace(pool_class, "urlopen", made)


_ASSERT_SAME_HOST = 3
"""The number of arguments after the headers with which `assert_same_host` is among them."""


def _parts(url: str) -> tuple[str, str, int | None, str]:
    parts = urlsplit(url)
    path = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
    return parts.scheme, parts.hostname or "", parts.port, path


def _netloc(scheme: str, host: str, port: int | None) -> str:
    return host if port in (None, {"http": 80, "https": 443}.get(scheme)) else f"{host}:{port}"


# httpx


def _patch_httpx(patches: ClientPatches, module: ModuleType) -> None:
    def moved(request: Any) -> Any:
        url = request.url
        found = patches.route(url.scheme, url.host, url.port, url.raw_path.decode("ascii"))
        return None if found is None else _moved(request, found)

    def made(handle_request: Any) -> Any:
        def routed(self: Any, request: Any) -> Any:
            inner = moved(request)
            if inner is None or not _is_proxied(self):
                return handle_request(self, inner or request)
            transport = module.HTTPTransport(verify=False)
            response = handle_request(transport, inner)
            response.stream = _closing_streams()[0](response.stream, transport)
            return response

        return routed

    def made_async(handle_async_request: Any) -> Any:
        async def routed(self: Any, request: Any) -> Any:
            inner = moved(request)
            if inner is None or not _is_proxied(self):
                return await handle_async_request(self, inner or request)
            transport = module.AsyncHTTPTransport(verify=False)
            response = await handle_async_request(transport, inner)
            response.stream = _closing_streams()[1](response.stream, transport)
            return response

        return routed

    patches.replace(module.HTTPTransport, "handle_request", made)
    patches.replace(module.AsyncHTTPTransport, "handle_async_request", made_async)


def _moved(request: Any, found: Routed) -> Any:
    """The request of httpx as it is sent to the mock."""
    import httpx

    headers = [*request.headers.raw, *((name.encode(), value.encode()) for name, value in found.headers.items())]
    address = httpx.URL(scheme="http", host=found.host, port=found.port, raw_path=found.path.encode("ascii"))
    return httpx.Request(request.method, address, headers=headers, stream=request.stream, extensions=request.extensions)


@cache
def _closing_streams() -> tuple[Any, Any]:
    """Bodies of responses of httpx, for synchronous and asynchronous clients, which close their transport when they are
    closed.
    """
    import httpx

    class Closing(httpx.SyncByteStream):
        def __init__(self, stream: Any, transport: Any) -> None:
            self._stream, self._transport = stream, transport

        def __iter__(self) -> Iterator[bytes]:
            yield from self._stream

        def close(self) -> None:
            self._stream.close()
            self._transport.close()

    class AsyncClosing(httpx.AsyncByteStream):
        def __init__(self, stream: Any, transport: Any) -> None:
            self._stream, self._transport = stream, transport

        async def __aiter__(self) -> AsyncIterator[bytes]:
            async for part in self._stream:
                yield part

        async def aclose(self) -> None:
            await self._stream.aclose()
            await self._transport.aclose()

    return Closing, AsyncClosing


def _is_proxied(transport: Any) -> bool:
    """Whether an httpx transport sends everything to a proxy, which is of no use for a mock of this process."""
    return type(getattr(transport, "_pool", None)).__name__ not in ("ConnectionPool", "AsyncConnectionPool")


# aiohttp


class _RoutedRequest:
    """A request of aiohttp as its connector sees it: for the mock, in plain HTTP, so that its connections are kept
    apart from those to the real host.
    """

    def __init__(self, request: Any, url: Any, key: Any) -> None:
        self._request = request
        self.url = url
        self.connection_key = key
        self.host, self.port = url.host, url.port
        self.proxy = self.proxy_auth = self.proxy_headers = self.server_hostname = None
        self.ssl = False

    def __getattr__(self, name: str) -> Any:
        return getattr(self._request, name)

    def is_ssl(self) -> bool:
        return False


def _patch_aiohttp(patches: ClientPatches, module: ModuleType) -> None:
    def made(connect: Any) -> Any:
        async def routed(self: Any, req: Any, traces: Any, timeout: Any) -> Any:  # noqa: ASYNC109 - aiohttp's own
            from yarl import URL

            url = req.url
            found = patches.route(url.scheme, url.raw_host or "", url.port, url.raw_path_qs)
            if found is None or not isinstance(self, module.TCPConnector):
                return await connect(self, req, traces, timeout)
            req.headers.update(found.headers)
            req.proxy = None
            if found.path != url.raw_path_qs:
                req.url = URL(f"{url.scheme}://{url.raw_authority}{found.path}", encoded=True)
            address = URL.build(scheme="http", host=found.host, port=found.port)
            plain = {"is_ssl": False, "ssl": True, "proxy": None, "proxy_auth": None, "proxy_headers_hash": None}
            known = {name: value for name, value in plain.items() if name in req.connection_key._fields}
            key = req.connection_key._replace(host=found.host, port=found.port, **known)
            return await connect(self, _RoutedRequest(req, address, key), traces, timeout)

        return routed

    patches.replace(module.BaseConnector, "connect", made)


# http.client, and urllib on top of it


def _patch_http_client(patches: ClientPatches, module: ModuleType) -> None:
    secure = module.HTTPSConnection

    def found_for(connection: Any, path: str) -> Routed | None:
        if type(connection).__module__.startswith("urllib3"):
            return None
        scheme = "https" if isinstance(connection, secure) else "http"
        if "://" in path.partition("?")[0]:
            return patches.route(*_parts(path))
        tunnel = getattr(connection, "_tunnel_host", None)
        host, port = (tunnel or connection.host, getattr(connection, "_tunnel_port" if tunnel else "port", None))
        return patches.route(scheme, host, port, path)

    def made_connect(connect: Any) -> Any:
        def routed(self: Any) -> None:
            found = getattr(self, "_mock_target", None)
            if found is None:
                connect(self)
                return
            self.sock = socket.create_connection((found.host, found.port), self.timeout)

        return routed

    def made_putrequest(putrequest: Any) -> Any:
        def routed(self: Any, method: str, url: str, *args: Any, **more: Any) -> None:
            found = found_for(self, url)
            known = getattr(self, "_mock_target", None)
            if self.sock is not None and (known and known[:2]) != (found and (found.host, found.port)):
                self.close()
            self._mock_target = found
            putrequest(self, method, url if found is None else found.path, *args, **more)
            for name, value in {} if found is None else found.headers.items():
                self.putheader(name, value)

        return routed

    patches.replace(module.HTTPConnection, "putrequest", made_putrequest)
    patches.replace(module.HTTPConnection, "connect", made_connect)
    patches.replace(secure, "connect", made_connect)


_PATCHES: Mapping[str, Patch] = {
    "urllib3.connectionpool": _patch_urllib3,
    "httpx._transports.default": _patch_httpx,
    "aiohttp.connector": _patch_aiohttp,
}
