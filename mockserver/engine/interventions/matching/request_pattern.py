"""Matches requests against WireMock's request patterns, each compiled once to tests."""

from __future__ import annotations

import re
from base64 import b64encode
from collections.abc import Callable, Iterable, Mapping
from functools import cached_property
from typing import Final
from urllib.parse import parse_qsl, unquote

from mockserver.engine.call import Call
from mockserver.engine.interventions.matching.matchers import Matcher, pattern_test, refused, value_matcher
from mockserver.json_text import Json
from mockserver.messages import Request
from mockserver.openapi.model.operation import Operation
from mockserver.openapi.model.text_pairs import cookies_of


class AskedRequest:
    """A request as rules look at it. `paths` are the ways in which its path may be written: as the client wrote it,
    without the world; below the API's name; below the API's server.
    """

    def __init__(self, request: Request, api: str = "", operation: Operation | None = None) -> None:
        self.request = request
        self.api = api
        self.operation = operation

    @classmethod
    def of(cls, call: Call, api: str) -> AskedRequest:
        """The request of this call."""
        return cls(call.request, api, call.operation)

    @cached_property
    def paths(self) -> tuple[str, ...]:
        request, asked = self.request, self.request.asked or self.request.path
        if asked.startswith("/~"):
            asked = "/" + asked[2:].partition("/")[2]
        known = [asked, request.path]
        if self.operation is not None:
            base = self.operation.base_of(request.path)
            if base and request.path.startswith(f"{base}/"):
                known.append(request.path[len(base) :])
        return tuple(dict.fromkeys(known))

    @cached_property
    def query(self) -> dict[str, list[str]]:
        found: dict[str, list[str]] = {}
        for name, value in parse_qsl(self.request.query, keep_blank_values=True):
            found.setdefault(name, []).append(value)
        return found

    @cached_property
    def cookies(self) -> dict[str, str]:
        found = cookies_of(self.request.headers.get("Cookie") or "")
        return {name: values[0] for name, values in found.items()}

    @cached_property
    def body(self) -> str | None:
        content = self.request.body
        return content.decode("utf-8", "surrogateescape") if content else None


RequestTest = Callable[[AskedRequest], bool]


def request_tests(pattern: Json, at: str) -> tuple[RequestTest, ...]:
    """The tests of a request pattern, all of which a request has to pass. Raises Problem 422 for members that it does
    not know.
    """
    if not isinstance(pattern, dict):
        raise refused(at, "type", 'expected an object such as {"method": "GET", "urlPath": "/pets"}')
    addressed = [name for name in ADDRESSES if name in pattern]
    if len(addressed) > 1:
        raise refused(at, "request", f"has {' and '.join(addressed)}; expected one of them", addressed)
    if "pathParameters" in pattern and "urlPathTemplate" not in pattern:
        raise refused(f"{at}/pathParameters", "request", "pathParameters are those of a urlPathTemplate")
    for name in pattern:
        if name not in PATTERN_MEMBERS:
            known = ", ".join(PATTERN_MEMBERS)
            raise refused(f"{at}/{name}", "request", f"{name[:80]!r} is not known here; known are {known}", name)
    members = [name for name in PATTERN_MEMBERS if name in pattern]
    return tuple(test for name in members for test in PATTERN_MEMBERS[name](pattern[name], f"{at}/{name}", pattern))


def method_test(method: str) -> RequestTest:
    """A test for requests of this method; `ANY` is every one."""
    wanted = method.upper()
    return lambda asked: asked.request.method == wanted


def _method(given: Json, at: str, _pattern: Json) -> Iterable[RequestTest]:
    if not isinstance(given, str) or not given:
        raise refused(at, "type", "expected the name of a method", given)
    return () if given.upper() == "ANY" else (method_test(given),)


def path_test(test: Callable[[str], bool]) -> RequestTest:
    """A test for requests whose path, in one of the ways in which it may be written, passes this one."""
    return lambda asked: any(test(path) for path in asked.paths)


def _path_text(given: Json, at: str) -> str:
    if not isinstance(given, str) or not given.startswith("/"):
        raise refused(at, "type", "expected a path that begins with /", given)
    return given


def _url(given: Json, at: str, _pattern: Json) -> Iterable[RequestTest]:
    path, _, query = _path_text(given, at).partition("?")
    path = unquote(path)
    return (lambda asked: asked.request.query == query and path in asked.paths,)


def _url_path(given: Json, at: str, _pattern: Json) -> Iterable[RequestTest]:
    path = unquote(_path_text(given, at))
    return (lambda asked: path in asked.paths,)


def _url_pattern(given: Json, at: str, _pattern: Json) -> Iterable[RequestTest]:
    test = pattern_test(given, at)

    def matches(asked: AskedRequest) -> bool:
        query = f"?{asked.request.query}" if asked.request.query else ""
        return any(test(path + query) for path in asked.paths)

    return (matches,)


