"""JSONPath queries (RFC 9535) of a test, whose regular expressions are bounded like all others."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Final

from jsonpath_rfc9535 import JSONPathEnvironment, JSONPathError
from jsonpath_rfc9535.function_extensions import ExpressionType, FilterFunction

from mockserver.engine.interventions.matching.bounded_regex import whole_match
from mockserver.json_text import Json


class _Match(FilterFunction):
    """`match` and `search` with the bounded engine."""

    arg_types: Final = [ExpressionType.VALUE, ExpressionType.VALUE]
    return_type = ExpressionType.LOGICAL

    def __init__(self, around: str) -> None:
        self._around = around

    def __call__(self, value: object, pattern: object) -> bool:
        if not isinstance(value, str) or not isinstance(pattern, str):
            return False
        try:
            return whole_match(f"{self._around}(?:{pattern}){self._around}")(value)
        except ValueError:
            return False


_ENVIRONMENT: Final = JSONPathEnvironment()
_ENVIRONMENT.function_extensions["match"] = _Match("")
_ENVIRONMENT.function_extensions["search"] = _Match(r"[\s\S]*")


def json_path(expression: str) -> Callable[[Json], list[Any]]:
    """A function that returns the values at this path of a document. Raises ValueError."""
    try:
        query = _ENVIRONMENT.compile(expression)
    except JSONPathError as error:
        raise ValueError(str(error)) from None

    def find(document: Json) -> list[Any]:
        try:
            return list(query.find(document).values())
        except (JSONPathError, RecursionError):
            return []

    return find
