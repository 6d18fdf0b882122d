"""Tells the exchanges of a world to who reads a failed test: as text, or as an HTTP archive."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from http import HTTPStatus
from typing import Any, Final
from urllib.parse import urlencode

from mockserver.control.exchange_view import show
from mockserver.engine.pipeline import Service
from mockserver.json_text import Json
from mockserver.messages import Exchange

SHOWN_EXCHANGES: Final = 30
"""The most exchanges that a report shows, the latest; it says how many came before."""

SHOWN_BODY: Final = 300
"""The most characters that a report shows of a body."""

_TEXTUAL: Final = ("json", "text")


def exchange_lines(exchanges: Sequence[Exchange], service: Service) -> str:
    """A line for each exchange, and below it what was wrong with the request, what was sent and answered where there is
    something to say.
    """
    left_out = max(len(exchanges) - SHOWN_EXCHANGES, 0)
    lines = [f"… {left_out} exchanges before these"] if left_out else []
    for exchange in exchanges[left_out:]:
        lines += _lines(exchange, show(exchange, service))
    return "\n".join(lines)


def _lines(exchange: Exchange, shown: Json) -> Iterator[str]:
    request, response = shown["request"], shown["response"]
    query = f"?{urlencode(request['query'], doseq=True, safe='*,:')}" if request["query"] else ""
    operation = f" {exchange.operation}" if exchange.operation else ""
    yield (
        f"{exchange.id}. {request['method']} {request['path']}{query} -> {exchange.status} in {shown['tookMs']:.1f} ms"
        f" by {exchange.answered_by}{operation and ':'}{operation}"
    )
    for violation in shown["violations"]:
        yield f"     request breaks the document: {violation['place']}{violation['pointer']}: {violation['message']}"
    for violation in shown["broken"]:
        yield f"     answer breaks the document: {violation['place']}{violation['pointer']}: {violation['message']}"
    for assumption in shown["assumptions"]:
        yield f"     assumed: {assumption}"
    if request["body"] is not None:
        yield f"     > {_cut(request)}"
    if response["body"] is not None:
        yield f"     < {_cut(response)}"


def _cut(message: Mapping[str, Json]) -> str:
    body, encoding = message["body"], message["bodyEncoding"]
    if encoding not in _TEXTUAL:
        return f"{len(body) * 3 // 4} bytes"
    text = body if encoding == "text" else json.dumps(body, ensure_ascii=False)
    return text if len(text) <= SHOWN_BODY else f"{text[:SHOWN_BODY]}… ({len(text)} characters)"


def archive(exchanges: Iterable[Exchange], service: Service, root: str) -> str:
    """The exchanges as an HTTP archive (HAR 1.2), with credentials masked."""
    entries = [_entry(show(exchange, service), root) for exchange in exchanges]
    log = {"version": "1.2", "creator": {"name": "mockserver", "version": ""}, "entries": entries}
    return json.dumps({"log": log}, ensure_ascii=False, indent=1)


def _entry(shown: Json, root: str) -> Json:
    request, response = shown["request"], shown["response"]
    query = [{"name": name, "value": value} for name, values in request["query"].items() for value in values]
    address = root + (f"/{shown['api']}" if shown["api"] else "") + request["path"]
    asked: dict[str, Any] = {
        "method": request["method"],
        "url": f"{address}?{urlencode(request['query'], doseq=True)}" if query else address,
        "httpVersion": "HTTP/1.1",
        "cookies": [],
        "headers": _pairs(request["headers"]),
        "queryString": query,
        "headersSize": -1,
        "bodySize": len(_text(request)),
    }
    if request["body"] is not None:
        asked["postData"] = {"mimeType": _type(request["headers"]), "text": _text(request)}
    return {
        "startedDateTime": shown["at"],
        "time": shown["tookMs"],
        "request": asked,
        "response": {
            "status": response["status"],
            "statusText": _phrase(response["status"]),
            "httpVersion": "HTTP/1.1",
            "cookies": [],
            "headers": _pairs(response["headers"]),
            "content": {
                "size": len(_text(response)),
                "mimeType": _type(response["headers"]),
                "text": _text(response),
                **({"encoding": "base64"} if response["bodyEncoding"] == "base64" else {}),
            },
            "redirectURL": "",
            "headersSize": -1,
            "bodySize": -1,
        },
        "cache": {},
        "timings": {"send": 0, "wait": shown["tookMs"], "receive": 0},
    }


def _pairs(headers: Mapping[str, str]) -> list[Json]:
    return [{"name": name, "value": value} for name, value in headers.items()]


def _type(headers: Mapping[str, str]) -> str:
    return next((value for name, value in headers.items() if name.lower() == "content-type"), "")


def _text(message: Mapping[str, Json]) -> str:
    body, encoding = message["body"], message["bodyEncoding"]
    if body is None:
        return ""
    return str(body) if encoding in ("text", "base64") else json.dumps(body, ensure_ascii=False)


def _phrase(status: int) -> str:
    return HTTPStatus(status).phrase if status in HTTPStatus._value2member_map_ else ""
