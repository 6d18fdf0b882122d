"""An exchange that Schemathesis recorded, as the journal would keep it."""

from __future__ import annotations

from typing import Any
from urllib.parse import quote, unquote, urlsplit

from mockserver.messages import Exchange, Request
from mockserver.openapi.model.operation import Operation
from mockserver.problem import Violation


def exchange_of(recorded: Any, operation: Operation | None, broken: tuple[Violation, ...]) -> Exchange:
    """The exchange as the journal would keep it, so that it can be redacted in the same way."""
    sent, response = recorded.request, recorded.response
    parts = urlsplit(str(sent.uri))
    path, headers = unquote(parts.path), sent_headers(sent)
    request = Request(sent.method, path, parts.query, headers, sent.body or b"", "", asked=path)
    name = "" if operation is None else operation.id
    given = response.headers.items() if response is not None else ()
    answered = tuple((name, str(value)) for name, values in given for value in values)
    status = response.status_code if response is not None else 0
    content = (response.content if response is not None else b"") or b""
    return Exchange(0, 0, "", "", name, request, status, answered, content, (), broken, (), "", 0, 0)


def sent_headers(request: Any) -> dict[str, str]:
    """The headers of a recorded request, each with its first value, which may have been given as bytes."""
    return {name: _header_text(values[0]) for name, values in request.headers.items() if values}


def _header_text(value: Any) -> str:
    return value.decode("latin-1") if isinstance(value, bytes) else str(value)


def content_type_of(response: Any) -> str:
    """The media type of an answer, with its parameters; empty if it has none."""
    return str(next(iter(response.headers.get("content-type", ())), "")).strip()


def media_type_of(response: Any) -> str:
    """The media type of an answer, without parameters; empty if it has none."""
    return content_type_of(response).partition(";")[0].strip().lower()


def address_of(shown: Request, uri: str) -> str:
    """The address of a request without its secrets."""
    parts = urlsplit(uri)
    path = parts.path if unquote(parts.path) == shown.path else quote(shown.path, safe="/*:@")
    query = f"?{shown.query}" if shown.query else ""
    return without_user(f"{parts.scheme}://{parts.netloc}{path}{query}")


def without_user(address: str) -> str:
    """The address without user and password."""
    scheme, mark, rest = address.partition("://")
    host, slash, path = rest.partition("/")
    return f"{scheme}{mark}{host.rpartition('@')[2]}{slash}{path}"
