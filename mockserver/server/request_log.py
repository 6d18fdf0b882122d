"""Writes a line for each request to a terminal, in a thread of its own."""

from __future__ import annotations

import json
import sys
import threading
import time
from collections import deque
from collections.abc import Mapping
from typing import Final, TextIO

from mockserver.control.exchanges.exchange_view import show_violation, timestamp
from mockserver.engine.call import FAULT, STUB
from mockserver.engine.redaction.exchanges import redacted
from mockserver.engine.redaction.printable import printable
from mockserver.engine.service import Service
from mockserver.json_text import Json
from mockserver.messages import Exchange

TEXT, JSON, OFF, AUTO = "text", "json", "off", "auto"
MOST_WAITING: Final = 10_000
"""Lines that wait to be written; those beyond are left out, and the next line says how many."""

_INTERVAL: Final = 0.1
"""Seconds between two looks at what waits."""


class RequestLog:
    """A log of requests, secrets masked. `put` takes an exchange and returns at once; a thread that `start` begins
    writes its line.
    """

    def __init__(self, services: Mapping[str, Service], *, as_json: bool, out: TextIO | None = None) -> None:
        self._services = services
        self._line = json_line if as_json else text_line
        self._out = out
        self._waiting: deque[Exchange] = deque()
        self._left_out = 0

    def put(self, exchange: Exchange) -> None:
        """Has the line of this exchange written soon."""
        if len(self._waiting) < MOST_WAITING:
            self._waiting.append(exchange)
        else:
            self._left_out += 1

    def start(self) -> None:
        """Begins to write, in this process."""
        threading.Thread(target=self._run, name="request-log", daemon=True).start()

    def _run(self) -> None:
        while True:
            time.sleep(_INTERVAL)
            try:
                self.write()
            except (OSError, ValueError):  # nobody reads any longer
                return

    def write(self) -> None:
        """Writes what waits."""
        out, waiting = self._out or sys.stderr, self._waiting
        while waiting:
            lines = [self._told(waiting.popleft()) for _ in range(min(len(waiting), 100))]
            out.write("".join(f"{line}\n" for line in lines))
        left_out, self._left_out = self._left_out, 0
        if left_out:
            out.write(f"… {left_out} requests came too fast to be shown; the journal has the latest\n")
        out.flush()

    def _told(self, exchange: Exchange) -> str:
        service = self._services.get(exchange.api)
        if not (exchange.violations or exchange.broken):
            # The line shows no bodies, and without a violation none is needed to mask one.
            exchange = exchange._replace(content=b"", request=exchange.request._replace(body=b""))
        return self._line(redacted(exchange, service))


def text_line(exchange: Exchange) -> str:
    """`09:12:44 GET /pets?limit=2 200 1.3 ms handler`: time, request, status, time taken, what answered; then what was
    wrong with the request, and with the answer.
    """
    wrong = [f"  request: {violation}" for violation in exchange.violations]
    broken = [f"  answer: {violation}" for violation in exchange.broken]
    at = timestamp(exchange.at)[11:19]
    told = (
        f"{at} {exchange.request.method} {_target(exchange)} {exchange.status or 'unanswered'} {_took(exchange):.1f} ms"
    )
    return printable(f"{told} {exchange.answered_by}{_asked_for(exchange)}{''.join((*wrong, *broken))}")


def _asked_for(exchange: Exchange) -> str:
    """What a test or the command line asked for: ` (status 503)`; empty where nothing was."""
    marks = (f"{exchange.api}.{FAULT}=", f"{exchange.api}.{STUB}=")
    told = [text.partition("=")[2] for text in exchange.assumptions if text.startswith(marks)]
    return f" ({', '.join(told)})" if told else ""


def json_line(exchange: Exchange) -> str:
    """The same as one JSON object."""
    told: Json = {
        "at": timestamp(exchange.at),
        "method": exchange.request.method,
        "path": _target(exchange),
        "status": exchange.status,
        "ms": round(_took(exchange), 3),
        "answeredBy": exchange.answered_by,
        "world": exchange.world,
        "api": exchange.api or None,
        "operation": exchange.operation or None,
        "violations": [show_violation(violation) for violation in exchange.violations],
        "broken": [show_violation(violation) for violation in exchange.broken],
        "assumptions": [*exchange.assumptions],
    }
    return json.dumps(told, ensure_ascii=True)


def _target(exchange: Exchange) -> str:
    request = exchange.request
    return (request.asked or request.root + request.path) + (f"?{request.query}" if request.query else "")


def _took(exchange: Exchange) -> float:
    """Milliseconds until the answer was sent, the delay that was asked for included."""
    delay = exchange.delivery.delay if exchange.delivery is not None else 0.0
    return (exchange.took + delay) * 1000
