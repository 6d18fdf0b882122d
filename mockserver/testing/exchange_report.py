"""Reports the exchanges of a world to the reader of a failed test."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from typing import Final
from urllib.parse import urlencode

from mockserver.control.exchanges.exchange_view import show
from mockserver.engine.service import Service
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
    answered = response["status"] or f"no answer ({response['fault']})"
    yield (
        f"{exchange.id}. {request['method']} {request['path']}{query} -> {answered} in {shown['tookMs']:.1f} ms"
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
