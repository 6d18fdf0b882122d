"""The members of WireMock's serve events and logged requests, beside those of a journal entry."""

from __future__ import annotations

from base64 import b64encode
from collections.abc import Mapping
from http.cookies import CookieError, SimpleCookie
from typing import Any
from urllib.parse import quote, urlencode, urlsplit

from mockserver.control.exchange_view import show
from mockserver.control.scope import ControlScope
from mockserver.json_text import Json, Malformed, encode, read_json
from mockserver.messages import Exchange


def entry_of(exchange: Exchange, scope: ControlScope) -> dict[str, Json]:
    """The journal entry as JSON with WireMock's members, secrets masked."""
    return serve_event(exchange, show(exchange, scope.services.get(exchange.api)))


def logged_entry_of(exchange: Exchange, scope: ControlScope) -> dict[str, Json]:
    """The same with the members of the request beside those of the entry, as WireMock lists logged requests."""
    shown = show(exchange, scope.services.get(exchange.api))
    return {**serve_event(exchange, shown), **logged_request(exchange, shown)}


def serve_event(exchange: Exchange, shown: Mapping[str, Json]) -> dict[str, Json]:
    """The entry with WireMock's members. `shown` is the entry with its secrets masked; nothing else is shown."""
    took = round(exchange.took * 1000)
    response = shown["response"]
    return {
        **shown,
        "request": {**shown["request"], **logged_request(exchange, shown)},
        "response": {**response, **_body(response, exchange.content)},
        "responseDefinition": {"status": exchange.status, "fromConfiguredStub": bool(exchange.operation)},
        "wasMatched": bool(exchange.operation),
        "timing": {"addedDelay": 0, "processTime": took, "responseSendTime": 0, "serveTime": took, "totalTime": took},
        "subEvents": [],
    }


def logged_request(exchange: Exchange, shown: Mapping[str, Json]) -> dict[str, Json]:
    """The request in WireMock's words: `url` is the path with the query as the client wrote them, without the world."""
    request, masked = exchange.request, shown["request"]
    asked = quote(_without_world(request.asked or request.path), safe="/!$&'()*+,;=:@~")
    query = _query(request.query, masked["query"])
    url = f"{asked}?{query}" if query else asked
    site = urlsplit(request.origin or f"http://{request.headers.get('Host') or 'localhost'}")
    return {
        "url": url,
        "absoluteUrl": f"{site.scheme}://{site.netloc}{site.path}{url}",
        "method": request.method,
        "clientIp": request.address,
        "scheme": site.scheme,
        "host": site.hostname or "",
        "protocol": "HTTP/1.1",
        "headers": masked["headers"],
        "cookies": _cookies(masked["headers"]),
        "queryParams": {name: {"key": name, "values": values} for name, values in masked["query"].items()},
        "browserProxyRequest": False,
        "loggedDate": round(exchange.at * 1000),
        "loggedDateString": shown["at"],
        **_body(masked, request.body),
    }


def _without_world(path: str) -> str:
    return "/" + path[2:].partition("/")[2] if path.startswith("/~") else path


def _query(raw: str, masked: Mapping[str, list[str]]) -> str:
    hidden = any("***" in value for values in masked.values() for value in values)
    return urlencode(masked, doseq=True, safe="*") if hidden else raw


def _body(shown: Mapping[str, Json], content: bytes) -> dict[str, Json]:
    """The body as text (empty for other bytes), as JSON where it is, and in Base64."""
    value, encoding = shown["body"], shown["bodyEncoding"]
    known: Any = b""
    if encoding == "base64":
        return {"body": "", "json": None, "bodyAsBase64": value}
    if encoding == "text":
        known = value.encode()
    elif encoding == "json":
        known = content if _is_bare(value, content) else encode(value) or b"null"
    return {
        "body": known.decode(),
        "json": value if encoding == "json" else None,
        "bodyAsBase64": b64encode(known).decode(),
    }


def _is_bare(shown: Json, content: bytes) -> bool:
    """Whether nothing was masked in the JSON body, so that its very bytes may be shown."""
    try:
        return bool(read_json(content) == shown)
    except Malformed:
        return False


def _cookies(headers: Mapping[str, str]) -> dict[str, str]:
    sent = next((value for name, value in headers.items() if name.lower() == "cookie"), "")
    try:
        return {name: morsel.value for name, morsel in SimpleCookie(sent).items()}
    except CookieError:
        return {}
