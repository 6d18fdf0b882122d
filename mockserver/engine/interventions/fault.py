"""Faults: the failure, the requests that it is for, and how often it happens."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, field
from statistics import NormalDist
from typing import Final

from mockserver.engine.interventions.fault_types import refuse_wrong_types
from mockserver.engine.interventions.matching.bounded_regex import glob_match
from mockserver.engine.interventions.matching.matchers import refused
from mockserver.engine.interventions.matching.request_pattern import (
    AskedRequest,
    RequestTest,
    method_test,
    path_test,
    request_tests,
)
from mockserver.json_text import Json
from mockserver.messages import EMPTY, GARBAGE, RESET, RESET_AFTER_HEADERS, TRUNCATED, UNANSWERED, Headers
from mockserver.state.clock import LONGEST_DELAY
from mockserver.state.random_source import Random

ENDINGS: Final = (RESET, RESET_AFTER_HEADERS, EMPTY, TRUNCATED, GARBAGE)

BREAKS: Final = ("missing", "type")


@dataclass(frozen=True, slots=True)
class Delay:
    """Milliseconds before an answer: `fixed`, or from `lower` to `upper`, or lognormal around `median` with `sigma`."""

    fixed: float = 0.0
    lower: float = 0.0
    upper: float = 0.0
    median: float = 0.0
    sigma: float = 0.0

    def seconds(self, chance: Random) -> float:
        """The delay of one answer, at most ten minutes."""
        drawn = self.fixed
        if self.upper:
            drawn = self.lower + (self.upper - self.lower) * chance.fraction()
        elif self.median:
            spread = _NORMAL.inv_cdf(min(max(chance.fraction(), 1e-9), 1 - 1e-9)) * self.sigma
            drawn = self.median * math.exp(min(spread, _MOST_SPREAD))
        return min(drawn / 1000, LONGEST_DELAY)


_NORMAL = NormalDist()
_MOST_SPREAD = 50.0


@dataclass(frozen=True, slots=True)
class Fault:
    """One thing that goes wrong, at the requests that it is for.

    What: `status` is an answer in the API's own error body, or with this `body`, and with these `headers` (by name);
    `delay` (milliseconds, or a Delay) and `bytes_per_second` make an answer slow; `connection` ends it early: `reset`,
    `reset-after-headers`, `empty`, `truncated` or `garbage`; `content_type` replaces that of the real answer, and
    `breaks` takes a required member from it (`missing`) or gives a member a wrong type (`type`), at `pointer` if one
    is given. `writes` says whether the operation is carried out: as is usual for what changes a real answer, and not
    for a `status`, `reset`, `empty` and `garbage`.

    Where: `api`, `operation` (its id, or method and path: `"GET /pets"`), `method`, `path` (`/orders/*`), and
    `request`, a pattern as stubs have them. How often: `times` (0: until it is deleted), not for the first `after`
    requests that it is for, for each `every`-th, with this `probability`.

    Raises Problem 422 for what cannot be.
    """

    status: int = 0
    body: Json = None
    headers: Mapping[str, str] = field(default_factory=dict)
    delay: float | Delay = 0.0
    bytes_per_second: int = 0
    connection: str = ""
    content_type: str = ""
    breaks: str = ""
    pointer: str = ""
    writes: bool | None = None
    api: str = ""
    operation: str = ""
    method: str = ""
    path: str = ""
    request: Mapping[str, Json] = field(default_factory=dict)
    times: int = 0
    after: int = 0
    every: int = 1
    probability: float = 1.0
    tests: tuple[RequestTest, ...] = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        refuse_wrong_types(self)
        _refuse_nonsense(self)
        object.__setattr__(self, "tests", tuple(_tests(self)))

    def fits(self, asked: AskedRequest) -> bool:
        """Whether the request is one that the fault is for."""
        for test in self.tests:  # noqa: SIM110 - each request asks each fault, and a generator takes twice as long
            if not test(asked):
                return False
        return True

    @property
    def only_slows(self) -> bool:
        """Whether the answer is what it would be without the fault, only later."""
        return not (self.status or self.connection or self.content_type or self.breaks)

    @property
    def replaces(self) -> bool:
        """Whether the request is not carried out."""
        if self.writes is not None:
            return not self.writes
        return bool(self.status) or self.connection in UNANSWERED

    @property
    def sent_headers(self) -> Headers:
        return tuple(self.headers.items())

    def told(self) -> str:
        """Describes the fault in a few words: `status 503`."""
        parts = [
            f"status {self.status}" if self.status else "",
            self.connection,
            f"breaks {self.breaks}" if self.breaks else "",
            f"content type {self.content_type}" if self.content_type else "",
            "slow" if self.delay or self.bytes_per_second else "",
        ]
        return " and ".join(filter(None, parts))


def _tests(fault: Fault) -> list[RequestTest]:
    """The tests of requests, the cheapest first."""
    tests: list[RequestTest] = []
    if fault.api:
        api = fault.api
        tests.append(lambda asked: asked.api == api)
    if fault.operation and fault.operation != "*":
        tests.append(operation_test(fault.operation))
    if fault.method and fault.method.upper() != "ANY":
        tests.append(method_test(fault.method))
    if fault.path:
        tests.append(glob_test(fault.path, "/path"))
    if fault.request:
        tests += request_tests(dict(fault.request), "/request")
    return tests


def operation_name(name: str) -> str:
    """The name of an operation as documents write it: `get /pets` is `GET /pets`."""
    method, space, path = name.partition(" ")
    return f"{method.upper()}{space}{path}" if space else name


def operation_test(name: str) -> RequestTest:
    """A test for requests of the operation with this id, or with this method and path: `GET /pets/{id}`."""
    name = operation_name(name)

    def matches(asked: AskedRequest) -> bool:
        operation = asked.operation
        return operation is not None and name in (operation.id, f"{operation.method} {operation.path}")

    return matches


def glob_test(path: str, at: str) -> RequestTest:
    """A test for requests whose path, in one of the ways in which it may be written, fits `/orders/*`. Raises Problem
    422.
    """
    if not path.startswith(("/", "*")):
        raise refused(at, "format", "expected a path such as /orders/*", path)
    try:
        return path_test(glob_match(path))
    except ValueError as error:
        raise refused(at, "format", str(error), path) from None


def _refuse_delay(delay: object) -> None:
    if isinstance(delay, Delay):
        return
    if isinstance(delay, bool) or not isinstance(delay, (int, float)) or not 0 <= delay <= LONGEST_DELAY * 1000:
        raise refused("/delay", "type", f"expected milliseconds as a number, such as 2000, or a Delay, got {delay!r}")


def _refuse_nonsense(fault: Fault) -> None:
    _refuse_delay(fault.delay)
    slows = fault.delay or fault.bytes_per_second
    if fault.only_slows and not slows:
        raise refused(
            "", "fault", "says nothing that goes wrong; expected status, delay, bytesPerSecond, connection, "
            "contentType or break"
        )  # fmt: skip
    if fault.status and not 400 <= fault.status <= 599:
        raise refused("/status", "range", "expected a status from 400 to 599; for others there are stubs", fault.status)
    if fault.connection and fault.connection not in ENDINGS:
        raise refused("/connection", "enum", f"expected one of {', '.join(ENDINGS)}", fault.connection)
    if fault.breaks and fault.breaks not in BREAKS:
        raise refused("/break", "enum", f"expected one of {', '.join(BREAKS)}", fault.breaks)
    if (fault.body is not None or fault.headers) and not fault.status:
        raise refused(
            "/body" if fault.body is not None else "/headers", "fault", "is that of a status, and none is given"
        )
    if fault.status and (fault.content_type or fault.breaks):
        raise refused("/status", "fault", "contentType and break change a real answer, and a status replaces it")
    if fault.replaces and (fault.content_type or fault.breaks):
        raise refused("/writes", "fault", "an answer that is changed on its way is carried out")
    if not 0 < fault.probability <= 1:
        raise refused("/probability", "range", "expected a number above 0 and up to 1", fault.probability)
    if fault.every < 1 or fault.times < 0 or fault.after < 0 or fault.bytes_per_second < 0:
        raise refused("", "range", "every is 1 or more; times, after and bytesPerSecond are not negative")
