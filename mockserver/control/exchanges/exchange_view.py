"""Serializes an exchange for the control API."""

from __future__ import annotations

from base64 import b64encode
from collections.abc import Mapping
from datetime import UTC, datetime
from urllib.parse import parse_qsl

from mockserver.engine.redaction.exchanges import redacted
from mockserver.engine.service import Service
from mockserver.json_text import Json, Malformed, read_json
from mockserver.messages import Exchange, Headers
from mockserver.problem import Violation


def show(exchange: Exchange, service: Service | None) -> Json:
    """The journal entry as JSON, with secrets masked."""
    return show_masked(redacted(exchange, service))


def show_masked(exchange: Exchange) -> Json:
    """The journal entry of an exchange whose secrets were masked before."""
    request = exchange.request
    body, encoding = show_body(request.body)
    answer, answer_encoding = show_body(exchange.content)
    return {
        "id": exchange.id,
        "at": timestamp(exchange.at),
        "world": exchange.world,
        "api": exchange.api or None,
        "operation": exchange.operation or None,
        "request": {
            "method": request.method,
            "path": request.path,
            "query": query(exchange),
            "headers": dict(request.headers.items()),
            "body": body,
            "bodyEncoding": encoding,
        },
        "response": {
            "status": exchange.status,
            "headers": _joined(exchange.headers),
            "body": answer,
            "bodyEncoding": answer_encoding,
            "fault": exchange.fault or None,
        },
        "violations": [show_violation(seen) for seen in exchange.violations],
        "broken": [show_violation(seen) for seen in exchange.broken],
        "assumptions": [*exchange.assumptions],
        "answeredBy": exchange.answered_by,
        "tookMs": round(exchange.took * 1000, 3),
    }


def show_violation(violation: Violation) -> Json:
    """The violation as in journal entries and problems."""
    return {
        "place": violation.place,
        "pointer": violation.pointer,
        "keyword": violation.keyword,
        "message": violation.message,
        "seen": violation.seen,
    }


def query(exchange: Exchange) -> dict[str, list[str]]:
    """The query parameters, each with all its values in order."""
    found: dict[str, list[str]] = {}
    for name, value in parse_qsl(exchange.request.query, keep_blank_values=True):
        found.setdefault(name, []).append(value)
    return found


def timestamp(at: float) -> str:
    """ISO 8601 in UTC with milliseconds: `2026-03-20T09:12:44.071Z`."""
    return datetime.fromtimestamp(at, UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def _joined(headers: Headers) -> Mapping[str, str]:
    joined: dict[str, str] = {}
    for name, value in headers:
        joined[name] = f"{joined[name]}, {value}" if name in joined else value
    return joined


def show_body(content: bytes) -> tuple[Json, str | None]:
    """The masked body and its representation: its JSON value, else text, else Base64."""
    if not content:
        return None, None
    try:
        return read_json(content), "json"
    except Malformed:
        pass
    try:
        return content.decode(), "text"
    except UnicodeDecodeError:
        return b64encode(content).decode(), "base64"
