"""Criteria that select exchanges: each is a named test of an exchange, and all have to be met."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, NamedTuple

from mockserver.control.exchanges.exchange_view import query
from mockserver.control.scope import ControlScope
from mockserver.engine.interventions.fault import glob_test
from mockserver.engine.interventions.matching.bounded_regex import whole_match
from mockserver.engine.interventions.matching.request_pattern import (
    PATTERN_MEMBERS,
    AskedRequest,
    RequestTest,
    path_test,
    request_tests,
)
from mockserver.json_text import Json, Malformed, read_json
from mockserver.messages import Exchange
from mockserver.problem import INVALID, Problem, Violation

Matcher = Callable[[Exchange], bool]

_NO_JSON = object()
"""The body of a request without JSON; equal to no criterion."""


class Criterion(NamedTuple):
    """One thing that an exchange has to meet: its `name` (`headers.X-Trace`), what is `expected`, and the test."""

    name: str
    expected: Json
    meets: Matcher


def matcher(criteria: Mapping[str, Json], scope: ControlScope, place: str) -> Matcher:
    """A test for the exchanges that meet all `criteria`.

    Raises Problem 422 for a name that nothing served has, since it would silently match nothing.
    """
    met = [one.meets for one in read_criteria(criteria, scope, place)]
    return lambda exchange: all(meets(exchange) for meets in met)


def read_criteria(criteria: Mapping[str, Json], scope: ControlScope, place: str, at: str = "") -> list[Criterion]:
    """Each criterion by itself, those of headers, parameters, cookies and body patterns one by one. WireMock's request
    patterns are read by the code that reads those of stubs and faults. `at` is the pointer of the criteria. Raises
    Problem 422.
    """
    refuse_unknown_names(criteria, scope, place)
    found: list[Criterion] = []
    pattern = {name: value for name, value in criteria.items() if name in PATTERN_MEMBERS}
    request_tests(pattern, at)  # refuses what does not go together
    for name, expected in criteria.items():
        if name == "pathParameters":
            continue
        if name not in PATTERN_MEMBERS:
            found.append(Criterion(name, expected, CRITERIA[name](expected, scope)))
        elif name in _PARTED and isinstance(expected, dict):
            found += [
                Criterion(f"{name}.{key}", value, _tested({name: {key: value}}, at, scope))
                for key, value in expected.items()
            ]
        elif name == "bodyPatterns":
            found += [
                Criterion(f"{name}.{number}", value, _tested({name: [value]}, at, scope))
                for number, value in enumerate(expected)
            ]
        else:
            beside = (
                {"pathParameters": pattern["pathParameters"]}
                if name == "urlPathTemplate" and ("pathParameters" in pattern)
                else {}
            )
            found.append(Criterion(name, expected, _tested({name: expected, **beside}, at, scope)))
    return found


_PARTED = frozenset({"headers", "queryParameters", "cookies"})


def _tested(pattern: Mapping[str, Json], at: str, scope: ControlScope) -> Matcher:
    """A test of exchanges by WireMock's request pattern."""
    return _passing(request_tests(pattern, at), scope)


def _passing(tests: tuple[RequestTest, ...], scope: ControlScope) -> Matcher:
    """A test of exchanges whose requests pass all of these."""
    services = scope.services

    def meets(exchange: Exchange) -> bool:
        service = services.get(exchange.api)
        operation = service.operation(exchange.operation) if service is not None and exchange.operation else None
        asked = AskedRequest(exchange.request, exchange.api, operation)
        return all(test(asked) for test in tests)

    return meets


def _path_pattern(pattern: str, scope: ControlScope) -> Matcher:
    try:
        matches = whole_match(pattern)
    except ValueError as error:
        raise _invalid("body", "pathPattern", "format", str(error), pattern) from None
    return _passing((path_test(matches),), scope)


def _query(expected: Mapping[str, str]) -> Matcher:
    def meets(exchange: Exchange) -> bool:
        given = query(exchange)
        return all(value in given.get(name, ()) for name, value in expected.items())

    return meets


def _body(expected: Json) -> Matcher:
    return lambda exchange: is_part(expected, _json_body(exchange))


def unlike(expected: Json, given: Json, pointer: str = "") -> list[str]:
    """The pointers of the parts that `given` has otherwise, or not at all, outermost first."""
    if isinstance(expected, dict) and isinstance(given, dict):
        return [
            part
            for name, value in expected.items()
            for part in (unlike(value, given[name], f"{pointer}/{name}") if name in given else [f"{pointer}/{name}"])
        ]
    if isinstance(expected, list) and isinstance(given, list) and len(expected) == len(given):
        return [
            part
            for number, value in enumerate(expected)
            for part in unlike(value, given[number], f"{pointer}/{number}")
        ]
    return [] if is_part(expected, given) else [pointer]


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
    "path": lambda expected, scope: _passing((glob_test(expected, "/path"),), scope),
    "pathPattern": _path_pattern,
    "query": lambda expected, _: _query(expected),
    "body": lambda expected, _: _body(expected),
    "status": lambda expected, _: lambda exchange: exchange.as_sent().status == expected,
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
