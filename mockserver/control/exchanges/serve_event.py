"""Shows an exchange as WireMock shows serve events and logged requests, with the members of a journal entry beside."""

from __future__ import annotations

from base64 import b64encode
from collections.abc import Mapping
from http.cookies import CookieError, SimpleCookie
from urllib.parse import quote, urlsplit

from mockserver.control.exchanges.exchange_view import show_masked, timestamp
from mockserver.control.scope import ControlScope
from mockserver.engine.redaction.exchanges import redacted
from mockserver.json_text import Json
from mockserver.messages import Exchange, Request


def entry_of(exchange: Exchange, scope: ControlScope) -> dict[str, Json]:
    """The journal entry as JSON with WireMock's members, secrets masked."""
    masked = redacted(exchange, scope.services.get(exchange.api))
    return _serve_event(masked, show_masked(masked))


def summary_of(exchange: Exchange, scope: ControlScope) -> Json:
    """The journal entry without headers and bodies, secrets masked: also those that only a body tells of."""
    masked = redacted(exchange, scope.services.get(exchange.api))
    return {
        "id": masked.id,
        "at": timestamp(masked.at),
        "world": masked.world,
        "api": masked.api or None,
        "operation": masked.operation or None,
        "method": masked.request.method,
        "url": url_of(masked.request),
        "status": masked.status,
        "fault": masked.fault or None,
        "violations": len(masked.violations),
        "broken": len(masked.broken),
        "assumptions": [*masked.assumptions],
        "answeredBy": masked.answered_by,
        "tookMs": round(masked.took * 1000, 3),
    }


def logged_entry_of(exchange: Exchange, scope: ControlScope) -> dict[str, Json]:
    """The same with the members of the request beside those of the entry, as WireMock lists logged requests."""
    masked = redacted(exchange, scope.services.get(exchange.api))
    shown = show_masked(masked)
    return {**_serve_event(masked, shown), **logged_request(masked, shown)}


def _serve_event(masked: Exchange, shown: Mapping[str, Json]) -> dict[str, Json]:
    took = round(masked.took * 1000)
    response = shown["response"]
    return {
        **shown,
        "request": {**shown["request"], **logged_request(masked, shown)},
        "response": {**response, **_body(response, masked.content)},
        "responseDefinition": {"status": masked.status, "fromConfiguredStub": bool(masked.operation)},
        "wasMatched": bool(masked.operation),
        "timing": {"addedDelay": 0, "processTime": took, "responseSendTime": 0, "serveTime": took, "totalTime": took},
        "subEvents": [],
    }


def logged_request(masked: Exchange, shown: Mapping[str, Json]) -> dict[str, Json]:
    """The request in WireMock's words: `url` is the path with the query as the client wrote them, without the world.
    `shown` is the entry of the exchange, whose secrets were masked.
    """
    request, entry = masked.request, shown["request"]
    url = url_of(request)
    site = urlsplit(request.origin or f"http://{request.headers.get('Host') or 'localhost'}")
    return {
        "url": url,
        "absoluteUrl": f"{site.scheme}://{site.netloc}{site.path}{_world_of(request)}{url}",
        "method": request.method,
        "clientIp": request.address,
        "scheme": site.scheme,
        "host": site.hostname or "",
        "protocol": "HTTP/1.1",
        "headers": entry["headers"],
        "cookies": _cookies(entry["headers"]),
        "queryParams": {name: {"key": name, "values": values} for name, values in entry["query"].items()},
        "browserProxyRequest": False,
        "loggedDate": round(masked.at * 1000),
        "loggedDateString": shown["at"],
        **_body(entry, request.body),
    }


def _world_of(request: Request) -> str:
    """The part of the address that chose the world: `/~staging`, or nothing."""
    return f"/~{request.asked[2:].partition('/')[0]}" if request.asked.startswith("/~") else ""


def url_of(request: Request) -> str:
    """The path and query that the client asked for, without the world."""
    asked = request.asked or request.path
    path = quote("/" + asked[2:].partition("/")[2] if asked.startswith("/~") else asked, safe="/!$&'()*+,;=:@~")
    return f"{path}?{request.query}" if request.query else path


def _body(shown: Mapping[str, Json], content: bytes) -> dict[str, Json]:
    """The body as text (empty for other bytes), as JSON where it is, and in Base64."""
    encoding = shown["bodyEncoding"]
    return {
        "body": "" if encoding == "base64" else content.decode(),
        "json": shown["body"] if encoding == "json" else None,
        "bodyAsBase64": b64encode(content).decode(),
    }


def _cookies(headers: Mapping[str, str]) -> dict[str, str]:
    sent = next((value for name, value in headers.items() if name.lower() == "cookie"), "")
    try:
        return {name: morsel.value for name, morsel in SimpleCookie(sent).items()}
    except CookieError:
        return {}
