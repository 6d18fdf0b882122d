"""Bounds the answers that Schemathesis reads: their time, their size, and how deep they are nested."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from typing import Any, Final

from requests import RequestException
from urllib3.poolmanager import pool_classes_by_scheme
from urllib3.response import HTTPResponse

from mockserver.contract.replay.answer_heads import BODY_SECONDS, POOLS, CountedHeads
from mockserver.server.http.timed_reader import HEAD_SECONDS

MOST_READ: Final = 8 * 1024 * 1024
"""Bytes of an answer's body, without content codings, that Schemathesis reads; it keeps all those of a phase."""


def bound_answers(seconds: float) -> None:
    """Bounds all answers that this process reads from now on. Neither the head nor the body of one takes longer than
    `seconds`, if these are not 0.
    """
    pool_classes_by_scheme.update(POOLS)
    CountedHeads.head_seconds = min(HEAD_SECONDS, seconds or HEAD_SECONDS)
    CountedHeads.body_seconds = min(BODY_SECONDS, seconds or BODY_SECONDS)
    HTTPResponse.stream = _of_bounded_size(HTTPResponse.stream)  # type: ignore[method-assign, assignment]
    json.loads = _of_bounded_depth(json.loads)


def _of_bounded_size(stream: Callable[..., Iterator[bytes]]) -> Callable[..., Iterator[bytes]]:
    def bounded(response: HTTPResponse, *given: Any, **named: Any) -> Iterator[bytes]:
        size = 0
        for part in stream(response, *given, **named):
            size += len(part)
            if size > MOST_READ:
                response.close()
                raise RequestException(f"The body of an answer has more than {MOST_READ:,} bytes; that much is read")
            yield part

    return bounded


def _of_bounded_depth(loads: Callable[..., Any]) -> Callable[..., Any]:
    """Reads what is nested too deeply for Python as what is no JSON. Schemathesis reads answers of the server with
    `json.loads` in many places, and a RecursionError ends the thread, or the run.
    """

    def bounded(*given: Any, **named: Any) -> Any:
        try:
            return loads(*given, **named)
        except RecursionError:
            raise json.JSONDecodeError("nested too deeply", "", 0) from None

    return bounded
