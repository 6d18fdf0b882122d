"""The next answer of one operation, as a test asks for it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import ClassVar

from mockserver.engine.interventions.canned_answer import CannedAnswer, read_answer
from mockserver.engine.interventions.fault import operation_test
from mockserver.engine.interventions.matching.matchers import refused
from mockserver.engine.interventions.matching.request_pattern import AskedRequest
from mockserver.json_text import Json


@dataclass(frozen=True, slots=True)
class NextAnswer:
    """The answer of an operation (its id, or method and path: `"GET /pets"`) to its next `times` requests.

    It has this `body`, `headers` and `status` (0: that of the operation's first success). Without a body it is what the
    document declares for the status: the `example` of this name, else its first; an error is said as the API says it.
    Raises Problem 422.
    """

    operation: str
    status: int = 0
    example: str = ""
    body: Json = None
    headers: Mapping[str, str] = field(default_factory=dict)
    api: str = ""
    check: bool = True
    times: int = 1
    answer: CannedAnswer = field(init=False, repr=False, compare=False)
    after: ClassVar[int] = 0
    every: ClassVar[int] = 1
    probability: ClassVar[float] = 1.0

    def __post_init__(self) -> None:
        if self.body is not None and self.example:
            raise refused("/example", "answer", "has a body and an example; expected one of them", self.example)
        given = {"status": self.status or 200, "headers": dict(self.headers)}
        if self.body is not None:
            given["jsonBody"] = self.body
        object.__setattr__(self, "answer", read_answer(given, ""))

    def fits(self, asked: AskedRequest) -> bool:
        """Whether the request is one of the operation's."""
        return (not self.api or asked.api == self.api) and operation_test(self.operation)(asked)
