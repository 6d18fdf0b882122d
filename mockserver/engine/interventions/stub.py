"""Stubs: answers of a test's own to the requests that match a pattern."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import ClassVar, Final

from mockserver.engine.interventions.canned_answer import CannedAnswer, read_answer
from mockserver.engine.interventions.matching.request_pattern import AskedRequest, RequestTest, request_tests
from mockserver.json_text import Json
from mockserver.state.interventions import STARTED

USUAL_PRIORITY: Final = 5


@dataclass(frozen=True, slots=True)
class Stub:
    """An answer of a test's own, `response`, to the requests that match `request`, both in WireMock's words.

    Of several that match, that of the lowest `priority` answers, of equal ones the newest. One of a `scenario` answers
    only in its `required_state` (empty: in any), and moves it to `new_state`. It answers `times` requests (0: until it
    is deleted). `persistent` ones survive a reset of the stubs. With `check` the answer is held against the document;
    without, it is given before anyone asks who calls, and whatever the document says.

    Raises Problem 422 for what a pattern or an answer cannot be.
    """

    request: Mapping[str, Json] = field(default_factory=dict)
    response: Mapping[str, Json] = field(default_factory=dict)
    priority: int = USUAL_PRIORITY
    name: str = ""
    scenario: str = ""
    required_state: str = ""
    new_state: str = ""
    persistent: bool = False
    metadata: Mapping[str, Json] = field(default_factory=dict)
    check: bool = True
    times: int = 0
    tests: tuple[RequestTest, ...] = field(init=False, repr=False, compare=False)
    answer: CannedAnswer = field(init=False, repr=False, compare=False)
    after: ClassVar[int] = 0
    every: ClassVar[int] = 1
    probability: ClassVar[float] = 1.0

    def __post_init__(self) -> None:
        object.__setattr__(self, "tests", request_tests(dict(self.request), "/request"))
        object.__setattr__(self, "answer", read_answer(dict(self.response), "/response"))

    def fits(self, asked: AskedRequest, scenarios: Mapping[str, str]) -> bool:
        """Whether the request is one that the stub answers now."""
        if self.required_state and scenarios.get(self.scenario, STARTED) != self.required_state:
            return False
        for test in self.tests:  # noqa: SIM110 - each request asks each stub, and a generator takes twice as long
            if not test(asked):
                return False
        return True
