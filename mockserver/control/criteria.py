"""Criteria that select exchanges: a table of tests, all of which an exchange has to meet."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import jsonschema_rs

from mockserver.control.exchange_view import query
from mockserver.control.scope import ControlScope
from mockserver.json_text import Json, Malformed, read_json
from mockserver.messages import Exchange
from mockserver.openapi.standards import DIALECT
from mockserver.problem import INVALID, Problem, Violation

Matcher = Callable[[Exchange], bool]
_BACKTRACKS = 10_000
"""The most backtracking steps of a regular expression on one path, so that a hostile one ends."""

_NO_JSON = object()
"""The body of a request without JSON; equal to no criterion."""


def matcher(criteria: Mapping[str, Json], scope: ControlScope, place: str) -> Matcher:
    """A test for the exchanges that meet all `criteria`.

    Raises Problem 422 for a name that nothing served has, since it would silently match nothing.
    """
    refuse_unknown_names(criteria, scope, place)
    met = [CRITERIA[name](expected, scope) for name, expected in criteria.items()]
    return lambda exchange: all(meets(exchange) for meets in met)


def _path_pattern(pattern: str) -> Matcher:
    try:
        matches = jsonschema_rs.validator_for(
            {"$schema": DIALECT, "pattern": f"^(?:{pattern})$"},
            pattern_options=jsonschema_rs.FancyRegexOptions(backtrack_limit=_BACKTRACKS),
        ).is_valid
    except (ValueError, jsonschema_rs.ValidationError):
        message = f"{pattern[:80]!r} is no regular expression that can be used here"
        raise _invalid("body", "pathPattern", "format", message, pattern) from None
    return lambda exchange: matches(exchange.request.path)


def _query(expected: Mapping[str, str]) -> Matcher:
    def meets(exchange: Exchange) -> bool:
        given = query(exchange)
        return all(value in given.get(name, ()) for name, value in expected.items())

    return meets


def _headers(expected: Mapping[str, str]) -> Matcher:
    return lambda exchange: all(exchange.request.headers.get(name) == value for name, value in expected.items())


def _body(expected: Json) -> Matcher:
    return lambda exchange: is_part(expected, _json_body(exchange))


def _json_body(exchange: Exchange) -> Json:
    try:
        return read_json(exchange.request.body)
    except Malformed:
        return _NO_JSON


def is_part(expected: Json, given: Json) -> bool:
    """Whether `given` contains what is expected.

    Objects may have more members; arrays must have the same length; other values must be equal.
    """
    if isinstance(expected, dict):
        return isinstance(given, dict) and all(
            name in given and is_part(value, given[name]) for name, value in expected.items()
        )
    if isinstance(expected, list):
        return isinstance(given, list) and len(given) == len(expected) and all(map(is_part, expected, given))
    return isinstance(expected, bool) is isinstance(given, bool) and bool(expected == given)


def _assumption(expected: str) -> Matcher:
    return lambda exchange: any(expected in (one, one.partition("=")[0]) for one in exchange.assumptions)


CRITERIA: Mapping[str, Callable[[Any, ControlScope], Matcher]] = {
    "api": lambda expected, _: lambda exchange: exchange.api == expected,
    "operation": lambda expected, _: lambda exchange: exchange.operation == expected,
    "method": lambda expected, _: lambda exchange: exchange.request.method == expected,
    "path": lambda expected, _: lambda exchange: exchange.request.path == expected,
    "pathPattern": lambda expected, _: _path_pattern(expected),
    "query": lambda expected, _: _query(expected),
    "headers": lambda expected, _: _headers(expected),
    "body": lambda expected, _: _body(expected),
    "status": lambda expected, _: lambda exchange: exchange.status == expected,
    "answeredBy": lambda expected, _: lambda exchange: exchange.answered_by == expected,
    "assumption": lambda expected, _: _assumption(expected),
    "broken": lambda expected, _: lambda exchange: bool(exchange.broken) is expected,
}


def refuse_unknown_names(criteria: Mapping[str, Json], scope: ControlScope, place: str) -> None:
    """Raises Problem 422 for a name that nothing served has."""
    for name, known in scope.names.items():
        if name in criteria and criteria[name] not in known:
            message = f"{criteria[name][:80]!r} is none of what is served: {', '.join(known)}"
            raise _invalid(place, name, "enum", message, criteria[name])


def _invalid(place: str, name: str, keyword: str, message: str, seen: str) -> Problem:
    violation = Violation(place, f"/{name}", keyword, message, seen[:80])
    return Problem(422, str(violation), code=INVALID, violations=(violation,))
