"""Checks the answers of a user's code before they go out: what HTTP cannot carry is an error of that code."""

from __future__ import annotations

import re
from inspect import iscoroutine
from typing import Any, Final

from mockserver.engine.failures import MisshapenAnswer
from mockserver.engine.pipeline import success_status
from mockserver.messages import Headers, Response
from mockserver.openapi.model.operation import Operation
from mockserver.problem import Problem

_NAME: Final = re.compile(r"[!#$%&'*+.^_`|~0-9A-Za-z-]+")
_VALUE: Final = re.compile("[\t\x20-\x7e\x80-\xff]*")
_SHOWN: Final = 120


def checked_answer(answer: Any, whose: str, operation: Operation | None = None) -> Any:
    """The answer, if it is a body, or a Response that can be sent; None is a body only where the `operation` does not
    declare another one. Raises MisshapenAnswer.
    """
    if not isinstance(answer, Response):
        if answer is None and operation is not None:
            _refuse_nothing(whose, operation)
        elif isinstance(answer, tuple):
            raise MisshapenAnswer(
                f"{whose} returned the tuple {_shown(answer)}; expected a body, or Response(status, body, headers)"
            )
        elif iscoroutine(answer):
            answer.close()
            raise MisshapenAnswer(f"{whose} is asynchronous; expected a plain function, def instead of async def")
        return answer
    _check_status(answer.status, whose)
    if answer.headers == ():
        return answer
    headers = checked_headers(answer.headers, whose)
    return answer if headers is answer.headers else answer._replace(headers=headers)


def _refuse_nothing(whose: str, operation: Operation) -> None:
    status = success_status(operation)
    declared = operation.answer(status)
    if declared is None or not declared.media:
        return
    if not any(media.validator is None or media.validator.accepts(None) for media in declared.media.values()):
        raise MisshapenAnswer(
            f"{whose} returned None, and the document declares a body for {status}; is a `return` missing? An answer "
            "without a body is Response(204)"
        )


def checked_problem(problem: Problem, whose: str) -> Problem:
    """The Problem, if it can be answered. Raises MisshapenAnswer."""
    _check_status(problem.status, whose)
    checked_headers(problem.headers, whose)
    if not isinstance(problem.detail, str):
        raise MisshapenAnswer(f"{whose} raised a Problem with the detail {_shown(problem.detail)}; expected a text")
    return problem


def checked_headers(headers: Any, whose: str) -> Headers:
    """The headers as pairs of texts that HTTP can carry. Raises MisshapenAnswer."""
    if not isinstance(headers, (tuple, list)):
        raise MisshapenAnswer(f'{whose} gave the headers {_shown(headers)}; expected pairs such as (("X-A", "1"),)')
    for pair in headers:
        if not (isinstance(pair, (tuple, list)) and len(pair) == 2 and all(isinstance(text, str) for text in pair)):
            raise MisshapenAnswer(f"{whose} gave the header {_shown(pair)}; expected a pair of two texts")
        name, value = pair
        if _NAME.fullmatch(name) is None:
            raise MisshapenAnswer(
                f"{whose} gave a header the name {_shown(name)}; expected letters, digits and hyphens"
            )
        if _VALUE.fullmatch(value) is None:
            raise MisshapenAnswer(
                f"{whose} gave the header {name} the value {_shown(value)}; expected a text of Latin-1 without line "
                "ends and control characters"
            )
    return headers if isinstance(headers, tuple) else tuple(map(tuple, headers))


def _check_status(status: Any, whose: str) -> None:
    if isinstance(status, bool) or not isinstance(status, int) or not 200 <= status <= 599:
        raise MisshapenAnswer(f"{whose} gave the status {_shown(status)}; expected a number from 200 to 599")


def _shown(value: Any) -> str:
    text = ascii(value)
    return text if len(text) <= _SHOWN else f"{text[:_SHOWN]}…"