def _url_path_pattern(given: Json, at: str, _pattern: Json) -> Iterable[RequestTest]:
    return (path_test(pattern_test(given, at)),)


_EXPRESSION: Final = re.compile(r"\{([^{}/]+)\}")


def _url_path_template(given: Json, at: str, pattern: Json) -> Iterable[RequestTest]:
    parts = _EXPRESSION.split(_path_text(given, at))
    names = parts[1::2]
    expected = pattern.get("pathParameters", {})
    wanted = _named(expected, f"{at[: -len('urlPathTemplate')]}pathParameters")
    for name in wanted:
        if name not in names:
            raise refused(f"{at}/{name}", "request", f"the template has no {{{name}}}", name)
    source = "([^/]+)".join(re.escape(part) for part in parts[::2])
    fits = re.compile(source)  # one class of characters between fixed texts: no more than linear

    def matches(path: str) -> bool:
        found = fits.fullmatch(path)
        if found is None:
            return False
        values = dict(zip(names, found.groups(), strict=True))
        return all(test(values[name]) for name, test in wanted.items())

    return (path_test(matches),)


def _named(given: Json, at: str) -> dict[str, Matcher]:
    """The matcher of each name."""
    if not isinstance(given, dict):
        raise refused(at, "type", "expected an object of names with their matchers", given)
    return {name: value_matcher(matcher, f"{at}/{name}") for name, matcher in given.items()}


def _headers(given: Json, at: str, _pattern: Json) -> Iterable[RequestTest]:
    wanted = _named(given, at)
    return (lambda asked: all(test(asked.request.headers.get(name)) for name, test in wanted.items()),)


def _cookies(given: Json, at: str, _pattern: Json) -> Iterable[RequestTest]:
    wanted = _named(given, at)
    return (lambda asked: all(test(asked.cookies.get(name)) for name, test in wanted.items()),)


def _query(given: Json, at: str, _pattern: Json) -> Iterable[RequestTest]:
    if not isinstance(given, dict):
        raise refused(at, "type", "expected an object of names with their matchers", given)
    wanted = {name: _values_test(matcher, f"{at}/{name}") for name, matcher in given.items()}
    return (lambda asked: all(test(asked.query.get(name, [])) for name, test in wanted.items()),)


def _values_test(given: Json, at: str) -> Callable[[list[str]], bool]:
    """A test of all values of a parameter: one of them matches, or as `hasExactly` and `includes` say."""
    for name, exact in (("hasExactly", True), ("includes", False)):
        if isinstance(given, dict) and name in given:
            if len(given) > 1 or not isinstance(given[name], list):
                raise refused(f"{at}/{name}", "type", "expected a list of matchers, and no other member", given)
            tests = [value_matcher(part, f"{at}/{name}/{index}") for index, part in enumerate(given[name])]
            return lambda values, tests=tests, exact=exact: (  # type: ignore[misc]
                all(any(map(test, values)) for test in tests) and (not exact or len(values) == len(tests))
            )
    test = value_matcher(given, at)
    return lambda values: any(map(test, values)) if values else test(None)


def _basic(given: Json, at: str, _pattern: Json) -> Iterable[RequestTest]:
    if not isinstance(given, dict) or given.keys() != {"username", "password"}:
        raise refused(at, "type", "expected an object with username and password")
    pair = f"{given['username']}:{given['password']}"
    value = "Basic " + b64encode(pair.encode()).decode()
    return (lambda asked: asked.request.headers.get("Authorization") == value,)


def _body_patterns(given: Json, at: str, _pattern: Json) -> Iterable[RequestTest]:
    if not isinstance(given, list):
        raise refused(at, "type", "expected a list of matchers", given)
    tests = [value_matcher(part, f"{at}/{index}") for index, part in enumerate(given)]
    return (lambda asked: all(test(asked.body) for test in tests),)


def _with_template(_given: Json, _at: str, _pattern: Json) -> Iterable[RequestTest]:
    return ()


ADDRESSES: Final[Mapping[str, Callable[[Json, str, Json], Iterable[RequestTest]]]] = {
    "url": _url,
    "urlPath": _url_path,
    "urlPattern": _url_pattern,
    "urlPathPattern": _url_path_pattern,
    "urlPathTemplate": _url_path_template,
}
"""The members that say where a request goes; a pattern has one of them, or none."""

PATTERN_MEMBERS: Final[Mapping[str, Callable[[Json, str, Json], Iterable[RequestTest]]]] = {
    **ADDRESSES,
    "method": _method,
    "pathParameters": _with_template,
    "headers": _headers,
    "queryParameters": _query,
    "cookies": _cookies,
    "basicAuthCredentials": _basic,
    "bodyPatterns": _body_patterns,
}
"""Each member of a request pattern with the tests that it stands for, what tells most at least cost first."""
